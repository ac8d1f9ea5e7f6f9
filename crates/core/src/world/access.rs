use crate::access::Acl;
use crate::values::Known;
use std::collections::BTreeSet;

/// What was seen of who may do what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessView {
    /// All access control entries of the cluster; `Unavailable` where it has no authorizer. A cluster tells all of them
    /// or none.
    pub acls: Known<BTreeSet<Acl>>,
    /// The principal that klerk is for the cluster, where its way of connecting tells it: there is nobody to ask.
    pub own_principal: Option<String>,
}

impl Default for AccessView {
    fn default() -> Self {
        AccessView { acls: Known::NotAsked, own_principal: None }
    }
}
