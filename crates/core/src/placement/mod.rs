//! Which brokers hold which replicas: another replication factor with the least data moved, racks told apart, the
//! leader kept and the load spread; and how far a move has come.

mod brokers;
mod change;
#[cfg(test)]
mod laws;
mod progress;

pub use brokers::Brokers;
pub use change::{Assignment, Held, Impossible, replicate};
pub use progress::{MoveProgress, ReplicaSizes, Tally, replicas_to_measure};
