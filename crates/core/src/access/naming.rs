//! How a broker names clients that come with a certificate or a token: by its configs, on the listener that they came in by.

use crate::world::{Broker, BrokerConfigs};

/// What makes a principal of a connection that has logged in, and what it is by default.
const BUILDER: (&str, &str) = (
    "principal.builder.class",
    "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder",
);
const MAPPING: (&str, &str) = ("ssl.principal.mapping.rules", "DEFAULT");
const CLAIM: (&str, &str) = ("sasl.oauthbearer.sub.claim.name", "sub");
const CLIENT_AUTH: &str = "ssl.client.auth";

/// What a client comes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// A certificate (KIP-371).
    Certificate,
    /// A token (KIP-255).
    Token,
}

/// What a broker makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Naming {
    /// The name that it bears.
    AsBorne,
    /// Nothing: it asks for none, so that the client is nobody in particular.
    NotAsked,
    /// Something that the value of this key decides, which is another one than by default, or not to be seen.
    Otherwise(String),
}

/// How the listener names clients which `broker` advertises. Where its name cannot be made out, every rule that any
/// listener has of its own may be the one.
pub fn naming(credential: Credential, configs: &BrokerConfigs, broker: &Broker) -> Naming {
    let listener = listener(configs, broker);
    let (more, asks) = match credential {
        Credential::Certificate => (MAPPING, Some(CLIENT_AUTH)),
        Credential::Token => (CLAIM, None),
    };
    if let Some(key) = asks {
        match said(configs, listener.as_deref(), key) {
            Ok(Some("required" | "requested")) => {}
            Ok(Some("none")) => return Naming::NotAsked,
            Ok(_) => return Naming::Otherwise(key.to_owned()),
            Err(key) => return Naming::Otherwise(key),
        }
    }
    for (key, default) in [BUILDER, more] {
        match said(configs, listener.as_deref(), key) {
            Ok(Some(value)) if value == default => {}
            Ok(_) => return Naming::Otherwise(key.to_owned()),
            Err(key) => return Naming::Otherwise(key),
        }
    }
    Naming::AsBorne
}

/// The name of the listener that advertises what the broker is reached by, as keys bear it.
fn listener(configs: &BrokerConfigs, broker: &Broker) -> Option<String> {
    let value = |key: &str| configs.get(key)?.value.as_deref();
    let all = value("advertised.listeners").filter(|all| !all.is_empty()).or_else(|| value("listeners"))?;
    let mut names = all.split(',').filter_map(|one| {
        let (name, address) = one.trim().split_once("://")?;
        let (host, port) = address.rsplit_once(':')?;
        let host = host.trim_matches(['[', ']']);
        let is_it = port.parse() == Ok(broker.port)
            && host.eq_ignore_ascii_case(broker.host.trim_matches(['[', ']']));
        is_it.then(|| name.to_ascii_lowercase())
    });
    names.next().filter(|_| names.next().is_none())
}

/// What is set for a listener: its own value, else that of all. The key that may decide where nobody knows the listener.
fn said<'a>(
    configs: &'a BrokerConfigs,
    listener: Option<&str>,
    key: &str,
) -> Result<Option<&'a str>, String> {
    let value = |key: &str| configs.get(key).map(|config| config.value.as_deref());
    match listener {
        Some(name) => {
            let own = format!("listener.name.{name}.{key}");
            match value(&own) {
                Some(None) => Err(own),
                Some(value) => Ok(value),
                None => Ok(value(key).flatten()),
            }
        }
        None => {
            let is_of_listener = |other: &&String| {
                other.strip_suffix(key).is_some_and(|prefix| prefix.starts_with("listener.name."))
            };
            match configs.keys().find(is_of_listener) {
                Some(other) => Err(other.clone()),
                None => Ok(value(key).flatten()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{BrokerConfigView, ConfigSource, ConfigType};

    const USUAL: [(&str, Option<&str>); 5] = [
        ("advertised.listeners", Some("PLAIN://127.0.0.1:9092,MTLS://127.0.0.1:9093,OTHER://127.0.0.1:9094")),
        (BUILDER.0, Some(BUILDER.1)),
        (MAPPING.0, Some(MAPPING.1)),
        (CLAIM.0, Some(CLAIM.1)),
        (CLIENT_AUTH, Some("none")),
    ];
    const OWN_AUTH: (&str, Option<&str>) = ("listener.name.mtls.ssl.client.auth", Some("required"));

    fn found(credential: Credential, port: i32, more: &[(&str, Option<&str>)]) -> Naming {
        let config = |value: Option<&str>| BrokerConfigView {
            value: value.map(str::to_owned),
            kind: ConfigType::String,
            source: ConfigSource::Default,
            sensitive: false,
            read_only: true,
            synonyms: Vec::new(),
        };
        let said = USUAL.iter().chain(more);
        let configs = said.map(|(key, value)| ((*key).to_owned(), config(*value))).collect();
        naming(credential, &configs, &Broker { id: 1, host: "127.0.0.1".to_owned(), port, rack: None })
    }

    fn otherwise(key: &str) -> Naming {
        Naming::Otherwise(key.to_owned())
    }

    #[test]
    fn only_the_usual_rules_tell_a_name() {
        let certificate = |more: &[(&str, Option<&str>)]| {
            found(Credential::Certificate, 9093, &[&[OWN_AUTH][..], more].concat())
        };
        assert_eq!(certificate(&[]), Naming::AsBorne);
        assert_eq!(certificate(&[(MAPPING.0, Some("RULE:^CN=(.*?),.*$/$1/"))]), otherwise(MAPPING.0));
        assert_eq!(certificate(&[(BUILDER.0, Some("io.strimzi.Builder"))]), otherwise(BUILDER.0));
        assert_eq!(certificate(&[(BUILDER.0, None)]), otherwise(BUILDER.0));
        let own = "listener.name.mtls.ssl.principal.mapping.rules";
        assert_eq!(certificate(&[(own, None)]), otherwise(own), "it is not to be seen");
        assert_eq!(found(Credential::Token, 9094, &[]), Naming::AsBorne);
        assert_eq!(found(Credential::Token, 9094, &[(CLAIM.0, Some("azp"))]), otherwise(CLAIM.0));
    }

    #[test]
    fn the_rules_are_those_of_the_listener() {
        let of_another = ("listener.name.other.ssl.principal.mapping.rules", Some("RULE:^CN=(.*?)$/$1/"));
        assert_eq!(found(Credential::Certificate, 9093, &[OWN_AUTH, of_another]), Naming::AsBorne);
        // A listener that asks for no certificate does not know whom it has before it.
        assert_eq!(found(Credential::Certificate, 9094, &[OWN_AUTH]), Naming::NotAsked);
        let hidden = ("listener.name.mtls.ssl.client.auth", None);
        assert_eq!(found(Credential::Certificate, 9093, &[hidden]), otherwise(hidden.0));
        // Where nobody can tell the listener, any may be the one.
        assert_eq!(found(Credential::Certificate, 9999, &[OWN_AUTH]), otherwise(OWN_AUTH.0));
        assert_eq!(
            found(Credential::Certificate, 9999, &[(CLIENT_AUTH, Some("requested"))]),
            Naming::AsBorne
        );
    }
}
