use crate::placement::Throttle;
use crate::plan::{Conflict, Step};
use crate::values::{Failure, TopicId};

/// What an enactor tells of a step while it carries it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepEvent {
    /// The request that holds the step is about to leave.
    Sent,
    /// The server accepted it.
    Accepted,
    /// The server accepted the creation of a topic and says which id it has.
    Created(TopicId),
    /// Part of a step that has items of its own (the partitions of a commit) was refused, the rest accepted.
    PartlyAccepted {
        /// Items accepted.
        done: u32,
        /// Items in all.
        of: u32,
        /// What was refused.
        failures: Vec<ItemFailure>,
    },
    /// The server refused it; nothing of it was done.
    Refused(Failure),
    /// No reply came: it may or may not have been done.
    NoReply(Failure),
    /// It was never sent, and why.
    NotSent(Failure),
}

/// One refused item of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFailure {
    /// The item by name (`orders-3`).
    pub item: String,
    /// The server's words.
    pub failure: Failure,
}

/// The fate of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done, and seen to be done.
    Done,
    /// Accepted, and not yet visible by the deadline.
    Accepted,
    /// Goes on by itself.
    Running,
    /// Some of its items were done.
    Partial {
        /// Items done.
        done: u32,
        /// Items in all.
        of: u32,
    },
    /// Refused; nothing of it was done.
    Rejected,
    /// No reply, and looking did not settle it.
    Unknown,
    /// Never tried.
    NotAttempted,
}

impl Outcome {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Accepted => "accepted",
            Outcome::Running => "running",
            Outcome::Partial { .. } => "partial",
            Outcome::Rejected => "rejected",
            Outcome::Unknown => "unknown",
            Outcome::NotAttempted => "not-attempted",
        }
    }
}

/// What the look after the write says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The resource is as the step asked.
    AsAsked,
    /// The server ignored or changed something.
    NotAsAsked,
    /// It was as asked, or must have been, and somebody has changed it since.
    MovedOnSince,
}

impl Settled {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Settled::AsAsked => "as-asked",
            Settled::NotAsAsked => "not-as-asked",
            Settled::MovedOnSince => "moved-on-since",
        }
    }
}

/// One thing that is not as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which field.
    pub field: String,
    /// What was asked for; `None` for absence.
    pub asked: Option<String>,
    /// What was found; `None` for absence.
    pub found: Option<String>,
}

/// A step and its fate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepReport {
    /// The step as planned.
    pub step: Step,
    /// What became of it.
    pub outcome: Outcome,
    /// What the look afterwards says; `None` when nobody looked or the look failed.
    pub settled: Option<Settled>,
    /// What is not as asked for.
    pub differences: Vec<Difference>,
    /// The server's words, where it refused or did not answer.
    pub failure: Option<Failure>,
    /// Refused items of a partly accepted step.
    pub items: Vec<ItemFailure>,
    /// One sentence on what the outcome does not prove, or why the step was not attempted.
    pub note: Option<String>,
    /// From the request's departure to the step's settlement, in milliseconds.
    pub took_ms: Option<u64>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportOutcome {
    /// Every step is done (or goes on by itself).
    Done,
    /// There was no step, or none that changes anything.
    NothingToDo,
    /// Some steps are not done.
    Partial,
    /// Every step was rejected and nothing was changed.
    Failed,
    /// The run was told to stop.
    Interrupted,
    /// Nothing was tried.
    Refused,
}

impl ReportOutcome {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            ReportOutcome::Done => "done",
            ReportOutcome::NothingToDo => "nothing-to-do",
            ReportOutcome::Partial => "partial",
            ReportOutcome::Failed => "failed",
            ReportOutcome::Interrupted => "interrupted",
            ReportOutcome::Refused => "refused",
        }
    }
}

/// Why a run did not go through, by the kinds of `klerk.error`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportError {
    /// `refused`, `stale`, `interrupted` …
    pub kind: String,
    /// One sentence.
    pub message: String,
    /// What to do.
    pub hints: Vec<String>,
}

/// What became of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The command.
    pub command: String,
    /// The cluster.
    pub cluster_id: String,
    /// The environment, where one was chosen.
    pub environment: Option<String>,
    /// How it ended.
    pub outcome: ReportOutcome,
    /// Every step of the plan with its fate.
    pub steps: Vec<StepReport>,
    /// Conflicts of the plan.
    pub conflicts: Vec<Conflict>,
    /// Why nothing, or not everything, was tried.
    pub error: Option<ReportError>,
    /// Where the record is.
    pub record: Option<String>,
    /// Throttles that earlier runs had left, and that this one has taken off beside its steps.
    pub lifted: Vec<Throttle>,
}
