//! Who may do what: access control entries, compared as sets, complete for each principal that the file names.

mod acls;
mod change;
mod facts;
mod lockout;
#[cfg(test)]
mod situations;
mod undo;
mod unwise;

pub(super) use acls::{diff, judge};
pub use change::AccessChange;
pub(super) use change::precedes;
pub(super) use facts::{drifts, expectations, sight, wanted_for};
pub(super) use lockout::refuse_lockouts;
pub(super) use undo::undo;
