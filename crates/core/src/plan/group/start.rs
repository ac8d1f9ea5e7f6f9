//! `start` of a contract: a partition without a commit gets one before the first consumer comes, so that the group begins
//! where the file says and misses nothing in between. A commit that exists is never moved.

use super::reset::obstacle;
use super::step::complete;
use super::targets::log_range;
use super::{GroupChange, OffsetMove};
use crate::plan::{
    Change, Conflict, ConflictReason, DiffOptions, Finding, Proposal, Proposed, Severity, TopicChange,
};
use crate::topology::{Contract, StartAt, Topology};
use crate::values::{Known, Origin, Resource, Sourced, TopicId, TopicPartition};
use crate::world::{Committed, GroupType, LogRange, World};
use std::collections::BTreeMap;

/// Contracts that say where their groups begin. What others own is never planned.
pub(in crate::plan) fn started<'a>(
    want: &'a Topology,
    options: &'a DiffOptions,
) -> impl Iterator<Item = (&'a Contract, &'a Sourced<StartAt>)> {
    let covered = want.groups.values().filter(|contract| {
        options.covers_group(&contract.group) && !want.external.has_group(&contract.group)
    });
    covered.filter_map(|contract| Some((contract, contract.terms.start.as_ref()?)))
}

/// Proposes the commits that are lacking. Topics must have been compared already, for partitions that they get begin at 0.
pub(super) fn propose(want: &Topology, have: &World, options: &DiffOptions, proposal: &mut Proposal) {
    // Files of another revision have no commits.
    if !have.cluster.was_seen() {
        return;
    }
    for (contract, start) in started(want, options) {
        Start { contract, start, have, moves: Vec::new(), found: Found::default() }.propose(proposal);
    }
}

/// A partition that is to be begun at.
struct Beginning {
    at: TopicPartition,
    topic_id: Option<TopicId>,
    range: LogRange,
    is_new: bool,
}

#[derive(Default)]
struct Found {
    conflicts: Vec<Conflict>,
    findings: Vec<Finding>,
}

struct Start<'a> {
    contract: &'a Contract,
    start: &'a Sourced<StartAt>,
    have: &'a World,
    moves: Vec<OffsetMove>,
    found: Found,
}

impl Start<'_> {
    fn propose(mut self, proposal: &mut Proposal) {
        let group = self.contract.group.clone();
        if let Some((kind, is_active)) = self.look() {
            let beginnings = self.beginnings(proposal);
            if is_active {
                self.leave_to_members(&beginnings);
            } else {
                self.moves = beginnings.into_iter().map(|one| self.begin(one)).collect();
            }
            if self.moves.is_empty() && self.found.conflicts.is_empty() {
                proposal.unchanged.insert(Resource::group(&group));
            }
            if !self.moves.is_empty() {
                self.say_until_when();
                let partitions = std::mem::take(&mut self.moves);
                let change = Change::Group(GroupChange::CommitOffsets { group, kind, partitions });
                proposal.changes.push(Proposed {
                    rests_on_present: true,
                    ..Proposed::asked(change, self.start.origin.clone())
                });
            }
        }
        proposal.conflicts.extend(self.found.conflicts);
        proposal.findings.extend(self.found.findings);
    }

    /// The group's type, and whether it has members; nothing where it cannot be begun.
    fn look(&mut self) -> Option<(Option<GroupType>, bool)> {
        let seen = self.have.groups.groups.get(&self.contract.group).unwrap_or(&Known::NotAsked);
        match seen {
            Known::Known(view) => match obstacle(view) {
                None => Some((Some(view.kind.clone()), !view.state.is_inactive())),
                Some((reason, message)) => {
                    self.conflict(reason, message);
                    None
                }
            },
            Known::Absent => Some((None, false)),
            missing => {
                let why = missing.missing_reason().unwrap_or_default();
                let message = format!("whether the group has commits could not be read: {why}");
                self.conflict(ConflictReason::NotReadable, message);
                None
            }
        }
    }

    /// The partitions without a commit, those that this plan makes too.
    fn beginnings(&mut self, proposal: &Proposal) -> Vec<Beginning> {
        let contract = self.contract;
        let Some(topics) = &contract.topics else { return Vec::new() };
        let mut beginnings = Vec::new();
        for name in &topics.names {
            let comes = |change: &TopicChange| change.topic() == name.as_str();
            let mut changes = proposal.changes.iter().filter_map(|proposed| match &proposed.change {
                Change::Topic(change) if comes(change) => Some(change),
                _ => None,
            });
            let grown = changes.clone().find_map(|change| match change {
                TopicChange::AddPartitions { from, to, .. } => Some(*from..*to),
                _ => None,
            });
            let created = changes.find_map(|change| match change {
                TopicChange::Create { partitions, .. } => Some(*partitions),
                _ => None,
            });
            match (self.have.cluster.topics.get(name).unwrap_or(&Known::NotAsked), created) {
                (Known::Known(view), _) => {
                    for seen in &view.partitions {
                        let at = TopicPartition::new(name.as_str(), seen.partition);
                        beginnings.extend(self.existing(at, view.id));
                    }
                    beginnings.extend(grown.into_iter().flatten().map(|number| Beginning::of_new(name, number, view.id)));
                }
                (Known::Absent, Some(Some(count))) => {
                    beginnings.extend((0..count).map(|number| Beginning::of_new(name, number, None)));
                }
                (Known::Absent, Some(None)) => self.later(&format!(
                    "'{name}' gets as many partitions as the broker has it, so that where '{}' begins in them is for the \
                     next apply",
                    contract.group
                )),
                (Known::Absent, None) => self.later(&format!(
                    "'{name}' does not exist, so that '{}' cannot begin in it",
                    contract.group
                )),
                (missing, _) => {
                    let why = missing.missing_reason().unwrap_or_default();
                    self.conflict(ConflictReason::NotReadable, format!("topic {name} could not be read: {why}"));
                }
            }
        }
        beginnings
    }

    fn existing(&mut self, at: TopicPartition, topic_id: Option<TopicId>) -> Option<Beginning> {
        match super::reset_scope::commits(self.have, &self.contract.group).get(&at) {
            Some(Known::Known(_)) => return None,
            Some(Known::Absent) | None => {}
            Some(missing) => {
                let why = missing.missing_reason().unwrap_or_default();
                let message = format!("whether there is a commit on {at} could not be read: {why}");
                self.conflict(ConflictReason::NotReadable, message);
                return None;
            }
        }
        match log_range(self.have, &at, "bring its broker back") {
            Ok(range) => Some(Beginning { at, topic_id, range, is_new: false }),
            Err((reason, message)) => {
                self.conflict(reason, message);
                None
            }
        }
    }

    fn begin(&self, one: Beginning) -> OffsetMove {
        let Beginning { at, topic_id, range, is_new } = one;
        complete(OffsetMove {
            partition: at,
            topic_id,
            from: None::<Committed>,
            to: match self.start.value {
                StartAt::Earliest => range.start,
                StartAt::Latest => range.end,
            },
            leader_epoch: None,
            metadata: String::new(),
            start: range.start,
            end: range.end,
            skips: 0,
            repeats: 0,
            span_ms: None,
            clamped: false,
            note: is_new.then(|| "a new partition".to_owned()),
        })
    }

    /// Kafka takes commits of a group with members from these alone. Where nothing is to be read yet nothing is missed.
    fn leave_to_members(&mut self, beginnings: &[Beginning]) {
        let mut by_topic: BTreeMap<&str, usize> = BTreeMap::new();
        for one in beginnings.iter().filter(|one| one.is_new || one.range.end > one.range.start) {
            *by_topic.entry(&one.at.topic).or_default() += 1;
        }
        if by_topic.is_empty() {
            return;
        }
        let named: Vec<String> = by_topic.iter().map(|(topic, count)| format!("{topic} ({count})")).collect();
        let message = format!(
            "'{}' has members, from whom alone Kafka takes commits, and none on some partitions of {}: there they begin \
             where their own auto.offset.reset says",
            self.contract.group,
            named.join(", ")
        );
        self.finding("group/start-active", message);
    }

    fn say_until_when(&mut self) {
        let message = format!(
            "the commits that '{}' gets expire when no member comes within the broker's offsets.retention.minutes (7 days \
             unless set); a later apply then makes them anew",
            self.contract.group
        );
        self.finding("group/start-expires", message);
    }

    fn later(&mut self, message: &str) {
        self.finding("group/start-later", message.to_owned());
    }

    fn finding(&mut self, code: &'static str, message: String) {
        let (resource, origin) = self.place();
        let severity = Severity::Info;
        self.found.findings.push(Finding { severity, code, message, resource, origin });
    }

    fn conflict(&mut self, reason: ConflictReason, message: String) {
        let (resource, origin) = self.place();
        self.found.conflicts.push(Conflict { resource, reason, message, origin });
    }

    fn place(&self) -> (Resource, Option<Origin>) {
        (Resource::group(&self.contract.group), Some(self.start.origin.clone()))
    }
}

impl Beginning {
    /// In a partition that this plan makes there is nothing before 0.
    fn of_new(topic: &str, number: i32, topic_id: Option<TopicId>) -> Self {
        let range = LogRange { start: 0, end: 0 };
        Beginning { at: TopicPartition::new(topic, number), topic_id, range, is_new: true }
    }
}
