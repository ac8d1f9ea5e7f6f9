use crate::plan::{Conflict, ConflictReason, Proposed};
use crate::topology::Topology;
use crate::values::{Resource, ResourceType};

/// Why a change is not for this estate to make: it is of a topic outside the policy's scope.
pub(in crate::plan) fn out_of_scope(proposed: &Proposed, topology: Option<&Topology>) -> Option<Conflict> {
    let resource = proposed.change.resource();
    let scope = topology?.policy.scope_without(&topic(&resource)?)?;
    let message = format!(
        "'{}' lies outside the scope of this estate, which the policy sets at {}: {}",
        resource.name,
        scope.origin,
        scope.value.join(", ")
    );
    let reason = ConflictReason::OutOfScope;
    Some(Conflict { resource, reason, message, origin: proposed.origin.clone() })
}

fn topic(resource: &Resource) -> Option<String> {
    (resource.kind == ResourceType::Topic).then(|| resource.name.clone())
}
