use super::accepted::{ACCEPTED, FOUND};
use super::every_key::every_key;
use super::refused::{CONFLICTS, REFUSED};
use crate::documents::{Plan, Report};
use anyhow::{Context, Result, ensure};
use klerk_testbed::Client;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What the inputs are put to: a cluster with nothing on it, a folder, and klerk run in it with that cluster in its environment.
pub trait Bed {
    fn client(&self) -> Client;
    fn write(&self, name: &str, text: &str) -> Result<()>;
    /// The status and the document of a command.
    fn klerk(&self, line: &str) -> Result<(i32, Value)>;
}

const ALLOWED: &str = "--yes --allow loses-data,moves-keys,stops-writes,weakens-durability";

fn own(client: &Client) -> Result<BTreeMap<String, usize>> {
    Ok(client.topics()?.into_iter().filter(|(name, _)| !name.starts_with("__")).collect())
}

/// A value as two spellings of it are compared: lists as sets, numbers as numbers.
fn normal(value: &str) -> String {
    if let Ok(number) = value.parse::<i64>() {
        return number.to_string();
    }
    if let Ok(number) = value.parse::<f64>() {
        return number.to_string();
    }
    value.split(',').collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(",")
}

type Held = BTreeMap<String, BTreeMap<String, String>>;

/// What is set on each topic.
fn held(client: &Client) -> Result<Held> {
    let mut held = Held::new();
    for topic in own(client)?.into_keys() {
        let configs = client.overrides(&topic)?.into_iter().map(|(key, value)| (key, normal(&value)));
        held.insert(topic, configs.collect());
    }
    Ok(held)
}

pub(super) fn plan(bed: &impl Bed, flags: &str) -> Result<Plan> {
    let (status, document) = bed.klerk(&format!("plan --detailed-exitcode {flags}"))?;
    let plan: Plan = serde_json::from_value(document.clone()).with_context(|| document.to_string())?;
    ensure!(plan.conflicts.is_empty(), "{:?}", plan.conflicts);
    ensure!((status == 2) != plan.steps.is_empty(), "status {status}");
    Ok(plan)
}

pub(super) fn nothing_to_do(bed: &impl Bed, flags: &str) -> Result<()> {
    let plan = plan(bed, flags)?;
    let phantoms: Vec<String> = plan
        .steps
        .iter()
        .map(|step| format!("{}: {} -> {}", step.resource.name, step.from, step.to))
        .collect();
    ensure!(phantoms.is_empty(), "phantom changes with {flags}: {phantoms:#?}");
    Ok(())
}

fn apply(bed: &impl Bed, flags: &str) -> Result<()> {
    let (status, document) = bed.klerk(&format!("apply {ALLOWED} {flags}"))?;
    let report: Report = serde_json::from_value(document.clone()).with_context(|| document.to_string())?;
    ensure!(report.conflicts.is_empty(), "{:?}", report.conflicts);
    for step in &report.steps {
        let settled = matches!(step.settled.as_deref(), Some("as-asked") | None);
        ensure!(settled, "{} is not as asked: {:?}", step.resource.name, step.differences);
    }
    ensure!(status == 0, "status {status}: {:?}", report.error);
    Ok(())
}

/// What is on the cluster is exported; with the export there is nothing to do, and from nothing it leads to the same again.
fn survives_an_export(bed: &impl Bed) -> Result<()> {
    let client = bed.client();
    let (before, topics) = (held(&client)?, own(&client)?);
    let (status, exported) = bed.klerk("export --out taken --force")?;
    ensure!(status == 0, "{exported}");
    nothing_to_do(bed, "-f taken/topology.yaml")?;
    client.delete_topics(&topics.keys().map(String::as_str).collect::<Vec<_>>())?;
    apply(bed, "-f taken/topology.yaml")?;
    ensure!(own(&client)? == topics, "other topics: {:?}", own(&client)?);
    let mut before = before;
    let text = exported["files"][0]["text"].as_str().unwrap_or_default();
    for (topic, configs) in &mut before {
        // These belong to moves, or a topology has no way to say them: they are left out, and named.
        configs.retain(|key, value| {
            let is_said = !key.ends_with(".throttled.replicas") && !value.is_empty();
            is_said || !text.contains(&format!("# {topic}: {key} "))
        });
    }
    let after = held(&client)?;
    for (topic, was) in &before {
        ensure!(after.get(topic) == Some(was), "{topic} was {was:?} and is {:?}", after.get(topic));
    }
    client.delete_topics(&topics.keys().map(String::as_str).collect::<Vec<_>>())
}

/// Everything that is accepted, in one apply.
pub fn accepted(bed: &impl Bed) -> Result<()> {
    let longest = "n".repeat(249);
    let (lines, every) = every_key();
    let mut text = "klerk: 1\ndefaults: { partitions: 1, replication: 1 }\ntopics:\n".to_owned();
    for row in ACCEPTED {
        writeln!(text, "  {}", row.line)?;
    }
    write!(text, "  {longest}: {{}}\n  every.key:\n{lines}")?;
    bed.write("topology.yaml", &text)?;
    apply(bed, "")?;

    let client = bed.client();
    let (topics, held) = (own(&client)?, held(&client)?);
    ensure!(topics.len() == ACCEPTED.len() + 2 && topics.contains_key(&longest), "{} topics", topics.len());
    for row in ACCEPTED {
        ensure!(topics.get(row.name) == Some(&row.partitions), "{}: {:?}", row.line, topics.get(row.name));
        let holds = row.holds.iter().map(|(key, value)| ((*key).to_owned(), normal(value))).collect();
        ensure!(held.get(row.name) == Some(&holds), "{}: {:?}", row.line, held.get(row.name));
    }
    let every: BTreeMap<String, String> =
        every.into_iter().map(|(key, value)| (key, normal(&value))).collect();
    ensure!(
        every.len() > 20 && held.get("every.key") == Some(&every),
        "{:?} and not {every:?}",
        held.get("every.key")
    );

    nothing_to_do(bed, "")?;
    bed.write("windows.yaml", &format!("\u{feff}{}", text.replace('\n', "\r\n")))?;
    nothing_to_do(bed, "-f windows.yaml")?;
    survives_an_export(bed)
}

/// What was set by hand.
pub fn found(bed: &impl Bed) -> Result<()> {
    for (topic, configs) in FOUND {
        bed.client().create_topic(topic, 1, 1, configs).with_context(|| (*topic).to_owned())?;
    }
    survives_an_export(bed)
}

/// What no broker is asked about.
pub fn refused(bed: &impl Bed) -> Result<()> {
    let deep = format!("klerk: 1\ntopics: {}{}\n", "{ a: ".repeat(20_000), "}".repeat(20_000));
    let mut bomb = "klerk: 1\nclasses:\n  l0: &l0 { owner: x }\n".to_owned();
    for level in 1..40 {
        let before = level - 1;
        writeln!(bomb, "  l{level}: &l{level} {{ a: *l{before}, b: *l{before}, c: *l{before} }}")?;
    }
    for (what, file) in [("nesting", &deep), ("a bomb of aliases", &bomb)] {
        bed.write("hostile.yaml", file)?;
        let (status, document) = bed.klerk("validate -f hostile.yaml")?;
        ensure!(status == 1 && document["faults"][0]["code"].is_string(), "{what}: {status} {document}");
    }
    for row in REFUSED {
        bed.write("hostile.yaml", row.file)?;
        let (status, document) = bed.klerk("validate -f hostile.yaml")?;
        let fault = &document["faults"][0];
        let place =
            (fault["line"].as_u64().unwrap_or_default(), fault["column"].as_u64().unwrap_or_default());
        let code = format!("topology/{}", row.code);
        let fix = fault["fix"].as_str().unwrap_or_default();
        let fits =
            status == 1 && fault["code"] == code.as_str() && place == row.place && fix.contains(row.fix);
        ensure!(fits, "{:?} is refused as {document}", row.file);
        ensure!(fault["message"].as_str().is_some_and(|message| message.len() > 10), "{document}");
    }
    Ok(())
}

/// What a broker refuses is a conflict with the line that asks for it, and nothing is done.
pub fn conflicting(bed: &impl Bed) -> Result<()> {
    let mut text = "klerk: 1\ndefaults: { partitions: 1, replication: 1 }\ntopics:\n  fine: {}\n".to_owned();
    for (line, _) in CONFLICTS {
        writeln!(text, "  {line}")?;
    }
    bed.write("topology.yaml", &text)?;
    let (status, document) = bed.klerk("apply --yes")?;
    let report: Report = serde_json::from_value(document)?;
    ensure!(status == 1 && report.conflicts.len() == CONFLICTS.len(), "{:?}", report.conflicts);
    for (conflict, line) in CONFLICTS.iter().zip(5..) {
        let (written, words) = conflict;
        let topic = written.split(':').next().unwrap_or_default();
        let told = report.conflicts.iter().find(|one| one.resource.name == topic).context(topic)?;
        ensure!(told.message.contains(words), "{written}: {}", told.message);
        ensure!(
            told.origin.as_ref().is_some_and(|origin| origin.line == line),
            "{written}: {:?}",
            told.origin
        );
    }
    ensure!(own(&bed.client())?.is_empty(), "something was done");
    Ok(())
}
