use std::fmt;

/// The name that stands for every resource of a type, and the host that stands for every address.
pub const WILDCARD: &str = "*";
/// The principal that stands for everybody who has been authenticated, and for those who have not.
pub const EVERYBODY: &str = "User:*";
/// The only resource of the type cluster.
pub const CLUSTER_NAME: &str = "kafka-cluster";

/// What an entry is about, with the numbers of Kafka's protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AclResourceType {
    /// Topics.
    Topic,
    /// Consumer groups.
    Group,
    /// The cluster itself.
    Cluster,
    /// Transactional ids.
    TransactionalId,
    /// Delegation tokens.
    DelegationToken,
    /// Users, as owners of delegation tokens.
    User,
    /// A type of a later Kafka, by its number.
    Other(i8),
}

impl AclResourceType {
    /// The types that this version knows.
    pub const KNOWN: [AclResourceType; 6] = [
        AclResourceType::Topic,
        AclResourceType::Group,
        AclResourceType::Cluster,
        AclResourceType::TransactionalId,
        AclResourceType::DelegationToken,
        AclResourceType::User,
    ];

    /// The type of a number.
    pub fn from_code(code: i8) -> Self {
        match code {
            2 => AclResourceType::Topic,
            3 => AclResourceType::Group,
            4 => AclResourceType::Cluster,
            5 => AclResourceType::TransactionalId,
            6 => AclResourceType::DelegationToken,
            7 => AclResourceType::User,
            code => AclResourceType::Other(code),
        }
    }

    /// Its number.
    pub fn code(self) -> i8 {
        match self {
            AclResourceType::Topic => 2,
            AclResourceType::Group => 3,
            AclResourceType::Cluster => 4,
            AclResourceType::TransactionalId => 5,
            AclResourceType::DelegationToken => 6,
            AclResourceType::User => 7,
            AclResourceType::Other(code) => code,
        }
    }

    /// The type of a word; also of one that [`fmt::Display`] writes for a type of a later Kafka.
    pub fn from_word(word: &str) -> Option<Self> {
        let other = || Some(AclResourceType::Other(word.strip_prefix("type-")?.parse().ok()?));
        Self::KNOWN.into_iter().find(|kind| kind.to_string() == word).or_else(other)
    }

    /// The operations that Kafka looks for on resources of this type; none for a type that is not known. An entry with
    /// another one is stored and never has an effect.
    pub fn operations(self) -> &'static [Operation] {
        use Operation::{
            Alter, AlterConfigs, ClusterAction, Create, CreateTokens, Delete, Describe, DescribeConfigs,
            DescribeTokens, IdempotentWrite, Read, TwoPhaseCommit, Write,
        };
        match self {
            AclResourceType::Topic => {
                &[Read, Write, Create, Delete, Alter, Describe, DescribeConfigs, AlterConfigs]
            }
            AclResourceType::Group => &[Read, Describe, Delete, DescribeConfigs, AlterConfigs],
            AclResourceType::Cluster => {
                &[Create, ClusterAction, DescribeConfigs, AlterConfigs, IdempotentWrite, Alter, Describe]
            }
            AclResourceType::TransactionalId => &[Describe, Write, TwoPhaseCommit],
            AclResourceType::DelegationToken => &[Describe],
            AclResourceType::User => &[CreateTokens, DescribeTokens],
            AclResourceType::Other(_) => &[],
        }
    }
}

impl fmt::Display for AclResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            AclResourceType::Topic => "topic",
            AclResourceType::Group => "group",
            AclResourceType::Cluster => "cluster",
            AclResourceType::TransactionalId => "transactional-id",
            AclResourceType::DelegationToken => "delegation-token",
            AclResourceType::User => "user",
            AclResourceType::Other(code) => return write!(f, "type-{code}"),
        })
    }
}

/// How the name of an entry is meant (KIP-290).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PatternType {
    /// This name; `*` alone is every name.
    Literal,
    /// Every name that begins with it.
    Prefixed,
}

impl PatternType {
    /// The type of a number of the protocol; `None` for those that only filters have.
    pub fn from_code(code: i8) -> Option<Self> {
        match code {
            3 => Some(PatternType::Literal),
            4 => Some(PatternType::Prefixed),
            _ => None,
        }
    }

    /// Its number.
    pub fn code(self) -> i8 {
        match self {
            PatternType::Literal => 3,
            PatternType::Prefixed => 4,
        }
    }

    /// The word in a topology and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            PatternType::Literal => "literal",
            PatternType::Prefixed => "prefixed",
        }
    }
}

/// What is allowed or denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// Every operation.
    All,
    /// Reading records, joining a group, committing offsets.
    Read,
    /// Writing records.
    Write,
    /// Creating.
    Create,
    /// Deleting.
    Delete,
    /// Altering: partitions, ACLs, quotas, users.
    Alter,
    /// Seeing that it is there, and what it is like.
    Describe,
    /// What brokers do among themselves.
    ClusterAction,
    /// Reading configs.
    DescribeConfigs,
    /// Changing configs.
    AlterConfigs,
    /// Writing idempotently, before Kafka 3.0.
    IdempotentWrite,
    /// Creating delegation tokens.
    CreateTokens,
    /// Seeing delegation tokens.
    DescribeTokens,
    /// Taking part in a two-phase commit (KIP-939).
    TwoPhaseCommit,
    /// An operation of a later Kafka, by its number.
    Other(i8),
}

impl Operation {
    /// The operations that this version knows, in the order of their numbers, which begin at 2.
    pub const KNOWN: [Operation; 14] = [
        Operation::All,
        Operation::Read,
        Operation::Write,
        Operation::Create,
        Operation::Delete,
        Operation::Alter,
        Operation::Describe,
        Operation::ClusterAction,
        Operation::DescribeConfigs,
        Operation::AlterConfigs,
        Operation::IdempotentWrite,
        Operation::CreateTokens,
        Operation::DescribeTokens,
        Operation::TwoPhaseCommit,
    ];

    /// The operation of a number of the protocol.
    pub fn from_code(code: i8) -> Self {
        let place = usize::try_from(code).ok().and_then(|code| code.checked_sub(2));
        place.and_then(|place| Self::KNOWN.get(place).copied()).unwrap_or(Operation::Other(code))
    }

    /// Its number.
    pub fn code(self) -> i8 {
        match self {
            Operation::Other(code) => code,
            known => Self::KNOWN.iter().zip(2..).find(|(one, _)| **one == known).map_or(0, |(_, code)| code),
        }
    }

    /// The operation of a word; also of one that [`fmt::Display`] writes for an operation of a later Kafka.
    pub fn from_word(word: &str) -> Option<Self> {
        let other = || Some(Operation::Other(word.strip_prefix("operation-")?.parse().ok()?));
        Self::KNOWN.into_iter().find(|operation| operation.to_string() == word).or_else(other)
    }

    /// Whether an entry that allows this operation allows the other one too. An entry that denies an operation denies no
    /// other one, except that `all` is all of them (`StandardAuthorizerData`, the same since the first authorizer).
    pub fn implies(self, other: Operation) -> bool {
        use Operation::{All, Alter, AlterConfigs, Delete, Describe, DescribeConfigs, Read, Write};
        self == other
            || match other {
                _ if self == All => true,
                Describe => matches!(self, Read | Write | Delete | Alter),
                DescribeConfigs => self == AlterConfigs,
                _ => false,
            }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Operation::All => "all",
            Operation::Read => "read",
            Operation::Write => "write",
            Operation::Create => "create",
            Operation::Delete => "delete",
            Operation::Alter => "alter",
            Operation::Describe => "describe",
            Operation::ClusterAction => "cluster-action",
            Operation::DescribeConfigs => "describe-configs",
            Operation::AlterConfigs => "alter-configs",
            Operation::IdempotentWrite => "idempotent-write",
            Operation::CreateTokens => "create-tokens",
            Operation::DescribeTokens => "describe-tokens",
            Operation::TwoPhaseCommit => "two-phase-commit",
            Operation::Other(code) => return write!(f, "operation-{code}"),
        })
    }
}

/// Whether an entry allows or denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// It denies, which outweighs every entry that allows.
    Deny,
    /// It allows.
    Allow,
}

impl Permission {
    /// The permission of a number of the protocol.
    pub fn from_code(code: i8) -> Option<Self> {
        match code {
            2 => Some(Permission::Deny),
            3 => Some(Permission::Allow),
            _ => None,
        }
    }

    /// Its number.
    pub fn code(self) -> i8 {
        match self {
            Permission::Deny => 2,
            Permission::Allow => 3,
        }
    }

    /// The word in a topology and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Permission::Deny => "deny",
            Permission::Allow => "allow",
        }
    }
}

/// Resources by type, name and how the name is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AclResource {
    /// Their type.
    pub kind: AclResourceType,
    /// The name, or what it begins with.
    pub name: String,
    /// How the name is meant.
    pub pattern: PatternType,
}

impl AclResource {
    /// The resource of this name.
    pub fn literal(kind: AclResourceType, name: impl Into<String>) -> Self {
        AclResource { kind, name: name.into(), pattern: PatternType::Literal }
    }

    /// The resources whose names begin so.
    pub fn prefixed(kind: AclResourceType, prefix: impl Into<String>) -> Self {
        AclResource { kind, name: prefix.into(), pattern: PatternType::Prefixed }
    }

    /// The cluster.
    pub fn cluster() -> Self {
        AclResource::literal(AclResourceType::Cluster, CLUSTER_NAME)
    }

    /// Whether it is every resource of its type.
    pub fn is_wildcard(&self) -> bool {
        self.pattern == PatternType::Literal && self.name == WILDCARD
    }

    /// Whether the resource of this type and name is one of them.
    pub fn covers(&self, kind: AclResourceType, name: &str) -> bool {
        self.kind == kind
            && match self.pattern {
                PatternType::Literal => self.name == name || self.name == WILDCARD,
                PatternType::Prefixed => name.starts_with(&self.name),
            }
    }
}

impl fmt::Display for AclResource {
    /// For people: `topic orders`, `topics beginning with 'escrow.' (prefixed)`, `every topic (literal *)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AclResource { kind, name, pattern } = self;
        match pattern {
            _ if *self == AclResource::cluster() => f.write_str("the cluster"),
            _ if self.is_wildcard() => write!(f, "every {kind} (literal *)"),
            PatternType::Literal => write!(f, "{kind} {name} (literal)"),
            PatternType::Prefixed => write!(f, "{kind} {name}* (prefixed)"),
        }
    }
}

/// One entry: somebody may, or may not, do something to something, from somewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Acl {
    /// Who, as `User:name`.
    pub principal: String,
    /// To what.
    pub resource: AclResource,
    /// Whether it allows or denies.
    pub permission: Permission,
    /// What.
    pub operation: Operation,
    /// From which address; `*` from everywhere.
    pub host: String,
}

impl Acl {
    /// An entry that allows somebody an operation from everywhere.
    pub fn allow(principal: impl Into<String>, operation: Operation, resource: AclResource) -> Self {
        Acl {
            principal: principal.into(),
            resource,
            permission: Permission::Allow,
            operation,
            host: WILDCARD.to_owned(),
        }
    }

    /// Whether it allows.
    pub fn allows(&self) -> bool {
        self.permission == Permission::Allow
    }

    /// What it says beside the principal: `allow read on topic orders (literal)`.
    pub fn rule(&self) -> String {
        let host = if self.host == WILDCARD { String::new() } else { format!(" from {}", self.host) };
        format!("{} {} on {}{host}", self.permission.as_str(), self.operation, self.resource)
    }
}

impl fmt::Display for Acl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.principal, self.rule())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_words_are_read_back() {
        for code in 0..=20 {
            let operation = Operation::from_code(code);
            assert_eq!(
                (operation.code(), Operation::from_word(&operation.to_string())),
                (code, Some(operation))
            );
            let kind = AclResourceType::from_code(code);
            assert_eq!((kind.code(), AclResourceType::from_word(&kind.to_string())), (code, Some(kind)));
        }
        assert_eq!(Operation::from_code(3), Operation::Read);
        assert_eq!(Operation::from_code(15), Operation::TwoPhaseCommit);
        assert_eq!(Operation::from_code(16), Operation::Other(16));
        for (pattern, permission) in
            [(PatternType::Literal, Permission::Allow), (PatternType::Prefixed, Permission::Deny)]
        {
            assert_eq!(PatternType::from_code(pattern.code()), Some(pattern));
            assert_eq!(Permission::from_code(permission.code()), Some(permission));
        }
        assert_eq!((PatternType::from_code(1), Permission::from_code(1)), (None, None));
    }

    #[test]
    fn names_are_covered_as_kafka_matches_them() {
        let topic = AclResourceType::Topic;
        assert!(AclResource::prefixed(topic, "escrow.").covers(topic, "escrow.released"));
        assert!(!AclResource::prefixed(topic, "escrow.").covers(topic, "escrow"));
        assert!(AclResource::literal(topic, "*").covers(topic, "anything"));
        assert!(!AclResource::prefixed(topic, "*").covers(topic, "anything"), "a star in a prefix is a star");
        assert!(!AclResource::literal(topic, "*").covers(AclResourceType::Group, "anything"));
    }
}
