use crate::access::{Acl, QuotaEntity, Quotas, ScramMechanism};
use crate::values::Known;
use std::collections::{BTreeMap, BTreeSet};

/// What was seen of who may do what, how much of it, and who may log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessView {
    /// All access control entries of the cluster; `Unavailable` where it has no authorizer. A cluster tells all of them
    /// or none.
    pub acls: Known<BTreeSet<Acl>>,
    /// All quotas of clients.
    pub quotas: Known<BTreeMap<QuotaEntity, Quotas>>,
    /// All users of SCRAM, with the iterations of each of their mechanisms. Passwords nobody can read back.
    pub users: Known<BTreeMap<String, BTreeMap<ScramMechanism, i32>>>,
    /// The principal that klerk is for the cluster, where its way of connecting tells it: there is nobody to ask.
    pub own_principal: Option<String>,
}

impl Default for AccessView {
    fn default() -> Self {
        AccessView {
            acls: Known::NotAsked,
            quotas: Known::NotAsked,
            users: Known::NotAsked,
            own_principal: None,
        }
    }
}
