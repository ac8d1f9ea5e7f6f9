use super::super::sight::difference;
use super::super::{TopicChange, expectations};
use crate::plan::assess::Standing;
use crate::plan::{Basis, Change, Finding, Proposal, Proposed, Risk, Severity, Sight};
use crate::values::{Known, Pattern, Resource, ResourceType, TopicPartition};
use crate::world::{OngoingMoves, TopicView, World};
use std::collections::{BTreeMap, BTreeSet};

/// Brokers by partition.
type Brokers = BTreeMap<i32, Vec<i32>>;

/// Moves that klerk has sent: partitions, each with the brokers that it was to go to.
pub type SentMoves = BTreeSet<(TopicPartition, BTreeSet<i32>)>;

/// Proposes that moves which are under way are taken back: those of topics that match, or all. Where klerk has not `sent`
/// one, whoever did has a plan of their own, and taking it back is a risk.
pub fn propose_cancels(matching: Option<&Pattern>, sent: &SentMoves, world: &World) -> Proposal {
    let mut proposal = Proposal::default();
    let mut topics: BTreeMap<&str, (Brokers, Brokers)> = BTreeMap::new();
    let mut of_others: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for (at, ongoing) in world.cluster.moves.known().into_iter().flatten() {
        if matching.is_none_or(|matching| matching.matches(&at.topic)) {
            if !sent.contains(&(at.clone(), ongoing.target().into_iter().collect())) {
                of_others.entry(&at.topic).or_default().push(at.partition);
            }
            let (from, to) = topics.entry(&at.topic).or_default();
            from.insert(at.partition, ongoing.target());
            to.insert(at.partition, ongoing.before());
        }
    }
    for (topic, (from, to)) in topics {
        let others = of_others.remove(topic).unwrap_or_default();
        if !others.is_empty() {
            proposal.findings.push(begun_by_others(topic, &others));
        }
        let seen = world.cluster.topics.get(topic).and_then(Known::known);
        let (topic, id) = (topic.to_owned(), seen.and_then(|seen| seen.id));
        let change = TopicChange::CancelMoves { topic, id, from, to };
        let risks = (!others.is_empty()).then_some(Risk::MovesReplicas).into_iter().collect();
        proposal.changes.push(Proposed { risks, ..Proposed::ordered(Change::Topic(change)) });
    }
    proposal
}

fn begun_by_others(topic: &str, partitions: &[i32]) -> Finding {
    let numbers: Vec<String> = partitions.iter().map(i32::to_string).collect();
    let (moves, of) = match numbers.len() {
        1 => ("the move", "partition"),
        _ => ("the moves", "partitions"),
    };
    Finding {
        severity: Severity::Warning,
        code: "topic/move-of-others",
        message: format!(
            "klerk did not begin {moves} of {of} {} of '{topic}', as far as the records on this machine tell; whoever did may \
             begin again",
            numbers.join(", ")
        ),
        resource: Resource { kind: ResourceType::Topic, name: topic.to_owned() },
        origin: None,
    }
}

/// What taking moves back rests on. No broker can be asked whether it would do it.
pub(in crate::plan::topic) fn judge_cancel(change: &TopicChange, basis: &Basis<'_>) -> Standing {
    let mut standing = Standing { expects: expectations(change), ..Standing::default() };
    if basis.topology.is_some_and(|topology| topology.protects_topic(change.topic())) {
        standing.risks.insert(Risk::Protected);
    }
    let note = "replicas stay where they were before the move; what was copied so far is dropped";
    standing.impact.notes.push(note.to_owned());
    standing
}

/// What a look shows of moves that were taken back. One that was done before it could be is moved on.
pub(in crate::plan::topic) fn sight_of_cancel(
    topic: &str,
    view: &TopicView,
    moves: &Known<OngoingMoves>,
    from: &Brokers,
    to: &Brokers,
) -> Sight {
    let (mut not_yet, mut moved_on) = (Vec::new(), Vec::new());
    let set = |ids: &[i32]| ids.iter().copied().collect::<BTreeSet<i32>>();
    for seen in &view.partitions {
        let Some(before) = to.get(&seen.partition) else { continue };
        let field = format!("replicas of partition {}", seen.partition);
        let ids = |ids: &[i32]| Some(ids.iter().map(i32::to_string).collect::<Vec<_>>().join(","));
        let differing = difference(&field, ids(before), ids(&seen.replicas));
        let at = TopicPartition::new(topic, seen.partition);
        match moves.known().and_then(|moves| moves.get(&at)) {
            Some(ongoing) if Some(&ongoing.target()) == from.get(&seen.partition) => not_yet.push(differing),
            Some(_) => moved_on.push(differing),
            None if set(&seen.replicas) == set(before) => {}
            // Right after it was taken back, brokers still show the replicas of both ends.
            None if set(&seen.replicas).is_superset(&set(before)) => not_yet.push(differing),
            None => moved_on.push(differing),
        }
    }
    match (moved_on.is_empty(), not_yet.is_empty()) {
        (false, _) => Sight::MovedOn(moved_on),
        (true, false) => Sight::NotYet(not_yet),
        (true, true) => Sight::AsAsked,
    }
}
