//! What a config of brokers does to the topics that follow it.

use crate::plan::Risk;
use crate::plan::topic::ConfigMove;
use crate::values::{Known, describe_config_value};
use crate::world::{BrokerConfigView, ConfigSource, ConfigTarget, ConfigType, ConfigView, TopicView, World};
use std::collections::{BTreeMap, BTreeSet};

/// Configs of brokers that topics follow, each with the topic's own key (Kafka's `ServerTopicConfigSynonyms`). Those
/// of which a change may lose records, stop writes or cost durability.
const FOLLOWED: [(&str, &str); 9] = [
    ("compression.type", "compression.type"),
    ("log.cleanup.policy", "cleanup.policy"),
    ("log.message.timestamp.after.max.ms", "message.timestamp.after.max.ms"),
    ("log.message.timestamp.before.max.ms", "message.timestamp.before.max.ms"),
    ("log.retention.bytes", "retention.bytes"),
    ("log.retention.ms", "retention.ms"),
    ("message.max.bytes", "max.message.bytes"),
    ("min.insync.replicas", "min.insync.replicas"),
    ("unclean.leader.election.enable", "unclean.leader.election.enable"),
];

/// The key by which a topic has what brokers have under this one; `None` where topics do not follow, or nothing is at
/// risk.
pub fn topic_key(key: &str) -> Option<&'static str> {
    FOLLOWED.iter().find(|(of_broker, _)| *of_broker == key).map(|(_, of_topic)| *of_topic)
}

/// What follows for topics from a change of configs, in words and as risks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Following {
    pub risks: BTreeSet<Risk>,
    pub notes: Vec<String>,
}

/// How many topics are named.
const NAMED: usize = 5;
/// How many reasons for one risk are told.
const REASONS: usize = 5;

/// Weighs a change against every topic that was seen. `seen` has the brokers' own values.
pub(super) fn following(
    target: ConfigTarget,
    to: &BTreeMap<String, Option<String>>,
    seen: &BTreeMap<&str, &BrokerConfigView>,
    world: &World,
) -> Following {
    let changes: Vec<(&str, Option<String>)> = to
        .iter()
        .filter_map(|(key, value)| {
            let below = || seen.get(key.as_str()).and_then(|view| view.below(key, target));
            Some((topic_key(key)?, value.clone().or_else(below)))
        })
        .collect();
    let mut following = Following::default();
    if changes.is_empty() {
        return following;
    }
    let mut reasons: BTreeMap<(Risk, String), Vec<&str>> = BTreeMap::new();
    let mut followers: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut known, mut unknown) = (0, 0);
    for (name, topic) in &world.cluster.topics {
        let Known::Known(view) = topic else { continue };
        let Known::Known(configs) = &view.configs else {
            unknown += 1;
            continue;
        };
        known += 1;
        for (key, _) in changes.iter().filter(|(key, _)| follows(configs, key)) {
            *followers.entry(key).or_default() += 1;
        }
        for (risk, reason) in weigh(view, configs, &changes) {
            reasons.entry((risk, reason)).or_default().push(name);
        }
    }
    for (key, _) in &changes {
        let count = followers.get(key).copied().unwrap_or_default();
        following
            .notes
            .push(format!("{count} of {known} visible topics have no {key} of their own and follow it"));
    }
    let mut told: BTreeMap<Risk, usize> = BTreeMap::new();
    let mut left: BTreeMap<Risk, BTreeSet<&str>> = BTreeMap::new();
    for ((risk, reason), topics) in reasons {
        following.risks.insert(risk);
        let count = told.entry(risk).or_default();
        *count += 1;
        if *count <= REASONS {
            following.notes.push(format!("{reason}: {}", named(&topics)));
        } else {
            left.entry(risk).or_default().extend(topics);
        }
    }
    for (risk, topics) in left {
        following.notes.push(format!(
            "{risk}, for reasons of the same kind: {}",
            named(&topics.into_iter().collect::<Vec<_>>())
        ));
    }
    if following.risks.contains(&Risk::LosesData) {
        let how = "how many records go is not counted for a change of brokers";
        following.notes.push(how.to_owned());
    }
    if unknown > 0 {
        let message = format!(
            "the configs of {unknown} topics could not be read, so what follows for them is not known"
        );
        following.notes.push(message);
    }
    following
}

fn follows(configs: &BTreeMap<String, ConfigView>, key: &str) -> bool {
    configs.get(key).is_none_or(|view| !view.is_override())
}

fn weigh(
    view: &TopicView,
    configs: &BTreeMap<String, ConfigView>,
    changes: &[(&str, Option<String>)],
) -> Vec<(Risk, String)> {
    let mut configs = configs.clone();
    let mut to = BTreeMap::new();
    for (key, value) in changes.iter().filter(|(key, _)| follows(&configs, key)).cloned().collect::<Vec<_>>()
    {
        // What lies below is known, or not, and the topic's own view must not be taken for it.
        let present = configs.get(key).and_then(|view| view.value.clone());
        configs.insert(key.to_owned(), inheriting(present, value.clone()));
        to.insert(key.to_owned(), value);
    }
    let moved = ConfigMove { configs: &configs, to: &to };
    let losses = moved.data_losses().into_iter().map(|reason| (Risk::LosesData, reason));
    let stops = moved.stopped_writes(view).into_iter().map(|reason| (Risk::StopsWrites, reason));
    let weakens = moved.weaker_durability(view).into_iter().map(|reason| (Risk::WeakensDurability, reason));
    losses.chain(stops).chain(weakens).collect()
}

fn inheriting(value: Option<String>, inherited: Option<String>) -> ConfigView {
    ConfigView {
        value,
        inherited,
        kind: ConfigType::Unknown,
        source: ConfigSource::Default,
        sensitive: false,
        read_only: false,
    }
}

fn named(topics: &[&str]) -> String {
    let mut words: Vec<String> = topics.iter().take(NAMED).map(|name| (*name).to_owned()).collect();
    if let Some(more) = topics.len().checked_sub(NAMED).filter(|more| *more > 0) {
        words.push(format!("and {more} more topics"));
    }
    words.join(", ")
}

/// What a key that is unset will be from now on.
pub(super) fn follows_below(key: &str, target: ConfigTarget, seen: Option<&BrokerConfigView>) -> String {
    let below = match target {
        ConfigTarget::Broker(_) => "what holds for all brokers",
        ConfigTarget::Cluster => "each broker's own file, or Kafka's default",
    };
    match seen.and_then(|view| view.below(key, target)) {
        Some(value) => format!("{key} follows {below}: {}", describe_config_value(key, &value)),
        None => format!("{key} follows {below}, which was not told"),
    }
}
