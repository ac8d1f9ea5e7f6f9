use crate::values::{Known, TopicPartition};
use std::collections::BTreeMap;

/// A record in a log, and the time that it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordTime {
    /// Its offset: that which was asked for, or the next one that holds a record, since compaction leaves gaps and the
    /// markers of transactions are no records.
    pub offset: i64,
    /// Milliseconds since 1970, by the clock of whoever wrote it or of the broker (`message.timestamp.type`); `None` for
    /// a record of the oldest formats, which carries no time.
    pub millis: Option<i64>,
}

/// The first record at or after each offset that was asked for; `Absent` where none is left up to the log end.
pub type RecordTimes = BTreeMap<(TopicPartition, i64), Known<RecordTime>>;
