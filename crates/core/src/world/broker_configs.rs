use super::{ConfigSource, ConfigType};
use std::collections::BTreeMap;
use std::fmt;

/// Where a dynamic config of brokers is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConfigTarget {
    /// For all brokers that have no value of their own.
    Cluster,
    /// On this broker alone.
    Broker(i32),
}

impl ConfigTarget {
    /// The source of what is set there.
    pub fn source(self) -> ConfigSource {
        match self {
            ConfigTarget::Cluster => ConfigSource::DynamicDefaultBroker,
            ConfigTarget::Broker(_) => ConfigSource::DynamicBroker,
        }
    }
}

impl fmt::Display for ConfigTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigTarget::Cluster => f.write_str("all brokers"),
            ConfigTarget::Broker(id) => write!(f, "broker {id}"),
        }
    }
}

/// The configs of one broker, or those that are set for all, by key.
pub type BrokerConfigs = BTreeMap<String, BrokerConfigView>;

/// One config of a broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerConfigView {
    /// The value in effect; `None` when it is sensitive or null.
    pub value: Option<String>,
    /// Kafka's type of the key.
    pub kind: ConfigType,
    /// Where the value in effect comes from.
    pub source: ConfigSource,
    /// Whether the broker hides the value.
    pub sensitive: bool,
    /// Whether it can only be changed in the broker's file, with a restart.
    pub read_only: bool,
    /// Every value that there is for it, the one in effect first.
    pub synonyms: Vec<SynonymView>,
}

/// One value of a config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SynonymView {
    /// The key that it is set by, which may be another one: `log.retention.hours` stands in for `log.retention.ms`.
    pub key: String,
    /// The value; `None` when it is sensitive or null.
    pub value: Option<String>,
    /// Where it comes from.
    pub source: ConfigSource,
}

impl BrokerConfigView {
    /// Whether a value is set there.
    pub fn is_set_at(&self, target: ConfigTarget) -> bool {
        self.source == target.source() || self.synonyms.iter().any(|one| one.source == target.source())
    }

    /// The value that is set there; `None` when there is none, or it is hidden.
    pub fn set_at(&self, target: ConfigTarget) -> Option<&str> {
        let synonym = self.synonyms.iter().find(|one| one.source == target.source());
        match synonym {
            Some(synonym) => synonym.value.as_deref(),
            None if self.source == target.source() => self.value.as_deref(),
            None => None,
        }
    }

    /// The value in effect, as the key has it; `None` where that is not told.
    pub fn in_effect(&self, key: &str) -> Option<String> {
        self.value.clone().or_else(|| self.synonyms.first()?.said_as(key))
    }

    /// The value that would be in effect if none were set there; `None` where that is not told. A time by another key
    /// is in another unit: `log.retention.hours` stands in for `log.retention.ms`.
    pub fn below(&self, key: &str, target: ConfigTarget) -> Option<String> {
        if !self.is_set_at(target) {
            return self.in_effect(key);
        }
        let next = self.synonyms.iter().find(|one| match target {
            ConfigTarget::Broker(_) => one.source != ConfigSource::DynamicBroker,
            ConfigTarget::Cluster => {
                !matches!(one.source, ConfigSource::DynamicBroker | ConfigSource::DynamicDefaultBroker)
            }
        })?;
        next.said_as(key)
    }
}

impl SynonymView {
    fn said_as(&self, key: &str) -> Option<String> {
        let value = self.value.as_deref()?;
        if self.key == key { Some(value.to_owned()) } else { in_milliseconds(key, &self.key, value) }
    }
}

/// A time that is set by a key in hours or minutes, as the key in milliseconds has it. No limit stays no limit.
pub(super) fn in_milliseconds(key: &str, other: &str, value: &str) -> Option<String> {
    let stem = key.strip_suffix(".ms")?;
    let unit = match other.strip_prefix(stem)? {
        ".hours" => 3_600_000,
        ".minutes" => 60_000,
        _ => return None,
    };
    let value: i64 = value.trim().parse().ok()?;
    if value < 0 { Some(value.to_string()) } else { value.checked_mul(unit).map(|value| value.to_string()) }
}

impl ConfigSource {
    /// The word in JSON and in messages, as Kafka's own tool has it, lower-case with `-` between words.
    pub fn as_str(self) -> &'static str {
        match self {
            ConfigSource::DynamicTopic => "dynamic-topic",
            ConfigSource::DynamicBroker => "dynamic-broker",
            ConfigSource::DynamicDefaultBroker => "dynamic-default-broker",
            ConfigSource::StaticBroker => "static-broker",
            ConfigSource::Default => "default",
            ConfigSource::Other => "other",
        }
    }
}

impl ConfigType {
    /// The word in JSON and in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            ConfigType::Unknown => "unknown",
            ConfigType::Boolean => "boolean",
            ConfigType::String => "string",
            ConfigType::Int => "int",
            ConfigType::Short => "short",
            ConfigType::Long => "long",
            ConfigType::Double => "double",
            ConfigType::List => "list",
            ConfigType::Class => "class",
            ConfigType::Password => "password",
        }
    }
}
