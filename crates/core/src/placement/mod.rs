//! Which brokers hold which replicas: another replication factor with the least data moved, racks told apart, the
//! leader kept and the load spread; how far a move has come, and what slows it down.

mod brokers;
mod change;
#[cfg(test)]
mod laws;
mod left;
mod progress;
mod stall;
mod throttle;

pub use brokers::Brokers;
pub use change::{Assignment, Held, Impossible, replicate};
pub use left::{LeftThrottles, SetThrottles};
pub use progress::{MoveProgress, ReplicaSizes, Tally, replicas_to_measure};
pub use stall::{Stall, StallCause, stalls};
pub use throttle::{
    MoveThrottle, NewValues, Replicas, Throttle, ThrottledLists, ThrottledReplicas, read_replicas,
    written_replicas,
};
