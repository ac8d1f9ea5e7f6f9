use std::fmt;

/// What a server said when it refused, or what happened instead of an answer.
///
/// For Kafka `code` and `name` are the protocol's error code and name (`36`, `TOPIC_ALREADY_EXISTS`). For a schema
/// registry `code` is its `error_code`, or the HTTP status when the body has none, and `name` is `HTTP 409` and the
/// like. When no reply came, `code` is `None` and `name` says what happened (`TIMEOUT`, `CONNECTION_CLOSED`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The server's number, or `None` when no server spoke.
    pub code: Option<i32>,
    /// The field's name for it.
    pub name: String,
    /// The server's own words; of a broker's without what only its programmers can use. May be empty.
    pub message: String,
}

impl Failure {
    /// A failure without a number, because no server answered.
    pub fn without_reply(name: impl Into<String>, message: impl Into<String>) -> Self {
        Failure { code: None, name: name.into(), message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{} ({code})", self.name)?,
            None => write!(f, "{}", self.name)?,
        }
        if self.message.is_empty() { Ok(()) } else { write!(f, ": {}", self.message) }
    }
}
