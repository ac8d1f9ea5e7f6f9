//! What would take from klerk itself the rights to change access, with which it could not even be taken back.

use super::{AccessChange, refuse_own};
use crate::access::{
    Acl, AclResourceType, Asked, CLUSTER_NAME, EVERYBODY, Operation, Ruling, WILDCARD, decide,
};
use crate::plan::{Change, Conflict, ConflictReason, Finding, Plan, Proposal, Proposed, Severity, Step};
use crate::values::{Known, Origin, Resource, ResourceType};
use crate::world::{AccessView, OwnPrincipal};
use std::collections::BTreeSet;

/// What klerk needs of the cluster to see and to change who may do what.
const NEEDED: [Operation; 2] = [Operation::Alter, Operation::Describe];

/// Refuses what would lock out klerk's own principal, where that is known. Rights that no entry gives it, as those of a
/// super user, no entry takes.
pub(in crate::plan) fn refuse_lockouts(have: &AccessView, proposal: &mut Proposal) {
    let Known::Known(before) = &have.acls else { return };
    let Known::Known(itself) = &have.own_principal else { return say_unknown(&have.own_principal, proposal) };
    let own = itself.name.as_str();
    let closing: Vec<(&Acl, &Proposed)> =
        proposal.changes.iter().filter_map(|proposed| Some((closing(&proposed.change)?, proposed))).collect();
    let (closing, others): (Vec<_>, Vec<_>) = closing.into_iter().partition(|(acl, _)| is_own(acl, own));
    if let Some((_, first)) = others.first().filter(|_| itself.guess) {
        let origin = first.origin.clone();
        let message = format!(
            "klerk takes itself for {itself}; if brokers have another name for it, this may take from klerk the right to \
             change access: see to it that the principal it connects as keeps the right to alter and describe the cluster"
        );
        proposal.findings.push(not_certain(message, origin));
    }
    if closing.is_empty() {
        return;
    }
    let after = after(before, &proposal.changes);
    // No broker tells from which address it sees klerk, so each that an entry names may be klerk's own.
    let named = before.iter().chain(&after).filter(|acl| is_own(acl, own) && acl.host != WILDCARD);
    let hosts: BTreeSet<Option<&str>> = named.map(|acl| Some(&*acl.host)).chain([None]).collect();
    let is_allowed = |operation, host, acls: &BTreeSet<Acl>| {
        let kind = AclResourceType::Cluster;
        let asked = Asked { principal: own, operation, kind, name: CLUSTER_NAME, host };
        decide(&asked, acls).ruling == Ruling::Allowed
    };
    let takes = |acl: &Acl| {
        let host = (acl.host != WILDCARD).then_some(&*acl.host);
        NEEDED.into_iter().filter(|needed| acl.operation.implies(*needed)).any(|needed| {
            let places = hosts.iter().filter(|place| host.is_none() || **place == host);
            let mut lost = places
                .filter(|place| is_allowed(needed, **place, before) && !is_allowed(needed, **place, &after));
            lost.next().is_some()
        })
    };
    let conflicts = closing.iter().filter(|(acl, _)| takes(acl)).map(|(acl, proposed)| Conflict {
        resource: proposed.change.resource(),
        reason: ConflictReason::LocksOut,
        message: format!(
            "klerk itself is {itself} here, and {} the entry '{}' it could no longer change who may do what, nor take \
             this back; let another principal do it, or give {own} the right to alter and describe the cluster in the file",
            if acl.allows() { "without" } else { "with" },
            acl.rule()
        ),
        origin: proposed.origin.clone(),
    });
    let conflicts: Vec<Conflict> = conflicts.collect();
    proposal.conflicts.extend(conflicts);
}

impl Plan {
    /// A plan that was saved, perhaps by another principal, with what would lock out the one that is about to carry it out.
    #[must_use]
    pub fn refusing_lockouts(mut self, have: &AccessView) -> Plan {
        let proposed =
            |step: &Step| Proposed { origin: step.origin.clone(), ..Proposed::ordered(step.change.clone()) };
        let mut proposal =
            Proposal { changes: self.steps.iter().map(proposed).collect(), ..Proposal::default() };
        refuse_lockouts(have, &mut proposal);
        refuse_own(have, &mut proposal);
        self.conflicts.extend(proposal.conflicts);
        self.findings.extend(proposal.findings);
        self.findings.sort_by(Finding::in_order);
        self
    }
}

/// Says, once, that nobody can tell whether the plan would lock out klerk, where it closes the cluster to anybody at all.
fn say_unknown(own: &Known<OwnPrincipal>, proposal: &mut Proposal) {
    let first = proposal.changes.iter().find(|proposed| closing(&proposed.change).is_some());
    let (Some(first), Some(why)) = (first, own.missing_reason()) else { return };
    if *own == Known::NotAsked {
        return;
    }
    let message = format!(
        "whether this takes from klerk itself the right to change access is not available: {why}; see to it that the \
         principal it connects as keeps the right to alter and describe the cluster"
    );
    let origin = first.origin.clone();
    proposal.findings.push(not_certain(message, origin));
}

fn not_certain(message: String, origin: Option<Origin>) -> Finding {
    Finding {
        severity: Severity::Info,
        code: "access/own-principal",
        message,
        resource: Resource { kind: ResourceType::Cluster, name: "acls".to_owned() },
        origin,
    }
}

/// The entry by which a change closes something of the cluster to a principal.
fn closing(change: &Change) -> Option<&Acl> {
    let acl = match change {
        Change::Access(AccessChange::CreateAcl { acl }) if !acl.allows() => acl,
        Change::Access(AccessChange::DeleteAcl { acl }) if acl.allows() => acl,
        _ => return None,
    };
    acl.resource.covers(AclResourceType::Cluster, CLUSTER_NAME).then_some(acl)
}

fn is_own(acl: &Acl, own: &str) -> bool {
    acl.principal == own || acl.principal == EVERYBODY
}

fn after(before: &BTreeSet<Acl>, changes: &[Proposed]) -> BTreeSet<Acl> {
    let mut after = before.clone();
    for proposed in changes {
        match &proposed.change {
            Change::Access(AccessChange::CreateAcl { acl }) => {
                after.insert(acl.clone());
            }
            Change::Access(AccessChange::DeleteAcl { acl }) => {
                after.remove(acl);
            }
            _ => {}
        }
    }
    after
}
