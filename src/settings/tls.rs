//! The TLS of a connection out of `ssl.*`, in Java's and in librdkafka's spelling.

use super::SettingsError;
use super::keys::{Key, Part, Plane};
use super::values::{Given, Values};
use crate::secure::{Identity, Material, Tls, Trust, Version, Versions, exposed};
use klerk_core::values::Secret;

/// The TLS that is wished for on a plane, with warnings about what it leaves open.
///
/// # Errors
/// When wishes contradict each other, lack a half, or ask for what klerk does not do.
pub(super) fn tls(values: &Values, plane: Plane) -> Result<(Tls, Vec<String>), SettingsError> {
    values.check_refused(plane, Part::Tls)?;
    check_engine(values, plane)?;
    let mut warnings = Vec::new();
    let verifies = truth(values, plane, Key::Verification)?.unwrap_or(true);
    let trust = if verifies {
        trust(values, plane)?
    } else {
        warnings.extend(values.given(plane, Key::Verification).map(|given| {
            format!(
                "{} is false: whoever answers is taken for the server, and told what is secret",
                given.place()
            )
        }));
        Trust::Anyone
    };
    let check_name = checks_name(values, plane)?;
    if verifies && !check_name {
        warnings.extend(values.said(plane, Key::NameCheck).map(|given| {
            format!("{} is off: the certificate of any other server is taken, too", given.place())
        }));
    }
    let identity = identity(values, plane)?;
    warnings.extend(identity.as_ref().and_then(exposed_key));
    Ok((Tls { trust, identity, check_name, versions: versions(values, plane)? }, warnings))
}

/// Says that a private key that no password protects is open to everybody on this machine.
fn exposed_key(identity: &Identity) -> Option<String> {
    let Material::File(path) = identity.key.as_ref().unwrap_or(&identity.store) else { return None };
    let text = std::fs::read(path).ok()?;
    let text = String::from_utf8_lossy(&text);
    let open = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"]
        .iter()
        .any(|kind| text.contains(&format!("-----BEGIN {kind}-----")));
    (open && !text.contains("Proc-Type: 4,ENCRYPTED")).then(|| exposed(path)).flatten()
}

fn trust(values: &Values, plane: Plane) -> Result<Trust, SettingsError> {
    check_type(values, plane, Key::TrustType)?;
    let found = values.one_of(plane, &[Key::TrustLocation, Key::TrustPem])?;
    let password = values.given(plane, Key::TrustPassword);
    match (found, password) {
        (Some((Key::TrustLocation, given)), _)
            if given.value == "probe" && given.spelled.contains(".ca.") =>
        {
            Ok(Trust::System)
        }
        (Some((key, given)), password) => {
            Ok(Trust::Only { store: material(key, given), password: password.map(secret) })
        }
        (None, Some(password)) => Err(lacks(password, plane, Key::TrustLocation)),
        (None, None) => Ok(Trust::System),
    }
}

fn identity(values: &Values, plane: Plane) -> Result<Option<Identity>, SettingsError> {
    check_type(values, plane, Key::KeystoreType)?;
    let stores = [Key::KeystoreLocation, Key::CertificateLocation, Key::CertificatePem];
    let key = values.one_of(plane, &[Key::PrivateKeyLocation, Key::PrivateKeyPem])?;
    let password = values.given(plane, Key::KeystorePassword);
    let key_password = values.given(plane, Key::PrivateKeyPassword);
    let Some((store, given)) = values.one_of(plane, &stores)? else {
        return match (key, password, key_password) {
            (Some((Key::PrivateKeyPem, key)), ..) => Err(lacks(key, plane, Key::CertificatePem)),
            (Some((_, key)), ..) => Err(lacks(key, plane, Key::CertificateLocation)),
            (None, Some(alone), _) | (None, None, Some(alone)) => {
                Err(lacks(alone, plane, Key::KeystoreLocation))
            }
            (None, None, None) => Ok(None),
        };
    };
    if let (Key::KeystoreLocation, Some((_, key))) = (store, key) {
        return Err(SettingsError::Contradiction { first: given.place(), second: key.place() });
    }
    if let (Key::CertificatePem, None) = (store, key) {
        return Err(lacks(given, plane, Key::PrivateKeyPem));
    }
    Ok(Some(Identity {
        store: material(store, given),
        password: password.map(secret),
        key: key.map(|(kind, given)| material(kind, given)),
        key_password: key_password.map(secret),
    }))
}

fn material(key: Key, given: &Given) -> Material {
    match key {
        Key::TrustPem | Key::CertificatePem | Key::PrivateKeyPem => {
            Material::Pem { setting: given.spelled.clone(), text: secret(given) }
        }
        _ => Material::File(given.path()),
    }
}

fn secret(given: &Given) -> Secret {
    Secret::new(given.value.clone())
}

fn lacks(given: &Given, plane: Plane, other: Key) -> SettingsError {
    SettingsError::Incomplete {
        origin: given.origin.to_string(),
        key: given.spelled.clone(),
        other: other.named_on(plane),
    }
}

/// What a store holds is told by its content, so its type only matters where it is none that klerk reads.
fn check_type(values: &Values, plane: Plane, key: Key) -> Result<(), SettingsError> {
    let Some(given) = values.given(plane, key) else { return Ok(()) };
    match ["JKS", "PKCS12", "PEM"].iter().any(|known| given.value.eq_ignore_ascii_case(known)) {
        true => Ok(()),
        false => Err(SettingsError::Unsupported {
            origin: given.origin.to_string(),
            what: format!("{}={}", given.spelled, given.value),
            why: "klerk reads stores of the types PEM, PKCS12 and JKS".to_owned(),
            instead:
                "convert the store with keytool -importkeystore -deststoretype PKCS12, and name the new one"
                    .to_owned(),
        }),
    }
}

fn check_engine(values: &Values, plane: Plane) -> Result<(), SettingsError> {
    let Some(given) = values.given(plane, Key::EngineFactory) else { return Ok(()) };
    match given.value.ends_with(".DefaultSslEngineFactory") {
        true => Ok(()),
        false => Err(SettingsError::Unsupported {
            origin: given.origin.to_string(),
            what: format!("{}={}", given.spelled, given.value),
            why: "klerk runs no Java classes".to_owned(),
            instead:
                "name the certificates themselves, with ssl.truststore.location and ssl.keystore.location"
                    .to_owned(),
        }),
    }
}

/// Java turns the check off by an empty value, librdkafka by `none`.
fn checks_name(values: &Values, plane: Plane) -> Result<bool, SettingsError> {
    match values.said(plane, Key::NameCheck) {
        None => Ok(true),
        Some(given) => match given.value.to_lowercase().as_str() {
            "https" => Ok(true),
            "" | "none" => Ok(false),
            _ => Err(given.not("it has to be https, or nothing to check no names")),
        },
    }
}

fn versions(values: &Values, plane: Plane) -> Result<Versions, SettingsError> {
    let Some(given) = values.given(plane, Key::EnabledProtocols) else { return Ok(Versions::default()) };
    let known = |name: &str| match name.trim() {
        "TLSv1.3" => Some(Version::Tls13),
        "TLSv1.2" => Some(Version::Tls12),
        _ => None,
    };
    let named: Vec<Version> = given.value.split(',').filter_map(known).collect();
    match (named.iter().min(), named.iter().max()) {
        (Some(oldest), Some(newest)) => Ok(Versions { oldest: *oldest, newest: *newest }),
        _ => Err(given.not("it has to name TLSv1.2 or TLSv1.3: klerk speaks nothing older")),
    }
}

/// A key that is true or false.
pub(super) fn truth(values: &Values, plane: Plane, key: Key) -> Result<Option<bool>, SettingsError> {
    let Some(given) = values.given(plane, key) else { return Ok(None) };
    match given.value.to_lowercase().as_str() {
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        _ => Err(given.not("it has to be true or false")),
    }
}
