//! What a config of brokers does to the topics that follow it.

use crate::plan::Risk;
use crate::plan::topic::ConfigMove;
use crate::values::{Known, describe_config_value, first_few_of};
use crate::world::{
    BrokerConfigView, BrokerConfigs, ConfigSource, ConfigTarget, ConfigType, ConfigView, PartitionView,
    TopicView, World,
};
use std::collections::{BTreeMap, BTreeSet};

/// Configs of brokers that topics follow, each with the topic's own key (Kafka's `ServerTopicConfigSynonyms`). Those
/// of which a change may lose records, stop writes or cost durability.
const FOLLOWED: [(&str, &str); 10] = [
    ("compression.type", "compression.type"),
    ("log.cleanup.policy", "cleanup.policy"),
    ("log.message.timestamp.after.max.ms", "message.timestamp.after.max.ms"),
    ("log.message.timestamp.before.max.ms", "message.timestamp.before.max.ms"),
    ("log.message.timestamp.type", "message.timestamp.type"),
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

/// What becomes of one key of a topic on a broker.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Move {
    /// The topic's key.
    key: &'static str,
    /// What the broker has now; `None` where that is not told.
    from: Option<String>,
    /// What it will have; `None` where that is not told.
    to: Option<String>,
}

/// Weighs a change against every topic that was seen, on every broker that it reaches: brokers may differ in what they
/// have now and in what lies below. A topic that could not be read is taken for one that follows. So is one that nobody
/// knows of: Kafka leaves out in silence what a principal may not describe, and nothing tells that a list is whole.
pub(super) fn following(
    target: ConfigTarget,
    to: &BTreeMap<String, Option<String>>,
    world: &World,
) -> Following {
    let keys: BTreeSet<&str> = to.keys().filter_map(|key| topic_key(key)).collect();
    let mut following = Following::default();
    if keys.is_empty() {
        return following;
    }
    let on_brokers = moves_on_brokers(target, to, world);
    let mut reasons: BTreeMap<(Risk, String), BTreeSet<&str>> = BTreeMap::new();
    let mut followers: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut known, mut unknown) = (0, 0);
    let (unseen, none) = (unseen_topic(), BTreeMap::new());
    for (name, topic) in &world.cluster.topics {
        let view = match topic {
            Known::Known(view) => view,
            Known::Absent | Known::NotAsked => continue,
            Known::Denied(_) | Known::Failed(_) | Known::Unavailable(_) => &unseen,
        };
        let configs = match &view.configs {
            Known::Known(configs) => {
                known += 1;
                for key in keys.iter().filter(|key| follows(configs, key)) {
                    *followers.entry(key).or_default() += 1;
                }
                configs
            }
            _ => {
                unknown += 1;
                &none
            }
        };
        for (risk, reason) in on_brokers.iter().flat_map(|moves| weigh(view, configs, moves)) {
            reasons.entry((risk, reason)).or_default().insert(name);
        }
    }
    // Whether producers of such a topic would be refused rests on its replicas, of which nothing is known.
    let said: BTreeSet<Risk> = reasons.keys().map(|(risk, _)| *risk).chain([Risk::StopsWrites]).collect();
    let hidden = on_brokers.iter().flat_map(|moves| weigh(&unseen, &none, moves));
    for (risk, reason) in hidden.filter(|(risk, _)| !said.contains(risk)) {
        reasons.entry((risk, reason)).or_default();
    }
    for key in &keys {
        let count = followers.get(key).copied().unwrap_or_default();
        following
            .notes
            .push(format!("{count} of {known} visible topics have no {key} of their own and follow it"));
    }
    if !reasons.is_empty() {
        following.notes.push("topics that may not be seen follow it too".to_owned());
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
        following.notes.push(format!("{risk}, for reasons of the same kind: {}", named(&topics)));
    }
    if following.risks.contains(&Risk::LosesData) {
        let how = "how many records go is not counted for a change of brokers";
        following.notes.push(how.to_owned());
    }
    if unknown > 0 {
        let message = format!(
            "the configs of {unknown} topics could not be read, so they are taken to follow the brokers"
        );
        following.notes.push(message);
    }
    following
}

fn follows(configs: &BTreeMap<String, ConfigView>, key: &str) -> bool {
    configs.get(key).is_none_or(|view| !view.is_override())
}

/// What the change makes of the keys on each broker that it reaches; brokers of which the same holds are told of once.
/// Of a broker that could not be read only the wish is known.
fn moves_on_brokers(
    target: ConfigTarget,
    to: &BTreeMap<String, Option<String>>,
    world: &World,
) -> BTreeSet<Vec<Move>> {
    let brokers = world.cluster.broker_configs.iter().filter(|(of, _)| match target {
        ConfigTarget::Cluster => matches!(of, ConfigTarget::Broker(_)),
        ConfigTarget::Broker(_) => **of == target,
    });
    let on_broker = |(of, configs): (&ConfigTarget, &Known<BrokerConfigs>)| -> Vec<Move> {
        to.iter()
            .filter_map(|(key, wish)| {
                let topic_key = topic_key(key)?;
                let view = configs.known().and_then(|configs| configs.get(key));
                // Its own value goes before what is set for all.
                if *of != target && view.is_some_and(|view| view.is_set_at(*of)) {
                    return None;
                }
                let from = view.and_then(|view| view.in_effect(key));
                let below = || view.and_then(|view| view.below(key, target));
                Some(Move { key: topic_key, from, to: wish.clone().or_else(below) })
            })
            .collect()
    };
    brokers.map(on_broker).collect()
}

/// Stands in for a topic of which nothing could be read: as many replicas as is usual, none known to be in sync.
fn unseen_topic() -> TopicView {
    let partition = PartitionView {
        partition: 0,
        leader: None,
        leader_epoch: None,
        replicas: vec![0, 1, 2],
        isr: Vec::new(),
        offline: Vec::new(),
    };
    TopicView { id: None, internal: false, partitions: vec![partition], configs: Known::NotAsked }
}

fn weigh(view: &TopicView, configs: &BTreeMap<String, ConfigView>, moves: &[Move]) -> Vec<(Risk, String)> {
    let mut configs = configs.clone();
    let mut to = BTreeMap::new();
    let followed: Vec<&Move> = moves.iter().filter(|one| follows(&configs, one.key)).collect();
    for one in followed {
        // The topic's own view is that of whichever broker was asked.
        let told = || configs.get(one.key).and_then(|view| view.value.clone());
        let from = one.from.clone().or_else(told);
        configs.insert(one.key.to_owned(), inheriting(from, one.to.clone()));
        to.insert(one.key.to_owned(), one.to.clone());
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

fn named(topics: &BTreeSet<&str>) -> String {
    if topics.is_empty() {
        return "no visible topic".to_owned();
    }
    first_few_of(topics.iter().copied(), NAMED, ("topic", "topics")).join(", ")
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
