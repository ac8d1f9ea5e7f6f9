use super::Unfit;
use crate::kafka::Wiring;
use crate::secure::{Hash, Loaded, Login, Tls, Versions};
use klerk_core::values::Secret;
use std::fmt;
use std::time::Duration;

/// The group that librdkafka is given, because it assigns no partition without one. Nobody joins it.
const GROUP: &str = "klerk-reads-records";

/// A value of librdkafka's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Plain(String),
    Hidden(Secret),
}

/// librdkafka's configuration. Passwords and keys are masked wherever it is shown.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Properties(Vec<(&'static str, Value)>);

impl Properties {
    fn set(&mut self, key: &'static str, value: impl ToString) {
        self.0.push((key, Value::Plain(value.to_string())));
    }

    fn hide(&mut self, key: &'static str, value: &str) {
        self.0.push((key, Value::Hidden(Secret::new(value))));
    }

    /// Each key with its value as it is handed over, secrets and all.
    pub(super) fn exposed(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(key, value)| match value {
            Value::Plain(value) => (*key, value.as_str()),
            Value::Hidden(secret) => (*key, secret.expose()),
        })
    }

    /// What must not stand in a trace.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        let hidden = self.0.iter().filter_map(|(_, value)| match value {
            Value::Hidden(secret) => Some(secret.clone()),
            Value::Plain(_) => None,
        });
        hidden.collect()
    }
}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.iter().map(|(key, value)| match value {
            Value::Plain(value) => (key, value.as_str()),
            Value::Hidden(_) => (key, "***"),
        });
        f.debug_map().entries(shown).finish()
    }
}

/// librdkafka's configuration for reading records with the settings that the control plane has connected with.
///
/// # Errors
/// For what the settings ask for and librdkafka cannot do.
pub fn properties(wiring: &Wiring) -> Result<Properties, Unfit> {
    let mut properties = Properties::default();
    let brokers: Vec<String> = wiring.brokers.iter().map(ToString::to_string).collect();
    properties.set("bootstrap.servers", brokers.join(","));
    properties.set("client.id", &wiring.client_id);
    properties.set("socket.connection.setup.timeout.ms", within(wiring.connect_timeout, 1_000, i32::MAX));
    properties.set("socket.timeout.ms", within(wiring.request_timeout, 1_000, 300_000));
    reading(&mut properties);
    let (tls, login) = (wiring.security.tls.as_ref(), wiring.security.login.as_ref());
    let protocol = match (tls, login) {
        (None, None) => "plaintext",
        (Some(_), None) => "ssl",
        (None, Some(_)) => "sasl_plaintext",
        (Some(_), Some(_)) => "sasl_ssl",
    };
    properties.set("security.protocol", protocol);
    if let Some(tls) = tls {
        let loaded = wiring.tls.as_ref().map(|connector| connector.loaded());
        protect(&mut properties, tls, loaded.ok_or(Unfit::Material("the certificates"))?)?;
    }
    if let Some(login) = login {
        log_in(&mut properties, login)?;
    }
    Ok(properties)
}

/// Reading from offsets that are named, without a group, and without more than a record of each partition.
fn reading(properties: &mut Properties) {
    for (key, value) in [
        ("group.id", GROUP),
        ("enable.auto.commit", "false"),
        ("enable.auto.offset.store", "false"),
        ("allow.auto.create.topics", "false"),
        // The client's own figures would go to the brokers (KIP-714).
        ("enable.metrics.push", "false"),
        // Records of open and of aborted transactions have a time, too, and waiting for them would have no end.
        ("isolation.level", "read_uncommitted"),
        ("enable.partition.eof", "true"),
        // What was deleted since the offset was looked up is answered by what comes after it.
        ("auto.offset.reset", "earliest"),
        // One record of each partition is wanted. A first batch that is larger than this still comes, one in an answer.
        ("max.partition.fetch.bytes", "32768"),
        ("fetch.max.bytes", "4194304"),
        ("queued.min.messages", "1"),
        ("queued.max.messages.kbytes", "1024"),
        ("fetch.wait.max.ms", "100"),
        ("fetch.error.backoff.ms", "100"),
        ("reconnect.backoff.max.ms", "1000"),
        ("log.connection.close", "false"),
    ] {
        properties.set(key, value);
    }
}

fn protect(properties: &mut Properties, tls: &Tls, loaded: &Loaded) -> Result<(), Unfit> {
    if tls.versions != Versions::default() {
        return Err(Unfit::TlsVersions);
    }
    if loaded.trusts_anyone() {
        properties.set("enable.ssl.certificate.verification", "false");
    } else if let Some(pem) = loaded.trusted_pem() {
        if !loaded.trusts_a_root() {
            return Err(Unfit::NoRoot);
        }
        properties.set("ssl.ca.pem", text(pem, "the trusted certificates")?);
    } else {
        let (location, pem) = loaded.system_roots();
        if let Some(location) = location {
            properties.set("ssl.ca.location", location.display());
        }
        if !pem.is_empty() {
            properties.set("ssl.ca.pem", text(pem, "the system's roots")?);
        }
    }
    let checks_name = tls.check_name && !loaded.trusts_anyone();
    properties.set("ssl.endpoint.identification.algorithm", if checks_name { "https" } else { "none" });
    if let Some((chain, key)) = loaded.own_pem() {
        properties.set("ssl.certificate.pem", text(chain, "the client's certificate")?);
        properties.hide("ssl.key.pem", &text(key, "the client's key")?);
    }
    Ok(())
}

fn log_in(properties: &mut Properties, login: &Login) -> Result<(), Unfit> {
    properties.set("sasl.mechanisms", login.mechanism());
    match login {
        Login::Scram { token: true, .. } => return Err(Unfit::DelegationToken),
        Login::Plain { user, password }
        | Login::Scram { hash: Hash::Sha256 | Hash::Sha512, user, password, .. } => {
            properties.set("sasl.username", user);
            properties.hide("sasl.password", password.expose());
        }
        Login::Oauth { extensions, .. } if !extensions.is_empty() => {
            let names: Vec<&str> = extensions.iter().map(|(name, _)| name.as_str()).collect();
            return Err(Unfit::Extensions(names.join(", ")));
        }
        // Its tokens are handed over when it asks for them.
        Login::Oauth { .. } => {}
    }
    Ok(())
}

fn text(pem: Vec<u8>, what: &'static str) -> Result<String, Unfit> {
    String::from_utf8(pem).ok().filter(|text| !text.is_empty()).ok_or(Unfit::Material(what))
}

/// A time in whole milliseconds, within what librdkafka takes.
fn within(time: Duration, least: i32, most: i32) -> i32 {
    i32::try_from(time.as_millis()).unwrap_or(most).clamp(least, most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secure::{Connector, Identity, Material, OauthClient, Security, TokenSource, Trust, Version};
    use klerk_core::values::Address;
    use klerk_testbed::secured::{Certificates, STORE_PASSWORD, Store};
    use std::path::PathBuf;
    use std::sync::{Arc, LazyLock};

    static CERTIFICATES: LazyLock<Certificates> = LazyLock::new(|| Certificates::new().unwrap());

    fn wiring(security: Security) -> Wiring {
        let tls = security.tls.as_ref().map(|tls| Arc::new(Connector::new(tls).unwrap()));
        Wiring {
            brokers: vec![Address::new("kafka-1", 9092), Address::new("::1", 9093)],
            client_id: "klerk".to_owned(),
            security,
            tls,
            logins: Arc::default(),
            connect_timeout: Duration::from_secs(7),
            request_timeout: Duration::from_secs(30),
            deadline: None,
        }
    }

    fn file(path: impl Into<PathBuf>) -> Material {
        Material::File(path.into())
    }

    fn trusting(path: impl Into<PathBuf>) -> Tls {
        Tls { trust: Trust::Only { store: file(path), password: None }, ..Tls::default() }
    }

    /// What differs from the bare reading of records, with PEM shortened to its first line.
    fn protection(security: Security) -> Result<String, Unfit> {
        let bare = properties(&wiring(Security::default()))?;
        let secured = properties(&wiring(security))?;
        let more = secured.0.iter().filter(|pair| !bare.0.contains(pair));
        let shown = more.map(|(key, value)| match value {
            Value::Plain(value) => {
                let first = value.lines().next().unwrap_or_default();
                let certificates = value.matches("BEGIN CERTIFICATE").count();
                if certificates > 0 {
                    format!("{key}={first} ({certificates})\n")
                } else {
                    format!("{key}={value}\n")
                }
            }
            Value::Hidden(secret) => {
                let lines = secret.expose().lines().count();
                format!("{key}=*** of {lines} lines\n")
            }
        });
        Ok(shown.collect())
    }

    fn scram(token: bool) -> Login {
        Login::Scram { hash: Hash::Sha512, user: "ann".to_owned(), password: Secret::new("hunter2"), token }
    }

    fn oauth(extensions: &[(&str, &str)]) -> Login {
        let client = OauthClient {
            endpoint: "https://tokens".to_owned(),
            id: "klerk".to_owned(),
            secret: Secret::new("hunter2"),
            scope: None,
            encode: false,
            tls: Tls::default(),
        };
        Login::Oauth {
            source: TokenSource::Client(Box::new(client)),
            extensions: extensions
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn records_are_read_without_a_group_and_without_a_trace_in_the_cluster() {
        insta::assert_snapshot!(format!("{:#?}", properties(&wiring(Security::default())).unwrap()), @r#"
        {
            "bootstrap.servers": "kafka-1:9092,[::1]:9093",
            "client.id": "klerk",
            "socket.connection.setup.timeout.ms": "7000",
            "socket.timeout.ms": "30000",
            "group.id": "klerk-reads-records",
            "enable.auto.commit": "false",
            "enable.auto.offset.store": "false",
            "allow.auto.create.topics": "false",
            "enable.metrics.push": "false",
            "isolation.level": "read_uncommitted",
            "enable.partition.eof": "true",
            "auto.offset.reset": "earliest",
            "max.partition.fetch.bytes": "32768",
            "fetch.max.bytes": "4194304",
            "queued.min.messages": "1",
            "queued.max.messages.kbytes": "1024",
            "fetch.wait.max.ms": "100",
            "fetch.error.backoff.ms": "100",
            "reconnect.backoff.max.ms": "1000",
            "log.connection.close": "false",
            "security.protocol": "plaintext",
        }
        "#);
    }

    #[test]
    fn certificates_of_any_store_go_over_as_pem() {
        let store = |kind| file(CERTIFICATES.key_store("operator", kind).unwrap());
        for kind in [Store::Pem, Store::Pkcs12, Store::LegacyPkcs12, Store::Jks] {
            let password = Some(Secret::new(STORE_PASSWORD));
            let identity = Identity { store: store(kind), password, key: None, key_password: None };
            let tls = Tls { identity: Some(identity), ..trusting(CERTIFICATES.ca_pem()) };
            let told = protection(Security { tls: Some(tls), login: None }).unwrap();
            let told: Vec<&str> =
                told.lines().map(|line| line.split(" of ").next().unwrap_or(line)).collect();
            assert_eq!(
                told,
                [
                    "security.protocol=ssl",
                    "ssl.ca.pem=-----BEGIN CERTIFICATE----- (1)",
                    "ssl.endpoint.identification.algorithm=https",
                    "ssl.certificate.pem=-----BEGIN CERTIFICATE----- (2)",
                    "ssl.key.pem=***",
                ]
            );
        }
    }

    #[test]
    fn logins_and_laxer_checks() {
        let lax = Tls { trust: Trust::Anyone, ..Tls::default() };
        insta::assert_snapshot!(protection(Security { tls: Some(lax), login: Some(scram(false)) }).unwrap(), @r"
        security.protocol=sasl_ssl
        enable.ssl.certificate.verification=false
        ssl.endpoint.identification.algorithm=none
        sasl.mechanisms=SCRAM-SHA-512
        sasl.username=ann
        sasl.password=*** of 1 lines
        ");
        let nameless = Tls { check_name: false, ..trusting(CERTIFICATES.ca_pem()) };
        insta::assert_snapshot!(protection(Security { tls: Some(nameless), login: Some(oauth(&[])) }).unwrap(), @r"
        security.protocol=sasl_ssl
        ssl.ca.pem=-----BEGIN CERTIFICATE----- (1)
        ssl.endpoint.identification.algorithm=none
        sasl.mechanisms=OAUTHBEARER
        ");
        let plain = Login::Plain { user: "ann".to_owned(), password: Secret::new("hunter2") };
        insta::assert_snapshot!(protection(Security { tls: None, login: Some(plain) }).unwrap(), @r"
        security.protocol=sasl_plaintext
        sasl.mechanisms=PLAIN
        sasl.username=ann
        sasl.password=*** of 1 lines
        ");
    }

    #[test]
    fn what_librdkafka_cannot_do_is_refused_by_name() {
        let said = |tls, login| protection(Security { tls, login }).unwrap_err().to_string();
        let narrow = Versions { oldest: Version::Tls13, newest: Version::Tls13 };
        let narrow = Tls { versions: narrow, ..trusting(CERTIFICATES.ca_pem()) };
        insta::assert_snapshot!(said(Some(narrow), None), @"records cannot be read with ssl.enabled.protocols narrowed to one version of TLS: librdkafka, by which klerk reads them, cannot be held to it");
        insta::assert_snapshot!(said(Some(trusting(CERTIFICATES.pem("broker"))), None), @"records cannot be read with a trust store that holds no self-signed authority: librdkafka, by which klerk reads them, trusts no chain without its root; add the root to the store");
        insta::assert_snapshot!(said(None, Some(scram(true))), @"records cannot be read with a delegation token (tokenauth=true): librdkafka, by which klerk reads them, cannot log in with one");
        insta::assert_snapshot!(said(None, Some(oauth(&[("logicalCluster", "lkc-1")]))), @"records cannot be read with SASL extensions (logicalCluster): librdkafka's token callback, by which klerk hands it tokens, takes none");
    }

    #[test]
    fn the_roots_of_the_system_are_those_of_the_control_plane() {
        let tls = Tls::default();
        let Ok(loaded) = Loaded::new(&tls) else { return };
        let (location, _) = loaded.system_roots();
        let location = location.unwrap().display().to_string();
        let told = protection(Security { tls: Some(tls), login: None }).unwrap();
        assert!(told.contains(&format!("ssl.ca.location={location}\n")), "{told}");
    }

    #[test]
    fn no_secret_is_shown() {
        let own = Identity {
            store: file(CERTIFICATES.key_store("operator", Store::Pem).unwrap()),
            password: None,
            key: None,
            key_password: None,
        };
        let tls = Tls { identity: Some(own), ..trusting(CERTIFICATES.ca_pem()) };
        let properties = properties(&wiring(Security { tls: Some(tls), login: Some(scram(false)) })).unwrap();
        let shown = format!("{properties:?}");
        assert!(!shown.contains("hunter2") && !shown.contains("PRIVATE KEY"), "{shown}");
        assert!(
            properties.exposed().any(|(key, value)| key == "ssl.key.pem" && value.contains("PRIVATE KEY"))
        );
    }
}
