use crate::access::{Acl, QuotaEntity, Quotas, ScramMechanism};
use crate::values::Known;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Why a cluster without an authorizer tells no entries, which is an answer and nothing that is missing.
pub const NO_AUTHORIZER: &str = "the cluster has no authorizer, so that everybody may do everything";

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
    /// The principal that klerk is for the cluster, as far as its way of connecting tells it: there is nobody to ask.
    pub own_principal: Known<OwnPrincipal>,
    /// The user of SCRAM that klerk has logged in as, and by which mechanism.
    pub own_login: Option<(String, ScramMechanism)>,
}

/// The principal that klerk is for the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPrincipal {
    /// Such as `User:klerk`.
    pub name: String,
    /// What tells it, where it is not the name that klerk logs in with.
    pub by: Option<&'static str>,
    /// Whether that is no more than a guess: brokers may have another name for it, and tell nobody.
    pub guess: bool,
}

impl OwnPrincipal {
    /// That of a user who logs in by name.
    pub fn of_user(user: &str) -> OwnPrincipal {
        OwnPrincipal { name: format!("User:{user}"), by: None, guess: false }
    }
}

impl fmt::Display for OwnPrincipal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by {
            Some(by) if self.guess => write!(f, "{} (a guess, {by})", self.name),
            Some(by) => write!(f, "{} ({by})", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl Default for AccessView {
    fn default() -> Self {
        AccessView {
            acls: Known::NotAsked,
            quotas: Known::NotAsked,
            users: Known::NotAsked,
            own_principal: Known::NotAsked,
            own_login: None,
        }
    }
}
