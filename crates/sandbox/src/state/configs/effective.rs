//! What holds: a config's value, where it comes from, and what would hold otherwise.

use crate::state::configs::brokers::at_start;
use crate::state::configs::catalog::{Definition, Kind};
use crate::state::configs::value::normal_form;
use crate::state::configs::{BrokerConfigs, Scope};
use crate::state::{State, Topic};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Where a value was set, with Kafka's numbers (KIP-226).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Topic = 1,
    Broker = 2,
    AllBrokers = 3,
    Start = 4,
    Default = 5,
}

/// A value at one of the places where it can be set. The name may be another that means the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Synonym {
    pub(crate) name: Cow<'static, str>,
    /// As it was set; `None` when it is kept secret.
    pub(crate) value: Option<String>,
    pub(crate) source: Source,
}

/// A config as DescribeConfigs shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: Cow<'static, str>,
    /// In normal form; `None` when there is none or it is kept secret.
    pub(crate) value: Option<String>,
    pub(crate) source: Source,
    pub(crate) read_only: bool,
    pub(crate) sensitive: bool,
    /// Kafka's number of the type (KIP-569); 0 for a config that the broker does not know.
    pub(crate) kind: i8,
    /// What holds and what would hold without it, in this order.
    pub(crate) synonyms: Vec<Synonym>,
}

/// Configs of a broker that say the same thing in different units; the first that is set holds.
const FAMILIES: [&[&str]; 4] = [
    &["log.retention.ms", "log.retention.minutes", "log.retention.hours"],
    &["log.roll.ms", "log.roll.hours"],
    &["log.roll.jitter.ms", "log.roll.jitter.hours"],
    &["log.flush.interval.ms", "log.flush.scheduler.interval.ms"],
];

/// Configs that a broker knows and shows only where they are set, since they have no place in its properties.
const RATES: [&str; 3] = [
    "leader.replication.throttled.rate",
    "follower.replication.throttled.rate",
    "replica.alter.log.dirs.io.max.bytes.per.second",
];

/// The values of brokers as one of them sees them; made once for a request about many topics.
#[derive(Debug)]
pub(crate) struct View<'a> {
    configs: &'a BrokerConfigs,
    node: i32,
    at_start: BTreeMap<&'static str, String>,
}

impl State {
    /// The configs as a broker sees them.
    pub(crate) fn configs_seen_by(&self, node: i32) -> View<'_> {
        View { configs: &self.broker_configs, node, at_start: at_start(self, node) }
    }

    /// The value of a topic's config that holds on all brokers that have no value of their own, in normal form; `None`
    /// when topic or config are not there.
    pub fn topic_config(&self, topic: &str, key: &str) -> Option<String> {
        let definition = Scope::Topic.find(key)?;
        let topic = self.topics.get(topic)?;
        if let Some(value) = topic.configs.get(key) {
            return Some(value.clone());
        }
        let node = self.brokers.keys().next().copied().unwrap_or_default();
        self.configs_seen_by(node).of_topic(definition, topic).value
    }
}

impl View<'_> {
    /// One config of a topic.
    pub(crate) fn of_topic(&self, definition: &'static Definition, topic: &Topic) -> Entry {
        let followed = definition.followed().map(|name| self.synonyms(name)).unwrap_or_default();
        let own = topic.configs.get(&definition.name).map(|value| Synonym {
            name: Cow::Borrowed(definition.name.as_str()),
            value: Some(value.clone()),
            source: Source::Topic,
        });
        let synonyms: Vec<Synonym> = own.into_iter().chain(followed).collect();
        entry(definition, synonyms, definition.default.as_deref())
    }

    /// One config of the broker that sees this; a name that it does not know shows that it was set, not to what.
    pub(crate) fn of_broker(&self, name: &str) -> Option<Entry> {
        if let Some(definition) = Scope::Broker.find(name) {
            return Some(entry(definition, self.synonyms(&definition.name), None));
        }
        let own = self.configs.own.get(&self.node).is_some_and(|own| own.contains_key(name));
        let all = self.configs.defaults.contains_key(name);
        let source = match (own, all) {
            (true, _) => Source::Broker,
            (false, true) => Source::AllBrokers,
            (false, false) => return None,
        };
        if RATES.contains(&name) {
            let at = if own { self.configs.own.get(&self.node) } else { Some(&self.configs.defaults) };
            return Some(rate(name, at.and_then(|configs| configs.get(name)).cloned(), source));
        }
        Some(unknown(name, source))
    }

    /// One config of those set for all brokers, as it was sent.
    pub(crate) fn of_all_brokers(&self, name: &str) -> Option<Entry> {
        let value = self.configs.defaults.get(name)?;
        let Some(definition) = Scope::Broker.find(name) else {
            return Some(unknown(name, Source::AllBrokers));
        };
        let value = (!definition.sensitive()).then(|| value.clone());
        let name = Cow::Borrowed(definition.name.as_str());
        let synonym = Synonym { name, value: value.clone(), source: Source::AllBrokers };
        Some(Entry { value, ..entry(definition, vec![synonym], None) })
    }

    /// The names that a broker shows: all that it knows and all that were set.
    pub(crate) fn broker_names(&self) -> BTreeSet<&str> {
        let known = Scope::Broker.all().iter().map(|definition| definition.name.as_str());
        let own = self.configs.own.get(&self.node).into_iter().flatten();
        known.chain(own.chain(&self.configs.defaults).map(|(name, _)| name.as_str())).collect()
    }

    /// The names that were set for all brokers.
    pub(crate) fn names_of_all_brokers(&self) -> impl Iterator<Item = &str> {
        self.configs.defaults.keys().map(String::as_str)
    }

    /// The values of a broker's config at all places, the one that holds first.
    fn synonyms(&self, name: &str) -> Vec<Synonym> {
        let alone = [name];
        let family = FAMILIES.into_iter().find(|family| family.contains(&name)).unwrap_or(&alone);
        let definitions: Vec<&'static Definition> =
            family.iter().filter_map(|name| Scope::Broker.find(name)).collect();
        let own = self.configs.own.get(&self.node);
        let mut synonyms = Vec::new();
        let mut add = |source: Source, value: &dyn Fn(&'static Definition) -> Option<String>| {
            for definition in &definitions {
                if let Some(value) = value(definition) {
                    let value = (!definition.sensitive()).then_some(value);
                    synonyms.push(Synonym { name: Cow::Borrowed(definition.name.as_str()), value, source });
                }
            }
        };
        add(Source::Broker, &|one| own.and_then(|own| own.get(&one.name)).cloned());
        add(Source::AllBrokers, &|one| self.configs.defaults.get(&one.name).cloned());
        add(Source::Start, &|one| self.at_start.get(one.name.as_str()).cloned());
        add(Source::Default, &|one| one.default.clone());
        // As a broker does: what stands before a config's own name is said of that other name only.
        synonyms.into_iter().skip_while(|synonym| synonym.name != name).collect()
    }
}

/// A config whose value comes from the first of its synonyms, or is `otherwise`.
fn entry(definition: &'static Definition, synonyms: Vec<Synonym>, otherwise: Option<&str>) -> Entry {
    let sensitive = definition.sensitive();
    let first = synonyms.first();
    let raw = first.map_or(otherwise, |synonym| synonym.value.as_deref()).filter(|_| !sensitive);
    let value = raw.map(|raw| normal_form(definition, raw).unwrap_or_else(|_| raw.to_owned()));
    Entry {
        name: Cow::Borrowed(definition.name.as_str()),
        value,
        source: first.map_or(Source::Default, |synonym| synonym.source),
        read_only: definition.read_only,
        sensitive,
        kind: type_number(definition.kind),
        synonyms,
    }
}

/// A broker does not know what a config of this name means, so it takes it for a secret that nobody may change.
/// A rate of replication that is set, which is shown as it is.
fn rate(name: &str, value: Option<String>, source: Source) -> Entry {
    let name: Cow<'static, str> = Cow::Owned(name.to_owned());
    let synonyms = vec![Synonym { name: name.clone(), value: value.clone(), source }];
    let kind = type_number(Kind::Long);
    Entry { name, value, source, read_only: false, sensitive: false, kind, synonyms }
}

fn unknown(name: &str, source: Source) -> Entry {
    let name: Cow<'static, str> = Cow::Owned(name.to_owned());
    let synonyms = vec![Synonym { name: name.clone(), value: None, source }];
    Entry { name, value: None, source, read_only: true, sensitive: true, kind: 0, synonyms }
}

fn type_number(kind: Kind) -> i8 {
    match kind {
        Kind::Boolean => 1,
        Kind::String => 2,
        Kind::Int => 3,
        Kind::Short => 4,
        Kind::Long => 5,
        Kind::Double => 6,
        Kind::List => 7,
        Kind::Class => 8,
        Kind::Password => 9,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Broker;

    fn state() -> State {
        let broker = |id: i32| (id, Broker { port: 9092, rack: format!("rack-{id}"), alive: true });
        let mut state = State::new((1..=3).map(broker).collect());
        let configs = [("cleanup.policy", "compact")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        let topic = Topic { id: uuid::Uuid::nil(), partitions: Vec::new(), configs: configs.into() };
        state.topics.insert("t".to_owned(), topic);
        state
    }

    fn shown(entry: &Entry) -> String {
        let synonyms = entry.synonyms.iter().map(|synonym| {
            format!("{}={} ({:?})", synonym.name, synonym.value.as_deref().unwrap_or("?"), synonym.source)
        });
        let value = entry.value.as_deref().unwrap_or("none");
        let synonyms = synonyms.collect::<Vec<_>>().join(", ");
        let synonyms = if synonyms.is_empty() { "nothing else" } else { &synonyms };
        format!("{}={value} ({:?}): {synonyms}", entry.name, entry.source)
    }

    fn of_topic(state: &State, key: &str) -> String {
        let view = state.configs_seen_by(1);
        shown(&view.of_topic(Scope::Topic.find(key).expect("a config"), &state.topics["t"]))
    }

    #[test]
    fn a_topic_shows_where_its_values_come_from() {
        let mut state = state();
        let keys = ["cleanup.policy", "retention.ms", "min.insync.replicas", "segment.bytes", "preallocate"];
        insta::assert_snapshot!(keys.map(|key| of_topic(&state, key)).join("\n"), @r"
    cleanup.policy=compact (Topic): cleanup.policy=compact (Topic), log.cleanup.policy=delete (Default)
    retention.ms=604800000 (Default): nothing else
    min.insync.replicas=2 (AllBrokers): min.insync.replicas=2 (AllBrokers), min.insync.replicas=2 (Start), min.insync.replicas=1 (Default)
    segment.bytes=1073741824 (Default): log.segment.bytes=1073741824 (Default)
    preallocate=false (Default): log.preallocate=false (Default)
        ");
        state.broker_configs.defaults.insert("log.retention.ms".to_owned(), " 0007 ".to_owned());
        let own = [("log.segment.bytes".to_owned(), "2000000".to_owned())].into();
        state.broker_configs.own.insert(1, own);
        insta::assert_snapshot!(
            ["retention.ms", "segment.bytes"].map(|key| of_topic(&state, key)).join("\n"), @r"
    retention.ms=7 (AllBrokers): log.retention.ms= 0007  (AllBrokers), log.retention.hours=168 (Default)
    segment.bytes=2000000 (Broker): log.segment.bytes=2000000 (Broker), log.segment.bytes=1073741824 (Default)
        ");
        assert_eq!(state.topic_config("t", "retention.ms").as_deref(), Some("7"));
        assert_eq!(state.topic_config("t", "nope"), None);
    }

    #[test]
    fn a_broker_shows_where_its_values_come_from() {
        let mut state = state();
        state.broker_configs.defaults.insert("my.own".to_owned(), "1".to_owned());
        let view = state.configs_seen_by(2);
        let keys = ["node.id", "min.insync.replicas", "log.retention.ms", "log.retention.hours", "my.own"];
        let entries = keys.map(|key| view.of_broker(key).expect("a config"));
        insta::assert_snapshot!(entries.each_ref().map(shown).join("\n"), @r"
    node.id=2 (Start): node.id=2 (Start)
    min.insync.replicas=2 (AllBrokers): min.insync.replicas=2 (AllBrokers), min.insync.replicas=2 (Start), min.insync.replicas=1 (Default)
    log.retention.ms=none (Default): nothing else
    log.retention.hours=168 (Default): log.retention.hours=168 (Default)
    my.own=none (AllBrokers): my.own=? (AllBrokers)
        ");
        assert!(entries[0].read_only && !entries[1].read_only && entries[4].sensitive);
        assert_eq!(view.of_broker("nope"), None);
        assert!(view.of_all_brokers("node.id").is_none());
        assert!(view.broker_names().contains("my.own"));
    }
}
