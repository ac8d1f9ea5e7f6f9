use super::{TopicChange, replicas};
use crate::apply::Difference;
use crate::plan::Sight;
use crate::values::{Failure, Known, TopicId, same_value};
use crate::world::{ConfigView, TopicView, World};
use std::collections::BTreeMap;

/// UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE and NOT_LEADER_OR_FOLLOWER: right after a change they only mean
/// that the broker which was asked has not heard of it.
const NOT_YET: [i32; 3] = [3, 5, 6];

/// What a look shows of a change of a topic.
pub(in crate::plan) fn sight(change: &TopicChange, world: &World) -> Sight {
    let view = match world.cluster.topics.get(change.topic()).unwrap_or(&Known::NotAsked) {
        Known::Known(view) => view,
        Known::Absent => return absent(change),
        Known::Failed(failure) if failure.has_code(&NOT_YET) => {
            return Sight::NotYet(vec![if deletes(change) { still_there() } else { no_topic() }]);
        }
        other => return unreadable(other),
    };
    match change {
        TopicChange::Create { partitions, replication, configs, .. } => {
            created(view, *partitions, *replication, configs)
        }
        TopicChange::AddPartitions { id, from, to, .. } => {
            replaced(*id, view).unwrap_or_else(|| grown(view, *from, *to))
        }
        TopicChange::SetConfig { id, from, to, .. } => {
            replaced(*id, view).unwrap_or_else(|| configured(view, from, to))
        }
        TopicChange::MoveReplicas { id, topic, from, to, .. } => replaced(*id, view)
            .unwrap_or_else(|| replicas::sight(topic, view, &world.cluster.moves, from, to)),
        TopicChange::CancelMoves { id, topic, from, to } => replaced(*id, view)
            .unwrap_or_else(|| replicas::sight_of_cancel(topic, view, &world.cluster.moves, from, to)),
        TopicChange::Delete { id, .. } => {
            replaced(*id, view).unwrap_or_else(|| Sight::NotYet(vec![still_there()]))
        }
    }
}

/// A topic that was there before the change and is not any more was deleted by somebody else.
fn absent(change: &TopicChange) -> Sight {
    match change {
        TopicChange::Create { .. } => Sight::NotYet(vec![no_topic()]),
        TopicChange::AddPartitions { .. }
        | TopicChange::SetConfig { .. }
        | TopicChange::MoveReplicas { .. }
        | TopicChange::CancelMoves { .. } => Sight::MovedOn(vec![no_topic()]),
        TopicChange::Delete { .. } => Sight::AsAsked,
    }
}

fn deletes(change: &TopicChange) -> bool {
    matches!(change, TopicChange::Delete { .. })
}

/// Another topic of the same name stands there now.
pub(in crate::plan) fn replaced(id: Option<TopicId>, view: &TopicView) -> Option<Sight> {
    match (id, view.id) {
        (Some(before), Some(now)) if before != now => {
            Some(Sight::MovedOn(vec![difference("id", Some(before.to_string()), Some(now.to_string()))]))
        }
        _ => None,
    }
}

fn created(
    view: &TopicView,
    partitions: Option<i32>,
    replication: Option<i16>,
    configs: &BTreeMap<String, String>,
) -> Sight {
    let mut shape = Vec::new();
    let found = view.partitions.len();
    if let Some(asked) = partitions.filter(|asked| *asked as usize != found) {
        shape.push(difference("partitions", Some(asked.to_string()), Some(found.to_string())));
    }
    let found = view.replication();
    if let Some(asked) = replication.filter(|asked| Some(*asked as usize) != found) {
        let found = found.map_or_else(|| "uneven".to_owned(), |found| found.to_string());
        shape.push(difference("replication", Some(asked.to_string()), Some(found)));
    }
    let before = configs.keys().map(|key| (key.clone(), None)).collect();
    let asked = configs.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect();
    let configs = if configs.is_empty() { Sight::AsAsked } else { configured(view, &before, &asked) };
    match configs {
        configs if shape.is_empty() => configs,
        Sight::NotYet(more) | Sight::Otherwise(more) | Sight::MovedOn(more) => {
            shape.extend(more);
            Sight::Otherwise(shape)
        }
        Sight::AsAsked | Sight::UnderWay | Sight::Unreadable(_) => Sight::Otherwise(shape),
    }
}

fn grown(view: &TopicView, from: i32, to: i32) -> Sight {
    let found = view.partitions.len() as i32;
    let differing = || vec![difference("partitions", Some(to.to_string()), Some(found.to_string()))];
    match found {
        found if found == to => Sight::AsAsked,
        found if found == from => Sight::NotYet(differing()),
        found if found > to => Sight::MovedOn(differing()),
        _ => Sight::Otherwise(differing()),
    }
}

/// The configs of one topic change all at once, so that one which is as asked proves that the others which are not
/// were ignored or changed; while all are as before, the change may only not be visible yet.
fn configured(
    view: &TopicView,
    from: &BTreeMap<String, Option<String>>,
    to: &BTreeMap<String, Option<String>>,
) -> Sight {
    let configs = match &view.configs {
        Known::Known(configs) => configs,
        Known::Failed(failure) if failure.has_code(&NOT_YET) => {
            return Sight::NotYet(vec![no_topic()]);
        }
        other => return unreadable(other),
    };
    let mut differences = Vec::new();
    let mut as_before = true;
    for (key, asked) in to {
        let seen = configs.get(key);
        if is_at(key, seen, asked.as_deref()) {
            as_before = false;
            continue;
        }
        as_before &= is_at(key, seen, from.get(key).and_then(Option::as_deref));
        let found = seen.filter(|seen| seen.is_override()).and_then(|seen| seen.value.clone());
        differences.push(difference(&format!("config.{key}"), asked.clone(), found));
    }
    match (differences.is_empty(), as_before) {
        (true, _) => Sight::AsAsked,
        (false, true) => Sight::NotYet(differences),
        (false, false) => Sight::Otherwise(differences),
    }
}

/// Whether the override of a key is this one; of a hidden value only its presence can be told.
pub(super) fn is_at(key: &str, seen: Option<&ConfigView>, wanted: Option<&str>) -> bool {
    match (seen.filter(|seen| seen.is_override()), wanted) {
        (None, wanted) => wanted.is_none(),
        (Some(_), None) => false,
        (Some(seen), Some(_)) if seen.sensitive => true,
        (Some(seen), Some(wanted)) => {
            seen.value.as_deref().is_some_and(|found| same_value(key, seen.kind, wanted, found))
        }
    }
}

fn unreadable<T>(seen: &Known<T>) -> Sight {
    Sight::Unreadable(match seen {
        Known::Denied(failure) | Known::Failed(failure) => failure.clone(),
        other => Failure::without_reply("NOT_READABLE", other.missing_reason().unwrap_or_default()),
    })
}

fn no_topic() -> Difference {
    difference("exists", Some("true".to_owned()), None)
}

fn still_there() -> Difference {
    difference("exists", None, Some("true".to_owned()))
}

pub(super) fn difference(field: &str, asked: Option<String>, found: Option<String>) -> Difference {
    Difference { field: field.to_owned(), asked, found }
}
