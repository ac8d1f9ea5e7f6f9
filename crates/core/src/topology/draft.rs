use super::caps::Caps;
use super::environment::{ClusterPlace, RegistryPlace};
use super::fault::{Faults, Place};
use super::model::{Isolation, StartAt};
use super::naming::NameForm;
use super::place::{At, Complaints, Spot, Texts};
use super::policy::PolicyWish;
use crate::access::{AclResource, Amount, Operation, Permission, QuotaEntity, ScramMechanism};
use crate::schema::CompatibilityLevel;
use crate::values::{Origin, Pattern};
use crate::world::SchemaType;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// What the topology files say, before the files that they name have been read.
#[derive(Debug)]
pub struct Draft {
    pub(super) texts: Texts,
    pub(super) sections: Sections,
    pub(super) environments: Environments,
    pub(super) faults: Faults,
    /// Every file was read to its end, so that what is not there was not written.
    pub(super) whole: bool,
}

impl Draft {
    /// The files that have to be read before the draft can be resolved.
    pub fn wanted(&self) -> BTreeSet<String> {
        let of_environments = self.environments.values().flat_map(|environment| environment.value.schemas());
        self.sections.schemas().chain(of_environments).map(|file| file.path.clone()).collect()
    }

    /// The topology files, in their order.
    pub fn files(&self) -> impl Iterator<Item = Arc<str>> {
        self.texts.files()
    }

    /// The line that an origin stands in, as far as the word there goes; `None` for what none of the files says.
    pub fn place(&self, origin: &Origin) -> Option<Place> {
        self.texts.place_of(origin)
    }

    /// The names of the environments, in their order.
    pub fn environments(&self) -> impl Iterator<Item = &str> {
        self.environments.keys().map(String::as_str)
    }

    /// The names of the users that the files name, in whatever environment.
    pub fn users(&self) -> BTreeSet<&str> {
        let of_environments = self.environments.values().map(|environment| &environment.value.sections);
        let sections = of_environments.chain([&self.sections]);
        sections.flat_map(|sections| sections.users.keys()).map(String::as_str).collect()
    }
}

/// Environments by name.
pub(super) type Environments = BTreeMap<String, At<EnvironmentWish>>;

/// What the files say of one environment.
#[derive(Debug, Clone, Default)]
pub(super) struct EnvironmentWish {
    /// The environment over which this one is laid.
    pub extends: Option<At<String>>,
    pub place: Option<At<ClusterPlace>>,
    pub registry: Option<At<RegistryPlace>>,
    pub cluster: Option<At<String>>,
    pub production: Option<At<bool>>,
    pub at_most: Caps,
    pub overrides: Layer,
    pub sections: Sections,
}

impl EnvironmentWish {
    fn schemas(&self) -> impl Iterator<Item = &SchemaFile> {
        self.overrides.schemas().chain(self.sections.schemas())
    }
}

/// The sections of all files, merged by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Sections {
    pub defaults: Layer,
    pub classes: BTreeMap<String, At<Layer>>,
    pub topics: BTreeMap<String, At<Layer>>,
    pub compatibility: Option<At<CompatibilityLevel>>,
    /// What registers a topic's schemas under which subject: `topic` is the only one so far.
    pub schema_naming: Option<At<()>>,
    pub subjects: BTreeMap<String, At<SubjectWish>>,
    pub groups: BTreeMap<String, At<GroupWish>>,
    pub all_groups: GroupWish,
    /// By the name that the file gives to whoever is allowed something.
    pub access: BTreeMap<String, At<AccessWish>>,
    /// By whom they are for, in words.
    pub quotas: BTreeMap<String, At<QuotaWish>>,
    /// By name.
    pub users: BTreeMap<String, At<UserWish>>,
    pub external_topics: Option<Vec<At<Pattern>>>,
    pub external_groups: Option<Vec<At<Pattern>>>,
    pub topic_names: Option<At<Vec<At<NameForm>>>>,
    pub group_names: Option<At<Vec<At<NameForm>>>>,
    pub policy: PolicyWish,
    /// Where else a policy stands, which is a fault.
    pub other_policies: Vec<Spot>,
}

impl Sections {
    /// Every schema file that is named anywhere, used or not: a class without topics still names its file.
    pub fn schemas(&self) -> impl Iterator<Item = &SchemaFile> {
        let layers = std::iter::once(&self.defaults)
            .chain(self.classes.values().map(|class| &class.value))
            .chain(self.topics.values().map(|topic| &topic.value));
        let by_name = self.subjects.values().filter_map(|subject| subject.value.schema.as_ref());
        layers.flat_map(Layer::schemas).chain(by_name.filter_map(|schema| schema.file.as_ref()))
    }

    pub fn external_topics(&self) -> &[At<Pattern>] {
        self.external_topics.as_deref().unwrap_or_default()
    }

    pub fn external_groups(&self) -> &[At<Pattern>] {
        self.external_groups.as_deref().unwrap_or_default()
    }
}

/// A value, or the word `unset`, which takes back what a weaker layer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish<T> {
    Set(T),
    Unset,
}

/// What one layer says about topics.
#[derive(Debug, Clone, Default)]
pub(super) struct Layer {
    pub class: Option<At<Wish<String>>>,
    pub partitions: Option<At<Wish<i32>>>,
    pub replication: Option<At<Wish<i16>>>,
    pub configs: BTreeMap<String, At<Wish<String>>>,
    pub owner: Option<At<Wish<String>>>,
    pub description: Option<At<Wish<String>>>,
    pub key_by: Option<At<Wish<String>>>,
    pub protected: Option<At<Wish<bool>>>,
    pub key: Option<At<Wish<SchemaWish>>>,
    pub value: Option<At<Wish<SchemaWish>>>,
    /// The environments that a topic exists in; all of them where nothing is said.
    pub only: Option<Only>,
    pub state: Option<At<State>>,
}

impl Layer {
    /// The keys that only mean something of a topic that exists, each with its spot.
    pub fn says_of_existence(&self) -> Vec<(&str, Spot)> {
        fn spot<T>(at: &Option<At<T>>) -> Option<Spot> {
            at.as_ref().map(|at| at.spot)
        }
        let keys = [
            ("class", spot(&self.class)),
            ("partitions", spot(&self.partitions)),
            ("replication", spot(&self.replication)),
            ("key_by", spot(&self.key_by)),
            ("key", spot(&self.key)),
            ("value", spot(&self.value)),
        ];
        let own = keys.into_iter().filter_map(|(key, spot)| Some((key, spot?)));
        own.chain(self.configs.iter().map(|(key, at)| (key.as_str(), at.spot))).collect()
    }

    /// The schema files that it names.
    pub fn schemas(&self) -> impl Iterator<Item = &SchemaFile> {
        [&self.key, &self.value].into_iter().flatten().filter_map(|at| match &at.value {
            Wish::Set(schema) => schema.file.as_ref(),
            Wish::Unset => None,
        })
    }
}

/// Names of environments, with the spot of the list.
pub(super) type Only = At<Vec<At<String>>>;

/// Whether something is to be there at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Present,
    Absent,
}

/// What a layer says of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SchemaWish {
    /// Where it is said.
    pub spot: Spot,
    pub file: Option<SchemaFile>,
    pub compatibility: Option<At<CompatibilityLevel>>,
    /// Written as a map, which is laid over that of a weaker layer; a plain path stands for all there is to say.
    pub merges: bool,
}

/// A file that is to hold a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SchemaFile {
    /// Where the path stands.
    pub spot: Spot,
    /// The path as it is to be opened.
    pub path: String,
    pub kind: SchemaType,
}

/// What the file says of a subject by its own name.
#[derive(Debug, Clone, Default)]
pub(super) struct SubjectWish {
    pub schema: Option<SchemaWish>,
    pub only: Option<Only>,
    pub state: Option<At<State>>,
    /// Whether an absent subject is to be gone for good.
    pub permanent: Option<At<bool>>,
}

/// What the file says about a group, or about all of them.
#[derive(Debug, Clone, Default)]
pub(super) struct GroupWish {
    pub topics: Option<At<Vec<At<Pattern>>>>,
    pub members: Option<At<RangeInclusive<u32>>>,
    pub max_lag: Option<At<i64>>,
    pub max_age_ms: Option<At<i64>>,
    pub isolation: Option<At<Isolation>>,
    pub protected: Option<At<bool>>,
    pub start: Option<At<StartAt>>,
    /// The environments that it exists in; all of them where nothing is said.
    pub only: Option<Only>,
}

/// Names of topics, groups or transactional ids, with the spot of the list.
pub(super) type Patterns = At<Vec<At<Pattern>>>;

/// What the file says somebody may do.
#[derive(Debug, Clone, Default)]
pub(super) struct AccessWish {
    /// The principal in full, where it is not `User:` and the name.
    pub principal: Option<At<String>>,
    pub produce: Option<Patterns>,
    pub consume: Option<Patterns>,
    pub groups: Option<Patterns>,
    pub transactions: Option<Patterns>,
    pub acls: Option<At<Vec<At<AclWish>>>>,
    /// The environments that it holds in; all of them where nothing is said.
    pub only: Option<Only>,
    pub state: Option<At<State>>,
}

/// What the file says of the quotas of somebody.
#[derive(Debug, Clone, Default)]
pub(super) struct QuotaWish {
    pub entity: QuotaEntity,
    /// By Kafka's keys.
    pub amounts: BTreeMap<String, At<Wish<Amount>>>,
    /// The environments that it holds in; all of them where nothing is said.
    pub only: Option<Only>,
    pub state: Option<At<State>>,
}

/// What the file says of a user's login.
#[derive(Debug, Clone, Default)]
pub(super) struct UserWish {
    pub mechanisms: Option<At<Vec<At<ScramMechanism>>>>,
    /// The path as it is to be opened.
    pub password_file: Option<At<String>>,
    pub iterations: Option<At<i32>>,
    /// The environments that it exists in; all of them where nothing is said.
    pub only: Option<Only>,
    pub state: Option<At<State>>,
}

/// Entries as the file writes them: one for each operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AclWish {
    pub resource: AclResource,
    pub operations: Vec<Operation>,
    pub host: String,
    pub permission: Permission,
}

/// Fills a place that only one line may fill.
pub(super) fn once<T>(slot: &mut Option<At<T>>, at: At<T>, what: &str, complaints: &mut Complaints<'_>) {
    match slot {
        Some(first) => complaints.say_twice(what, first.spot, at.spot),
        None => *slot = Some(at),
    }
}

/// Declares a name that only one line may declare. The spot of the value is that of the name.
pub(super) fn declare<T>(
    names: &mut BTreeMap<String, At<T>>,
    name: At<String>,
    value: T,
    what: &str,
    complaints: &mut Complaints<'_>,
) {
    match names.get(&name.value) {
        Some(first) => complaints.say_twice(&format!("{what} '{}'", name.value), first.spot, name.spot),
        None => {
            names.insert(name.value, At::new(value, name.spot));
        }
    }
}
