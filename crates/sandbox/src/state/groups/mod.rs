//! Groups: who coordinates them, their members and rebalances, and the offsets they have committed.
//!
//! Every function takes the time as milliseconds since 1970 from the cluster's clock. Time that has passed is made
//! good when a group is next asked about ([`Groups::expire`]), so nothing runs in the background.

mod assignor;
mod classic;
mod commits;
mod consumer;
mod coordinator;
mod group;
mod join;
mod membership;
mod offsets;
mod rebalance;
mod reconcile;
mod simulated;
mod subscription;
#[cfg(test)]
mod tests;

pub use assignor::ASSIGNORS;
pub use classic::{CONSUMER_PROTOCOL, Classic, ClassicState, Member};
pub use commits::{Commit, Commits};
pub use consumer::{ConsumerGroup, ConsumerMember, ConsumerState, DEFAULT_ASSIGNOR, Partitions};
pub use coordinator::{CoordinatorOf, NoCoordinator, OFFSETS_TOPIC, TRANSACTIONS_TOPIC};
pub use group::{Group, GroupKind, Groups};
pub use join::{JoinRefused, Joined, JoinedMember, Joining, Progress, Synced};
pub use membership::MemberRef;
pub use offsets::CommitBy;
pub use reconcile::{Beat, BeatRefused, Beaten, JOINING};
