use super::{LagInput, LagRow, LagStatus};
use crate::topology::TopicsOf;
use crate::values::{Failure, Known, TopicPartition};
use crate::world::{Committed, GroupState, GroupType, GroupView, LogRange, Member};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Who reads a partition.
#[derive(Clone)]
struct Reader {
    member: Arc<str>,
    client_id: Arc<str>,
    host: Arc<str>,
}

/// The rows of one group: a row for each partition with a commit, each assigned to a member, and each of the
/// contract's topics.
pub(super) fn rows(name: &str, view: &GroupView, input: LagInput<'_>) -> Vec<LagRow> {
    let none = BTreeMap::new();
    let committed = view.committed.known().unwrap_or(&none);
    let readers = readers(view);
    let read_topics = subscribed_topics(view);

    let mut extra: BTreeSet<TopicPartition> =
        readers.keys().filter(|at| !committed.contains_key(at)).map(|at| (*at).clone()).collect();
    let contract = input.contracts.and_then(|topology| topology.groups.get(name));
    if let Some(promised) = contract.and_then(|contract| contract.topics.as_ref()) {
        extra.extend(promised_partitions(promised, input).filter(|at| !committed.contains_key(at)));
    }

    let absent = Known::Absent;
    let mut rows: Vec<LagRow> = committed
        .iter()
        .chain(extra.iter().map(|at| (at, &absent)))
        .filter(|(at, _)| input.topics.is_none_or(|pattern| pattern.matches(&at.topic)))
        .map(|(at, commit)| {
            let mut row = row(at, commit, input);
            if let Some(reader) = readers.get(at) {
                row.member = Some(reader.member.clone());
                row.client_id = Some(reader.client_id.clone());
                row.host = Some(reader.host.clone());
            }
            let quiet = matches!(row.status, LagStatus::Ok | LagStatus::Lagging);
            if quiet && read_topics.as_ref().is_some_and(|topics| !topics.contains(&*at.topic)) {
                row.status = LagStatus::Unsubscribed;
                row.reason = Some("the group has members and none of them reads this topic".to_owned());
            }
            row
        })
        .collect();
    if !extra.is_empty() {
        rows.sort_by(|a, b| a.partition.cmp(&b.partition));
    }
    rows
}

fn readers(view: &GroupView) -> BTreeMap<&TopicPartition, Reader> {
    let mut readers = BTreeMap::new();
    for Member { id, client_id, host, assignment, .. } in view.members.known().into_iter().flatten() {
        let reader = Reader {
            member: Arc::from(id.as_str()),
            client_id: Arc::from(client_id.as_str()),
            host: Arc::from(host.as_str()),
        };
        for at in assignment {
            // While a KIP-848 group reconciles, a partition may be listed with its old and its new member.
            readers.entry(at).or_insert_with(|| reader.clone());
        }
    }
    readers
}

/// The topics that the members read; `None` where that cannot be told: no members, a rebalance under way, or a
/// protocol whose assignments are not partitions.
fn subscribed_topics(view: &GroupView) -> Option<BTreeSet<&str>> {
    let members = view.members.known()?;
    let decoded = view.kind == GroupType::Consumer || view.protocol_type == "consumer";
    if members.is_empty() || !decoded || view.state != GroupState::Stable {
        return None;
    }
    Some(members.iter().flat_map(|member| &member.assignment).map(|at| &*at.topic).collect())
}

fn promised_partitions<'a>(
    promised: &'a TopicsOf,
    input: LagInput<'a>,
) -> impl Iterator<Item = TopicPartition> + 'a {
    input
        .cluster
        .topics
        .iter()
        .filter(|(topic, _)| promised.covers(topic))
        .filter_map(|(topic, view)| view.known().map(|view| (Arc::<str>::from(topic.as_str()), view)))
        .flat_map(|(topic, view)| {
            view.partitions
                .iter()
                .map(move |partition| TopicPartition::new(topic.clone(), partition.partition))
        })
}

fn row(at: &TopicPartition, commit: &Known<Committed>, input: LagInput<'_>) -> LagRow {
    let mut row = LagRow {
        partition: at.clone(),
        committed: commit.known().map(|commit| commit.offset),
        start: None,
        end: None,
        lag: None,
        status: LagStatus::Unknown,
        reason: None,
        ahead_by: None,
        lost: None,
        error: None,
        member: None,
        client_id: None,
        host: None,
    };
    if let Some(reason) = gone(at, input) {
        row.status = LagStatus::Deleted;
        row.reason = Some(reason);
        return row;
    }
    let (range, high_watermark) = match range(at, input) {
        Ok(range) => range,
        Err((reason, failure)) => {
            row.reason = Some(reason);
            row.error = Some(failure);
            return row;
        }
    };
    row.start = Some(range.start);
    row.end = Some(range.end);
    let offset = match commit {
        Known::Known(commit) => commit.offset,
        Known::Absent => {
            row.status = LagStatus::None;
            row.reason = Some("no commit".to_owned());
            return row;
        }
        missing => {
            row.reason = missing.missing_reason().map(|why| format!("the commit could not be read: {why}"));
            row.error = Some(failure_of(missing));
            return row;
        }
    };
    row.lag = Some((range.end - offset.max(range.start)).max(0));
    if offset < range.start {
        row.status = LagStatus::Lost;
        row.lost = Some(range.start - offset);
        row.reason = Some("the log begins after the commit: records are gone unread".to_owned());
    } else if offset > high_watermark {
        row.status = LagStatus::Ahead;
        row.ahead_by = Some(offset - high_watermark);
        row.reason = Some("the commit lies above the log end".to_owned());
    } else if range.end < high_watermark {
        row.status = LagStatus::OpenTransaction;
        row.reason = Some("a transaction is open: committed readers cannot pass it".to_owned());
    } else if row.lag == Some(0) {
        row.status = LagStatus::Ok;
    } else {
        row.status = LagStatus::Lagging;
    }
    row
}

/// Why the partition does not exist any more; `None` when it does, or when that is not known.
fn gone(at: &TopicPartition, input: LagInput<'_>) -> Option<String> {
    match input.cluster.topics.get(&*at.topic) {
        Some(Known::Absent) => Some("the topic does not exist any more".to_owned()),
        Some(Known::Known(view)) => {
            let count = view.partitions.len();
            let exists = usize::try_from(at.partition).is_ok_and(|number| number < count);
            (!exists).then(|| format!("the topic has only {count} partitions"))
        }
        _ => None,
    }
}

/// The range that lag is measured against, with the high watermark.
fn range(at: &TopicPartition, input: LagInput<'_>) -> Result<(LogRange, i64), (String, Failure)> {
    let missing = |why: Option<String>, failure: Failure| {
        let why = why.unwrap_or_else(|| failure.to_string());
        (format!("the log end could not be read: {why}"), failure)
    };
    if let Some(topic) = input.cluster.topics.get(&*at.topic)
        && topic.known().is_none()
    {
        return Err(missing(topic.missing_reason(), failure_of(topic)));
    }
    let range = match input.cluster.logs.get(at) {
        Some(Known::Known(range)) => *range,
        Some(other) => return Err(missing(other.missing_reason(), failure_of(other))),
        None => return Err(missing(None, failure_of(&Known::<()>::NotAsked))),
    };
    match input.stable_ends.map(|ends| ends.get(at)) {
        None => Ok((range, range.end)),
        Some(Some(Known::Known(stable))) => Ok((LogRange { end: *stable, ..range }, range.end)),
        Some(Some(other)) => Err(missing(other.missing_reason(), failure_of(other))),
        Some(None) => Err(missing(None, failure_of(&Known::<()>::NotAsked))),
    }
}

/// A missing answer as a failure, so that it always has a name.
fn failure_of<T>(missing: &Known<T>) -> Failure {
    match missing {
        Known::Denied(failure) | Known::Failed(failure) => failure.clone(),
        other => {
            Failure::without_reply("NO_ANSWER", other.missing_reason().unwrap_or_else(|| "no answer".to_owned()))
        }
    }
}
