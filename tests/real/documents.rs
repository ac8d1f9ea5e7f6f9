//! klerk's JSON documents, declared again: a field that comes or goes without being said here fails a test.

// Most fields are only here to be parsed.
#![allow(dead_code)]

#[path = "group_documents.rs"]
mod group_documents;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;

#[path = "documents_about_klerk.rs"]
mod about_klerk;
#[path = "access_documents.rs"]
mod access_documents;
#[path = "documents_of_clusters.rs"]
mod of_clusters;
pub use about_klerk::*;
pub use access_documents::*;
pub use group_documents::*;
pub use of_clusters::{ClusterConfigs, ClusterStatus};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub format: String,
    pub version: u32,
    /// Of a plan that is printed or saved; one within a record has none.
    pub digest: Option<String>,
    pub command: String,
    pub cluster: Cluster,
    pub environment: Option<String>,
    pub against: Option<String>,
    pub appliable: bool,
    #[serde(default)]
    pub skips_blocked: bool,
    pub requires: Vec<String>,
    pub preflight: String,
    pub summary: Summary,
    pub steps: Vec<Step>,
    pub conflicts: Vec<Conflict>,
    pub unmanaged: Names,
    pub unchanged: Names,
    pub findings: Vec<Finding>,
    #[serde(default)]
    pub policy: Option<Bounds>,
    pub visible_only: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    pub changes: BTreeMap<String, String>,
    pub by_hand: Vec<String>,
    pub max_change_share: Option<ChangeShare>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeShare {
    pub percent: u8,
    pub estate: BTreeMap<String, usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    pub id: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moves {
    pub format: String,
    pub version: u32,
    pub cluster: Cluster,
    pub moves: Vec<Move>,
    pub copied_bytes: i64,
    pub of_bytes: i64,
    pub bytes_per_second: Option<i64>,
    pub left_ms: Option<i64>,
    pub throttles: Vec<Throttle>,
    pub left_throttles: Vec<Throttle>,
    pub not_available: Vec<of_clusters::NotAvailable>,
    pub visible_only: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    pub topic: String,
    pub partition: i32,
    pub from: Vec<i32>,
    pub to: Vec<i32>,
    pub adding: Vec<i32>,
    pub removing: Vec<i32>,
    pub copied_bytes: Option<i64>,
    pub of_bytes: Option<i64>,
    pub stalled: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoveThrottle {
    pub bytes_per_second: i64,
    pub leader_replicas: String,
    pub follower_replicas: String,
    pub brokers: Vec<ThrottledBroker>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThrottledBroker {
    pub broker: i32,
    pub sets: Vec<String>,
    pub changes: BTreeMap<String, String>,
    pub stays: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    pub broker: Option<i32>,
    pub topic: Option<String>,
    pub key: String,
    pub value: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    pub format: String,
    pub version: u32,
    pub cluster: Option<Cluster>,
    pub total: usize,
    pub records: Vec<HistoryRecord>,
    pub not_begun: Vec<String>,
    pub unreadable: Vec<UnreadableRecord>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryRecord {
    pub id: String,
    pub file: String,
    pub cluster: Cluster,
    pub at: String,
    pub ended_at: Option<String>,
    pub user: Option<String>,
    pub klerk: String,
    pub command: String,
    pub environment: Option<String>,
    pub outcome: String,
    pub steps: HistorySteps,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistorySteps {
    pub changed: usize,
    pub unknown: usize,
    pub unchanged: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnreadableRecord {
    pub file: String,
    pub reason: String,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    pub create: usize,
    pub change: usize,
    pub delete: usize,
    pub blocked: usize,
    pub unchanged: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    pub topics: Vec<String>,
    pub subjects: Vec<String>,
    pub groups: Vec<String>,
    pub acls: Vec<String>,
    #[serde(default)]
    pub quotas: Vec<String>,
    #[serde(default)]
    pub users: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub id: u32,
    pub kind: String,
    pub resource: Resource,
    pub from: Value,
    pub to: Value,
    pub topic_id: Option<String>,
    #[serde(default)]
    pub while_empty: bool,
    #[serde(default)]
    pub permanent: bool,
    pub group_type: Option<String>,
    pub before: Option<String>,
    pub partitions: Option<Vec<Partition>>,
    pub under_way: Option<Vec<i32>>,
    pub throttle_bytes_per_second: Option<i64>,
    pub throttle: Option<MoveThrottle>,
    pub risks: Vec<String>,
    pub impact: Impact,
    pub expects: Vec<Expectation>,
    pub after: Vec<u32>,
    pub origin: Option<Origin>,
    #[serde(default)]
    pub origins: BTreeMap<String, ValueOrigin>,
    pub preflighted: bool,
    pub entity: Option<BTreeMap<String, Option<String>>>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    #[serde(rename = "type")]
    pub kind: String,
    pub name: String,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueOrigin {
    pub file: String,
    pub line: u32,
    pub column: u32,
    pub layer: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Impact {
    pub groups: Vec<String>,
    pub notes: Vec<String>,
    pub loss: Option<Value>,
    pub usage: Option<Value>,
    pub copying: Option<Value>,
    pub held_back: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    pub resource: Resource,
    pub field: String,
    pub value: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conflict {
    pub resource: Resource,
    pub reason: String,
    pub message: String,
    pub origin: Option<Origin>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    pub severity: String,
    pub code: String,
    pub message: String,
    pub resource: Resource,
    pub origin: Option<Origin>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partition {
    pub topic: String,
    pub partition: i32,
    pub from: Option<i64>,
    pub to: Option<i64>,
    pub delta: Option<i64>,
    pub lag_after: Option<i64>,
    pub skips: i64,
    pub repeats: i64,
    pub span_ms: Option<i64>,
    pub clamped: bool,
    pub note: Option<String>,
    pub start: Option<i64>,
    pub end: Option<i64>,
    pub topic_id: Option<String>,
    pub from_leader_epoch: Option<i32>,
    pub from_metadata: Option<String>,
    pub to_leader_epoch: Option<i32>,
    pub to_metadata: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    pub format: String,
    pub version: u32,
    pub command: String,
    pub cluster: Cluster,
    pub environment: Option<String>,
    pub outcome: String,
    pub steps: Vec<StepReport>,
    pub conflicts: Vec<Conflict>,
    pub error: Option<ReportError>,
    pub record: Option<String>,
    pub lifted_throttles: Vec<LiftedThrottle>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiftedThrottle {
    pub bytes_per_second: i64,
    pub topics: Vec<String>,
    pub brokers: Vec<i32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepReport {
    pub id: u32,
    pub kind: String,
    pub resource: Resource,
    pub from: Value,
    pub to: Value,
    pub topic_id: Option<String>,
    #[serde(default)]
    pub while_empty: bool,
    #[serde(default)]
    pub permanent: bool,
    pub group_type: Option<String>,
    pub before: Option<String>,
    pub partitions: Option<Vec<Partition>>,
    pub under_way: Option<Vec<i32>>,
    pub throttle_bytes_per_second: Option<i64>,
    pub throttle: Option<MoveThrottle>,
    pub risks: Vec<String>,
    pub outcome: String,
    pub settled: Option<String>,
    pub done: Option<u32>,
    pub of: Option<u32>,
    pub error: Option<Failure>,
    pub differences: Vec<Difference>,
    pub items: Vec<Item>,
    pub note: Option<String>,
    pub ms: Option<u64>,
    pub entity: Option<BTreeMap<String, Option<String>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    pub code: Option<i32>,
    pub name: String,
    pub message: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    pub field: String,
    pub asked: Option<String>,
    pub found: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub item: String,
    pub error: Failure,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportError {
    pub kind: String,
    pub message: String,
    pub hints: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorDocument {
    pub format: String,
    pub version: u32,
    pub error: ErrorBody,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorBody {
    pub kind: String,
    pub message: String,
    pub hints: Vec<String>,
    pub causes: Vec<String>,
    pub resource: Option<Resource>,
    pub kafka: Option<KafkaCode>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KafkaCode {
    pub code: i32,
    pub name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    pub format: String,
    pub version: u32,
    pub valid: bool,
    pub faults: Vec<Fault>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    pub code: String,
    pub severity: String,
    pub message: String,
    pub environments: Vec<String>,
    pub file: Option<String>,
    pub line: Option<u32>,
    pub column: Option<u32>,
    pub fix: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diff {
    pub format: String,
    pub version: u32,
    pub a: String,
    pub b: String,
    pub same: bool,
    pub differences: Vec<Differing>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Differing {
    pub resource: Resource,
    pub only_in: Option<String>,
    pub fields: Vec<DifferingField>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DifferingField {
    pub field: String,
    pub a: Option<Said>,
    pub b: Option<Said>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    pub value: String,
    pub origin: Origin,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sandbox {
    pub format: String,
    pub version: u32,
    pub simulated: bool,
    pub cluster_id: String,
    pub bootstrap: String,
    pub brokers: Vec<String>,
    pub registry: String,
    pub manner: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demo {
    pub format: String,
    pub version: u32,
    pub done: bool,
    pub cluster_id: String,
    pub steps: Vec<DemoStep>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoStep {
    pub says: Option<String>,
    pub command: Option<String>,
    pub expected_status: Option<u8>,
    pub status: Option<i32>,
    pub output: Option<String>,
    pub effect: Option<String>,
    pub holds: Option<bool>,
}

/// `klerk.help`, `klerk.version`, `klerk.completions`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    pub format: String,
    pub version: u32,
    pub text: String,
}

/// Reads a document as the type that its `format` names, and gives back the name.
///
/// # Errors
/// When it is of no known format, has a field more or less, or does not open with `format` and `version`.
pub fn format_of(text: &str) -> Result<String> {
    let value: Value = serde_json::from_str(text).with_context(|| format!("no JSON: {text}"))?;
    let fields = value.as_object().context("no object")?;
    let opening: Vec<&String> = fields.keys().take(2).collect();
    ensure!(opening == ["format", "version"], "it opens with {opening:?}");
    ensure!(value["version"] == 1, "version {}", value["version"]);
    let format = value["format"].as_str().context("a format")?.to_owned();
    let read = match format.as_str() {
        "klerk.plan" => is::<Plan>(text),
        "klerk.report" => is::<Report>(text),
        "klerk.error" => is::<ErrorDocument>(text),
        "klerk.validation" => is::<Validation>(text),
        "klerk.lag" => is::<Lag>(text),
        "klerk.moves" => is::<Moves>(text),
        "klerk.history" => is::<History>(text),
        "klerk.cluster" => is::<ClusterStatus>(text),
        "klerk.cluster-configs" => is::<ClusterConfigs>(text),
        "klerk.quotas" => is::<Quotas>(text),
        "klerk.users" => is::<Users>(text),
        "klerk.acls" => is::<Acls>(text),
        "klerk.groups" => is::<Groups>(text),
        "klerk.group" => is::<DescribedGroups>(text),
        "klerk.config" => is::<Config>(text),
        "klerk.paths" => is::<Paths>(text),
        "klerk.explanation" => is::<Explanation>(text),
        "klerk.diff" => is::<Diff>(text),
        "klerk.sandbox" => is::<Sandbox>(text),
        "klerk.demo" => is::<Demo>(text),
        "klerk.help" | "klerk.version" | "klerk.completions" => is::<Text>(text),
        other => bail!("a document that nobody knows: {other}"),
    };
    read.with_context(|| format!("{format}:\n{text}"))?;
    Ok(format)
}

fn is<T: DeserializeOwned>(text: &str) -> Result<()> {
    serde_json::from_str::<T>(text)?;
    Ok(())
}
