//! How a cluster is: what was seen of it, judged. Partitions that lack replicas or a leader, how evenly the load lies,
//! how far the quorum is behind, and everything that an operator should look after, in one list.

mod balance;
mod partitions;
mod problem;
mod quorum;
mod release;
mod status;
#[cfg(test)]
mod tests;
mod throttles;

pub use balance::{Load, Spread};
pub use partitions::{Condition, PartitionCounts, PartitionHealth, Partitions};
pub use problem::{Problem, ProblemKind};
pub use quorum::{Follower, QuorumStatus, Role};
pub use release::metadata_release;
pub use status::{Awaited, BrokerState, BrokerStatus, ClusterStatus, status};
pub use throttles::Throttle;
