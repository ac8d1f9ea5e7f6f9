use super::TopicChange;
use super::risks::{ConfigMove, RECORD_KEYS};
use crate::plan::{Drift, Expectation, Risk};
use crate::values::{Known, Resource, THROTTLED_REPLICAS, TopicId, TopicPartition, same_value};
use crate::world::{ConfigView, PartitionView, TopicView, Wanted, World, followed_times};
use std::collections::{BTreeMap, BTreeSet};

const EXISTS: &str = "exists";
const ID: &str = "id";
const PARTITIONS: &str = "partitions";
const ASSIGNMENT: &str = "assignment";
const MOVING: &str = "moving-to";
const CONFIG: &str = "config.";
const CONFIGS: &str = "configs";
pub(in crate::plan) const IN_EFFECT: &str = "in-effect.";
pub(in crate::plan) const INHERITED: &str = "inherited.";
const RECORDS: &str = "records";
const UP_TO: &str = "records-up-to";
/// A topic may hold so many times as many records as when its loss was told: it goes on being written to.
pub(in crate::plan) const GROWTH: i64 = 2;
const YES: &str = "true";
const NONE: &str = "0";

/// The facts that a change was planned on.
pub(in crate::plan) fn expectations(change: &TopicChange) -> Vec<Expectation> {
    let fact = |field: &str, value: Option<String>| Expectation {
        resource: Resource::topic(change.topic()),
        field: field.to_owned(),
        value,
    };
    let same_topic = |id: &Option<TopicId>| same_topic(change.topic(), *id);
    match change {
        TopicChange::Create { .. } => vec![fact(EXISTS, None)],
        TopicChange::Delete { id, while_empty: false, .. } => vec![same_topic(id)],
        // The way back of a creation rests on what was seen of the topic, for what was changed since takes consent.
        TopicChange::Delete { id, while_empty: true, partitions, configs, .. } => {
            let partitions = fact(PARTITIONS, Some(partitions.to_string()));
            let configs = configs.as_ref().map(|configs| {
                fact(CONFIGS, configs_text(configs.iter().map(|(key, value)| (&**key, &**value))))
            });
            [same_topic(id), emptiness(change.topic()), partitions].into_iter().chain(configs).collect()
        }
        TopicChange::MoveReplicas { id, from, under_way, .. } => {
            let still = from.iter().filter(|(number, _)| !under_way.contains(number));
            let still = assignment_text(still.map(|(number, replicas)| (*number, replicas.as_slice())));
            let still = (!still.is_empty()).then(|| fact(ASSIGNMENT, Some(still)));
            std::iter::once(same_topic(id)).chain(still).collect()
        }
        TopicChange::CancelMoves { id, from, .. } => {
            let moving = assignment_text(from.iter().map(|(number, to)| (*number, to.as_slice())));
            vec![same_topic(id), fact(MOVING, Some(moving))]
        }
        TopicChange::AddPartitions { id, from, .. } => {
            vec![same_topic(id), fact(PARTITIONS, Some(from.to_string()))]
        }
        TopicChange::SetConfig { id, from, .. } => {
            let configs = from.iter().map(|(key, value)| fact(&format!("{CONFIG}{key}"), value.clone()));
            std::iter::once(same_topic(id)).chain(configs).collect()
        }
    }
}

/// That the topic is the one that was seen.
pub(in crate::plan) fn same_topic(topic: &str, id: Option<TopicId>) -> Expectation {
    let (field, value) = match id {
        Some(id) => (ID, id.to_string()),
        None => (EXISTS, YES.to_owned()),
    };
    Expectation { resource: Resource::topic(topic), field: field.to_owned(), value: Some(value) }
}

/// That the topic holds no records, on which a change rests that is harmless for that reason alone.
pub(in crate::plan) fn emptiness(topic: &str) -> Expectation {
    Expectation { resource: Resource::topic(topic), field: RECORDS.to_owned(), value: Some(NONE.to_owned()) }
}

/// The values that a change of configs was judged by and that it does not name itself: those in effect of the keys that decide
/// which records go, and of what it sets where nothing was set, and what takes the place of what it unsets.
pub(super) fn judged_by(
    topic: &str,
    from: &BTreeMap<String, Option<String>>,
    moved: &ConfigMove<'_>,
) -> Vec<Expectation> {
    let fact = |prefix: &str, key: &str, value: &Option<String>| Expectation {
        resource: Resource::topic(topic),
        field: format!("{prefix}{key}"),
        value: value.clone(),
    };
    let is_said = |key: &str| from.get(key).is_some_and(Option::is_some);
    let deciding = RECORD_KEYS.iter().filter(|_| moved.to.keys().any(|key| RECORD_KEYS.contains(&&**key)));
    let keys: BTreeSet<&str> = deciding.copied().chain(moved.to.keys().map(String::as_str)).collect();
    let seen = keys
        .into_iter()
        .filter_map(|key| Some((key, moved.configs.get(key).filter(|view| !view.sensitive)?)));
    seen.flat_map(|(key, view)| {
        let before = (!is_said(key)).then(|| fact(IN_EFFECT, key, &view.value));
        let after = (moved.to.get(key) == Some(&None)).then(|| fact(INHERITED, key, &view.inherited));
        before.into_iter().chain(after)
    })
    .collect()
}

/// That the topic holds no more than about what was told of it, by which somebody has consented to a loss.
pub(super) fn held_up_to(topic: &str, records: i64) -> Expectation {
    Expectation {
        resource: Resource::topic(topic),
        field: UP_TO.to_owned(),
        value: Some(records.to_string()),
    }
}

/// What has to hold where a change of its kind is dangerous and this one is said not to be.
pub(in crate::plan) fn harmless_while(change: &TopicChange, risks: &BTreeSet<Risk>) -> Option<Expectation> {
    let danger = match change {
        TopicChange::AddPartitions { .. } => Risk::MovesKeys,
        TopicChange::Delete { .. } => Risk::LosesData,
        _ => return None,
    };
    (!risks.contains(&danger)).then(|| emptiness(change.topic()))
}

/// A fact as it is now, where it no longer stands. One that cannot be read does not stand.
pub(in crate::plan) fn drift(expectation: &Expectation, world: &World) -> Option<Drift> {
    let drift = |found: Option<String>| Drift::found(expectation, found);
    let seen = world.cluster.topics.get(&expectation.resource.name).unwrap_or(&Known::NotAsked);
    let view = match seen {
        Known::Known(view) => view,
        Known::Absent if expectation.field == EXISTS && expectation.value.is_none() => return None,
        // One line says that the topic is gone; what else was true of it goes without saying.
        Known::Absent if [EXISTS, ID].contains(&expectation.field.as_str()) => return Some(drift(None)),
        Known::Absent => return None,
        Known::Denied(_) | Known::Failed(_) | Known::Unavailable(_) | Known::NotAsked => {
            return Some(Drift::unreadable(expectation, seen.missing_reason().unwrap_or_default()));
        }
    };
    let expected = expectation.value.as_deref();
    let found = match expectation.field.as_str() {
        EXISTS => Some(YES.to_owned()),
        ID => view.id.map(|id| id.to_string()),
        PARTITIONS => Some(view.partitions.len().to_string()),
        MOVING => {
            let Known::Known(moves) = &world.cluster.moves else {
                let why = world.cluster.moves.missing_reason().unwrap_or_default();
                return Some(Drift::unreadable(expectation, why));
            };
            let named = named_partitions(expected.unwrap_or_default());
            let ours = |at: &TopicPartition| {
                *at.topic == *expectation.resource.name && named.contains(&at.partition)
            };
            let same: Vec<(i32, Vec<i32>)> = moves
                .iter()
                .filter(|(at, _)| ours(at))
                .map(|(at, ongoing)| (at.partition, ongoing.target()))
                .collect();
            let found = assignment_text(same.iter().map(|(number, to)| (*number, to.as_slice())));
            Some(found).filter(|found| !found.is_empty())
        }
        ASSIGNMENT => Some(same_partitions(expected.unwrap_or_default(), view)),
        CONFIGS => match &view.configs {
            Known::Known(configs) => {
                let own = configs.iter().filter(|(_, seen)| seen.is_override());
                configs_text(own.filter_map(|(key, seen)| Some((&**key, seen.value.as_deref()?))))
            }
            missing => {
                return Some(Drift::unreadable(expectation, missing.missing_reason().unwrap_or_default()));
            }
        },
        RECORDS => match held(&expectation.resource.name, view, world) {
            Ok(held) => Some(held.to_string()),
            Err(why) => return Some(Drift::unreadable(expectation, why)),
        },
        // The loss was consented to; a log that cannot be read now, as where a leader is missing, is no reason against it.
        UP_TO => {
            let told = expected.and_then(|told| told.parse::<i64>().ok()).unwrap_or_default();
            let held = held(&expectation.resource.name, view, world).ok();
            let grown = held.filter(|held| *held > told.saturating_mul(GROWTH))?;
            return Some(drift(Some(grown.to_string())));
        }
        field => return config_drift(field, expectation, view),
    };
    if found.as_deref() == expected { None } else { Some(drift(found)) }
}

/// How many records a topic holds at most, by its offsets; or why that could not be read.
pub(super) fn held(topic: &str, view: &TopicView, world: &World) -> Result<i64, String> {
    let of = |seen: &PartitionView| {
        let at = TopicPartition::new(topic, seen.partition);
        match world.cluster.logs.get(&at) {
            Some(Known::Known(range)) => Ok((range.end - range.start).max(0)),
            missing => {
                let why = missing.and_then(Known::missing_reason).unwrap_or_else(|| "no answer".to_owned());
                Err(format!("{at}: {why}"))
            }
        }
    };
    view.partitions.iter().map(of).sum()
}

fn config_drift(field: &str, expectation: &Expectation, view: &TopicView) -> Option<Drift> {
    let Known::Known(configs) = &view.configs else {
        return Some(Drift::unreadable(expectation, view.configs.missing_reason().unwrap_or_default()));
    };
    let (key, found): (&str, fn(&ConfigView) -> Option<&str>) =
        if let Some(key) = field.strip_prefix(IN_EFFECT) {
            (key, |view| view.value.as_deref())
        } else if let Some(key) = field.strip_prefix(INHERITED) {
            (key, |view| view.inherited.as_deref())
        } else {
            let key = field.strip_prefix(CONFIG).unwrap_or(field);
            (key, |view| view.value.as_deref().filter(|_| view.is_override()))
        };
    let seen = configs.get(key);
    let found = seen.and_then(found);
    if found.is_none() && expectation.value.is_some() && field.starts_with(INHERITED) {
        return Some(Drift::unreadable(expectation, "the brokers do not tell it"));
    }
    let same = match (expectation.value.as_deref(), found, seen) {
        (Some(expected), Some(found), Some(view)) => same_value(key, view.kind, expected, found),
        (expected, found, _) => expected == found,
    };
    if same { None } else { Some(Drift::found(expectation, found.map(str::to_owned))) }
}

/// The configs set on a topic in a line, without those of whoever moves replicas; `None` where there are none.
fn configs_text<'a>(configs: impl Iterator<Item = (&'a str, &'a str)>) -> Option<String> {
    let own = configs.filter(|(key, _)| !THROTTLED_REPLICAS.contains(key));
    let pairs: Vec<String> = own.map(|(key, value)| format!("{key}={value}")).collect();
    (!pairs.is_empty()).then(|| pairs.join(" "))
}

/// What has to be seen to check the facts of a change and to settle it.
pub(in crate::plan) fn wanted_for(change: &TopicChange, expects: &[Expectation], wanted: &mut Wanted) {
    wanted.topics.add(change.topic());
    let configs = match change {
        TopicChange::Create { configs, .. } => !configs.is_empty(),
        TopicChange::AddPartitions { .. } => false,
        TopicChange::Delete { .. } => expects.iter().any(|fact| fact.field == CONFIGS),
        TopicChange::MoveReplicas { .. } | TopicChange::CancelMoves { .. } => {
            wanted.moves = true;
            false
        }
        TopicChange::SetConfig { .. } => {
            let rests_on =
                |key: &&str| expects.iter().any(|fact| fact.field.strip_prefix(INHERITED) == Some(key));
            wanted.followed_times.extend(followed_times().filter(rests_on));
            true
        }
    };
    if configs {
        wanted.configs.add(change.topic());
    }
    if expects.iter().any(|fact| [RECORDS, UP_TO].contains(&fact.field.as_str())) {
        wanted.log_offsets.add(change.topic());
    }
}

/// `0:1,2 1:2,3`: the brokers of each partition.
pub(super) fn assignment_text<'a>(partitions: impl Iterator<Item = (i32, &'a [i32])>) -> String {
    let ids = |replicas: &[i32]| replicas.iter().map(i32::to_string).collect::<Vec<_>>().join(",");
    partitions.map(|(number, replicas)| format!("{number}:{}", ids(replicas))).collect::<Vec<_>>().join(" ")
}

/// The partitions of an assignment.
fn named_partitions(assignment: &str) -> BTreeSet<i32> {
    assignment.split(' ').filter_map(|part| part.split(':').next()?.parse().ok()).collect()
}

/// The brokers that the partitions of an assignment have now, written in the same way.
fn same_partitions(expected: &str, view: &TopicView) -> String {
    let named = named_partitions(expected);
    let seen = view.partitions.iter().filter(|seen| named.contains(&seen.partition));
    assignment_text(seen.map(|seen| (seen.partition, seen.replicas.as_slice())))
}
