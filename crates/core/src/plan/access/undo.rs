//! The way back of a change of access.

use super::AccessChange;
use super::facts::facts;
use crate::access::{Amount, QuotaEntity, Quotas};
use crate::plan::undo::{moved_since, not_readable, not_reversible};
use crate::plan::{Change, Proposal, Proposed, Question, Risk};
use crate::world::World;
use std::collections::BTreeMap;

/// Proposes the way back: an entry that was made goes, and one that was removed comes again, exactly as it was; quotas
/// are as before, and a user that was made goes. What is as before already has been taken back. Of credentials that were
/// replaced or removed nobody knows the password.
pub(in crate::plan) fn undo(change: &AccessChange, world: &World, proposal: &mut Proposal) {
    let resource = change.resource();
    let (mut is_after, mut is_before) = (true, true);
    for fact in facts(change) {
        match fact.now(world) {
            Ok(found) => {
                is_after &= found == fact.to;
                is_before &= found == fact.from;
            }
            Err(why) => {
                let (what, right) = what(change);
                let conflict = not_readable(resource, what, &format!("{why}; it takes the right to {right}"));
                if !proposal.conflicts.contains(&conflict) {
                    proposal.conflicts.push(conflict);
                }
                return;
            }
        }
    }
    if let Some(why) = lost(change) {
        proposal.findings.push(not_reversible(resource, why));
        return;
    }
    if is_before {
        proposal.unchanged.insert(resource);
        return;
    }
    let Some(way_back) = way_back(change, world) else { return };
    if let AccessChange::SetQuota { .. } | AccessChange::DeleteQuota { .. } = way_back {
        proposal.questions.insert(Question::AcceptsOfAccess(way_back.clone()));
    }
    let mut proposed = Proposed::ordered(Change::Access(way_back));
    if !is_after {
        let message = format!("{resource} is neither as the change left it nor as it was before");
        proposal.findings.push(moved_since(resource, message));
        proposed.risks.insert(Risk::MovedSince);
    }
    proposal.changes.push(proposed);
}

/// What a change is about, and the right that it takes to see it.
fn what(change: &AccessChange) -> (&'static str, &'static str) {
    match change {
        AccessChange::CreateAcl { .. } | AccessChange::DeleteAcl { .. } => {
            ("the access control entries", "describe the cluster")
        }
        AccessChange::SetQuota { .. } | AccessChange::DeleteQuota { .. } => {
            ("the quotas", "describe the configs of the cluster")
        }
        AccessChange::SetUser { .. } | AccessChange::DeleteUser { .. } => {
            ("the users", "describe the cluster")
        }
    }
}

/// Why a change cannot be taken back.
fn lost(change: &AccessChange) -> Option<String> {
    match change {
        AccessChange::SetUser { user, mechanism, from: Some(_), .. } => Some(format!(
            "the password of user '{user}' for {mechanism} was replaced, and nobody can read the one before: give it \
             in its file and let apply --rotate-user {user} set it again"
        )),
        AccessChange::DeleteUser { user, mechanism, .. } => Some(format!(
            "user '{user}' lost its login by {mechanism}, and nobody can read the password that it had: name the user \
             in the file again, and it is made anew"
        )),
        _ => None,
    }
}

fn way_back(change: &AccessChange, world: &World) -> Option<AccessChange> {
    Some(match change {
        AccessChange::CreateAcl { acl } => AccessChange::DeleteAcl { acl: acl.clone() },
        AccessChange::DeleteAcl { acl } => AccessChange::CreateAcl { acl: acl.clone() },
        AccessChange::SetQuota { entity, from, .. } => quota(entity, from, world)?,
        AccessChange::DeleteQuota { entity, from } => {
            let before = from.iter().map(|(key, amount)| (key.clone(), Some(*amount))).collect();
            quota(entity, &before, world)?
        }
        AccessChange::SetUser { user, mechanism, .. } => {
            let of = world.access.users.known()?.get(user)?;
            AccessChange::DeleteUser { user: user.clone(), mechanism: *mechanism, from: *of.get(mechanism)? }
        }
        AccessChange::DeleteUser { .. } => return None,
    })
}

/// Quotas as they were before, from what they are now.
fn quota(
    entity: &QuotaEntity,
    before: &BTreeMap<String, Option<Amount>>,
    world: &World,
) -> Option<AccessChange> {
    let none = Quotas::new();
    super::quotas::towards(entity, before, world.access.quotas.known()?.get(entity).unwrap_or(&none))
}
