//! States of a cluster that such tools loop on: replication that differs from partition to partition, a topic that comes and goes while it
//! is looked at, and one that two files want.

use super::judge::{Bed, nothing_to_do, plan};
use crate::documents::{Plan, Report};
use anyhow::{Context, Result, ensure};
use kafka_protocol::messages::alter_partition_reassignments_request::{
    ReassignablePartition, ReassignableTopic,
};
use kafka_protocol::messages::{AlterPartitionReassignmentsRequest, BrokerId, TopicName};
use kafka_protocol::protocol::StrBytes;
use klerk_testbed::Client;
use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

/// One topic in two files is a fault that names both places, whatever the command.
pub fn twice(bed: &impl Bed) -> Result<()> {
    bed.write("first.yaml", "klerk: 1\ntopics:\n  twice: { partitions: 1 }\n")?;
    bed.write("second.yaml", "klerk: 1\ntopics:\n  once: {}\n  twice: { partitions: 2 }\n")?;
    let (status, document) = bed.klerk("validate -f first.yaml -f second.yaml")?;
    let fault = &document["faults"][0];
    let place = (fault["file"].as_str(), fault["line"].as_u64(), fault["column"].as_u64());
    ensure!(status == 1 && fault["code"] == "topology/duplicate", "{status}: {document}");
    ensure!(place == (Some("second.yaml"), Some(4), Some(3)), "{document}");
    ensure!(fault["message"] == "topic 'twice' is already said at first.yaml:3:3", "{document}");
    ensure!(fault["fix"] == "keep one of the two", "{document}");
    let (status, document) = bed.klerk("apply --yes -f first.yaml -f second.yaml")?;
    ensure!(status == 1 && document["error"]["kind"] == "file", "{status}: {document}");
    let topics = bed.client().topics()?;
    ensure!(!topics.contains_key("once") && !topics.contains_key("twice"), "something was done");
    Ok(())
}

/// The replicas of each partition.
fn replicas(client: &Client, topic: &str) -> Result<BTreeMap<i32, usize>> {
    let metadata = client.metadata(Some(&[topic]))?;
    let described = metadata.topics.first().context("no topic")?;
    Ok(described.partitions.iter().map(|one| (one.partition_index, one.replica_nodes.len())).collect())
}

fn until(what: &str, check: impl Fn() -> Result<bool>) -> Result<()> {
    let started = Instant::now();
    while !check()? {
        ensure!(started.elapsed() < Duration::from_secs(60), "not within a minute: {what}");
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// A topic of which one partition has one replica, and the others have two.
fn make_uneven(client: &Client, topic: &str) -> Result<()> {
    client.create_topic(topic, 3, 2, &[("min.insync.replicas", "1")])?;
    let metadata = client.metadata(Some(&[topic]))?;
    let partitions = &metadata.topics.first().context("no topic")?.partitions;
    let leader = partitions.iter().find(|one| one.partition_index == 1).context("no partition")?.leader_id;
    let alone = ReassignablePartition::default()
        .with_partition_index(1)
        .with_replicas(Some(vec![BrokerId(leader.0)]));
    let of_topic = ReassignableTopic::default()
        .with_name(TopicName(StrBytes::from_string(topic.to_owned())))
        .with_partitions(vec![alone]);
    let request =
        AlterPartitionReassignmentsRequest::default().with_timeout_ms(30_000).with_topics(vec![of_topic]);
    let answer = client.call(&request, 0)?;
    ensure!(answer.error_code == 0, "{answer:?}");
    until("one partition has one replica", || Ok(replicas(client, topic)?.get(&1) == Some(&1)))
}

/// Partitions that differ in replication: told, left alone where the file says no factor, and evened out once where it does. An export
/// leads to nothing.
pub fn uneven(bed: &impl Bed, topic: &str) -> Result<()> {
    let client = bed.client();
    make_uneven(&client, topic)?;
    let write = |wish: &str| {
        bed.write("uneven.yaml", &format!("klerk: 1\ntopics:\n  {topic}: {{ partitions: 3{wish} }}\n"))
    };
    write("")?;
    let told: Plan = plan(bed, "-f uneven.yaml")?;
    ensure!(told.steps.is_empty(), "phantom changes: {:?}", told.steps);
    let finding = told.findings.iter().find(|one| one.code == "topic/uneven-replication");
    let finding = finding.context("that it is uneven is not told")?;
    ensure!(finding.message.contains("1 partition with 1, 2 partitions with 2"), "{finding:?}");

    let (status, exported) = bed.klerk(&format!("export --match {topic} --out uneven --force"))?;
    ensure!(status == 0, "{exported}");
    nothing_to_do(bed, &format!("-f uneven/topology.yaml --match {topic}"))?;

    write(", replication: 2")?;
    let wanted: Plan = plan(bed, "-f uneven.yaml")?;
    ensure!(wanted.steps.len() == 1 && wanted.steps[0].kind == "move-replicas", "{:?}", wanted.steps);
    let moved = wanted.steps[0].to["assignment"].as_object().context("an assignment")?;
    ensure!(moved.keys().collect::<Vec<_>>() == ["1"], "more is moved than has to be: {moved:?}");
    let (status, document) = bed.klerk("apply --yes --allow moves-replicas -f uneven.yaml")?;
    ensure!(status == 0, "{document}");
    until("all partitions have two replicas", || {
        Ok(replicas(&client, topic)?.values().all(|count| *count == 2))
    })?;
    nothing_to_do(bed, "-f uneven.yaml")?;
    client.delete_topic(topic)
}

/// A topic that somebody deletes and makes again all the while: whatever of it is seen, it is there, or to be made, or it is said that it
/// comes or goes; never is anything else to be done. Afterwards one apply leads to what the file says.
pub fn coming_and_going(bed: &impl Bed, topic: &str) -> Result<()> {
    let client = bed.client();
    let held = ("flush.messages", "5");
    bed.write(
        "going.yaml",
        &format!("klerk: 1\ntopics:\n  {topic}: {{ partitions: 1, flush.messages: 5 }}\n"),
    )?;
    let somebody = {
        let (client, topic) = (client.clone(), topic.to_owned());
        thread::spawn(move || -> Result<()> {
            for _ in 0..8 {
                client.create_topic(&topic, 1, 1, &[held])?;
                client.delete_topic(&topic)?;
            }
            Ok(())
        })
    };
    while !somebody.is_finished() {
        let (status, document) = bed.klerk("plan -f going.yaml --detailed-exitcode")?;
        let plan: Plan = serde_json::from_value(document.clone()).with_context(|| document.to_string())?;
        for conflict in &plan.conflicts {
            let says_so = ["Try again", "plan again"].iter().any(|words| conflict.message.contains(words));
            ensure!(status == 1 && says_so, "{status}: {conflict:?}");
        }
        ensure!(plan.steps.iter().all(|step| step.kind == "create-topic"), "phantoms: {:?}", plan.steps);
        ensure!(status == 1 || (status == 2) != plan.steps.is_empty(), "{status}: {document}");
    }
    somebody.join().map_err(|_| anyhow::anyhow!("somebody has failed"))??;

    let (status, document) = bed.klerk("apply --yes -f going.yaml")?;
    let report: Report = serde_json::from_value(document.clone()).with_context(|| document.to_string())?;
    ensure!(status == 0 && report.steps.len() == 1, "{status}: {document}");
    ensure!(
        client.overrides(topic)? == BTreeMap::from([(held.0.to_owned(), held.1.to_owned())]),
        "a change is lost"
    );
    nothing_to_do(bed, "-f going.yaml")?;
    client.delete_topic(topic)
}
