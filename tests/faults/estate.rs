//! What there is before a row, what its topology asks for, and what is there afterwards.

use crate::scene::Scene;
use anyhow::{Result, anyhow};
use klerk_sandbox::Sandbox;
use klerk_sandbox::registry::{Subject, Version};
use klerk_sandbox::state::log::Record;
use klerk_sandbox::state::{Partition, Topic};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Every kind of step that the file can ask for, and more than one of most, so that one can go wrong beside another.
const TOPOLOGY: &str = "\
klerk: 1
defaults: { replication: 3 }
topics:
  made.a: { partitions: 2, retention.ms: 7d, value: schemas/Made.avsc }
  made.b: { partitions: 3 }
  made.c: { partitions: 1, max.message.bytes: 2MiB, min.insync.replicas: 2 }
  grown.a: { partitions: 6, value: { schema: schemas/Grown.avsc, compatibility: FULL } }
  grown.b: { partitions: 4 }
  tuned.a: { partitions: 1, retention.ms: 7d, max.message.bytes: 2MiB }
  tuned.b: { partitions: 1, retention.ms: 14d }
  kept: { partitions: 2, retention.ms: 1d }
  old.a: { state: absent }
  old.b: { state: absent }
";

/// The schemas of the file: new for made.a, a second version for grown.a.
const MADE: &str = r#"{"type":"record","name":"Made","fields":[{"name":"a","type":"string"}]}"#;
const GROWN: &str = r#"{"type":"record","name":"Grown","fields":[{"name":"a","type":"string"},{"name":"b","type":"int","default":0}]}"#;
/// The schema that grown.a has.
const GROWN_BEFORE: &str = r#"{"type":"record","name":"Grown","fields":[{"name":"a","type":"string"}]}"#;

/// How many steps it takes.
pub const STEPS: usize = 12;

/// A topic as far as a file can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenTopic {
    pub id: Uuid,
    pub partitions: usize,
    /// Of every partition.
    pub replication: Vec<usize>,
    pub configs: BTreeMap<String, String>,
}

/// The whole state, as far as klerk may have changed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub topics: BTreeMap<String, SeenTopic>,
    /// The versions of each subject: number, id, and the names of the schema's fields.
    pub subjects: BTreeMap<String, Vec<(i32, i32, Vec<String>)>>,
    /// The levels of subjects.
    pub levels: BTreeMap<String, String>,
    /// Committed offsets by group and partition.
    pub commits: BTreeMap<(String, String, i32), i64>,
}

impl Seen {
    pub fn of(sandbox: &Sandbox) -> Seen {
        let (subjects, levels) = sandbox.with_registry(|registry| {
            let version = |version: &Version| {
                let text = registry.contents.get(&version.id).map_or("", |content| &content.text);
                (version.number, version.id, fields(text))
            };
            let subject = |subject: &Subject| subject.live().map(version).collect();
            let subjects = registry.subjects.iter().map(|(name, one)| (name.clone(), subject(one)));
            let levels = registry.levels.iter().map(|(name, level)| (name.clone(), level.to_string()));
            (subjects.collect(), levels.collect())
        });
        sandbox.with(|state| {
            let topic = |topic: &Topic| SeenTopic {
                id: topic.id,
                partitions: topic.partitions.len(),
                replication: topic.partitions.iter().map(|one| one.replicas.len()).collect(),
                configs: topic.configs.clone(),
            };
            let own = state.topics.iter().filter(|(name, _)| !name.starts_with("__"));
            let mut commits = BTreeMap::new();
            for (group, held) in state.groups.iter() {
                for (topic, partitions) in held.commits.by_topic() {
                    for (partition, commit) in partitions {
                        commits.insert((group.to_owned(), topic.to_owned(), *partition), commit.offset);
                    }
                }
            }
            let topics = own.map(|(name, one)| (name.clone(), topic(one))).collect();
            Seen { topics, subjects, levels, commits }
        })
    }
}

/// The names of a record's fields: enough to tell the schemas of these tables from each other, however they are spelt.
pub fn fields(schema: &str) -> Vec<String> {
    let schema: Value = serde_json::from_str(schema).unwrap_or_default();
    let fields = schema["fields"].as_array().into_iter().flatten();
    fields.filter_map(|field| field["name"].as_str().map(str::to_owned)).collect()
}

/// Puts a topic there.
pub fn add_topic(sandbox: &Sandbox, name: &str, partitions: usize, configs: &[(&str, &str)]) {
    let replicas = || vec![1, 2, 3];
    sandbox.with(|state| {
        let topic = Topic {
            id: Uuid::from_u128(0x7000 + state.topics.len() as u128),
            partitions: (0..partitions).map(|_| Partition::new(replicas(), replicas())).collect(),
            configs: configs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        };
        state.add_topic(name, topic);
    });
}

/// The topics that are there, and the file that asks for more.
pub fn found(scene: &Scene) -> Result<()> {
    for (name, partitions, configs) in [
        ("grown.a", 3, vec![]),
        ("grown.b", 2, vec![]),
        ("tuned.a", 1, vec![("retention.ms", "3600000")]),
        ("tuned.b", 1, vec![("retention.ms", "86400000"), ("segment.ms", "60000")]),
        ("kept", 2, vec![("retention.ms", "86400000")]),
        ("old.a", 2, vec![]),
        ("old.b", 1, vec![]),
        ("foreign", 1, vec![]),
    ] {
        add_topic(&scene.sandbox, name, partitions, &configs);
    }
    scene.register("grown.a-value", GROWN_BEFORE)?;
    scene.write("schemas/Made.avsc", MADE)?;
    scene.write("schemas/Grown.avsc", GROWN)?;
    scene.write("topology.yaml", TOPOLOGY)
}

/// The groups whose offsets are reset.
pub const GROUPS: [&str; 2] = ["readers.a", "readers.b"];

/// Two topics with records, and two groups that have read some of them; `bills-1` not at all.
pub fn read_by_groups(scene: &Scene) -> Result<()> {
    for (topic, partitions) in [("orders", 3), ("bills", 2)] {
        add_topic(&scene.sandbox, topic, partitions, &[]);
    }
    scene.sandbox.with(|state| {
        for (topic, partition, records) in
            [("orders", 0, 12), ("orders", 1, 20), ("orders", 2, 30), ("bills", 0, 9), ("bills", 1, 5)]
        {
            let all: Vec<Record> = (0..records).map(|at| Record::new(at, None, None)).collect();
            state.append(topic, partition, &all).map_err(|refused| anyhow!("{refused:?}"))?;
            for group in GROUPS.iter().filter(|_| (topic, partition) != ("bills", 1)) {
                state.seed_commit(group, topic, partition, i64::from(partition) + 7);
            }
        }
        Ok(())
    })
}
