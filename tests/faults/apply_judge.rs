//! Holds the report of an apply against what is there. It knows nothing of what went wrong.

use crate::documents::{self, ErrorDocument, Plan, Report, Resource, StepReport};
use crate::estate::{self, Seen};
use crate::report::{expected, is_told_truly, lie, name, read, recorded, status_of};
use crate::row::{Comes, Row, When};
use crate::scene::{Scene, document};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const APPLY: &str = "apply --yes --allow moves-keys,loses-data --record record.jsonl";

/// Runs a row.
pub fn run(row: &Row, scene: &Scene) -> Result<()> {
    estate::found(scene)?;
    let before = Seen::of(&scene.sandbox);
    let what = match row.when {
        When::First => String::new(),
        When::Planned => {
            let saved = scene.klerk("plan --out plan.json")?;
            ensure!(saved.status == Some(0), "the plan is not made: {saved:#?}");
            " plan.json".to_owned()
        }
    };
    scene.arm(&row.faults)?;
    let outcome = scene.klerk(&format!("{APPLY} {}{what}", row.flags_in(scene)))?;
    scene.disarm(&row.faults)?;
    let after = Seen::of(&scene.sandbox);
    match (&row.comes, document(&outcome)?["format"].as_str()) {
        (Comes::Error(kind), Some("klerk.error")) => {
            let error: ErrorDocument = read(&outcome)?;
            ensure!(error.error.kind == *kind, "it is no error of the kind {kind}");
            ensure!(outcome.status == Some(1), "an error has status 1");
            ensure!(before == after, "an error, and something was changed");
            ensure!(!scene.path("record.jsonl").exists(), "an error, and a record");
        }
        (Comes::Report { status, fates }, Some("klerk.report")) => {
            let report: Report = read(&outcome)?;
            is_true(&report, &before, &after)?;
            let wishes = report.steps.len() + report.conflicts.len();
            ensure!(wishes == estate::STEPS, "{wishes} steps and conflicts");
            expected(&report, &outcome, *status, fates)?;
            let status = outcome.status.context("a status")?;
            ensure!(status == status_of(&report), "status {status} after these outcomes");
            recorded(&report, scene)?;
            misses(&report, &after, scene)?;
        }
        (comes, format) => bail!("{format:?}, and not {comes:?}"),
    }
    finishes(&after, scene)
}

/// How a step's resource stands.
#[derive(Debug, PartialEq, Eq)]
pub struct Standing {
    /// As the step asked.
    pub as_asked: bool,
    /// As before.
    pub untouched: bool,
}

fn standing(step: &StepReport, before: &Seen, after: &Seen) -> Result<Standing> {
    standing_of(&step.kind, &step.resource.name, &step.to, before, after)
}

/// How what a step is about stands: a step of this kind, about the resource of this name, that asks for `to`.
pub fn standing_of(kind: &str, name: &str, to: &Value, before: &Seen, after: &Seen) -> Result<Standing> {
    let (was, is) = (before.topics.get(name), after.topics.get(name));
    let number = |field: &str| to[field].as_u64().and_then(|count| usize::try_from(count).ok());
    let count = number("partitions");
    Ok(match kind {
        "create-topic" => {
            let configs: BTreeMap<String, String> = serde_json::from_value(to["configs"].clone())?;
            let as_asked = is.is_some_and(|topic| {
                let replication = number("replication");
                Some(topic.partitions) == count
                    && topic.replication.iter().all(|factor| Some(*factor) == replication)
                    && topic.configs == configs
            });
            Standing { as_asked, untouched: is.is_none() && was.is_none() }
        }
        "add-partitions" => {
            let found = is.map(|topic| topic.partitions);
            Standing { as_asked: found == count, untouched: found == was.map(|topic| topic.partitions) }
        }
        "set-config" => {
            let keys = to.as_object().context("configs")?;
            let at = |topic: Option<&estate::SeenTopic>, key: &str| {
                topic.and_then(|topic| topic.configs.get(key).cloned())
            };
            Standing {
                as_asked: keys.iter().all(|(key, value)| at(is, key).as_deref() == value.as_str()),
                untouched: keys.iter().all(|(key, _)| at(is, key) == at(was, key)),
            }
        }
        "delete-topic" => Standing { as_asked: is.is_none(), untouched: is == was },
        "register-schema" => {
            let (was, is) = (before.subjects.get(name), after.subjects.get(name));
            let latest = is.and_then(|versions| versions.last());
            let asked = estate::fields(to["schema"].as_str().unwrap_or_default());
            Standing { as_asked: latest.is_some_and(|(_, _, fields)| *fields == asked), untouched: was == is }
        }
        "set-compatibility" => {
            let (was, is) = (before.levels.get(name), after.levels.get(name));
            Standing { as_asked: is.map(String::as_str) == to["level"].as_str(), untouched: was == is }
        }
        other => bail!("a step of a kind that nobody judges: {other}"),
    })
}

/// Every step is what it is said to be.
fn is_true(report: &Report, before: &Seen, after: &Seen) -> Result<()> {
    let mut touched = BTreeSet::new();
    for step in &report.steps {
        let Standing { as_asked, untouched } = standing(step, before, after)?;
        ensure!(is_told_truly(step, as_asked, untouched), lie(step, as_asked, untouched));
        ensure!(
            (step.outcome == "not-attempted") == step.ms.is_none(),
            "{} took {:?} ms",
            name(step),
            step.ms
        );
        touched.insert(step.resource.name.as_str());
    }
    for (topic, was) in &before.topics {
        let left_alone = touched.contains(topic.as_str()) || after.topics.get(topic) == Some(was);
        ensure!(left_alone, "{topic} was changed by no step");
    }
    for topic in after.topics.keys() {
        let known = touched.contains(topic.as_str()) || before.topics.contains_key(topic);
        ensure!(known, "{topic} was made by no step");
    }
    Ok(())
}

/// A plan shows the steps that are still missing, and no other.
fn misses(report: &Report, after: &Seen, scene: &Scene) -> Result<()> {
    let outcome = scene.klerk("plan")?;
    let plan: Plan = read(&outcome)?;
    ensure!(outcome.status == Some(0) && plan.conflicts.is_empty(), "no plan afterwards");
    let mut missing = BTreeSet::new();
    for step in &report.steps {
        if !standing(step, after, after)?.as_asked {
            missing.insert((step.kind.as_str(), &step.resource));
        }
    }
    // What became of a wish that was in conflict is no step of the report, and may be one now.
    let in_conflict =
        |step: &&documents::Step| report.conflicts.iter().any(|one| one.resource == step.resource);
    let planned: BTreeSet<(&str, &Resource)> = (plan.steps.iter())
        .filter(|step| !in_conflict(step) || missing.contains(&(step.kind.as_str(), &step.resource)))
        .map(|step| (step.kind.as_str(), &step.resource))
        .collect();
    ensure!(planned == missing, "missing is {missing:?}, and planned is {planned:?}");
    Ok(())
}

/// Applying again, undisturbed, does what is missing and nothing twice.
fn finishes(halfway: &Seen, scene: &Scene) -> Result<()> {
    let outcome = scene.klerk("apply --yes --allow moves-keys,loses-data")?;
    let report: Report = read(&outcome)?;
    ensure!(outcome.status == Some(0), "applying again does not finish");
    let end = Seen::of(&scene.sandbox);
    is_true(&report, halfway, &end)?;
    for (topic, was) in halfway.topics.iter().filter(|(name, _)| !name.starts_with("old.")) {
        ensure!(end.topics.get(topic).is_some_and(|is| is.id == was.id), "{topic} was made anew");
    }
    let versions: Vec<(&str, usize)> =
        end.subjects.iter().map(|(subject, versions)| (subject.as_str(), versions.len())).collect();
    ensure!(versions == [("grown.a-value", 2), ("made.a-value", 1)], "registered twice: {versions:?}");
    let plan: Plan = read(&scene.klerk("plan --detailed-exitcode")?)?;
    ensure!(plan.steps.is_empty() && plan.conflicts.is_empty(), "something is left to do");
    Ok(())
}
