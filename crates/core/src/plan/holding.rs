use crate::values::Known;
use std::collections::BTreeMap;

/// What a topic holds, as far as servers tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// When it was asked, in milliseconds since 1970 in UTC.
    pub asked_at_ms: i64,
    /// Each partition by its number.
    pub partitions: BTreeMap<i32, HeldPartition>,
    /// For each group with commits on the topic, the next record that it reads, by partition.
    pub committed: Known<BTreeMap<String, BTreeMap<i32, i64>>>,
    /// Why the commits of some groups, or those that one broker coordinates, could not be read.
    pub untold: BTreeMap<String, String>,
}

/// What a partition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPartition {
    /// The log start offset.
    pub start: Known<i64>,
    /// One past the last record.
    pub end: Known<i64>,
    /// The time of the first record, in milliseconds since 1970; `Absent` without a record.
    pub oldest_ms: Known<i64>,
    /// The latest time of any record, in milliseconds since 1970; `Absent` without a record.
    pub newest_ms: Known<i64>,
    /// The first record that is young enough to stay; `Absent` when there is none, `NotAsked` without a time.
    pub kept_from: Known<i64>,
    /// The bytes of the leader's replica.
    pub bytes: Known<i64>,
}
