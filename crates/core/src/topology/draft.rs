use super::fault::Faults;
use super::model::Isolation;
use super::naming::NameForm;
use super::place::{At, Complaints, Spot, Texts};
use crate::schema::CompatibilityLevel;
use crate::values::Pattern;
use crate::world::SchemaType;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

/// What the topology files say, before the files that they name have been read.
#[derive(Debug)]
pub struct Draft {
    pub(super) texts: Texts,
    pub(super) sections: Sections,
    pub(super) faults: Faults,
    /// Every file was read to its end, so that what is not there was not written.
    pub(super) whole: bool,
}

impl Draft {
    /// The files that have to be read before the draft can be resolved.
    pub fn wanted(&self) -> BTreeSet<String> {
        self.sections.schemas().map(|wish| wish.file.clone()).collect()
    }
}

/// The sections of all files, merged by name.
#[derive(Debug, Default)]
pub(super) struct Sections {
    pub defaults: Layer,
    pub classes: BTreeMap<String, At<Layer>>,
    pub topics: BTreeMap<String, At<Layer>>,
    pub compatibility: Option<At<CompatibilityLevel>>,
    /// What registers a topic's schemas under which subject: `topic` is the only one so far.
    pub schema_naming: Option<At<()>>,
    pub subjects: BTreeMap<String, At<SchemaWish>>,
    pub groups: BTreeMap<String, At<GroupWish>>,
    pub all_groups: GroupWish,
    pub external_topics: Vec<At<Pattern>>,
    pub external_groups: Vec<At<Pattern>>,
    pub topic_names: Option<At<Vec<At<NameForm>>>>,
    pub group_names: Option<At<Vec<At<NameForm>>>>,
}

impl Sections {
    /// Every schema that is named anywhere, used or not: a class without topics still names its file.
    pub fn schemas(&self) -> impl Iterator<Item = &SchemaWish> {
        let layers = std::iter::once(&self.defaults)
            .chain(self.classes.values().map(|class| &class.value))
            .chain(self.topics.values().map(|topic| &topic.value));
        let of_topics =
            layers.flat_map(|layer| [&layer.key, &layer.value]).flatten().filter_map(|at| match &at.value {
                Wish::Set(schema) => Some(schema),
                Wish::Unset => None,
            });
        of_topics.chain(self.subjects.values().map(|subject| &subject.value))
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
}

/// A schema that a file is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SchemaWish {
    /// Where the path stands.
    pub spot: Spot,
    /// The path as it is to be opened.
    pub file: String,
    pub kind: SchemaType,
    pub compatibility: Option<At<CompatibilityLevel>>,
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
