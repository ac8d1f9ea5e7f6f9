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

/// TOPIC_, GROUP_ and CLUSTER_AUTHORIZATION_FAILED, and a registry's 401 and 403.
const NOT_ALLOWED: [i32; 5] = [29, 30, 31, 401, 403];
/// REQUEST_TIMED_OUT: the broker gave up waiting, and what was asked for may still come to pass.
const TIMED_OUT: i32 = 7;
/// THROTTLING_QUOTA_EXCEEDED.
const THROTTLED: i32 = 89;

impl Failure {
    /// A failure without a number, because no server answered.
    pub fn without_reply(name: impl Into<String>, message: impl Into<String>) -> Self {
        Failure { code: None, name: name.into(), message: message.into() }
    }

    /// Whether the server gave one of these numbers.
    pub fn has_code(&self, codes: &[i32]) -> bool {
        self.code.is_some_and(|code| codes.contains(&code))
    }

    /// Whether the server does not let this principal do it, or so much as ask about it: asking again later changes
    /// nothing.
    pub fn is_denied(&self) -> bool {
        self.has_code(&NOT_ALLOWED)
    }

    /// Whether the broker gave up waiting for the controller, so that nobody knows whether it is done.
    pub fn is_timed_out(&self) -> bool {
        self.has_code(&[TIMED_OUT])
    }

    /// Whether the broker answered without having come to a verdict, as it does when it is late or throttles.
    pub fn is_no_verdict(&self) -> bool {
        self.has_code(&[TIMED_OUT, THROTTLED])
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

#[cfg(test)]
mod tests {
    use super::*;

    fn coded(code: i32) -> Failure {
        Failure { code: Some(code), ..Failure::without_reply("SOME", "") }
    }

    #[test]
    fn what_is_denied_is_a_verdict_and_what_is_late_is_none() {
        for code in [29, 30, 31, 401, 403] {
            assert!(coded(code).is_denied() && !coded(code).is_no_verdict(), "{code}");
        }
        for code in [7, 89] {
            assert!(coded(code).is_no_verdict() && !coded(code).is_denied(), "{code}");
        }
        assert!(coded(7).is_timed_out() && !coded(89).is_timed_out());
        for other in [coded(36), coded(404), Failure::without_reply("TIMEOUT", "")] {
            assert!(!other.is_denied() && !other.is_no_verdict() && !other.is_timed_out(), "{other}");
        }
    }
}
