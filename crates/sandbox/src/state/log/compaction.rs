//! Compaction: of each key the last record stays, at its offset.

use crate::state::log::batch::{Batch, Header};
use crate::state::log::{CorruptBatch, Log, Record, Rules, record, records};
use bytes::Bytes;
use std::collections::{BTreeSet, HashMap};

impl Log {
    /// Compacts all segments but the last one, up to the first open transaction and to `min.compaction.lag.ms`, and
    /// gives the number of records that went.
    ///
    /// A tombstone stays for `delete.retention.ms` after it was first compacted, as does the marker of a transaction
    /// that has no records left. Records of aborted transactions and records without a key go at once. A producer's
    /// last batch stays, if need be without records, so that its sequence goes on. `min.cleanable.dirty.ratio` is
    /// not looked at, for whoever calls this wants it done now.
    ///
    /// # Errors
    /// When a batch cannot be unpacked, which appending has made sure of.
    pub fn compact(&mut self, now_ms: i64, rules: &Rules) -> Result<usize, CorruptBatch> {
        let until = self.compactable_until(now_ms, rules);
        let last = self.last_of_keys(until)?;
        let mut pass =
            Pass { now_ms, keep_ms: rules.delete_retention_ms, last, with_records: BTreeSet::new(), gone: 0 };
        let mut segments = self.segments.clone();
        for segment in segments.iter_mut().take_while(|segment| segment.base < until) {
            let mut kept = Vec::new();
            for batch in &segment.batches {
                kept.extend(pass.of_batch(self, batch)?);
            }
            segment.bytes = kept.iter().map(|batch| batch.bytes().len() as u64).sum();
            segment.batches = kept;
        }
        let end = segments.last().map(|segment| segment.base);
        segments.retain(|segment| !segment.batches.is_empty() || Some(segment.base) == end);
        self.segments = segments;
        Ok(pass.gone)
    }

    /// The offset before which segments may be compacted.
    fn compactable_until(&self, now_ms: i64, rules: &Rules) -> i64 {
        let Some((active, closed)) = self.segments.split_last() else { return self.start };
        let lag_ms = rules.min_compaction_lag_ms;
        let young = closed.iter().find(|segment| lag_ms > 0 && now_ms - segment.newest_ms() < lag_ms);
        let bounds = [Some(active.base), young.map(|segment| segment.base), self.producers.first_open()];
        bounds.into_iter().flatten().min().unwrap_or(self.start)
    }

    /// The offset of each key's last record that counts.
    fn last_of_keys(&self, until: i64) -> Result<HashMap<Bytes, i64>, CorruptBatch> {
        let mut last = HashMap::new();
        for batch in self.batches().filter(|batch| batch.header().base_offset < until) {
            if batch.header().is_control() || self.is_aborted(batch.header()) {
                continue;
            }
            for Record { key, offset, .. } in records(batch)? {
                if let Some(key) = key {
                    last.insert(key, offset);
                }
            }
        }
        Ok(last)
    }

    fn is_aborted(&self, header: &Header) -> bool {
        let (id, first, last) = (header.producer_id, header.base_offset, header.last_offset());
        header.is_transactional()
            && self.producers.aborted(first, last + 1).any(|aborted| aborted.producer_id == id)
    }
}

/// One pass over a log.
struct Pass {
    now_ms: i64,
    keep_ms: i64,
    last: HashMap<Bytes, i64>,
    /// The producers of which a transaction with records has been seen, and its marker not yet.
    with_records: BTreeSet<i64>,
    gone: usize,
}

impl Pass {
    /// What is left of a batch; `None` when nothing is.
    fn of_batch(&mut self, log: &Log, batch: &Batch) -> Result<Option<Batch>, CorruptBatch> {
        let header = batch.header();
        let passed = header.delete_horizon().is_some_and(|horizon| horizon <= self.now_ms);
        let inside = records(batch)?;
        let had = inside.len();
        let (kept, may_go_later) = if header.is_control() {
            let empty = !self.with_records.remove(&header.producer_id);
            let kept = if empty && passed { Vec::new() } else { inside };
            (kept, empty)
        } else {
            if header.is_transactional() {
                self.with_records.insert(header.producer_id);
            }
            let aborted = log.is_aborted(header);
            let stays = |record: &Record| {
                let last = record.key.as_ref().and_then(|key| self.last.get(key));
                !aborted
                    && last.is_some_and(|last| record.offset >= *last)
                    && (record.value.is_some() || !passed)
            };
            let kept: Vec<Record> = inside.into_iter().filter(stays).collect();
            let tombstones = kept.iter().any(|record| record.value.is_none());
            (kept, tombstones)
        };
        self.gone += had - kept.len();
        let begins_horizon = may_go_later && header.delete_horizon().is_none() && !kept.is_empty();
        if kept.len() == had && !begins_horizon {
            return Ok(Some(batch.clone()));
        }
        if kept.is_empty() && !log.producers.is_last_of_producer(header) {
            return Ok(None);
        }
        let mut header = *header;
        if begins_horizon {
            header.attributes = Header::with_delete_horizon(header.attributes);
            header.base_timestamp = self.now_ms + self.keep_ms;
        }
        record::write(&header, &kept).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::log::{Appending, Marker};

    const T: i64 = 1_700_000_000_000;
    const DAY_MS: i64 = 86_400_000;

    fn rules() -> Rules {
        Rules { compact: true, delete: false, segment_ms: 0, ..Rules::default() }
    }

    fn put(log: &mut Log, at: i64, key: &'static str, value: Option<&'static str>) {
        let record = Record::new(at, Some(Bytes::from(key)), value.map(Bytes::from));
        let to = Appending { place: "t-0", leader_epoch: 0, now_ms: at, rules: &rules() };
        log.append_records(&[record], &to).expect("appended");
        log.replicated();
    }

    fn left(log: &Log) -> Vec<(i64, Option<Bytes>, bool)> {
        let all = log.records().expect("readable");
        all.into_iter().map(|record| (record.offset, record.key, record.value.is_some())).collect()
    }

    fn key(key: &'static str) -> Option<Bytes> {
        Some(Bytes::from(key))
    }

    #[test]
    fn the_last_of_each_key_stays_at_its_offset() {
        let mut log = Log::default();
        for (at, name) in (T..).zip(["a", "b", "a", "c", "b", "z"]) {
            put(&mut log, at, name, Some("v"));
        }
        assert_eq!(log.compact(T, &rules()), Ok(2));
        let expected = [(2, key("a"), true), (3, key("c"), true), (4, key("b"), true), (5, key("z"), true)];
        assert_eq!(left(&log), expected);
        assert_eq!((log.start(), log.end()), (0, 6));
        assert_eq!(log.compact(T, &rules()), Ok(0));
    }

    #[test]
    fn the_active_segment_is_not_compacted() {
        let mut log = Log::default();
        let slow = Rules { segment_ms: DAY_MS, ..rules() };
        for at in T..T + 3 {
            let to = Appending { place: "t-0", leader_epoch: 0, now_ms: at, rules: &slow };
            let record = Record::new(at, key("a"), key("v"));
            log.append_records(&[record], &to).expect("appended");
        }
        log.replicated();
        assert_eq!(log.compact(T, &slow), Ok(0));
    }

    #[test]
    fn a_tombstone_stays_for_its_time_after_the_first_pass() {
        let mut log = Log::default();
        put(&mut log, T, "a", Some("v"));
        put(&mut log, T + 1, "a", None);
        put(&mut log, T + 2, "z", Some("v"));
        assert_eq!(log.compact(T + 10, &rules()), Ok(1));
        assert_eq!(left(&log), [(1, key("a"), false), (2, key("z"), true)]);
        let times: Vec<i64> =
            log.records().expect("readable").iter().map(|record| record.timestamp).collect();
        assert_eq!(times, [T + 1, T + 2]);
        assert_eq!(log.compact(T + 9 + DAY_MS, &rules()), Ok(0));
        assert_eq!(log.compact(T + 10 + DAY_MS, &rules()), Ok(1));
        assert_eq!(left(&log), [(2, key("z"), true)]);
    }

    #[test]
    fn young_segments_wait_for_the_compaction_lag() {
        let mut log = Log::default();
        put(&mut log, T, "a", Some("1"));
        put(&mut log, T + DAY_MS, "a", Some("2"));
        put(&mut log, T + DAY_MS + 1, "z", Some("3"));
        let rules = Rules { min_compaction_lag_ms: DAY_MS, ..rules() };
        assert_eq!(log.compact(T + DAY_MS + 2, &rules), Ok(0));
        assert_eq!(log.compact(T + 2 * DAY_MS, &rules), Ok(1));
    }

    #[test]
    fn what_was_aborted_goes_and_its_marker_later() {
        let mut log = Log::default();
        let plain = record::write(
            &Header {
                base_offset: 0,
                leader_epoch: -1,
                attributes: Header::attributes(0, false, true, false),
                last_offset_delta: 0,
                base_timestamp: T,
                max_timestamp: T,
                producer_id: 7,
                producer_epoch: 0,
                base_sequence: 0,
                count: 1,
            },
            &[Record::new(T, key("a"), key("v"))],
        );
        let rules = rules();
        let to = Appending { place: "t-0", leader_epoch: 0, now_ms: T + 1, rules: &rules };
        log.append(plain.expect("a batch").bytes(), &to).expect("appended");
        assert_eq!((log.last_stable(), log.end()), (0, 1));
        let marker = Marker { producer_id: 7, producer_epoch: 0, coordinator_epoch: 0, commit: false };
        log.end_transaction(&marker, &to);
        put(&mut log, T + 3, "z", Some("v"));
        assert_eq!(log.last_stable(), 3);
        // The batch itself stays without its record, for it is the producer's last.
        assert_eq!(log.compact(T + 4, &rules), Ok(1));
        assert_eq!(log.batches().map(|batch| batch.header().count).collect::<Vec<_>>(), [0, 1, 1]);
        assert_eq!(left(&log).iter().map(|(offset, ..)| *offset).collect::<Vec<_>>(), [1, 2]);
    }
}
