//! Why an append was refused.

use kafka_protocol::error::ResponseError;

/// A broker's refusal of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The code.
    pub error: ResponseError,
    /// The words; a broker tells only some of them to the client.
    pub message: Option<String>,
    /// The records that are to blame, by their place in the batch, with words for each.
    pub records: Vec<(i32, Option<String>)>,
}

impl Rejected {
    /// A refusal of the whole batch.
    pub fn whole(error: ResponseError, message: Option<String>) -> Rejected {
        Rejected { error, message, records: Vec::new() }
    }
}

impl From<ResponseError> for Rejected {
    fn from(error: ResponseError) -> Rejected {
        Rejected::whole(error, None)
    }
}
