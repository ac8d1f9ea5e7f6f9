use super::printable;
use std::fmt;
use std::sync::Arc;

/// The kinds of things that klerk plans for, by the names used in its JSON documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceType {
    /// A topic.
    Topic,
    /// A subject of the schema registry.
    Subject,
    /// A consumer group.
    Group,
    /// The access control entries of one principal.
    Acl,
    /// The quotas of one user, client or address.
    Quota,
    /// A user of SCRAM.
    User,
    /// A broker.
    Broker,
    /// The cluster itself.
    Cluster,
}

impl ResourceType {
    /// Every type.
    pub const ALL: [ResourceType; 8] = [
        ResourceType::Topic,
        ResourceType::Subject,
        ResourceType::Group,
        ResourceType::Acl,
        ResourceType::Quota,
        ResourceType::User,
        ResourceType::Broker,
        ResourceType::Cluster,
    ];

    /// The type that a word in JSON stands for.
    pub fn named(word: &str) -> Option<Self> {
        ResourceType::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The word in JSON and in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            ResourceType::Topic => "topic",
            ResourceType::Subject => "subject",
            ResourceType::Group => "group",
            ResourceType::Acl => "acl",
            ResourceType::Quota => "quota",
            ResourceType::User => "user",
            ResourceType::Broker => "broker",
            ResourceType::Cluster => "cluster",
        }
    }
}

impl fmt::Display for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing by type and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource {
    /// What it is.
    pub kind: ResourceType,
    /// What it is called.
    pub name: String,
}

impl Resource {
    /// A topic by name.
    pub fn topic(name: impl Into<String>) -> Self {
        Resource { kind: ResourceType::Topic, name: name.into() }
    }

    /// A subject by name.
    pub fn subject(name: impl Into<String>) -> Self {
        Resource { kind: ResourceType::Subject, name: name.into() }
    }

    /// A consumer group by id.
    pub fn group(name: impl Into<String>) -> Self {
        Resource { kind: ResourceType::Group, name: name.into() }
    }

    /// The access control entries of a principal.
    pub fn acl(principal: impl Into<String>) -> Self {
        Resource { kind: ResourceType::Acl, name: principal.into() }
    }

    /// The quotas of an entity, by what it is called.
    pub fn quota(entity: impl Into<String>) -> Self {
        Resource { kind: ResourceType::Quota, name: entity.into() }
    }

    /// A user of SCRAM by name.
    pub fn user(name: impl Into<String>) -> Self {
        Resource { kind: ResourceType::User, name: name.into() }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, printable(&self.name))
    }
}

/// One partition of one topic, ordered by topic, then by number.
///
/// The name is shared, because a look at all groups holds tens of thousands of partitions of a few topics.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: Arc<str>,
    /// The partition's number, from 0.
    pub partition: i32,
}

impl TopicPartition {
    /// A partition by topic and number.
    pub fn new(topic: impl Into<Arc<str>>, partition: i32) -> Self {
        TopicPartition { topic: topic.into(), partition }
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}
