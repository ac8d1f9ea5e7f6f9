use super::{AccessChange, missing};
use crate::access::ScramMechanism;
use crate::plan::{
    Change, Conflict, ConflictReason, DiffOptions, Finding, Proposal, Proposed, Question, Severity,
};
use crate::topology::{Topology, User};
use crate::values::Resource;
use crate::world::{AccessView, World};
use std::collections::BTreeMap;

/// Compares the users of the file with those that there are. Credentials are made where there are none, and replaced only
/// where that is asked for: nobody can read from the cluster whether a password is the one of the file.
pub(in crate::plan) fn diff(want: &Topology, have: &World, options: &DiffOptions, proposal: &mut Proposal) {
    not_named(want, options, proposal);
    if !options.families.access || want.users.is_empty() {
        return;
    }
    let covered = || want.users.iter().filter(|(name, _)| options.covers_access(name));
    let Some(present) = have.access.users.known() else {
        let resources = covered().map(|(name, user)| (Resource::user(name), &user.origin));
        return missing::users(&have.access.users, resources, proposal);
    };
    for (name, user) in covered() {
        let none = BTreeMap::new();
        let before = proposal.changes.len();
        compare(name, user, present.get(name).unwrap_or(&none), options.rotate.contains(name), proposal);
        if proposal.changes.len() == before {
            proposal.unchanged.insert(Resource::user(name));
        }
    }
    let unnamed =
        present.keys().filter(|name| !want.users.contains_key(*name) && options.covers_access(name));
    proposal.unmanaged.users.extend(unnamed.cloned());
}

/// Users that are to get a new password, and that no file knows.
fn not_named(want: &Topology, options: &DiffOptions, proposal: &mut Proposal) {
    for name in &options.rotate {
        let message = match want.users.get(name) {
            Some(user) if user.absent => {
                format!("user '{name}' is said to be absent, so it gets no new password")
            }
            Some(_) if options.families.access && options.covers_access(name) => continue,
            Some(_) => format!("user '{name}' is left out by --only or --match, so it gets no new password"),
            None => format!("no file names user '{name}', so nobody knows where its new password is"),
        };
        proposal.conflicts.push(Conflict {
            resource: Resource::user(name),
            reason: ConflictReason::Other,
            message,
            origin: None,
        });
    }
}

fn compare(
    name: &str,
    user: &User,
    present: &BTreeMap<ScramMechanism, i32>,
    rotate: bool,
    proposal: &mut Proposal,
) {
    let mut find = |severity, code, message: String| {
        let origin = Some(user.origin.clone());
        proposal.findings.push(Finding { severity, code, message, resource: Resource::user(name), origin });
    };
    let mut changes = Vec::new();
    if user.absent {
        let gone =
            |mechanism: &&ScramMechanism| user.mechanisms.is_empty() || user.mechanisms.contains(mechanism);
        for (mechanism, from) in present.iter().filter(|(mechanism, _)| gone(mechanism)) {
            changes.push(AccessChange::DeleteUser {
                user: name.to_owned(),
                mechanism: *mechanism,
                from: *from,
            });
        }
    } else {
        for mechanism in &user.mechanisms {
            let from = present.get(mechanism).copied();
            if let Some(found) = from.filter(|found| !rotate && *found != user.iterations) {
                let message = format!(
                    "{mechanism} of '{name}' has {found} iterations, and the file says {}: they come with a new \
                     password, by --rotate-user {name}",
                    user.iterations
                );
                find(Severity::Info, "user/iterations", message);
            }
            if let Some(password_file) = user.password_file.clone().filter(|_| rotate || from.is_none()) {
                changes.push(AccessChange::SetUser {
                    user: name.to_owned(),
                    mechanism: *mechanism,
                    from,
                    iterations: user.iterations,
                    password_file,
                });
            }
        }
        for mechanism in present.keys().filter(|mechanism| !user.mechanisms.contains(mechanism)) {
            let message = format!("'{name}' can log in by {mechanism} too, of which the file says nothing");
            find(Severity::Info, "user/other-mechanism", message);
        }
    }
    for change in changes {
        if let AccessChange::SetUser { .. } = change {
            proposal.questions.insert(Question::AcceptsOfAccess(change.clone()));
        }
        proposal.changes.push(Proposed::asked(Change::Access(change), user.origin.clone()));
    }
}

/// Refuses what would take from klerk itself the login of SCRAM that it has come by. Another mechanism of the same name is none.
pub(in crate::plan) fn refuse_own(have: &AccessView, proposal: &mut Proposal) {
    let Some((own, by)) = &have.own_login else { return };
    let mut conflicts = Vec::new();
    for proposed in &proposal.changes {
        let Change::Access(change) = &proposed.change else { continue };
        let (user, mechanism, what) = match change {
            AccessChange::DeleteUser { user, mechanism, .. } => (user, mechanism, "removing its login"),
            AccessChange::SetUser { user, mechanism, from: Some(_), .. } => {
                (user, mechanism, "replacing its password")
            }
            _ => continue,
        };
        if user == own && mechanism == by {
            conflicts.push(Conflict {
                resource: change.resource(),
                reason: ConflictReason::LocksOut,
                message: format!(
                    "klerk itself has logged in as '{own}', and {what} by {mechanism} would shut it out in the middle of \
                     the run; let another principal do it"
                ),
                origin: proposed.origin.clone(),
            });
        }
    }
    proposal.conflicts.extend(conflicts);
}
