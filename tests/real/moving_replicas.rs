//! Replication factors on three brokers in three racks, under a producer with acks=all: nothing that is written fails, no
//! throttle is left, and what was interrupted is finished by the next apply.

use crate::documents::{Moves, Plan, Report};
use crate::scene::{Scene, document, until};
use anyhow::{Context, Result, bail, ensure};
use klerk_testbed::{Client, Cluster, ClusterOptions, Record, Tool};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

const TOPIC: &str = "orders";
const PARTITIONS: i32 = 3;

/// A producer that waits for all replicas in sync and tries nothing twice.
struct Producer {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<usize>>,
}

impl Producer {
    fn start(client: Client) -> Producer {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut written = 0;
            while !stopped.load(Ordering::Relaxed) {
                for partition in 0..PARTITIONS {
                    client
                        .produce_once(TOPIC, partition, &[Record::new(1_000, None, "paid")])
                        .with_context(|| format!("after {written} writes"))?;
                    written += 1;
                }
            }
            Ok(written)
        });
        Producer { stop, thread }
    }

    /// How many records were written, if none failed.
    fn end(self) -> Result<usize> {
        self.stop.store(true, Ordering::Relaxed);
        match self.thread.join() {
            Ok(written) => written,
            Err(_) => bail!("the producer panicked"),
        }
    }
}

/// Leader and replicas of each partition, as the brokers tell.
fn placed(client: &Client) -> Result<BTreeMap<i32, (i32, Vec<i32>)>> {
    let shown = client.metadata(Some(&[TOPIC]))?;
    let topic = shown.topics.first().context("the topic")?;
    let of = |partition: &kafka_protocol::messages::metadata_response::MetadataResponsePartition| {
        let replicas: Vec<i32> = partition.replica_nodes.iter().map(|id| id.0).collect();
        (partition.partition_index, (partition.leader_id.0, replicas))
    };
    Ok(topic.partitions.iter().map(of).collect())
}

/// What Kafka's own tool tells of throttles.
fn throttles(cluster: &Cluster) -> Result<String> {
    let of = |kind: &str| cluster.tool(Tool::Configs, &["--describe", "--entity-type", kind])?.checked();
    let told = format!("{}{}", of("topics")?, of("brokers")?);
    Ok(told.lines().filter(|line| line.contains("throttled")).collect::<Vec<_>>().join("\n"))
}

fn wants(scene: &Scene, replication: u8) -> Result<()> {
    let topology = format!(
        "klerk: 1\ntopics: {{ {TOPIC}: {{ partitions: {PARTITIONS}, replication: {replication}, min.insync.replicas: 1 }} }}\n"
    );
    scene.write("topology.yaml", &topology)
}

#[test]
fn replicas_come_and_go_under_load_throttled_interrupted_and_finished() -> Result<()> {
    let cluster = Cluster::start(ClusterOptions::three_brokers())?;
    let (client, scene) = (cluster.client(), Scene::new(&cluster.bootstrap())?);
    wants(&scene, 1)?;
    scene.klerk("apply --yes").run()?.expect_status(0)?;
    let large = "x".repeat(100_000);
    let batch: Vec<Record> = (0..9).map(|at| Record::new(at, None, &large)).collect();
    for partition in 0..PARTITIONS {
        for _ in 0..6 {
            client.produce(TOPIC, partition, &batch)?;
        }
    }
    let before = placed(&client)?;
    let producer = Producer::start(cluster.client());

    // Slow enough to be interrupted in the middle: what brokers let pass at once, before a rate takes hold, is ten
    // seconds' worth.
    wants(&scene, 3)?;
    let apply = "apply --yes --allow moves-replicas --throttle 150kB/s -o json";
    let mut running = scene.klerk(apply).spawn()?;
    until("replicas are on their way", || {
        let moves: Moves = scene.json("cluster moves", 0)?;
        Ok(!moves.moves.is_empty() && moves.copied_bytes > 0 && !moves.throttles.is_empty())
    })?;
    ensure!(!running.ends_within(std::time::Duration::from_millis(1))?, "it is over already");
    running.interrupt()?;
    let report: Report = document(running.wait()?, 130)?;
    assert_eq!((report.outcome.as_str(), report.steps[0].outcome.as_str()), ("interrupted", "running"));

    // It goes on, is shown as what it is, and is followed to its end.
    let plan: Plan = scene.json("plan", 0)?;
    let under_way = plan.steps.first().context("a step")?.under_way.clone().unwrap_or_default();
    ensure!(!under_way.is_empty() && plan.requires.is_empty(), "{plan:#?}");
    let report: Report = scene.json("apply --yes", 0)?;
    assert_eq!((report.outcome.as_str(), report.steps[0].outcome.as_str()), ("done", "done"));
    let after = placed(&client)?;
    for (partition, (leader, replicas)) in &after {
        assert_eq!(*leader, before[partition].0, "the leader of {partition} stays");
        let brokers: BTreeSet<i32> = replicas.iter().copied().collect();
        assert_eq!(brokers, BTreeSet::from([1, 2, 3]), "one in each rack");
    }
    assert_eq!(throttles(&cluster)?, "");
    scene.klerk("plan --detailed-exitcode").run()?.expect_status(0)?;

    wants(&scene, 2)?;
    let apply = "apply --yes --allow moves-replicas,weakens-durability --throttle 300kB/s";
    let report: Report = scene.json(apply, 0)?;
    assert_eq!(report.outcome, "done");
    for (partition, (leader, replicas)) in placed(&client)? {
        assert_eq!(leader, before[&partition].0);
        assert_eq!(replicas.iter().collect::<BTreeSet<_>>().len(), 2);
    }
    assert_eq!(throttles(&cluster)?, "");
    scene.klerk("plan --detailed-exitcode").run()?.expect_status(0)?;
    let written = producer.end()?;
    ensure!(written > 100, "only {written} were written");
    Ok(())
}

#[test]
fn a_move_is_cancelled_and_a_throttle_of_somebody_else_stays() -> Result<()> {
    let cluster = Cluster::start(ClusterOptions::three_brokers())?;
    let (client, scene) = (cluster.client(), Scene::new(&cluster.bootstrap())?);
    wants(&scene, 1)?;
    scene.klerk("apply --yes").run()?.expect_status(0)?;
    let large = "x".repeat(100_000);
    let batch: Vec<Record> = (0..9).map(|at| Record::new(at, None, &large)).collect();
    for partition in 0..PARTITIONS {
        for _ in 0..6 {
            client.produce(TOPIC, partition, &batch)?;
        }
    }
    let before = placed(&client)?;
    let foreign = "leader.replication.throttled.rate=250000";
    let set = ["--alter", "--entity-type", "brokers", "--entity-name", "1", "--add-config", foreign];
    cluster.tool(Tool::Configs, &set)?.checked()?;

    wants(&scene, 3)?;
    let apply = "apply --yes --allow moves-replicas --throttle 300kB/s --no-wait";
    let report: Report = scene.json(apply, 0)?;
    assert_eq!(report.steps[0].outcome, "running");
    let report: Report = scene.json("cluster moves --cancel --yes", 0)?;
    assert_eq!((report.outcome.as_str(), report.steps[0].kind.as_str()), ("done", "cancel-moves"));
    assert_eq!(placed(&client)?, before);
    let left = throttles(&cluster)?;
    ensure!(left.contains(foreign) && left.lines().count() == 1, "{left}");

    // No move needs it any more, and whoever reads that may have it taken off.
    let moves: Moves = scene.json("cluster moves", 0)?;
    assert_eq!((moves.left_throttles.len(), moves.left_throttles[0].broker), (1, Some(1)));
    let report: Report = scene.json("cluster moves --remove-throttle --yes", 0)?;
    assert_eq!((report.outcome.as_str(), report.steps[0].kind.as_str()), ("done", "set-config"));
    assert_eq!(throttles(&cluster)?, "");
    Ok(())
}
