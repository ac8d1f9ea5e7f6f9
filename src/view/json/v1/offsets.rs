use super::InvalidDocument;
use klerk_core::plan::{GroupChange, OffsetMove, Truncation};
use klerk_core::values::TopicPartition;
use klerk_core::world::{Committed, GroupType};
use serde::{Deserialize, Serialize};

/// One partition of a change of committed offsets, or of a deletion of records, whose offsets are those of the log start.
/// Where the commit goes away, `to` and all that follows from it is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionV1 {
    /// The topic.
    pub topic: String,
    /// The partition's number.
    pub partition: i32,
    /// The committed offset, or the log start, before.
    pub from: Option<i64>,
    /// The committed offset, or the log start, afterwards.
    pub to: Option<i64>,
    /// How far it moves.
    pub delta: Option<i64>,
    /// Records left to read afterwards.
    pub lag_after: Option<i64>,
    /// Records that will not be read.
    pub skips: i64,
    /// Records that will be read again.
    pub repeats: i64,
    /// The time between both positions.
    pub span_ms: Option<i64>,
    /// Whether the wish lay outside the log.
    pub clamped: bool,
    /// What is unusual.
    pub note: Option<String>,
    /// The log start when planned.
    pub start: Option<i64>,
    /// The log end when planned.
    pub end: Option<i64>,
    /// The topic's id.
    pub topic_id: Option<String>,
    /// The leader epoch committed before.
    pub from_leader_epoch: Option<i32>,
    /// The metadata committed before.
    pub from_metadata: Option<String>,
    /// The leader epoch committed afterwards.
    pub to_leader_epoch: Option<i32>,
    /// The metadata committed afterwards.
    pub to_metadata: Option<String>,
}

impl From<&OffsetMove> for PartitionV1 {
    fn from(planned: &OffsetMove) -> Self {
        PartitionV1 {
            topic: planned.partition.topic.to_string(),
            partition: planned.partition.partition,
            from: planned.from.as_ref().map(|from| from.offset),
            to: Some(planned.to),
            delta: planned.delta(),
            lag_after: Some(planned.lag_after()),
            skips: planned.skips,
            repeats: planned.repeats,
            span_ms: planned.span_ms,
            clamped: planned.clamped,
            note: planned.note.clone(),
            start: Some(planned.start),
            end: Some(planned.end),
            topic_id: planned.topic_id.map(|id| id.to_string()),
            from_leader_epoch: planned.from.as_ref().and_then(|from| from.leader_epoch),
            from_metadata: planned.from.as_ref().map(|from| from.metadata.clone()),
            to_leader_epoch: planned.leader_epoch,
            to_metadata: Some(planned.metadata.clone()),
        }
    }
}

/// The partitions of a change of a group.
pub(super) fn partitions(change: &GroupChange) -> Vec<PartitionV1> {
    match change {
        GroupChange::CommitOffsets { partitions, .. } => partitions.iter().map(PartitionV1::from).collect(),
        GroupChange::DeleteOffsets { partitions, .. } => {
            partitions.iter().map(|(at, before)| gone(at, before)).collect()
        }
    }
}

/// A commit that goes away.
fn gone(at: &TopicPartition, before: &Committed) -> PartitionV1 {
    PartitionV1 {
        topic: at.topic.to_string(),
        partition: at.partition,
        from: Some(before.offset),
        to: None,
        delta: None,
        lag_after: None,
        skips: 0,
        repeats: 0,
        span_ms: None,
        clamped: false,
        note: None,
        start: None,
        end: None,
        topic_id: None,
        from_leader_epoch: before.leader_epoch,
        from_metadata: Some(before.metadata.clone()),
        to_leader_epoch: None,
        to_metadata: None,
    }
}

/// The partitions of a deletion of records.
pub(super) fn truncated(topic: &str, partitions: &[Truncation]) -> Vec<PartitionV1> {
    let row = |one: &Truncation| PartitionV1 {
        topic: topic.to_owned(),
        partition: one.partition,
        from: Some(one.from),
        to: Some(one.to),
        delta: Some(one.goes()),
        lag_after: None,
        skips: 0,
        repeats: 0,
        span_ms: None,
        clamped: one.clamped,
        note: one.note.clone(),
        start: Some(one.from),
        end: Some(one.end),
        topic_id: None,
        from_leader_epoch: None,
        from_metadata: None,
        to_leader_epoch: None,
        to_metadata: None,
    };
    partitions.iter().map(row).collect()
}

impl PartitionV1 {
    fn at(&self) -> TopicPartition {
        TopicPartition::new(self.topic.clone(), self.partition)
    }

    fn before(&self) -> Option<Committed> {
        self.from.map(|offset| Committed {
            offset,
            leader_epoch: self.from_leader_epoch,
            metadata: self.from_metadata.clone().unwrap_or_default(),
        })
    }

    fn lacks(&self, field: &str) -> InvalidDocument {
        InvalidDocument::Shape {
            format: "klerk.plan",
            reason: format!("partition {} has no {field}", self.at()),
        }
    }

    pub(super) fn to_truncation(&self) -> Result<Truncation, InvalidDocument> {
        let from = self.from.ok_or_else(|| self.lacks("from"))?;
        Ok(Truncation {
            partition: self.partition,
            from,
            to: self.to.ok_or_else(|| self.lacks("to"))?,
            end: self.end.ok_or_else(|| self.lacks("end"))?,
            clamped: self.clamped,
            note: self.note.clone(),
        })
    }

    pub(super) fn to_move(&self) -> Result<OffsetMove, InvalidDocument> {
        let lacks = |field: &str| self.lacks(field);
        let topic_id = match &self.topic_id {
            None => None,
            Some(text) => Some(
                text.parse().map_err(|_| InvalidDocument::Word { field: "topic_id", found: text.clone() })?,
            ),
        };
        Ok(OffsetMove {
            partition: self.at(),
            topic_id,
            from: self.before(),
            to: self.to.ok_or_else(|| lacks("to"))?,
            leader_epoch: self.to_leader_epoch,
            metadata: self.to_metadata.clone().unwrap_or_default(),
            start: self.start.ok_or_else(|| lacks("start"))?,
            end: self.end.ok_or_else(|| lacks("end"))?,
            skips: self.skips,
            repeats: self.repeats,
            span_ms: self.span_ms,
            clamped: self.clamped,
            note: self.note.clone(),
        })
    }

    pub(super) fn to_gone(&self) -> Result<(TopicPartition, Committed), InvalidDocument> {
        match self.before() {
            Some(before) => Ok((self.at(), before)),
            None => Err(InvalidDocument::Shape {
                format: "klerk.plan",
                reason: format!("partition {} has no from", self.at()),
            }),
        }
    }
}

/// A group's type by its word.
pub(super) fn group_type(word: &str) -> GroupType {
    [GroupType::Classic, GroupType::Consumer, GroupType::Share, GroupType::Streams]
        .into_iter()
        .find(|known| known.to_string() == word)
        .unwrap_or_else(|| GroupType::Other(word.to_owned()))
}
