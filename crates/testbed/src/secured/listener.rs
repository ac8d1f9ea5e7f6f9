//! The ways into a secured cluster, and what a client says there.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::certificates::Certificates;
use super::cluster::password_of;
use super::stores::{STORE_PASSWORD, Store};
use super::tokens::TokenSigner;

/// A way into a secured cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listener {
    /// Plain text without a login. Whoever comes in here may do everything.
    Plain,
    /// Logins without encryption: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER.
    SaslPlaintext,
    /// The same logins over TLS.
    SaslSsl,
    /// Logins by PLAIN and SCRAM-SHA-512, for whom the broker wants to see a new one after three seconds (KIP-368).
    Reauthenticating,
    /// TLS without a login. Whoever comes in here may do everything.
    Ssl,
    /// TLS that asks for a client's certificate.
    Mtls,
    /// The same, with TLS 1.2 and nothing newer.
    MtlsOld,
    /// TLS with a certificate that is no longer good.
    Expired,
    /// TLS with a certificate that is not good yet.
    NotYetValid,
    /// TLS with a certificate for other hosts.
    WrongHost,
}

impl Listener {
    /// All but [`Listener::Plain`], which every cluster of the bed has.
    pub(super) const PROTECTED: [Listener; 9] = [
        Listener::SaslPlaintext,
        Listener::SaslSsl,
        Listener::Reauthenticating,
        Listener::Ssl,
        Listener::Mtls,
        Listener::MtlsOld,
        Listener::Expired,
        Listener::NotYetValid,
        Listener::WrongHost,
    ];

    /// Its name in the broker's settings.
    pub fn name(self) -> &'static str {
        match self {
            Listener::Plain => "PLAINTEXT",
            Listener::SaslPlaintext => "SASLPLAIN",
            Listener::SaslSsl => "SASLSSL",
            Listener::Reauthenticating => "REAUTH",
            Listener::Ssl => "TLS",
            Listener::Mtls => "MTLS",
            Listener::MtlsOld => "MTLSOLD",
            Listener::Expired => "EXPIRED",
            Listener::NotYetValid => "NOTYET",
            Listener::WrongHost => "WRONGHOST",
        }
    }

    /// What a client sets as `security.protocol`.
    pub fn protocol(self) -> &'static str {
        match self {
            Listener::Plain => "PLAINTEXT",
            Listener::SaslPlaintext | Listener::Reauthenticating => "SASL_PLAINTEXT",
            Listener::SaslSsl => "SASL_SSL",
            _ => "SSL",
        }
    }

    /// Lines of the broker's settings, after `listener.name.<name>.`.
    pub(super) fn settings(self, certificates: &Certificates, key_set: &Path) -> Vec<(String, String)> {
        let mut settings = Vec::new();
        let mut set = |key: &str, value: &str| settings.push((key.to_owned(), value.to_owned()));
        let other = match self {
            Listener::Expired => Some("expired"),
            Listener::NotYetValid => Some("future"),
            Listener::WrongHost => Some("wrong-host"),
            _ => None,
        };
        if let Some(name) = other {
            set("ssl.keystore.type", "PEM");
            set(
                "ssl.keystore.location",
                &certificates.folder().join(format!("{name}.keystore.pem")).display().to_string(),
            );
        }
        if matches!(self, Listener::Mtls | Listener::MtlsOld) {
            set("ssl.client.auth", "required");
        }
        if self == Listener::MtlsOld {
            set("ssl.enabled.protocols", "TLSv1.2");
        }
        if self == Listener::Reauthenticating {
            set("connections.max.reauth.ms", "3000");
        }
        if self.protocol().starts_with("SASL") {
            const SECURITY: &str = "org.apache.kafka.common.security";
            let mechanisms = match self {
                Listener::Reauthenticating => "PLAIN,SCRAM-SHA-512",
                _ => "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
            };
            set("sasl.enabled.mechanisms", mechanisms);
            let users: String = super::cluster::USERS
                .iter()
                .map(|user| format!(" user_{user}=\"{}\"", password_of(user)))
                .collect();
            set("plain.sasl.jaas.config", &format!("{SECURITY}.plain.PlainLoginModule required{users};"));
            for hash in ["256", "512"] {
                set(
                    &format!("scram-sha-{hash}.sasl.jaas.config"),
                    &format!("{SECURITY}.scram.ScramLoginModule required;"),
                );
            }
            set(
                "oauthbearer.sasl.jaas.config",
                &format!("{SECURITY}.oauthbearer.OAuthBearerLoginModule required;"),
            );
            set(
                "oauthbearer.sasl.server.callback.handler.class",
                &format!("{SECURITY}.oauthbearer.OAuthBearerValidatorCallbackHandler"),
            );
            set("sasl.oauthbearer.jwks.endpoint.url", &format!("file://{}", key_set.display()));
            set("sasl.oauthbearer.expected.audience", super::tokens::AUDIENCE);
        }
        settings
    }
}

/// Who a client is, and how it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum As<'a> {
    /// Nobody in particular.
    Nobody,
    /// A user by SASL PLAIN.
    Plain(&'a str),
    /// A user by SCRAM-SHA-256.
    Scram256(&'a str),
    /// A user by SCRAM-SHA-512.
    Scram512(&'a str),
    /// A subject by a signed token out of a file.
    Token(&'a str),
    /// The owner of a certificate, by mutual TLS.
    Certificate(&'a str),
}

/// A client's settings in Java's spelling.
pub(super) fn properties(
    listener: Listener,
    who: As<'_>,
    certificates: &Certificates,
    signer: &TokenSigner,
) -> Result<String> {
    const SECURITY: &str = "org.apache.kafka.common.security";
    let mut text = format!("security.protocol={}\n", listener.protocol());
    if listener.protocol().ends_with("SSL") {
        text += &format!(
            "ssl.truststore.type=PEM\nssl.truststore.location={}\n",
            certificates.ca_pem().display()
        );
    }
    let user = |module: &str, user: &str| {
        format!(
            "sasl.jaas.config={SECURITY}.{module} required username=\"{user}\" password=\"{}\";\n",
            password_of(user)
        )
    };
    match who {
        As::Nobody => {}
        As::Plain(name) => {
            text += "sasl.mechanism=PLAIN\n";
            text += &user("plain.PlainLoginModule", name);
        }
        As::Scram256(name) => {
            text += "sasl.mechanism=SCRAM-SHA-256\n";
            text += &user("scram.ScramLoginModule", name);
        }
        As::Scram512(name) => {
            text += "sasl.mechanism=SCRAM-SHA-512\n";
            text += &user("scram.ScramLoginModule", name);
        }
        As::Token(subject) => {
            let token = signer.sign(subject, Duration::from_secs(3600))?;
            let file = certificates.write(&format!("{subject}.jwt"), &token)?;
            text += &format!(
                "sasl.mechanism=OAUTHBEARER\nsasl.jaas.config={SECURITY}.oauthbearer.OAuthBearerLoginModule required;\n\
                 sasl.login.callback.handler.class={SECURITY}.oauthbearer.OAuthBearerLoginCallbackHandler\n\
                 sasl.oauthbearer.token.endpoint.url=file://{}\n",
                file.display()
            );
        }
        As::Certificate(name) => {
            let store = certificates.key_store(name, Store::Pkcs12)?;
            text += &format!(
                "ssl.keystore.type=PKCS12\nssl.keystore.location={}\nssl.keystore.password={STORE_PASSWORD}\nssl.key.password={STORE_PASSWORD}\n",
                store.display()
            );
        }
    }
    Ok(text)
}
