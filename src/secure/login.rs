use super::wanted::Tls;
use klerk_core::values::Secret;
use std::path::PathBuf;

/// A SASL login (`sasl.mechanism` with what the mechanism needs).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// `PLAIN` (RFC 4616): the password goes to the server as it is.
    Plain {
        /// The user's name.
        user: String,
        /// The password.
        password: Secret,
    },
    /// `SCRAM-SHA-256` or `SCRAM-SHA-512` (RFC 5802, RFC 7677).
    Scram {
        /// The hash.
        hash: Hash,
        /// The user's name.
        user: String,
        /// The password.
        password: Secret,
        /// Whether the name is that of a delegation token (`tokenauth=true`).
        token: bool,
    },
    /// `OAUTHBEARER` (RFC 7628).
    Oauth {
        /// Where tokens come from.
        source: TokenSource,
        /// SASL extensions, as `extension_NAME` in the JAAS line.
        extensions: Vec<(String, String)>,
    },
}

impl Login {
    /// The mechanism's registered name.
    pub fn mechanism(&self) -> &'static str {
        match self {
            Login::Plain { .. } => "PLAIN",
            Login::Scram { hash: Hash::Sha256, .. } => "SCRAM-SHA-256",
            Login::Scram { hash: Hash::Sha512, .. } => "SCRAM-SHA-512",
            Login::Oauth { .. } => "OAUTHBEARER",
        }
    }

    /// Whom the server will take the client for, as far as the client can know: a token's subject is known to its issuer.
    pub fn user(&self) -> Option<&str> {
        match self {
            Login::Plain { user, .. } | Login::Scram { user, token: false, .. } => Some(user),
            Login::Scram { .. } | Login::Oauth { .. } => None,
        }
    }
}

/// The hash of a SCRAM login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// Where tokens come from. Each is asked anew when the token at hand is about to expire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// Client credentials over HTTP (RFC 6749 section 4.4).
    Client(Box<OauthClient>),
    /// A file that holds the token; something else keeps it fresh (`file:` as token endpoint).
    File(PathBuf),
    /// A command that prints the token: what is run, and its arguments. It serves managed services, whose tokens are made by their own tools.
    Command(Vec<String>),
}

/// A client that gets its tokens by client credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthClient {
    /// The token endpoint (`sasl.oauthbearer.token.endpoint.url`).
    pub endpoint: String,
    /// The client's id.
    pub id: String,
    /// The client's secret.
    pub secret: Secret,
    /// The scope that is asked for, where one is.
    pub scope: Option<String>,
    /// Whether id and secret are encoded before they become the header of basic authentication, as RFC 6749 section 2.3.1 has
    /// it (`sasl.oauthbearer.header.urlencode`). Java's clients do not unless told so.
    pub encode: bool,
    /// The TLS of the endpoint, which is not that of the brokers.
    pub tls: Tls,
}
