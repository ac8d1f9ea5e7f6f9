use super::keys::{Key, Part, Plane};
use super::values::{Given, Values};
use super::{Setting, SettingOrigin, Settings};
use crate::registry::Credentials;
use klerk_core::values::Millis;
use std::time::Duration;

/// One setting as it is shown. A secret is masked before it gets here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its name, as a properties file or a flag spells it.
    pub name: String,
    /// Its value; `None` when it is not set.
    pub value: Option<Shown>,
    /// Where it comes from.
    pub origin: Option<String>,
}

/// The value of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// As text.
    Text(String),
    /// As a length of time.
    Duration(Millis),
}

/// Every setting, in the order in which they are shown.
pub fn rows(settings: &Settings) -> Vec<Row> {
    let text = |text: String| Shown::Text(text);
    let mut rows = vec![
        row("bootstrap", settings.bootstrap.as_ref(), |brokers| {
            text(brokers.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
        }),
        row("registry", settings.registry.as_ref(), |list| text(list.join(","))),
        row("cluster", settings.cluster.as_ref(), |id| text(id.clone())),
        row("registry.credentials", settings.registry_auth.as_ref(), |auth| text(credentials(auth))),
        row("client.id", Some(&settings.client_id), |id| text(id.clone())),
        row("request.timeout.ms", Some(&settings.request_timeout), duration),
        row("timeout", settings.timeout.as_ref(), duration),
        row("command-config", settings.command_config.as_ref(), |path| text(path.display().to_string())),
        Row {
            name: "context".to_owned(),
            value: settings.context.as_ref().map(|context| {
                let protected = if context.protected { " (protected)" } else { "" };
                text(format!("{}{protected}", context.name))
            }),
            origin: settings.context.as_ref().map(|context| context.by.told()),
        },
        row("security.protocol", Some(&settings.protection.protocol), |name| text((*name).to_owned())),
    ];
    rows.extend(settings.given.iter().cloned());
    rows
}

/// The client properties about protection as they were given, by the names that Java's clients know them by.
pub(super) fn rows_given(values: &Values) -> Vec<Row> {
    let protects = |key: Key| key.part() != Part::Else;
    let row = |(plane, key, given): (Plane, Key, &Given)| Row {
        name: match plane {
            Plane::Tokens => given.spelled.clone(),
            Plane::Cluster | Plane::Registry => key.named_on(plane),
        },
        value: Some(Shown::Text(given.shown())),
        origin: Some(given.origin.to_string()),
    };
    values.all().filter(|(_, key, _)| protects(*key)).map(row).collect()
}

fn row<T>(name: &'static str, setting: Option<&Setting<T>>, show: impl Fn(&T) -> Shown) -> Row {
    Row {
        name: name.to_owned(),
        value: setting.map(|setting| show(&setting.value)),
        origin: setting.map(|setting| match &setting.origin {
            SettingOrigin::Default => "default".to_owned(),
            other => other.to_string(),
        }),
    }
}

/// Who asks the registry, without the secret.
fn credentials(credentials: &Credentials) -> String {
    match credentials {
        Credentials::None => "none".to_owned(),
        Credentials::Basic { user, password } => format!("basic {user}:{password}"),
        Credentials::Bearer(token) => format!("bearer {token}"),
    }
}

fn duration(duration: &Duration) -> Shown {
    Shown::Duration(Millis(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
}
