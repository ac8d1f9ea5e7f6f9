//! What a coordinator knows of one transactional id.

use kafka_protocol::error::ResponseError;
use std::collections::BTreeSet;

/// Where a transaction is. The states between, in which a broker still writes markers, take no time here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionState {
    /// None has begun in this epoch.
    Empty,
    /// It is open.
    Ongoing,
    /// The last one was committed.
    CompleteCommit,
    /// The last one was aborted.
    CompleteAbort,
}

impl TransactionState {
    /// As Kafka writes it.
    pub fn name(self) -> &'static str {
        match self {
            TransactionState::Empty => "Empty",
            TransactionState::Ongoing => "Ongoing",
            TransactionState::CompleteCommit => "CompleteCommit",
            TransactionState::CompleteAbort => "CompleteAbort",
        }
    }
}

/// A producer as it names itself in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Producer {
    /// Its id.
    pub id: i64,
    /// Its epoch; one with an older epoch is fenced.
    pub epoch: i16,
}

/// A transactional id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The producer that has the id at present.
    pub producer: Producer,
    /// After how many milliseconds an open transaction is aborted.
    pub timeout_ms: i32,
    /// Where it is.
    pub state: TransactionState,
    /// When the last one began, in milliseconds since 1970; −1 when there was none in this epoch.
    pub started_ms: i64,
    /// The partitions that it has written to, with those of the internal topic where the groups are whose offsets it
    /// commits.
    pub partitions: BTreeSet<(String, i32)>,
}

impl Transaction {
    pub(super) fn new(producer: Producer, timeout_ms: i32) -> Transaction {
        Transaction {
            producer,
            timeout_ms,
            state: TransactionState::Empty,
            started_ms: -1,
            partitions: BTreeSet::new(),
        }
    }

    /// Whether a request comes from the producer that has the id at present.
    ///
    /// # Errors
    /// INVALID_PRODUCER_ID_MAPPING for another producer, PRODUCER_FENCED for another epoch of it.
    pub fn is_of(&self, producer: Producer) -> Result<(), ResponseError> {
        if producer.id != self.producer.id {
            return Err(ResponseError::InvalidProducerIdMapping);
        }
        if producer.epoch != self.producer.epoch {
            return Err(ResponseError::ProducerFenced);
        }
        Ok(())
    }

    /// The first partition that is added begins the transaction.
    pub(super) fn begin(&mut self, now_ms: i64) {
        if self.state != TransactionState::Ongoing {
            self.state = TransactionState::Ongoing;
            self.started_ms = now_ms;
        }
    }
}
