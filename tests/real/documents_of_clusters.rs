//! The documents of `klerk cluster`, declared again.

use super::{Cluster, Failure};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterStatus {
    pub format: String,
    pub version: u32,
    pub read_at: String,
    pub cluster: ClusterFacts,
    pub healthy: bool,
    pub problems: Vec<Problem>,
    pub awaited: Option<Awaited>,
    pub quorum: Option<Quorum>,
    pub brokers: Vec<Broker>,
    pub partitions: PartitionsHealth,
    pub balance: Balance,
    pub moves: Option<Vec<Move>>,
    pub throttles: Vec<Throttle>,
    pub not_available: Vec<NotAvailable>,
    pub visible_only: Option<bool>,
    pub hidden_topics: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterFacts {
    pub id: String,
    pub metadata_version: Option<String>,
    pub features: Option<BTreeMap<String, i16>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    pub kind: String,
    pub message: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Awaited {
    pub brokers: Option<usize>,
    pub met: bool,
    pub waited_ms: i64,
    pub lacks: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quorum {
    pub leader: Option<i32>,
    pub leader_epoch: i32,
    pub high_watermark: i64,
    pub replicas: Vec<QuorumReplica>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuorumReplica {
    pub id: i32,
    pub role: String,
    pub lag: Option<i64>,
    pub lag_ms: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Broker {
    pub id: i32,
    pub host: Option<String>,
    pub port: Option<i32>,
    pub rack: Option<String>,
    pub state: String,
    pub release: Option<String>,
    pub leaders: usize,
    pub preferred: usize,
    pub replicas: usize,
    pub out_of_sync: usize,
    pub bytes: Option<i64>,
    pub log_dirs: Option<Vec<LogDir>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogDir {
    pub path: String,
    pub replicas: usize,
    pub used_bytes: i64,
    pub total_bytes: Option<i64>,
    pub usable_bytes: Option<i64>,
    pub error: Option<Failure>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartitionsHealth {
    pub topics: usize,
    pub total: usize,
    pub offline: usize,
    pub under_min_isr: usize,
    pub at_min_isr: usize,
    pub under_replicated: usize,
    pub not_preferred: usize,
    pub min_isr_unknown: usize,
    pub unhealthy: Vec<PartitionHealth>,
    pub led_by_others: Vec<PartitionHealth>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartitionHealth {
    pub topic: String,
    pub partition: i32,
    pub leader: Option<i32>,
    pub preferred: Option<i32>,
    pub replicas: Vec<i32>,
    pub isr: Vec<i32>,
    pub min_isr: Option<usize>,
    pub moving: bool,
    pub conditions: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Balance {
    pub leaders: Option<Spread>,
    pub replicas: Option<Spread>,
    pub bytes: Option<Spread>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    pub min: i64,
    pub max: i64,
    pub mean: i64,
    pub skew_percent: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    pub topic: String,
    pub partition: i32,
    pub adding: Vec<i32>,
    pub removing: Vec<i32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    pub broker: Option<i32>,
    pub topic: Option<String>,
    pub key: String,
    pub value: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotAvailable {
    pub what: String,
    pub reason: Option<String>,
    pub error: Option<Failure>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterConfigs {
    pub format: String,
    pub version: u32,
    pub cluster: Cluster,
    pub places: Vec<ConfigPlace>,
    pub differing: Vec<DifferingConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigPlace {
    pub broker: Option<i32>,
    pub configs: Option<Vec<BrokerConfig>>,
    pub reason: Option<String>,
    pub error: Option<Failure>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrokerConfig {
    pub key: String,
    pub value: Option<String>,
    pub source: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub sensitive: bool,
    pub read_only: bool,
    pub synonyms: Vec<ConfigSynonym>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigSynonym {
    pub key: String,
    pub value: Option<String>,
    pub source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DifferingConfig {
    pub key: String,
    pub values: BTreeMap<String, Option<String>>,
}
