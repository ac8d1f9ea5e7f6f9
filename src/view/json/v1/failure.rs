use klerk_core::values::Failure;
use serde::{Deserialize, Serialize};

/// A server's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureV1 {
    /// Kafka's number or the status of HTTP; null where no reply came.
    pub code: Option<i32>,
    /// Kafka's name for it, or klerk's where no reply came.
    pub name: String,
    /// What was said.
    pub message: String,
}

impl From<&Failure> for FailureV1 {
    fn from(failure: &Failure) -> Self {
        FailureV1 { code: failure.code, name: failure.name.clone(), message: failure.message.clone() }
    }
}

impl From<FailureV1> for Failure {
    fn from(failure: FailureV1) -> Self {
        Failure { code: failure.code, name: failure.name, message: failure.message }
    }
}
