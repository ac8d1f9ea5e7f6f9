use super::OffsetsByTime;
use super::reset_scope::{commits, partition_view};
use crate::group::{ResetSpec, Strategy};
use crate::plan::ConflictReason;
use crate::values::{Known, TopicPartition};
use crate::world::{Committed, LogRange, World};
use std::collections::BTreeMap;

/// Where one partition goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) to: i64,
    pub(super) range: LogRange,
    pub(super) clamped: bool,
    pub(super) note: Option<String>,
    /// The commit that is taken over as it is, epoch and metadata included.
    pub(super) as_committed: Option<Committed>,
}

/// Why a partition's target cannot be found.
pub(super) type Obstacle = (ConflictReason, String);

/// Finds the targets of one reset.
pub(super) struct Targets<'a> {
    pub(super) spec: &'a ResetSpec,
    pub(super) world: &'a World,
    pub(super) by_time: &'a OffsetsByTime,
}

impl Targets<'_> {
    /// The target of one partition of one group whose present commit is `from`.
    pub(super) fn find(
        &self,
        group: &str,
        at: &TopicPartition,
        from: Option<&Committed>,
    ) -> Result<Target, Obstacle> {
        let range = log_range(self.world, at, "leave it out or bring its broker back")?;
        let at_edge =
            |to: i64, note: Option<String>| Target { to, range, clamped: false, note, as_committed: None };
        match &self.spec.strategy {
            Strategy::ToEarliest => Ok(at_edge(range.start, None)),
            Strategy::ToLatest => Ok(at_edge(range.end, None)),
            Strategy::ToOffset { offset } => Ok(clamp(*offset, range)),
            Strategy::ShiftBy { by } => match from {
                Some(commit) => Ok(clamp(commit.offset.saturating_add(*by), range)),
                None => Err((
                    ConflictReason::Absent,
                    format!(
                        "{at} has no commit to shift from: leave the partition out, or choose another target for it"
                    ),
                )),
            },
            Strategy::ToDatetime { .. } | Strategy::ByDuration { .. } => self.at_time(at, range),
            Strategy::ToCurrent => Ok(match from {
                Some(commit) => Target {
                    note: outside(commit.offset, range),
                    as_committed: Some(commit.clone()),
                    ..at_edge(commit.offset, None)
                },
                None => at_edge(range.end, Some("no commit: the log end".to_owned())),
            }),
            Strategy::FromFile { offsets } => offsets
                .iter()
                .find(|line| {
                    line.topic == *at.topic
                        && line.partition == at.partition
                        && line.group.as_deref().is_none_or(|name| name == group)
                })
                .map(|line| clamp(line.offset, range))
                .ok_or_else(|| (ConflictReason::Absent, format!("the file has no offset for {at}"))),
            Strategy::FromGroup { group: source } => self.where_group_is(source, at, range),
        }
    }

    fn where_group_is(&self, source: &str, at: &TopicPartition, range: LogRange) -> Result<Target, Obstacle> {
        match commits(self.world, source).get(at) {
            Some(Known::Known(commit)) => {
                let target = clamp(commit.offset, range);
                let as_committed = (!target.clamped).then(|| commit.clone());
                Ok(Target { as_committed, ..target })
            }
            Some(Known::Absent) | None => {
                Err((ConflictReason::Absent, format!("group {source} has no commit on {at}")))
            }
            Some(missing) => Err((
                ConflictReason::NotReadable,
                format!(
                    "the commit of group {source} on {at} could not be read: {}",
                    missing.missing_reason().unwrap_or_default()
                ),
            )),
        }
    }

    fn at_time(&self, at: &TopicPartition, range: LogRange) -> Result<Target, Obstacle> {
        match self.by_time.get(at) {
            Some(Known::Known(offset)) => Ok(clamp(*offset, range)),
            Some(Known::Absent) => Ok(Target {
                to: range.end,
                range,
                clamped: false,
                note: Some("no record that late: the log end".to_owned()),
                as_committed: None,
            }),
            missing => Err((
                ConflictReason::NotReadable,
                format!(
                    "the offset of {at} by time could not be read: {}",
                    missing.and_then(Known::missing_reason).unwrap_or_else(|| "no answer".to_owned())
                ),
            )),
        }
    }
}

/// The range of a log as it was read. Where it was not, nothing that follows from it can be said.
pub(super) fn log_range(
    world: &World,
    at: &TopicPartition,
    without_leader: &str,
) -> Result<LogRange, Obstacle> {
    if partition_view(world, at).is_some_and(|partition| partition.leader.is_none()) {
        return Err((
            ConflictReason::PartitionUnavailable,
            format!("{at} has no leader, so its log cannot be read: {without_leader}"),
        ));
    }
    match world.cluster.logs.get(at) {
        Some(Known::Known(range)) => Ok(*range),
        missing => Err((
            ConflictReason::NotReadable,
            format!(
                "the log range of {at} could not be read: {}",
                missing.and_then(Known::missing_reason).unwrap_or_else(|| "no answer".to_owned())
            ),
        )),
    }
}

fn clamp(wish: i64, range: LogRange) -> Target {
    let to = wish.clamp(range.start, range.end.max(range.start));
    let note = if wish < range.start {
        Some(format!("{wish} lies before the log start: moved to it"))
    } else if wish > range.end {
        Some(format!("{wish} lies past the log end: moved to it"))
    } else {
        None
    };
    Target { to, range, clamped: note.is_some(), note, as_committed: None }
}

/// What is unusual about a commit that is left where it is.
pub(super) fn outside(offset: i64, range: LogRange) -> Option<String> {
    if offset < range.start {
        Some("lies before the log start".to_owned())
    } else if offset > range.end {
        Some("lies past the log end".to_owned())
    } else {
        None
    }
}

/// Offsets by partition with the state of each answer.
pub(super) type OffsetAnswers = BTreeMap<TopicPartition, Known<i64>>;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_target_never_leaves_the_log(wish: i64, start in 0..1000i64, len in 0..1000i64) {
            let range = LogRange { start, end: start + len };
            let target = clamp(wish, range);
            prop_assert!((range.start..=range.end).contains(&target.to));
            prop_assert_eq!(target.clamped, target.to != wish);
            prop_assert_eq!(target.note.is_some(), target.clamped);
        }
    }
}
