//! The way back of a change of access.

use super::AccessChange;
use super::facts::is_there;
use crate::plan::undo::not_readable;
use crate::plan::{Change, Proposal, Proposed};
use crate::world::World;

/// Proposes the way back: an entry that was made goes, and one that was removed comes again, exactly as it was. One that
/// is there or gone already has been taken back.
pub(in crate::plan) fn undo(change: &AccessChange, world: &World, proposal: &mut Proposal) {
    let (AccessChange::CreateAcl { acl } | AccessChange::DeleteAcl { acl }) = change;
    let resource = change.resource();
    let way_back = match (change, is_there(acl, world)) {
        (AccessChange::CreateAcl { acl }, Ok(true)) => AccessChange::DeleteAcl { acl: acl.clone() },
        (AccessChange::DeleteAcl { acl }, Ok(false)) => AccessChange::CreateAcl { acl: acl.clone() },
        (_, Ok(_)) => {
            proposal.unchanged.insert(resource);
            return;
        }
        (_, Err(why)) => {
            let conflict = not_readable(resource, "the access control entries", &why);
            if !proposal.conflicts.contains(&conflict) {
                proposal.conflicts.push(conflict);
            }
            return;
        }
    };
    proposal.changes.push(Proposed::ordered(Change::Access(way_back)));
}
