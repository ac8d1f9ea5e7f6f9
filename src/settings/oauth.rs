//! Where the tokens of OAUTHBEARER come from.

use super::SettingsError;
use super::jaas::LoginModule;
use super::keys::{Key, Part, Plane};
use super::login::{Found, check_client_classes, foreign_class, half, oauth_module};
use super::tls::{tls, truth};
use super::values::{Given, Values};
use super::words::split_words;
use crate::secure::{Login, OauthClient, TokenSource, exposed};
use klerk_core::values::Secret;
use std::path::PathBuf;

const CLUSTER: Plane = Plane::Cluster;

/// A JAAS line that has been read.
pub(super) struct Jaas<'v> {
    pub line: &'v Given,
    pub module: LoginModule,
}

impl Jaas<'_> {
    fn option(&self, name: &str) -> Option<Given> {
        let spelled = format!("{name} of {}", self.line.spelled);
        self.module.option(name).map(|value| self.line.with(&spelled, value))
    }
}

/// A login with tokens that a command prints. Whatever else the file says about tokens is for clients that cannot do that.
///
/// # Errors
/// When the command cannot be read, and when SASL extensions cannot.
pub(super) fn by_command(values: &Values, command: &Given) -> Result<Login, SettingsError> {
    let words = split_words(&command.value)
        .ok_or_else(|| command.not("it has to be a program and its arguments, with every quote closed"))?;
    let source = TokenSource::Command(words);
    Ok(Login::Oauth { source, extensions: listed_extensions(values)? })
}

/// A login with tokens of an endpoint or of a file.
///
/// # Errors
/// When something is missing or contradicts itself, and for what klerk does not do.
pub(super) fn by_endpoint(values: &Values, mechanism: &Given) -> Result<Found, SettingsError> {
    check_classes(values)?;
    let jaas = oauth_module(values, mechanism)?;
    let Some(endpoint) = values.given(CLUSTER, Key::OauthEndpoint) else {
        return Err(SettingsError::Lacking {
            origin: mechanism.origin.to_string(),
            what: format!(
                "{}={} needs tokens, and nothing says where they come from",
                mechanism.spelled, mechanism.value
            ),
            needs: "write sasl.oauthbearer.token.endpoint.url (https:, or file: for a token in a file), or \
                    klerk.sasl.oauthbearer.token.command"
                .to_owned(),
        });
    };
    let mut extensions = listed_extensions(values)?;
    if let Some(jaas) = &jaas {
        let named = |(name, value): &(String, Secret)| {
            let name = name.strip_prefix("extension_")?;
            Some((name.to_owned(), value.expose().to_owned()))
        };
        extensions.extend(jaas.module.options.iter().filter_map(named));
    }
    let from_file = retrieves_from_file(values, endpoint)?;
    if from_file {
        let path = file(endpoint)?;
        let warnings = exposed(&path).into_iter().collect();
        return Ok((Login::Oauth { source: TokenSource::File(path), extensions }, warnings));
    }
    let mut warnings = Vec::new();
    if is(&endpoint.value, "http:") {
        warnings
            .push(format!("{} is not https: the client's secret can be read on the way", endpoint.place()));
    }
    let (client, more) = client(values, mechanism, endpoint, jaas.as_ref())?;
    warnings.extend(more);
    Ok((Login::Oauth { source: TokenSource::Client(Box::new(client)), extensions }, warnings))
}

fn client(
    values: &Values,
    mechanism: &Given,
    endpoint: &Given,
    jaas: Option<&Jaas<'_>>,
) -> Result<(OauthClient, Vec<String>), SettingsError> {
    let either = |key: Key, option: &str| -> Result<Option<Given>, SettingsError> {
        let apart = values.given(CLUSTER, key);
        match jaas.and_then(|jaas| jaas.option(option)) {
            Some(in_line) => in_line.or_nearer(apart).map(Some),
            None => Ok(apart.cloned()),
        }
    };
    let (id, secret) =
        (either(Key::OauthClientId, "clientId")?, either(Key::OauthClientSecret, "clientSecret")?);
    let (id, secret) = match (id, secret) {
        (Some(id), Some(secret)) => (id.value, Secret::new(secret.value)),
        (Some(id), None) => return Err(half(&id, Key::OauthClientSecret)),
        (None, Some(secret)) => return Err(half(&secret, Key::OauthClientId)),
        (None, None) => {
            return Err(SettingsError::Lacking {
                origin: mechanism.origin.to_string(),
                what: format!("{} needs a client's id and secret, and there are none", endpoint.spelled),
                needs: format!("write {} and {}", Key::OauthClientId.name(), Key::OauthClientSecret.name()),
            });
        }
    };
    let scope = either(Key::OauthScope, "scope")?.map(|given| given.value);
    let encode = truth(values, CLUSTER, Key::OauthEncode)?.unwrap_or(false);
    let (tls, warnings) = match jaas {
        Some(jaas) if jaas.module.options.iter().any(|(name, _)| name.starts_with("ssl.")) => {
            let options = jaas.module.options.iter();
            let given = options.map(|(name, value)| jaas.line.with(name, value.expose()));
            tls(&Values::of_options(given), Plane::Tokens)?
        }
        _ => tls(values, Plane::Tokens)?,
    };
    Ok((OauthClient { endpoint: endpoint.value.clone(), id, secret, scope, encode, tls }, warnings))
}

fn check_classes(values: &Values) -> Result<(), SettingsError> {
    const INSTEAD: &str = "write the same under sasl.oauthbearer.token.endpoint.url and \
                           sasl.oauthbearer.client.credentials.*, or name a command that prints a token with \
                           klerk.sasl.oauthbearer.token.command";
    values.check_refused(CLUSTER, Part::Sasl)?;
    check_client_classes(values)?;
    match values.given(CLUSTER, Key::LoginHandler) {
        Some(given) if !is_kafkas(&given.value, "OAuthBearerLoginCallbackHandler") => {
            return Err(foreign_class(given, INSTEAD));
        }
        _ => {}
    }
    if let Some(given) =
        values.given(CLUSTER, Key::OauthMethod).filter(|given| !given.value.eq_ignore_ascii_case("oidc"))
    {
        return Err(given.not("klerk takes oidc"));
    }
    match values.given(CLUSTER, Key::OauthGrant) {
        Some(given) if !given.value.eq_ignore_ascii_case("client_credentials") => {
            Err(SettingsError::Unsupported {
                origin: given.origin.to_string(),
                what: format!("{}={}", given.spelled, given.value),
                why: "klerk asks for tokens by client credentials".to_owned(),
                instead: "use client_credentials, or klerk.sasl.oauthbearer.token.command".to_owned(),
            })
        }
        _ => Ok(()),
    }
}

/// Whether a class is Kafka's own of this name; it has moved between packages over time.
fn is_kafkas(class: &str, name: &str) -> bool {
    class.starts_with("org.apache.kafka.common.security.oauthbearer.")
        && class.rsplit('.').next() == Some(name)
}

/// Whether the token stands in a file: the endpoint says so, and the retriever must not say otherwise.
fn retrieves_from_file(values: &Values, endpoint: &Given) -> Result<bool, SettingsError> {
    let from_file = is(&endpoint.value, "file:");
    if !from_file && !is(&endpoint.value, "https:") && !is(&endpoint.value, "http:") {
        return Err(endpoint.not("it has to begin with https:, http: or file:"));
    }
    let authority = endpoint.value.split('/').nth(2).unwrap_or_default();
    if !from_file && authority.contains('@') {
        return Err(endpoint.with(&endpoint.spelled, "***").not("it must not hold a user or a password"));
    }
    let Some(retriever) = values.given(CLUSTER, Key::OauthRetriever) else { return Ok(from_file) };
    let kafkas = |name: &str| is_kafkas(&retriever.value, name);
    if kafkas("DefaultJwtRetriever") {
        Ok(from_file)
    } else if kafkas("FileJwtRetriever") || kafkas("ClientCredentialsJwtRetriever") {
        match kafkas("FileJwtRetriever") == from_file {
            true => Ok(from_file),
            false => Err(SettingsError::Contradiction { first: retriever.place(), second: endpoint.place() }),
        }
    } else {
        let instead = "use the DefaultJwtRetriever, or klerk.sasl.oauthbearer.token.command";
        Err(match kafkas("JwtBearerJwtRetriever") {
            true => SettingsError::Unsupported {
                origin: retriever.origin.to_string(),
                what: format!("{}={}", retriever.spelled, retriever.value),
                why: "klerk signs no assertions to get tokens by".to_owned(),
                instead: instead.to_owned(),
            },
            false => foreign_class(retriever, instead),
        })
    }
}

/// The path of a `file:` URL (RFC 8089), which has no host or an empty one.
fn file(endpoint: &Given) -> Result<PathBuf, SettingsError> {
    let rest = endpoint.value.get("file:".len()..).unwrap_or_default();
    let path = match rest.strip_prefix("//") {
        Some(after) => after.strip_prefix("localhost").unwrap_or(after),
        None => rest,
    };
    let decoded = decode(path).filter(|path| path.starts_with('/'));
    decoded.map(PathBuf::from).ok_or_else(|| endpoint.not("a token's file is written file:///PATH"))
}

/// Percent-decodes (RFC 3986 section 2.1).
pub(super) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                let digits = std::str::from_utf8(&digits).ok()?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok()
}

/// librdkafka's list of SASL extensions: `NAME=VALUE,NAME=VALUE`.
fn listed_extensions(values: &Values) -> Result<Vec<(String, String)>, SettingsError> {
    let Some(given) = values.given(CLUSTER, Key::OauthExtensions) else { return Ok(Vec::new()) };
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    };
    let pairs = given.value.split(',').map(pair).collect::<Option<Vec<_>>>();
    pairs.ok_or_else(|| given.not("it has to be NAME=VALUE pairs with commas between them"))
}

fn is(value: &str, scheme: &str) -> bool {
    value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}
