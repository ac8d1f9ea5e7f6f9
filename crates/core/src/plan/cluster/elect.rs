//! Bringing leaders back to the replicas that should lead.

use super::{ClusterChange, LeaderMove};
use crate::group::TopicScope;
use crate::plan::{Change, Conflict, ConflictReason, Finding, MissingTopics, Proposal, Proposed, Severity};
use crate::values::{Known, Pattern, Resource, closest};
use crate::world::{TopicView, World};

/// Which partitions are meant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ElectionScope {
    /// Topics, or some of their partitions; all visible ones where none is named.
    pub topics: Vec<TopicScope>,
    /// Only topics that match.
    pub matching: Option<Pattern>,
}

impl ElectionScope {
    fn covers(&self, topic: &str, partition: i32) -> bool {
        self.topics.is_empty()
            || self.topics.iter().any(|scope| scope.topic == topic && scope.covers(partition))
    }

    fn covers_topic(&self, topic: &str) -> bool {
        (self.topics.is_empty() || self.topics.iter().any(|scope| scope.topic == topic))
            && self.matching.as_ref().is_none_or(|pattern| pattern.matches(topic))
    }
}

/// Proposes that preferred replicas lead again, wherever another one does and the preferred one is in sync. The others
/// are named with the reason.
///
/// # Errors
/// The topics that were named and do not exist.
pub fn propose_elections(scope: &ElectionScope, world: &World) -> Result<Proposal, MissingTopics> {
    let topics = &world.cluster.topics;
    let is_absent = |name: &str| matches!(topics.get(name), Some(Known::Absent) | None);
    let missing: Vec<(String, Option<String>)> = scope
        .topics
        .iter()
        .filter(|named| is_absent(&named.topic))
        .map(|named| {
            let there =
                topics.iter().filter(|(_, view)| view.known().is_some()).map(|(name, _)| name.as_str());
            (named.topic.clone(), closest(&named.topic, there).map(str::to_owned))
        })
        .collect();
    if !missing.is_empty() {
        return Err(MissingTopics(missing));
    }
    let mut proposal = Proposal::default();
    for (name, view) in topics.iter().filter(|(name, _)| scope.covers_topic(name)) {
        match view {
            Known::Known(view) => propose(scope, name, view, world, &mut proposal),
            Known::Absent => {}
            unread => {
                let why = unread.missing_reason().unwrap_or_default();
                // What was not asked for by name is merely left out.
                if scope.topics.is_empty() {
                    let message = format!("its partitions could not be read, so it is left alone: {why}");
                    proposal.findings.push(finding(name, NOT_READABLE, message));
                } else {
                    proposal.conflicts.push(Conflict {
                        resource: Resource::topic(name),
                        reason: ConflictReason::NotReadable,
                        message: format!("the partitions of '{name}' could not be read: {why}"),
                        origin: None,
                    });
                }
            }
        }
    }
    Ok(proposal)
}

const NOT_READABLE: &str = "elect/not-readable";
const NOT_IN_SYNC: &str = "elect/not-in-sync";
const NO_LEADER: &str = "elect/no-leader";

fn finding(topic: &str, code: &'static str, message: String) -> Finding {
    Finding { severity: Severity::Warning, code, message, resource: Resource::topic(topic), origin: None }
}

fn propose(scope: &ElectionScope, name: &str, view: &TopicView, world: &World, proposal: &mut Proposal) {
    for named in scope.topics.iter().filter(|named| named.topic == name) {
        let count = i32::try_from(view.partitions.len()).unwrap_or(i32::MAX);
        let ranges = named.partitions.iter().flat_map(|ranges| &ranges.0);
        for beyond in ranges.filter(|range| *range.end() >= count) {
            let number = (*beyond.start()).max(count);
            proposal.conflicts.push(Conflict {
                resource: Resource::topic(name),
                reason: ConflictReason::PartitionUnavailable,
                message: format!("'{name}' has no partition {number}: it has {count}, counted from 0"),
                origin: None,
            });
        }
    }
    let mut partitions = Vec::new();
    for seen in view.partitions.iter().filter(|seen| scope.covers(name, seen.partition)) {
        let Some(preferred) = seen.replicas.first().copied() else { continue };
        let number = seen.partition;
        match seen.leader {
            Some(leader) if leader == preferred => {}
            None => {
                let message = format!(
                    "{name}-{number} has no leader, and a preferred election cannot give it one: bring one of the \
                     replicas in sync back ({})",
                    listed(&seen.isr)
                );
                proposal.findings.push(finding(name, NO_LEADER, message));
            }
            Some(leader)
                if seen.isr.contains(&preferred) && world.cluster.brokers.contains_key(&preferred) =>
            {
                partitions.push(LeaderMove { partition: number, from: Some(leader), to: preferred });
            }
            Some(leader) => {
                let how = if world.cluster.brokers.contains_key(&preferred) {
                    "is not in sync"
                } else {
                    "is on a broker that is not live"
                };
                let message = format!(
                    "{name}-{number} stays with leader {leader}: its preferred replica {preferred} {how}"
                );
                proposal.findings.push(finding(name, NOT_IN_SYNC, message));
            }
        }
    }
    let resource = Resource::topic(name);
    if partitions.is_empty() {
        if !proposal.findings.iter().any(|finding| finding.resource == resource) {
            proposal.unchanged.insert(resource);
        }
        return;
    }
    let change = ClusterChange::ElectLeaders { topic: name.to_owned(), id: view.id, partitions };
    proposal.changes.push(Proposed::ordered(Change::Cluster(change)));
}

fn listed(nodes: &[i32]) -> String {
    if nodes.is_empty() {
        return "none is known".to_owned();
    }
    nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
