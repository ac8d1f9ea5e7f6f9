use crate::placement::MoveThrottle;
use crate::values::TopicId;
use std::collections::{BTreeMap, BTreeSet};

/// A change of one topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum TopicChange {
    /// CreateTopics.
    Create {
        /// The topic's name.
        topic: String,
        /// Partitions; `None` leaves it to the broker's `num.partitions`.
        partitions: Option<i32>,
        /// Replication factor; `None` leaves it to the broker's `default.replication.factor`.
        replication: Option<i16>,
        /// Configs to set at creation.
        configs: BTreeMap<String, String>,
    },
    /// CreatePartitions.
    AddPartitions {
        /// The topic's name.
        topic: String,
        /// The topic that was seen.
        id: Option<TopicId>,
        /// Partitions now.
        from: i32,
        /// Partitions afterwards.
        to: i32,
    },
    /// IncrementalAlterConfigs; one step a topic.
    SetConfig {
        /// The topic's name.
        topic: String,
        /// The topic that was seen.
        id: Option<TopicId>,
        /// The override before, for each key that changes; `None` followed the broker.
        from: BTreeMap<String, Option<String>>,
        /// The override afterwards, for the same keys; `None` follows the broker.
        to: BTreeMap<String, Option<String>>,
    },
    /// AlterPartitionReassignments (KIP-455): replicas are copied to other brokers, or given up.
    MoveReplicas {
        /// The topic's name.
        topic: String,
        /// The topic that was seen.
        id: Option<TopicId>,
        /// The brokers with a replica before, for each partition that moves; the preferred leader first.
        from: BTreeMap<i32, Vec<i32>>,
        /// The brokers with a replica afterwards, for the same partitions.
        to: BTreeMap<i32, Vec<i32>>,
        /// Those of the partitions that are on their way there already, so that they are waited for and not sent.
        under_way: BTreeSet<i32>,
        /// What slows the copies down; `None` sets no limit.
        throttle: Option<MoveThrottle>,
    },
    /// AlterPartitionReassignments: moves that are under way are taken back, and what was copied so far is dropped.
    CancelMoves {
        /// The topic's name.
        topic: String,
        /// The topic that was seen.
        id: Option<TopicId>,
        /// The brokers that the move would have led to, for each partition.
        from: BTreeMap<i32, Vec<i32>>,
        /// The brokers with a replica before the move began, for the same partitions.
        to: BTreeMap<i32, Vec<i32>>,
    },
    /// DeleteTopics, with what it takes to make the topic anew; its records are gone for good.
    Delete {
        /// The topic's name.
        topic: String,
        /// The topic that was seen, and the only one that is deleted.
        id: Option<TopicId>,
        /// Its partitions.
        partitions: i32,
        /// Its replication factor; `None` where its partitions differ.
        replication: Option<i16>,
        /// The configs set on it; `None` when they could not be read.
        configs: Option<BTreeMap<String, String>>,
        /// Whether it goes only as long as it holds no record, as where its creation is taken back.
        while_empty: bool,
    },
}

impl TopicChange {
    /// The kind by its name in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            TopicChange::Create { .. } => "create-topic",
            TopicChange::AddPartitions { .. } => "add-partitions",
            TopicChange::SetConfig { .. } => "set-config",
            TopicChange::MoveReplicas { .. } => "move-replicas",
            TopicChange::CancelMoves { .. } => "cancel-moves",
            TopicChange::Delete { .. } => "delete-topic",
        }
    }

    /// The topic's name.
    pub fn topic(&self) -> &str {
        match self {
            TopicChange::Create { topic, .. }
            | TopicChange::AddPartitions { topic, .. }
            | TopicChange::SetConfig { topic, .. }
            | TopicChange::MoveReplicas { topic, .. }
            | TopicChange::CancelMoves { topic, .. }
            | TopicChange::Delete { topic, .. } => topic,
        }
    }
}
