//! Wishes that cannot be granted, and a cluster that does not show yet what it has done.

use crate::documents::{Conflict, Plan, Report};
use crate::scene::{Scene, breakable, carried_out};
use anyhow::{Context, Result, ensure};
use klerk_testbed::{shared, unique_name};
use std::fmt::Write as _;

/// Four topics that could be made and one that could not.
fn one_of_five(prefix: &str, impossible: &str) -> String {
    format!(
        "klerk: 1\ndefaults: {{ partitions: 2, replication: 3 }}\ntopics:\n  {prefix}.a: {{}}\n  \
         {prefix}.b: {{ retention.ms: 1d }}\n  {prefix}.c: {impossible}\n  {prefix}.d: {{}}\n  {prefix}.e: {{}}\n"
    )
}

#[test]
fn one_impossible_topic_of_five_and_nothing_is_written() -> Result<()> {
    let cluster = &shared()?.cluster;
    let client = cluster.client();
    let exists = unique_name("there");
    client.create_topic(&format!("{exists}_c"), 1, 1, &[])?;
    // What is impossible, and what has to be said about it.
    let cases = [
        ("{ replication: 9 }", unique_name("five"), "replication factor"),
        ("{ retention.ms: -7 }", unique_name("five"), "retention.ms"),
        ("{ compression.type: shrink }", unique_name("five"), "compression.type"),
        ("{ retension.ms: 1d }", unique_name("five"), "Did you mean retention.ms?"),
        ("{ min.insync.replicas: 2, cleanup.policy: tidy }", unique_name("five"), "cleanup.policy"),
        ("{}", exists.clone(), "count as equal"),
    ];
    for (impossible, prefix, said) in cases {
        let scene = Scene::new(&cluster.bootstrap())?;
        scene.write("topology.yaml", &one_of_five(&prefix, impossible))?;
        let plan: Plan = scene.json("plan", 1).context(impossible)?;
        ensure!(!plan.appliable, "{impossible}");
        let names: Vec<&str> = plan.steps.iter().map(|step| step.resource.name.as_str()).collect();
        let possible = ["a", "b", "d", "e"].map(|name| format!("{prefix}.{name}"));
        ensure!(names == possible, "what could be made is shown: {names:?}");
        ensure!((plan.summary.create, plan.summary.blocked) == (4, 1), "{:?}", plan.summary);
        is_explained(&plan.conflicts, &prefix, said)?;

        let human = scene.klerk("plan").run()?.expect_status(1)?;
        ensure!(human.contains("topology.yaml:6") && human.contains(said), "{human}");
        ensure!(possible.iter().all(|name| human.contains(name)), "{human}");
        ensure!(scene.klerk("plan --detailed-exitcode").run()?.status == Some(1), "{impossible}");

        let report: Report = scene.json("apply --yes", 1)?;
        ensure!(report.outcome == "refused", "{report:#?}");
        ensure!(report.steps.len() == 4, "{report:#?}");
        ensure!(report.steps.iter().all(|step| step.outcome == "not-attempted"), "{report:#?}");
        is_explained(&report.conflicts, &prefix, said)?;
        ensure!(report.error.as_ref().is_some_and(|error| error.kind == "conflict"), "{report:#?}");
        ensure!(report.record.is_none(), "a record of nothing");

        let made: Vec<String> =
            client.topics()?.into_keys().filter(|name| name.starts_with(&format!("{prefix}."))).collect();
        ensure!(made.is_empty(), "{impossible}: {made:?}");
    }
    Ok(())
}

fn is_explained(conflicts: &[Conflict], prefix: &str, said: &str) -> Result<()> {
    let [conflict] = conflicts else { anyhow::bail!("one conflict: {conflicts:#?}") };
    let origin = conflict.origin.as_ref().context("no line")?;
    ensure!(conflict.resource.name == format!("{prefix}.c"), "{conflict:?}");
    ensure!(origin.file == "topology.yaml" && origin.line == 6, "{origin:?}");
    ensure!(conflict.message.contains(said), "{}", conflict.message);
    Ok(())
}

#[test]
fn right_after_mass_creation_a_plan_is_empty_and_no_error() -> Result<()> {
    let servers = breakable()?;
    let mut topology = String::from("klerk: 1\ndefaults: { replication: 1, retention.ms: 1d }\ntopics:\n");
    for number in 0..1_000 {
        writeln!(topology, "  mass.{number:04}: {{ partitions: {} }}", 1 + number % 4)?;
    }
    let scene = servers.scene()?;
    scene.write("topology.yaml", &topology)?;
    let report = carried_out(scene.klerk("apply --yes -o json").run()?)?;
    assert_eq!(report.steps.len(), 1_000);
    // Each of the brokers shows changes in its own time.
    for broker in [1, 2, 3, 1, 2, 3] {
        let bootstrap = servers.cluster.broker_address(broker);
        let outcome = scene.klerk("plan --detailed-exitcode").env("KLERK_BOOTSTRAP", &bootstrap).run()?;
        ensure!(outcome.status == Some(0), "broker {broker}: {outcome:#?}");
    }

    // Created by somebody else just now: found, however late the brokers show it.
    let late: Vec<String> = (0..1_000).map(|number| format!("late.{number:04}")).collect();
    let mut topology = String::from("klerk: 1\ndefaults: { partitions: 2, replication: 1 }\ntopics:\n");
    for name in &late {
        writeln!(topology, "  {name}: {{}}")?;
    }
    scene.write("topology.yaml", &topology)?;
    let topics: Vec<(&str, i32)> = late.iter().map(|name| (name.as_str(), 2)).collect();
    servers.cluster.client().create_topics_unseen(&topics, 1, &[])?;
    for broker in [3, 2, 1] {
        let bootstrap = servers.cluster.broker_address(broker);
        let outcome = scene.klerk("plan --detailed-exitcode").env("KLERK_BOOTSTRAP", &bootstrap).run()?;
        ensure!(outcome.status == Some(0), "broker {broker}: {outcome:#?}");
    }
    Ok(())
}
