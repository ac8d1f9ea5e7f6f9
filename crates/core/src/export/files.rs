use super::estate::{Estate, Note, gather};
use super::write;
use crate::plan::DiffOptions;
use crate::world::{Selection, Wanted, World};
use std::collections::BTreeSet;

/// What an export is to cover, and whether it comes with schema files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportOptions {
    /// The families and names that it covers.
    pub covered: DiffOptions,
    /// Whether the topology may name files with schemas; without it they are named in a comment.
    pub schema_files: bool,
    /// What may not be seen and is left out, in words.
    pub left_out: Option<String>,
}

/// A schema for a file of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaText {
    /// The file, relative to the topology's.
    pub path: String,
    /// The schema as the registry gives it.
    pub text: String,
}

/// A world as a topology.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// The topology file.
    pub topology: String,
    /// The schemas of the subjects that were seen, each for a file; also when the topology may not name them.
    pub schemas: Vec<SchemaText>,
    /// How many topics it declares.
    pub topics: usize,
    /// How many groups it declares.
    pub groups: usize,
    /// Of how many principals it says what they may do.
    pub principals: usize,
    /// How many quotas it declares.
    pub quotas: usize,
    /// How many users it declares.
    pub users: usize,
    /// What could not be read, and principals, quotas and users that a topology has no way to say, each as the topology's comments
    /// have it. While there is any the export is not whole.
    pub gaps: Vec<String>,
}

/// What a look has to see for an [`export`]. The subjects are asked for by name, so their names have to be known.
pub fn wanted_for_export(covered: &DiffOptions, subjects: BTreeSet<String>) -> Wanted {
    let all = || Selection::AllVisible(BTreeSet::new());
    let mut wanted = Wanted::default();
    if covered.families.topics || covered.families.groups {
        // Whether a topic that a group has commits on still exists is told by the list of all.
        wanted.topics = all();
    }
    if covered.families.topics {
        wanted.configs = all();
    }
    if covered.covers_subjects() {
        wanted.subjects = Selection::Named(subjects);
    }
    if covered.families.groups {
        wanted.groups = all();
        wanted.committed = all();
    }
    wanted.acls = covered.families.access;
    wanted.quotas = covered.families.access;
    wanted.users = covered.families.access;
    wanted
}

/// Writes what was seen as a topology. It depends on nothing else: the same world gives the same text.
pub fn export(world: &World, options: &ExportOptions) -> Export {
    let estate = gather(world, &options.covered, options.schema_files);
    let topology = write::topology(&estate, &head(world, options), options.schema_files);
    Export {
        topology,
        topics: estate.topics.len(),
        groups: estate.groups.len(),
        principals: estate.access.entries.len(),
        quotas: estate.quotas.entries.len(),
        users: estate.users.entries.len(),
        gaps: gaps(&estate),
        schemas: estate.subjects.files,
    }
}

fn head(world: &World, options: &ExportOptions) -> Vec<String> {
    let covered = &options.covered;
    let mut head = vec![
        format!(
            "Exported by klerk from cluster {}: what is set there, without what the brokers give anyhow,",
            world.cluster.id
        ),
        "and without topics, subjects and groups that may not be seen.".to_owned(),
    ];
    let families = [
        ("topics", covered.families.topics),
        ("schemas", covered.families.schemas),
        ("groups", covered.families.groups),
        ("access", covered.families.access),
    ];
    if families.iter().any(|(_, is_covered)| !is_covered) {
        let covered: Vec<&str> =
            families.iter().filter(|(_, is_covered)| *is_covered).map(|(name, _)| *name).collect();
        if let [others @ .., last] = covered.as_slice() {
            let others =
                if others.is_empty() { String::new() } else { format!("{} and ", others.join(", ")) };
            head.push(format!("Only {others}{last}."));
        }
    }
    if let Some(pattern) = &covered.matching {
        head.push(format!("Only names that match {pattern}."));
    }
    if covered.families.schemas && !covered.registry {
        head.push("No schema registry was named: schemas are left out.".to_owned());
    }
    head.extend(options.left_out.clone());
    head
}

fn gaps(estate: &Estate) -> Vec<String> {
    let of = |name: &str, note: &Note| (note.gap, format!("{name}: {}", note.text));
    let of_topics =
        estate.topics.iter().flat_map(|(name, topic)| topic.notes.iter().map(move |note| of(name, note)));
    let of_groups =
        estate.groups.iter().flat_map(|(name, group)| group.notes.iter().map(move |note| of(name, note)));
    let sections =
        [&estate.access, &estate.quotas, &estate.users].into_iter().flat_map(|section| &section.notes);
    let others = estate.topic_notes.iter().chain(&estate.subjects.notes).chain(&estate.group_notes);
    let others = others.chain(sections).map(|note| (note.gap, note.text.clone()));
    of_topics.chain(of_groups).chain(others).filter(|(gap, _)| *gap).map(|(_, text)| text).collect()
}
