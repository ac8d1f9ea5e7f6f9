//! A segment: the piece of a log that retention drops as a whole.

use crate::state::log::{Batch, Rules};

/// Batches one after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The offset at which it begins.
    pub base: i64,
    /// When it was begun, in milliseconds since 1970: its age while it holds no timestamp.
    pub created_ms: i64,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its batches.
    pub batches: Vec<Batch>,
}

impl Segment {
    pub(crate) fn new(base: i64, created_ms: i64) -> Segment {
        Segment { base, created_ms, bytes: 0, batches: Vec::new() }
    }

    /// The greatest timestamp in it; when it was begun, while it has none.
    pub fn newest_ms(&self) -> i64 {
        let newest = self.batches.iter().map(|batch| batch.header().max_timestamp).max();
        newest.filter(|newest| *newest >= 0).unwrap_or(self.created_ms)
    }

    /// Whether a batch of so many bytes, with this greatest timestamp, begins a new segment.
    ///
    /// A segment's age counts from its first batch's timestamp to the new one's, not by the clock, unless there are
    /// no timestamps.
    pub(crate) fn is_full_for(&self, bytes: u64, max_timestamp: i64, now_ms: i64, rules: &Rules) -> bool {
        let Some(first) = self.batches.first() else { return false };
        let began = first.header().max_timestamp;
        let age = if began >= 0 { max_timestamp - began } else { now_ms - self.created_ms };
        self.bytes + bytes > rules.segment_bytes || age > rules.segment_ms
    }

    pub(crate) fn push(&mut self, batch: Batch) {
        self.bytes += batch.bytes().len() as u64;
        self.batches.push(batch);
    }
}
