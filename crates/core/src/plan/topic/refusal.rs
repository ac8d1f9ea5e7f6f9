use super::TopicChange;
use super::replicas::down;
use crate::plan::{Basis, Conflict, ConflictReason};
use crate::topology::{KAFKA_CONFIGS, Topic};
use crate::values::{Failure, Origin, Resource, closest};
use crate::world::World;
use std::collections::BTreeSet;

const TOPIC_NAME: i32 = 17;
const EXISTS: i32 = 36;
const PARTITIONS: i32 = 37;
const REPLICATION: i32 = 38;
const CONFIG: i32 = 40;
const POLICY: i32 = 44;
const UNKNOWN_TOPIC: i32 = 3;

/// The conflict that a broker's refusal makes: its code, name and words, the line that asked, and the likely fix.
pub(super) fn explain(
    change: &TopicChange,
    failure: &Failure,
    origin: Option<&Origin>,
    basis: &Basis<'_>,
) -> Conflict {
    let topic = basis.topology.and_then(|topology| topology.topics.get(change.topic()));
    let key = key_in_words(change, &failure.message);
    let place = topic.and_then(|topic| line_of(topic, failure.code, key)).or(origin);
    let mut message = format!("the broker would not {}: {failure}", describe(change));
    if let Some(fix) = fix(change, failure, key, basis.world) {
        message = format!("{} {fix}", sentence(&message));
    }
    Conflict {
        resource: Resource::topic(change.topic()),
        reason: ConflictReason::RefusedByBroker,
        message,
        origin: place.cloned(),
    }
}

/// A change in words that follow "would".
pub(super) fn describe(change: &TopicChange) -> String {
    match change {
        TopicChange::Create { topic, .. } => format!("create '{topic}'"),
        TopicChange::AddPartitions { topic, to, .. } => format!("grow '{topic}' to {to} partitions"),
        TopicChange::SetConfig { topic, .. } => format!("change the configs of '{topic}'"),
        TopicChange::MoveReplicas { topic, .. } => format!("move replicas of '{topic}'"),
        TopicChange::CancelMoves { topic, .. } => format!("take back moves of '{topic}'"),
        TopicChange::Delete { topic, .. } => format!("delete '{topic}'"),
    }
}

/// A server's words with the full stop that they may lack.
pub(super) fn sentence(words: &str) -> String {
    let words = words.trim_end();
    if words.ends_with(['.', '!', '?']) { words.to_owned() } else { format!("{words}.") }
}

/// The config key of the change that the broker's words are about: the longest one that they name.
fn key_in_words<'a>(change: &'a TopicChange, words: &str) -> Option<&'a str> {
    let names = |key: &&str| {
        words
            .split(|letter: char| !(letter.is_alphanumeric() || ".-_".contains(letter)))
            .any(|word| word.trim_end_matches('.') == *key)
    };
    keys_of(change).into_iter().filter(names).max_by_key(|key| key.len())
}

fn keys_of(change: &TopicChange) -> Vec<&str> {
    match change {
        TopicChange::Create { configs, .. } => configs.keys().map(String::as_str).collect(),
        TopicChange::AddPartitions { .. }
        | TopicChange::MoveReplicas { .. }
        | TopicChange::CancelMoves { .. }
        | TopicChange::Delete { .. } => Vec::new(),
        TopicChange::SetConfig { to, .. } => to.keys().map(String::as_str).collect(),
    }
}

fn line_of<'a>(topic: &'a Topic, code: Option<i32>, key: Option<&str>) -> Option<&'a Origin> {
    if let Some(wish) = key.and_then(|key| topic.configs.get(key)) {
        return Some(&wish.origin);
    }
    match code {
        Some(PARTITIONS) => topic.partitions.as_ref().map(|wish| &wish.origin),
        Some(REPLICATION) => topic.replication.as_ref().map(|wish| &wish.origin),
        _ => None,
    }
}

fn fix(change: &TopicChange, failure: &Failure, key: Option<&str>, world: &World) -> Option<String> {
    match failure.code? {
        TOPIC_NAME => Some("Give the topic another name; '.' and '_' count as equal between two topics".to_owned()),
        EXISTS => Some(
            "A topic of this name exists though this principal does not see it; allow it to describe the topic, or \
             plan again if somebody has just created or deleted it"
                .to_owned(),
        ),
        UNKNOWN_TOPIC => Some("The topic went away since it was looked at; plan again".to_owned()),
        REPLICATION => {
            let live = world.cluster.brokers.len();
            let down = down(&world.cluster.brokers_down()).map_or_else(String::new, |down| format!("; {down}"));
            Some(format!(
                "Ask for a replication factor that the cluster has brokers for ({live} {} alive now{down})",
                if live == 1 { "is" } else { "are" }
            ))
        }
        CONFIG => config_fix(change, key, world),
        POLICY => Some(
            "The cluster's own policy forbids it; ask for what it allows, or talk to those who run the cluster"
                .to_owned(),
        ),
        _ => None,
    }
}

fn config_fix(change: &TopicChange, key: Option<&str>, world: &World) -> Option<String> {
    let key = key?;
    let shown = keys_shown(change.topic(), world);
    let known = if shown.is_empty() { KAFKA_CONFIGS.iter().copied().collect() } else { shown };
    if known.contains(key) {
        return Some(format!("Correct the value of {key}"));
    }
    let others: Vec<&str> =
        keys_of(change).into_iter().filter(|other| *other != key && !known.contains(other)).collect();
    let mut fix = match closest(key, known) {
        Some(near) => format!("Did you mean {near}?"),
        None => format!("This broker knows no {key}; check its spelling, or remove it."),
    };
    if !others.is_empty() {
        // The broker stops at the first key that it does not know.
        fix.push_str(&format!(" Look also at {}, which it seems not to know either", others.join(", ")));
    }
    Some(fix)
}

/// The config keys that the broker has shown: those of this topic, or else of any other one.
fn keys_shown<'a>(topic: &str, world: &'a World) -> BTreeSet<&'a str> {
    let of = |name: &str| world.cluster.topics.get(name)?.known()?.configs.known();
    of(topic)
        .or_else(|| world.cluster.topics.keys().find_map(|name| of(name)))
        .map(|configs| configs.keys().map(String::as_str).collect())
        .unwrap_or_default()
}
