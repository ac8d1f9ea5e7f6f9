//! What the cluster does not tell of quotas and users.

use crate::plan::{Conflict, ConflictReason, Finding, Proposal, Severity};
use crate::values::{Known, Origin, Resource, ResourceType};

/// Quotas that could not be read.
pub(super) fn quotas<'a, T>(
    missing: &Known<T>,
    of: impl Iterator<Item = (Resource, &'a Origin)>,
    proposal: &mut Proposal,
) {
    of_kind("quotas", "describe the configs of the cluster", missing, of, proposal);
}

/// Users that could not be read.
pub(super) fn users<'a, T>(
    missing: &Known<T>,
    of: impl Iterator<Item = (Resource, &'a Origin)>,
    proposal: &mut Proposal,
) {
    of_kind("users", "describe the cluster", missing, of, proposal);
}

/// What a cluster does not have is left out, and what it does not tell to this principal is a conflict.
fn of_kind<'a, T>(
    what: &str,
    right: &str,
    missing: &Known<T>,
    of: impl Iterator<Item = (Resource, &'a Origin)>,
    proposal: &mut Proposal,
) {
    if let Known::Unavailable(why) = missing {
        proposal.findings.push(Finding {
            severity: Severity::Warning,
            code: "access/not-available",
            message: format!("{what} are left out of the plan: {why}"),
            resource: Resource { kind: ResourceType::Cluster, name: what.to_owned() },
            origin: None,
        });
        return;
    }
    let why = missing.missing_reason().unwrap_or_else(|| "there is no answer".to_owned());
    proposal.conflicts.extend(of.map(|(resource, origin)| Conflict {
        resource,
        reason: ConflictReason::NotReadable,
        message: format!(
            "the {what} could not be read, so nobody can tell what would change: {why}; it takes the right to {right}, or \
             leave them out with --only"
        ),
        origin: Some(origin.clone()),
    }));
}
