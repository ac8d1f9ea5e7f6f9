use crate::group::{LogPartitions, ResetSpec, Scope, Strategy, TopicScope};
use crate::plan::{Conflict, ConflictReason, Finding, Severity};
use crate::values::{Known, Resource, TopicPartition, closest};
use crate::world::{Committed, GroupView, GroupsView, PartitionView, TopicView, World};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// The partitions of one group's reset, with what stands in the way and what is left out.
#[derive(Debug, Default)]
pub(super) struct GroupScope {
    pub(super) partitions: BTreeSet<TopicPartition>,
    pub(super) conflicts: Vec<Conflict>,
    pub(super) findings: Vec<Finding>,
}

/// The partitions whose log range must be read to plan this reset. Groups, commits and topics must be in `world`.
pub fn reset_log_partitions(spec: &ResetSpec, world: &World) -> LogPartitions {
    let mut needed = LogPartitions::new();
    for group in &spec.groups {
        for at in group_scope(spec, group, world).partitions {
            let readable = partition_view(world, &at).is_some_and(|partition| partition.leader.is_some());
            if readable {
                needed.entry(at.topic).or_default().insert(at.partition);
            }
        }
    }
    needed
}

/// The partitions in scope for one group. Offline partitions are in scope like any other; only their targets cannot
/// be found.
pub(super) fn group_scope(spec: &ResetSpec, group: &str, world: &World) -> GroupScope {
    let mut scope = GroupScope::default();
    match &spec.strategy {
        Strategy::FromFile { offsets } => {
            for line in offsets.iter().filter(|line| line.group.as_deref().is_none_or(|name| name == group)) {
                if spec.scope.covers(&line.topic, line.partition) {
                    let by = format!("line {} of the file", line.line);
                    scope.add(&line.topic, line.partition, &by, world);
                }
            }
            topics_without_offset(spec, group, "the file has no offset", &mut scope);
        }
        Strategy::FromGroup { group: source } => {
            if let Some(why) = unseen(world, source) {
                let message = format!("the commits of the group could not be read: {why}");
                scope.conflict(Resource::group(source), ConflictReason::NotReadable, message);
                return scope;
            }
            scope.named_topics(spec, world);
            for at in commits(world, source).keys() {
                if spec.scope.covers(&at.topic, at.partition) {
                    scope.add(&at.topic, at.partition, &format!("group {source}"), world);
                }
            }
            let why = format!("group {source} has no commit");
            topics_without_offset(spec, group, &why, &mut scope);
        }
        _ => match &spec.scope {
            Scope::AllTopics => committed_partitions(group, world, &mut scope),
            Scope::Topics(topics) => {
                for topic in topics {
                    scope.add_topic(topic, world);
                }
            }
        },
    }
    scope
}

/// Why nobody can tell what a group has committed, where that is so. A group without commits has committed nothing.
fn unseen(world: &World, group: &str) -> Option<String> {
    let missing = match world.groups.groups.get(group)? {
        Known::Known(view) => view.committed.missing_reason().filter(|_| !view.committed.is_absent()),
        Known::Absent => None,
        missing => missing.missing_reason(),
    };
    missing.filter(|why| !why.is_empty())
}

/// With `--all-topics` a commit on what is gone is left alone: it cannot be set to anything.
fn committed_partitions(group: &str, world: &World, scope: &mut GroupScope) {
    for at in commits(world, group).keys() {
        match world.cluster.topics.get(&*at.topic) {
            Some(Known::Absent) | None => scope.leave_out(group, at, "the topic does not exist any more"),
            Some(Known::Known(view)) if find_partition(view, at.partition).is_none() => {
                scope.leave_out(group, at, "the partition does not exist any more");
            }
            _ => scope.add(&at.topic, at.partition, "the group's commits", world),
        }
    }
}

/// Says so where a topic was named and there is nothing to set it to.
fn topics_without_offset(spec: &ResetSpec, group: &str, why: &str, scope: &mut GroupScope) {
    let Scope::Topics(topics) = &spec.scope else { return };
    for topic in topics {
        if !scope.partitions.iter().any(|at| *at.topic == topic.topic && topic.covers(at.partition)) {
            scope.findings.push(Finding {
                severity: Severity::Warning,
                code: "reset/no-offset",
                message: format!("{why} for topic {}: it is left as it is", topic.topic),
                resource: Resource::group(group),
                origin: None,
            });
        }
    }
}

/// The commits of a group as far as they are known.
pub(super) fn commits<'a>(world: &'a World, group: &str) -> &'a BTreeMap<TopicPartition, Known<Committed>> {
    committed(&world.groups, group)
}

/// The same from what was seen of groups alone.
pub(super) fn committed<'a>(
    groups: &'a GroupsView,
    group: &str,
) -> &'a BTreeMap<TopicPartition, Known<Committed>> {
    static NONE: BTreeMap<TopicPartition, Known<Committed>> = BTreeMap::new();
    groups
        .groups
        .get(group)
        .and_then(Known::known)
        .and_then(|view: &GroupView| view.committed.known())
        .unwrap_or(&NONE)
}

pub(super) fn find_partition(view: &TopicView, partition: i32) -> Option<&PartitionView> {
    view.partitions.iter().find(|one| one.partition == partition)
}

pub(super) fn partition_view<'a>(world: &'a World, at: &TopicPartition) -> Option<&'a PartitionView> {
    let view = world.cluster.topics.get(&*at.topic)?.known()?;
    find_partition(view, at.partition)
}

impl GroupScope {
    fn conflict(&mut self, resource: Resource, reason: ConflictReason, message: String) {
        let conflict = Conflict { resource, reason, message, origin: None };
        if !self.conflicts.contains(&conflict) {
            self.conflicts.push(conflict);
        }
    }

    fn leave_out(&mut self, group: &str, at: &TopicPartition, why: &str) {
        self.findings.push(Finding {
            severity: Severity::Warning,
            code: "reset/gone",
            message: format!("the commit on {at} is left as it is: {why}"),
            resource: Resource::group(group),
            origin: None,
        });
    }

    /// Says so where a topic that was named may not be seen: commits on it are left out in silence.
    fn named_topics(&mut self, spec: &ResetSpec, world: &World) {
        let Scope::Topics(topics) = &spec.scope else { return };
        for topic in topics {
            if !matches!(world.cluster.topics.get(&topic.topic), Some(Known::Known(_) | Known::Absent) | None)
            {
                self.topic_view(&topic.topic, world);
            }
        }
    }

    /// Adds one partition that something other than the command line names.
    fn add(&mut self, topic: &str, partition: i32, named_by: &str, world: &World) {
        let Some(view) = self.topic_view(topic, world) else { return };
        if find_partition(view, partition).is_some() {
            self.partitions.insert(TopicPartition::new(topic, partition));
        } else {
            self.conflict(
                Resource::topic(topic),
                ConflictReason::PartitionUnavailable,
                format!(
                    "partition {partition} does not exist ({named_by} names it): the topic has {} partitions",
                    view.partitions.len()
                ),
            );
        }
    }

    fn add_topic(&mut self, scope: &TopicScope, world: &World) {
        let Some(view) = self.topic_view(&scope.topic, world) else { return };
        let missing = scope.missing(&view.partitions);
        if !missing.is_empty() {
            self.conflict(
                Resource::topic(&scope.topic),
                ConflictReason::PartitionUnavailable,
                format!(
                    "no such partition: {}; the topic has {} partitions, numbered from 0",
                    list_ranges(&missing),
                    view.partitions.len()
                ),
            );
        }
        let topic: Arc<str> = Arc::from(scope.topic.as_str());
        self.partitions.extend(
            view.partitions
                .iter()
                .filter(|partition| scope.covers(partition.partition))
                .map(|partition| TopicPartition::new(topic.clone(), partition.partition)),
        );
    }

    fn topic_view<'a>(&mut self, topic: &str, world: &'a World) -> Option<&'a TopicView> {
        match world.cluster.topics.get(topic) {
            Some(Known::Known(view)) => return Some(view),
            Some(Known::Absent) | None => {
                let hint = similar(topic, world)
                    .map_or_else(String::new, |name| format!("; did you mean '{name}'?"));
                self.conflict(
                    Resource::topic(topic),
                    ConflictReason::Absent,
                    format!("the topic does not exist{hint}"),
                );
            }
            Some(missing) => {
                let why = missing.missing_reason().unwrap_or_default();
                self.conflict(
                    Resource::topic(topic),
                    ConflictReason::NotReadable,
                    format!("the topic could not be looked at: {why}"),
                );
            }
        }
        None
    }
}

fn similar<'a>(topic: &str, world: &'a World) -> Option<&'a str> {
    let existing =
        world.cluster.topics.iter().filter(|(_, view)| view.known().is_some()).map(|(name, _)| name.as_str());
    closest(topic, existing)
}

fn list_ranges(ranges: &[RangeInclusive<i32>]) -> String {
    let one = |range: &RangeInclusive<i32>| match (range.start(), range.end()) {
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first}-{last}"),
    };
    ranges.iter().map(one).collect::<Vec<_>>().join(", ")
}
