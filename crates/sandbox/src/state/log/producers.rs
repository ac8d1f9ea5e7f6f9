//! What a log knows of its idempotent and transactional producers (KIP-98, KIP-890).

use crate::state::log::Header;
use crate::state::log::batch::sequence_after;
use kafka_protocol::error::ResponseError;
use std::collections::{BTreeMap, VecDeque};

/// How many batches of a producer a log remembers, so that one that is sent again is told apart.
const REMEMBERED: usize = 5;

/// A batch that is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Remembered {
    first_sequence: i32,
    last_sequence: i32,
    base_offset: i64,
    timestamp: i64,
}

/// A producer as one partition sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Producer {
    /// Its epoch.
    pub epoch: i16,
    /// The epoch of its coordinator, from the last marker; −1 before the first.
    pub coordinator_epoch: i32,
    /// Where its open transaction began.
    pub open_since: Option<i64>,
    /// When it last appended, in milliseconds since 1970.
    pub last_timestamp: i64,
    batches: VecDeque<Remembered>,
}

impl Producer {
    fn new(epoch: i16) -> Producer {
        let batches = VecDeque::new();
        Producer { epoch, coordinator_epoch: -1, open_since: None, last_timestamp: -1, batches }
    }

    /// The sequence number of its last record; −1 when there is none in this epoch.
    pub fn last_sequence(&self) -> i32 {
        self.batches.back().map_or(-1, |batch| batch.last_sequence)
    }
}

/// A transaction that was aborted, in the form in which consumers are told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aborted {
    /// Whose it was.
    pub producer_id: i64,
    /// Its first offset.
    pub first: i64,
    /// The offset of its marker.
    pub last: i64,
}

/// What may be done with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is new.
    New,
    /// It was appended before, at this offset. Its greatest timestamp is answered as if it were the time of the append.
    Again { base_offset: i64, timestamp: i64 },
}

/// The producers of a log by their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Producers {
    known: BTreeMap<i64, Producer>,
    aborted: Vec<Aborted>,
}

impl Producers {
    /// All producers by id.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &Producer)> {
        self.known.iter().map(|(id, producer)| (*id, producer))
    }

    /// One producer.
    pub fn get(&self, id: i64) -> Option<&Producer> {
        self.known.get(&id)
    }

    /// The first offset of all open transactions.
    pub fn first_open(&self) -> Option<i64> {
        self.known.values().filter_map(|producer| producer.open_since).min()
    }

    /// The transactions that were aborted and have records between these offsets, the second one excluded.
    pub fn aborted(&self, from: i64, until: i64) -> impl Iterator<Item = &Aborted> {
        self.aborted.iter().filter(move |aborted| aborted.last >= from && aborted.first < until)
    }

    /// Whether compaction has to keep the batch, for the producer's next one must follow on it.
    pub(super) fn is_last_of_producer(&self, header: &Header) -> bool {
        let last = self.known.get(&header.producer_id).and_then(|producer| producer.batches.back());
        last.is_some_and(|last| !header.is_control() && last.base_offset == header.base_offset)
    }

    /// Judges a batch that a client sends.
    pub(super) fn judge(&self, header: &Header) -> Result<Verdict, ResponseError> {
        let id = header.producer_id;
        let Some(producer) = self.known.get(&id).filter(|_| id >= 0) else { return Ok(Verdict::New) };
        let (epoch, first) = (header.producer_epoch, header.base_sequence);
        let known = producer.batches.iter().find(|batch| {
            epoch == producer.epoch
                && batch.first_sequence == first
                && batch.last_sequence == header.last_sequence()
        });
        if let Some(Remembered { base_offset, timestamp, .. }) = known.copied() {
            return Ok(Verdict::Again { base_offset, timestamp });
        }
        if epoch < producer.epoch {
            return Err(ResponseError::InvalidProducerEpoch);
        }
        let last = producer.last_sequence();
        let begins = epoch > producer.epoch || producer.batches.is_empty();
        let fits = if begins { first == 0 } else { first == sequence_after(last, 1) };
        if fits { Ok(Verdict::New) } else { Err(ResponseError::OutOfOrderSequenceNumber) }
    }

    /// Notes a batch that has been appended.
    pub(super) fn note(&mut self, header: &Header) {
        if header.producer_id < 0 {
            return;
        }
        let producer =
            self.known.entry(header.producer_id).or_insert_with(|| Producer::new(header.producer_epoch));
        if header.producer_epoch > producer.epoch {
            producer.epoch = header.producer_epoch;
            producer.batches.clear();
        }
        producer.last_timestamp = header.max_timestamp;
        if header.is_transactional() && producer.open_since.is_none() {
            producer.open_since = Some(header.base_offset);
        }
        producer.batches.push_back(Remembered {
            first_sequence: header.base_sequence,
            last_sequence: header.last_sequence(),
            base_offset: header.base_offset,
            timestamp: header.max_timestamp,
        });
        if producer.batches.len() > REMEMBERED {
            producer.batches.pop_front();
        }
    }

    /// Notes a marker: the producer's transaction ends with it.
    pub(super) fn end(&mut self, header: &Header, coordinator_epoch: i32, commit: bool) {
        let producer =
            self.known.entry(header.producer_id).or_insert_with(|| Producer::new(header.producer_epoch));
        if header.producer_epoch > producer.epoch {
            producer.epoch = header.producer_epoch;
            producer.batches.clear();
        }
        producer.coordinator_epoch = coordinator_epoch;
        producer.last_timestamp = header.max_timestamp;
        if let Some(first) = producer.open_since.take()
            && !commit
        {
            let last = header.base_offset;
            self.aborted.push(Aborted { producer_id: header.producer_id, first, last });
        }
    }

    /// Forgets the transactions that ended before the log's start.
    pub(super) fn drop_before(&mut self, start: i64) {
        self.aborted.retain(|aborted| aborted.last >= start);
    }
}
