//! Replication factors on three brokers in three racks, under a producer with acks=all: nothing that is written fails, no
//! throttle is left, and what was interrupted is finished by the next apply. And copies in two racks, where one has two brokers.

use crate::documents::{Moves, Plan, Report};
use crate::scene::{Scene, carried_out, document, until};
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

/// Leader and replicas of each partition.
type Placed = BTreeMap<i32, (i32, Vec<i32>)>;

/// As the brokers tell.
fn placed(client: &Client) -> Result<Placed> {
    placed_of(client, TOPIC)
}

fn placed_of(client: &Client, topic: &str) -> Result<Placed> {
    let shown = client.metadata(Some(&[topic]))?;
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
    // Another rate holds from now on for what moves already, and is taken off with the one before.
    let report: Report = scene.json("apply --yes --throttle 250kB/s --no-wait", 0)?;
    let throttle = report.steps[0].throttle.as_ref().context("a throttle")?;
    let changed = throttle.brokers.iter().flat_map(|broker| broker.changes.values());
    ensure!(changed.filter(|before| *before == "150000").count() > 0, "{report:#?}");
    let set = throttles(&cluster)?;
    ensure!(set.contains("throttled.rate=250000") && !set.contains("throttled.rate=150000"), "{set}");
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

/// The topics of the test of racks, and the broker of each of their partitions before anything moves. Nobody who looks at
/// the load of brokers alone would place all of these right: the only other rack of those in r1 is r2, whatever its load.
const UNEVEN: [(&str, &str); 4] =
    [("at.one", "1,1,1,1"), ("at.two", "2,2,2"), ("at.three", "3,3,3,3"), ("at.all", "1,2,3,2,1,1")];

fn uneven(replication: u8) -> String {
    let in_sync = "min.insync.replicas: 1";
    let one = |(name, brokers): &(&str, &str)| {
        let partitions = brokers.split(',').count();
        format!("  {name}: {{ partitions: {partitions}, replication: {replication}, {in_sync} }}\n")
    };
    format!("klerk: 1\ntopics:\n{}", UNEVEN.iter().map(one).collect::<String>())
}

#[test]
fn copies_stand_in_both_racks_where_two_brokers_share_one() -> Result<()> {
    let racks = BTreeMap::from([(1, "r1"), (2, "r1"), (3, "r2")]);
    let cluster = Cluster::start(ClusterOptions::three_brokers().racks(&["r1", "r1", "r2"]))?;
    let (client, scene) = (cluster.client(), Scene::new(&cluster.bootstrap())?);
    let told: BTreeMap<i32, Option<String>> =
        client.brokers()?.into_iter().map(|broker| (broker.id, broker.rack)).collect();
    ensure!(racks.iter().all(|(id, rack)| told[id].as_deref() == Some(rack)), "{told:?}");
    for (topic, brokers) in UNEVEN {
        let create = ["--create", "--topic", topic, "--replica-assignment", brokers];
        cluster.tool(Tool::Topics, &create)?.checked()?;
    }
    let seen = || -> Result<BTreeMap<&str, Placed>> {
        UNEVEN.iter().map(|(topic, _)| Ok((*topic, placed_of(&client, topic)?))).collect()
    };
    until("all topics are there", || {
        Ok(seen()?.iter().all(|(topic, partitions)| {
            UNEVEN
                .iter()
                .any(|(name, brokers)| name == topic && brokers.split(',').count() == partitions.len())
        }))
    })?;
    let before = seen()?;

    for replication in [2, 3, 2] {
        scene.write("topology.yaml", &uneven(replication))?;
        carried_out(scene.klerk("apply --yes --allow moves-replicas,weakens-durability -o json").run()?)?;
        until("the plan is empty", || Ok(scene.klerk("plan --detailed-exitcode").run()?.status == Some(0)))?;
        for (topic, partitions) in seen()? {
            for (partition, (leader, replicas)) in partitions {
                let what =
                    format!("{topic}-{partition} at replication {replication}: {leader} of {replicas:?}");
                ensure!(replicas.len() == usize::from(replication), "{what}");
                let spanned: BTreeSet<&str> = replicas.iter().map(|broker| racks[broker]).collect();
                ensure!(spanned.len() == 2, "all copies in one rack: {what}");
                ensure!(leader == before[topic][&partition].0, "another leader: {what}");
            }
        }
    }
    assert_eq!(throttles(&cluster)?, "");
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
