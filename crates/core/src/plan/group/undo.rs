use super::facts::expectations;
use super::reset_scope::{commits, partition_view};
use super::step::{complete, findings, step};
use super::targets::outside;
use super::{GroupChange, OffsetMove};
use crate::group::LogPartitions;
use crate::plan::{
    Change, Conflict, ConflictReason, Finding, Plan, Preflight, Risk, Severity, Step, Unmanaged,
};
use crate::topology::Topology;
use crate::values::{Known, Resource, TopicId, TopicPartition};
use crate::world::{Committed, GroupType, LogRange, World};
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
    let mut plan = Plan {
        command: "undo".to_owned(),
        cluster_id: input.world.cluster.id.clone(),
        environment: input.environment.map(str::to_owned),
        steps: Vec::new(),
        conflicts: Vec::new(),
        unmanaged: Unmanaged::default(),
        findings: Vec::new(),
        preflight: Preflight::None,
        unchanged: BTreeSet::new(),
    };
    for change in input.changes {
        plan_change(change, input, &mut plan);
    }
    plan
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

fn plan_change(change: &GroupChange, input: UndoInput<'_>, plan: &mut Plan) {
    let group = change.group();
    let kind = match input.world.groups.groups.get(group) {
        Some(Known::Known(view)) => match &view.committed {
            Known::Known(_) | Known::Absent => {
                findings(group, view, &mut plan.findings);
                Some(view.kind.clone())
            }
            missing => return not_readable(group, missing, plan),
        },
        Some(Known::Absent) | None => None,
        Some(missing) => return not_readable(group, missing, plan),
    };
    let mut moves = Vec::new();
    let mut deletions = Vec::new();
    let mut moved = Vec::new();
    for way in ways_back(change) {
        let present = match commits(input.world, group).get(way.at) {
            Some(Known::Known(commit)) => Some(commit),
            Some(Known::Absent) | None => None,
            Some(missing) => {
                not_readable(group, missing, plan);
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
            (Some(before), _) => match back_to(&way, before, present, input.world) {
                Ok(one) => moves.push(one),
                Err(conflict) => plan.conflicts.push(conflict),
            },
            (None, Some(present)) => deletions.push((way.at.clone(), present.clone())),
            (None, None) => {}
        }
    }
    let risks: &[Risk] = if moved.is_empty() { &[] } else { &[Risk::MovedSince] };
    if !moved.is_empty() {
        plan.findings.push(moved_since(group, &moved));
    }
    add_steps(group, kind, moves, deletions, risks, input, plan);
}

fn add_steps(
    group: &str,
    kind: Option<GroupType>,
    moves: Vec<OffsetMove>,
    deletions: Vec<(TopicPartition, Committed)>,
    risks: &[Risk],
    input: UndoInput<'_>,
    plan: &mut Plan,
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
        plan.unchanged.insert(Resource::group(group));
    }
    for change in changes {
        let id = u32::try_from(plan.steps.len()).unwrap_or(u32::MAX).saturating_add(1);
        let mut step = step(id, change, input.contracts, risks.iter().copied());
        if let Change::Group(change) = &step.change {
            step.expects = expectations(change, true);
        }
        plan.steps.push(step);
    }
}

/// The move that gives a partition its old commit again, exactly as it was.
fn back_to(
    way: &WayBack<'_>,
    before: &Committed,
    present: Option<&Committed>,
    world: &World,
) -> Result<OffsetMove, Conflict> {
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
    // A log that cannot be read does not keep anyone from putting back what was there.
    let (range, unread) = match world.cluster.logs.get(way.at) {
        Some(Known::Known(range)) => (*range, None),
        _ => {
            let range = LogRange { start: before.offset, end: before.offset };
            (range, Some("its log could not be read".to_owned()))
        }
    };
    Ok(complete(OffsetMove {
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
        note: unread.or_else(|| outside(before.offset, range)),
    }))
}

fn in_words(offset: Option<i64>) -> String {
    offset.map_or_else(|| "no commit".to_owned(), |offset| offset.to_string())
}

/// What a way back of committed offsets says of a recorded step of another kind.
pub fn not_reversible(step: &Step) -> Finding {
    Finding {
        severity: Severity::Warning,
        code: "undo/not-reversible",
        message: format!(
            "{} stays as it is: this version takes back committed offsets only",
            step.change.kind()
        ),
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

fn not_readable<T>(group: &str, missing: &Known<T>, plan: &mut Plan) {
    let conflict = Conflict {
        resource: Resource::group(group),
        reason: ConflictReason::NotReadable,
        message: format!(
            "the group's offsets could not be read: {}",
            missing.missing_reason().unwrap_or_default()
        ),
        origin: None,
    };
    if !plan.conflicts.contains(&conflict) {
        plan.conflicts.push(conflict);
    }
}
