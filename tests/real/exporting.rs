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
    let path = format!("/subjects/{prefix}.proto-value/versions");
    registry.request("POST", &path, Some(&proto.to_string()))?.checked()?;
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
    ensure!(
        taken.contains(&format!("# subject '{prefix}.proto-value' (PROTOBUF")),
        "the other schema is lost:\n{taken}"
    );
    ensure!(scene.path(&format!("taken/schemas/{prefix}.proto-value.proto")).exists(), "its text is lost");

    let line = format!("plan -f taken/topology.yaml --match {prefix}* --detailed-exitcode");
    let plan: Plan = scene.json(&line, 0)?;
    ensure!(plan.steps.is_empty() && plan.conflicts.is_empty(), "{plan:?}\n{taken}");

    let again: Value = scene.json(&format!("export --match {prefix}*"), 0)?;
    ensure!(again["files"][0]["text"] == taken.as_str(), "two exports differ:\n{again}");
    Ok(())
}
