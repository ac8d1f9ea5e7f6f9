//! From what `klerk topic truncate` asks for to a plan.

use super::{RecordsChange, Truncation};
use crate::group::TopicScope;
use crate::plan::group::OffsetsByTime;
use crate::plan::topic::{Cut, MissingTopics, is_kafkas_own, why_unread};
use crate::plan::{Change, Conflict, ConflictReason, Proposal, Proposed, usage};
use crate::values::{Known, Resource, TopicPartition, list_items};
use crate::world::{LogRange, PartitionView, TopicView, World};
use std::collections::{BTreeMap, BTreeSet};

/// What a truncation asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TruncateSpec {
    /// The topics, whole or in part.
    pub topics: Vec<TopicScope>,
    /// How far.
    pub to: TruncateTo,
}

/// Before which offset records go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TruncateTo {
    /// The log end as it is when planned.
    Latest,
    /// This offset.
    Offset(i64),
    /// The first record that is no older than this moment, in milliseconds since 1970.
    Before {
        /// The moment.
        ms: i64,
    },
}

impl TruncateSpec {
    /// The topics by name.
    pub fn names(&self) -> BTreeSet<String> {
        self.topics.iter().map(|scope| scope.topic.clone()).collect()
    }

    fn covers(&self, topic: &str, partition: i32) -> bool {
        self.topics.iter().any(|scope| scope.topic == topic && scope.covers(partition))
    }
}

/// What a truncation is planned from.
#[derive(Debug, Clone, Copy)]
pub struct TruncateInput<'a> {
    /// What is asked for.
    pub spec: &'a TruncateSpec,
    /// The topics with their configs and log ranges.
    pub world: &'a World,
    /// The offsets at the moment that is asked for, for [`TruncateTo::Before`].
    pub by_time: &'a OffsetsByTime,
    /// The first record that is there, for [`TruncateTo::Before`]. It may lie behind the log start, where compaction has
    /// taken records away.
    pub first: &'a OffsetsByTime,
}

/// The partitions in scope that exist.
pub fn truncated_partitions(spec: &TruncateSpec, world: &World) -> Vec<TopicPartition> {
    let seen = |name: &String| Some((name.clone(), world.cluster.topics.get(name)?.known()?));
    let mut all = Vec::new();
    for (name, view) in spec.names().iter().filter_map(seen) {
        let numbers = view.partitions.iter().map(|seen| seen.partition);
        let covered = numbers.filter(|number| spec.covers(&name, *number));
        all.extend(covered.map(|number| TopicPartition::new(name.as_str(), number)));
    }
    all
}

/// Proposes that the first records of these partitions go: one change a topic that lists every partition in scope.
/// Either every topic can be truncated as asked, or nothing is.
///
/// # Errors
/// The topics that do not exist.
pub fn plan_truncation(input: TruncateInput<'_>) -> Result<Proposal, MissingTopics> {
    let mut proposal = Proposal::default();
    let mut missing = Vec::new();
    for name in input.spec.names() {
        let have = input.world.cluster.topics.get(&name).unwrap_or(&Known::NotAsked);
        let view = match have {
            Known::Absent => {
                missing.push(name);
                continue;
            }
            Known::Known(view) => view,
            _ => {
                let message = format!("'{name}' could not be read: {}", why_unread(have));
                proposal.conflicts.push(conflict(&name, ConflictReason::NotReadable, message));
                continue;
            }
        };
        let own = is_kafkas_own(&name, have).then(|| {
            let message = format!("'{name}' is Kafka's own topic; klerk deletes none of its records");
            (ConflictReason::Internal, message)
        });
        if let Some((reason, message)) = own.or_else(|| keeps_by_key(&name, view)) {
            proposal.conflicts.push(conflict(&name, reason, message));
            continue;
        }
        truncate(&name, view, input, &mut proposal);
    }
    if missing.is_empty() { Ok(proposal) } else { Err(MissingTopics::new(missing, input.world)) }
}

/// Brokers delete no records of a topic that is compacted and nothing else (POLICY_VIOLATION).
fn keeps_by_key(name: &str, view: &TopicView) -> Option<(ConflictReason, String)> {
    let policy = cleanup_policy(view)?;
    (has(policy, "compact") && !has(policy, "delete")).then(|| {
        let message = format!(
            "'{name}' is compacted (cleanup.policy {policy}), and brokers delete no records of such a topic. Add delete \
             to its cleanup.policy, or write tombstones for the keys that shall go"
        );
        (ConflictReason::RefusedByBroker, message)
    })
}

fn cleanup_policy(view: &TopicView) -> Option<&str> {
    view.configs.known()?.get("cleanup.policy")?.value.as_deref()
}

fn has(policy: &str, item: &str) -> bool {
    list_items(policy).any(|found| found == item)
}

fn truncate(name: &str, view: &TopicView, input: TruncateInput<'_>, proposal: &mut Proposal) {
    let mut obstacles: BTreeMap<(ConflictReason, String), ()> = BTreeMap::new();
    for scope in input.spec.topics.iter().filter(|scope| scope.topic == name) {
        for range in scope.missing(&view.partitions) {
            let count = view.partitions.len();
            let (first, last) = (range.start(), range.end());
            let which = if first == last { first.to_string() } else { format!("{first}-{last}") };
            let message =
                format!("no such partition: {which}; the topic has {count} partitions, numbered from 0");
            obstacles.insert((ConflictReason::PartitionUnavailable, message), ());
        }
    }
    let mut partitions = Vec::new();
    let is_compacted = cleanup_policy(view).is_some_and(|policy| has(policy, "compact"));
    for seen in view.partitions.iter().filter(|seen| input.spec.covers(name, seen.partition)) {
        match truncation(name, seen, input) {
            Ok(one) => partitions.push(if is_compacted { at_most(one) } else { one }),
            Err(obstacle) => {
                obstacles.insert(obstacle, ());
            }
        }
    }
    if !obstacles.is_empty() {
        let conflicts = obstacles.into_keys().map(|(reason, message)| conflict(name, reason, message));
        proposal.conflicts.extend(conflicts);
        return;
    }
    let before_ms = match input.spec.to {
        TruncateTo::Before { ms } => Some(ms),
        TruncateTo::Latest | TruncateTo::Offset(_) => None,
    };
    let change = RecordsChange::Delete { topic: name.to_owned(), id: view.id, before_ms, partitions };
    if !change.is_unchanged() {
        proposal.questions.extend([Cut::of_records(&change).question(name), usage::question(name, true)]);
    }
    proposal.changes.push(Proposed::ordered(Change::Records(change)));
}

fn truncation(
    name: &str,
    seen: &PartitionView,
    input: TruncateInput<'_>,
) -> Result<Truncation, (ConflictReason, String)> {
    let at = TopicPartition::new(name, seen.partition);
    if seen.leader.is_none() {
        let message = format!("{at} has no leader, so nobody can delete its records: bring its broker back");
        return Err((ConflictReason::PartitionUnavailable, message));
    }
    let unread = |what: &str, missing: Option<String>| {
        let why = missing.unwrap_or_else(|| "no answer".to_owned());
        (ConflictReason::NotReadable, format!("{what} of {at} could not be read: {why}"))
    };
    let range = match input.world.cluster.logs.get(&at) {
        Some(Known::Known(range)) => *range,
        missing => return Err(unread("the log range", missing.and_then(Known::missing_reason))),
    };
    Ok(match input.spec.to {
        TruncateTo::Latest => to(seen.partition, range, range.end, None),
        TruncateTo::Offset(wish) if wish > range.end => {
            let note = format!("{wish} lies past the log end: moved to it");
            Truncation { clamped: true, ..to(seen.partition, range, range.end, Some(note)) }
        }
        TruncateTo::Offset(wish) if wish < range.start => {
            let note = format!("{wish} lies before the log start: nothing goes");
            Truncation { clamped: true, ..to(seen.partition, range, range.start, Some(note)) }
        }
        TruncateTo::Offset(wish) => to(seen.partition, range, wish, None),
        TruncateTo::Before { .. } => match input.by_time.get(&at) {
            Some(Known::Known(offset)) if input.first.get(&at) == Some(&Known::Known(*offset)) => {
                to(seen.partition, range, range.start, None)
            }
            Some(Known::Known(offset)) => to(seen.partition, range, *offset, None),
            Some(Known::Absent) if range.end > range.start => {
                let note = "every record is older: the log end".to_owned();
                to(seen.partition, range, range.end, Some(note))
            }
            Some(Known::Absent) => to(seen.partition, range, range.end, None),
            missing => return Err(unread("the offset by time", missing.and_then(Known::missing_reason))),
        },
    })
}

fn to(partition: i32, range: LogRange, to: i64, note: Option<String>) -> Truncation {
    // Records may have come, or gone, between the two questions.
    let to = to.clamp(range.start, range.end.max(range.start));
    Truncation { partition, from: range.start, to, end: range.end, clamped: false, note }
}

/// Says that compaction may have taken some of the records away already.
fn at_most(one: Truncation) -> Truncation {
    if one.goes() == 0 {
        return one;
    }
    let compacted = "at most, as compaction may have taken some away";
    let note = one.note.map_or_else(|| compacted.to_owned(), |note| format!("{note}; {compacted}"));
    Truncation { note: Some(note), ..one }
}

fn conflict(name: &str, reason: ConflictReason, message: String) -> Conflict {
    Conflict { resource: Resource::topic(name), reason, message, origin: None }
}
