use super::FailureV1;
use super::groups::missing;
use jiff::Timestamp;
use klerk_core::health::{
    BrokerStatus, ClusterStatus, Follower, PartitionHealth, Problem, QuorumStatus, Spread, Throttle,
    metadata_release,
};
use klerk_core::values::{Known, TopicPartition};
use klerk_core::world::{LogDirView, OngoingMove, RegisteredBroker, StatusView};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// `klerk.cluster`: how the cluster is.
#[derive(Debug, Clone, Serialize)]
pub struct ClusterDocument {
    format: &'static str,
    version: u32,
    read_at: String,
    cluster: ClusterV1,
    healthy: bool,
    problems: Vec<ProblemV1>,
    /// What is still missing of what was waited for; null when nothing was.
    awaited: Option<AwaitedV1>,
    quorum: Option<QuorumV1>,
    brokers: Vec<BrokerV1>,
    partitions: PartitionsV1,
    balance: BalanceV1,
    moves: Option<Vec<MoveV1>>,
    throttles: Vec<ThrottleV1>,
    not_available: Vec<NotAvailableV1>,
    /// Whether there are topics that may not be described, which nothing else here counts; null where nobody can tell.
    visible_only: Option<bool>,
    /// These topics; null where nobody tells which they are.
    hidden_topics: Option<BTreeSet<String>>,
}

#[derive(Debug, Clone, Serialize)]
struct ClusterV1 {
    id: String,
    metadata_version: Option<String>,
    features: Option<BTreeMap<String, i16>>,
}

#[derive(Debug, Clone, Serialize)]
struct ProblemV1 {
    kind: &'static str,
    message: String,
}

#[derive(Debug, Clone, Serialize)]
struct AwaitedV1 {
    brokers: Option<usize>,
    met: bool,
    waited_ms: i64,
    lacks: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
struct QuorumV1 {
    leader: Option<i32>,
    leader_epoch: i32,
    high_watermark: i64,
    replicas: Vec<FollowerV1>,
}

#[derive(Debug, Clone, Serialize)]
struct FollowerV1 {
    id: i32,
    role: &'static str,
    lag: Option<i64>,
    lag_ms: Option<i64>,
}

#[derive(Debug, Clone, Serialize)]
struct BrokerV1 {
    id: i32,
    host: Option<String>,
    port: Option<i32>,
    rack: Option<String>,
    state: &'static str,
    /// The newest metadata version that its software can do.
    release: Option<String>,
    leaders: usize,
    preferred: usize,
    replicas: usize,
    out_of_sync: usize,
    bytes: Option<i64>,
    log_dirs: Option<Vec<LogDirV1>>,
}

#[derive(Debug, Clone, Serialize)]
struct LogDirV1 {
    path: String,
    replicas: usize,
    used_bytes: i64,
    total_bytes: Option<i64>,
    usable_bytes: Option<i64>,
    error: Option<FailureV1>,
}

#[derive(Debug, Clone, Serialize)]
struct PartitionsV1 {
    topics: usize,
    total: usize,
    offline: usize,
    under_min_isr: usize,
    at_min_isr: usize,
    under_replicated: usize,
    not_preferred: usize,
    min_isr_unknown: usize,
    unhealthy: Vec<PartitionV1>,
    led_by_others: Vec<PartitionV1>,
}

#[derive(Debug, Clone, Serialize)]
struct PartitionV1 {
    topic: String,
    partition: i32,
    leader: Option<i32>,
    preferred: Option<i32>,
    replicas: Vec<i32>,
    isr: Vec<i32>,
    min_isr: Option<usize>,
    moving: bool,
    conditions: Vec<&'static str>,
}

#[derive(Debug, Clone, Serialize)]
struct BalanceV1 {
    leaders: Option<SpreadV1>,
    replicas: Option<SpreadV1>,
    bytes: Option<SpreadV1>,
}

#[derive(Debug, Clone, Serialize)]
struct SpreadV1 {
    min: i64,
    max: i64,
    mean: i64,
    skew_percent: i64,
}

#[derive(Debug, Clone, Serialize)]
struct MoveV1 {
    topic: String,
    partition: i32,
    adding: Vec<i32>,
    removing: Vec<i32>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct ThrottleV1 {
    broker: Option<i32>,
    topic: Option<String>,
    key: String,
    value: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct NotAvailableV1 {
    what: String,
    reason: Option<String>,
    error: Option<FailureV1>,
}

impl NotAvailableV1 {
    /// Where the fact is missing.
    fn of<T>(what: String, fact: &Known<T>) -> Option<Self> {
        let (reason, error) = missing(fact);
        (reason.is_some() || error.is_some()).then_some(NotAvailableV1 { what, reason, error })
    }

    /// What of throttles was not told: rates of brokers, and lists of topics.
    pub(super) fn of_throttles(view: &StatusView) -> impl Iterator<Item = Self> {
        let brokers = view
            .throttles
            .iter()
            .filter_map(|(broker, configs)| Self::of(format!("throttles of broker {broker}"), configs));
        let topics = view.topics.iter().filter_map(|(name, topic)| match topic {
            Known::Known(topic) => Self::of(format!("configs of topic {name}"), &topic.configs),
            other => Self::of(format!("topic {name}"), other),
        });
        brokers.chain(topics)
    }
}

impl ClusterDocument {
    /// The document of what was seen, and how it was judged.
    pub fn new(view: &StatusView, status: &ClusterStatus, read_at: Timestamp) -> Self {
        ClusterDocument {
            format: "klerk.cluster",
            version: 1,
            read_at: read_at.to_string(),
            cluster: ClusterV1::from(view),
            healthy: status.is_healthy(),
            problems: status.problems.iter().map(ProblemV1::from).collect(),
            awaited: None,
            quorum: status.quorum.known().map(QuorumV1::from),
            brokers: status.brokers.iter().map(|broker| BrokerV1::new(view, broker)).collect(),
            partitions: PartitionsV1::from(status),
            balance: BalanceV1 {
                leaders: status.leaders.as_ref().map(SpreadV1::from),
                replicas: status.replicas.as_ref().map(SpreadV1::from),
                bytes: status.bytes.as_ref().map(SpreadV1::from),
            },
            moves: view.moves.known().map(|moves| moves.iter().map(MoveV1::from).collect()),
            throttles: status.throttles.iter().map(ThrottleV1::from).collect(),
            not_available: not_available(view),
            visible_only: status.partitions.hidden.visible_only(),
            hidden_topics: status.partitions.hidden.0.known().cloned(),
        }
    }

    /// The same, with what was waited for and what of it is still missing.
    pub fn awaiting(self, brokers: Option<usize>, waited_ms: i64, lacks: &[String]) -> Self {
        let awaited = AwaitedV1 { brokers, met: lacks.is_empty(), waited_ms, lacks: lacks.to_vec() };
        ClusterDocument { awaited: Some(awaited), ..self }
    }
}

fn not_available(view: &StatusView) -> Vec<NotAvailableV1> {
    let of_cluster = [
        NotAvailableV1::of("brokers that are not live".to_owned(), &view.listed),
        NotAvailableV1::of("quorum".to_owned(), &view.quorum),
        NotAvailableV1::of("features".to_owned(), &view.features),
        NotAvailableV1::of("moves".to_owned(), &view.moves),
    ];
    let log_dirs = view.disks.iter();
    let log_dirs = log_dirs
        .filter_map(|(broker, dirs)| NotAvailableV1::of(format!("log_dirs of broker {broker}"), dirs));
    of_cluster.into_iter().flatten().chain(log_dirs).chain(NotAvailableV1::of_throttles(view)).collect()
}

fn release(level: i16) -> String {
    metadata_release(level).map_or_else(|| level.to_string(), str::to_owned)
}

impl From<&StatusView> for ClusterV1 {
    fn from(view: &StatusView) -> Self {
        let features = view.features.known().cloned();
        let level = features.as_ref().and_then(|features| features.get("metadata.version").copied());
        ClusterV1 { id: view.id.clone(), metadata_version: level.map(release), features }
    }
}

impl From<&Problem> for ProblemV1 {
    fn from(problem: &Problem) -> Self {
        ProblemV1 { kind: problem.kind.as_str(), message: problem.message.clone() }
    }
}

impl From<&QuorumStatus> for QuorumV1 {
    fn from(quorum: &QuorumStatus) -> Self {
        let follower = |one: &Follower| FollowerV1 {
            id: one.id,
            role: one.role.as_str(),
            lag: one.lag,
            lag_ms: one.lag_ms,
        };
        QuorumV1 {
            leader: quorum.leader,
            leader_epoch: quorum.leader_epoch,
            high_watermark: quorum.high_watermark,
            replicas: quorum.replicas.iter().map(follower).collect(),
        }
    }
}

impl BrokerV1 {
    fn new(view: &StatusView, broker: &BrokerStatus) -> Self {
        let known: Option<&RegisteredBroker> = view.brokers.get(&broker.id);
        let newest = known.and_then(|known| known.metadata_versions.known()).map(|(_, newest)| *newest);
        let dirs = view.disks.get(&broker.id).and_then(Known::known);
        BrokerV1 {
            id: broker.id,
            host: known.map(|known| known.host.clone()),
            port: known.map(|known| known.port),
            rack: known.and_then(|known| known.rack.clone()),
            state: broker.state.as_str(),
            release: newest.map(release),
            leaders: broker.load.leaders,
            preferred: broker.load.preferred,
            replicas: broker.load.replicas,
            out_of_sync: broker.load.out_of_sync,
            bytes: broker.load.bytes.known().copied(),
            log_dirs: dirs.map(|dirs| dirs.iter().map(LogDirV1::from).collect()),
        }
    }
}

impl From<&LogDirView> for LogDirV1 {
    fn from(dir: &LogDirView) -> Self {
        LogDirV1 {
            path: dir.path.clone(),
            replicas: dir.replicas.len(),
            used_bytes: dir.replicas.values().sum::<i64>() + dir.coming,
            total_bytes: dir.total,
            usable_bytes: dir.usable,
            error: dir.failure.as_ref().map(FailureV1::from),
        }
    }
}

impl From<&ClusterStatus> for PartitionsV1 {
    fn from(status: &ClusterStatus) -> Self {
        let counts = status.partitions.counts;
        PartitionsV1 {
            topics: status.partitions.topics,
            total: counts.total,
            offline: counts.offline,
            under_min_isr: counts.under_min_isr,
            at_min_isr: counts.at_min_isr,
            under_replicated: counts.under_replicated,
            not_preferred: counts.not_preferred,
            min_isr_unknown: counts.min_isr_unknown,
            unhealthy: status.partitions.unhealthy.iter().map(PartitionV1::from).collect(),
            led_by_others: status.partitions.not_preferred.iter().map(PartitionV1::from).collect(),
        }
    }
}

impl From<&PartitionHealth> for PartitionV1 {
    fn from(health: &PartitionHealth) -> Self {
        PartitionV1 {
            topic: health.partition.topic.to_string(),
            partition: health.partition.partition,
            leader: health.leader,
            preferred: health.preferred(),
            replicas: health.replicas.clone(),
            isr: health.isr.clone(),
            min_isr: health.min_isr.known().copied(),
            moving: health.moving,
            conditions: health.conditions.iter().map(|condition| condition.as_str()).collect(),
        }
    }
}

impl From<&Spread> for SpreadV1 {
    fn from(spread: &Spread) -> Self {
        SpreadV1 {
            min: spread.min,
            max: spread.max,
            mean: spread.mean(),
            skew_percent: spread.skew_percent(),
        }
    }
}

impl From<(&TopicPartition, &OngoingMove)> for MoveV1 {
    fn from((partition, view): (&TopicPartition, &OngoingMove)) -> Self {
        MoveV1 {
            topic: partition.topic.to_string(),
            partition: partition.partition,
            adding: view.adding.clone(),
            removing: view.removing.clone(),
        }
    }
}

impl From<&Throttle> for ThrottleV1 {
    fn from(throttle: &Throttle) -> Self {
        let (broker, topic, key, value) = match throttle {
            Throttle::Rate { broker, key, value } => (Some(*broker), None, key, value),
            Throttle::Replicas { topic, key, value } => (None, Some(topic.clone()), key, value),
        };
        ThrottleV1 { broker, topic, key: key.clone(), value: value.clone() }
    }
}
