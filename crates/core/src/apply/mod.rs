//! Carrying out a plan, as far as it is pure: what each step's fate is, what the look afterwards says of it, and the
//! report.

mod report;

pub use report::{
    Difference, ItemFailure, Outcome, Report, ReportError, ReportOutcome, Settled, StepEvent, StepReport,
};
