use crate::access::{Acl, Amount, QuotaEntity, Quotas, ScramMechanism};
use crate::values::Resource;
use std::collections::BTreeMap;

/// A change of who may do what, how much of it, and who may log in.
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
    /// AlterClientQuotas: some quotas of an entity, after which it has at least one.
    SetQuota {
        /// Whose they are.
        entity: QuotaEntity,
        /// The keys that change as they are; `None` where there is no quota.
        from: BTreeMap<String, Option<Amount>>,
        /// The same keys as they will be; `None` takes a quota away.
        to: BTreeMap<String, Option<Amount>>,
    },
    /// AlterClientQuotas: all quotas of an entity go.
    DeleteQuota {
        /// Whose they are.
        entity: QuotaEntity,
        /// What they are.
        from: Quotas,
    },
    /// AlterUserScramCredentials: the credentials of a user for one mechanism. The password is read when it is sent, and
    /// stands nowhere else.
    SetUser {
        /// The user's name.
        user: String,
        /// The mechanism.
        mechanism: ScramMechanism,
        /// The iterations of the credentials that are replaced.
        from: Option<i32>,
        /// How often the password is hashed.
        iterations: i32,
        /// The file that holds the password, as it is to be opened.
        password_file: String,
    },
    /// AlterUserScramCredentials: the credentials of a user for one mechanism go.
    DeleteUser {
        /// The user's name.
        user: String,
        /// The mechanism.
        mechanism: ScramMechanism,
        /// Their iterations.
        from: i32,
    },
}

impl AccessChange {
    /// The kind by its name in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            AccessChange::CreateAcl { .. } => "create-acl",
            AccessChange::DeleteAcl { .. } => "delete-acl",
            AccessChange::SetQuota { .. } => "set-quota",
            AccessChange::DeleteQuota { .. } => "delete-quota",
            AccessChange::SetUser { .. } => "set-user",
            AccessChange::DeleteUser { .. } => "delete-user",
        }
    }

    /// What it changes: the entries of a principal are one resource, and so are the quotas of an entity.
    pub fn resource(&self) -> Resource {
        match self {
            AccessChange::CreateAcl { acl } | AccessChange::DeleteAcl { acl } => {
                Resource::acl(&acl.principal)
            }
            AccessChange::SetQuota { entity, .. } | AccessChange::DeleteQuota { entity, .. } => {
                Resource::quota(entity.to_string())
            }
            AccessChange::SetUser { user, .. } | AccessChange::DeleteUser { user, .. } => {
                Resource::user(user)
            }
        }
    }

    /// Whether something is there afterwards that was not there before.
    pub fn creates(&self) -> bool {
        match self {
            AccessChange::CreateAcl { .. } => true,
            AccessChange::SetQuota { from, .. } => from.values().all(Option::is_none),
            AccessChange::SetUser { from, .. } => from.is_none(),
            AccessChange::DeleteAcl { .. }
            | AccessChange::DeleteQuota { .. }
            | AccessChange::DeleteUser { .. } => false,
        }
    }

    /// Whether something is there before that is not there afterwards.
    pub fn deletes(&self) -> bool {
        matches!(
            self,
            AccessChange::DeleteAcl { .. }
                | AccessChange::DeleteQuota { .. }
                | AccessChange::DeleteUser { .. }
        )
    }

    /// Whether an undo can take it back: of credentials that were there, nobody can read the password.
    pub fn is_reversible(&self) -> bool {
        match self {
            AccessChange::SetUser { from, .. } => from.is_none(),
            AccessChange::DeleteUser { .. } => false,
            _ => true,
        }
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
