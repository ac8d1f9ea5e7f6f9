use super::GroupChange;
use super::reset_scope::partition_view;
use crate::plan::Expectation;
use crate::values::{Known, Resource, TopicPartition};
use crate::world::World;
use std::collections::BTreeSet;

/// A fact that no longer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupStale {
    /// What was expected.
    pub expected: Expectation,
    /// What was found; `None` for absence.
    pub found: Option<String>,
}

const KIND: &str = "type";
const TOPIC_ID: &str = "id";
const TARGET: &str = "target-in-log.";
const PRESENT: &str = "committed.";

/// The facts that a change of offsets rests on: the group's type, the topics' ids, targets within the log, and the
/// present offsets only where the targets were computed from them. `seen` is what the change was planned on.
pub(super) fn expectations(change: &GroupChange, rests_on_present: bool, seen: &World) -> Vec<Expectation> {
    let (group, kind) = match change {
        GroupChange::CommitOffsets { group, kind, .. } | GroupChange::DeleteOffsets { group, kind, .. } => {
            (group, kind)
        }
    };
    let of_group =
        |field: String, value: Option<String>| Expectation { resource: Resource::group(group), field, value };
    let mut expects = vec![of_group(KIND.to_owned(), kind.as_ref().map(ToString::to_string))];
    match change {
        GroupChange::CommitOffsets { partitions, .. } => {
            let topics: BTreeSet<_> = partitions
                .iter()
                .filter_map(|one| one.topic_id.map(|id| (one.partition.topic.clone(), id)))
                .collect();
            expects.extend(topics.into_iter().map(|(topic, id)| Expectation {
                resource: Resource::topic(&*topic),
                field: TOPIC_ID.to_owned(),
                value: Some(id.to_string()),
            }));
            for one in partitions {
                // A partition that this plan makes has no log yet.
                let is_seen = partition_view(seen, &one.partition).is_some();
                if is_seen && (one.start..=one.end).contains(&one.to) {
                    expects.push(of_group(format!("{TARGET}{}", one.partition), Some(one.to.to_string())));
                }
                if rests_on_present {
                    let from = one.from.as_ref().map(|commit| commit.offset.to_string());
                    expects.push(of_group(format!("{PRESENT}{}", one.partition), from));
                }
            }
        }
        GroupChange::DeleteOffsets { partitions, .. } => {
            expects.extend(
                partitions
                    .iter()
                    .map(|(at, commit)| of_group(format!("{PRESENT}{at}"), Some(commit.offset.to_string()))),
            );
        }
    }
    expects
}

/// Which of the facts that a change rests on no longer hold. What could not be read again does not hold either.
pub fn group_holds(change: &GroupChange, expects: &[Expectation], now: &World) -> Vec<GroupStale> {
    expects
        .iter()
        .filter_map(|expected| {
            let found = found(change, expected, now);
            (found != expected.value).then(|| GroupStale { expected: expected.clone(), found })
        })
        .collect()
}

fn found(change: &GroupChange, expected: &Expectation, now: &World) -> Option<String> {
    let group = now.groups.groups.get(change.group());
    if expected.field == KIND {
        return match group {
            Some(Known::Known(view)) => Some(view.kind.to_string()),
            Some(missing) => missing.missing_reason(),
            None => None,
        };
    }
    if expected.field == TOPIC_ID {
        return match now.cluster.topics.get(&expected.resource.name) {
            Some(Known::Known(view)) => view.id.map(|id| id.to_string()),
            Some(missing) => missing.missing_reason(),
            None => None,
        };
    }
    if let Some(name) = expected.field.strip_prefix(TARGET) {
        let at = partition(change, name)?;
        return match now.cluster.logs.get(at) {
            Some(Known::Known(range)) => {
                let target = expected.value.as_ref()?.parse::<i64>().ok()?;
                if (range.start..=range.end).contains(&target) {
                    expected.value.clone()
                } else {
                    Some(format!("a log from {} to {}", range.start, range.end))
                }
            }
            Some(missing) => missing.missing_reason(),
            None => None,
        };
    }
    let at = partition(change, expected.field.strip_prefix(PRESENT)?)?;
    // Only commits that were read can say that there is none.
    let group = match group? {
        Known::Known(group) => group,
        missing => return missing.missing_reason(),
    };
    match group.committed.as_ref() {
        Known::Known(commits) => match commits.get(at)? {
            Known::Known(commit) => Some(commit.offset.to_string()),
            missing => missing.missing_reason(),
        },
        missing => missing.missing_reason(),
    }
}

fn partition<'a>(change: &'a GroupChange, name: &str) -> Option<&'a TopicPartition> {
    let (topic, number) = name.rsplit_once('-')?;
    let number: i32 = number.parse().ok()?;
    let is_it = |at: &TopicPartition| at.partition == number && *at.topic == *topic;
    match change {
        GroupChange::CommitOffsets { partitions, .. } => {
            partitions.iter().map(|one| &one.partition).find(|at| is_it(at))
        }
        GroupChange::DeleteOffsets { partitions, .. } => {
            partitions.iter().map(|(at, _)| at).find(|at| is_it(at))
        }
    }
}
