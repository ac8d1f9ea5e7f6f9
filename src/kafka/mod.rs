//! The control plane: how klerk asks a Kafka cluster and tells it what to change.
//!
//! [`Cluster`] is the handle that everything else uses. Below it are one connection ([`conn`]), the way to the right
//! broker ([`route`]) and the splitting of large changes ([`batch`]); beside it one file for each family of APIs, to
//! look and to enact. Nothing here prints: requests are traced and counted ([`meter`]).

mod access_changes;
mod acls;
mod auth;
mod backoff;
pub mod batch;
mod broker_configs;
mod call_error;
mod cluster;
mod configs;
mod conn;
mod connect_error;
mod coordinators;
mod delete_records;
mod delete_topics;
mod describe_groups;
mod diagnose;
mod enact_cluster;
mod enact_groups;
mod enact_topics;
mod groups;
mod hidden_topics;
mod holdings;
mod leaders;
mod list_groups;
mod lock;
mod log_dirs;
mod log_offsets;
mod look;
mod look_lag;
mod look_offsets;
mod look_status;
pub mod meter;
mod names;
mod offset_fetch;
mod options;
mod own_principal;
mod producers;
mod quorum;
mod quotas;
mod race;
mod reassignments;
mod replica_sizes;
mod rights;
mod route;
#[cfg(test)]
mod tests;
mod throttles;
mod topic_changes;
mod topics;
mod transport;
mod users;
mod wiring;
mod words;

pub use acls::SeenAcls;
pub use auth::{LoginError, Logins, ScramFault, TokenError, Who};
pub use batch::{Outcome, Watch};
pub use call_error::{CallError, Refusal, failure, known, taking};
pub use cluster::{Brokers, Cluster};
pub use configs::Configs;
pub use connect_error::{ConnectError, Lost};
pub use coordinators::ByCoordinator;
pub use delete_records::{Cuts, PartitionCut};
pub use delete_topics::OldTopic;
pub use enact_cluster::WatchCluster;
pub use enact_topics::{ConfigChange, CreatedTopic, Mode, MorePartitions, NewTopic};
pub use groups::{Cover, GroupsLook};
pub use holdings::add_commits;
pub use klerk_core::values::{Address, InvalidAddress};
pub use leaders::ByLeader;
pub use log_offsets::{At, Isolation, LogOffset, LogOffsets};
pub use look_lag::{LagLook, LagSeen};
pub use options::{ClusterPin, ConnectOptions};
pub use reassignments::{RefusedPartitions, ReplicaMove, event_of};
pub use replica_sizes::Sizes;
pub use route::{Answer, Retry, To};
pub use wiring::Wiring;
