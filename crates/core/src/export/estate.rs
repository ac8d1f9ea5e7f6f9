use super::setting::{Key, Settings, UNSET, Values};
use super::subjects::{Attached, Subjects};
use super::yaml::quoted;
use super::{access, clients};
use crate::plan::DiffOptions;
use crate::topology::{Files, parse, resolve};
use crate::values::{
    Known, THROTTLED_REPLICAS, TopicPartition, check_topic_name, is_kafkas_topic, metric_name,
};
use crate::world::{Committed, ConfigView, GroupView, TopicView, World};
use std::collections::{BTreeMap, BTreeSet};

/// What a topology is written of.
#[derive(Debug, Default)]
pub(super) struct Estate {
    /// Topics by name.
    pub topics: BTreeMap<String, TopicEntry>,
    /// What is to be said where topics stand, of none of those that stand there.
    pub topic_notes: Vec<Note>,
    /// Subjects, as far as a registry was looked at.
    pub subjects: Subjects,
    /// Groups by name.
    pub groups: BTreeMap<String, GroupEntry>,
    /// The same for groups.
    pub group_notes: Vec<Note>,
    /// Topics that groups read and that the topology does not have.
    pub external: BTreeSet<String>,
    /// Who may do what, by principal.
    pub access: Section,
    /// Quotas of clients.
    pub quotas: Section,
    /// Users of SCRAM.
    pub users: Section,
}

/// A section whose entries stand as they were seen, each by itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Section {
    /// The lines of each entry.
    pub entries: Vec<String>,
    /// What is to be said of the section.
    pub notes: Vec<Note>,
}

impl Section {
    /// What was seen of it, or why nothing was, as a note with the right that it takes.
    pub fn seen<'a, T>(&mut self, known: &'a Known<T>, what: &str, right: &str) -> Option<&'a T> {
        match known {
            Known::Known(seen) => return Some(seen),
            Known::NotAsked | Known::Absent => {}
            Known::Unavailable(why) => {
                self.notes.push(Note::said(format!("{what} are not available: {why}")));
            }
            missing => {
                let why = missing.missing_reason().unwrap_or_default();
                let text = format!("{what} could not be read: {why}; it takes the right to {right}");
                self.notes.push(Note::gap(text));
            }
        }
        None
    }

    /// An entry, or that there is no way to say it.
    pub fn add(&mut self, what: &str, entry: Option<String>) {
        match entry {
            Some(entry) => self.entries.push(entry),
            None => self.leave_out(what, "a topology has no way to say it"),
        }
    }

    /// Something that is not among the entries, so that the export is not whole.
    pub fn leave_out(&mut self, what: &str, why: &str) {
        self.notes.push(Note::gap(format!("{what} is left out, for {why}")));
    }
}

/// Something that a topology cannot say, for a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    /// In words.
    pub text: String,
    /// Whether an answer was missing, or something is left out: the export is not whole then.
    pub gap: bool,
}

impl Note {
    pub fn said(text: String) -> Self {
        Note { text, gap: false }
    }

    pub fn gap(text: String) -> Self {
        Note { text, gap: true }
    }
}

/// A topic.
#[derive(Debug, Default)]
pub(super) struct TopicEntry {
    /// All of its settings, partitions and replication included, `unset` where they are not to be said.
    pub settings: Settings,
    /// The schema of its keys.
    pub key: Option<Attached>,
    /// The schema of its values.
    pub value: Option<Attached>,
    /// What is to be said of it.
    pub notes: Vec<Note>,
}

/// A group.
#[derive(Debug, Default)]
pub(super) struct GroupEntry {
    /// The topics that it has commits on.
    pub topics: BTreeSet<String>,
    /// What is to be said of it.
    pub notes: Vec<Note>,
}

/// Gathers what was seen and is covered.
pub(super) fn gather(world: &World, options: &DiffOptions, schema_files: bool) -> Estate {
    let mut estate = Estate::default();
    if options.families.topics {
        topics(world, options, &mut estate);
    }
    if options.covers_subjects() {
        estate.subjects = Subjects::gather(&world.registry, options, schema_files, &mut estate.topics);
    }
    if options.families.groups {
        groups(world, options, &mut estate);
    }
    if options.families.access {
        estate.access = access::gather(&world.access.acls, &estate, options);
        estate.quotas = clients::quotas(&world.access.quotas, options);
        estate.users = clients::users(&world.access.users, options);
    }
    estate
}

fn topics(world: &World, options: &DiffOptions, estate: &mut Estate) {
    let mut values = Values::default();
    let mut metrics: BTreeMap<String, &String> = BTreeMap::new();
    for (name, seen) in &world.cluster.topics {
        if !options.covers_topic(name) || is_kafkas_topic(name) {
            continue;
        }
        let view = match seen {
            Known::Known(view) if view.internal => continue,
            Known::Known(view) => view,
            Known::Absent => continue,
            missing => {
                let why = missing.missing_reason().unwrap_or_default();
                estate.topic_notes.push(Note::gap(format!("topic {name} could not be read: {why}")));
                continue;
            }
        };
        if let Err(reason) = check_topic_name(name) {
            estate.topic_notes.push(Note::said(format!(
                "topic {name} is left out, for a topology takes no such name: {reason}"
            )));
            continue;
        }
        if let Some(other) = metrics.insert(metric_name(name), name) {
            let why = "they differ only in '.' and '_', which no topology takes";
            estate.topic_notes.push(Note::said(format!("topic {name} is left out beside {other}: {why}")));
            metrics.insert(metric_name(name), other);
            continue;
        }
        estate.topics.insert(name.clone(), topic(view, &mut values));
    }
}

fn topic(view: &TopicView, values: &mut Values) -> TopicEntry {
    let mut entry = TopicEntry::default();
    let partitions = match view.partitions.len() {
        0 => UNSET.to_owned(),
        count => count.to_string(),
    };
    entry.settings.insert(Key::Partitions, partitions);
    let replication = match view.replication() {
        Some(factor) if factor > 0 => factor.to_string(),
        _ => UNSET.to_owned(),
    };
    if view.replication().is_none() && !view.partitions.is_empty() {
        let text =
            format!("replication differs from partition to partition and is left out: {}", uneven(view));
        entry.notes.push(Note::said(text));
    }
    entry.settings.insert(Key::Replication, replication);
    match &view.configs {
        Known::Known(configs) => {
            for (key, config) in configs.iter().filter(|(_, config)| config.is_override()) {
                setting(key, config, values, &mut entry);
            }
        }
        missing => {
            let why = missing.missing_reason().unwrap_or_else(|| {
                "a broker shows the topic and none of them, as when it is just created or deleted".to_owned()
            });
            entry.notes.push(Note::gap(format!("its configs could not be read: {why}")));
        }
    }
    entry
}

fn setting(key: &str, config: &ConfigView, values: &mut Values, entry: &mut TopicEntry) {
    let value = match &config.value {
        _ if config.sensitive => {
            return entry.notes.push(Note::said(format!("{key} is set, and the broker hides its value")));
        }
        None => {
            return entry
                .notes
                .push(Note::said(format!("{key} is set to nothing, which a topology cannot say")));
        }
        Some(value) => value,
    };
    if THROTTLED_REPLICAS.contains(&key) {
        let text = format!("{key} is left out, for it belongs to a move of replicas: {value}");
        return entry.notes.push(Note::said(text));
    }
    match values.written(key, value, config) {
        Some(written) => {
            entry.settings.insert(Key::Config(key.to_owned()), written);
        }
        None => {
            let text = format!("{key} = '{value}' is left out, for a topology has no way to say it");
            entry.notes.push(Note::said(text));
        }
    }
}

/// Which partitions have how many replicas.
fn uneven(view: &TopicView) -> String {
    let mut by_count: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for partition in &view.partitions {
        by_count.entry(partition.replicas.len()).or_default().push(partition.partition.to_string());
    }
    let parts: Vec<String> = by_count
        .into_iter()
        .map(|(count, partitions)| match partitions.len() {
            many if many > 8 => format!("{count} on {many} partitions"),
            _ => format!("{count} on {}", partitions.join(" ")),
        })
        .collect();
    parts.join(", ")
}

fn groups(world: &World, options: &DiffOptions, estate: &mut Estate) {
    for (broker, failure) in &world.groups.unlisted {
        let text = format!("the groups that broker {broker} coordinates could not be listed: {failure}");
        estate.group_notes.push(Note::gap(text));
    }
    for (name, seen) in &world.groups.groups {
        if !options.covers_group(name) {
            continue;
        }
        match seen {
            Known::Known(view) if is_sayable(name) => {
                let entry = group(view, world, &estate.topics, &mut estate.external);
                estate.groups.insert(name.clone(), entry);
            }
            Known::Known(_) => estate
                .group_notes
                .push(Note::said(format!("group '{name}' is left out, for a topology takes no such name"))),
            Known::Absent => {}
            missing => {
                let why = missing.missing_reason().unwrap_or_default();
                estate.group_notes.push(Note::gap(format!("group '{name}' could not be read: {why}")));
            }
        }
    }
}

fn group(
    view: &GroupView,
    world: &World,
    topics: &BTreeMap<String, TopicEntry>,
    external: &mut BTreeSet<String>,
) -> GroupEntry {
    let mut entry = GroupEntry::default();
    let committed = match &view.committed {
        Known::Known(committed) => committed,
        missing => {
            if let Some(why) = missing.missing_reason() {
                entry.notes.push(Note::gap(format!("its commits could not be read: {why}")));
            }
            return entry;
        }
    };
    for (topic, unread) in by_topic(committed) {
        if let Some(why) = unread {
            entry.notes.push(Note::gap(format!("its commits on {topic} could not be read: {why}")));
        }
        let is_there = world.cluster.topics.get(topic).is_some_and(|seen| !seen.is_absent());
        if topic == "all" {
            entry.notes.push(Note::said(
                "it reads the topic 'all' too, a name that means every topic here".to_owned(),
            ));
        } else if is_kafkas_topic(topic) {
            entry.notes.push(Note::said(format!("it has commits on Kafka's own topic {topic} too")));
        } else if topics.contains_key(topic) {
            entry.topics.insert(topic.to_owned());
        } else if is_there {
            external.insert(topic.to_owned());
            entry.topics.insert(topic.to_owned());
        } else {
            entry.notes.push(Note::said(format!(
                "it has commits on {topic} too, which is not there or not visible"
            )));
        }
    }
    entry
}

/// The topics that a group has commits on, each with why some of them could not be read.
fn by_topic(committed: &BTreeMap<TopicPartition, Known<Committed>>) -> BTreeMap<&str, Option<String>> {
    let mut topics: BTreeMap<&str, Option<String>> = BTreeMap::new();
    for (at, commit) in committed.iter().filter(|(_, commit)| !commit.is_absent()) {
        let why = topics.entry(&at.topic).or_default();
        *why = why.take().or_else(|| commit.missing_reason());
    }
    topics
}

/// Whether a topology has a way to name this group.
fn is_sayable(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if name.bytes().all(plain) && (1..=249).contains(&name.len()) && name != "all" {
        return true;
    }
    let text = format!("klerk: 1\ngroups:\n  {}: {{}}\n", quoted(name));
    let read = resolve(parse([("t.yaml".to_owned(), text)]), &Files::new());
    read.is_ok_and(|topology| topology.groups.contains_key(name))
}
