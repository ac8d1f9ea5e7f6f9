//! What a broker says when it refuses.

use kafka_protocol::error::ResponseError;

/// A refusal: Kafka's error code and the broker's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The error code.
    pub code: i16,
    /// The words; `None` where a broker has none and leaves the explanation to the client.
    pub words: Option<String>,
}

impl Refusal {
    /// A refusal with words.
    pub(crate) fn new(error: ResponseError, words: impl Into<String>) -> Refusal {
        Refusal { code: error.code(), words: Some(words.into()) }
    }

    /// A refusal without words.
    pub(crate) fn bare(error: ResponseError) -> Refusal {
        Refusal { code: error.code(), words: None }
    }
}

impl From<(i16, Option<String>)> for Refusal {
    fn from((code, words): (i16, Option<String>)) -> Refusal {
        Refusal { code, words }
    }
}
