//! klerk killed in the middle of ninety steps on real brokers, which it sends one by one: a sample of what `tests/faults` does at every
//! step on simulated ones.

use crate::documents::{Plan, Report};
use crate::scene::{Record, Scene, until};
use anyhow::{Context, Result, ensure};
use klerk_testbed::{Client, shared, unique_name};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const ALLOWED: &str = "--yes --allow moves-keys,loses-data";
const CREATED: usize = 30;
const OTHERS: usize = 20;
const STEPS: usize = CREATED + 3 * OTHERS;

/// Where it is killed: when so many steps have been heard of by this word. More than a dozen are left after the last one, or a machine that
/// has much else to do would kill it too late.
const POINTS: [(&str, usize); 6] =
    [("sent", 1), ("accepted", 15), ("sent", 31), ("accepted", 50), ("accepted", 55), ("sent", 76)];

struct Bed {
    scene: Scene,
    client: Client,
    prefix: String,
}

/// A topic as far as a step can tell: its id, its partitions, its retention.
type Seen = BTreeMap<String, (String, usize, Option<String>)>;

impl Bed {
    fn new() -> Result<Bed> {
        let cluster = &shared()?.cluster;
        let bed = Bed {
            scene: Scene::new(&cluster.bootstrap())?,
            client: cluster.client(),
            prefix: unique_name("killed"),
        };
        let name = |kind: &str, number: usize| format!("{}.{kind}.{number:02}", bed.prefix);
        let mut there = Vec::new();
        let mut text = "klerk: 1\ndefaults: { partitions: 1, replication: 1 }\ntopics:\n".to_owned();
        for number in 0..CREATED {
            writeln!(text, "  {}: {{ retention.ms: 3h }}", name("made", number))?;
        }
        for number in 0..OTHERS {
            writeln!(text, "  {}: {{ partitions: 3 }}", name("grown", number))?;
            writeln!(text, "  {}: {{ retention.ms: 2h }}", name("tuned", number))?;
            writeln!(text, "  {}: {{ state: absent }}", name("old", number))?;
            there.extend(["grown", "tuned", "old"].map(|kind| name(kind, number)));
        }
        let there: Vec<(&str, i32)> = there.iter().map(|name| (name.as_str(), 1)).collect();
        bed.client.create_topics(&there, 1, &[])?;
        bed.scene.write("topology.yaml", &text)?;
        Ok(bed)
    }

    fn seen(&self) -> Result<Seen> {
        let mut seen = Seen::new();
        for topic in &self.client.metadata(None)?.topics {
            let name = topic.name.as_ref().map(|name| name.0.to_string()).unwrap_or_default();
            if name.starts_with(&format!("{}.", self.prefix)) {
                let retention = match name.contains(".tuned.") {
                    true => self.client.overrides(&name)?.remove("retention.ms"),
                    false => None,
                };
                seen.insert(name, (topic.topic_id.to_string(), topic.partitions.len(), retention));
            }
        }
        Ok(seen)
    }

    /// The steps that are still to be done, by kind and topic.
    fn missing(&self) -> Result<BTreeSet<(String, String)>> {
        let seen = self.seen()?;
        let mut missing = BTreeSet::new();
        let mut want = |kind: &str, name: String, is_done: bool| {
            if !is_done {
                missing.insert((kind.to_owned(), name));
            }
        };
        for number in 0..CREATED {
            let name = format!("{}.made.{number:02}", self.prefix);
            want("create-topic", name.clone(), seen.contains_key(&name));
        }
        for number in 0..OTHERS {
            let [grown, tuned, old] =
                ["grown", "tuned", "old"].map(|kind| format!("{}.{kind}.{number:02}", self.prefix));
            let partitions = seen.get(&grown).map(|(_, count, _)| *count);
            let retention = seen.get(&tuned).and_then(|(.., retention)| retention.clone());
            want("add-partitions", grown, partitions == Some(3));
            want("set-config", tuned, retention.as_deref() == Some("7200000"));
            want("delete-topic", old.clone(), !seen.contains_key(&old));
        }
        Ok(missing)
    }

    /// The records that runs of this bed have left.
    fn records(&self) -> Vec<PathBuf> {
        let list =
            |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let clusters = list(&self.scene.klerk("").home().join("state/klerk"));
        clusters.flat_map(|cluster| list(&cluster).collect::<Vec<_>>()).collect()
    }

    fn kill_at(&self, word: &str, count: usize) -> Result<()> {
        let running = self.scene.klerk(&format!("apply {ALLOWED} --batch 1")).spawn()?;
        let wanted = format!(r#""event":"{word}""#);
        let started = Instant::now();
        let heard = || {
            let text = self.records().first().and_then(|path| fs::read_to_string(path).ok());
            text.map_or(0, |text| text.matches(&wanted).count())
        };
        while heard() < count {
            ensure!(started.elapsed() < Duration::from_secs(90), "it never came to {word} {count}");
            std::thread::sleep(Duration::from_micros(300));
        }
        running.kill()?;
        let outcome = running.wait()?;
        ensure!(outcome.status.is_none(), "it was over before it could be killed: {outcome:#?}");
        Ok(())
    }
}

fn wishes(plan: &Plan) -> BTreeSet<(String, String)> {
    plan.steps.iter().map(|step| (step.kind.clone(), step.resource.name.clone())).collect()
}

fn killed(word: &str, count: usize) -> Result<()> {
    let bed = Bed::new()?;
    let saved: Plan = bed.scene.json("plan", 0)?;
    ensure!(saved.steps.len() == STEPS && wishes(&saved) == bed.missing()?, "{} steps", saved.steps.len());
    bed.kill_at(word, count)?;

    // The brokers may be about to carry out what was sent last, and to show what they have carried out.
    let history: Value = bed.scene.json("history", 0)?;
    let entry = &history["records"][0];
    let ended = entry["outcome"] == "ended-early" && entry["ended_at"].is_null();
    ensure!(ended && history["records"].as_array().map(Vec::len) == Some(1), "{history}");
    let record = Record::read(&fs::read_to_string(entry["file"].as_str().context("a file")?)?)?;
    ensure!(record.footer.is_none() && record.steps() == STEPS, "the record");
    let name = |id: &u64| {
        let step = saved.steps.iter().find(|step| u64::from(step.id) == *id).context("a step")?;
        Ok::<_, anyhow::Error>((step.kind.clone(), step.resource.name.clone()))
    };
    let accepted: BTreeSet<_> = record.accepted().iter().map(name).collect::<Result<_>>()?;
    let sent: BTreeSet<_> = record.sent().iter().map(name).collect::<Result<_>>()?;
    ensure!(accepted.is_subset(&sent) && sent.len() <= accepted.len() + 1, "more than one step in flight");
    until("what was accepted is there", || Ok(bed.missing()?.is_disjoint(&accepted)))?;
    let untouched: BTreeSet<_> = wishes(&saved).difference(&sent).cloned().collect();
    ensure!(bed.missing()?.is_superset(&untouched), "something was done that was never sent");
    let halfway = bed.seen()?;
    until("the plan shows what is left", || {
        Ok(wishes(&bed.scene.json::<Plan>("plan", 0)?) == bed.missing()?)
    })?;
    let left = bed.missing()?;
    // Brokers that are very busy fence each other now and then, and refuse for as long.
    until("it is finished", || {
        let outcome = bed.scene.klerk(&format!("apply {ALLOWED} -o json")).run()?;
        let report: Report = serde_json::from_str(&outcome.stdout)?;
        let steps = report.steps.iter().map(|step| (step.kind.clone(), step.resource.name.clone()));
        let beyond: Vec<_> = steps.filter(|step| !left.contains(step)).collect();
        ensure!(beyond.is_empty(), "done again: {beyond:?}");
        Ok(matches!(report.outcome.as_str(), "done" | "nothing-to-do"))
    })?;
    until("all is there", || Ok(bed.missing()?.is_empty()))?;
    until("nothing is left to do", || {
        Ok(bed.scene.klerk("plan --detailed-exitcode").run()?.status == Some(0))
    })?;
    let again: Report = bed.scene.json(&format!("apply {ALLOWED}"), 0)?;
    ensure!(again.outcome == "nothing-to-do", "{}", again.outcome);
    for (topic, (id, ..)) in bed.seen()? {
        let was = halfway.get(&topic).map(|(id, ..)| id.clone());
        ensure!(was.is_none_or(|was| was == id), "{topic} was made anew");
    }
    Ok(())
}

#[test]
fn killed_anywhere_it_is_finished_by_applying_again_and_nothing_is_done_twice() -> Result<()> {
    for (word, count) in POINTS {
        killed(word, count).with_context(|| format!("at {word} {count}"))?;
    }
    Ok(())
}
