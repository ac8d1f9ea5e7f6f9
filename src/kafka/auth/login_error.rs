use super::scram::ScramFault;
use super::token_error::TokenError;
use crate::kafka::connect_error::Lost;
use klerk_core::values::Waited;
use std::fmt;
use std::time::Duration;

/// Whose login it is, and how. It is shown as `as 'ops' by SCRAM-SHA-512`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// The user, where the client knows it.
    pub user: Option<String>,
    /// The mechanism's name.
    pub mechanism: &'static str,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.user {
            Some(user) => write!(f, "as '{user}' by {}", self.mechanism),
            None => write!(f, "by {}", self.mechanism),
        }
    }
}

/// Why a SASL login did not end well.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// The broker does not take name, password or token.
    #[error("the broker refuses the login {who}{}", words(.message))]
    Refused {
        /// Whose.
        who: Who,
        /// The broker's words.
        message: String,
    },
    /// The broker does not take the token, and says why in the words of RFC 7628.
    #[error("the broker refuses the token: {status}{}", words(.message))]
    TokenRefused {
        /// Such as `invalid_token`.
        status: String,
        /// The scope that the token would need.
        scope: Option<String>,
        /// The broker's words.
        message: String,
    },
    /// The mechanism is not among those of the port.
    #[error("the port does not take logins by {mechanism}{}", offered(.offers))]
    NotEnabled {
        /// The mechanism that was asked for.
        mechanism: &'static str,
        /// Those that the port has.
        offers: Vec<String>,
    },
    /// The port knows no logins.
    #[error("the port takes no SASL login, and one {who} was to be made")]
    NotHere {
        /// Whose.
        who: Who,
    },
    /// There is no token.
    #[error("there is no token to log in with: {0}")]
    Token(#[from] TokenError),
    /// What was to be sent cannot be sent.
    #[error("the login {who} cannot be sent: {reason}")]
    Unsendable {
        /// Whose.
        who: Who,
        /// Why.
        reason: String,
    },
    /// The server's part of SCRAM is not as it should be.
    #[error("the server's part of the login {who} is not as it should be: {fault}")]
    Server {
        /// Whose.
        who: Who,
        /// What is wrong.
        fault: ScramFault,
    },
    /// The broker answers with another code.
    #[error("the broker ends the login {who} with {}{}", code_name(*.code), words(.message))]
    Code {
        /// Whose.
        who: Who,
        /// Kafka's error code.
        code: i16,
        /// The broker's words.
        message: String,
    },
    /// The broker did not answer in time.
    #[error("the broker does not answer {api} of the login {who} (waited {})", Waited(*.after))]
    Silent {
        /// Whose.
        who: Who,
        /// The request that was not answered.
        api: &'static str,
        /// How long was waited.
        after: Duration,
    },
    /// The connection ended in the middle of it.
    #[error("the connection ended on {api} of the login {who}: {reason}")]
    Ended {
        /// Whose.
        who: Who,
        /// The request that was not answered.
        api: &'static str,
        /// How it ended.
        reason: Lost,
    },
    /// The broker cannot log anybody in the way that this client does.
    #[error("the login {who} cannot be made: {reason}")]
    Unable {
        /// Whose.
        who: Who,
        /// Why.
        reason: String,
    },
}

fn words(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

fn offered(offers: &[String]) -> String {
    if offers.is_empty() { String::new() } else { format!("; it offers {}", offers.join(", ")) }
}

fn code_name(code: i16) -> String {
    klerk_wire::ErrorCode::of(code).map_or_else(|| code.to_string(), |code| code.to_string())
}

impl LoginError {
    /// Whether every other server of the cluster would say the same, so that none of them is asked: a wrong password that is
    /// tried at each broker locks its user out.
    pub fn is_verdict(&self) -> bool {
        match self {
            LoginError::Silent { .. } | LoginError::Ended { .. } | LoginError::Unable { .. } => false,
            LoginError::Refused { .. }
            | LoginError::TokenRefused { .. }
            | LoginError::NotEnabled { .. }
            | LoginError::NotHere { .. }
            | LoginError::Token(_)
            | LoginError::Unsendable { .. }
            | LoginError::Server { .. }
            | LoginError::Code { .. } => true,
        }
    }

    /// Kafka's error code, where a broker gave one.
    pub fn code(&self) -> Option<i16> {
        match self {
            LoginError::Refused { .. } | LoginError::TokenRefused { .. } => Some(58),
            LoginError::NotEnabled { .. } => Some(33),
            LoginError::NotHere { .. } => Some(34),
            LoginError::Code { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// A word for the kind of failure, in the style of Kafka's own names.
    pub fn name(&self) -> &'static str {
        match self {
            LoginError::Refused { .. } | LoginError::TokenRefused { .. } => "SASL_AUTHENTICATION_FAILED",
            LoginError::NotEnabled { .. } => "UNSUPPORTED_SASL_MECHANISM",
            LoginError::NotHere { .. } => "ILLEGAL_SASL_STATE",
            LoginError::Code { code, .. } => {
                klerk_wire::ErrorCode::of(*code).map_or("SASL_AUTHENTICATION_FAILED", |code| code.name)
            }
            LoginError::Token(_) => "NO_TOKEN",
            LoginError::Unsendable { .. } => "UNSENDABLE_LOGIN",
            LoginError::Server { .. } => "SERVER_NOT_PROVEN",
            LoginError::Silent { .. } => "NO_ANSWER",
            LoginError::Ended { .. } => "CONNECTION_CLOSED",
            LoginError::Unable { .. } => "UNSUPPORTED_VERSION",
        }
    }

    /// What the reader can do about it, most likely first.
    pub fn hints(&self) -> Vec<String> {
        match self {
            LoginError::Refused { who, .. } => refused_hints(who),
            LoginError::TokenRefused { scope, .. } => {
                let mut hints = vec![
                    "check that the broker trusts the token's issuer, and expects its audience and its scope".to_owned(),
                ];
                hints.extend(scope.as_ref().map(|scope| format!("the broker asks for scope '{scope}'")));
                hints.push("compare this machine's clock with the broker's".to_owned());
                hints
            }
            LoginError::NotEnabled { offers, .. } => match offers.first() {
                Some(_) => vec![format!("set sasl.mechanism to one of {}", offers.join(", "))],
                None => vec!["check sasl.enabled.mechanisms of the broker's listener".to_owned()],
            },
            LoginError::NotHere { .. } => vec![
                "set security.protocol to PLAINTEXT or SSL for this port, or name the port of a SASL listener".to_owned(),
            ],
            LoginError::Token(error) => error.hints(),
            LoginError::Unsendable { who, .. } if who.mechanism == "OAUTHBEARER" => {
                vec!["check the extension_… options of sasl.jaas.config".to_owned()]
            }
            LoginError::Unsendable { .. } => vec!["check username and password of sasl.jaas.config".to_owned()],
            LoginError::Server { fault: ScramFault::Rounds(_), .. } => {
                vec!["store the user's password anew, with a usual number of iterations (Kafka takes 4096 to 16384)".to_owned()]
            }
            LoginError::Server { .. } => {
                vec!["check that the address is your broker's: something else may stand between here and there".to_owned()]
            }
            LoginError::Code { .. } => vec!["the broker's log says more".to_owned()],
            LoginError::Silent { .. } => vec![
                "the broker may wait for a directory or an identity provider that checks the login; its log says more".to_owned(),
            ],
            LoginError::Ended { .. } => vec!["the broker's log says why it closes connections".to_owned()],
            LoginError::Unable { .. } => vec!["klerk logs in at Kafka 2.1 and newer".to_owned()],
        }
    }
}

fn refused_hints(who: &Who) -> Vec<String> {
    let mut hints = Vec::new();
    match who.mechanism {
        "OAUTHBEARER" => {
            hints.push(
                "check that the broker trusts the token's issuer, and expects its audience and its scope"
                    .to_owned(),
            );
        }
        mechanism => {
            hints.push(
                "check the user's name and password: a broker does not say which of the two is wrong"
                    .to_owned(),
            );
            if mechanism.starts_with("SCRAM") {
                hints.push(format!(
                    "a user has a password for each SCRAM mechanism: it may have none for {mechanism}"
                ));
            }
        }
    }
    hints.push("no other server was asked, so that a wrong password locks nobody out".to_owned());
    hints
}
