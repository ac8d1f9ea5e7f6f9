use super::plan::ClusterV1;
use super::{ChangeV1, ConflictV1, FailureV1};
use klerk_core::apply::{Difference, ItemFailure, Outcome, Report, ReportError, Settled, StepReport};
use klerk_core::placement::Throttle;
use serde::{Deserialize, Serialize};

/// `klerk.report`: what became of a plan.
#[derive(Debug, Clone, Serialize)]
pub struct ReportDocument {
    format: &'static str,
    version: u32,
    command: String,
    cluster: ClusterV1,
    environment: Option<String>,
    outcome: &'static str,
    steps: Vec<StepReportV1>,
    conflicts: Vec<ConflictV1>,
    error: Option<ReportErrorV1>,
    record: Option<String>,
    /// What earlier runs had left, and this one has taken off.
    lifted_throttles: Vec<LiftedV1>,
}

/// A throttle that was taken off; records hold the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiftedV1 {
    bytes_per_second: i64,
    topics: Vec<String>,
    brokers: Vec<i32>,
}

#[derive(Debug, Clone, Serialize)]
struct StepReportV1 {
    id: u32,
    #[serde(flatten)]
    change: ChangeV1,
    risks: Vec<&'static str>,
    outcome: &'static str,
    settled: Option<&'static str>,
    done: Option<u32>,
    of: Option<u32>,
    error: Option<FailureV1>,
    differences: Vec<DifferenceV1>,
    items: Vec<ItemV1>,
    note: Option<String>,
    ms: Option<u64>,
}

#[derive(Debug, Clone, Serialize)]
struct DifferenceV1 {
    field: String,
    asked: Option<String>,
    found: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct ItemV1 {
    item: String,
    error: FailureV1,
}

#[derive(Debug, Clone, Serialize)]
struct ReportErrorV1 {
    kind: String,
    message: String,
    hints: Vec<String>,
}

impl From<&Report> for ReportDocument {
    fn from(report: &Report) -> Self {
        ReportDocument {
            format: "klerk.report",
            version: 1,
            command: report.command.clone(),
            cluster: ClusterV1 { id: report.cluster_id.clone() },
            environment: report.environment.clone(),
            outcome: report.outcome.as_str(),
            steps: report.steps.iter().map(StepReportV1::from).collect(),
            conflicts: report.conflicts.iter().map(ConflictV1::from).collect(),
            error: report.error.as_ref().map(ReportErrorV1::from),
            record: report.record.clone(),
            lifted_throttles: report.lifted.iter().map(LiftedV1::from).collect(),
        }
    }
}

impl From<&Throttle> for LiftedV1 {
    fn from(throttle: &Throttle) -> Self {
        LiftedV1 {
            bytes_per_second: throttle.rate,
            topics: throttle.topics.keys().cloned().collect(),
            brokers: throttle.brokers.keys().copied().collect(),
        }
    }
}

impl From<&StepReport> for StepReportV1 {
    fn from(report: &StepReport) -> Self {
        let (done, of) = match report.outcome {
            Outcome::Partial { done, of } => (Some(done), Some(of)),
            Outcome::Done
            | Outcome::Accepted
            | Outcome::Running
            | Outcome::Rejected
            | Outcome::Unknown
            | Outcome::NotAttempted => (None, None),
        };
        StepReportV1 {
            id: report.step.id.0,
            change: ChangeV1::of(&report.step),
            risks: report.step.risks.iter().map(|risk| risk.as_str()).collect(),
            outcome: report.outcome.as_str(),
            settled: report.settled.map(Settled::as_str),
            done,
            of,
            error: report.failure.as_ref().map(FailureV1::from),
            differences: report.differences.iter().map(DifferenceV1::from).collect(),
            items: report.items.iter().map(ItemV1::from).collect(),
            note: report.note.clone(),
            ms: report.took_ms,
        }
    }
}

impl From<&Difference> for DifferenceV1 {
    fn from(difference: &Difference) -> Self {
        DifferenceV1 {
            field: difference.field.clone(),
            asked: difference.asked.clone(),
            found: difference.found.clone(),
        }
    }
}

impl From<&ItemFailure> for ItemV1 {
    fn from(item: &ItemFailure) -> Self {
        ItemV1 { item: item.item.clone(), error: FailureV1::from(&item.failure) }
    }
}

impl From<&ReportError> for ReportErrorV1 {
    fn from(error: &ReportError) -> Self {
        ReportErrorV1 { kind: error.kind.clone(), message: error.message.clone(), hints: error.hints.clone() }
    }
}
