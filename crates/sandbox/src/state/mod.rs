//! What the simulated cluster is, as plain values: no sockets, no messages of the protocol.

mod broker;
mod clock;
mod cluster;
mod former;
pub mod groups;
mod housekeeping;
mod leading;
pub mod log;
mod release;
mod seats;
mod topic;
pub mod transactions;

pub use broker::Broker;
pub use clock::Clock;
pub use cluster::State;
pub(crate) use former::Former;
pub use log::Log;
pub use release::Release;
pub use topic::{Partition, Topic};
pub use transactions::Transactions;
