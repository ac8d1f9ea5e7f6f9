//! Kills klerk at a step boundary, and holds all that it says afterwards against what is there.

use crate::apply_judge::standing_of;
use crate::documents::{Plan, Report, Step};
use crate::estate::{Seen, add_topic};
use crate::killing::{CREATED, DELETED, GROWN, Kill, LEVELLED, MADE, STEPS, TUNED};
use crate::report::read;
use crate::scene::{Scene, document};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

const ALLOWED: &str = "--yes --allow moves-keys,loses-data";
/// How long a busy machine may take until klerk stands where it is to be killed.
const PATIENCE: Duration = Duration::from_secs(300);

const FIRST: &str = r#"{"type":"record","name":"Held","fields":[{"name":"a","type":"string"}]}"#;
const SECOND: &str = r#"{"type":"record","name":"Held","fields":[{"name":"a","type":"string"},{"name":"b","type":"int","default":0}]}"#;

pub fn run(kill: &Kill, scene: &Scene) -> Result<()> {
    found(scene)?;
    let before = Seen::of(&scene.sandbox);
    let saved: Plan = read(&scene.klerk("plan --out plan.json")?)?;
    ensure!(saved.steps.len() == STEPS, "{} steps", saved.steps.len());
    scene.arm(&[&kill.fault])?;
    die(kill, &saved, &before, scene)?;
    scene.disarm(&[&kill.fault])?;
    let halfway = Seen::of(&scene.sandbox);

    recorded(&saved, &before, &halfway, scene)?;
    let missing = wishes(saved.steps.iter(), |step| Ok(!is_there(step, &before, &halfway)?))?;
    ensure!(missing.len() == STEPS - kill.done, "{} are missing", missing.len());
    leads_back(&saved, &before, &halfway, scene)?;

    let planned: Plan = read(&scene.klerk("plan")?)?;
    ensure!(planned.conflicts.is_empty(), "{:?}", planned.conflicts);
    ensure!(
        wishes(planned.steps.iter(), |_| Ok(true))? == missing,
        "missing is {missing:?}, and planned otherwise"
    );

    let outcome = scene.klerk(&format!("apply {ALLOWED}"))?;
    let report: Report = read(&outcome)?;
    let ends = if missing.is_empty() { "nothing-to-do" } else { "done" };
    ensure!(outcome.status == Some(0) && report.outcome == ends, "applying again does not finish");
    let end = Seen::of(&scene.sandbox);
    ensure!(report.steps.iter().all(|step| step.settled.as_deref() == Some("as-asked")), "not as asked");
    nothing_twice(&halfway, &end)?;
    for step in &saved.steps {
        ensure!(is_there(step, &before, &end)?, "{} {} is not there", step.kind, step.resource.name);
    }

    let outcome = scene.klerk(&format!("apply {ALLOWED}"))?;
    let report: Report = read(&outcome)?;
    ensure!(outcome.status == Some(0) && report.outcome == "nothing-to-do", "something is left to do");
    ensure!(Seen::of(&scene.sandbox) == end, "nothing to do, and something was done");
    Ok(())
}

/// What there is, and a file that asks for sixty steps.
fn found(scene: &Scene) -> Result<()> {
    let mut text = "klerk: 1\ndefaults: { replication: 3, partitions: 1 }\ntopics:\n".to_owned();
    for number in 0..CREATED {
        let value = if number < MADE { "value: first.avsc, " } else { "" };
        writeln!(text, "  made.{number:02}: {{ {value}retention.ms: 7d, partitions: 2 }}")?;
    }
    for number in 0..GROWN {
        writeln!(text, "  grown.{number}: {{ partitions: 6 }}")?;
        add_topic(&scene.sandbox, &format!("grown.{number}"), 3, &[]);
    }
    for number in 0..TUNED {
        writeln!(text, "  tuned.{number}: {{ retention.ms: 14d, segment.ms: unset }}")?;
        let configs = [("retention.ms", "86400000"), ("segment.ms", "60000"), ("max.message.bytes", "4096")];
        add_topic(&scene.sandbox, &format!("tuned.{number}"), 1, &configs);
    }
    for number in 0..DELETED {
        writeln!(text, "  old.{number}: {{ state: absent }}")?;
        add_topic(&scene.sandbox, &format!("old.{number}"), 1, &[]);
    }
    for number in 0..LEVELLED {
        writeln!(text, "  level.{number}: {{ value: {{ schema: second.avsc, compatibility: FULL }} }}")?;
        add_topic(&scene.sandbox, &format!("level.{number}"), 1, &[]);
        scene.register(&format!("level.{number}-value"), FIRST)?;
    }
    scene.write("first.avsc", FIRST)?;
    scene.write("second.avsc", SECOND)?;
    scene.write("topology.yaml", &text)
}

/// Carries the plan out until it stands at the fault, and kills it there.
fn die(kill: &Kill, saved: &Plan, before: &Seen, scene: &Scene) -> Result<()> {
    let running = scene.start(&format!("apply plan.json {ALLOWED} {}", kill.flags))?;
    let started = Instant::now();
    let mut done = 0;
    while !scene.all_went_off() || done != kill.done {
        ensure!(started.elapsed() < PATIENCE, "{done} steps were done, and it did not come to {}", kill.name);
        std::thread::sleep(Duration::from_millis(5));
        let now = Seen::of(&scene.sandbox);
        let there = saved.steps.iter().map(|step| is_there(step, before, &now));
        done = there.collect::<Result<Vec<bool>>>()?.into_iter().filter(|there| *there).count();
    }
    running.kill()?;
    let outcome = running.wait()?;
    ensure!(outcome.status.is_none() && outcome.stdout.is_empty(), "it was not killed: {outcome:#?}");
    Ok(())
}

fn is_there(step: &Step, before: &Seen, now: &Seen) -> Result<bool> {
    Ok(standing_of(&step.kind, &step.resource.name, &step.to, before, now)?.as_asked)
}

/// What steps are for, by kind and name.
fn wishes<'a>(
    steps: impl Iterator<Item = &'a Step>,
    filter: impl Fn(&Step) -> Result<bool>,
) -> Result<BTreeSet<(&'a str, &'a str)>> {
    let mut wishes = BTreeSet::new();
    for step in steps {
        if filter(step)? {
            wishes.insert((step.kind.as_str(), step.resource.name.as_str()));
        }
    }
    Ok(wishes)
}

/// The record ends early and is true: it holds the plan with all that was there before, each step that has taken effect was
/// noted before it was sent, and what was noted as accepted has taken effect. `history` says so.
fn recorded(saved: &Plan, before: &Seen, halfway: &Seen, scene: &Scene) -> Result<()> {
    let history: Value = document(&scene.klerk("history")?)?;
    let [entry] = history["records"].as_array().context("records")?.as_slice() else {
        anyhow::bail!("not one record: {history}");
    };
    ensure!(entry["outcome"] == "ended-early" && entry["ended_at"].is_null(), "{entry}");
    let text = std::fs::read_to_string(Path::new(entry["file"].as_str().context("a file")?))?;
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("a torn line: {line}")))
        .collect::<Result<_>>()?;
    let (header, events) = lines.split_first().context("an empty record")?;
    let plan: Value = serde_json::from_str(&std::fs::read_to_string(scene.path("plan.json"))?)?;
    ensure!(header["plan"]["steps"] == plan["steps"], "another plan is recorded");
    let mut heard: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
    for event in events {
        ensure!(event["line"] == "event", "no event: {event}");
        let step = event["step"].as_u64().context("a step")?;
        heard.entry(step).or_default().push(event["event"].as_str().context("a word")?);
    }
    let mut counted = json!({ "changed": 0, "unknown": 0, "unchanged": 0 });
    for step in &saved.steps {
        let there = is_there(step, before, halfway)?;
        let word = match heard.get(&u64::from(step.id)).map(Vec::as_slice) {
            Some(["sent", "accepted"]) if there => "changed",
            // Nobody has heard what became of it.
            Some(["sent"]) => "unknown",
            None if !there => "unchanged",
            heard => {
                anyhow::bail!("{} {} is there: {there}; recorded: {heard:?}", step.kind, step.resource.name)
            }
        };
        counted[word] = json!(counted[word].as_u64().unwrap_or_default() + 1);
    }
    ensure!(entry["steps"] == counted, "history counts {}, and the record has {counted}", entry["steps"]);
    Ok(())
}

/// The way back of what was done can be planned from the record.
fn leads_back(saved: &Plan, before: &Seen, halfway: &Seen, scene: &Scene) -> Result<()> {
    let back: Plan = read(&scene.klerk("undo last --dry-run")?)?;
    for step in saved.steps.iter().filter(|step| step.kind == "set-config") {
        let undone = back.steps.iter().find(|one| one.kind == step.kind && one.resource == step.resource);
        let was_done = is_there(step, before, halfway)?;
        ensure!(was_done == undone.is_some(), "{} was done: {was_done}", step.resource.name);
        if let Some(undone) = undone {
            ensure!(undone.to == step.from, "{} goes back to {}", step.resource.name, undone.to);
        }
    }
    Ok(())
}

/// What was there when klerk died is the same now, and nothing has come to be twice.
fn nothing_twice(halfway: &Seen, end: &Seen) -> Result<()> {
    for (topic, was) in halfway.topics.iter().filter(|(name, _)| !name.starts_with("old.")) {
        ensure!(end.topics.get(topic).is_some_and(|is| is.id == was.id), "{topic} was made anew");
    }
    let versions: BTreeMap<&str, usize> =
        end.subjects.iter().map(|(subject, versions)| (subject.as_str(), versions.len())).collect();
    ensure!(versions.len() == MADE + LEVELLED, "{versions:?}");
    for (subject, count) in versions {
        let wanted = if subject.starts_with("level.") { 2 } else { 1 };
        ensure!(count == wanted, "{subject} has {count} versions");
    }
    for (topic, is) in &end.topics {
        let configs: Vec<(&str, &str)> =
            is.configs.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let wanted: &[(&str, &str)] = match topic.split_once('.').map(|(family, _)| family) {
            Some("made") => &[("retention.ms", "604800000")],
            Some("tuned") => &[("max.message.bytes", "4096"), ("retention.ms", "1209600000")],
            _ => &[],
        };
        ensure!(configs == wanted, "{topic} has {configs:?}");
    }
    Ok(())
}
