//! An apply that is disturbed in the middle, on brokers and a registry that die. Whatever happens, the report is what
//! the cluster then shows, and applying again finishes.

use crate::documents::{ErrorDocument, Plan, Report};
use crate::scene::{
    Breakable, Record, Scene, Stopped, breakable, carried_out, document, finishes, many_topics, until,
};
use anyhow::{Context, Result, ensure};
use klerk_testbed::{Run, Tool};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Stdio;
use std::time::Duration;

/// Four requests of about 4,000 records.
const TOPICS: usize = 640;

fn names(report: &Report, outcome: &str) -> BTreeSet<String> {
    let with = report.steps.iter().filter(|step| step.outcome == outcome);
    with.map(|step| step.resource.name.clone()).collect()
}

fn outcomes(report: &Report) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for step in &report.steps {
        *counts.entry(step.outcome.as_str()).or_default() += 1;
    }
    counts
}

/// Compares what a report says of topics to be created with what there is.
fn is_true(report: &Report, servers: &Breakable) -> Result<()> {
    let mut claimed = names(report, "done");
    claimed.extend(names(report, "accepted"));
    servers.await_topics(&claimed)?;
    let there = servers.topics()?;
    for denied in ["rejected", "not-attempted"] {
        let lies: Vec<String> = names(report, denied).intersection(&there).cloned().collect();
        ensure!(lies.is_empty(), "said to be {denied}, and there all the same: {lies:?}");
    }
    let told = claimed.len()
        + ["rejected", "not-attempted", "unknown"]
            .map(|word| names(report, word).len())
            .iter()
            .sum::<usize>();
    ensure!(told == report.steps.len(), "outcomes beyond those that can be: {:?}", outcomes(report));
    Ok(())
}

/// Applies again to the end, and then there is nothing left to do.
fn converges(scene: &Scene, servers: &Breakable) -> Result<()> {
    let before = servers.topics()?;
    let report = carried_out(scene.klerk("apply --yes -o json").run()?)?;
    let made: BTreeSet<String> = report.steps.iter().map(|step| step.resource.name.clone()).collect();
    let twice: Vec<&String> = made.intersection(&before).collect();
    ensure!(twice.is_empty(), "created although they were there: {twice:?}");
    in_sync(scene)
}

fn in_sync(scene: &Scene) -> Result<()> {
    let plan: Plan = scene.json("plan --detailed-exitcode", 0)?;
    ensure!(plan.steps.is_empty() && plan.conflicts.is_empty(), "{plan:#?}");
    Ok(())
}

/// An apply of many topics, stopped after the first reply.
fn in_the_middle(scene: &Scene, prefix: &str, replication: u8) -> Result<Stopped> {
    scene.write("topology.yaml", &many_topics(prefix, TOPICS, replication))?;
    scene.apply_until_first_reply()
}

#[test]
fn a_broker_that_dies_in_mid_apply_is_done_without() -> Result<()> {
    let servers = breakable()?;
    let scene = servers.scene()?;
    let stopped = in_the_middle(&scene, "lost", 2)?;
    servers.cluster.kill(3)?;
    let report = carried_out(stopped.finish()?)?;
    assert_eq!(report.steps.len(), TOPICS);
    is_true(&report, &servers)?;
    servers.cluster.start_broker(3)?;
    in_sync(&scene)
}

#[test]
fn the_broker_that_klerk_talks_to_dies_in_mid_apply() -> Result<()> {
    let servers = breakable()?;
    let scene =
        Scene::new(&format!("{},{}", servers.cluster.broker_address(2), servers.cluster.broker_address(3)))?;
    let stopped = in_the_middle(&scene, "talk", 2)?;
    let accepted = stopped.record.accepted().len();
    servers.cluster.kill(2)?;
    stopped.running.resume()?;
    let outcome = stopped.running.wait()?;
    ensure!(matches!(outcome.status, Some(0 | 3)), "{outcome:#?}");
    let report: Report = serde_json::from_str(&outcome.stdout)?;
    is_true(&report, &servers)?;
    // What was on its way to the dead broker is the only thing that may be in doubt.
    let done = names(&report, "done").len();
    ensure!(done > accepted, "it did not go on at another broker: {:?}", outcomes(&report));
    for step in report.steps.iter().filter(|step| step.outcome == "unknown") {
        ensure!(step.error.as_ref().is_some_and(|error| error.name == "CONNECTION_CLOSED"), "{step:?}");
    }
    ensure!(names(&report, "not-attempted").is_empty(), "{:?}", outcomes(&report));
    let unfinished = names(&report, "unknown");
    match outcome.status {
        Some(0) => in_sync(&scene)?,
        _ => {
            ensure!(!unfinished.is_empty() && report.outcome == "partial", "{:?}", outcomes(&report));
            converges(&scene, &servers)?;
        }
    }
    // From the start with the first server dead: the other one leads there too.
    in_sync(&scene)?;
    servers.cluster.start_broker(2)
}

fn told_to_stop(how: fn(&Stopped) -> Result<()>, status: i32, prefix: &str) -> Result<()> {
    let servers = breakable()?;
    let scene = servers.scene()?;
    let stopped = in_the_middle(&scene, prefix, 1)?;
    how(&stopped)?;
    let report: Report = document(stopped.finish()?, status)?;
    assert_eq!(report.outcome, "interrupted");
    assert_eq!(report.error.as_ref().map(|error| error.kind.as_str()), Some("interrupted"));
    let counts = outcomes(&report);
    ensure!(counts.contains_key("not-attempted") && !counts.contains_key("unknown"), "{counts:?}");
    is_true(&report, &servers)?;
    let record = Record::read(&fs::read_to_string(scene.path("record.jsonl"))?)?;
    let footer = record.footer.as_ref().context("no footer")?;
    assert_eq!(footer["outcome"], "interrupted");
    assert_eq!(record.sent(), record.accepted(), "what was sent was waited for");
    converges(&scene, &servers)
}

#[test]
fn ctrl_c_finishes_what_is_on_its_way_and_reports() -> Result<()> {
    told_to_stop(|stopped| stopped.running.interrupt(), 130, "ctrl-c")
}

#[test]
fn sigterm_finishes_what_is_on_its_way_and_reports() -> Result<()> {
    told_to_stop(|stopped| stopped.running.terminate(), 143, "sigterm")
}

#[test]
fn a_second_ctrl_c_leaves_at_once_with_the_record_on_disk() -> Result<()> {
    let servers = breakable()?;
    let others = [2, 3].map(|broker| servers.cluster.broker_address(broker)).join(",");
    let scene = Scene::new(&others)?;
    let stopped = in_the_middle(&scene, "twice", 1)?;
    // What is sent now is not answered.
    servers.cluster.pause(1)?;
    stopped.running.resume()?;
    let record = || Record::read(&fs::read_to_string(scene.path("record.jsonl"))?);
    // Read while it is written, the last line may be there in part.
    until("a request is on its way", || Ok(record().is_ok_and(|record| record.sent() != record.accepted())))?;
    let mut running = stopped.running;
    running.interrupt()?;
    // Two signals of one kind that are both waiting to be heard are one, so the second one may take another.
    while !running.ends_within(Duration::from_millis(100))? {
        running.interrupt()?;
    }
    let told: ErrorDocument = document(running.wait()?, 130)?;
    assert_eq!(told.error.kind, "interrupted");
    ensure!(record()?.footer.is_none(), "nobody waited for the end");
    servers.cluster.resume(1)?;
    servers.cluster.await_brokers(3)?;
    finishes(&scene)
}

#[test]
fn killed_in_mid_apply_the_record_can_be_read_and_the_next_apply_finishes() -> Result<()> {
    let servers = breakable()?;
    let scene = servers.scene()?;
    let stopped = in_the_middle(&scene, "killed", 1)?;
    stopped.running.kill()?;
    let outcome = stopped.running.wait()?;
    assert_eq!((outcome.status, outcome.stdout.as_str()), (None, ""));
    let record = Record::read(&fs::read_to_string(scene.path("record.jsonl"))?)?;
    assert!(record.footer.is_none());
    assert_eq!(record.header["format"], "klerk.record");
    assert_eq!(record.header["plan"]["format"], "klerk.plan");
    assert_eq!(record.steps(), TOPICS);
    let accepted: BTreeSet<u64> = record.accepted();
    ensure!(!accepted.is_empty() && accepted.is_subset(&record.sent()), "sent is noted before accepted");
    let before = ids(&servers)?;
    // The broker may be about to carry out what it was sent last.
    finishes(&scene)?;
    let after = ids(&servers)?;
    assert_eq!(after.len(), TOPICS);
    ensure!(before.iter().all(|(name, id)| after[name] == *id), "a topic was made anew");
    Ok(())
}

/// Every topic with the id that it got when it was made.
fn ids(servers: &Breakable) -> Result<BTreeMap<String, String>> {
    let metadata = servers.cluster.client().metadata(None)?;
    let named =
        metadata.topics.iter().filter_map(|topic| Some((topic.name.as_ref()?.to_string(), topic.topic_id)));
    Ok(named.filter(|(name, _)| !name.starts_with("__")).map(|(name, id)| (name, id.to_string())).collect())
}

#[test]
fn a_reader_that_goes_away_does_not_stop_an_apply() -> Result<()> {
    let servers = breakable()?;
    let scene = servers.scene()?;
    scene.write("topology.yaml", &many_topics("pipe", TOPICS, 1))?;
    let run: Run = scene.klerk("apply --yes");
    let mut child =
        run.command().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    drop(child.stdout.take());
    let output = child.wait_with_output()?;
    let status = output.status.code();
    ensure!(matches!(status, Some(0 | 3)), "{status:?}: {}", String::from_utf8_lossy(&output.stderr));
    until("all topics are there", || Ok(servers.topics()?.len() == TOPICS))?;
    in_sync(&scene)
}

#[test]
fn a_hang_up_finishes_what_is_on_its_way_and_reports() -> Result<()> {
    told_to_stop(|stopped| stopped.running.hang_up(), 129, "hang-up")
}

/// The first broker of these three is the only controller. While it is away nothing can be changed, and nothing is claimed to be.
#[test]
fn the_controller_goes_away_in_mid_apply_and_comes_back() -> Result<()> {
    let servers = breakable()?;
    let others = [2, 3].map(|broker| servers.cluster.broker_address(broker)).join(",");
    let scene = Scene::new(&others)?;
    let stopped = in_the_middle(&scene, "controller", 1)?;
    servers.cluster.kill(1)?;
    let outcome = stopped.finish()?;
    ensure!(outcome.status == Some(3), "{outcome:#?}");
    let report: Report = serde_json::from_str(&outcome.stdout)?;
    let counts = outcomes(&report);
    ensure!(counts.contains_key("unknown") && counts.contains_key("not-attempted"), "{counts:?}");
    servers.cluster.start_broker(1)?;
    servers.cluster.await_brokers(3)?;
    is_true(&report, &servers)?;
    finishes(&scene)
}

#[test]
fn a_quota_on_changes_costs_time_and_nothing_else() -> Result<()> {
    let servers = breakable()?;
    let scene = servers.scene()?;
    // They are put to the controller twice, first to ask whether it would take them. It lets eleven seconds' worth pass at once, and has to
    // hold back what is left also where a busy machine sends it slowly.
    scene.write("topology.yaml", &many_topics("quota", 100, 1))?;
    let quota = |change: &str, value: &str| {
        let args = ["--alter", "--entity-type", "clients", "--entity-name", "klerk", change, value];
        servers.cluster.tool(Tool::Configs, &args)?.checked()
    };
    quota("--add-config", "controller_mutation_rate=10")?;
    let outcome = scene.klerk("apply --yes -o json --explain-requests --batch 20").run();
    quota("--delete-config", "controller_mutation_rate")?;
    let outcome = outcome?;
    let sent =
        outcome.stderr.lines().find_map(|line| line.strip_prefix("CreateTopics ")?.parse::<u64>().ok());
    let report = carried_out(outcome)?;
    assert_eq!(names(&report, "rejected"), BTreeSet::new());
    ensure!(sent.is_some_and(|sent| sent > 10), "the quota was never felt: {sent:?} requests");
    is_true(&report, &servers)?;
    in_sync(&scene)
}
