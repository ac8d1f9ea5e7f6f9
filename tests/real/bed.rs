//! The test bed itself.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::scene::until;
use anyhow::{Context, Result, ensure};
use klerk_testbed::{
    Cluster, ClusterOptions, Consumer, ConsumerOptions, GroupProtocol, Record, Registry, RegistryOptions,
    Role, Run, Tool, shared, unique_name,
};

#[test]
fn three_brokers_stand_in_three_racks() -> Result<()> {
    let brokers = shared()?.cluster.client().brokers()?;
    let seen: Vec<(i32, Option<&str>)> =
        brokers.iter().map(|broker| (broker.id, broker.rack.as_deref())).collect();
    assert_eq!(seen, [(1, Some("r1")), (2, Some("r2")), (3, Some("r3"))]);
    assert_eq!(brokers[1].address, shared()?.cluster.broker_address(2));
    Ok(())
}

#[test]
fn the_registry_answers_and_remembers_a_schema() -> Result<()> {
    let registry = &shared()?.registry;
    let subject = unique_name("bed-registry");
    let path = format!("/subjects/{subject}/versions");
    registry.request("POST", &path, Some(r#"{"schemaType":"AVRO","schema":"\"string\""}"#))?.checked()?;
    assert_eq!(registry.get(&path)?.checked()?, "[1]");
    Ok(())
}

#[test]
fn records_and_offsets_come_back() -> Result<()> {
    let client = shared()?.cluster.client();
    let (topic, group) = (unique_name("bed-records"), unique_name("bed-group"));
    client.create_topic(&topic, 3, 3, &[("retention.ms", "-1")])?;
    let records =
        [Record::new(1_700_000_000_000, Some("a"), "one"), Record::new(1_700_000_001_000, None, "two")];
    assert_eq!(client.produce(&topic, 2, &records)?, 0);
    assert_eq!(client.produce(&topic, 2, &records)?, 2);
    assert_eq!(
        (client.log_start(&topic, 2)?, client.log_end(&topic, 2)?, client.log_end(&topic, 0)?),
        (0, 4, 0)
    );
    assert_eq!(client.offset_at(&topic, 2, 1_700_000_000_500)?, 1);

    assert_eq!(client.group_state(&group)?, None);
    client.commit_offsets(&group, &[(&topic, 2, 3), (&topic, 0, 0)])?;
    let expected = BTreeMap::from([((topic.clone(), 0), 0), ((topic.clone(), 2), 3)]);
    assert_eq!(client.committed(&group)?, expected);
    assert_eq!(client.group_state(&group)?.as_deref(), Some("Empty"));

    client.delete_topic(&topic)?;
    assert!(!client.topics()?.contains_key(&topic));
    Ok(())
}

#[test]
fn kafkas_own_tool_sees_the_same_cluster() -> Result<()> {
    let cluster = &shared()?.cluster;
    let topic = unique_name("bed-tool");
    cluster.client().create_topic(&topic, 2, 3, &[])?;
    let listed = cluster.tool(Tool::Topics, &["--list"])?.checked()?;
    assert!(listed.lines().any(|line| line == topic), "{listed}");
    Ok(())
}

#[test]
fn members_of_both_protocols_make_a_group_stable() -> Result<()> {
    let cluster = &shared()?.cluster;
    let topic = unique_name("bed.members");
    cluster.client().create_topic(&topic, 2, 3, &[])?;
    for protocol in [GroupProtocol::Classic, GroupProtocol::Consumer] {
        let group = unique_name("bed-members");
        let options = ConsumerOptions::new(&group, &[&topic], protocol).client_id("reader");
        let consumer = Consumer::start(cluster, &options)?;
        assert_eq!(cluster.client().group_state(&group)?.as_deref(), Some("Stable"), "{protocol:?}");
        consumer.stop()?;
        until(&format!("the group of {protocol:?} is empty"), || {
            Ok(cluster.client().group_state(&group)?.as_deref() == Some("Empty"))
        })?;
    }
    Ok(())
}

#[test]
fn a_broker_can_be_killed_paused_and_started_again() -> Result<()> {
    let cluster = Cluster::start(ClusterOptions::three_brokers().fast_failure())?;
    cluster.client().create_topic("orders", 3, 3, &[])?;
    cluster.kill(3)?;
    cluster.await_brokers(2)?;
    assert!(!cluster.client().in_sync()?, "the dead broker's replicas are still in sync");
    cluster.client().produce("orders", 0, &[Record::new(0, None, "without the third broker")])?;
    cluster.start_broker(3)?;
    cluster.await_in_sync()?;
    assert_eq!(cluster.client().brokers()?.len(), 3);

    cluster.pause(2)?;
    let rest = klerk_testbed::Client::new(vec![cluster.broker_address(1)]);
    let deadline = Instant::now() + Duration::from_secs(60);
    while rest.brokers()?.len() != 2 {
        ensure!(Instant::now() < deadline, "a paused broker is still counted as live");
        std::thread::sleep(Duration::from_millis(50));
    }
    cluster.resume(2)?;
    cluster.await_brokers(3)?;
    cluster.terminate(2)?;
    cluster.await_brokers(2)
}

#[test]
fn properties_and_topics_by_asking_can_be_chosen() -> Result<()> {
    let options = ClusterOptions::one_broker().without_racks().auto_create().property("num.partitions", "7");
    let cluster = Cluster::start(options)?;
    let brokers = cluster.client().brokers()?;
    assert_eq!((brokers.len(), &brokers[0].rack), (1, &None));
    cluster.client().create_topic("by-default", -1, 1, &[])?;
    assert_eq!(cluster.client().topics()?.get("by-default"), Some(&7));
    let described = cluster.tool(Tool::Configs, &["--describe", "--broker", "1", "--all"])?.checked()?;
    assert!(described.contains("auto.create.topics.enable=true"), "{described}");
    Ok(())
}

#[test]
fn a_registry_with_users_refuses_strangers_and_comes_back_empty() -> Result<()> {
    let options = RegistryOptions::default().user("admin", "admin-pw", Role::Admin).user(
        "reader",
        "reader-pw",
        Role::ReadOnly,
    );
    let registry = Registry::start_as(&options)?;
    assert_eq!(registry.get("/subjects")?.checked()?, "[]");
    let schema = r#"{"schemaType":"AVRO","schema":"\"string\""}"#;
    registry.request("POST", "/subjects/s/versions", Some(schema))?.checked()?;
    assert_eq!(registry.get_as("/subjects", None)?.status, 401);
    assert_eq!(registry.get_as("/subjects", Some(("reader", "reader-pw")))?.body, r#"["s"]"#);
    registry.kill()?;
    assert!(registry.get("/subjects").is_err());
    registry.restart_empty()?;
    assert_eq!(registry.get("/subjects")?.checked()?, "[]");
    Ok(())
}

#[test]
fn a_run_sees_a_clean_environment_and_its_own_home() -> Result<()> {
    let script = r#"env | grep -E '^(KAFKA|KLERK|SCHEMA)' ; echo "$COLUMNS $TZ"; cat; echo oops >&2; touch "$HOME/seen"; exit 3"#;
    let run = Run::new("sh")?.args(["-c", script]).input("typed");
    let outcome = run.run()?;
    assert_eq!((outcome.status, &*outcome.stdout, &*outcome.stderr), (Some(3), "100 UTC\ntyped", "oops\n"));
    assert!(run.home().join("seen").exists());
    Ok(())
}

#[test]
fn a_running_program_can_be_watched_and_interrupted() -> Result<()> {
    let mut running = Run::new("sh")?
        .args(["-c", "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.05; done"])
        .spawn()?;
    running.wait_until(|stdout, _| stdout.contains("ready"))?;
    running.interrupt()?;
    let outcome = running.wait()?;
    assert_eq!((outcome.status, &*outcome.stdout), (Some(9), "ready\ncaught\n"));
    let error = Run::new("sleep")?.args(["30"]).patience(Duration::from_millis(50)).run();
    assert!(error.is_err_and(|error| error.to_string().contains("longer than 50ms")));
    Ok(())
}

#[test]
fn servers_end_with_a_test_process_that_is_killed() -> Result<()> {
    const ROLE: &str = "BED_ROLE";
    if std::env::var_os(ROLE).is_some() {
        // Here the test runs itself, as the process that is going to be killed.
        let cluster = Cluster::start(ClusterOptions::one_broker())?;
        println!("broker {}", cluster.process_id(1).context("the broker does not run")?);
        std::thread::sleep(Duration::from_secs(120));
        return Ok(());
    }
    let mut running = Run::new(std::env::current_exe()?)?
        .args(["--exact", "bed::servers_end_with_a_test_process_that_is_killed", "--nocapture"])
        .env("JAVA_HOME", &std::env::var("JAVA_HOME").unwrap_or_default())
        .env(ROLE, "victim")
        .spawn()?;
    running.wait_until(|stdout, _| broker_in(stdout).is_some())?;
    let broker = broker_in(&running.printed().0).context("no process id was printed")?;
    assert!(lives(&broker)?, "the broker had ended already");
    running.kill()?;
    running.wait()?;
    let deadline = Instant::now() + Duration::from_secs(20);
    while lives(&broker)? {
        ensure!(Instant::now() < deadline, "broker {broker} outlived the process that started it");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

#[test]
fn servers_end_with_a_test_that_panics() -> Result<()> {
    let (tell, hear) = std::sync::mpsc::channel();
    let panicked = std::thread::spawn(move || {
        let cluster = Cluster::start(ClusterOptions::one_broker()).unwrap();
        tell.send(cluster.process_id(1).unwrap()).unwrap();
        panic!("on purpose");
    });
    assert!(panicked.join().is_err());
    assert!(!lives(&hear.recv()?.to_string())?);
    Ok(())
}

/// The digits of the finished line `broker <digits>`.
fn broker_in(stdout: &str) -> Option<String> {
    let (_, rest) = stdout.split_once("broker ")?;
    rest.split_once('\n').map(|(id, _)| id.to_owned())
}

fn lives(process: &str) -> Result<bool> {
    Ok(Command::new("kill").args(["-0", process]).stderr(std::process::Stdio::null()).status()?.success())
}
