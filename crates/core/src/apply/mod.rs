//! Carrying out a plan, as far as it is pure: which steps may go, what each step's fate is, what the look afterwards
//! says of it, and the report.

mod outcome;
mod patience;
mod report;
mod schedule;
mod settle;
#[cfg(test)]
mod tests;

pub use outcome::{Stop, outcome_of};
pub use patience::patience_ms;
pub use report::{
    Difference, ItemFailure, Outcome, Report, ReportError, ReportOutcome, Settled, StepEvent, StepReport,
};
pub use schedule::{Wave, ready};
pub use settle::{Settlement, Told, settle, settle_unseen, still_waiting};
