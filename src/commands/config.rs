//! `klerk config`: every setting with its origin, and the files that are read and written.

use crate::app::{App, Output};
use crate::cli::ConfigCommand;
use crate::error::Error;
use crate::registry::Credentials;
use crate::settings::{Setting, SettingOrigin, VARIABLES, state_folder};
use crate::status::Status;
use crate::view::Ink;
use klerk_core::values::Millis;
use serde::Serialize;
use std::fmt::Write;
use std::time::Duration;

/// `klerk.config`.
#[derive(Debug, Serialize)]
struct ConfigDocument {
    format: &'static str,
    version: u32,
    settings: Vec<SettingV1>,
    ignored: Vec<String>,
}

/// A setting that is shown. A secret is masked before it gets here.
#[derive(Debug, Serialize)]
struct SettingV1 {
    name: &'static str,
    value: Option<String>,
    origin: Option<String>,
}

/// `klerk.paths`.
#[derive(Debug, Serialize)]
struct PathsDocument {
    format: &'static str,
    version: u32,
    command_config: Option<String>,
    records: Option<String>,
}

/// Shows what was asked for.
///
/// # Errors
/// None of its own: settings that cannot be used have been refused before.
pub fn run(app: &App, command: ConfigCommand) -> Result<Status, Error> {
    match command {
        ConfigCommand::Show => show(app),
        ConfigCommand::Path => paths(app),
    }
    Ok(Status::Done)
}

fn show(app: &App) {
    let settings = settings(app);
    if app.output == Output::Json {
        return app.answer_json(&ConfigDocument {
            format: "klerk.config",
            version: 1,
            settings,
            ignored: app.settings.ignored_keys.clone(),
        });
    }
    let style = app.term.answer_style();
    let width = settings.iter().map(|setting| setting.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for SettingV1 { name, value, origin } in &settings {
        let value = value.as_deref().unwrap_or("not set");
        let origin = origin.as_ref().map_or_else(String::new, |origin| format!("  ({origin})"));
        let _ = writeln!(text, "{name:width$}  {value}{}", style.paint(Ink::Faint, &origin));
    }
    if !app.settings.ignored_keys.is_empty() {
        let _ = writeln!(text, "\nignored, of no meaning here: {}", app.settings.ignored_keys.join(", "));
    }
    text.push_str("\nvariables\n");
    for (name, meaning) in VARIABLES {
        let _ = writeln!(text, "  {name:23}  {meaning}");
    }
    app.term.answer(&text);
}

fn settings(app: &App) -> Vec<SettingV1> {
    let settings = &app.settings;
    let list = |list: &Vec<String>| list.join(",");
    vec![
        row("bootstrap", settings.bootstrap.as_ref(), |brokers| {
            brokers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
        }),
        row("registry", settings.registry.as_ref(), list),
        row("registry.credentials", settings.registry_auth.as_ref(), credentials),
        row("client.id", Some(&settings.client_id), Clone::clone),
        row("request.timeout.ms", Some(&settings.request_timeout), duration),
        row("timeout", settings.timeout.as_ref(), duration),
        row("command-config", settings.command_config.as_ref(), |path| path.display().to_string()),
    ]
}

fn row<T>(name: &'static str, setting: Option<&Setting<T>>, show: impl Fn(&T) -> String) -> SettingV1 {
    SettingV1 {
        name,
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

fn duration(duration: &Duration) -> String {
    Millis(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)).described()
}

fn paths(app: &App) {
    let command_config = app.settings.command_config.as_ref().map(|path| path.value.display().to_string());
    let records = state_folder(&app.environment).ok().map(|folder| folder.display().to_string());
    if app.output == Output::Json {
        return app.answer_json(&PathsDocument {
            format: "klerk.paths",
            version: 1,
            command_config,
            records,
        });
    }
    let shown = |path: Option<String>| path.unwrap_or_else(|| "none".to_owned());
    app.term.answer(&format!(
        "client properties  {}\nrecords            {}\n",
        shown(command_config),
        shown(records)
    ));
}
