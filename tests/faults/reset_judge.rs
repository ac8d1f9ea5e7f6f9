//! Holds the report of a reset against the committed offsets, and goes back by its record.

use crate::documents::{ErrorDocument, Partition, Plan, Report, StepReport};
use crate::estate::{self, Seen};
use crate::report::{expected, is_told_truly, lie, name, read, recorded, status_of};
use crate::row::{Comes, Row};
use crate::scene::{Scene, document};
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeSet;

const RESET: &str = "group reset readers.a readers.b --topic orders --topic bills --to-offset 3 --settle 0s";

/// Runs a row.
pub fn run(row: &Row, scene: &Scene) -> Result<()> {
    estate::read_by_groups(scene)?;
    let before = Seen::of(&scene.sandbox);
    scene.arm(&row.faults)?;
    let outcome = scene.klerk(&format!("{RESET} --yes --record record.jsonl {}", row.flags_in(scene)))?;
    scene.disarm(&row.faults)?;
    let after = Seen::of(&scene.sandbox);
    ensure!(before.topics == after.topics, "a reset changed topics");
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
            expected(&report, &outcome, *status, fates)?;
            let status = outcome.status.context("a status")?;
            ensure!(status == status_of(&report), "status {status} after these outcomes");
            recorded(&report, scene)?;
            misses(&after, scene)?;
            if before != after {
                leads_back(&report, &before, scene)?;
            }
        }
        (comes, format) => bail!("{format:?}, and not {comes:?}"),
    }
    finishes(scene)
}

/// The offset of a partition of a step's group.
fn offset(step: &StepReport, at: &Partition, seen: &Seen) -> Option<i64> {
    let key = (step.resource.name.clone(), at.topic.clone(), at.partition);
    seen.commits.get(&key).copied()
}

/// Every step is what it is said to be.
fn is_true(report: &Report, before: &Seen, after: &Seen) -> Result<()> {
    let mut touched = BTreeSet::new();
    for step in &report.steps {
        ensure!(step.kind == "commit-offsets", "a step of a kind that nobody judges: {}", step.kind);
        let partitions = step.partitions.as_ref().context("partitions")?;
        let there = |at: &&Partition| offset(step, at, after) == at.to;
        let as_before = |at: &&Partition| offset(step, at, after) == offset(step, at, before);
        let as_asked = partitions.iter().all(|at| there(&at));
        let untouched = partitions.iter().all(|at| as_before(&at));
        let is = match (step.outcome.as_str(), step.settled.as_deref()) {
            ("partial", Some("not-as-asked")) => is_partly_true(step, partitions, before, after)?,
            _ => is_told_truly(step, as_asked, untouched),
        };
        ensure!(is, lie(step, as_asked, untouched));
        for at in partitions {
            let planned_from = at.from == offset(step, at, before);
            ensure!(planned_from, "{} was not at {:?} before", at.topic, at.from);
            touched.insert((step.resource.name.clone(), at.topic.clone(), at.partition));
        }
    }
    let keys: BTreeSet<_> = before.commits.keys().chain(after.commits.keys()).collect();
    for key in keys.into_iter().filter(|key| !touched.contains(*key)) {
        ensure!(before.commits.get(key) == after.commits.get(key), "{key:?} was moved by no step");
    }
    Ok(())
}

/// So many partitions are where they were to be, and the others, each with its reason, where they were.
fn is_partly_true(step: &StepReport, partitions: &[Partition], before: &Seen, after: &Seen) -> Result<bool> {
    let refused: BTreeSet<&str> = step.items.iter().map(|item| item.item.as_str()).collect();
    let moved = partitions.iter().filter(|at| at.delta != Some(0));
    let (mut done, mut of) = (0, 0);
    for at in moved {
        of += 1;
        let found = offset(step, at, after);
        let is_refused = refused.contains(format!("{}-{}", at.topic, at.partition).as_str());
        ensure!(
            found == if is_refused { offset(step, at, before) } else { at.to },
            "{}-{} of {} is at {found:?}",
            at.topic,
            at.partition,
            name(step)
        );
        done += u32::from(!is_refused);
    }
    Ok((step.done, step.of) == (Some(done), Some(of)) && refused.len() == step.items.len())
}

/// A plan shows the partitions that are not there yet, and no other.
fn misses(after: &Seen, scene: &Scene) -> Result<()> {
    let outcome = scene.klerk(&format!("{RESET} --dry-run"))?;
    let plan: Plan = read(&outcome)?;
    ensure!(outcome.status == Some(0) && plan.steps.len() == estate::GROUPS.len(), "no plan afterwards");
    for step in &plan.steps {
        for at in step.partitions.as_ref().context("partitions")? {
            let key = (step.resource.name.clone(), at.topic.clone(), at.partition);
            let present = after.commits.get(&key).copied();
            ensure!(at.from == present, "{key:?} is planned from {:?}, and is at {present:?}", at.from);
        }
    }
    Ok(())
}

/// The record leads back. Where nobody knew what had become of a step, and it was not done, the present is not what the
/// record says, which has to be allowed.
fn leads_back(report: &Report, before: &Seen, scene: &Scene) -> Result<()> {
    let mut outcome = scene.klerk("undo record.jsonl --yes")?;
    let in_doubt = report.steps.iter().any(|step| matches!(step.outcome.as_str(), "unknown" | "partial"));
    if outcome.status == Some(4) && in_doubt {
        outcome = scene.klerk("undo record.jsonl --yes --allow moved-since")?;
    }
    ensure!(outcome.status == Some(0), "there is no way back");
    let back = Seen::of(&scene.sandbox);
    ensure!(back.commits == before.commits, "the way back leads to {:?}", back.commits);
    Ok(())
}

/// Once more, undisturbed, all offsets are where they were to be.
fn finishes(scene: &Scene) -> Result<()> {
    let before = Seen::of(&scene.sandbox);
    let outcome = scene.klerk(&format!("{RESET} --yes"))?;
    let report: Report = read(&outcome)?;
    ensure!(outcome.status == Some(0), "once more does not finish");
    is_true(&report, &before, &Seen::of(&scene.sandbox))
}
