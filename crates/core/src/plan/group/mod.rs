//! Consumer groups: how a reset is planned, what its steps rest on, the way back, and what the look afterwards shows.

mod change;
mod facts;
mod family;
mod ready;
mod reset;
mod reset_scope;
mod settle;
#[cfg(test)]
mod situations;
mod spans;
mod start;
#[cfg(test)]
mod start_situations;
mod step;
mod targets;
mod undo;
#[cfg(test)]
mod undo_situations;

pub use change::{GroupChange, OffsetMove};
pub use facts::{GroupStale, group_holds};
pub(super) use family::{diff, drifts, judge, sight, wanted_for};
pub use ready::{Unready, changed_groups, moving, unready, with_present};
pub use reset::{MissingGroup, MissingGroups, OffsetsByTime, ResetInput, plan_reset};
pub use reset_scope::reset_log_partitions;
pub use settle::{GroupSight, settle_group};
pub use spans::{LatestTimes, SpanQuestions, span_questions, tell_spans};
pub(super) use start::started;
pub(super) use undo::{undo, wanted_for_undo};
