//! Who may do what: Kafka's access control entries, what a role comes to in them, and what an authorizer decides by them.

mod acl;
mod decide;
mod named;
mod role;

pub use acl::{
    Acl, AclResource, AclResourceType, CLUSTER_NAME, EVERYBODY, Operation, PatternType, Permission, WILDCARD,
};
pub use decide::{Asked, Decision, Ruling, decide};
pub use named::{Named, NotAnOperation, NotNamed, parse_operation, principal};
pub use role::Right;
