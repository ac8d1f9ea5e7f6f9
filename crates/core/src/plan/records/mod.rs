//! Records: deleting the first ones of a topic's partitions, what that risks and rests on, and what the look afterwards
//! shows.

mod change;
mod family;
#[cfg(test)]
mod situations;
mod truncate;

pub use change::{RecordsChange, Truncation};
pub(super) use family::{drift, expectations, judge, sight, undo, wanted_for};
pub use truncate::{TruncateInput, TruncateSpec, TruncateTo, plan_truncation, truncated_partitions};
