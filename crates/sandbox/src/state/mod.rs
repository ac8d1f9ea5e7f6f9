//! What the simulated cluster is, as plain values: no sockets, no messages of the protocol.

mod broker;
mod clock;
mod cluster;
mod topic;

pub use broker::Broker;
pub use clock::Clock;
pub use cluster::State;
pub use topic::{Partition, Topic};
