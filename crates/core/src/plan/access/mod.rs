//! Who may do what: access control entries, compared as sets, complete for each principal that the file names; quotas by
//! key; users, whose passwords nobody can compare.

mod acls;
mod change;
#[cfg(test)]
mod client_situations;
mod facts;
mod judge;
mod lockout;
mod missing;
mod quotas;
#[cfg(test)]
mod situations;
mod undo;
mod unwise;
mod users;

pub use change::AccessChange;
pub(super) use change::precedes;
pub(super) use facts::{drifts, expectations, sight, wanted_for};
pub(super) use judge::judge;
pub(super) use lockout::refuse_lockouts;
pub(super) use undo::undo;
pub(super) use unwise::of_hosts;
pub(super) use users::refuse_own;

use super::{DiffOptions, Proposal};
use crate::topology::Topology;
use crate::world::World;

/// Compares everything that the file says of access with what there is.
pub(super) fn diff(want: &Topology, have: &World, options: &DiffOptions, proposal: &mut Proposal) {
    acls::diff(want, have, options, proposal);
    quotas::diff(want, have, options, proposal);
    users::diff(want, have, options, proposal);
    refuse_own(&have.access, proposal);
}
