//! What was seen in one look: the cluster, the registry, the groups. Plain values, each with how well it is known.

mod access;
mod broker_configs;
mod cluster;
mod followed_times;
mod groups;
mod hidden;
mod moves;
mod record_times;
mod registry;
mod status;
mod wanted;

pub use access::{AccessView, NO_AUTHORIZER, OwnPrincipal};
pub use broker_configs::{BrokerConfigView, BrokerConfigs, ConfigTarget, SynonymView};
pub use cluster::{
    Broker, ClusterView, ConfigSource, ConfigType, ConfigView, LogRange, PartitionView, TopicView,
};
pub use followed_times::{followed_by, followed_time, followed_times};
pub use groups::{Committed, GroupState, GroupType, GroupView, GroupsView, Member};
pub use hidden::{HiddenTopics, METADATA_LOG};
pub use moves::{OngoingMove, OngoingMoves};
pub use record_times::{RecordTime, RecordTimes};
pub use registry::{RegistryView, SchemaReference, SchemaType, SubjectView, VersionView};
pub use status::{
    BROKER_KEYS, LogDirView, QuorumReplica, QuorumView, RegisteredBroker, StatusView, TOPIC_KEYS,
};
pub use wanted::{Selection, Wanted};

use crate::values::Known;

/// Everything that one look saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct World {
    /// Brokers, topics, configs, and log offsets where they were asked for.
    pub cluster: ClusterView,
    /// Subjects; `NotAsked` when nothing in the topology needs a registry.
    pub registry: Known<RegistryView>,
    /// Consumer groups.
    pub groups: GroupsView,
    /// Who may do what.
    pub access: AccessView,
}
