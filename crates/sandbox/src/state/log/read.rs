//! Reading a log: by offset, and by time.

use crate::state::log::{Batch, CorruptBatch, Log, Record, records};
use bytes::{Bytes, BytesMut};

/// How much may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The offset before which to stop: high watermark or last stable offset.
    pub until: i64,
    /// How many bytes.
    pub bytes: usize,
    /// Whether the first batch comes whole although it is larger.
    pub at_least_one: bool,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Batches, from the one that holds the offset. The last one may be cut off, as a broker cuts it.
    pub records: Bytes,
    /// The offset after the last batch that is there at least in part.
    pub until: i64,
}

/// A record that was looked for by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its offset.
    pub offset: i64,
    /// Its timestamp.
    pub timestamp: i64,
    /// The leader's epoch when it was appended.
    pub leader_epoch: i32,
}

impl Log {
    /// Reads from an offset; one read never goes past a segment's end. Nothing is there at the log's end.
    pub fn read(&self, offset: i64, limit: Limit) -> Read {
        let segment = self
            .segments
            .iter()
            .find(|segment| segment.batches.last().is_some_and(|last| last.header().last_offset() >= offset));
        let batches = segment.map(|segment| segment.batches.as_slice()).unwrap_or_default();
        let first = batches.partition_point(|batch| batch.header().last_offset() < offset);
        let within = |batch: &&Batch| batch.header().base_offset < limit.until;
        let mut records = BytesMut::new();
        let mut until = offset;
        for batch in batches.iter().skip(first).take_while(within) {
            let bytes = batch.bytes();
            let room = limit.bytes.saturating_sub(records.len());
            let whole = bytes.len() <= room || (records.is_empty() && limit.at_least_one);
            if !whole && (records.is_empty() || room == 0) {
                // A consumer can make no use of the beginning of a first batch, so that it gets nothing instead.
                break;
            }
            let taken = if whole { bytes.len() } else { room };
            records.extend_from_slice(bytes.get(..taken).unwrap_or_default());
            until = batch.header().last_offset() + 1;
        }
        Read { records: records.freeze(), until }
    }

    /// Every record that is there, in order.
    ///
    /// # Errors
    /// When a batch cannot be unpacked, which appending has made sure of.
    pub fn records(&self) -> Result<Vec<Record>, CorruptBatch> {
        let mut all = Vec::new();
        for batch in self.batches() {
            all.extend(records(batch)?.into_iter().filter(|record| record.offset >= self.start));
        }
        Ok(all)
    }

    /// The batches, the oldest first.
    pub fn batches(&self) -> impl Iterator<Item = &Batch> {
        self.segments.iter().flat_map(|segment| &segment.batches)
    }

    /// The first record at or after a time, in milliseconds since 1970.
    pub fn at_time(&self, time_ms: i64) -> Option<Found> {
        let late_enough = |batch: &&Batch| {
            batch.header().max_timestamp >= time_ms && batch.header().last_offset() >= self.start
        };
        self.batches().filter(late_enough).find_map(|batch| {
            first_in(batch, |record| record.timestamp >= time_ms && record.offset >= self.start)
        })
    }

    /// The first of the records with the greatest timestamp.
    pub fn newest(&self) -> Option<Found> {
        let newest = self.batches().map(|batch| batch.header().max_timestamp).max()?;
        self.batches()
            .filter(|batch| batch.header().max_timestamp == newest)
            .find_map(|batch| first_in(batch, |record| record.timestamp == newest))
    }
}

fn first_in(batch: &Batch, fits: impl Fn(&Record) -> bool) -> Option<Found> {
    let record = records(batch).ok()?.into_iter().find(|record| fits(record))?;
    let leader_epoch = batch.header().leader_epoch;
    Some(Found { offset: record.offset, timestamp: record.timestamp, leader_epoch })
}
