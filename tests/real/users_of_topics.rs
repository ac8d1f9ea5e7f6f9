//! Who reads and writes a topic, as a plan tells it of real brokers.

use crate::documents::Plan;
use crate::scene::{Scene, until};
use anyhow::{Context, Result, ensure};
use klerk_testbed::{Consumer, ConsumerOptions, GroupProtocol, Kit, Record, Tool, shared, unique_name};
use std::io::Write;
use std::process::Stdio;

#[test]
fn live_readers_without_a_contract_and_producers_with_an_id_are_named() -> Result<()> {
    let cluster = &shared()?.cluster;
    let client = cluster.client();
    let scene = Scene::new(&cluster.bootstrap())?;
    let (topic, idle) = (unique_name("used"), unique_name("used-idle"));
    client.create_topic(&topic, 2, 3, &[])?;
    let now = jiff::Timestamp::now().as_millisecond();
    // Written without an id, so that no broker remembers by whom.
    client.produce(&topic, 0, &[Record::new(now, None, "x")])?;
    client.commit_offsets(&idle, &[(&topic, 0, 1)])?;
    let live = unique_name("used-live");
    let consumer =
        Consumer::start(cluster, &ConsumerOptions::new(&live, &[&topic], GroupProtocol::Consumer))?;
    scene.write("absent.yaml", &format!("klerk: 1\ntopics: {{ {topic}: {{ state: absent }} }}\n"))?;
    let usage = || -> Result<serde_json::Value> {
        let plan: Plan = scene.json("plan -f absent.yaml", 0)?;
        plan.steps[0].impact.usage.clone().context("no usage")
    };
    let told = usage()?;
    ensure!(told["writers"]["value"]["producers"] == 0, "{told}");

    let kit = Kit::locate()?;
    let mut producer = Tool::ConsoleProducer.command(&kit, &cluster.bootstrap(), &["--topic", &topic]);
    let mut producer = producer.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    producer.stdin.take().context("no stdin")?.write_all(b"one\ntwo\n")?;
    ensure!(producer.wait()?.success(), "the producer fails");
    until("the members are assigned", || {
        let told = usage()?;
        let readers = told["readers"]["value"].as_array().context("readers")?;
        Ok(readers.iter().any(|reader| reader["group"] == *live && reader["members"] == 1))
    })?;
    let told = usage()?;
    ensure!(told["writers"]["value"]["producers"] == 1, "{told}");
    ensure!(told["writers"]["value"]["last_write"].is_string(), "{told}");
    let readers = told["readers"]["value"].as_array().context("readers")?;
    let known: Vec<(&str, &str)> = readers
        .iter()
        .filter_map(|reader| Some((reader["group"].as_str()?, reader["state"].as_str()?)))
        .collect();
    let mut expected = [(live.as_str(), "stable"), (idle.as_str(), "empty")];
    expected.sort_unstable();
    assert_eq!(known, expected);
    ensure!(readers.iter().all(|reader| reader["declared"] == false), "{told}");
    consumer.stop()?;
    Ok(())
}
