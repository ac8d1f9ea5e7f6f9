//! The configs that a 4.3 broker has, read from one by `testbed configs` into `data/`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Whose config it is. Some names mean something to both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// A topic's.
    Topic,
    /// A broker's, or the default for all brokers.
    Broker,
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Boolean,
    String,
    Int,
    Short,
    Long,
    Double,
    List,
    Class,
    Password,
}

/// A config as the broker defines it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Definition {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    /// What holds when nobody sets it; `None` when nothing does.
    pub(crate) default: Option<String>,
    /// The broker's config that a topic follows.
    broker: Option<String>,
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    /// A value outside of the range that is taken all the same.
    #[serde(rename = "or")]
    pub(crate) exception: Option<i64>,
    /// The only values, or items of a list, that are taken.
    pub(crate) one_of: Option<Vec<String>>,
    /// Whether no item of the list may be empty.
    #[serde(default)]
    pub(crate) no_blank_items: bool,
    /// Whether the list needs an item.
    #[serde(default)]
    pub(crate) not_empty: bool,
    /// Whether it is read at start only.
    #[serde(default)]
    pub(crate) read_only: bool,
    /// Whether it cannot be set for all brokers at once.
    #[serde(default)]
    pub(crate) per_broker: bool,
    /// Whether it can be set for a listener only.
    #[serde(default)]
    pub(crate) per_listener: bool,
}

/// What a topic follows on the broker where the broker has no default for it, so that DescribeConfigs does not tell:
/// the default is in another unit, or there is none.
const FOLLOWED: [(&str, &str); 4] = [
    ("retention.ms", "log.retention.ms"),
    ("segment.ms", "log.roll.ms"),
    ("segment.jitter.ms", "log.roll.jitter.ms"),
    ("flush.ms", "log.flush.interval.ms"),
];

impl Definition {
    /// The broker's config that holds where a topic sets nothing.
    pub(crate) fn followed(&self) -> Option<&str> {
        let untold = || FOLLOWED.iter().find(|(name, _)| *name == self.name).map(|(_, followed)| *followed);
        self.broker.as_deref().or_else(untold)
    }

    /// Whether the value is kept from everybody.
    pub(crate) fn sensitive(&self) -> bool {
        self.kind == Kind::Password
    }
}

#[derive(Debug, Default, Deserialize)]
struct Catalog {
    topic: Vec<Definition>,
    broker: Vec<Definition>,
}

#[derive(Debug, Default, Deserialize)]
struct Documentation {
    topic: Vec<Documented>,
    broker: Vec<Documented>,
}

#[derive(Debug, Deserialize)]
struct Documented {
    name: String,
    text: String,
}

type Index<T> = BTreeMap<&'static str, &'static T>;

// Data that does not parse leaves the tables empty, which the test below would see; a broker without configs would
// refuse everything.
static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../data/configs.json")).unwrap_or_default());
static TOPIC_INDEX: LazyLock<Index<Definition>> = LazyLock::new(|| index(&CATALOG.topic));
static BROKER_INDEX: LazyLock<Index<Definition>> = LazyLock::new(|| index(&CATALOG.broker));
// The documentation is large and rarely asked for.
static DOCUMENTATION: LazyLock<Documentation> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../data/documentation.json")).unwrap_or_default()
});
static TOPIC_TEXTS: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| texts(&DOCUMENTATION.topic));
static BROKER_TEXTS: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| texts(&DOCUMENTATION.broker));

fn index(definitions: &'static [Definition]) -> Index<Definition> {
    definitions.iter().map(|definition| (definition.name.as_str(), definition)).collect()
}

fn texts(documented: &'static [Documented]) -> BTreeMap<&'static str, &'static str> {
    documented.iter().map(|row| (row.name.as_str(), row.text.as_str())).collect()
}

impl Scope {
    /// All configs, in the order in which values are checked.
    pub(crate) fn all(self) -> &'static [Definition] {
        match self {
            Scope::Topic => &CATALOG.topic,
            Scope::Broker => &CATALOG.broker,
        }
    }

    /// The config with this name.
    pub(crate) fn find(self, name: &str) -> Option<&'static Definition> {
        match self {
            Scope::Topic => TOPIC_INDEX.get(name).copied(),
            Scope::Broker => BROKER_INDEX.get(name).copied(),
        }
    }

    /// What the broker says about a config.
    pub(crate) fn documentation(self, name: &str) -> Option<&'static str> {
        match self {
            Scope::Topic => TOPIC_TEXTS.get(name).copied(),
            Scope::Broker => BROKER_TEXTS.get(name).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_is_read_whole() {
        assert_eq!(
            Scope::Topic.all().len(),
            include_str!("../../../data/configs.json").matches("\n  {").count() - Scope::Broker.all().len()
        );
        assert!(Scope::Topic.all().len() > 30 && Scope::Broker.all().len() > 300);
        for scope in [Scope::Topic, Scope::Broker] {
            for definition in scope.all() {
                assert!(
                    scope.documentation(&definition.name).is_some_and(|text| text.len() > 5),
                    "{definition:?}"
                );
            }
        }
    }

    #[test]
    fn what_a_topic_follows_is_a_config_of_the_broker() {
        for followed in Scope::Topic.all().iter().filter_map(Definition::followed) {
            assert!(Scope::Broker.find(followed).is_some(), "{followed}");
        }
    }
}
