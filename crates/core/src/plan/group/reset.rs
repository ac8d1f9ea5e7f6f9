use super::reset_scope::{commits, group_scope};
use super::step::{complete, findings};
use super::targets::{OffsetAnswers, Targets};
use super::{GroupChange, OffsetMove};
use crate::group::ResetSpec;
use crate::plan::{
    Answers, Basis, Change, Conflict, ConflictReason, Finding, Plan, Proposal, Proposed, Severity, assess,
};
use crate::topology::Topology;
use crate::values::{Known, Resource, TopicPartition, closest};
use crate::world::{GroupType, GroupView, World};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The first offset that is no older than the moment asked about, by partition; `Absent` where every record is older.
pub type OffsetsByTime = OffsetAnswers;

/// What a reset is planned from.
#[derive(Debug, Clone, Copy)]
pub struct ResetInput<'a> {
    /// What is asked for.
    pub spec: &'a ResetSpec,
    /// Groups with members and commits, the topics in scope, and the log ranges of
    /// [`reset_log_partitions`](super::reset_log_partitions).
    pub world: &'a World,
    /// The offsets at [`ResetSpec::lookup_ms`], for strategies by time.
    pub by_time: &'a OffsetsByTime,
    /// The contracts that protect groups, where a topology was found.
    pub contracts: Option<&'a Topology>,
    /// The environment of that topology.
    pub environment: Option<&'a str>,
}

/// A group that a reset names and that does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingGroup {
    /// The name.
    pub group: String,
    /// The group that was probably meant.
    pub suggestion: Option<String>,
}

/// Groups that a reset names and that do not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingGroups(pub Vec<MissingGroup>);

impl fmt::Display for MissingGroups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, missing) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "group '{}' does not exist", missing.group)?;
            if let Some(suggestion) = &missing.suggestion {
                write!(f, ", did you mean '{suggestion}'?")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for MissingGroups {}

/// Plans a reset: one step a group that lists every partition in scope, those that stay where they are too. Planning
/// does not mind an active group; carrying the plan out does.
pub fn plan_reset(input: ResetInput<'_>) -> Result<Plan, MissingGroups> {
    refuse_missing(input)?;
    let mut proposal = Proposal::default();
    let mut seen = BTreeSet::new();
    for group in input.spec.groups.iter().filter(|group| seen.insert(group.as_str())) {
        plan_group(group, input, &mut proposal);
    }
    let basis = Basis {
        command: "group reset",
        environment: input.environment,
        topology: input.contracts,
        world: input.world,
    };
    Ok(assess(proposal, &Answers::default(), &basis))
}

fn refuse_missing(input: ResetInput<'_>) -> Result<(), MissingGroups> {
    let known = &input.world.groups.groups;
    let is_missing = |group: &String| matches!(known.get(group), Some(Known::Absent) | None);
    let mut missing: Vec<MissingGroup> = Vec::new();
    for group in input.spec.groups_to_read().filter(|group| is_missing(group)) {
        let may_be_new = input.spec.new_group && input.spec.groups.contains(group);
        if may_be_new || missing.iter().any(|other| other.group == *group) {
            continue;
        }
        let existing = known.iter().filter(|(_, view)| view.known().is_some()).map(|(name, _)| name.as_str());
        let suggestion = closest(group, existing).map(str::to_owned);
        missing.push(MissingGroup { group: group.clone(), suggestion });
    }
    if missing.is_empty() { Ok(()) } else { Err(MissingGroups(missing)) }
}

fn plan_group(group: &str, input: ResetInput<'_>, proposal: &mut Proposal) {
    let kind = match input.world.groups.groups.get(group) {
        Some(Known::Known(view)) => match obstacle(view) {
            None => {
                findings(group, view, &mut proposal.findings);
                Some(view.kind.clone())
            }
            Some((reason, message)) => {
                proposal.conflicts.push(conflict(Resource::group(group), reason, message));
                return;
            }
        },
        Some(Known::Absent) | None => {
            proposal.findings.push(new_group(group));
            None
        }
        Some(missing) => {
            let why = missing.missing_reason().unwrap_or_default();
            let message = format!("the group could not be looked at: {why}");
            proposal.conflicts.push(conflict(Resource::group(group), ConflictReason::NotReadable, message));
            return;
        }
    };
    let scope = group_scope(input.spec, group, input.world);
    let stands_in_the_way = !scope.conflicts.is_empty();
    for one in scope.conflicts {
        if !proposal.conflicts.contains(&one) {
            proposal.conflicts.push(one);
        }
    }
    proposal.findings.extend(scope.findings);
    if scope.partitions.is_empty() {
        if !stands_in_the_way {
            proposal.findings.push(nothing_in_scope(group));
            proposal.unchanged.insert(Resource::group(group));
        }
        return;
    }
    let partitions = moves(group, scope.partitions, input, proposal);
    if partitions.is_empty() {
        return;
    }
    let change = GroupChange::CommitOffsets { group: group.to_owned(), kind, partitions };
    proposal.changes.push(Proposed {
        rests_on_present: input.spec.strategy.rests_on_present(),
        ..Proposed::ordered(Change::Group(change))
    });
}

fn moves(
    group: &str,
    partitions: BTreeSet<TopicPartition>,
    input: ResetInput<'_>,
    proposal: &mut Proposal,
) -> Vec<OffsetMove> {
    let targets = Targets { spec: input.spec, world: input.world, by_time: input.by_time };
    let present = commits(input.world, group);
    let mut obstacles: BTreeMap<(ConflictReason, String), ()> = BTreeMap::new();
    let mut moves = Vec::with_capacity(partitions.len());
    for at in partitions {
        let from = match present.get(&at) {
            Some(Known::Known(commit)) => Some(commit),
            Some(Known::Absent) | None => None,
            Some(missing) => {
                let why = missing.missing_reason().unwrap_or_default();
                let message = format!("the present commit on {at} could not be read: {why}");
                obstacles.insert((ConflictReason::NotReadable, message), ());
                continue;
            }
        };
        let target = match targets.find(group, &at, from) {
            Ok(target) => target,
            Err(obstacle) => {
                obstacles.insert(obstacle, ());
                continue;
            }
        };
        let stays = from.filter(|commit| commit.offset == target.to);
        let keeps = target.as_committed.as_ref().or(stays);
        let topic = input.world.cluster.topics.get(&*at.topic).and_then(Known::known);
        moves.push(complete(OffsetMove {
            topic_id: topic.and_then(|view| view.id),
            from: from.cloned(),
            to: target.to,
            // An epoch belongs to its offset. The text belongs to the group, and a group may not start without it.
            leader_epoch: keeps.and_then(|commit| commit.leader_epoch),
            metadata: keeps.or(from).map(|commit| commit.metadata.clone()).unwrap_or_default(),
            start: target.range.start,
            end: target.range.end,
            skips: 0,
            repeats: 0,
            span_ms: None,
            clamped: target.clamped,
            note: target.note,
            partition: at,
        }));
    }
    proposal.conflicts.extend(
        obstacles.into_keys().map(|(reason, message)| conflict(Resource::group(group), reason, message)),
    );
    moves
}

/// Why the offsets of a group that exists cannot be reset at all.
pub(super) fn obstacle(view: &GroupView) -> Option<(ConflictReason, String)> {
    match &view.kind {
        GroupType::Classic | GroupType::Consumer | GroupType::Streams => {}
        GroupType::Share => {
            let message = "a share group has no committed offsets: its brokers track every record by itself, \
                           and resetting that is not in this version of klerk";
            return Some((ConflictReason::Other, message.to_owned()));
        }
        GroupType::Other(word) => {
            let message = format!("the group is of type '{word}', which this version of klerk does not know");
            return Some((ConflictReason::Other, message));
        }
    }
    match &view.committed {
        Known::Known(_) | Known::Absent => None,
        missing => {
            let why = missing.missing_reason().unwrap_or_default();
            Some((ConflictReason::NotReadable, format!("the group's commits could not be read: {why}")))
        }
    }
}

fn conflict(resource: Resource, reason: ConflictReason, message: String) -> Conflict {
    Conflict { resource, reason, message, origin: None }
}

fn new_group(group: &str) -> Finding {
    Finding {
        severity: Severity::Info,
        code: "reset/new-group",
        message:
            "the group does not exist and is made by its commits; they expire when no member comes within \
                  the broker's offsets.retention.minutes (7 days unless set)"
                .to_owned(),
        resource: Resource::group(group),
        origin: None,
    }
}

fn nothing_in_scope(group: &str) -> Finding {
    Finding {
        severity: Severity::Warning,
        code: "reset/empty-scope",
        message:
            "there is nothing in scope: --all-topics covers only partitions that have a commit; name the \
                  topics with --topic"
                .to_owned(),
        resource: Resource::group(group),
        origin: None,
    }
}
