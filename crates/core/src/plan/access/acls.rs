use super::{AccessChange, refuse_lockouts, unwise};
use crate::access::{Acl, EVERYBODY};
use crate::plan::{Change, Conflict, ConflictReason, DiffOptions, Finding, Proposal, Proposed, Severity};
use crate::topology::{Access, Topology};
use crate::values::{Known, Resource, ResourceType};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};

/// Compares what the file says that principals may do with the entries that there are. What a principal that it names has
/// beyond that is revoked; of others nothing is touched.
pub(in crate::plan) fn diff(want: &Topology, have: &World, options: &DiffOptions, proposal: &mut Proposal) {
    if !options.families.access || want.access.is_empty() {
        return;
    }
    let acls = match &have.access.acls {
        Known::Known(acls) => acls,
        Known::Unavailable(why) => return left_out(why, proposal),
        missing => return not_readable(want, missing, options, proposal),
    };
    let mut present: BTreeMap<&str, BTreeSet<&Acl>> = BTreeMap::new();
    for acl in acls {
        present.entry(&acl.principal).or_default().insert(acl);
    }
    let of_everybody: Vec<&Acl> = match want.access.get(EVERYBODY) {
        Some(access) => access.acls.keys().collect(),
        None => acls.iter().filter(|acl| acl.principal == EVERYBODY).collect(),
    };
    for (principal, access) in covered(want, options) {
        let none = BTreeSet::new();
        compare(principal, access, present.get(principal.as_str()).unwrap_or(&none), proposal);
        unwise::of(principal, access, &of_everybody, &mut proposal.findings);
    }
    let unnamed = present.keys().filter(|principal| {
        !want.access.contains_key(**principal) && options.covers_principal(principal, None)
    });
    proposal.unmanaged.acls.extend(unnamed.map(|principal| (*principal).to_owned()));
    refuse_lockouts(&have.access, proposal);
}

fn covered<'t>(
    want: &'t Topology,
    options: &'t DiffOptions,
) -> impl Iterator<Item = (&'t String, &'t Access)> {
    want.access.iter().filter(|(principal, access)| options.covers_principal(principal, Some(&access.name)))
}

fn compare(principal: &str, access: &Access, present: &BTreeSet<&Acl>, proposal: &mut Proposal) {
    let before = proposal.changes.len();
    for (acl, asked) in access.acls.iter().filter(|(acl, _)| !present.contains(acl)) {
        let change = Change::Access(AccessChange::CreateAcl { acl: acl.clone() });
        proposal.changes.push(Proposed::asked(change, asked.origin.clone()));
    }
    for acl in present.iter().filter(|acl| !access.acls.contains_key(**acl)) {
        let change = Change::Access(AccessChange::DeleteAcl { acl: (*acl).clone() });
        proposal.changes.push(Proposed::asked(change, access.origin.clone()));
    }
    if proposal.changes.len() == before {
        proposal.unchanged.insert(Resource::acl(principal));
    }
}

/// A cluster without an authorizer allows everything to everybody; a topology that says who may do what is as good for it
/// as for another one, as on a developer's own machine.
fn left_out(why: &str, proposal: &mut Proposal) {
    proposal.findings.push(Finding {
        severity: Severity::Warning,
        code: "access/not-available",
        message: format!("who may do what is left out of the plan: {why}"),
        resource: Resource { kind: ResourceType::Cluster, name: "acls".to_owned() },
        origin: None,
    });
}

fn not_readable(
    want: &Topology,
    missing: &Known<BTreeSet<Acl>>,
    options: &DiffOptions,
    proposal: &mut Proposal,
) {
    let why = missing.missing_reason().unwrap_or_else(|| "there is no answer".to_owned());
    for (principal, access) in covered(want, options) {
        proposal.conflicts.push(Conflict {
            resource: Resource::acl(principal),
            reason: ConflictReason::NotReadable,
            message: format!(
                "the access control entries could not be read, so nobody can tell what would change: {why}; it takes \
                 the right to describe the cluster, or leave them out with --only"
            ),
            origin: Some(access.origin.clone()),
        });
    }
}
