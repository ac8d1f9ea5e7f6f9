use super::{BrokerConfigs, ConfigTarget, OngoingMoves};
use crate::values::{Known, TopicId, TopicPartition};
use std::collections::{BTreeMap, BTreeSet};

/// A broker as Metadata shows it: alive and registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broker {
    /// The node id.
    pub id: i32,
    /// The advertised host.
    pub host: String,
    /// The advertised port.
    pub port: i32,
    /// `broker.rack`, where set.
    pub rack: Option<String>,
}

/// What was seen of the brokers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterView {
    /// The cluster id, 22 characters as a rule.
    pub id: String,
    /// Live brokers by node id.
    pub brokers: BTreeMap<i32, Broker>,
    /// Topics by name: all visible ones, and those asked for by name (which may be `Absent` or `Denied`).
    pub topics: BTreeMap<String, Known<TopicView>>,
    /// Log start and end per partition, where asked for.
    pub logs: BTreeMap<TopicPartition, Known<LogRange>>,
    /// Replicas that are on their way, whoever sent them there.
    pub moves: Known<OngoingMoves>,
    /// Dynamic configs of brokers, where asked for. Those for all brokers come with those of each live one.
    pub broker_configs: BTreeMap<ConfigTarget, Known<BrokerConfigs>>,
}

impl ClusterView {
    /// Whether a cluster was looked at. Where files of another revision stand for one, what they do not say is made up.
    pub fn was_seen(&self) -> bool {
        !self.id.is_empty()
    }

    /// Brokers that hold replicas of a topic that was seen, and are not live. One that holds none is not known of.
    pub fn brokers_down(&self) -> BTreeSet<i32> {
        let topics = self.topics.values().filter_map(Known::known);
        let replicas = topics.flat_map(|topic| &topic.partitions).flat_map(|partition| &partition.replicas);
        replicas.filter(|id| !self.brokers.contains_key(id)).copied().collect()
    }
}

/// A topic that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicView {
    /// Its id; `None` only from brokers older than KIP-516.
    pub id: Option<TopicId>,
    /// Whether Kafka marks it as internal (`__consumer_offsets` and the like).
    pub internal: bool,
    /// Its partitions in order of their number.
    pub partitions: Vec<PartitionView>,
    /// Its configs by key, as DescribeConfigs reports them.
    pub configs: Known<BTreeMap<String, ConfigView>>,
}

impl TopicView {
    /// The replication factor when all partitions agree on it; `None` when replication is uneven.
    pub fn replication(&self) -> Option<usize> {
        let mut sizes = self.partitions.iter().map(|partition| partition.replicas.len());
        let first = sizes.next()?;
        sizes.all(|size| size == first).then_some(first)
    }
}

/// One partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionView {
    /// Its number.
    pub partition: i32,
    /// The leader's node id; `None` while there is no leader.
    pub leader: Option<i32>,
    /// The leader epoch, where known.
    pub leader_epoch: Option<i32>,
    /// Assigned replicas, the preferred leader first.
    pub replicas: Vec<i32>,
    /// In-sync replicas.
    pub isr: Vec<i32>,
    /// Replicas that are offline.
    pub offline: Vec<i32>,
}

/// The readable range of a partition's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogRange {
    /// The log start offset: the earliest record that can be read.
    pub start: i64,
    /// The high watermark (or the last stable offset where that was asked for): one past the last readable record.
    pub end: i64,
}

/// Kafka's type of a config key, as DescribeConfigs v3+ reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConfigType {
    /// The broker is too old to tell.
    Unknown,
    /// `true` or `false`.
    Boolean,
    /// Any text.
    String,
    /// 32 bits.
    Int,
    /// 16 bits.
    Short,
    /// 64 bits.
    Long,
    /// Floating point.
    Double,
    /// Comma separated.
    List,
    /// A Java class name.
    Class,
    /// A secret, never reported back.
    Password,
}

/// Where a config's value comes from, as DescribeConfigs reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConfigSource {
    /// Set on the topic itself.
    DynamicTopic,
    /// Set dynamically on the broker that was asked.
    DynamicBroker,
    /// Set dynamically for the whole cluster.
    DynamicDefaultBroker,
    /// From the broker's properties file.
    StaticBroker,
    /// Kafka's own default.
    Default,
    /// Something that this version does not know.
    Other,
}

/// One config of one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigView {
    /// The effective value; `None` when it is sensitive or null.
    pub value: Option<String>,
    /// What it would be if it were not set on the topic; `None` when the broker does not tell.
    pub inherited: Option<String>,
    /// Kafka's type of the key.
    pub kind: ConfigType,
    /// Where the value comes from.
    pub source: ConfigSource,
    /// Whether the broker hides the value.
    pub sensitive: bool,
    /// Whether it cannot be changed.
    pub read_only: bool,
}

impl ConfigView {
    /// Whether the value is set on the topic itself.
    pub fn is_override(&self) -> bool {
        self.source == ConfigSource::DynamicTopic
    }
}
