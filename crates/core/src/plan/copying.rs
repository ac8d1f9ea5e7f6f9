//! What a move of replicas copies, and for how long.

use super::Estimate;

/// What is copied between brokers. Every figure is an estimate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copying {
    /// How many bytes, over all replicas that have to copy.
    pub bytes: Estimate<i64>,
    /// How long the busiest broker takes at the throttle, in milliseconds; not available without one.
    pub takes_ms: Estimate<i64>,
    /// The throttle, in bytes a second and broker; `None` where there is none.
    pub throttle: Option<i64>,
}
