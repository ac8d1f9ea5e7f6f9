//! Consumer groups as plain arithmetic: how far behind each one is and what is unusual about its commits ([`lag`]),
//! and what a reset asks for ([`ResetSpec`]). The plan of a reset is made in [`crate::plan`].

mod lag;
mod lag_rows;
mod lag_times;
mod moment;
mod offsets_file;
mod reset;
#[cfg(test)]
pub(crate) mod small_world;

pub use lag::{
    GroupLag, LagInput, LagReport, LagRow, LagStatus, LagTotal, LogPartitions, NO_COMMITS, lag,
    log_partitions,
};
pub use lag_times::{LagTimes, Retention};
pub use moment::{InvalidDuration, InvalidMoment, parse_duration_ms, parse_moment_ms};
pub use offsets_file::{FileOffset, OffsetsFileFault, parse_offsets_file};
pub use reset::{InvalidScope, PartitionRanges, ResetSpec, Scope, Strategy, TopicScope};
