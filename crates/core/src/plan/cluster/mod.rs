//! The family of the cluster itself: which replica leads, and the dynamic configs of brokers.

mod change;
mod elect;
mod facts;
mod follow;
mod judge;
mod propose;
mod sight;
#[cfg(test)]
mod situations;
mod undo;

pub use change::{ClusterChange, LeaderMove};
pub use elect::{ElectionScope, propose_elections};
pub(super) use facts::{drift, expectations, wanted_for};
pub use follow::topic_key;
pub(super) use judge::judge;
pub use propose::{ConfigWishes, propose_broker_configs, wanted_for_broker_configs};
pub(super) use sight::sight;
pub(super) use undo::{undo, wanted_for_undo};
