//! The main job on the Kafka that many still run.

use crate::scene::Scene;
use anyhow::{Result, ensure};
use klerk_testbed::{Cluster, ClusterOptions, Record};

const TOPOLOGY: &str = "klerk: 1
topics:
  orders: { partitions: 3, replication: 1, retention.ms: 7d }
groups:
  billing: { topics: [orders] }
";
const CHANGED: &str = "klerk: 1
topics:
  orders: { partitions: 4, replication: 1, retention.ms: 8d }
groups:
  billing: { topics: [orders] }
";

/// Runs the lines in their order, each with the status that it ends with and words of its answer.
fn works_on(version: &str) -> Result<()> {
    let cluster = Cluster::start_older(version, &ClusterOptions::one_broker())?;
    let scene = Scene::new(&cluster.bootstrap())?;
    scene.write("topology.yaml", TOPOLOGY)?;
    scene.write("changed.yaml", CHANGED)?;
    let tell = |line: &str, status: i32, words: &str| -> Result<()> {
        let outcome = scene.klerk(line).run()?;
        let said = format!("{outcome:#?}");
        ensure!(outcome.status == Some(status) && said.contains(words), "{version}: klerk {line}: {said}");
        ensure!(!said.contains("not available"), "{version}: klerk {line}: {said}");
        Ok(())
    };
    tell("plan", 0, "1 to create")?;
    tell("apply --yes", 0, "1 done")?;
    tell("plan --detailed-exitcode", 0, "0 to create, 0 to change")?;
    let records =
        [Record::new(1_700_000_000_000, Some("a"), "one"), Record::new(1_700_000_001_000, None, "two")];
    cluster.client().produce("orders", 0, &records)?;
    tell("group reset billing --topic orders --to-earliest --new-group --yes", 0, "1 done")?;
    tell("group list", 0, "billing")?;
    tell("group lag billing", 0, "2 records behind")?;
    tell("group describe billing", 0, "coordinator broker 1")?;
    tell("group reset billing --topic orders --to-latest --yes", 0, "1 done")?;
    tell("group lag billing", 0, "0 records behind")?;
    tell("undo last --yes", 0, "1 done")?;
    tell("group lag billing", 0, "2 records behind")?;
    tell("apply -f changed.yaml --yes --allow moves-keys", 0, "done")?;
    tell("plan -f changed.yaml --detailed-exitcode", 0, "0 to create, 0 to change")?;
    tell("export", 0, "orders: { partitions: 4")?;
    tell("cluster status", 0, "healthy; 1 of 1 broker live")?;
    tell("cluster moves", 0, "No replica is on its way")?;
    tell("topic truncate orders --to-latest --yes --allow loses-data", 0, "done")?;
    tell("topic delete orders --yes --allow loses-data", 0, "done")
}

#[test]
fn the_main_job_on_kafka_3_9() -> Result<()> {
    works_on("3.9.1")
}

#[test]
fn the_main_job_on_kafka_4_0() -> Result<()> {
    works_on("4.0.1")
}
