//! Whether readers of one Avro schema can read what writers of another wrote.
//!
//! The rules are those of the Avro specification 1.12, "Schema Resolution", as Avro for Java's `SchemaCompatibility` checks
//! them, because that is what registries answer with: names are compared without their namespaces, logical types do not
//! count, and an enum's default saves symbols that the reader lacks.
//!
//! [`check`] compares a new schema with registered versions at a level; [`can_read`] compares two schemas.
//!
//! The work is bounded: every pair of types is compared once, however often and however recursively the schemas use it,
//! on an explicit stack, and schemas that need more than [`MOST_COMPARISONS`] are refused rather than half compared.

mod check;
mod demands;
mod fault;
mod report;
mod resolve;
#[cfg(test)]
mod tests;
mod verdict;
mod wording;

pub use check::{Direction, Existing, Incompatibility, check};
pub use fault::{Fault, FaultKind};
pub use report::{MOST_FAULTS, can_read};
pub use resolve::Whole;
pub use verdict::{MOST_COMPARISONS, TooComplex};
