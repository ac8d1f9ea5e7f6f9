//! What the simulated cluster is, as plain values: no sockets, no messages of the protocol.

pub mod access;
mod broker;
mod clock;
mod cluster;
pub(crate) mod configs;
mod election;
mod features;
mod former;
pub mod groups;
mod housekeeping;
mod leading;
pub mod log;
mod moves;
mod outage;
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
pub use election::{Election, ElectionError};
pub use features::Feature;
pub(crate) use former::Former;
pub use log::Log;
pub use moves::{Move, MoveError, Moves};
pub use refusal::Refusal;
pub use release::Release;
pub use topic::{Partition, Topic};
pub(crate) use topic_admin::NewTopic;
pub use transactions::Transactions;
