//! Topics: what is compared, asked, risked, expected, and what the look afterwards shows of a change.

mod change;
mod configs;
mod diff;
mod facts;
mod impact;
mod in_sync;
mod judge;
mod origins;
mod refusal;
mod removal;
mod replicas;
mod risks;
mod sight;
mod undo;

pub use change::TopicChange;
pub(super) use diff::{diff, is_kafkas_own, why_unread};
pub(super) use facts::{
    GROWTH, IN_EFFECT, INHERITED, drift, emptiness, expectations, harmless_while, same_topic, wanted_for,
};
pub(super) use impact::Cut;
pub(super) use judge::{judge, readers};
pub(super) use origins::origins;
pub use removal::{MissingTopics, propose_deletions};
pub use replicas::{
    SentMoves, SetRates, propose_cancels, propose_unthrottling, rate_drifts, throttled_brokers,
    wanted_for_unthrottling,
};
pub(super) use replicas::{decide_rates, lowered_min_isr, precedes};
pub(super) use risks::ConfigMove;
pub(super) use sight::{replaced, sight};
pub(super) use undo::{Undoing, wanted_for_undo};
