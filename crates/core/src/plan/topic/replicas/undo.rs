use super::super::TopicChange;
use crate::plan::undo::{moved_since, not_reversible};
use crate::plan::{Change, Conflict, ConflictReason, Proposal, Proposed, Question, Risk};
use crate::values::{Resource, TopicPartition};
use crate::world::{TopicView, World};
use std::collections::{BTreeMap, BTreeSet};

/// Proposes that replicas go back to where they were before a move.
pub(in crate::plan::topic) fn way_back(
    topic: &str,
    view: &TopicView,
    before: &BTreeMap<i32, Vec<i32>>,
    left: &BTreeMap<i32, Vec<i32>>,
    world: &World,
    proposal: &mut Proposal,
) {
    let resource = Resource::topic(topic);
    let conflict = |reason: ConflictReason, message: String| Conflict {
        resource: Resource::topic(topic),
        reason,
        message,
        origin: None,
    };
    let moves = world.cluster.moves.known();
    let is_moving =
        |number: &&i32| moves.is_some_and(|moves| moves.contains_key(&TopicPartition::new(topic, **number)));
    let moving = before.keys().filter(is_moving).count();
    if moving > 0 {
        let message = format!(
            "replicas of {moving} of its partitions are still being moved; cancel that first (klerk cluster moves \
             --cancel --match {topic}), which leaves them where they were, or wait for it (klerk cluster moves --wait)"
        );
        return proposal.conflicts.push(conflict(ConflictReason::BeingMoved, message));
    }
    let dead: BTreeSet<i32> =
        before.values().flatten().filter(|id| !world.cluster.brokers.contains_key(id)).copied().collect();
    if let Some(dead) = dead.first() {
        let message = format!("broker {dead}, which held a replica before the change, is not alive");
        return proposal.conflicts.push(conflict(ConflictReason::ReplicationDiffers, message));
    }
    let (mut from, mut to, mut moved) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for (number, before) in before {
        let Some(seen) = view.partitions.iter().find(|seen| seen.partition == *number) else { continue };
        if seen.replicas == *before {
            continue;
        }
        if left.get(number) != Some(&seen.replicas) {
            moved.push(format!("partition {number} is on brokers {:?} now", seen.replicas));
        }
        from.insert(*number, seen.replicas.clone());
        to.insert(*number, before.clone());
    }
    if to.is_empty() {
        proposal.unchanged.insert(resource);
        return;
    }
    uneven(topic, view, before, proposal);
    let mut risks = BTreeSet::new();
    if !moved.is_empty() {
        risks.insert(Risk::MovedSince);
        let message = format!(
            "its replicas have been moved since: {}; going back starts from what is there now (--allow moved-since)",
            moved.join("; ")
        );
        proposal.findings.push(moved_since(resource, message));
    }
    proposal.questions.insert(Question::Sizes { topic: topic.to_owned() });
    let (topic, id, under_way) = (topic.to_owned(), view.id, BTreeSet::new());
    let change = TopicChange::MoveReplicas { topic, id, from, to, under_way, throttle: None };
    proposal.changes.push(Proposed { risks, ..Proposed::ordered(Change::Topic(change)) });
}

/// Says of partitions that were added since how many replicas they keep, where the others go back to other numbers.
fn uneven(topic: &str, view: &TopicView, before: &BTreeMap<i32, Vec<i32>>, proposal: &mut Proposal) {
    let factors: BTreeSet<usize> = before.values().map(Vec::len).collect();
    let added = view
        .partitions
        .iter()
        .filter(|seen| !before.contains_key(&seen.partition) && !factors.contains(&seen.replicas.len()));
    let mut by_factor: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for seen in added {
        by_factor.entry(seen.replicas.len()).or_default().push(seen.partition.to_string());
    }
    for (factor, numbers) in by_factor {
        let back = factors.iter().map(usize::to_string).collect::<Vec<_>>().join(" or ");
        let message = format!(
            "partitions that were added since keep replication {factor}, and the others go back to {back}: {}; a file \
             with replication: {back} evens them out",
            numbers.join(", ")
        );
        proposal.findings.push(not_reversible(Resource::topic(topic), message));
    }
}
