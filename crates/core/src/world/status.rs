use super::{BrokerConfigs, OngoingMoves, TopicView};
use crate::values::{FOLLOWER_RATE, FOLLOWER_REPLICAS, Known, LEADER_RATE, LEADER_REPLICAS, TopicPartition};
use std::collections::{BTreeMap, BTreeSet};

/// What was seen of a cluster's condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusView {
    /// The cluster id.
    pub id: String,
    /// The brokers that the cluster tells of, by node id.
    pub brokers: BTreeMap<i32, RegisteredBroker>,
    /// Whether brokers that are not live were told too; where not, only live ones are known.
    pub listed: Known<()>,
    /// Who decides on the cluster's metadata (KRaft).
    pub quorum: Known<QuorumView>,
    /// The features that hold for the whole cluster, by name, each with its level.
    pub features: Known<BTreeMap<String, i16>>,
    /// All visible topics. Their configs are those of [`TOPIC_KEYS`] only.
    pub topics: BTreeMap<String, Known<TopicView>>,
    /// Log folders by the broker that has them; one that is not live has no place here.
    pub disks: BTreeMap<i32, Known<Vec<LogDirView>>>,
    /// Replicas on their way.
    pub moves: Known<OngoingMoves>,
    /// The configs [`BROKER_KEYS`] of each live broker.
    pub throttles: BTreeMap<i32, Known<BrokerConfigs>>,
    /// Topics that live brokers carry and that may not be described.
    pub hidden: Known<BTreeSet<String>>,
}

/// The configs of topics that a cluster's condition depends on.
pub const TOPIC_KEYS: [&str; 3] = [FOLLOWER_REPLICAS, LEADER_REPLICAS, "min.insync.replicas"];

/// The configs of brokers that slow replicas down.
pub const BROKER_KEYS: [&str; 3] =
    [FOLLOWER_RATE, LEADER_RATE, "replica.alter.log.dirs.io.max.bytes.per.second"];

/// A broker that the cluster knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredBroker {
    /// The advertised host.
    pub host: String,
    /// The advertised port.
    pub port: i32,
    /// `broker.rack`, where set.
    pub rack: Option<String>,
    /// Whether the controller keeps it from leading and from being found by clients: it is down, or just starting.
    pub fenced: bool,
    /// The levels of `metadata.version` that its software can do, lowest and highest.
    pub metadata_versions: Known<(i16, i16)>,
}

/// The quorum of controllers (DescribeQuorum, KIP-595).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuorumView {
    /// The active controller; `None` while none is elected.
    pub leader: Option<i32>,
    /// Its epoch.
    pub leader_epoch: i32,
    /// The first offset of the metadata log that is not replicated to a majority.
    pub high_watermark: i64,
    /// Those who vote, by node id.
    pub voters: BTreeMap<i32, QuorumReplica>,
    /// Those who only follow: the brokers, as a rule.
    pub observers: BTreeMap<i32, QuorumReplica>,
}

/// One replica of the metadata log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuorumReplica {
    /// The end of its log; `None` where the leader does not know it.
    pub end: Option<i64>,
    /// When it last had all that the leader had, in milliseconds since 1970, by the leader's clock; `None` where the
    /// leader does not tell.
    pub caught_up_ms: Option<i64>,
    /// When it last asked for more; `None` where the leader does not tell.
    pub fetched_ms: Option<i64>,
}

/// One folder that a broker keeps logs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogDirView {
    /// Its path on the broker.
    pub path: String,
    /// What is wrong with it; `None` while it works.
    pub failure: Option<crate::values::Failure>,
    /// Bytes of the volume; `None` from brokers older than 3.3, and where the folder is offline.
    pub total: Option<i64>,
    /// Bytes of the volume that are free.
    pub usable: Option<i64>,
    /// The replicas in it, each with its bytes.
    pub replicas: BTreeMap<TopicPartition, i64>,
    /// The bytes of replicas that are being moved into it from another folder of the broker.
    pub coming: i64,
}
