//! What the simulated cluster is, as plain values: no sockets, no messages of the protocol.

mod broker;
mod clock;
mod cluster;
pub(crate) mod configs;
mod former;
pub mod groups;
mod housekeeping;
mod leading;
pub mod log;
mod placement;
mod refusal;
mod release;
mod seats;
mod topic;
mod topic_admin;
pub(crate) mod topic_name;
pub mod transactions;

pub use broker::Broker;
pub use clock::Clock;
pub use cluster::State;
pub(crate) use former::Former;
pub use log::Log;
pub use refusal::Refusal;
pub use release::Release;
pub use topic::{Partition, Topic};
pub(crate) use topic_admin::NewTopic;
pub use transactions::Transactions;
