use crate::secure::TlsFailure;
use klerk_core::values::{Failure, Known, Waited};
use std::time::Duration;

/// What a registry, or whatever stands at its address, answered when it did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The base address that was spoken to.
    pub address: String,
    /// The request, as method and path.
    pub request: String,
    /// The HTTP status.
    pub status: u16,
    /// The registry's `error_code`, where the body holds one.
    pub code: Option<i32>,
    /// What the body says: its message where it holds one, else the whole body; empty when there is none.
    pub words: String,
}

/// Why a request to a schema registry did not end in a usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// No connection to any of the addresses.
    #[error("the schema registry cannot be reached: {}", tried(.0))]
    Unreachable(Vec<(String, String)>),
    /// No TLS, or none that goes on.
    #[error("{address}: {failure}")]
    Tls {
        /// The base address.
        address: String,
        /// What differs.
        failure: Box<TlsFailure>,
    },
    /// The connection ended before an answer.
    #[error("{address}: {request}: no answer from the schema registry: {reason}")]
    NoReply {
        /// The base address.
        address: String,
        /// Method and path.
        request: String,
        /// What happened.
        reason: String,
    },
    /// No answer within the bound.
    #[error("{address}: {request}: no answer from the schema registry within {}", Waited(*.after))]
    Timeout {
        /// The base address.
        address: String,
        /// Method and path.
        request: String,
        /// The bound of one request.
        after: Duration,
    },
    /// 401.
    #[error("{}: the schema registry does not accept the credentials, or wants some (HTTP 401){}", .0.address, said(.0))]
    Unauthorized(Answered),
    /// 403.
    #[error("{}: {}: the schema registry does not allow this (HTTP 403){}", .0.address, .0.request, said(.0))]
    Forbidden(Answered),
    /// Any other refusal by a registry, or by a proxy before it.
    #[error("{}: {}: {}{}", .0.address, .0.request, status(.0), said(.0))]
    Refused(Answered),
    /// Something answers, and it is no registry.
    #[error(
        "{}: {}: this is not the address of a schema registry ({}): look at host, port and base path (that of Apicurio \
         Registry is /apis/ccompat/v7){}", .0.address, .0.request, status(.0), said(.0)
    )]
    NotARegistry(Answered),
    /// The status says yes and the body is not what it should be.
    #[error("{}: {}: the answer of the schema registry cannot be read: {reason}{}", .answered.address, .answered.request, said(.answered))]
    Unreadable {
        /// What was answered; `words` is the whole body.
        answered: Answered,
        /// What is wrong with it.
        reason: String,
    },
    /// The name cannot be part of an address.
    #[error(
        "the subject name '{0}' cannot be asked for: a registry would take it for a step within the path"
    )]
    SubjectName(String),
}

/// The words of a person reading need an end; the whole of them is in the error itself.
const SHOWN: usize = 600;

fn said(answered: &Answered) -> String {
    let words = answered.words.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.chars().count() {
        0 => String::new(),
        count if count > SHOWN => format!(": {}…", words.chars().take(SHOWN).collect::<String>()),
        _ => format!(": {words}"),
    }
}

fn status(answered: &Answered) -> String {
    match answered.code {
        Some(code) if code != i32::from(answered.status) => format!("HTTP {}, code {code}", answered.status),
        _ => format!("HTTP {}", answered.status),
    }
}

fn tried(addresses: &[(String, String)]) -> String {
    let tried: Vec<_> = addresses.iter().map(|(address, reason)| format!("{address}: {reason}")).collect();
    tried.join("; ")
}

impl RegistryError {
    /// Whether the registry says that there is no such subject, version, schema or level: its codes 40401 to 40409. A
    /// bare 404 is none of these; it comes from an address that is no registry's.
    pub fn is_not_found(&self) -> bool {
        matches!(self, RegistryError::Refused(Answered { status: 404, code: Some(40401..=40409), .. }))
    }

    /// Whether a write may have been done all the same, so that only a look can tell.
    pub fn leaves_outcome_open(&self) -> bool {
        match self {
            RegistryError::NoReply { .. }
            | RegistryError::Timeout { .. }
            | RegistryError::Unreadable { .. } => true,
            RegistryError::Refused(answered) => answered.status >= 500,
            // A page that somebody put in place of the answer, with a status that says yes.
            RegistryError::NotARegistry(answered) => (200..300).contains(&answered.status),
            RegistryError::Unreachable(_)
            | RegistryError::Tls { .. }
            | RegistryError::Unauthorized(_)
            | RegistryError::Forbidden(_)
            | RegistryError::SubjectName(_) => false,
        }
    }

    /// Whether a write that does the same when it is done twice may as well be sent again. One that got no answer within
    /// its bound would wait for it again.
    pub fn may_be_sent_again(&self) -> bool {
        self.is_transient() || matches!(self, RegistryError::NoReply { .. })
    }

    /// Whether the same request may well succeed in a moment.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            RegistryError::Refused(answered) => {
                matches!(answered.code, Some(50002..=50004)) || matches!(answered.status, 429 | 502..=504)
            }
            _ => false,
        }
    }

    /// Whether every other request would fail in the same way.
    pub(super) fn concerns_the_whole_registry(&self) -> bool {
        matches!(
            self,
            RegistryError::Unreachable(_)
                | RegistryError::Tls { .. }
                | RegistryError::NoReply { .. }
                | RegistryError::Timeout { .. }
                | RegistryError::Unauthorized(_)
                | RegistryError::NotARegistry(_)
        )
    }

    /// The fact that was asked for, as far as this error tells.
    pub fn into_known<T>(self) -> Known<T> {
        match self {
            RegistryError::Unauthorized(_) | RegistryError::Forbidden(_) => Known::Denied(self.into()),
            _ => Known::Failed(self.into()),
        }
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Failure {
        let (code, name) = match &error {
            RegistryError::Unreachable(_) => (None, "UNREACHABLE".to_owned()),
            RegistryError::Tls { failure, .. } => (None, failure.name().to_owned()),
            RegistryError::NoReply { .. } => (None, "CONNECTION_CLOSED".to_owned()),
            RegistryError::Timeout { .. } => (None, "TIMEOUT".to_owned()),
            RegistryError::SubjectName(_) => (None, "INVALID_SUBJECT".to_owned()),
            RegistryError::NotARegistry(answered) => {
                (Some(i32::from(answered.status)), "NOT_A_REGISTRY".to_owned())
            }
            RegistryError::Unauthorized(answered)
            | RegistryError::Forbidden(answered)
            | RegistryError::Refused(answered)
            | RegistryError::Unreadable { answered, .. } => {
                (answered.code.or(Some(i32::from(answered.status))), format!("HTTP {}", answered.status))
            }
        };
        let message = match error {
            RegistryError::Refused(answered) => answered.words,
            other => other.to_string(),
        };
        Failure { code, name, message }
    }
}
