//! What holds for every world.

use super::tests::{RECORD, exported, options, read, schema};
use super::{Export, export};
use crate::schema::CompatibilityLevel;
use crate::testing::{TopicBuilder, topic, world};
use crate::topology::{ConfigWish, Topology};
use crate::values::Known;
use crate::world::{SchemaType, World};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Names that YAML, the format or Kafka could take for something else.
const NAMES: &[&str] = &[
    "a",
    "b.c",
    "b_c",
    "on",
    "No",
    "null",
    "1e3",
    "0777",
    "1_000",
    "~",
    "-",
    "...",
    "all",
    "unset",
    "class",
    "topics",
    ".inf",
    "2026-01-01",
    "0x1F",
    "a-value",
    "true",
];

/// Names of groups and subjects take more than those of topics.
const FREE_NAMES: &[&str] = &[
    "on",
    "all",
    "<<",
    "*",
    "*a",
    "&a",
    "!t",
    "a: b",
    "a #b",
    "#",
    "it's",
    "\"q\"",
    "a,b",
    "{topic}.dlq",
    "[a]",
    "@team",
    "%",
    "`",
    " a",
    "a ",
    "a\tb",
    "a\nb",
    "é",
    "\u{2028}",
    "\u{feff}",
    "\u{85}",
    "?",
    "-",
    "---",
    "",
    " ",
    "CN=a,OU=b",
    "b.c-value",
    "all-key",
    ":.ctx:s",
    "../x",
    "a-value",
    "A-value",
];

const VALUES: &[(&str, &str)] = &[
    ("retention.ms", "604800000"),
    ("retention.ms", "0005"),
    ("retention.ms", "-1"),
    ("retention.ms", "9223372036854775807"),
    ("retention.bytes", "-1"),
    ("segment.bytes", "1073741824"),
    ("segment.ms", "3600001"),
    ("cleanup.policy", "delete, compact"),
    ("cleanup.policy", "compact"),
    ("cleanup.policy", ""),
    ("min.cleanable.dirty.ratio", "5e-1"),
    ("min.cleanable.dirty.ratio", "1.024E-8"),
    ("preallocate", "TRUE"),
    ("min.insync.replicas", "2"),
    ("compression.type", "zstd"),
    ("compression.type", "none"),
    ("leader.replication.throttled.replicas", "0:1,1:2"),
    ("x.y", "~"),
    ("x.y", "null"),
    ("x.y", "off"),
    ("x.y", "0777"),
    ("x.y", "1_000"),
    ("x.y", "3e+9"),
    ("x.y", "1.024E8"),
    ("x.y", " leading"),
    ("x.y", "trailing "),
    ("x.y", "a, 'b' \"c\" # d: {e} [f] \\ &g *h !i"),
    ("x.y", "a\tb\nc\r\u{2028}\u{0}"),
    ("x.y", "unset"),
    ("x.y", "\u{feff}"),
    ("x.y", "%a"),
    ("confluent.x", "é"),
    ("undotted", "a"),
    ("replication.factor", "3"),
];

fn value() -> impl Strategy<Value = (String, String)> {
    prop_oneof![
        4 => select(VALUES).prop_map(|(key, value)| (key.to_owned(), value.to_owned())),
        1 => "\\PC*".prop_map(|value| ("x.any".to_owned(), value)),
    ]
}

fn a_topic() -> impl Strategy<Value = TopicBuilder> {
    (1..4_i32, 1..4_i32, any::<bool>(), vec(value(), 0..4)).prop_map(
        |(partitions, replication, uneven, configs)| {
            let mut built = topic(partitions, replication);
            if uneven {
                built = built.replicas(0, &[1, 2, 3, 4], &[1]);
            }
            configs.into_iter().fold(built, |built, (key, value)| built.set(&key, &value))
        },
    )
}

fn a_group() -> impl Strategy<Value = (String, Vec<&'static str>)> {
    let name = prop_oneof![select(FREE_NAMES).prop_map(str::to_owned), "\\PC{0,12}"];
    (name, subsequence(NAMES, 0..5))
}

fn a_subject() -> impl Strategy<Value = (String, u8, Option<CompatibilityLevel>)> {
    let name = prop_oneof![
        2 => select(NAMES).prop_map(|name| format!("{name}-value")),
        2 => select(FREE_NAMES).prop_map(str::to_owned),
        1 => "\\PC{1,12}",
    ];
    (name, 0..4_u8, option::of(select(&CompatibilityLevel::ALL[..])))
}

fn worlds() -> impl Strategy<Value = World> {
    let topics = btree_map(select(NAMES), a_topic(), 0..10);
    (topics, vec(a_group(), 0..4), vec(a_subject(), 0..5)).prop_map(|(topics, groups, subjects)| {
        let world = topics.into_iter().fold(world(3), |world, (name, topic)| world.with(name, topic));
        let world = groups.into_iter().fold(world, |world, (name, topics)| world.with_reader(&name, &topics));
        subjects.into_iter().fold(world, |world, (name, what, level)| {
            let seen = match what {
                0 => schema(RECORD, SchemaType::Avro, level),
                1 => schema(" { \"type\" : \"string\", \"x\": 1.0 }\n", SchemaType::Avro, level),
                2 => schema("syntax = \"proto3\";", SchemaType::Protobuf, level),
                _ => schema("{", SchemaType::Avro, level),
            };
            world.with_subject(&name, Known::Known(seen))
        })
    })
}

/// What a topology says of its topics, without the lines that say so.
fn meaning(topology: &Topology) -> Vec<String> {
    let topics = topology.topics.values().map(|topic| {
        let configs: Vec<(&String, &ConfigWish)> =
            topic.configs.iter().map(|(key, wish)| (key, &wish.value)).collect();
        let counts =
            (topic.partitions.as_ref().map(|at| at.value), topic.replication.as_ref().map(|at| at.value));
        format!("{} {counts:?} {configs:?}", topic.name)
    });
    topics.collect()
}

/// Every resource of the world stands in the topology or in a comment.
fn nothing_is_lost(world: &World, export: &Export) -> Result<(), TestCaseError> {
    let topology = read(export);
    let comments: String =
        export.topology.lines().filter(|line| line.trim_start().starts_with('#')).collect();
    let is_told = |name: &str| comments.contains(&super::yaml::on_one_line(name));
    for name in world.cluster.topics.keys() {
        prop_assert!(topology.topics.contains_key(name) || is_told(name), "topic {}", name);
    }
    for name in world.groups.groups.keys() {
        prop_assert!(topology.groups.contains_key(name) || is_told(name), "group {}", name);
    }
    for name in world.registry.known().iter().flat_map(|registry| registry.subjects.keys()) {
        prop_assert!(topology.subjects.contains_key(name) || is_told(name), "subject {}", name);
    }
    for (name, seen) in &world.cluster.topics {
        let (Some(view), Some(topic)) = (seen.known(), topology.topics.get(name)) else { continue };
        for (key, config) in view.configs.known().into_iter().flatten() {
            let is_said = topic.configs.contains_key(key) || is_told(key);
            prop_assert!(!config.is_override() || is_said, "{} of {}", key, name);
            prop_assert!(config.is_override() || !topic.configs.contains_key(key), "{} of {}", key, name);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_is_left_to_do_with_an_export_and_nothing_is_lost(world in worlds()) {
        let export = exported(&world);
        nothing_is_lost(&world, &export)?;
        prop_assert_eq!(export.gaps, Vec::<String>::new());
    }

    #[test]
    fn the_same_world_gives_the_same_text(world in worlds()) {
        prop_assert_eq!(export(&world, &options()), export(&world.clone(), &options()));
    }

    #[test]
    fn what_one_topic_comes_to_does_not_depend_on_the_others(world in worlds()) {
        let together = read(&exported(&world));
        let whole = meaning(&together);
        let mut alone = Vec::new();
        for (name, seen) in &world.cluster.topics {
            // A topic that stands beside one of nearly its name is left out; alone it would not be.
            if together.topics.contains_key(name) {
                let single = crate::testing::world(3).with_seen(name, seen.clone());
                alone.extend(meaning(&read(&exported(&single))));
            }
        }
        prop_assert_eq!(whole, alone);
    }

    #[test]
    fn any_text_as_a_name_or_a_value_is_a_topology(name in "\\PC*", value in any::<String>()) {
        let world = world(3)
            .with("t", topic(1, 1).set("x.y", &value))
            .with_reader(&name, &["t"])
            .with_reader(&value, &["t"])
            .with_subject(&value, Known::Known(schema(RECORD, SchemaType::Avro, None)));
        nothing_is_lost(&world, &exported(&world))?;
    }
}
