use super::reset_scope::{commits, find_partition};
use super::step::{complete, findings};
use super::targets::{log_range, outside};
use super::{GroupChange, OffsetMove};
use crate::plan::undo::moved_since;
use crate::plan::{Change, Conflict, ConflictReason, Proposal, Proposed, Risk};
use crate::values::{Known, Resource, TopicId, TopicPartition};
use crate::world::{Committed, GroupType, Wanted, World};
use std::collections::BTreeSet;

/// One partition as a recorded change found it, left it, and as it is now.
struct WayBack<'a> {
    at: &'a TopicPartition,
    topic_id: Option<TopicId>,
    before: Option<&'a Committed>,
    left: Option<i64>,
}

/// What has to be seen to plan the way back of a change: the group with its commits, and the logs that they are of.
pub(in crate::plan) fn wanted_for_undo(change: &GroupChange, wanted: &mut Wanted) {
    wanted.groups.add(change.group());
    wanted.committed.add(change.group());
    for way in ways_back(change) {
        wanted.topics.add(&*way.at.topic);
        wanted.log_offsets.add(&*way.at.topic);
    }
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

/// Proposes the way back: commits return with their leader epoch and metadata, and a partition that had no commit loses
/// the one it was given. Where the present offsets are not what the change left, the step carries the risk
/// `moved-since`, and what moved is listed.
pub(in crate::plan) fn undo(change: &GroupChange, world: &World, proposal: &mut Proposal) {
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
    let mut is_seen = true;
    for way in ways_back(change) {
        let present = match commits(world, group).get(way.at) {
            Some(Known::Known(commit)) => Some(commit),
            Some(Known::Absent) | None => None,
            Some(missing) => {
                not_readable(group, missing, proposal);
                continue;
            }
        };
        // Commits on topics that may not be described are left out in silence, so that none is no answer.
        if let Some(conflict) = present.is_none().then(|| unseen_topic(&way, world)).flatten() {
            if !proposal.conflicts.contains(&conflict) {
                proposal.conflicts.push(conflict);
            }
            is_seen = false;
            continue;
        }
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
        let message = format!(
            "the group has moved since the change: {}; going back starts from where it is now (--allow moved-since)",
            moved.join("; ")
        );
        proposal.findings.push(moved_since(Resource::group(group), message));
    }
    if is_seen && moves.is_empty() && deletions.is_empty() {
        proposal.unchanged.insert(Resource::group(group));
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
            return Err(conflict(ConflictReason::NotReadable, not_looked_at(missing)));
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

/// What is in the way where the topic could not be looked at.
fn unseen_topic(way: &WayBack<'_>, world: &World) -> Option<Conflict> {
    match world.cluster.topics.get(&*way.at.topic) {
        Some(Known::Known(_) | Known::Absent) | None => None,
        Some(missing) => Some(Conflict {
            resource: Resource::topic(&*way.at.topic),
            reason: ConflictReason::NotReadable,
            message: not_looked_at(missing),
            origin: None,
        }),
    }
}

fn not_looked_at<T>(missing: &Known<T>) -> String {
    format!("the topic could not be looked at: {}", missing.missing_reason().unwrap_or_default())
}

fn in_words(offset: Option<i64>) -> String {
    offset.map_or_else(|| "no commit".to_owned(), |offset| offset.to_string())
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
