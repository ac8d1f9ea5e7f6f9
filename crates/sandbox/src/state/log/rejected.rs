//! Why an append was refused.

use kafka_protocol::error::ResponseError;

/// A broker's refusal of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The code.
    pub error: ResponseError,
    /// The words that a client is told. A broker has words for refusals of single records, and hardly any others.
    pub message: Option<String>,
    /// The records that are to blame, by their place in the batch, with words for each.
    pub records: Vec<(i32, String)>,
    /// The log's start, which a client is told where the refusal came from the log.
    pub start: Option<i64>,
}

impl Rejected {
    /// The refusal as one of a log that starts here. A client is not told so of batches that are too large or corrupt.
    pub(super) fn by_log(self, start: i64) -> Rejected {
        let untold = matches!(self.error, ResponseError::MessageTooLarge | ResponseError::CorruptMessage);
        Rejected { start: (!untold).then_some(start), ..self }
    }
}

impl From<ResponseError> for Rejected {
    fn from(error: ResponseError) -> Rejected {
        Rejected { error, message: None, records: Vec::new(), start: None }
    }
}
