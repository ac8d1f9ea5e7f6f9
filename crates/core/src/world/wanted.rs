use super::ConfigTarget;
use std::collections::BTreeSet;

/// Which names a look covers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Selection {
    /// Nothing of this kind.
    #[default]
    None,
    /// These names, asked for by name, so that denied can be told from absent.
    Named(BTreeSet<String>),
    /// All that are visible, and these by name, for a list silently omits what one may not see.
    AllVisible(BTreeSet<String>),
}

impl Selection {
    /// The names that are asked for one by one.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        match self {
            Selection::None => None,
            Selection::Named(names) | Selection::AllVisible(names) => Some(names),
        }
        .into_iter()
        .flatten()
    }

    /// Asks for one more name.
    pub fn add(&mut self, name: impl Into<String>) {
        match self {
            Selection::None => *self = Selection::Named(BTreeSet::from([name.into()])),
            Selection::Named(names) | Selection::AllVisible(names) => {
                names.insert(name.into());
            }
        }
    }

    /// Whether nothing is wanted.
    pub fn is_none(&self) -> bool {
        match self {
            Selection::None => true,
            Selection::Named(names) => names.is_empty(),
            Selection::AllVisible(_) => false,
        }
    }
}

/// What a look is to see. An adapter asks for no more than this.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Topics with their partitions.
    pub topics: Selection,
    /// Topics whose configs are read too; always a subset of what `topics` covers.
    pub configs: Selection,
    /// Keys of topics of which it is wanted what holds without a value of the topic's own, where only the brokers' configs
    /// tell: some of [`followed_times`](super::followed_times).
    pub followed_times: BTreeSet<&'static str>,
    /// The same for keys of which one broker's word will do.
    pub pinned_times: BTreeSet<&'static str>,
    /// Topics whose log start and end offsets are read too.
    pub log_offsets: Selection,
    /// Whether replicas that are on their way are read too.
    pub moves: bool,
    /// Places whose dynamic configs of brokers are read. With those for all brokers come those of each live one.
    pub broker_configs: BTreeSet<ConfigTarget>,
    /// Subjects with all versions and their own compatibility level.
    pub subjects: Selection,
    /// Whether the names of subjects that are deleted and not gone for good are read too.
    pub deleted_subjects: bool,
    /// Consumer groups with type, state and members.
    pub groups: Selection,
    /// Groups whose committed offsets are read too.
    pub committed: Selection,
    /// Whether access control entries are read; all of them are, for a cluster has few.
    pub acls: bool,
    /// Whether quotas of clients are read; all of them are.
    pub quotas: bool,
    /// Whether users of SCRAM are read; all of them are.
    pub users: bool,
}
