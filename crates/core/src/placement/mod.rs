//! Which brokers hold which replicas: another replication factor with the least data moved, racks told apart, the
//! leader kept and the load spread.

mod brokers;
mod change;
#[cfg(test)]
mod laws;

pub use brokers::Brokers;
pub use change::{Assignment, Held, Impossible, replicate};
