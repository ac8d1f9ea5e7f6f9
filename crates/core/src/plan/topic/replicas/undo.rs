use super::super::TopicChange;
use super::Placer;
use crate::plan::undo::{moved_since, not_reversible};
use crate::plan::{Change, Conflict, ConflictReason, Finding, Proposal, Proposed, Question, Risk};
use crate::values::{Resource, TopicPartition};
use crate::world::{PartitionView, TopicView, World};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The numbers of the partitions that a run added, by topic.
pub(in crate::plan::topic) type AddedPartitions<'a> = BTreeMap<&'a str, Range<i32>>;

/// Brokers by partition.
type Brokers = BTreeMap<i32, Vec<i32>>;

/// A move of replicas that is taken back.
pub(in crate::plan::topic) struct Returning<'a> {
    pub topic: &'a str,
    pub view: &'a TopicView,
    /// Where the partitions that moved were before.
    pub before: &'a Brokers,
    /// Where the move left them.
    pub left: &'a Brokers,
    /// The partitions that the same run added: they stay, with as many replicas as the others go back to.
    pub added: Range<i32>,
}

/// What has to move, and what of it is not where the run left it.
#[derive(Default)]
struct Moves {
    from: Brokers,
    to: Brokers,
    since: Vec<String>,
}

impl Moves {
    fn push(&mut self, seen: &PartitionView, to: Vec<i32>, as_left: bool) {
        if !as_left {
            self.since.push(format!("partition {} is on brokers {:?} now", seen.partition, seen.replicas));
        }
        self.from.insert(seen.partition, seen.replicas.clone());
        self.to.insert(seen.partition, to);
    }
}

impl Returning<'_> {
    /// Proposes that replicas go back to where they were, and that partitions added since have as many.
    pub fn propose(&self, world: &World, placer: &mut Placer<'_>, proposal: &mut Proposal) {
        if let Some(conflict) = self.in_the_way(world) {
            return proposal.conflicts.push(conflict);
        }
        let mut moves = Moves::default();
        for seen in &self.view.partitions {
            let Some(before) = self.before.get(&seen.partition) else { continue };
            if seen.replicas != *before {
                placer.returned(&seen.replicas, before);
                moves.push(seen, before.clone(), self.left.get(&seen.partition) == Some(&seen.replicas));
            }
        }
        if let Err(conflict) = self.even_out(placer, &mut moves, proposal) {
            return proposal.conflicts.push(conflict);
        }
        if moves.to.is_empty() {
            proposal.unchanged.insert(Resource::topic(self.topic));
            return;
        }
        self.tell_uneven(&moves, proposal);
        let mut risks = BTreeSet::new();
        if !moves.since.is_empty() {
            risks.insert(Risk::MovedSince);
            let message = format!(
                "its replicas have been moved since: {}; going back starts from what is there now (--allow moved-since)",
                moves.since.join("; ")
            );
            proposal.findings.push(moved_since(Resource::topic(self.topic), message));
        }
        proposal.questions.insert(Question::Sizes { topic: self.topic.to_owned() });
        let Moves { from, to, .. } = moves;
        let (topic, id, under_way) = (self.topic.to_owned(), self.view.id, BTreeSet::new());
        let change = TopicChange::MoveReplicas { topic, id, from, to, under_way, throttle: None };
        proposal.changes.push(Proposed { risks, ..Proposed::ordered(Change::Topic(change)) });
    }

    /// Why nothing can be moved now.
    fn in_the_way(&self, world: &World) -> Option<Conflict> {
        let moves = world.cluster.moves.known();
        let is_moving = |number: &i32| {
            moves.is_some_and(|moves| moves.contains_key(&TopicPartition::new(self.topic, *number)))
        };
        let moving = self.before.keys().copied().chain(self.added.clone()).filter(is_moving).count();
        if moving > 0 {
            let message = format!(
                "replicas of {moving} of its partitions are still being moved; cancel that first (klerk cluster moves \
                 --cancel --match {}), which leaves them where they were, or wait for it (klerk cluster moves --wait)",
                self.topic
            );
            return Some(self.conflict(ConflictReason::BeingMoved, message));
        }
        let dead = self.before.values().flatten().find(|id| !world.cluster.brokers.contains_key(id))?;
        let message = format!("broker {dead}, which held a replica before the change, is not alive");
        Some(self.conflict(ConflictReason::ReplicationDiffers, message))
    }

    /// The replication that the partitions go back to, where it is one.
    fn factor(&self) -> Option<usize> {
        let factor = self.before.values().next()?.len();
        self.before.values().all(|before| before.len() == factor).then_some(factor)
    }

    /// Gives the partitions that the run added as many replicas as the others go back to.
    fn even_out(
        &self,
        placer: &mut Placer<'_>,
        moves: &mut Moves,
        proposal: &mut Proposal,
    ) -> Result<(), Conflict> {
        let Some(factor) = self.factor() else { return Ok(()) };
        let added = self.view.partitions.iter().filter(|seen| self.added.contains(&seen.partition));
        let (assignments, noted) = placer.even_out(added.clone(), factor).map_err(|impossible| {
            let message = format!("'{}' cannot have {factor} replicas now: {impossible}", self.topic);
            self.conflict(ConflictReason::ReplicationDiffers, message)
        })?;
        if let Some((severity, code, message)) = noted {
            let resource = Resource::topic(self.topic);
            proposal.findings.push(Finding { severity, code, message, resource, origin: None });
        }
        let mut targets: Brokers = assignments.into_iter().map(|one| (one.partition, one.replicas)).collect();
        for seen in added {
            if let Some(to) = targets.remove(&seen.partition) {
                // Brokers give new partitions as many replicas as the first one had.
                let as_left = self.left.values().any(|left| left.len() == seen.replicas.len());
                moves.push(seen, to, as_left);
            }
        }
        Ok(())
    }

    /// Says of partitions that are left alone how many replicas they keep, where the others go back to other numbers.
    fn tell_uneven(&self, moves: &Moves, proposal: &mut Proposal) {
        let factors: BTreeSet<usize> = self.before.values().map(Vec::len).collect();
        let alone = self.view.partitions.iter().filter(|seen| {
            !self.before.contains_key(&seen.partition)
                && !moves.to.contains_key(&seen.partition)
                && !factors.contains(&seen.replicas.len())
        });
        let mut by_factor: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for seen in alone {
            by_factor.entry(seen.replicas.len()).or_default().push(seen.partition.to_string());
        }
        let back = factors.iter().map(usize::to_string).collect::<Vec<_>>().join(" or ");
        for (factor, numbers) in by_factor {
            let message = format!(
                "partitions that the run did not move keep replication {factor}, and the others go back to {back}: {}; a \
                 file with one replication evens them out",
                numbers.join(", ")
            );
            proposal.findings.push(not_reversible(Resource::topic(self.topic), message));
        }
    }

    fn conflict(&self, reason: ConflictReason, message: String) -> Conflict {
        Conflict { resource: Resource::topic(self.topic), reason, message, origin: None }
    }
}
