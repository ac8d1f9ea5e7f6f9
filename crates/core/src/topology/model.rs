use super::environment::Environment;
use super::policy::Policy;
use super::said_by::SaidBy;
use crate::access::{Acl, Amount, QuotaEntity, ScramMechanism};
use crate::schema::CompatibilityLevel;
use crate::values::{Origin, Pattern, Sourced};
use crate::world::SchemaType;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// What should be, with every layer merged and every name resolved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Topology {
    /// The topology files that it came from, in the order read.
    pub files: Vec<Arc<str>>,
    /// The environment that it was resolved for; `None` for what a file says for all of them.
    pub environment: Option<Environment>,
    /// Topics by name.
    pub topics: BTreeMap<String, Topic>,
    /// Subjects of the schema registry by name.
    pub subjects: BTreeMap<String, Subject>,
    /// Contracts of the groups that the file names; what `groups.all` says is already merged into each.
    pub groups: BTreeMap<String, Contract>,
    /// What holds for groups that the file does not name.
    pub all_groups: Terms,
    /// What may be done, by principal. It is complete for each principal that is named, and says nothing of others.
    pub access: BTreeMap<String, Access>,
    /// How much clients may ask of brokers, by whom. What is not named is left alone.
    pub quotas: BTreeMap<QuotaEntity, Quota>,
    /// Users that the cluster lets log in, by name. Others are left alone.
    pub users: BTreeMap<String, User>,
    /// What others own.
    pub external: External,
    /// The agreed form of names.
    pub naming: Naming,
    /// What is not to be there.
    pub absent: Absent,
    /// What its plans are held to.
    pub policy: Policy,
    /// The layer of every value that does not stand with the resource that it is for, by its place.
    pub said_by: BTreeMap<Origin, SaidBy>,
}

/// What a file says is not to be there (`state: absent`), each with the line that says so.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Absent {
    /// Topics by name.
    pub topics: BTreeMap<String, AbsentTopic>,
    /// Subjects by name.
    pub subjects: BTreeMap<String, AbsentSubject>,
}

/// A subject that is not to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbsentSubject {
    /// Where its absence is said.
    pub origin: Origin,
    /// Whether its schemas are to be gone for good (`permanent: true`), and not only out of sight.
    pub permanent: bool,
}

/// A topic that is not to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbsentTopic {
    /// Where its absence is said.
    pub origin: Origin,
    /// Whether its deletion is guarded by the risk `protected`.
    pub protected: bool,
}

impl Topology {
    /// The terms that hold for a group, named in the file or not.
    pub fn terms(&self, group: &str) -> &Terms {
        self.groups.get(group).map_or(&self.all_groups, |contract| &contract.terms)
    }

    /// Whether it marks the topic as protected, one that is not to be there included.
    pub fn protects_topic(&self, name: &str) -> bool {
        self.topics.get(name).is_some_and(|topic| topic.protected)
            || self.absent.topics.get(name).is_some_and(|absent| absent.protected)
    }

    /// The files with the passwords of the users that it names.
    pub fn password_files(&self) -> impl Iterator<Item = &str> {
        self.users.values().filter_map(|user| user.password_file.as_deref())
    }

    /// Whether anything in it needs a schema registry.
    pub fn needs_registry(&self) -> bool {
        !self.subjects.is_empty() || !self.absent.subjects.is_empty()
    }
}

/// A topic as it should be. What no layer says is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub origin: Origin,
    /// Its class, where it has one.
    pub class: Option<String>,
    /// How many partitions, 1 or more.
    pub partitions: Option<Sourced<i32>>,
    /// The replication factor, 1 or more.
    pub replication: Option<Sourced<i16>>,
    /// Kafka configs by their own names.
    pub configs: BTreeMap<String, Sourced<ConfigWish>>,
    /// Who answers for it.
    pub owner: Option<Sourced<String>>,
    /// What it is for.
    pub description: Option<Sourced<String>>,
    /// The field that records are keyed by, named when partitions grow.
    pub key_by: Option<Sourced<String>>,
    /// Whether it is guarded by the risk `protected`.
    pub protected: bool,
}

impl Topic {
    /// A topic of which nothing but the name is said.
    pub fn new(name: impl Into<String>, origin: Origin) -> Self {
        Topic {
            name: name.into(),
            origin,
            class: None,
            partitions: None,
            replication: None,
            configs: BTreeMap::new(),
            owner: None,
            description: None,
            key_by: None,
            protected: false,
        }
    }
}

/// What is wished for one config key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigWish {
    /// This value, as it is sent to Kafka: integers in milliseconds or bytes, lists joined by commas.
    Set(String),
    /// No value on the topic itself: it follows the broker.
    Unset,
}

/// A subject as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its name.
    pub name: String,
    /// Where the schema's path stands in the topology.
    pub origin: Origin,
    /// The schema language.
    pub kind: SchemaType,
    /// The schema, as the file has it.
    pub text: String,
    /// The schema's file.
    pub file: Arc<str>,
    /// The level to set on the subject.
    pub compatibility: Option<Sourced<CompatibilityLevel>>,
    /// Schemas of other subjects that it refers to.
    pub references: Vec<Reference>,
    /// The topic whose key or value it describes, when it was declared there.
    pub topic: Option<String>,
}

/// A schema that another one refers to; its version is known only when planning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The name by which the text refers to it.
    pub name: String,
    /// The subject that holds it.
    pub subject: String,
    /// Where the file says so.
    pub origin: Origin,
}

/// What a consumer group promises and is promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// The group id.
    pub group: String,
    /// Where its name stands.
    pub origin: Origin,
    /// What it reads, where the file says it.
    pub topics: Option<TopicsOf>,
    /// Its own terms over those of `groups.all`.
    pub terms: Terms,
}

/// The terms of a contract, each optional.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// How many members there should be.
    pub members: Option<Sourced<RangeInclusive<u32>>>,
    /// The most records that the group may be behind, in total.
    pub max_lag: Option<Sourced<i64>>,
    /// The oldest that its next record may be, in milliseconds.
    pub max_age_ms: Option<Sourced<i64>>,
    /// How its members read transactions.
    pub isolation: Option<Sourced<Isolation>>,
    /// Whether its offsets are guarded by the risk `protected`.
    pub protected: Option<Sourced<bool>>,
    /// Where it begins on partitions of its topics that it has no commit on.
    pub start: Option<Sourced<StartAt>>,
}

impl Terms {
    /// Whether the file marks the group as protected.
    pub fn is_protected(&self) -> bool {
        self.protected.as_ref().is_some_and(|mark| mark.value)
    }

    /// These terms where they say something, `weaker` where they do not.
    pub fn over(self, weaker: &Terms) -> Terms {
        Terms {
            members: self.members.or_else(|| weaker.members.clone()),
            max_lag: self.max_lag.or_else(|| weaker.max_lag.clone()),
            max_age_ms: self.max_age_ms.or_else(|| weaker.max_age_ms.clone()),
            isolation: self.isolation.or_else(|| weaker.isolation.clone()),
            protected: self.protected.or_else(|| weaker.protected.clone()),
            start: self.start.or_else(|| weaker.start.clone()),
        }
    }
}

/// All that a principal is to be allowed or denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The name that the file gives it.
    pub name: String,
    /// Where that name stands.
    pub origin: Origin,
    /// The access control entries that roles and plain entries come to.
    pub acls: BTreeMap<Acl, AskedAcl>,
    /// What the file leaves open, each with the line that it is about.
    pub notes: Vec<(String, Origin)>,
}

/// Who asked for an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedAcl {
    /// The line.
    pub origin: Origin,
    /// What was written, where the entry stands for one of the names that it means.
    pub expanded_from: Option<String>,
}

/// Where a group begins that has no commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StartAt {
    /// `earliest`: at the log start.
    Earliest,
    /// `latest`: at the log end, as it is when the offsets are committed.
    Latest,
}

impl StartAt {
    /// The word in a topology.
    pub fn as_str(self) -> &'static str {
        match self {
            StartAt::Earliest => "earliest",
            StartAt::Latest => "latest",
        }
    }
}

/// The quotas of somebody. A key that is left out is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// Where they are said.
    pub origin: Origin,
    /// How much, by Kafka's keys; `None` takes a quota away.
    pub amounts: BTreeMap<String, Sourced<Option<Amount>>>,
    /// Whether there is to be none at all.
    pub absent: bool,
}

/// A user that the cluster lets log in by SCRAM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Where it is said.
    pub origin: Origin,
    /// The mechanisms; of an absent user those that it is to lose, where it is not all of them.
    pub mechanisms: BTreeSet<ScramMechanism>,
    /// The file that holds the password, as it is to be opened.
    pub password_file: Option<String>,
    /// How often the password is hashed.
    pub iterations: i32,
    /// Whether it is not to be let in.
    pub absent: bool,
}

/// How a group reads transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Isolation {
    /// `committed`: up to the last stable offset.
    Committed,
    /// `uncommitted`: up to the high watermark.
    Uncommitted,
}

impl Isolation {
    /// The word in a topology.
    pub fn as_str(self) -> &'static str {
        match self {
            Isolation::Committed => "committed",
            Isolation::Uncommitted => "uncommitted",
        }
    }
}

/// The topics that a group reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicsOf {
    /// Where the list stands.
    pub origin: Origin,
    /// What was written; `all` is the pattern `*`.
    pub written: Vec<Sourced<Pattern>>,
    /// The topics of the file, and external ones with a plain name, that it comes down to.
    pub names: BTreeSet<String>,
    /// External patterns, of which topics are known only when looking.
    pub external: Vec<Pattern>,
}

impl TopicsOf {
    /// Whether the group reads this topic: by name, or as an external topic that a pattern of the contract covers.
    /// Patterns never cover Kafka's own topics (`__…`).
    pub fn covers(&self, topic: &str) -> bool {
        self.names.contains(topic)
            || (!topic.starts_with("__")
                && self.written.iter().any(|pattern| pattern.value.matches(topic))
                && self.external.iter().any(|pattern| pattern.matches(topic)))
    }
}

/// What is owned elsewhere: it may be referred to, is never planned, and is not listed as unmanaged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct External {
    /// Topics.
    pub topics: Vec<Sourced<Pattern>>,
    /// Groups.
    pub groups: Vec<Sourced<Pattern>>,
}

impl External {
    /// Whether the topic is owned elsewhere.
    pub fn has_topic(&self, name: &str) -> bool {
        self.topics.iter().any(|pattern| pattern.value.matches(name))
    }

    /// Whether the group is owned elsewhere.
    pub fn has_group(&self, name: &str) -> bool {
        self.groups.iter().any(|pattern| pattern.value.matches(name))
    }
}

/// The agreed form of names, as written; a name has to match any one of a list. Empty means anything goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Naming {
    /// For topics.
    pub topics: Vec<Sourced<String>>,
    /// For groups.
    pub groups: Vec<Sourced<String>>,
}
