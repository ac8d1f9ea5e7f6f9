//! Two applies at the same time on real brokers, which want different things.

use crate::documents::Report;
use crate::scene::{Scene, carried_out, document};
use anyhow::{Context, Result, ensure};
use klerk_testbed::{shared, unique_name};
use std::fs;

/// How many topics the second one creates, one by one.
const CREATED: usize = 30;

#[test]
fn the_second_one_stops_where_the_first_one_was_and_undoes_nothing() -> Result<()> {
    let cluster = &shared()?.cluster;
    let (client, prefix) = (cluster.client(), unique_name("overtaken"));
    let name = |topic: &str| format!("{prefix}.{topic}");
    client.create_topic(&name("orders"), 1, 1, &[("retention.ms", "604800000")])?;
    let (first, second) = (Scene::new(&cluster.bootstrap())?, Scene::new(&cluster.bootstrap())?);
    first.write(
        "topology.yaml",
        &format!("klerk: 1\ntopics: {{ {prefix}.orders: {{ retention.ms: 1d }} }}\n"),
    )?;
    // So many steps that it is stopped long before the last one.
    let made: String = (0..CREATED).map(|number| format!("  {prefix}.made.{number:02}: {{}}\n")).collect();
    second.write(
        "topology.yaml",
        &format!(
            "klerk: 1\ndefaults: {{ partitions: 1, replication: 1 }}\ntopics:\n{made}  {prefix}.orders: {{ retention.ms: 14d }}\n"
        ),
    )?;

    let record = second.path("record.jsonl");
    let mut running = second.klerk("apply --yes --batch 1 --record record.jsonl -o json").spawn()?;
    running.wait_until(|_, _| {
        fs::read_to_string(&record).is_ok_and(|text| text.contains(r#""event":"accepted""#))
    })?;
    running.pause()?;
    let text = fs::read_to_string(&record)?;
    ensure!(text.matches(r#""event":"sent""#).count() <= CREATED, "it was over before it could be stopped");
    carried_out(first.klerk("apply --yes -o json").run()?)?;
    running.resume()?;
    let report: Report = document(running.wait()?, 3)?;

    let error = report.error.as_ref().map(|error| (error.kind.as_str(), error.hints.join(" ")));
    let was = format!("topic {}: config.retention.ms was 604800000 and is 86400000 now", name("orders"));
    ensure!(error == Some(("stale", was.clone())), "{error:?}");
    let fates: Vec<(&str, &str)> =
        report.steps.iter().map(|step| (step.kind.as_str(), step.outcome.as_str())).collect();
    let (last, others) = fates.split_last().context("steps")?;
    ensure!(*last == ("set-config", "not-attempted"), "{fates:?}");
    ensure!(others == [("create-topic", "done"); CREATED], "{fates:?}");
    let why = report.steps.last().and_then(|step| step.note.clone()).unwrap_or_default();
    ensure!(why == format!("no longer what was planned: {was}"), "{why}");
    let held = client.overrides(&name("orders"))?;
    ensure!(held.get("retention.ms").map(String::as_str) == Some("86400000"), "it was undone: {held:?}");
    Ok(())
}
