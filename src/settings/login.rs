//! The login out of `sasl.*`: a JAAS line, librdkafka's keys, or a command that prints tokens.

use super::SettingsError;
use super::jaas::{self, LoginModule, parse_jaas};
use super::keys::{Key, Part, Plane};
use super::oauth::{self, Jaas};
use super::values::{Given, Values};
use crate::secure::{Hash, Login};
use klerk_core::values::{Secret, closest};

/// A login with warnings about what it gives away.
pub(super) type Found = (Login, Vec<String>);

const CLUSTER: Plane = Plane::Cluster;

/// The login that is wished for.
///
/// # Errors
/// When something is missing or contradicts itself, and for what klerk does not do.
pub(super) fn login(values: &Values, protocol: &Given) -> Result<Found, SettingsError> {
    let mechanism = values.given(CLUSTER, Key::SaslMechanism);
    let name = mechanism.map(|given| given.value.to_uppercase());
    if let Some(command) = values.given(CLUSTER, Key::TokenCommand) {
        return match (name.as_deref(), mechanism) {
            (Some("PLAIN" | "GSSAPI"), Some(given)) => {
                Err(SettingsError::Contradiction { first: given.place(), second: command.place() })
            }
            (Some(name), Some(given)) if name.starts_with("SCRAM-") => {
                Err(SettingsError::Contradiction { first: given.place(), second: command.place() })
            }
            // The Java mechanisms of managed services, AWS_MSK_IAM among them, are OAUTHBEARER with tokens of their own.
            _ => Ok((oauth::by_command(values, command)?, Vec::new())),
        };
    }
    values.check_refused(CLUSTER, Part::Sasl)?;
    let (Some(name), Some(given)) = (name, mechanism) else {
        return Err(SettingsError::Lacking {
            origin: protocol.origin.to_string(),
            what: format!(
                "security.protocol={} without sasl.mechanism means GSSAPI (Kerberos), which klerk does not do",
                protocol.value
            ),
            needs: "write sasl.mechanism=PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER".to_owned(),
        });
    };
    match name.as_str() {
        "PLAIN" => {
            check_classes(values)?;
            let (user, password, _) = credentials(values, given, PLAIN)?;
            Ok((Login::Plain { user, password }, Vec::new()))
        }
        "SCRAM-SHA-256" | "SCRAM-SHA-512" => {
            check_classes(values)?;
            let (user, password, token) = credentials(values, given, SCRAM)?;
            let hash = if name.ends_with("512") { Hash::Sha512 } else { Hash::Sha256 };
            Ok((Login::Scram { hash, user, password, token }, Vec::new()))
        }
        "OAUTHBEARER" => oauth::by_endpoint(values, given),
        _ => Err(unsupported_mechanism(given, &name)),
    }
}

fn unsupported_mechanism(given: &Given, name: &str) -> SettingsError {
    const OTHERS: &str = "use a listener of the cluster with PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or client certificates";
    const IAM: &str = "name a command that prints a token, with klerk.sasl.oauthbearer.token.command: MSK takes it by OAUTHBEARER at the same port";
    let (why, instead) = match name {
        "GSSAPI" => ("klerk does not do Kerberos", OTHERS),
        "AWS_MSK_IAM" => ("klerk signs no requests of AWS itself", IAM),
        _ => ("klerk does not know this mechanism", OTHERS),
    };
    SettingsError::Unsupported {
        origin: given.origin.to_string(),
        what: format!("{}={}", given.spelled, given.value),
        why: why.to_owned(),
        instead: instead.to_owned(),
    }
}

/// A login module with the mechanisms that it serves.
struct Module {
    class: &'static str,
    serves: &'static str,
    /// Options that klerk reads.
    options: &'static [&'static str],
}

const PLAIN: &Module = &Module { class: jaas::PLAIN, serves: "PLAIN", options: &["username", "password"] };
const SCRAM: &Module = &Module {
    class: jaas::SCRAM,
    serves: "SCRAM-SHA-256 and SCRAM-SHA-512",
    options: &["username", "password", "tokenauth"],
};
const OAUTH: &Module =
    &Module { class: jaas::OAUTH, serves: "OAUTHBEARER", options: &["clientId", "clientSecret", "scope"] };
const MODULES: [&Module; 3] = [PLAIN, SCRAM, OAUTH];

/// The JAAS line for OAUTHBEARER, where there is one.
pub(super) fn oauth_module<'v>(
    values: &'v Values,
    mechanism: &Given,
) -> Result<Option<Jaas<'v>>, SettingsError> {
    let Some(line) = values.given(CLUSTER, Key::JaasConfig) else { return Ok(None) };
    Ok(Some(Jaas { line, module: module(line, mechanism, OAUTH)? }))
}

fn module(line: &Given, mechanism: &Given, wanted: &Module) -> Result<LoginModule, SettingsError> {
    let module = parse_jaas(&line.value)
        .map_err(|problem| SettingsError::Jaas { origin: line.origin.to_string(), problem })?;
    let simple = module.class.rsplit('.').next().unwrap_or_default();
    if module.class == wanted.class {
        return match module.misspelt(wanted.options) {
            None => Ok(module),
            Some((option, meant)) => Err(SettingsError::Lacking {
                origin: line.origin.to_string(),
                what: format!("{} has the option '{option}', which {simple} does not know", line.spelled),
                needs: format!("did you mean {meant}?"),
            }),
        };
    }
    let known = MODULES.into_iter().find(|known| known.class == module.class);
    if let Some(meant) = known.is_none().then(|| meant_module(&module.class)).flatten() {
        return Err(SettingsError::Lacking {
            origin: line.origin.to_string(),
            what: format!("{} begins with {}, and there is no such login module", line.spelled, module.class),
            needs: format!("did you mean {}?", meant.class),
        });
    }
    Err(match known {
        Some(known) => SettingsError::Lacking {
            origin: line.origin.to_string(),
            what: format!(
                "the login module of {} serves {}, and {} is {} ({})",
                line.spelled, known.serves, mechanism.spelled, mechanism.value, mechanism.origin
            ),
            needs: format!("write {} there, or another {}", wanted.class, mechanism.spelled),
        },
        None => SettingsError::Unsupported {
            origin: line.origin.to_string(),
            what: format!("{} with {simple}", line.spelled),
            why: match simple {
                "Krb5LoginModule" => "klerk does not do Kerberos".to_owned(),
                _ => "klerk runs no Java classes".to_owned(),
            },
            instead: format!("for {}, {} is the login module", mechanism.value, wanted.class),
        },
    })
}

/// The login module that was probably meant by a class that is none of them.
fn meant_module(class: &str) -> Option<&'static Module> {
    let simple = |class: &'static str| class.rsplit('.').next().unwrap_or_default();
    let last = class.rsplit('.').next().unwrap_or_default();
    let meant = |module: &&Module| {
        simple(module.class).eq_ignore_ascii_case(last) || closest(last, [simple(module.class)]).is_some()
    };
    MODULES.into_iter().find(meant)
}

/// User, password, and whether they are those of a delegation token.
fn credentials(
    values: &Values,
    mechanism: &Given,
    wanted: &Module,
) -> Result<(String, Secret, bool), SettingsError> {
    let user = values.given(CLUSTER, Key::SaslUsername);
    let password = values.given(CLUSTER, Key::SaslPassword);
    if let Some(line) = values.given(CLUSTER, Key::JaasConfig) {
        let module = module(line, mechanism, wanted)?;
        let option = |name: &str| {
            module
                .option(name)
                .map(|value| line.with(&format!("{name} of {}", line.spelled), value))
                .ok_or_else(|| SettingsError::Lacking {
                    origin: line.origin.to_string(),
                    what: format!("{} has no option '{name}'", line.spelled),
                    needs: format!("write {} required username=\"…\" password=\"…\";", wanted.class),
                })
        };
        let (user, password) =
            (option("username")?.or_nearer(user)?, option("password")?.or_nearer(password)?);
        let token = module.option("tokenauth").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        return Ok((user.value, Secret::new(password.value), token));
    }
    match (user, password) {
        (Some(user), Some(password)) => Ok((user.value.clone(), Secret::new(password.value.clone()), false)),
        (Some(given), None) => Err(half(given, Key::SaslPassword)),
        (None, Some(given)) => Err(half(given, Key::SaslUsername)),
        (None, None) => Err(SettingsError::Lacking {
            origin: mechanism.origin.to_string(),
            what: format!(
                "{}={} needs a user and a password, and there are none",
                mechanism.spelled, mechanism.value
            ),
            needs: format!(
                "write sasl.jaas.config={} required username=\"…\" password=\"…\"; (a file that java.security.auth.login.config \
                 names is not read), or sasl.username and sasl.password",
                wanted.class
            ),
        }),
    }
}

pub(super) fn half(given: &Given, other: Key) -> SettingsError {
    SettingsError::Incomplete {
        origin: given.origin.to_string(),
        key: given.spelled.clone(),
        other: other.name().to_owned(),
    }
}

/// Java classes around a login may do anything, so none is passed over.
fn check_classes(values: &Values) -> Result<(), SettingsError> {
    match values.given(CLUSTER, Key::LoginHandler) {
        Some(given) => Err(foreign_class(
            given,
            "put the user and the password into sasl.jaas.config, or refer to a file there: ${file:PATH:KEY}",
        )),
        None => check_client_classes(values),
    }
}

/// The same for what every mechanism refuses.
pub(super) fn check_client_classes(values: &Values) -> Result<(), SettingsError> {
    match values.one_of(CLUSTER, &[Key::ClientHandler])?.or(values.one_of(CLUSTER, &[Key::LoginClass])?) {
        Some((_, given)) => Err(foreign_class(
            given,
            "klerk.sasl.oauthbearer.token.command names a command that prints a token, which klerk uses instead",
        )),
        None => Ok(()),
    }
}

pub(super) fn foreign_class(given: &Given, instead: &str) -> SettingsError {
    SettingsError::Unsupported {
        origin: given.origin.to_string(),
        what: format!("{}={}", given.spelled, given.value),
        why: "klerk runs no Java classes".to_owned(),
        instead: instead.to_owned(),
    }
}
