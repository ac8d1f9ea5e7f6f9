//! The main job on the Kafka that many still run, and what an older one does not tell.

use crate::scene::Scene;
use anyhow::{Result, ensure};
use klerk_testbed::{Cluster, ClusterOptions, OLDER, Record};

const TOPOLOGY: &str = "klerk: 1
topics:
  orders: { partitions: 3, replication: 1, retention.ms: 7d }
groups:
  billing: { topics: [orders] }
access:
  shop: { produce: [orders] }
quotas:
  - { user: shop, produce: 1MiB/s }
users:
  shop: { scram: SCRAM-SHA-256, password_file: password }
";
const CHANGED: &str = "klerk: 1
topics:
  orders: { partitions: 4, replication: 1, retention.ms: 8d }
groups:
  billing: { topics: [orders] }
";

/// Each command with the status that it ends with, and words of its answer. They run one after the other.
const JOB: &[(&str, i32, &str)] = &[
    ("plan --detailed-exitcode", 2, "4 to create"),
    ("apply --yes --allow opens-access", 0, "5 done"),
    ("plan --detailed-exitcode", 0, "0 to create, 0 to change"),
    ("acl list", 0, "write, describe  topic orders"),
    ("quota list", 0, "produce 1 MiB/s"),
    ("user list", 0, "SCRAM-SHA-256 (4096 iterations)"),
    ("group reset billing --topic orders --to-earliest --new-group --yes", 0, "1 done"),
    ("group list", 0, "billing"),
    ("group lag billing", 0, "2 records behind"),
    ("group describe billing", 0, "coordinator broker 1"),
    ("group reset billing --topic orders --to-latest --yes", 0, "1 done"),
    ("group lag billing", 0, "0 records behind"),
    ("undo last --yes", 0, "1 done"),
    ("group lag billing", 0, "2 records behind"),
    ("apply -f changed.yaml --yes --allow moves-keys", 0, "done"),
    ("plan -f changed.yaml --detailed-exitcode", 0, "0 to create, 0 to change"),
    ("export", 0, "orders: { partitions: 4"),
    ("cluster status", 0, "healthy; "),
    ("cluster moves", 0, "No replica is on its way"),
    ("cluster elect --dry-run", 0, "0 to change"),
    ("cluster configs --all", 0, "log.retention.hours"),
    ("cluster configs --default --set log.segment.delete.delay.ms=30000 --yes", 0, "1 done"),
    ("topic truncate orders --to-latest --yes --allow loses-data", 0, "done"),
    ("topic delete orders --yes --allow loses-data", 0, "done"),
];

/// Does the whole job, and gives back each command that something was not available to, with what.
fn not_available_on(version: &str) -> Result<Vec<String>> {
    let options = ClusterOptions::one_broker()
        .property("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
        .property("super.users", "User:ANONYMOUS");
    let cluster = Cluster::start_older(version, &options)?;
    let scene = Scene::new(&cluster.bootstrap())?;
    scene.write("topology.yaml", TOPOLOGY)?;
    scene.write("changed.yaml", CHANGED)?;
    scene.write("password", "what shop logs in with")?;
    let mut missing = Vec::new();
    for (line, status, words) in JOB {
        let outcome = scene.klerk(line).run()?;
        let said = format!("{}{}", outcome.stdout, outcome.stderr);
        ensure!(
            outcome.status == Some(*status) && said.contains(words),
            "{version}: klerk {line}: {outcome:#?}"
        );
        let untold = said.lines().filter(|line| line.contains("not available"));
        missing.extend(untold.map(|told| format!("{line}: {told}")));
        if line.starts_with("user list") {
            let records = [1, 2].map(|at| Record::new(1_700_000_000_000 + at, Some("a"), "one"));
            cluster.client().produce("orders", 0, &records)?;
        }
    }
    Ok(missing)
}

#[test]
fn the_main_job_on_kafka_3_9_which_does_not_tell_of_brokers_that_are_down() -> Result<()> {
    let missing = not_available_on(OLDER[0])?;
    let told = "cluster status: not available: brokers that are not live: brokers of this version tell of live ones only; \
                Kafka 4.0 and newer tell of all";
    ensure!(missing == [told], "{missing:#?}");
    Ok(())
}

#[test]
fn the_main_job_on_kafka_4_0_which_tells_everything() -> Result<()> {
    let missing = not_available_on(OLDER[1])?;
    ensure!(missing.is_empty(), "{missing:#?}");
    Ok(())
}
