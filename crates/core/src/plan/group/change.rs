use crate::values::{TopicId, TopicPartition};
use crate::world::{Committed, GroupType};

/// One partition's committed offset before and after, with what the move means for the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetMove {
    /// The partition.
    pub partition: TopicPartition,
    /// The topic that was seen.
    pub topic_id: Option<TopicId>,
    /// The commit before; `None` when there is none.
    pub from: Option<Committed>,
    /// The offset afterwards.
    pub to: i64,
    /// The leader epoch committed with it; `None` commits without one.
    pub leader_epoch: Option<i32>,
    /// The metadata committed with it.
    pub metadata: String,
    /// The log start when it was planned.
    pub start: i64,
    /// The log end when it was planned.
    pub end: i64,
    /// Records that the group will not read; 0 when it moves back.
    pub skips: i64,
    /// Records that the group will read again; 0 when it moves on.
    pub repeats: i64,
    /// The time between the records at both positions, in milliseconds, where it is known.
    pub span_ms: Option<i64>,
    /// Whether the wish lay outside the log and was moved to its edge.
    pub clamped: bool,
    /// One sentence on what is unusual about the target.
    pub note: Option<String>,
}

impl OffsetMove {
    /// How far the commit moves; `None` when there was none before.
    pub fn delta(&self) -> Option<i64> {
        self.from.as_ref().map(|from| self.to - from.offset)
    }

    /// Records left to read afterwards, against the log end that was planned on.
    pub fn lag_after(&self) -> i64 {
        (self.end - self.to.max(self.start)).max(0)
    }

    /// Whether carrying it out would change nothing.
    pub fn is_unchanged(&self) -> bool {
        self.delta() == Some(0)
    }
}

/// A change of one consumer group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupChange {
    /// OffsetCommit as an outsider: generation −1, no member.
    CommitOffsets {
        /// The group's id.
        group: String,
        /// Its type when it was planned; `None` when the group does not exist yet.
        kind: Option<GroupType>,
        /// Every partition in scope, unchanged ones too.
        partitions: Vec<OffsetMove>,
    },
    /// OffsetDelete: the way back for partitions that had no commit.
    DeleteOffsets {
        /// The group's id.
        group: String,
        /// Its type when it was planned.
        kind: Option<GroupType>,
        /// The partitions and the commits that go.
        partitions: Vec<(TopicPartition, Committed)>,
    },
}

impl GroupChange {
    /// The kind by its name in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            GroupChange::CommitOffsets { .. } => "commit-offsets",
            GroupChange::DeleteOffsets { .. } => "delete-offsets",
        }
    }

    /// The group's id.
    pub fn group(&self) -> &str {
        match self {
            GroupChange::CommitOffsets { group, .. } | GroupChange::DeleteOffsets { group, .. } => group,
        }
    }

    /// Whether carrying it out would change nothing.
    pub fn is_unchanged(&self) -> bool {
        match self {
            GroupChange::CommitOffsets { partitions, .. } => partitions.iter().all(OffsetMove::is_unchanged),
            GroupChange::DeleteOffsets { partitions, .. } => partitions.is_empty(),
        }
    }
}
