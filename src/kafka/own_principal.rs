//! Whom brokers take this client for. No API tells it: it follows from the way of connecting, and for certificates and tokens from
//! settings of the brokers, which have to be those that everybody has who has not set them.

use super::cluster::Cluster;
use crate::secure::{Login, Security};
use klerk_core::values::Known;
use klerk_core::world::{BrokerConfigs, ConfigTarget, OwnPrincipal};

/// A setting of brokers that names clients, and its default. Listeners may have their own, under a prefix.
type Rule = (&'static str, &'static str);

/// What makes a principal of a connection that has logged in.
const BUILDER: Rule = (
    "principal.builder.class",
    "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder",
);
const MAPPING: Rule = ("ssl.principal.mapping.rules", "DEFAULT");
const CLAIM: Rule = ("sasl.oauthbearer.sub.claim.name", "sub");

/// Where a name comes from that the client has not given itself.
struct Source {
    name: Option<String>,
    by: &'static str,
    what: &'static str,
    rules: [Rule; 2],
}

impl Cluster {
    /// The principal that brokers take this client for, where the way of connecting alone tells it.
    pub fn named_principal(&self) -> Option<String> {
        let principal = principal_of(&self.shared.options.security)?;
        Some(principal.name)
    }

    /// The user that this client logs in as with a password.
    pub fn own_user(&self) -> Option<String> {
        self.shared.options.security.login.as_ref()?.user().map(str::to_owned)
    }

    /// The principal that brokers take this client for, or why nobody can tell. Where it follows from a certificate or a token one
    /// broker is asked how it names clients.
    pub async fn own_principal(&self) -> Known<OwnPrincipal> {
        let security = &self.shared.options.security;
        if let Some(principal) = principal_of(security) {
            return Known::Known(principal);
        }
        let source = match &security.login {
            None => Source {
                name: self.shared.options.tls.as_ref().and_then(|tls| tls.loaded().own_name()),
                by: "by the subject of its certificate",
                what: "the subject of klerk's certificate",
                rules: [BUILDER, MAPPING],
            },
            Some(Login::Oauth { source, .. }) => {
                let token = self.shared.options.logins.subject(source).await;
                Source {
                    name: token,
                    by: "by the claim sub of its token",
                    what: "the claim sub of klerk's token",
                    rules: [BUILDER, CLAIM],
                }
            }
            Some(_) => {
                let why = "klerk connects with a delegation token, and only brokers know who its owner is";
                return Known::Unavailable(why.to_owned());
            }
        };
        let Some(name) = &source.name else {
            return Known::Unavailable(format!("{} gives no name in a form that is certain", source.what));
        };
        let asked = self.brokers().alive.keys().next().copied();
        let configs = match asked {
            Some(broker) => self.configs_of(ConfigTarget::Broker(broker), None).await,
            None => Known::NotAsked,
        };
        match configs {
            Known::Known(configs) => match other_rule(&configs, source.rules) {
                None => Known::Known(OwnPrincipal { by: Some(source.by), ..OwnPrincipal::of_user(name) }),
                Some(key) => Known::Unavailable(format!(
                    "{} is {name}, and brokers name clients by a rule of their own ({key})",
                    source.what
                )),
            },
            missing => Known::Unavailable(format!(
                "{} is {name}, and whether brokers have another name for it stands in their configs: {}",
                source.what,
                missing.missing_reason().unwrap_or_default()
            )),
        }
    }
}

/// What a broker names a client by the way of connecting alone: the user that logged in, or nobody in particular.
fn principal_of(security: &Security) -> Option<OwnPrincipal> {
    let has_certificate = security.tls.as_ref().is_some_and(|tls| tls.identity.is_some());
    match &security.login {
        Some(login) => login.user().map(OwnPrincipal::of_user),
        None if has_certificate => None,
        None => Some(OwnPrincipal::of_user("ANONYMOUS")),
    }
}

/// The first setting by which a broker names clients otherwise than by default, on any listener.
fn other_rule(configs: &BrokerConfigs, rules: [Rule; 2]) -> Option<String> {
    let is_of_listener = |key: &str, rule: &str| {
        key.strip_suffix(rule).is_some_and(|prefix| prefix.starts_with("listener.name."))
    };
    rules.iter().find_map(|(rule, default)| {
        let said = configs.get(*rule).and_then(|config| config.value.as_deref());
        if said != Some(default) {
            return Some((*rule).to_owned());
        }
        configs.keys().find(|key| is_of_listener(key, rule)).cloned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secure::{Hash, Identity, Material, Tls};
    use klerk_core::values::Secret;
    use klerk_core::world::{BrokerConfigView, ConfigSource, ConfigType};

    fn configs(said: &[(&str, Option<&str>)]) -> BrokerConfigs {
        let config = |value: Option<&str>| BrokerConfigView {
            value: value.map(str::to_owned),
            kind: ConfigType::String,
            source: ConfigSource::Default,
            sensitive: false,
            read_only: true,
            synonyms: Vec::new(),
        };
        said.iter().map(|(key, value)| ((*key).to_owned(), config(*value))).collect()
    }

    #[test]
    fn klerk_knows_who_it_is_by_its_login() {
        let named = |login: Option<Login>, identity: Option<Identity>| {
            let tls = Some(Tls { identity, ..Tls::default() });
            principal_of(&Security { tls, login }).map(|own| own.name)
        };
        let store = Material::File("own.pem".into());
        let identity = Identity { store, password: None, key: None, key_password: None };
        let scram = |token| Login::Scram {
            hash: Hash::Sha512,
            user: "bob".to_owned(),
            password: Secret::new("x".to_owned()),
            token,
        };
        assert_eq!(principal_of(&Security::default()), Some(OwnPrincipal::of_user("ANONYMOUS")));
        assert_eq!(named(None, None).as_deref(), Some("User:ANONYMOUS"));
        assert_eq!(named(None, Some(identity.clone())), None, "a broker may map the name of a certificate");
        assert_eq!(named(Some(scram(false)), Some(identity)).as_deref(), Some("User:bob"));
        assert_eq!(named(Some(scram(true)), None), None, "whose token it is, only the cluster knows");
    }

    #[test]
    fn only_the_usual_rules_tell_a_name() {
        let usual = [(BUILDER.0, Some(BUILDER.1)), (MAPPING.0, Some(MAPPING.1))];
        let other = |more: &[(&str, Option<&str>)]| {
            other_rule(&configs(&[&usual[..], more].concat()), [BUILDER, MAPPING])
        };
        assert_eq!(other(&[]), None);
        assert_eq!(other(&[("listener.name.mtls.ssl.client.auth", Some("required"))]), None);
        assert_eq!(other(&[(MAPPING.0, Some("RULE:^CN=(.*?),.*$/$1/"))]).as_deref(), Some(MAPPING.0));
        assert_eq!(other(&[(BUILDER.0, Some("io.strimzi.Builder"))]).as_deref(), Some(BUILDER.0));
        assert_eq!(other(&[(BUILDER.0, None)]).as_deref(), Some(BUILDER.0));
        let of_listener = "listener.name.mtls.ssl.principal.mapping.rules";
        assert_eq!(other(&[(of_listener, None)]).as_deref(), Some(of_listener));
        assert_eq!(other_rule(&configs(&usual), [BUILDER, CLAIM]).as_deref(), Some(CLAIM.0));
    }
}
