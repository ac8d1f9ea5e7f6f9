//! `klerk export` on real servers: what Kafka makes of odd values is written down, and nothing is left to do with it.

use crate::documents::Plan;
use crate::scene::Scene;
use anyhow::{Result, ensure};
use klerk_testbed::{shared, unique_name};
use serde_json::{Value, json};
use std::fs;

const SCHEMA: &str =
    r#"{"type": "record", "name": "Paid", "namespace": "n", "fields": [{"name": "id", "type": "string"}]}"#;

#[test]
fn what_is_there_is_written_down_and_nothing_is_left_to_do_with_it() -> Result<()> {
    let servers = shared()?;
    let (cluster, registry) = (&servers.cluster, &servers.registry);
    let prefix = unique_name("exported");
    let scene = Scene::new(&cluster.bootstrap())?.with_registry(&registry.url());
    let client = cluster.client();
    let topic = |name: &str| format!("{prefix}.{name}");

    client.create_topic(&topic("plain"), 2, 3, &[])?;
    let odd = [
        ("cleanup.policy", "delete, compact"),
        ("min.cleanable.dirty.ratio", "5e-1"),
        ("max.compaction.lag.ms", " 9223372036854775807 "),
        ("retention.ms", "-1"),
        ("retention.bytes", "0005"),
        ("segment.bytes", "1073741824"),
        ("preallocate", "TRUE"),
        ("compression.type", "zstd"),
    ];
    client.create_topic(&topic("odd"), 1, 2, &odd)?;
    client.create_topic(&topic("paid"), 3, 3, &[("min.insync.replicas", "2")])?;
    scene.write("schemas/Paid.avsc", SCHEMA)?;
    let file = "{ schema: schemas/Paid.avsc, compatibility: FULL }";
    let topology = format!(
        "klerk: 1\ntopics: {{ {prefix}.paid: {{ value: {file} }} }}\nschemas: {{ subjects: {{ {prefix}.Paid: schemas/Paid.avsc }} }}\n"
    );
    scene.write("topology.yaml", &topology)?;
    scene.klerk("apply --yes").run()?.expect_status(0)?;
    let proto =
        json!({"schemaType": "PROTOBUF", "schema": "syntax = \"proto3\"; message Paid { string id = 1; }"});
    // This registry does not believe what it is told of the type where the text does not say it.
    let text = r#"{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"}"#;
    let json = json!({"schemaType": "JSON", "schema": text});
    let list = r#"{"type": "record", "name": "All", "fields": [{"name": "paid", "type": "n.Paid"}]}"#;
    let paid = json!({"name": "n.Paid", "subject": format!("{prefix}.Paid"), "version": 1});
    let list = json!({"schema": list, "references": [paid]});
    for (subject, schema) in [("proto-value", proto), ("json-value", json), ("all-value", list)] {
        let path = format!("/subjects/{prefix}.{subject}/versions");
        registry.request("POST", &path, Some(&schema.to_string()))?.checked()?;
    }
    client
        .commit_offsets(&format!("{prefix}-readers"), &[(&topic("paid"), 0, 0), (&topic("plain"), 1, 0)])?;

    scene.klerk(&format!("export --match {prefix}* --out taken")).run()?.expect_status(0)?;
    let taken = fs::read_to_string(scene.path("taken/topology.yaml"))?;
    let has = |line: &str| taken.lines().any(|found| found.trim() == line.replace("PREFIX", &prefix));
    for line in [
        "PREFIX.plain: { partitions: 2 }",
        "cleanup.policy: [compact, delete]",
        "retention.ms: forever",
        "retention.bytes: 5",
        "segment.bytes: 1GiB",
        "preallocate: true",
        "min.cleanable.dirty.ratio: 0.5",
        "PREFIX-readers: { topics: [PREFIX.paid, PREFIX.plain] }",
    ] {
        ensure!(has(line), "'{line}' is not in the export:\n{taken}");
    }
    let refers = format!("it refers to 'n.Paid' of subject '{prefix}.Paid', version 1");
    for (subject, kind, ending, why) in [
        ("proto-value", "PROTOBUF", "proto", "this version plans no PROTOBUF schemas"),
        ("json-value", "JSON", "json", "this version plans no JSON schemas"),
        ("all-value", "AVRO", "avsc", refers.as_str()),
    ] {
        let note = format!("# subject '{prefix}.{subject}' ({kind}, version 1");
        let line = taken.lines().find(|line| line.starts_with(&note));
        ensure!(line.is_some_and(|line| line.ends_with(why)), "{subject} is lost:\n{taken}");
        ensure!(
            scene.path(&format!("taken/schemas/{prefix}.{subject}.{ending}")).exists(),
            "its text is lost"
        );
    }

    let line = format!("plan -f taken/topology.yaml --match {prefix}* --detailed-exitcode");
    let plan: Plan = scene.json(&line, 0)?;
    ensure!(plan.steps.is_empty() && plan.conflicts.is_empty(), "{plan:?}\n{taken}");

    let again: Value = scene.json(&format!("export --match {prefix}*"), 0)?;
    ensure!(again["files"][0]["text"] == taken.as_str(), "two exports differ:\n{again}");
    Ok(())
}
