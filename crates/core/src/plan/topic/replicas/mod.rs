//! Replicas of a topic: where they should be, what moving them risks and copies, and how far a move has come.

mod cancel;
mod held_back;
mod judge;
mod order;
mod propose;
mod sight;
mod throttle;
mod undo;
mod unthrottle;

pub use cancel::{SentMoves, propose_cancels};
pub(super) use cancel::{judge_cancel, sight_of_cancel};
pub(super) use judge::judge;
pub(in crate::plan) use order::{lowered_min_isr, precedes};
pub(super) use propose::{Placer, Placing, down, start};
pub(super) use sight::sight;
pub(in crate::plan) use throttle::decide_rates;
pub use throttle::{SetRates, rate_drifts, throttled_brokers};
pub(super) use undo::{AddedPartitions, Returning};
pub use unthrottle::{propose_unthrottling, wanted_for_unthrottling};
