//! The client properties that are known, by what is done with them.

/// What is done with a key of a properties file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Carried out, under its first name.
    Used(Key),
    /// Part of a secure connection, which this version does not make: refused, so that nothing goes out in plain text
    /// that was meant to be protected.
    NotYet,
    /// A key of Kafka's own clients that says nothing to a command line.
    Ignored,
}

/// The keys that are carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    BootstrapServers,
    ClientId,
    RequestTimeout,
    SecurityProtocol,
    RegistryUrl,
    BasicSource,
    BasicUserInfo,
    BearerSource,
    BearerToken,
}

impl Key {
    /// The name that people know it by.
    pub(super) fn name(self) -> &'static str {
        match self {
            Key::BootstrapServers => "bootstrap.servers",
            Key::ClientId => "client.id",
            Key::RequestTimeout => "request.timeout.ms",
            Key::SecurityProtocol => "security.protocol",
            Key::RegistryUrl => "schema.registry.url",
            Key::BasicSource => "basic.auth.credentials.source",
            Key::BasicUserInfo => "basic.auth.user.info",
            Key::BearerSource => "bearer.auth.credentials.source",
            Key::BearerToken => "bearer.auth.token",
        }
    }

    const ALL: [Key; 9] = [
        Key::BootstrapServers,
        Key::ClientId,
        Key::RequestTimeout,
        Key::SecurityProtocol,
        Key::RegistryUrl,
        Key::BasicSource,
        Key::BasicUserInfo,
        Key::BearerSource,
        Key::BearerToken,
    ];
}

/// librdkafka's names of the same things.
const LIBRDKAFKA: [(&str, Key); 2] =
    [("metadata.broker.list", Key::BootstrapServers), ("socket.timeout.ms", Key::RequestTimeout)];

/// What is done with a key.
pub(super) fn meaning(key: &str) -> Meaning {
    let plain = key.strip_prefix("schema.registry.").unwrap_or(key);
    let used = Key::ALL
        .into_iter()
        .find(|known| known.name() == key || (plain.contains(".auth.") && known.name() == plain))
        .or_else(|| LIBRDKAFKA.iter().find(|(name, _)| *name == key).map(|(_, known)| *known));
    match used {
        Some(known) => Meaning::Used(known),
        None if is_security(plain) => Meaning::NotYet,
        None => Meaning::Ignored,
    }
}

/// Keys that secure a connection, to the brokers or to the registry.
fn is_security(key: &str) -> bool {
    key.starts_with("ssl.")
        || key.starts_with("sasl.")
        || key.starts_with("basic.auth.")
        || key.starts_with("bearer.auth.")
        || key == "enable.ssl.certificate.verification"
}

/// Whether the value must not stand on a command line, whatever the version makes of the key.
pub(super) fn is_secret(key: &str) -> bool {
    let key = key.strip_prefix("schema.registry.").unwrap_or(key);
    ["password", "secret", "jaas", "user.info", "keystore.key", "key.pem"]
        .iter()
        .any(|part| key.contains(part))
        || key == Key::BearerToken.name()
}

/// The known key that a mistyped one probably means.
pub(super) fn similar(key: &str) -> Option<&'static str> {
    klerk_core::values::closest(key, Key::ALL.into_iter().map(Key::name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_with_and_without_the_registry_prefix() {
        for key in ["basic.auth.user.info", "schema.registry.basic.auth.user.info"] {
            assert_eq!(meaning(key), Meaning::Used(Key::BasicUserInfo));
            assert!(is_secret(key));
        }
        assert_eq!(meaning("metadata.broker.list"), Meaning::Used(Key::BootstrapServers));
        assert_eq!(meaning("schema.registry.url"), Meaning::Used(Key::RegistryUrl));
        assert_eq!(meaning("schema.registry.client.id"), Meaning::Ignored);
    }

    #[test]
    fn whatever_secures_a_connection_is_never_ignored() {
        for key in [
            "ssl.truststore.location",
            "sasl.mechanism",
            "sasl.jaas.config",
            "schema.registry.ssl.keystore.location",
            "bearer.auth.issuer.endpoint.url",
            "ssl.ca.location",
        ] {
            assert_eq!(meaning(key), Meaning::NotYet, "{key}");
        }
        for key in [
            "sasl.jaas.config",
            "ssl.key.password",
            "sasl.password",
            "bearer.auth.token",
            "bearer.auth.client.secret",
            "ssl.keystore.key",
        ] {
            assert!(is_secret(key), "{key}");
        }
        assert!(!is_secret("bearer.auth.issuer.endpoint.url"));
    }

    #[test]
    fn slips_find_their_key() {
        assert_eq!(similar("bootstrap.server"), Some("bootstrap.servers"));
        assert_eq!(similar("max.poll.records"), None);
    }
}
