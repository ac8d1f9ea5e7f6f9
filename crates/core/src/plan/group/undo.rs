use super::reset_scope::{commits, find_partition, partition_view};
use super::step::{complete, findings};
use super::targets::{log_range, outside};
use super::{GroupChange, OffsetMove};
use crate::group::LogPartitions;
use crate::plan::{
    Answers, Basis, Change, Conflict, ConflictReason, Finding, Plan, Proposal, Proposed, Risk, Severity,
    Step, assess,
};
use crate::topology::Topology;
use crate::values::{Known, Resource, TopicId, TopicPartition};
use crate::world::{Committed, GroupType, World};
use std::collections::BTreeSet;

/// What the way back of recorded changes of groups is planned from.
#[derive(Debug, Clone, Copy)]
pub struct UndoInput<'a> {
    /// The changes as the record has them, with the offsets that were there before each.
    pub changes: &'a [GroupChange],
    /// The groups with members and commits, their topics, and the log ranges of
    /// [`undo_log_partitions`](super::undo_log_partitions).
    pub world: &'a World,
    /// The contracts that protect groups, where a topology was found.
    pub contracts: Option<&'a Topology>,
    /// The environment of that topology.
    pub environment: Option<&'a str>,
}

/// One partition as a recorded change found it, left it, and as it is now.
struct WayBack<'a> {
    at: &'a TopicPartition,
    topic_id: Option<TopicId>,
    before: Option<&'a Committed>,
    left: Option<i64>,
}

/// The partitions whose log range must be read to plan the way back.
pub fn undo_log_partitions(changes: &[GroupChange], world: &World) -> LogPartitions {
    let mut needed = LogPartitions::new();
    for one in changes.iter().flat_map(ways_back) {
        if one.before.is_some() && partition_view(world, one.at).is_some_and(|at| at.leader.is_some()) {
            needed.entry(one.at.topic.clone()).or_default().insert(one.at.partition);
        }
    }
    needed
}

/// Plans the way back: commits return with their leader epoch and metadata, and a partition that had no commit loses
/// the one it was given. Where the present offsets are not what the change left, the step carries the risk
/// `moved-since`, and what moved is listed.
pub fn plan_undo_groups(input: UndoInput<'_>) -> Plan {
    let mut proposal = Proposal::default();
    for change in input.changes {
        plan_change(change, input.world, &mut proposal);
    }
    let basis = Basis {
        command: "undo",
        environment: input.environment,
        topology: input.contracts,
        world: input.world,
    };
    assess(proposal, &Answers::default(), &basis)
}

fn ways_back(change: &GroupChange) -> Vec<WayBack<'_>> {
    match change {
        GroupChange::CommitOffsets { partitions, .. } => partitions
            .iter()
            .filter(|one| !one.is_unchanged())
            .map(|one| WayBack {
                at: &one.partition,
                topic_id: one.topic_id,
                before: one.from.as_ref(),
                left: Some(one.to),
            })
            .collect(),
        GroupChange::DeleteOffsets { partitions, .. } => partitions
            .iter()
            .map(|(at, commit)| WayBack { at, topic_id: None, before: Some(commit), left: None })
            .collect(),
    }
}

fn plan_change(change: &GroupChange, world: &World, proposal: &mut Proposal) {
    let group = change.group();
    let kind = match world.groups.groups.get(group) {
        Some(Known::Known(view)) => match &view.committed {
            Known::Known(_) | Known::Absent => {
                findings(group, view, &mut proposal.findings);
                Some(view.kind.clone())
            }
            missing => return not_readable(group, missing, proposal),
        },
        Some(Known::Absent) | None => None,
        Some(missing) => return not_readable(group, missing, proposal),
    };
    let mut moves = Vec::new();
    let mut deletions = Vec::new();
    let mut moved = Vec::new();
    for way in ways_back(change) {
        let present = match commits(world, group).get(way.at) {
            Some(Known::Known(commit)) => Some(commit),
            Some(Known::Absent) | None => None,
            Some(missing) => {
                not_readable(group, missing, proposal);
                continue;
            }
        };
        let now = present.map(|commit| commit.offset);
        // What is back already was not changed, or was undone: a change that was done in part is undone in part.
        if now != way.left && now != way.before.map(|commit| commit.offset) {
            moved.push(format!(
                "{}: {} now, {} when the change was done",
                way.at,
                in_words(now),
                in_words(way.left)
            ));
        }
        match (way.before, present) {
            (Some(before), _) => match back_to(&way, before, present, world) {
                Ok(one) => moves.extend(one),
                Err(conflict) => proposal.conflicts.push(conflict),
            },
            (None, Some(present)) => deletions.push((way.at.clone(), present.clone())),
            (None, None) => {}
        }
    }
    let mut risks = BTreeSet::new();
    if !moved.is_empty() {
        risks.insert(Risk::MovedSince);
        proposal.findings.push(moved_since(group, &moved));
    }
    propose(group, kind, moves, deletions, risks, proposal);
}

fn propose(
    group: &str,
    kind: Option<GroupType>,
    moves: Vec<OffsetMove>,
    deletions: Vec<(TopicPartition, Committed)>,
    risks: BTreeSet<Risk>,
    proposal: &mut Proposal,
) {
    let mut changes = Vec::new();
    if !moves.is_empty() {
        changes.push(GroupChange::CommitOffsets {
            group: group.to_owned(),
            kind: kind.clone(),
            partitions: moves,
        });
    }
    if !deletions.is_empty() {
        changes.push(GroupChange::DeleteOffsets { group: group.to_owned(), kind, partitions: deletions });
    }
    if changes.is_empty() {
        proposal.unchanged.insert(Resource::group(group));
    }
    proposal.changes.extend(changes.into_iter().map(|change| Proposed {
        rests_on_present: true,
        risks: risks.clone(),
        ..Proposed::ordered(Change::Group(change))
    }));
}

/// The move that gives a partition its old commit again, exactly as it was; none where it has that offset already and
/// its log cannot be read.
fn back_to(
    way: &WayBack<'_>,
    before: &Committed,
    present: Option<&Committed>,
    world: &World,
) -> Result<Option<OffsetMove>, Conflict> {
    let conflict = |reason, message: String| Conflict {
        resource: Resource::topic(&*way.at.topic),
        reason,
        message,
        origin: None,
    };
    let topic = match world.cluster.topics.get(&*way.at.topic) {
        Some(Known::Known(view)) => view,
        Some(Known::Absent) | None => {
            let message = format!("{} cannot go back: the topic does not exist any more", way.at);
            return Err(conflict(ConflictReason::Absent, message));
        }
        Some(missing) => {
            let why = missing.missing_reason().unwrap_or_default();
            return Err(conflict(
                ConflictReason::NotReadable,
                format!("the topic could not be looked at: {why}"),
            ));
        }
    };
    if way.topic_id.is_some() && topic.id.is_some() && way.topic_id != topic.id {
        let message = format!(
            "{} cannot go back: the topic was deleted and created again, so the old offset means nothing in it",
            way.at
        );
        return Err(conflict(ConflictReason::Other, message));
    }
    if find_partition(topic, way.at.partition).is_none() {
        let message = format!("{} cannot go back: the partition does not exist any more", way.at);
        return Err(conflict(ConflictReason::PartitionUnavailable, message));
    }
    let range = match log_range(world, way.at, "bring its broker back, then undo") {
        Ok(range) => range,
        Err(_) if present.is_some_and(|commit| commit.offset == before.offset) => return Ok(None),
        Err((reason, message)) => return Err(conflict(reason, message)),
    };
    Ok(Some(complete(OffsetMove {
        partition: way.at.clone(),
        topic_id: topic.id,
        from: present.cloned(),
        to: before.offset,
        leader_epoch: before.leader_epoch,
        metadata: before.metadata.clone(),
        start: range.start,
        end: range.end,
        skips: 0,
        repeats: 0,
        span_ms: None,
        clamped: false,
        note: outside(before.offset, range),
    })))
}

fn in_words(offset: Option<i64>) -> String {
    offset.map_or_else(|| "no commit".to_owned(), |offset| offset.to_string())
}

/// What a way back of committed offsets says of a recorded step of another kind.
pub fn not_reversible(step: &Step) -> Finding {
    Finding {
        severity: Severity::Warning,
        code: "undo/not-reversible",
        message: match step.change.deletes() {
            true => format!(
                "{} cannot be taken back: what it deleted is gone; the record holds its partitions and configs",
                step.change.kind()
            ),
            false => format!(
                "{} stays as it is: this version takes back committed offsets only",
                step.change.kind()
            ),
        },
        resource: step.change.resource(),
        origin: None,
    }
}

fn moved_since(group: &str, moved: &[String]) -> Finding {
    Finding {
        severity: Severity::Warning,
        code: "undo/moved-since",
        message: format!(
            "the group has moved since the change: {}; going back starts from where it is now (--allow moved-since)",
            moved.join("; ")
        ),
        resource: Resource::group(group),
        origin: None,
    }
}

fn not_readable<T>(group: &str, missing: &Known<T>, proposal: &mut Proposal) {
    let conflict = Conflict {
        resource: Resource::group(group),
        reason: ConflictReason::NotReadable,
        message: format!(
            "the group's offsets could not be read: {}",
            missing.missing_reason().unwrap_or_default()
        ),
        origin: None,
    };
    if !proposal.conflicts.contains(&conflict) {
        proposal.conflicts.push(conflict);
    }
}
