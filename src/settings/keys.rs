//! The client properties that are known, by what is done with them.

/// What is done with a key of a properties file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Carried out, under its first name.
    Used(Plane, Key),
    /// Asks for what klerk does not do, so it is refused wherever the connection would need it.
    Refused(Plane, &'static Refusal),
    /// Secures a connection by its name, and no client that is known reads it: a slip, which must not leave a connection
    /// less protected than it was meant to be.
    Unknown,
    /// A key of Kafka's own clients that says nothing to a command line.
    Ignored,
}

/// What a key speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Plane {
    /// The brokers.
    Cluster,
    /// The schema registry.
    Registry,
    /// The endpoint that tokens are asked from.
    Tokens,
}

/// What of a connection a key is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Tls,
    Sasl,
    /// Neither of them.
    Else,
}

/// Declares the keys that are carried out: each by its first name and by its other spellings.
macro_rules! keys {
    ($($key:ident $name:literal $(or $also:literal)*;)*) => {
        /// The keys that are carried out.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Key { $($key,)* }

        impl Key {
            /// The name that people know it by.
            pub(super) fn name(self) -> &'static str {
                match self { $(Key::$key => $name,)* }
            }

            /// Every spelling of every key.
            const SPELLINGS: &'static [(&'static str, Key)] =
                &[$(($name, Key::$key), $(($also, Key::$key),)*)*];
        }
    };
}

keys! {
    BootstrapServers "bootstrap.servers" or "metadata.broker.list";
    ClientId "client.id";
    RequestTimeout "request.timeout.ms" or "socket.timeout.ms";
    SecurityProtocol "security.protocol";

    SaslMechanism "sasl.mechanism" or "sasl.mechanisms";
    JaasConfig "sasl.jaas.config";
    SaslUsername "sasl.username";
    SaslPassword "sasl.password";
    LoginHandler "sasl.login.callback.handler.class";
    ClientHandler "sasl.client.callback.handler.class";
    LoginClass "sasl.login.class";
    OauthMethod "sasl.oauthbearer.method";
    OauthGrant "sasl.oauthbearer.grant.type";
    OauthEndpoint "sasl.oauthbearer.token.endpoint.url";
    OauthRetriever "sasl.oauthbearer.jwt.retriever.class";
    OauthClientId "sasl.oauthbearer.client.credentials.client.id" or "sasl.oauthbearer.client.id";
    OauthClientSecret "sasl.oauthbearer.client.credentials.client.secret" or "sasl.oauthbearer.client.secret";
    OauthScope "sasl.oauthbearer.scope";
    OauthEncode "sasl.oauthbearer.header.urlencode";
    OauthExtensions "sasl.oauthbearer.extensions";
    TokenCommand "klerk.sasl.oauthbearer.token.command";

    TrustLocation "ssl.truststore.location" or "ssl.ca.location";
    TrustPem "ssl.truststore.certificates" or "ssl.ca.pem";
    TrustPassword "ssl.truststore.password";
    TrustType "ssl.truststore.type";
    KeystoreLocation "ssl.keystore.location";
    KeystorePassword "ssl.keystore.password";
    KeystoreType "ssl.keystore.type";
    CertificateLocation "ssl.certificate.location";
    CertificatePem "ssl.keystore.certificate.chain" or "ssl.certificate.pem";
    PrivateKeyLocation "ssl.key.location";
    PrivateKeyPem "ssl.keystore.key" or "ssl.key.pem";
    PrivateKeyPassword "ssl.key.password";
    NameCheck "ssl.endpoint.identification.algorithm";
    Verification "enable.ssl.certificate.verification";
    EnabledProtocols "ssl.enabled.protocols";
    EngineFactory "ssl.engine.factory.class";

    RegistryUrl "schema.registry.url";
    BasicSource "basic.auth.credentials.source";
    BasicUserInfo "basic.auth.user.info";
    BearerSource "bearer.auth.credentials.source";
    BearerToken "bearer.auth.token";
}

impl Key {
    /// What of a connection it is about.
    pub(super) fn part(self) -> Part {
        part(self.name())
    }

    /// The name on a plane.
    pub(super) fn named_on(self, plane: Plane) -> String {
        match plane {
            Plane::Registry if self.part() == Part::Tls => format!("{REGISTRY}{}", self.name()),
            _ => self.name().to_owned(),
        }
    }
}

/// What of a connection a key is about, by its name without the prefix of a plane.
pub(super) fn part(name: &str) -> Part {
    if name.starts_with("ssl.") || name == Key::Verification.name() || name == "security.providers" {
        Part::Tls
    } else if name.starts_with("sasl.") || name.starts_with("klerk.sasl.") || name.contains(".sasl.") {
        Part::Sasl
    } else {
        Part::Else
    }
}

/// A key that asks for what klerk does not do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The key; one that ends in a dot stands for all that begin so.
    key: &'static str,
    /// What klerk does not do.
    pub why: &'static str,
    /// What to do instead.
    pub instead: &'static str,
}

impl Refusal {
    /// What of a connection it is about.
    pub(super) fn part(&self) -> Part {
        part(self.key)
    }
}

const TOKEN_COMMAND: &str = "name a command that prints a token, with klerk.sasl.oauthbearer.token.command";
const KEY_FILE: &str = "give the key as a file, with ssl.keystore.location or ssl.key.location";

const OWN_TOKEN: &str = "get a token by another tool, and give it with bearer.auth.token=${file:PATH:KEY}";
const NO_REGISTRY_TOKENS: &str = "klerk asks nobody for the registry's tokens";
const NO_CONFLUENT: &str = "klerk sends no headers of Confluent Cloud";
const API_KEY: &str = "use an API key of the registry, with basic.auth.user.info";

const NO_CHOICE: &str =
    "klerk offers the ciphers, curves and signatures of its OpenSSL, and no choice among them";
const CHOOSE_THERE: &str = "limit them at the server, and take the key out of a copy of the file";
const NO_PROVIDERS: &str = "klerk's cryptography is that of its own OpenSSL";
const WITHOUT: &str = "where another one is not demanded, take the key out of a copy of the file";

const REFUSED: &[Refusal] = &[
    Refusal { key: "bearer.auth.issuer.endpoint.url", why: NO_REGISTRY_TOKENS, instead: OWN_TOKEN },
    Refusal { key: "bearer.auth.client.id", why: NO_REGISTRY_TOKENS, instead: OWN_TOKEN },
    Refusal { key: "bearer.auth.client.secret", why: NO_REGISTRY_TOKENS, instead: OWN_TOKEN },
    Refusal { key: "bearer.auth.scope", why: NO_REGISTRY_TOKENS, instead: OWN_TOKEN },
    Refusal {
        key: "bearer.auth.custom.provider.class",
        why: "klerk runs no Java classes",
        instead: OWN_TOKEN,
    },
    Refusal { key: "bearer.auth.logical.cluster", why: NO_CONFLUENT, instead: API_KEY },
    Refusal { key: "bearer.auth.identity.pool.id", why: NO_CONFLUENT, instead: API_KEY },
    Refusal {
        key: "ssl.crl.location",
        why: "klerk reads no lists of revoked certificates",
        instead: "connect where none is needed, or take the key out of a copy of the file",
    },
    Refusal { key: "ssl.cipher.suites", why: NO_CHOICE, instead: CHOOSE_THERE },
    Refusal { key: "ssl.curves.list", why: NO_CHOICE, instead: CHOOSE_THERE },
    Refusal { key: "ssl.sigalgs.list", why: NO_CHOICE, instead: CHOOSE_THERE },
    Refusal { key: "ssl.protocol", why: "klerk speaks TLS 1.2 and 1.3", instead: "write TLSv1.2 or TLSv1.3" },
    Refusal { key: "ssl.provider", why: NO_PROVIDERS, instead: WITHOUT },
    Refusal { key: "ssl.providers", why: NO_PROVIDERS, instead: WITHOUT },
    Refusal { key: "security.providers", why: NO_PROVIDERS, instead: WITHOUT },
    Refusal { key: "ssl.engine.id", why: "klerk loads no OpenSSL engines", instead: KEY_FILE },
    Refusal { key: "ssl.engine.location", why: "klerk loads no OpenSSL engines", instead: KEY_FILE },
    Refusal {
        key: "ssl.ca.certificate.stores",
        why: "klerk does not read the certificate stores of Windows",
        instead: "name the certificates in a file, with ssl.ca.location",
    },
    Refusal {
        key: "sasl.oauthbearer.assertion.",
        why: "klerk signs no assertions to get tokens by",
        instead: TOKEN_COMMAND,
    },
    Refusal {
        key: "sasl.oauthbearer.metadata.authentication.type",
        why: "klerk asks no cloud's metadata for tokens",
        instead: TOKEN_COMMAND,
    },
    Refusal {
        key: "sasl.oauthbearer.config",
        why: "it makes unsigned tokens, which klerk does not",
        instead: "use sasl.oauthbearer.token.endpoint.url, or klerk.sasl.oauthbearer.token.command",
    },
    Refusal {
        key: "enable.sasl.oauthbearer.unsecure.jwt",
        why: "it makes unsigned tokens, which klerk does not",
        instead: "use sasl.oauthbearer.token.endpoint.url, or klerk.sasl.oauthbearer.token.command",
    },
];

/// Keys that secure nothing by themselves: how hard to try, what a Java machine is made of, and what klerk has an opinion of
/// its own on that is at least as strict. One that ends in a dot stands for all that begin so.
const OF_NO_MEANING: &[&str] = &[
    "ssl.keymanager.algorithm",
    "ssl.trustmanager.algorithm",
    "ssl.secure.random.implementation",
    "sasl.kerberos.",
    "sasl.login.refresh.",
    "sasl.login.connect.timeout.ms",
    "sasl.login.read.timeout.ms",
    "sasl.login.retry.",
    "sasl.oauthbearer.jwks.",
    "sasl.oauthbearer.expected.",
    "sasl.oauthbearer.clock.skew.seconds",
    "sasl.oauthbearer.jwt.validator.class",
    "sasl.oauthbearer.scope.claim.name",
    "sasl.oauthbearer.sub.claim.name",
];

const REGISTRY: &str = "schema.registry.";

/// Whether the value of a key that is refused asks for what is done anyhow.
pub(super) fn asks_for_the_usual(key: &str, value: &str) -> bool {
    let value = value.trim();
    match key.strip_prefix(REGISTRY).unwrap_or(key) {
        "ssl.protocol" => matches!(value, "" | "TLS" | "TLSv1.2" | "TLSv1.3"),
        "ssl.provider" => matches!(value, "" | "SunJSSE"),
        "ssl.providers" => {
            value.split(',').all(|name| matches!(name.trim(), "" | "default" | "legacy" | "base"))
        }
        "ssl.cipher.suites" | "ssl.curves.list" | "ssl.sigalgs.list" | "security.providers" => {
            value.is_empty()
        }
        _ => false,
    }
}

/// Whether a key has the form of a client property. What has not may be anything, a password among it, and is not repeated.
pub(super) fn is_plausible(key: &str) -> bool {
    let of_letters =
        !key.is_empty() && key.bytes().all(|c| c.is_ascii_lowercase() || matches!(c, b'.' | b'_' | b'-'));
    of_letters && (key.contains('.') || matches!(key, "acks" | "retries" | "debug" | "group"))
}

/// What is done with a key.
pub(super) fn meaning(key: &str) -> Meaning {
    let (plane, plain) = match key {
        "https.ca.location" => return Meaning::Used(Plane::Tokens, Key::TrustLocation),
        "https.ca.pem" => return Meaning::Used(Plane::Tokens, Key::TrustPem),
        "schema.registry.url" => return Meaning::Used(Plane::Registry, Key::RegistryUrl),
        _ => match key.strip_prefix(REGISTRY) {
            Some(plain) => (Plane::Registry, plain),
            None if is_registry_login(key) => (Plane::Registry, key),
            None => (Plane::Cluster, key),
        },
    };
    let serves = |known: Key| match plane {
        Plane::Registry => known.part() == Part::Tls || is_registry_login(known.name()),
        Plane::Cluster | Plane::Tokens => true,
    };
    if let Some(known) = spelled(plain).filter(|known| serves(*known)) {
        return Meaning::Used(plane, known);
    }
    let stands_for = |entry: &str| match entry.ends_with('.') {
        true => plain.starts_with(entry),
        false => plain == entry,
    };
    if let Some(refusal) = REFUSED.iter().find(|refusal| stands_for(refusal.key)) {
        return Meaning::Refused(plane, refusal);
    }
    let secures = part(plain) != Part::Else || is_registry_login(plain);
    match secures && !OF_NO_MEANING.iter().any(|entry| stands_for(entry)) {
        true => Meaning::Unknown,
        false if is_slip(key) => Meaning::Unknown,
        false => Meaning::Ignored,
    }
}

/// Whether a key that means nothing is a slip of one that secures a connection: written in another case, or nearly the same.
fn is_slip(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    let secures = |name: &str| {
        part(name) != Part::Else
            || is_registry_login(name)
            || [Key::SecurityProtocol.name(), Key::RegistryUrl.name()].contains(&name)
    };
    let plain = lower.strip_prefix(REGISTRY).unwrap_or(&lower);
    (lower != key && secures(plain))
        || klerk_core::values::closest(key, Key::SPELLINGS.iter().map(|(name, _)| *name)).is_some_and(secures)
}

/// The key that is spelled so, on whichever plane.
pub(super) fn spelled(name: &str) -> Option<Key> {
    Key::SPELLINGS.iter().find(|(known, _)| *known == name).map(|(_, key)| *key)
}

fn is_registry_login(key: &str) -> bool {
    key.starts_with("basic.auth.") || key.starts_with("bearer.auth.")
}

/// Whether the value must not stand on a command line, whatever the version makes of the key.
pub(super) fn is_secret(key: &str) -> bool {
    let key = key.strip_prefix(REGISTRY).unwrap_or(key);
    ["password", "passphrase", "secret", "jaas", "user.info", "keystore.key", "key.pem"]
        .iter()
        .any(|part| key.contains(part))
        || key == Key::BearerToken.name()
}

/// The known key that a mistyped one probably means.
pub(super) fn similar(key: &str) -> Option<String> {
    let (prefix, plain) = match key.strip_prefix(REGISTRY) {
        Some(plain) if plain != "url" => (REGISTRY, plain),
        _ => ("", key),
    };
    let close = klerk_core::values::closest(plain, Key::SPELLINGS.iter().map(|(name, _)| *name));
    close.map(|close| format!("{prefix}{close}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_with_and_without_the_registry_prefix() {
        for key in ["basic.auth.user.info", "schema.registry.basic.auth.user.info"] {
            assert_eq!(meaning(key), Meaning::Used(Plane::Registry, Key::BasicUserInfo));
            assert!(is_secret(key));
        }
        assert_eq!(meaning("metadata.broker.list"), Meaning::Used(Plane::Cluster, Key::BootstrapServers));
        assert_eq!(meaning("schema.registry.url"), Meaning::Used(Plane::Registry, Key::RegistryUrl));
        assert_eq!(meaning("ssl.ca.location"), Meaning::Used(Plane::Cluster, Key::TrustLocation));
        assert_eq!(meaning("https.ca.location"), Meaning::Used(Plane::Tokens, Key::TrustLocation));
        let registry = "schema.registry.ssl.keystore.location";
        assert_eq!(meaning(registry), Meaning::Used(Plane::Registry, Key::KeystoreLocation));
        assert_eq!(Key::KeystoreLocation.named_on(Plane::Registry), registry);
        assert_eq!(meaning("schema.registry.client.id"), Meaning::Ignored);
    }

    #[test]
    fn whatever_secures_a_connection_is_never_ignored() {
        for key in [
            "ssl.truststore.pasword",
            "sasl.mechanismus",
            "schema.registry.sasl.mechanism",
            "schema.registry.ssl.truststore.locations",
            "bearer.auth.whatever",
            "klerk.sasl.token",
            "security.protcol",
            "securtiy.protocol",
            "Security.Protocol",
            "SASL.mechanism",
            "ssl_truststore_location",
            "bsic.auth.user.info",
            "shema.registry.url",
        ] {
            assert_eq!(meaning(key), Meaning::Unknown, "{key}");
        }
        for key in [
            "ssl.cipher.suites",
            "security.providers",
            "ssl.crl.location",
            "sasl.oauthbearer.assertion.file",
            "schema.registry.ssl.engine.id",
        ] {
            assert!(matches!(meaning(key), Meaning::Refused(..)), "{key}");
        }
        for key in ["schema.registry.client.id", "auto.register.schemas", "security.inter.broker.protocol"] {
            assert_eq!(meaning(key), Meaning::Ignored, "{key}");
        }
        assert!(asks_for_the_usual("schema.registry.ssl.protocol", "TLSv1.3"));
        assert!(
            !asks_for_the_usual("ssl.protocol", "TLSv1.1") && !asks_for_the_usual("ssl.crl.location", "")
        );
        for key in ["sasl.login.refresh.buffer.seconds", "sasl.kerberos.service.name"] {
            assert_eq!(meaning(key), Meaning::Ignored, "{key}");
        }
        for key in [
            "sasl.jaas.config",
            "ssl.key.password",
            "sasl.password",
            "bearer.auth.token",
            "bearer.auth.client.secret",
            "ssl.keystore.key",
            "schema.registry.ssl.key.pem",
        ] {
            assert!(is_secret(key), "{key}");
        }
        assert!(!is_secret("bearer.auth.issuer.endpoint.url"));
        assert!(!is_secret("klerk.sasl.oauthbearer.token.command"));
    }

    #[test]
    fn slips_find_their_key() {
        assert_eq!(similar("bootstrap.server").as_deref(), Some("bootstrap.servers"));
        assert_eq!(similar("ssl.truststore.pasword").as_deref(), Some("ssl.truststore.password"));
        assert_eq!(
            similar("schema.registry.ssl.ca.locatoin").as_deref(),
            Some("schema.registry.ssl.ca.location")
        );
        assert_eq!(similar("max.poll.records"), None);
    }
}
