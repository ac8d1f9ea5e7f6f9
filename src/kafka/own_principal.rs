//! Whom brokers take this client for. No API tells it: it follows from the way of connecting, and for certificates and tokens from
//! settings of the brokers, which have to be those that everybody has who has not set them.

use super::cluster::Cluster;
use crate::secure::{Login, Security};
use klerk_core::access::{Credential, Naming, ScramMechanism, naming};
use klerk_core::values::Known;
use klerk_core::world::{ConfigTarget, OwnPrincipal};

/// Where a name comes from that the client has not given itself.
struct Source {
    name: Option<String>,
    by: &'static str,
    /// Whether brokers may give another name without telling so.
    guess: bool,
    what: &'static str,
    credential: Credential,
}

impl Cluster {
    /// The principal that brokers take this client for, where the way of connecting alone tells it.
    pub fn named_principal(&self) -> Option<String> {
        let principal = principal_of(&self.shared.options.security)?;
        Some(principal.name)
    }

    /// The user of SCRAM that this client logs in as, and by which mechanism.
    pub fn own_login(&self) -> Option<(String, ScramMechanism)> {
        let login = self.shared.options.security.login.as_ref()?;
        Some((login.user()?.to_owned(), ScramMechanism::from_word(login.mechanism())?))
    }

    /// The principal that brokers take this client for, or why nobody can tell. Where it follows from a certificate or a token one
    /// broker is asked how it names clients. Behind a token it stays a guess: a broker may check tokens by code of its own, which
    /// no config tells of.
    pub async fn own_principal(&self) -> Known<OwnPrincipal> {
        let security = &self.shared.options.security;
        if let Some(principal) = principal_of(security) {
            return Known::Known(principal);
        }
        let source = match &security.login {
            None => Source {
                name: self.shared.options.tls.as_ref().and_then(|tls| tls.loaded().own_name()),
                by: "by the subject of its certificate",
                guess: false,
                what: "the subject of klerk's certificate",
                credential: Credential::Certificate,
            },
            Some(Login::Oauth { source, .. }) => {
                let token = self.shared.options.logins.subject(source).await;
                Source {
                    name: token,
                    // Its own handlers may name it otherwise, and no broker tells what they do.
                    by: "by the claim sub of its token",
                    guess: true,
                    what: "the claim sub of klerk's token",
                    credential: Credential::Token,
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
        let brokers = self.brokers();
        let asked = brokers.alive.values().next();
        let configs = match asked {
            Some(broker) => self.configs_of(ConfigTarget::Broker(broker.id), None).await,
            None => Known::NotAsked,
        };
        match (configs, asked) {
            (Known::Known(configs), Some(broker)) => match naming(source.credential, &configs, broker) {
                Naming::AsBorne => {
                    let (by, guess) = (Some(source.by), source.guess);
                    Known::Known(OwnPrincipal { by, guess, ..OwnPrincipal::of_user(name) })
                }
                Naming::NotAsked => {
                    let by = Some("its listener asks for no certificate");
                    Known::Known(OwnPrincipal { by, ..OwnPrincipal::of_user("ANONYMOUS") })
                }
                Naming::Otherwise(key) => Known::Unavailable(format!(
                    "{} is {name}, and brokers name clients by a rule of their own ({key})",
                    source.what
                )),
            },
            (missing, _) => Known::Unavailable(format!(
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secure::{Hash, Identity, Material, Tls};
    use klerk_core::values::Secret;

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
}
