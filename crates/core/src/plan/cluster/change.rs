use crate::values::{Resource, ResourceType, TopicId};
use crate::world::ConfigTarget;
use std::collections::BTreeMap;

/// The leader of one partition, before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeaderMove {
    /// The partition's number.
    pub partition: i32,
    /// The leader that was seen.
    pub from: Option<i32>,
    /// The preferred replica.
    pub to: i32,
}

/// A change of the cluster itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClusterChange {
    /// ElectLeaders: the preferred replicas of partitions of one topic lead again.
    ElectLeaders {
        /// The topic's name.
        topic: String,
        /// The topic that was seen.
        id: Option<TopicId>,
        /// The partitions, in order of their numbers.
        partitions: Vec<LeaderMove>,
    },
    /// IncrementalAlterConfigs of one broker, or of the values for all of them.
    SetConfig {
        /// Where.
        target: ConfigTarget,
        /// The cluster's id where all brokers are meant, and else nothing.
        cluster: String,
        /// What is set there before, for each key that changes.
        from: BTreeMap<String, Option<String>>,
        /// What is set there afterwards, for the same keys; `None` follows what lies below.
        to: BTreeMap<String, Option<String>>,
    },
}

impl ClusterChange {
    /// A change of configs in one place.
    pub(in crate::plan) fn configs(
        target: ConfigTarget,
        cluster: &str,
        from: BTreeMap<String, Option<String>>,
        to: BTreeMap<String, Option<String>>,
    ) -> Self {
        let cluster = match target {
            ConfigTarget::Cluster => cluster.to_owned(),
            ConfigTarget::Broker(_) => String::new(),
        };
        ClusterChange::SetConfig { target, cluster, from, to }
    }

    /// The kind by its name in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            ClusterChange::ElectLeaders { .. } => "elect-leaders",
            ClusterChange::SetConfig { .. } => "set-config",
        }
    }

    /// What it changes.
    pub fn resource(&self) -> Resource {
        match self {
            ClusterChange::ElectLeaders { topic, .. } => Resource::topic(topic),
            ClusterChange::SetConfig { target, cluster, .. } => resource(*target, cluster),
        }
    }
}

/// A place for configs as a resource.
pub(super) fn resource(target: ConfigTarget, cluster: &str) -> Resource {
    match target {
        ConfigTarget::Cluster => Resource { kind: ResourceType::Cluster, name: cluster.to_owned() },
        ConfigTarget::Broker(id) => Resource { kind: ResourceType::Broker, name: id.to_string() },
    }
}
