use super::GroupChange;
use crate::apply::{Difference, Settled};
use crate::values::{Known, TopicPartition};
use crate::world::{Committed, GroupView, World};

/// What a look after the write shows of a change of offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupSight {
    /// The verdict; `None` when the commits could not be read.
    pub settled: Option<Settled>,
    /// Partitions that are not as asked, whoever moved them.
    pub differences: Vec<Difference>,
    /// Whether everything that differs is as it was before the change.
    pub is_as_before: bool,
}

impl GroupSight {
    fn unreadable() -> Self {
        GroupSight { settled: None, differences: Vec::new(), is_as_before: false }
    }
}

/// Judges a change of offsets by what is there now. Consumers may be started again before anybody looks, so a commit
/// that has gone on from the target, or a group with members, is "moved on since" and not a failure of the change.
pub fn settle_group(change: &GroupChange, after: &World) -> GroupSight {
    let group = after.groups.groups.get(change.group());
    let view = match group {
        Some(Known::Known(view)) => Some(view),
        Some(Known::Absent) => None,
        _ => return GroupSight::unreadable(),
    };
    let active = view.is_some_and(|view| !view.state.is_inactive());
    let mut differences = Vec::new();
    let (mut explained, mut is_as_before) = (true, true);
    for (at, asked, before) in wishes(change) {
        let Some(found) = present(view, at) else { return GroupSight::unreadable() };
        if found == asked {
            continue;
        }
        let went_on = match (asked, found) {
            (Some(asked), Some(found)) => found > asked && Some(found) != before,
            _ => false,
        };
        explained &= active || went_on;
        is_as_before &= found == before;
        differences.push(Difference {
            field: at.to_string(),
            asked: asked.map(|offset| offset.to_string()),
            found: found.map(|offset| offset.to_string()),
        });
    }
    let settled = match (differences.is_empty(), explained) {
        (true, _) => Settled::AsAsked,
        (false, true) => Settled::MovedOnSince,
        (false, false) => Settled::NotAsAsked,
    };
    GroupSight { settled: Some(settled), differences, is_as_before }
}

/// How many partitions a change would move.
pub(super) fn changes(change: &GroupChange) -> usize {
    wishes(change).iter().filter(|(_, asked, before)| asked != before).count()
}

/// Each partition with the offset asked for and the offset before; `None` stands for no commit.
fn wishes(change: &GroupChange) -> Vec<(&TopicPartition, Option<i64>, Option<i64>)> {
    let offset = |commit: &Committed| commit.offset;
    match change {
        GroupChange::CommitOffsets { partitions, .. } => partitions
            .iter()
            .map(|one| (&one.partition, Some(one.to), one.from.as_ref().map(offset)))
            .collect(),
        GroupChange::DeleteOffsets { partitions, .. } => {
            partitions.iter().map(|(at, commit)| (at, None, Some(commit.offset))).collect()
        }
    }
}

/// The present offset, `Some(None)` when there is none, `None` when that could not be read.
fn present(view: Option<&GroupView>, at: &TopicPartition) -> Option<Option<i64>> {
    let Some(view) = view else { return Some(None) };
    match view.committed.known()?.get(at) {
        Some(Known::Known(commit)) => Some(Some(commit.offset)),
        Some(Known::Absent) | None => Some(None),
        Some(_) => None,
    }
}
