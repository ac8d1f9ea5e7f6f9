//! All transactional ids.

use crate::state::transactions::{Producer, Transaction, TransactionState};
use kafka_protocol::error::ResponseError;
use std::collections::BTreeMap;

/// What the coordinators of transactions know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transactions {
    next_producer_id: i64,
    pub(super) known: BTreeMap<String, Transaction>,
}

impl Transactions {
    /// An id that no producer has had.
    pub(crate) fn new_producer_id(&mut self) -> i64 {
        let id = self.next_producer_id;
        self.next_producer_id += 1;
        id
    }

    /// All transactional ids.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Transaction)> {
        self.known.iter().map(|(id, transaction)| (id.as_str(), transaction))
    }

    /// One transactional id.
    pub fn get(&self, id: &str) -> Option<&Transaction> {
        self.known.get(id)
    }

    /// A transactional id as its producer may use it.
    ///
    /// # Errors
    /// When the id is unknown, or another producer or epoch has it.
    pub fn of(&self, id: &str, producer: Producer) -> Result<&Transaction, ResponseError> {
        let transaction = self.known.get(id).ok_or(ResponseError::InvalidProducerIdMapping)?;
        transaction.is_of(producer)?;
        Ok(transaction)
    }

    /// Adds partitions to a transaction, which begins with the first of them.
    ///
    /// # Errors
    /// As of [`Transactions::of`].
    pub(crate) fn add_partitions(
        &mut self,
        id: &str,
        producer: Producer,
        partitions: impl IntoIterator<Item = (String, i32)>,
        now_ms: i64,
    ) -> Result<(), ResponseError> {
        self.of(id, producer)?;
        if let Some(transaction) = self.known.get_mut(id) {
            transaction.begin(now_ms);
            transaction.partitions.extend(partitions);
        }
        Ok(())
    }

    /// Gives a transactional id, which has no open transaction, to a producer that starts: with a greater epoch than
    /// the one before, which is fenced thereby.
    pub(super) fn give(&mut self, id: &str, timeout_ms: i32) -> Producer {
        let before = self.known.get(id).map(|transaction| transaction.producer);
        let producer = self.after(before);
        self.known.insert(id.to_owned(), Transaction::new(producer, timeout_ms));
        producer
    }

    /// The producer with the next epoch; with a new id when there are no more epochs.
    pub(super) fn after(&mut self, before: Option<Producer>) -> Producer {
        // The last epoch is kept for the coordinator, which fences with it.
        let next = before.and_then(|before| {
            let epoch = before.epoch.checked_add(1).filter(|epoch| *epoch < i16::MAX)?;
            Some(Producer { epoch, ..before })
        });
        next.unwrap_or_else(|| Producer { id: self.new_producer_id(), epoch: 0 })
    }

    /// The open transactions that have lasted longer than they may.
    pub(super) fn overdue(&self, now_ms: i64) -> Vec<String> {
        let late = self.known.iter().filter(|(_, transaction)| {
            transaction.state == TransactionState::Ongoing
                && now_ms - transaction.started_ms > i64::from(transaction.timeout_ms)
        });
        late.map(|(id, _)| id.clone()).collect()
    }
}
