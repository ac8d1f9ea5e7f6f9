use crate::values::TopicId;
use std::collections::BTreeMap;

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
}

impl TopicChange {
    /// The kind by its name in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            TopicChange::Create { .. } => "create-topic",
            TopicChange::AddPartitions { .. } => "add-partitions",
            TopicChange::SetConfig { .. } => "set-config",
        }
    }

    /// The topic's name.
    pub fn topic(&self) -> &str {
        match self {
            TopicChange::Create { topic, .. }
            | TopicChange::AddPartitions { topic, .. }
            | TopicChange::SetConfig { topic, .. } => topic,
        }
    }
}
