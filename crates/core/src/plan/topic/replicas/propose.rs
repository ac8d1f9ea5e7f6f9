use super::super::TopicChange;
use crate::placement::{Assignment, Brokers, Held, Impossible, replicate};
use crate::plan::{ConflictReason, Severity};
use crate::topology::Topic;
use crate::values::{Known, TopicPartition, first_few};
use crate::world::{ClusterView, OngoingMove, OngoingMoves, PartitionView, TopicView};
use std::collections::{BTreeMap, BTreeSet};

/// How many partitions are named one by one.
const NAMED: usize = 5;

/// How bad something is, its code and what it is.
pub(in crate::plan::topic) type Noted = (Severity, &'static str, String);

/// Places the replicas of one topic after the other, so that they spread over the brokers.
pub(in crate::plan::topic) struct Placer<'a> {
    moves: Option<&'a OngoingMoves>,
    brokers: Brokers,
    /// Live brokers without a rack, where others have one.
    rackless: Vec<i32>,
    /// Brokers that are known of and are not live.
    down: BTreeSet<i32>,
}

/// What has to happen for a topic to have the replicas that are wanted.
#[derive(Debug, Default)]
pub(in crate::plan::topic) struct Placing {
    pub change: Option<TopicChange>,
    pub conflict: Option<(ConflictReason, String)>,
    pub findings: Vec<Noted>,
}

impl<'a> Placer<'a> {
    pub fn new(have: &'a ClusterView) -> Self {
        let moves = have.moves.known();
        let live = have.brokers.values();
        let mut brokers = Brokers::new(live.clone().map(|broker| (broker.id, broker.rack.clone())));
        for (name, topic) in &have.topics {
            for seen in topic.known().into_iter().flat_map(|topic| &topic.partitions) {
                match moving(moves, name, seen.partition) {
                    Some(ongoing) => brokers.carry(&ongoing.target()),
                    None => brokers.carry(&seen.replicas),
                }
            }
        }
        let racked = live.clone().any(|broker| broker.rack.is_some());
        let rackless =
            live.filter(|broker| racked && broker.rack.is_none()).map(|broker| broker.id).collect();
        Placer { moves, brokers, rackless, down: have.brokers_down() }
    }

    /// Compares the replicas of a topic with the factor that is wanted.
    pub fn compare(&mut self, topic: &Topic, view: &TopicView, wanted: i16) -> Placing {
        let name = topic.name.as_str();
        let factor = usize::try_from(wanted).unwrap_or_default();
        let mut placing = Placing::default();
        let (mut from, mut to, mut under_way) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        let (mut elsewhere, mut shifting) = (BTreeMap::new(), BTreeMap::new());
        let mut held = Vec::new();
        for seen in &view.partitions {
            match moving(self.moves, name, seen.partition) {
                None => held.push(as_held(seen)),
                Some(ongoing) if ongoing.target().len() != factor => {
                    elsewhere.insert(seen.partition, ongoing);
                }
                Some(ongoing) if ongoing.before().len() == factor => {
                    shifting.insert(seen.partition, ongoing);
                }
                Some(ongoing) => {
                    from.insert(seen.partition, ongoing.before());
                    to.insert(seen.partition, ongoing.target());
                    under_way.insert(seen.partition);
                }
            }
        }
        if !shifting.is_empty() {
            let message = format!(
                "replicas are being moved by somebody, and klerk leaves them to it: {}",
                told_moves(&shifting)
            );
            placing.findings.push((Severity::Info, "topic/being-moved", message));
        }
        if !elsewhere.is_empty() {
            let message = format!(
                "the file wants {wanted} replicas of each partition of '{name}', and a move that is under way leads \
                 elsewhere: {}. klerk does not interfere with it: wait for it (klerk cluster moves --wait), or cancel \
                 it (klerk cluster moves --cancel --match {name})",
                told_moves(&elsewhere)
            );
            placing.conflict = Some((ConflictReason::BeingMoved, message));
            return placing;
        }
        match replicate(&held, factor, &mut self.brokers) {
            Ok(assignments) => {
                placing.findings.extend(self.rackless(&assignments));
                let before: BTreeMap<i32, Vec<i32>> =
                    held.into_iter().map(|held| (held.partition, held.replicas)).collect();
                for Assignment { partition, replicas, .. } in assignments {
                    from.insert(partition, before.get(&partition).cloned().unwrap_or_default());
                    to.insert(partition, replicas);
                }
            }
            Err(impossible) => {
                let missing = match impossible {
                    Impossible::TooFewBrokers { .. } => start(&self.down),
                    Impossible::NoLeader { .. } => String::new(),
                };
                let message = format!("'{name}' cannot have {wanted} replicas now: {impossible}{missing}");
                placing.conflict = Some((ConflictReason::ReplicationDiffers, message));
                return placing;
            }
        }
        if !to.is_empty() {
            let (topic, id) = (name.to_owned(), view.id);
            let throttle = None;
            placing.change = Some(TopicChange::MoveReplicas { topic, id, from, to, under_way, throttle });
        }
        placing
    }

    /// Counts replicas that go back to where they were.
    pub fn returned(&mut self, from: &[i32], to: &[i32]) {
        from.iter().for_each(|id| self.brokers.freed(*id));
        self.brokers.carry(to);
    }

    /// Gives these partitions as many replicas, with what stands out about where they come.
    pub fn even_out<'v>(
        &mut self,
        partitions: impl Iterator<Item = &'v PartitionView>,
        factor: usize,
    ) -> Result<(Vec<Assignment>, Option<Noted>), Impossible> {
        let held: Vec<Held> = partitions.map(as_held).collect();
        let assignments = replicate(&held, factor, &mut self.brokers)?;
        let noted = self.rackless(&assignments);
        Ok((assignments, noted))
    }

    fn rackless(&self, assignments: &[Assignment]) -> Option<Noted> {
        let adds = assignments.iter().any(|one| !one.adding.is_empty());
        if !adds || self.rackless.is_empty() {
            return None;
        }
        let ids: Vec<String> = self.rackless.iter().map(i32::to_string).collect();
        let (brokers, have, counts) = match ids.len() {
            1 => ("broker", "has", "it counts as a rack of its own"),
            _ => ("brokers", "have", "each counts as a rack of its own"),
        };
        let message = format!(
            "{brokers} {} {have} no rack while others have one; {counts}, which may put two replicas where one \
             failure takes both: set broker.rack there",
            ids.join(", ")
        );
        Some((Severity::Warning, "topic/broker-without-rack", message))
    }
}

/// `broker 3 is down`, where any is.
pub(in crate::plan::topic) fn down(down: &BTreeSet<i32>) -> Option<String> {
    let ids: Vec<String> = down.iter().map(i32::to_string).collect();
    match ids.as_slice() {
        [] => None,
        [one] => Some(format!("broker {one} is down")),
        [others @ .., last] => Some(format!("brokers {} and {last} are down", others.join(", "))),
    }
}

/// The end of a sentence that lacks them: `; broker 3 is down: start it first`.
pub(in crate::plan::topic) fn start(brokers: &BTreeSet<i32>) -> String {
    let them = if brokers.len() == 1 { "it" } else { "them" };
    down(brokers).map_or_else(String::new, |down| format!("; {down}: start {them} first"))
}

fn moving<'m>(moves: Option<&'m OngoingMoves>, topic: &str, partition: i32) -> Option<&'m OngoingMove> {
    moves.filter(|moves| !moves.is_empty())?.get(&TopicPartition::new(topic, partition))
}

fn as_held(seen: &PartitionView) -> Held {
    Held {
        partition: seen.partition,
        leader: seen.leader,
        replicas: seen.replicas.clone(),
        isr: seen.isr.clone(),
    }
}

/// `partition 0 (adding 2, removing 1), partition 3 (adding 4)`.
fn told_moves(moves: &BTreeMap<i32, &OngoingMove>) -> String {
    let ids = |ids: &[i32]| ids.iter().map(i32::to_string).collect::<Vec<_>>().join(" and ");
    let one = |(number, ongoing): (&i32, &&OngoingMove)| {
        let parts = [("adding", &ongoing.adding), ("removing", &ongoing.removing)];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(_, brokers)| !brokers.is_empty())
            .map(|(word, brokers)| format!("{word} {}", ids(brokers)))
            .collect();
        format!("partition {number} ({})", parts.join(", "))
    };
    first_few(moves.iter().map(one), NAMED).join(", ")
}

/// Why the moves that are under way are not known, where they had to be.
impl Placing {
    pub fn of_unread_moves(name: &str, moves: &Known<OngoingMoves>) -> Option<Placing> {
        let why = match moves {
            Known::Known(_) | Known::NotAsked | Known::Denied(_) => return None,
            other => other.missing_reason().unwrap_or_else(|| "there is no answer".to_owned()),
        };
        let message = format!(
            "whether replicas of '{name}' are on their way already could not be read, so none is moved: {why}"
        );
        Some(Placing { conflict: Some((ConflictReason::NotReadable, message)), ..Placing::default() })
    }
}
