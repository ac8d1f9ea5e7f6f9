//! What holds for the report of whatever command: what the row wants of it, its status, its record.

use crate::documents::{Plan, Report, StepReport};
use crate::record::Record;
use crate::scene::Scene;
use anyhow::{Context, Result, ensure};
use klerk_testbed::Outcome;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A document, all of whose fields have to be known.
pub fn read<T: DeserializeOwned>(outcome: &Outcome) -> Result<T> {
    serde_json::from_str(&outcome.stdout).context("a document with other fields")
}

/// What the row says has to come of it.
pub fn expected(report: &Report, outcome: &Outcome, status: i32, fates: &[(&str, &str)]) -> Result<()> {
    ensure!(outcome.status == Some(status), "status {:?}, and not {status}", outcome.status);
    for (wanted, _) in fates {
        ensure!(
            wanted.is_empty() || report.steps.iter().any(|step| name(step).starts_with(wanted)),
            "no step is called {wanted}"
        );
    }
    for step in &report.steps {
        let name = name(step);
        let fate = fates.iter().find(|(wanted, _)| name.starts_with(wanted));
        let (_, fate) = fate.with_context(|| format!("nothing is expected of {name}"))?;
        ensure!(step.outcome == *fate, "{name} is {}, and not {fate}", step.outcome);
    }
    Ok(())
}

/// A step as the rows call it.
/// Whether the word for a step fits what is there: as it was asked for, or untouched.
pub fn is_told_truly(step: &StepReport, as_asked: bool, untouched: bool) -> bool {
    match (step.outcome.as_str(), step.settled.as_deref()) {
        ("done", Some("as-asked")) => as_asked && step.differences.is_empty(),
        ("done", Some("not-as-asked" | "moved-on-since")) => !as_asked && !step.differences.is_empty(),
        // Nobody has seen it, and it says so.
        ("accepted", None) => as_asked && step.note.is_some(),
        ("rejected", _) => untouched && step.error.is_some(),
        ("not-attempted", None) => untouched && step.note.is_some(),
        // Anything may have come of it, but there has to be a reason why nobody knows.
        ("unknown", _) => step.error.is_some() && (step.note.is_some() || step.settled.is_some()),
        _ => false,
    }
}

/// What is wrong with a step whose word does not fit.
pub fn lie(step: &StepReport, as_asked: bool, untouched: bool) -> String {
    let (name, outcome, settled) = (name(step), &step.outcome, &step.settled);
    format!("a lie: {name} is {outcome} ({settled:?}); as asked: {as_asked}, untouched: {untouched}")
}

pub fn name(step: &StepReport) -> String {
    format!("{} {}", step.kind, step.resource.name)
}

/// The status that the documentation gives these outcomes; the word of the report has to be the one for them too.
pub fn status_of(report: &Report) -> i32 {
    let all = |words: &[&str]| report.steps.iter().all(|step| words.contains(&step.outcome.as_str()));
    let kind = report.error.as_ref().map(|error| error.kind.as_str());
    match (report.outcome.as_str(), kind) {
        ("done", None) if all(&["done", "running"]) => 0,
        ("failed", _) if all(&["rejected", "not-attempted"]) => 1,
        ("refused", Some("stale")) if all(&["not-attempted"]) => 5,
        ("refused", Some("refused" | "denied")) if all(&["not-attempted"]) => 4,
        ("refused", Some(_)) if all(&["not-attempted"]) => 1,
        ("interrupted", Some("timeout")) if all(&["rejected", "not-attempted"]) => 1,
        ("interrupted", Some("timeout")) => 3,
        ("partial", _) if !all(&["done"]) && !all(&["rejected", "not-attempted"]) => 3,
        _ => -1,
    }
}

/// The record says the same as the report.
pub fn recorded(report: &Report, scene: &Scene) -> Result<()> {
    let path = scene.path("record.jsonl");
    if report.outcome == "refused" && report.record.is_none() {
        ensure!(!path.exists(), "a record that the report does not name");
        return Ok(());
    }
    let record = Record::read(&path)?;
    let planned: Plan = serde_json::from_value(record.header["plan"].clone()).context("the recorded plan")?;
    ensure!(planned.steps.len() == report.steps.len(), "the recorded plan has other steps");
    ensure!(record.footer["outcome"] == report.outcome.as_str(), "the record ends with {}", record.footer);
    let fates: &Vec<Value> = record.footer["steps"].as_array().context("fates")?;
    ensure!(fates.len() == report.steps.len(), "the record has other steps");
    for (step, fate) in report.steps.iter().zip(fates) {
        let same = fate["step"] == step.id
            && fate["outcome"] == step.outcome.as_str()
            && fate["settled"].as_str() == step.settled.as_deref();
        ensure!(same, "the record says of {}: {fate}", name(step));
        let last = record.last(step.id);
        let fits = match step.outcome.as_str() {
            "accepted" => last == Some("accepted"),
            "partial" => last == Some("partly-accepted"),
            "rejected" => matches!(last, Some("refused" | "partly-accepted")),
            "not-attempted" => matches!(last, None | Some("not-sent")),
            // What is refused, or not sent, after an earlier sending got no answer may be done all the same.
            "unknown" if record.sent(step.id) > 1 => last.is_some(),
            "unknown" => matches!(last, Some("no-reply" | "sent")),
            _ => last.is_some(),
        };
        ensure!(fits, "{} is {}, and the last that was heard of it: {last:?}", name(step), step.outcome);
    }
    Ok(())
}
