//! Who may do what: Kafka's access control entries, what a role comes to in them, and what an authorizer decides by them;
//! the quotas that clients are held to, and the users that a cluster lets log in.

mod acl;
mod decide;
mod named;
mod naming;
mod quota;
mod role;
mod user;

pub use acl::{
    Acl, AclResource, AclResourceType, CLUSTER_NAME, EVERYBODY, Operation, PatternType, Permission, WILDCARD,
};
pub use decide::{Asked, Decision, Ruling, decide};
pub use named::{Named, NotAnOperation, NotNamed, parse_operation, principal};
pub use naming::{Credential, Naming, naming};
pub use quota::{
    Amount, ENTITY_KINDS, QUOTA_KEYS, QuotaEntity, QuotaUnit, Quotas, describe_quota, quota_word, write_quota,
};
pub use role::Right;
pub use user::{FEWEST_ITERATIONS, MOST_ITERATIONS, ScramMechanism};
