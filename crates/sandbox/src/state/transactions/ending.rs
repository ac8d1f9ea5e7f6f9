//! Transactions begin and end: markers in the logs, offsets in the groups.

use crate::state::State;
use crate::state::log::{Appending, Marker};
use crate::state::transactions::{Producer, TransactionState};
use kafka_protocol::error::ResponseError;

/// The coordinators' epoch: they never move their logs here.
const COORDINATOR_EPOCH: i32 = 0;
/// `transaction.max.timeout.ms` of a broker that does not set it.
const LONGEST_TIMEOUT_MS: i32 = 900_000;

impl State {
    /// Gives a transactional id to a producer that starts. What the producer before left open is aborted.
    ///
    /// # Errors
    /// INVALID_TRANSACTION_TIMEOUT; PRODUCER_FENCED when the producer says what it was, and is that no longer;
    /// CONCURRENT_TRANSACTIONS, which means to come again, when there was something to abort.
    pub fn init_producer(
        &mut self,
        id: &str,
        timeout_ms: i32,
        was: Option<Producer>,
    ) -> Result<Producer, ResponseError> {
        if !(1..=LONGEST_TIMEOUT_MS).contains(&timeout_ms) {
            return Err(ResponseError::InvalidTransactionTimeout);
        }
        let known = self.transactions.get(id).map(|transaction| (transaction.producer, transaction.state));
        if let (Some(was), Some((now, _))) = (was, known)
            && was != now
        {
            return Err(ResponseError::ProducerFenced);
        }
        self.touch();
        if let Some((_, TransactionState::Ongoing)) = known {
            self.finish(id, false, true);
            return Err(ResponseError::ConcurrentTransactions);
        }
        Ok(self.transactions.give(id, timeout_ms))
    }

    /// Ends an open transaction, and gives the producer for the next one: with a greater epoch where `bumps` says so,
    /// as clients of KIP-890 want it.
    ///
    /// # Errors
    /// INVALID_TXN_STATE when none is open, unless it just ended in the way asked for; and as of
    /// [`Transactions::of`](crate::state::Transactions::of).
    pub fn end_transaction(
        &mut self,
        id: &str,
        producer: Producer,
        commit: bool,
        bumps: bool,
    ) -> Result<Producer, ResponseError> {
        let known = self.transactions.get(id).ok_or(ResponseError::InvalidProducerIdMapping)?;
        let ended = if commit { TransactionState::CompleteCommit } else { TransactionState::CompleteAbort };
        let again = Producer { epoch: producer.epoch.saturating_add(1), ..producer } == known.producer;
        if bumps && again && known.state == ended {
            return Ok(known.producer);
        }
        known.is_of(producer)?;
        match known.state {
            TransactionState::Ongoing => {}
            state if state == ended && !bumps => return Ok(known.producer),
            // A client of KIP-890 aborts without knowing whether the broker saw anything of its transaction.
            _ if bumps && !commit => {}
            _ => return Err(ResponseError::InvalidTxnState),
        }
        self.touch();
        Ok(self.finish(id, commit, bumps))
    }

    /// Aborts what has been open for too long; its producers are fenced.
    pub fn expire_transactions(&mut self) {
        for id in self.transactions.overdue(self.clock.now_ms()) {
            self.finish(&id, false, true);
            self.touch();
        }
    }

    /// Writes the markers, settles the groups' offsets, and gives the producer of the next transaction.
    fn finish(&mut self, id: &str, commit: bool, bumps: bool) -> Producer {
        let Some(mut transaction) = self.transactions.known.get(id).cloned() else {
            return Producer { id: -1, epoch: -1 };
        };
        let Producer { id: producer_id, epoch } = transaction.producer;
        let marked = if bumps { epoch.saturating_add(1) } else { epoch };
        let marker =
            Marker { producer_id, producer_epoch: marked, coordinator_epoch: COORDINATOR_EPOCH, commit };
        for (topic, index) in std::mem::take(&mut transaction.partitions) {
            // A topic that was deleted meanwhile has nothing left to end.
            let _ = self.write_marker(&topic, index, &marker);
        }
        self.groups.end_transaction(producer_id, commit);
        if bumps {
            transaction.producer = self.transactions.after(Some(transaction.producer));
        }
        transaction.state =
            if commit { TransactionState::CompleteCommit } else { TransactionState::CompleteAbort };
        let producer = transaction.producer;
        self.transactions.known.insert(id.to_owned(), transaction);
        producer
    }

    /// Writes a marker into a partition.
    ///
    /// # Errors
    /// When there is no such partition, or the producer or its coordinator has a greater epoch there.
    pub fn write_marker(&mut self, topic: &str, index: i32, marker: &Marker) -> Result<i64, ResponseError> {
        let (now_ms, rules) = (self.clock.now_ms(), self.rules(topic));
        let partition = self.partition(topic, index)?;
        if let Some(producer) = partition.log.producers().get(marker.producer_id) {
            if marker.producer_epoch < producer.epoch {
                return Err(ResponseError::InvalidProducerEpoch);
            }
            if marker.coordinator_epoch < producer.coordinator_epoch {
                return Err(ResponseError::TransactionCoordinatorFenced);
            }
        }
        let place = format!("{topic}-{index}");
        let to = Appending { place: &place, leader_epoch: partition.leader_epoch, now_ms, rules: &rules };
        let offset = partition.log.end_transaction(marker, &to);
        partition.settle(rules.min_insync_replicas);
        self.touch();
        Ok(offset)
    }
}
