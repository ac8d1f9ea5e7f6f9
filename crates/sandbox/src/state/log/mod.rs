//! The log of a partition: record batches kept as produced, in segments, with the offsets that a broker keeps of it.

mod batch;
mod compaction;
mod compression;
mod epochs;
#[cfg(test)]
mod laws;
mod marker;
mod partition_log;
mod producers;
mod read;
mod record;
mod rejected;
mod retention;
mod rules;
mod segment;
mod validate;
mod varint;

pub use batch::{Batch, CorruptBatch, Header};
pub use epochs::Epochs;
pub use marker::Marker;
pub use partition_log::{Appended, Appending, Log};
pub use producers::{Aborted, Producer, Producers};
pub use read::{Found, Limit, Read};
pub use record::{Record, records, write};
pub use rejected::Rejected;
pub use rules::Rules;
pub use segment::Segment;
