use crate::secure::{MaterialError, Side, TlsFailure};
use jiff::Timestamp;
use klerk_core::values::Waited;
use std::path::PathBuf;
use std::time::Duration;

/// Why there is no token to log in with. No text in it holds a token or a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The token endpoint cannot be asked.
    #[error("the token endpoint {url} cannot be asked: {reason}")]
    Unreachable {
        /// The endpoint, without what may be secret in it.
        url: String,
        /// The innermost cause.
        reason: String,
    },
    /// The token endpoint is not reached by TLS.
    #[error("the token endpoint {url} cannot be asked: {failure}")]
    Tls {
        /// The endpoint.
        url: String,
        /// Why.
        failure: Box<TlsFailure>,
    },
    /// The certificates for the token endpoint cannot be had.
    #[error("the token endpoint {url} cannot be asked: {error}")]
    Material {
        /// The endpoint.
        url: String,
        /// Which, and why.
        error: Box<MaterialError>,
    },
    /// The token endpoint did not answer in time.
    #[error("the token endpoint {url} does not answer (waited {})", Waited(*.after))]
    Silent {
        /// The endpoint.
        url: String,
        /// How long was waited.
        after: Duration,
    },
    /// The token endpoint refuses.
    #[error("the token endpoint {url} answers {status}{}", told(.error, .description))]
    Refused {
        /// The endpoint.
        url: String,
        /// The status of HTTP.
        status: u16,
        /// The code of RFC 6749, section 5.2, such as `invalid_client`.
        error: Option<String>,
        /// The endpoint's words.
        description: Option<String>,
    },
    /// What answers does not speak as a token endpoint does.
    #[error("the token endpoint {url} answers {status}, and not in JSON")]
    NotJson {
        /// The endpoint.
        url: String,
        /// The status of HTTP.
        status: u16,
    },
    /// The answer has no token in it.
    #[error("the token endpoint {url} answers without an access_token{}", having(.fields))]
    NoToken {
        /// The endpoint.
        url: String,
        /// The names of the fields that it has.
        fields: Vec<String>,
    },
    /// The file with the token cannot be read.
    #[error("the token file {} cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// The command that prints the token cannot be run.
    #[error("the token command '{program}' cannot be run: {reason}")]
    NotRun {
        /// The program.
        program: String,
        /// The system's words.
        reason: String,
    },
    /// The command that prints the token failed.
    #[error("the token command '{program}' {ended}{}", words(*.said))]
    Failed {
        /// The program.
        program: String,
        /// Such as `ended with status 1`.
        ended: String,
        /// How many characters it wrote to standard error. They may hold a secret, so they are not repeated.
        said: usize,
    },
    /// The command that prints the token does not end.
    #[error("the token command '{program}' does not end (waited {})", Waited(*.after))]
    Endless {
        /// The program.
        program: String,
        /// How long was waited.
        after: Duration,
    },
    /// There is nothing where a token should be.
    #[error("{place} holds no token: it is empty")]
    Empty {
        /// The file, or the output of the command.
        place: String,
    },
    /// What stands there can be no token.
    #[error("{place} holds no token: a token is one word of letters, digits and -._~+/ (RFC 6750)")]
    NoSuchToken {
        /// The file, the output of the command, or the answer of the endpoint.
        place: String,
    },
    /// The token is of no use any more.
    #[error("the token in {place} expired at {at}")]
    Expired {
        /// The file, or the output of the command.
        place: String,
        /// When.
        at: Timestamp,
    },
}

fn told(error: &Option<String>, description: &Option<String>) -> String {
    match (error, description) {
        (Some(error), Some(description)) => format!(": {error}: {description}"),
        (Some(text), None) | (None, Some(text)) => format!(": {text}"),
        (None, None) => String::new(),
    }
}

fn having(fields: &[String]) -> String {
    if fields.is_empty() { String::new() } else { format!("; it has {}", fields.join(", ")) }
}

fn words(said: usize) -> String {
    match said {
        0 => " and says nothing of why".to_owned(),
        said => format!(
            ", and wrote {said} characters to standard error, which are not repeated: there may be a secret among them"
        ),
    }
}

impl TokenError {
    /// What the reader can do about it, most likely first.
    pub fn hints(&self) -> Vec<String> {
        let hint = match self {
            TokenError::Tls { failure, .. } => return failure.hints(Side::Tokens),
            TokenError::Material { error, .. } => return error.hints(Side::Tokens),
            TokenError::Unreachable { .. } | TokenError::Silent { .. } => {
                "check sasl.oauthbearer.token.endpoint.url, and that this machine reaches it (its TLS settings are its own)"
            }
            TokenError::Refused { status: 400 | 401 | 403, .. } => {
                "check the client's id and secret, its scope, and that it may ask for tokens of its own (client_credentials)"
            }
            TokenError::Refused { status: 429 | 500.., .. } => {
                "try again, and look at the log of the identity provider"
            }
            TokenError::Refused { .. } | TokenError::NotJson { .. } | TokenError::NoToken { .. } => {
                "check sasl.oauthbearer.token.endpoint.url: it has to be the token endpoint, often …/oauth2/token, not the \
                 address of the identity provider"
            }
            TokenError::Unreadable { .. } => "check the path, and that this user may read the file",
            TokenError::NotRun { .. } => "check that the program is installed, and write its whole path",
            TokenError::Failed { .. } | TokenError::Endless { .. } => {
                "run the command by hand: it has to print a token and to ask nothing; it may want a login of its own first"
            }
            TokenError::Empty { .. } | TokenError::NoSuchToken { .. } => {
                "it has to hold the token alone, or a JSON object with an access_token"
            }
            TokenError::Expired { .. } => {
                "get a fresh token: whatever writes it may have stopped; also compare this machine's clock"
            }
        };
        vec![hint.to_owned()]
    }
}
