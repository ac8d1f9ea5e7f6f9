use crate::values::TopicId;

/// How much of one partition goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Truncation {
    /// The partition's number.
    pub partition: i32,
    /// The log start when it was planned.
    pub from: i64,
    /// The log start afterwards: every record before this offset goes. Never below `from`.
    pub to: i64,
    /// The log end when it was planned.
    pub end: i64,
    /// Whether the wish lay outside the log and was moved to its edge.
    pub clamped: bool,
    /// One sentence on what is unusual about the target.
    pub note: Option<String>,
}

impl Truncation {
    /// Offsets that go: an upper bound of the number of records.
    pub fn goes(&self) -> i64 {
        (self.to - self.from).max(0)
    }
}

/// A change of the records of one topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordsChange {
    /// DeleteRecords.
    Delete {
        /// The topic's name.
        topic: String,
        /// The topic that was seen.
        id: Option<TopicId>,
        /// The age in milliseconds since 1970 before which every record that goes was written, where it was asked for
        /// by time.
        before_ms: Option<i64>,
        /// Every partition in scope, in order of their numbers, those that stay as they are too.
        partitions: Vec<Truncation>,
    },
}

impl RecordsChange {
    /// The kind by its name in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            RecordsChange::Delete { .. } => "delete-records",
        }
    }

    /// The topic's name.
    pub fn topic(&self) -> &str {
        match self {
            RecordsChange::Delete { topic, .. } => topic,
        }
    }

    /// The partitions.
    pub fn partitions(&self) -> &[Truncation] {
        match self {
            RecordsChange::Delete { partitions, .. } => partitions,
        }
    }

    /// The partitions that lose records.
    pub fn losing(&self) -> impl Iterator<Item = &Truncation> {
        self.partitions().iter().filter(|one| one.goes() > 0)
    }

    /// Whether carrying it out would change nothing.
    pub fn is_unchanged(&self) -> bool {
        self.losing().next().is_none()
    }
}
