//! From a plan to its report: show, ask, record, carry out, tell. Every command that changes something ends here.

use super::bar::Bar;
use super::throttles;
use crate::app::App;
use crate::cli::{Consent, Moving};
use crate::consent::{self, By, Decision, Given, Grant};
use crate::error::{Error, Kind, kind_of};
use crate::session::{CarriedOut, Enact, Journal, Look, Run};
use crate::status::Status;
use crate::stop::StopCause;
use crate::store::{Held, Record};
use crate::view::plan::Telling;
use klerk_core::apply::{
    Outcome, Report, ReportError, ReportOutcome, Settlement, StepEvent, StepReport, Stop, outcome_of,
};
use klerk_core::placement::Throttle;
use klerk_core::plan::{Conflict, ConflictReason, Drift, Plan, Step, StepId};
use std::collections::BTreeMap;
use std::io;

/// Shows the plan, obtains consent, records what is there, carries the plan out and reports the fate of every step.
///
/// # Errors
/// Only before anything is tried: afterwards there is a report, whatever happened.
pub async fn act(
    app: &App,
    servers: &(impl Look + Enact),
    plan: &Plan,
    flags: &Consent,
) -> Result<Status, Error> {
    act_when(app, servers, plan, flags, &Moving::default(), async |plan| Ok(plan.clone())).await
}

/// The same for a plan that may move replicas.
///
/// # Errors
/// As for [`act`].
pub async fn act_moving(
    app: &App,
    servers: &(impl Look + Enact),
    plan: &Plan,
    flags: &Consent,
    moving: &Moving,
) -> Result<Status, Error> {
    act_when(app, servers, plan, flags, moving, async |plan| Ok(plan.clone())).await
}

/// The same with something that must come about between consent and record. It returns the plan as it is carried out
/// then, with what is there by that time, or why the plan must not be carried out.
///
/// # Errors
/// As for [`act`].
pub async fn act_when(
    app: &App,
    servers: &(impl Look + Enact),
    plan: &Plan,
    flags: &Consent,
    moving: &Moving,
    ready: impl AsyncFnOnce(&Plan) -> Result<Plan, ReportError>,
) -> Result<Status, Error> {
    if flags.only_plans() {
        app.save_and_show_plan(plan, flags.out.as_deref(), &telling(flags))?;
        return Ok(match plan.is_appliable() {
            true if plan.left_out() > 0 => Status::Partly,
            true => Status::Done,
            false => Status::Failed,
        });
    }
    let context = app.settings.context.as_ref().filter(|context| context.protected);
    let given = Given { protected: context.map(|context| context.name.clone()), ..Given::from(flags) };
    let will_ask = matches!(consent::decide(plan, &given, app.term.can_ask()), Decision::Ask { .. });
    app.propose_plan(plan, will_ask, &telling(flags));
    if !plan.is_appliable() {
        let hint = way_out(plan);
        let message = match plan.skips_blocked {
            false => "the plan has conflicts, so nothing of it is carried out",
            true => "all that would change is blocked, so nothing is carried out",
        };
        let error = error("conflict", message, vec![hint.to_owned()]);
        return Ok(tell(app, flags, not_tried(plan, ReportOutcome::Refused, Some(error)), Status::Failed));
    }
    if plan.steps.iter().all(|step| step.change.is_unchanged()) {
        let report = only_lift(app, servers, plan, flags).await;
        return Ok(tell(app, flags, report, Status::Done));
    }
    let mut denied: Vec<String> = plan.denied().map(|finding| finding.message.clone()).collect();
    if !denied.is_empty() {
        denied.push(GRANT.to_owned());
        let error = error(
            "denied",
            "a server has said that it does not allow this, so nothing of it is done",
            denied,
        );
        return Ok(refused(app, flags, plan, error));
    }
    let obtained = tokio::select! {
        biased;
        cause = app.stop.wait() => return Ok(stopped(app, flags, plan, cause)),
        obtained = consent::obtain(plan, &given, &app.term) => obtained,
    };
    let grant = match obtained {
        Ok(grant) => grant,
        Err(refusal) => {
            return Ok(refused(app, flags, plan, not_consented(&refusal)));
        }
    };
    let prepared = tokio::select! {
        biased;
        cause = app.stop.wait() => return Ok(stopped(app, flags, plan, cause)),
        prepared = ready(plan) => prepared,
    };
    match prepared {
        // On the heap: what a run holds is large, and commands are nested deeply on one stack.
        Ok(plan) => Ok(Box::pin(carry_out(app, servers, &plan, flags, moving, &grant)).await),
        Err(error) => Ok(refused(app, flags, plan, error)),
    }
}

/// What to do where rights are lacking.
const GRANT: &str = "whoever runs the servers can allow it, by an ACL of the cluster or a role of the registry; then run this again";

/// Takes off the throttles that earlier runs have left, where nothing else is done. As for every change, the record comes
/// first; that of a run which has changed nothing goes again.
async fn only_lift(app: &App, servers: &impl Enact, plan: &Plan, flags: &Consent) -> Report {
    let report = not_tried(plan, ReportOutcome::NothingToDo, None);
    if !throttles::are_left(app, &plan.cluster_id) {
        return report;
    }
    let grant = Grant { go_on: By::Unasked, allowed: BTreeMap::new() };
    let record = match app.create_record(plan, &grant, flags.record.as_deref()) {
        Ok(record) => record,
        Err(failure) => {
            let why = failure.explain().message;
            app.term.warn(&format!("note: throttles that earlier runs have left are not looked at: {why}\n"));
            return report;
        }
    };
    let lifted = throttles::lift(app, servers, &plan.cluster_id, record.id()).await;
    if lifted.is_empty() {
        record.discard();
        return report;
    }
    finish(app, record, Report { lifted, ..report })
}

/// Ends the record of a run with its report, which names it from then on.
fn finish(app: &App, record: Record, report: Report) -> Report {
    let report = Report { record: Some(record.path().display().to_string()), ..report };
    if let Err(failure) = record.finish(app.clock.now(), &report) {
        app.term
            .warn(&format!("note: the record ends early, since it cannot be written any more: {failure}\n"));
    }
    report
}

/// Shows a plan and refuses it, for a reason that needs no consent to be known.
///
/// # Errors
/// When the plan is to be saved and cannot be.
pub fn refuse(app: &App, plan: &Plan, flags: &Consent, error: ReportError) -> Result<Status, Error> {
    if flags.only_plans() {
        app.save_and_show_plan(plan, flags.out.as_deref(), &telling(flags))?;
        return Ok(Status::Refused);
    }
    app.propose_plan(plan, false, &telling(flags));
    Ok(refused(app, flags, plan, error))
}

/// What to do about what stands in the way.
fn way_out(plan: &Plan) -> &'static str {
    let unread = |conflict: &Conflict| conflict.reason == ConflictReason::NotReadable;
    if plan.conflicts.iter().all(unread) {
        return "see to what could not be read, and run the command again; it is no fault of what was asked for";
    }
    let of_file = |conflict: &&Conflict| conflict.origin.is_some() && !unread(conflict);
    match plan.conflicts.iter().any(|conflict| of_file(&conflict)) {
        true => "mend the lines that it names, then apply again",
        // No file asked for it; the command itself did.
        false => "ask for something else, or change what stands in the way, and run the command again",
    }
}

/// What is told when consent was not given.
pub fn not_consented(refusal: &consent::Refusal) -> ReportError {
    error("refused", &refusal.to_string(), refusal.hints())
}

/// Shows a plan and refuses it, because what it was made on no longer holds.
pub fn refuse_stale(app: &App, plan: &Plan, flags: &Consent, drifts: &[Drift]) -> Status {
    app.propose_plan(plan, false, &telling(flags));
    tell(app, flags, not_tried(plan, ReportOutcome::Refused, Some(stale(drifts))), Status::Stale)
}

/// Shows a plan and refuses it, because it could not be found out whether what it was made on still holds.
pub fn refuse_unchecked(app: &App, plan: &Plan, flags: &Consent, unreadable: &[Drift]) -> Status {
    app.propose_plan(plan, false, &telling(flags));
    let drifts = unreadable.iter().map(ToString::to_string).collect();
    let error =
        error("conflict", "what the plan rests on could not be read, so nothing of it is done", drifts);
    tell(app, flags, not_tried(plan, ReportOutcome::Refused, Some(error)), Status::Failed)
}

/// What the command line says about how to tell of a plan.
fn telling(flags: &Consent) -> Telling {
    let allowed = flags.allow.iter().copied().collect();
    Telling { full: flags.full, allowed, ..Telling::default() }
}

fn stale(drifts: &[Drift]) -> ReportError {
    let drifts = drifts.iter().map(ToString::to_string).collect();
    error("stale", "things have changed since the plan was made", drifts)
}

/// Told to stop before anything was tried.
fn stopped(app: &App, flags: &Consent, plan: &Plan, cause: StopCause) -> Status {
    let error = error(kind_of_stop(cause).as_str(), &format!("{cause}; nothing was changed"), Vec::new());
    tell(app, flags, not_tried(plan, ReportOutcome::Interrupted, Some(error)), cause.status())
}

fn kind_of_stop(cause: StopCause) -> Kind {
    match cause {
        StopCause::Timeout(_) => Kind::Timeout,
        StopCause::Interrupt | StopCause::Terminate | StopCause::HangUp => Kind::Interrupted,
    }
}

fn refused(app: &App, flags: &Consent, plan: &Plan, error: ReportError) -> Status {
    tell(app, flags, not_tried(plan, ReportOutcome::Refused, Some(error)), Status::Refused)
}

async fn carry_out(
    app: &App,
    servers: &(impl Look + Enact),
    plan: &Plan,
    flags: &Consent,
    moving: &Moving,
    grant: &Grant,
) -> Status {
    let record = match app.create_record(plan, grant, flags.record.as_deref()) {
        Ok(record) => record,
        Err(failed) => {
            let explained = failed.explain();
            let error = error(explained.kind.as_str(), &explained.message, explained.hints);
            return tell(app, flags, not_tried(plan, ReportOutcome::Refused, Some(error)), explained.status);
        }
    };
    let mut notes = Notes { record, app, cluster_id: &plan.cluster_id, held: Vec::new() };
    let total = u64::try_from(plan.steps.len()).unwrap_or(u64::MAX);
    let progress = app.term.progress("applying", Some(total));
    let mut watcher = Bar::new(progress, &app.term);
    let stop = || app.stop.requested().is_some();
    let run = Run::new(servers, &mut notes, &mut watcher, &stop);
    let run = if moving.no_wait { run.without_waiting() } else { run };
    let carried = telling_of_signals(app, run.carry_out(plan)).await;
    drop(watcher);
    notes.held.clear();
    let lifted = throttles::lift(app, servers, &plan.cluster_id, notes.record.id()).await;

    let report = finish(app, notes.record, Report { lifted, ..report(app, plan, carried) });
    let status = status(app.stop.requested(), &report);
    tell(app, flags, report, status)
}

/// Goes on to the end, and says so when a signal comes: what is in flight takes its time.
async fn telling_of_signals<T>(app: &App, run: impl Future<Output = T>) -> T {
    let mut run = Box::pin(run);
    let cause = tokio::select! {
        biased;
        done = &mut run => return done,
        cause = app.stop.wait() => cause,
    };
    if !matches!(cause, StopCause::Timeout(_)) {
        app.term.note(&format!(
            "{cause}: what is in flight is seen to its end, and nothing more is sent; once more leaves at once\n"
        ));
    }
    run.await
}

fn report(app: &App, plan: &Plan, carried: CarriedOut) -> Report {
    let CarriedOut { steps, drifts, interrupted, record_failure, look_failure } = carried;
    let error = if !drifts.is_empty() {
        Some(stale(&drifts))
    } else if let Some(failure) = record_failure {
        let hint = "name another place with --record".to_owned();
        Some(error("file", &format!("the record cannot be written: {failure}"), vec![hint]))
    } else if let Some(failure) = look_failure {
        let kind = kind_of(&failure, Kind::Kafka);
        Some(error(kind.as_str(), &format!("the present state could not be read: {failure}"), Vec::new()))
    } else if let (true, Some(cause)) = (interrupted, app.stop.requested()) {
        let kind = kind_of_stop(cause);
        let goes_on = steps.iter().any(|step| step.outcome == Outcome::Running);
        let hint = match goes_on {
            true => "apply again to follow it to its end: what is done is not done twice",
            false => "apply again to finish: what is done is not done twice",
        };
        Some(error(kind.as_str(), &cause.to_string(), vec![hint.to_owned()]))
    } else {
        None
    };
    let stop = match &error {
        None => None,
        Some(_) if interrupted => Some(Stop::Interrupted),
        Some(_) => Some(Stop::Refused),
    };
    let outcome = match outcome_of(&steps, stop) {
        ReportOutcome::Done if plan.left_out() > 0 => ReportOutcome::Partial,
        outcome => outcome,
    };
    Report { outcome, error, ..of_plan(plan, steps) }
}

fn status(stopped: Option<StopCause>, report: &Report) -> Status {
    let stale = report.error.as_ref().is_some_and(|error| error.kind == "stale");
    let untouched = |step: &StepReport| matches!(step.outcome, Outcome::NotAttempted | Outcome::Rejected);
    match report.outcome {
        ReportOutcome::Done | ReportOutcome::NothingToDo => Status::Done,
        ReportOutcome::Interrupted => match stopped {
            // Status 1 promises that nothing was changed.
            Some(StopCause::Timeout(_)) if !report.steps.iter().all(untouched) => Status::Partly,
            stopped => stopped.map_or(Status::Interrupted, StopCause::status),
        },
        ReportOutcome::Partial => Status::Partly,
        ReportOutcome::Refused if stale => Status::Stale,
        ReportOutcome::Refused | ReportOutcome::Failed => Status::Failed,
    }
}

/// The report of a plan of which nothing was tried.
fn not_tried(plan: &Plan, outcome: ReportOutcome, error: Option<ReportError>) -> Report {
    let why = error.as_ref().map_or("there is nothing to do", |error| error.message.as_str());
    let report = |step: &Step| Settlement::not_attempted(why).report(step, None);
    let steps = plan.steps.iter().map(report).collect();
    Report { outcome, error, ..of_plan(plan, steps) }
}

fn of_plan(plan: &Plan, steps: Vec<StepReport>) -> Report {
    Report {
        command: plan.command.clone(),
        cluster_id: plan.cluster_id.clone(),
        environment: plan.environment.clone(),
        outcome: ReportOutcome::NothingToDo,
        steps,
        conflicts: plan.conflicts.clone(),
        error: None,
        record: None,
        lifted: Vec::new(),
    }
}

fn error(kind: &str, message: &str, hints: Vec<String>) -> ReportError {
    ReportError { kind: kind.to_owned(), message: message.to_owned(), hints }
}

fn tell(app: &App, flags: &Consent, report: Report, status: Status) -> Status {
    app.show_report(&report, flags.full);
    status
}

/// Writes the record as the run goes.
struct Notes<'a> {
    record: Record,
    app: &'a App,
    cluster_id: &'a str,
    /// The throttles that the run has set.
    held: Vec<Held>,
}

impl Journal for Notes<'_> {
    fn throttling(&mut self, throttle: &Throttle) -> io::Result<()> {
        let held = self.app.keep_throttle(self.cluster_id, self.record.id(), throttle);
        self.held.push(held.map_err(io::Error::other)?);
        Ok(())
    }

    fn sending(&mut self, steps: &[StepId]) -> io::Result<()> {
        let at = self.app.clock.now();
        for step in steps {
            self.record.event(at, *step, &StepEvent::Sent).map_err(io::Error::other)?;
        }
        self.record.sync().map_err(io::Error::other)
    }

    fn heard(&mut self, news: &[(StepId, StepEvent)]) -> io::Result<()> {
        let at = self.app.clock.now();
        for (step, event) in news {
            self.record.event(at, *step, event).map_err(io::Error::other)?;
        }
        self.record.sync().map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use klerk_core::plan::{Change, Impact, TopicChange};
    use std::collections::BTreeSet;
    use std::time::Duration;

    fn interrupted(fates: &[Outcome]) -> Report {
        let step = |outcome: &Outcome| {
            let create = TopicChange::Create {
                topic: "orders".to_owned(),
                partitions: None,
                replication: None,
                configs: BTreeMap::new(),
            };
            let step = Step {
                id: StepId(1),
                change: Change::Topic(create),
                origin: None,
                origins: BTreeMap::new(),
                risks: BTreeSet::new(),
                impact: Impact::default(),
                expects: Vec::new(),
                after: Vec::new(),
                preflighted: true,
            };
            StepReport { outcome: *outcome, ..Settlement::not_attempted("").report(&step, None) }
        };
        Report {
            command: "apply".to_owned(),
            cluster_id: String::new(),
            environment: None,
            outcome: ReportOutcome::Interrupted,
            steps: fates.iter().map(step).collect(),
            conflicts: Vec::new(),
            error: None,
            record: None,
            lifted: Vec::new(),
        }
    }

    #[test]
    fn out_of_time_is_status_1_only_while_nothing_was_changed() {
        let timeout = Some(StopCause::Timeout(Duration::from_secs(1)));
        let untouched = interrupted(&[Outcome::NotAttempted, Outcome::Rejected]);
        assert_eq!(status(timeout, &untouched), Status::Failed);
        for touched in [Outcome::Done, Outcome::Accepted, Outcome::Unknown] {
            let report = interrupted(&[touched, Outcome::NotAttempted]);
            assert_eq!(status(timeout, &report), Status::Partly, "{touched:?}");
            assert_eq!(status(Some(StopCause::Interrupt), &report), Status::Interrupted);
            assert_eq!(status(Some(StopCause::Terminate), &report), Status::Terminated);
        }
    }
}
