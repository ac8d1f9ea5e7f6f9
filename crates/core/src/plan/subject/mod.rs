//! Subjects of the schema registry: their schemas and their compatibility levels.

mod alone;
mod change;
mod diff;
mod facts;
mod judge;
mod levels;
mod origins;
mod removal;
#[cfg(test)]
mod removal_situations;
mod sight;
#[cfg(test)]
mod situations;
mod undo;
#[cfg(test)]
mod undo_situations;

pub(super) use alone::judge_alone;
pub(super) use change::precedes;
pub use change::{LastVersion, RegisteredVersion, SubjectChange};
pub(super) use diff::diff;
pub(super) use facts::{drift, expectations, wanted_for};
pub(super) use judge::judge;
pub(super) use origins::origins;
pub(super) use sight::sight;
pub(super) use undo::undo;
