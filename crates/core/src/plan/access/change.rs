use crate::access::Acl;
use crate::values::Resource;

/// A change of who may do what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccessChange {
    /// CreateAcls: one entry that is not there.
    CreateAcl {
        /// The entry.
        acl: Acl,
    },
    /// DeleteAcls: one entry that is there, by a filter that fits it alone.
    DeleteAcl {
        /// The entry.
        acl: Acl,
    },
}

impl AccessChange {
    /// The kind by its name in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            AccessChange::CreateAcl { .. } => "create-acl",
            AccessChange::DeleteAcl { .. } => "delete-acl",
        }
    }

    /// What it changes: the entries of a principal are one resource.
    pub fn resource(&self) -> Resource {
        match self {
            AccessChange::CreateAcl { acl } | AccessChange::DeleteAcl { acl } => {
                Resource::acl(&acl.principal)
            }
        }
    }

    /// Whether something is there afterwards that was not there before.
    pub fn creates(&self) -> bool {
        matches!(self, AccessChange::CreateAcl { .. })
    }

    /// Whether something is there before that is not there afterwards.
    pub fn deletes(&self) -> bool {
        matches!(self, AccessChange::DeleteAcl { .. })
    }
}

/// Whether the first change has to be done before the second: what a principal is given comes before what it loses, so
/// that nobody is without access in between, or at all when the first half is refused.
pub(in crate::plan) fn precedes(first: &AccessChange, second: &AccessChange) -> bool {
    match (first, second) {
        (AccessChange::CreateAcl { acl: given }, AccessChange::DeleteAcl { acl: taken }) => {
            given.principal == taken.principal
        }
        _ => false,
    }
}
