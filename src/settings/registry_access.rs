//! Who asks the schema registry, as Confluent's clients spell it, and the TLS of its https addresses.

use super::keys::{Key, Part, Plane};
use super::oauth::decode;
use super::security::Remarks;
use super::values::{Given, Values};
use super::{Setting, SettingOrigin, SettingsError};
use crate::registry::Credentials;
use crate::secure::Login;
use klerk_core::values::Secret;

const REGISTRY: Plane = Plane::Registry;

/// Says which wishes for TLS have no effect on addresses without it.
pub(super) fn note_idle_tls(values: &Values, addresses: &[String], remarks: &mut Remarks) {
    let encrypted = addresses.iter().any(|address| address.trim().to_lowercase().starts_with("https:"));
    let idle: Vec<&str> = values.about(REGISTRY, Part::Tls).map(|given| given.spelled.as_str()).collect();
    if !encrypted && !idle.is_empty() && !addresses.is_empty() {
        remarks.notes.push(format!(
            "the schema registry's address is http, so these have no effect: {}",
            idle.join(", ")
        ));
    }
}

/// Says that credentials can be read on the way to an address without TLS.
pub(super) fn unencrypted_login(
    addresses: Option<&Setting<Vec<String>>>,
    who: Option<&Setting<Credentials>>,
) -> Option<String> {
    let what = match &who?.value {
        Credentials::None => return None,
        Credentials::Basic { .. } => "the password",
        Credentials::Bearer(_) => "the token",
    };
    let addresses = addresses?;
    let plain = addresses.value.iter().find(|address| address.trim().to_lowercase().starts_with("http:"))?;
    Some(format!("{}: {plain} is not https: {what} can be read on the way", addresses.origin))
}

/// Who asks the registry; a login of the brokers may be asked to serve.
///
/// # Errors
/// When half of the credentials is missing, and for sources that klerk does not have.
pub(super) fn registry_auth(
    values: &Values,
    urls: &mut Option<Setting<Vec<String>>>,
    login: Option<&Login>,
) -> Result<Option<Setting<Credentials>>, SettingsError> {
    let basic = values.given(REGISTRY, Key::BasicSource);
    let bearer = values.given(REGISTRY, Key::BearerSource);
    if let (Some(basic), Some(bearer)) = (basic, bearer) {
        return Err(SettingsError::Contradiction { first: basic.place(), second: bearer.place() });
    }
    match bearer.map(|source| (source.value.to_uppercase(), source)) {
        Some((name, source)) if name != "STATIC_TOKEN" => return Err(unsupported(source)),
        Some((_, source)) if values.given(REGISTRY, Key::BearerToken).is_none() => {
            return Err(lacks(source, Key::BearerToken));
        }
        _ => {}
    }
    values.check_refused(REGISTRY, Part::Else)?;
    let in_urls = basic.is_some_and(|source| source.value.eq_ignore_ascii_case("URL"));
    let from_urls = urls.as_mut().map_or(Ok(None), |urls| take_user_info(urls, in_urls))?;
    if let Some(token) = values.given(REGISTRY, Key::BearerToken).filter(|_| basic.is_none()) {
        return Ok(Some(token.setting(Credentials::Bearer(Secret::new(token.value.clone())))));
    }
    match basic.map(|source| (source.value.to_uppercase(), source)) {
        None => values.given(REGISTRY, Key::BasicUserInfo).map(user_info).transpose(),
        Some((name, source)) => match name.as_str() {
            "USER_INFO" => match values.given(REGISTRY, Key::BasicUserInfo) {
                Some(given) => user_info(given).map(Some),
                None => Err(lacks(source, Key::BasicUserInfo)),
            },
            "URL" => match from_urls {
                Some(credentials) => Ok(Some(source.setting(credentials))),
                None => Err(source.not("the address of schema.registry.url holds no USER:PASSWORD@")),
            },
            "SASL_INHERIT" => match login {
                Some(Login::Plain { user, password } | Login::Scram { user, password, token: false, .. }) => {
                    let credentials = Credentials::Basic { user: user.clone(), password: password.clone() };
                    Ok(Some(source.setting(credentials)))
                }
                _ => Err(source.not("there is no login with user and password to the brokers")),
            },
            _ => Err(unsupported(source)),
        },
    }
}

fn user_info(given: &Given) -> Result<Setting<Credentials>, SettingsError> {
    match given.value.split_once(':') {
        Some((user, password)) => {
            Ok(given.setting(Credentials::Basic { user: user.to_owned(), password: Secret::new(password) }))
        }
        None => Err(given.not("it has to be USER:PASSWORD")),
    }
}

/// Takes user and password out of addresses that stand in a file. Those of a command line or of a variable are left to be
/// refused: every process list would show them.
fn take_user_info(
    urls: &mut Setting<Vec<String>>,
    wanted: bool,
) -> Result<Option<Credentials>, SettingsError> {
    if !wanted || !matches!(urls.origin, SettingOrigin::File { .. } | SettingOrigin::Context { .. }) {
        return Ok(None);
    }
    let mut found = None;
    for url in &mut urls.value {
        let Some((scheme, rest)) = url.split_once("://") else { continue };
        let end = rest.find('/').unwrap_or(rest.len());
        let Some(at) = rest[..end].rfind('@') else { continue };
        let pair =
            rest[..at].split_once(':').and_then(|(user, password)| Some((decode(user)?, decode(password)?)));
        let (user, password) = pair.ok_or_else(|| SettingsError::Value {
            origin: urls.origin.to_string(),
            key: Key::RegistryUrl.name().to_owned(),
            value: "***".to_owned(),
            expected: "what stands before its @ has to be USER:PASSWORD, with other characters written as %XX",
        })?;
        let credentials = Credentials::Basic { user, password: Secret::new(password) };
        if found.as_ref().is_some_and(|known| *known != credentials) {
            return Err(SettingsError::Value {
                origin: urls.origin.to_string(),
                key: Key::RegistryUrl.name().to_owned(),
                value: "***".to_owned(),
                expected: "all addresses are of one registry, so all have to have the same USER:PASSWORD",
            });
        }
        found = Some(credentials);
        *url = format!("{scheme}://{}", &rest[at + 1..]);
    }
    Ok(found)
}

fn lacks(source: &Given, other: Key) -> SettingsError {
    SettingsError::Incomplete {
        origin: source.origin.to_string(),
        key: source.spelled.clone(),
        other: other.name().to_owned(),
    }
}

fn unsupported(source: &Given) -> SettingsError {
    SettingsError::Unsupported {
        origin: source.origin.to_string(),
        what: format!("{}={}", source.spelled, source.value),
        why: "klerk asks a registry with a user and a password, or with a token that stands in the file"
            .to_owned(),
        instead: "use basic.auth.credentials.source=USER_INFO, URL or SASL_INHERIT, or \
                  bearer.auth.credentials.source=STATIC_TOKEN with bearer.auth.token=${file:PATH:KEY}"
            .to_owned(),
    }
}
