//! Who may do what and how much: ACLs, quotas and the users of SCRAM. They are kept and told; nothing is enforced.

mod acls;
mod quota_rules;
mod quotas;
mod users;

pub use acls::{Acl, AclError, AclFilter, Acls};
pub use quota_rules::QuotaError;
pub use quotas::{Component, Entity, Matching, Quotas};
pub use users::{Mechanism, UserError, Users};
