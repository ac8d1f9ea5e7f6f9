use super::{Acl, AclResource, Operation};

/// What somebody does with something, which takes certain entries of Kafka's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// Writes records to topics. Since Kafka 3.0 an idempotent producer needs nothing of the cluster beside it
    /// (KIP-679), so `idempotent-write` is not among its operations.
    Produce,
    /// Reads records of topics.
    Consume,
    /// Is a member of a group and commits its offsets.
    Join,
    /// Writes under a transactional id.
    Transact,
}

impl Right {
    /// The operations that it takes.
    pub fn operations(self) -> &'static [Operation] {
        match self {
            Right::Produce | Right::Transact => &[Operation::Write, Operation::Describe],
            Right::Consume => &[Operation::Read, Operation::Describe],
            // To be allowed to read is to be allowed to describe; Kafka's own tool grants no more on groups either.
            Right::Join => &[Operation::Read],
        }
    }

    /// The entries that it comes to.
    pub fn acls<'a>(self, principal: &'a str, on: &'a AclResource) -> impl Iterator<Item = Acl> + 'a {
        self.operations().iter().map(move |operation| Acl::allow(principal, *operation, on.clone()))
    }
}
