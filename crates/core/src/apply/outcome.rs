use super::{Outcome, ReportOutcome, Settled, StepReport};

/// Why a run did not go on to its last step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It was told to stop by a signal.
    Interrupted,
    /// It must not be carried out: consent, a risk, a conflict, or a fact that no longer stands.
    Refused,
}

/// How a run ended, by the fate of its steps. What the server ignored or changed counts as not done.
pub fn outcome_of(steps: &[StepReport], stop: Option<Stop>) -> ReportOutcome {
    let tried = steps.iter().any(|report| report.outcome != Outcome::NotAttempted);
    let goes_on = steps.iter().any(|report| report.outcome == Outcome::Running);
    let finished = steps.iter().all(is_finished);
    match stop {
        Some(Stop::Refused) if !tried => return ReportOutcome::Refused,
        // What goes on by itself was still to be waited for.
        Some(Stop::Interrupted) if !finished || goes_on => return ReportOutcome::Interrupted,
        _ => {}
    }
    if steps.iter().all(|report| report.step.change.is_unchanged() && is_idle(report)) {
        return ReportOutcome::NothingToDo;
    }
    if finished && !(goes_on && stop.is_some()) {
        return ReportOutcome::Done;
    }
    let untouched = |report: &StepReport| matches!(report.outcome, Outcome::Rejected | Outcome::NotAttempted);
    if steps.iter().all(untouched) { ReportOutcome::Failed } else { ReportOutcome::Partial }
}

fn is_finished(report: &StepReport) -> bool {
    matches!(report.outcome, Outcome::Done | Outcome::Running) && report.settled != Some(Settled::NotAsAsked)
}

/// A step that changes nothing need not be sent.
fn is_idle(report: &StepReport) -> bool {
    report.outcome == Outcome::NotAttempted || is_finished(report)
}
