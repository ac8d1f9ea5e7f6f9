//! What protects the connections to the brokers: `security.protocol`, and what each of its two halves needs.

use super::keys::{Key, Part, Plane};
use super::login::login;
use super::tls::tls;
use super::values::{Given, Values};
use super::{Setting, SettingOrigin, SettingsError};
use crate::secure::{Login, Security};

/// The protection of the connections to the brokers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protection {
    /// `security.protocol`, in Kafka's spelling.
    pub protocol: Setting<&'static str>,
    /// What it comes to.
    pub security: Security,
}

impl Default for Protection {
    fn default() -> Self {
        let protocol = Setting { value: "PLAINTEXT", origin: SettingOrigin::Default };
        Protection { protocol, security: Security::default() }
    }
}

/// What an operator should know about the protection, besides what it is.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    /// What is dangerous.
    pub warnings: Vec<String>,
    /// What was said and has no effect.
    pub notes: Vec<String>,
}

impl Remarks {
    pub(super) fn add(&mut self, more: Remarks) {
        self.warnings.extend(more.warnings);
        self.notes.extend(more.notes);
    }
}

const CLUSTER: Plane = Plane::Cluster;

/// The protocols, each with whether it is encrypted and whether one logs in.
const PROTOCOLS: [(&str, bool, bool); 4] = [
    ("PLAINTEXT", false, false),
    ("SSL", true, false),
    ("SASL_PLAINTEXT", false, true),
    ("SASL_SSL", true, true),
];

/// The protection that is wished for.
///
/// # Errors
/// When it cannot be made out, and for what klerk does not do.
pub(super) fn protection(values: &Values) -> Result<(Protection, Remarks), SettingsError> {
    let mut remarks = Remarks::default();
    let Some(given) = values.given(CLUSTER, Key::SecurityProtocol) else {
        let secures = [Part::Tls, Part::Sasl].into_iter().find_map(|part| values.about(CLUSTER, part).next());
        return match secures {
            None => Ok((Protection::default(), remarks)),
            Some(given) => Err(SettingsError::Lacking {
                origin: given.origin.to_string(),
                what: format!(
                    "{} is given, and without security.protocol nothing is protected",
                    given.spelled
                ),
                needs:
                    "write security.protocol=SSL, SASL_SSL or SASL_PLAINTEXT, or PLAINTEXT where it is meant"
                        .to_owned(),
            }),
        };
    };
    let name = given.value.to_uppercase();
    let Some((name, encrypted, logs_in)) = PROTOCOLS.into_iter().find(|(known, ..)| *known == name) else {
        return Err(given.not("it has to be PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"));
    };
    let mut security = Security::default();
    if encrypted {
        let (tls, warnings) = tls(values, CLUSTER)?;
        security.tls = Some(tls);
        remarks.warnings.extend(warnings);
    }
    if logs_in {
        let (login, warnings) = login(values, given)?;
        remarks.warnings.extend(warnings);
        remarks.warnings.extend((!encrypted).then(|| unencrypted(given, &login)));
        security.login = Some(login);
    }
    for (used, part) in [(encrypted, Part::Tls), (logs_in, Part::Sasl)] {
        let idle: Vec<&str> = match used {
            true => Vec::new(),
            false => values.about(CLUSTER, part).map(|given| given.spelled.as_str()).collect(),
        };
        if !idle.is_empty() {
            remarks.notes.push(format!(
                "security.protocol is {name} ({}), so these have no effect: {}",
                given.origin,
                idle.join(", ")
            ));
        }
    }
    Ok((Protection { protocol: given.setting(name), security }, remarks))
}

/// What a login without encryption gives away.
fn unencrypted(protocol: &Given, login: &Login) -> String {
    let gives_away = match login {
        Login::Plain { .. } => "the password and everything else can be read on the way",
        Login::Oauth { .. } => "the token and everything else can be read on the way",
        Login::Scram { .. } => "everything but the password can be read on the way",
    };
    format!("{} is {}, which encrypts nothing: {gives_away}", protocol.place(), protocol.value)
}

#[cfg(test)]
#[path = "security_tests.rs"]
mod tests;
