//! Carrying out a plan: enact, look again, settle, wave by wave. Nothing is decided here.

use super::follow::{Follow, Followed};
use super::ports::{Enact, Hear, Journal, Look, Watcher};
use klerk_core::apply::{self, Outcome, Settlement, StepEvent, StepReport, Told, patience_ms};
use klerk_core::placement::{Stall, Tally, Throttle};
use klerk_core::plan::{Change, Drift, Plan, Step, StepId, drifts, step_drifts, wanted_for};
use klerk_core::values::{Failure, Resource};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;
use tokio::time::Instant;

/// The first pause between two looks at what has been written; it doubles up to [`LONGEST_PAUSE`], so that a small change is confirmed
/// at once and a large one is not asked about all the time.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// How old a look may be for a request to a registry or a coordinator to rest on it: each of them has one step, so that a
/// look before every one would cost more than the step. Requests to the controller have many, and are looked before.
const FRESH: Duration = Duration::from_millis(500);

/// How a run ended and what became of every step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarriedOut {
    /// Every step of the plan, in its order.
    pub steps: Vec<StepReport>,
    /// Facts that were no longer as planned, after which nothing more was sent. A fact that could not be read is not
    /// among them: it keeps back the steps that rest on it and no other.
    pub drifts: Vec<Drift>,
    /// Whether the run was told to stop before its end.
    pub interrupted: bool,
    /// Why the record could not be written, after which nothing more was sent.
    pub record_failure: Option<String>,
    /// Why nothing could be seen before a wave, after which nothing more was sent.
    pub look_failure: Option<Failure>,
}

/// One run of one plan.
pub struct Run<'a, S, J, W> {
    servers: &'a S,
    journal: &'a mut J,
    watcher: &'a mut W,
    stop: &'a dyn Fn() -> bool,
    waits: bool,
}

impl<S, J, W> fmt::Debug for Run<'_, S, J, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").finish_non_exhaustive()
    }
}

impl<'a, S: Look + Enact, J: Journal, W: Watcher> Run<'a, S, J, W> {
    /// A run against `servers`, noted in `journal`, shown by `watcher`. Once `stop` says so, nothing more is sent; what
    /// has been sent is still settled.
    pub fn new(servers: &'a S, journal: &'a mut J, watcher: &'a mut W, stop: &'a dyn Fn() -> bool) -> Self {
        Run { servers, journal, watcher, stop, waits: true }
    }

    /// The same run, which does not wait for what goes on by itself, nor for what has to come after it.
    pub fn without_waiting(self) -> Self {
        Run { waits: false, ..self }
    }

    /// Carries out the plan as far as it goes.
    pub async fn carry_out(mut self, plan: &Plan) -> CarriedOut {
        let mut fates = Fates::default();
        let mut ended = Ended::default();
        let mut tally = Tally::default();
        let mut stalls = Vec::new();
        let since = Instant::now();
        loop {
            let (done, failed) = fates.done_and_failed();
            let under_way = fates.running.keys().copied().collect();
            let wave = apply::ready(&plan.steps, &done, &failed, &under_way);
            for (step, cause) in wave.barred {
                let why = format!("step {}, which must be done before it, was not done", cause.0);
                fates.settled.insert(step, (Settlement::not_attempted(why), None));
            }
            if ended.must_halt() || (wave.ready.is_empty() && (under_way.is_empty() || !self.waits)) {
                break;
            }
            if (self.stop)() {
                ended.interrupted = true;
                break;
            }
            if wave.ready.is_empty() {
                let follow = Follow {
                    servers: self.servers,
                    watcher: self.watcher,
                    stop: self.stop,
                    tally: &mut tally,
                    stalls: &mut stalls,
                    since,
                };
                Box::pin(fates.follow(plan, follow, &mut ended)).await;
                continue;
            }
            let steps: Vec<&Step> = plan.steps.iter().filter(|step| wave.ready.contains(&step.id)).collect();
            Box::pin(self.wave(plan, &steps, &mut fates, &mut ended)).await;
        }
        let why = ended.why_not_attempted();
        fates.leave_running(plan, &stalls);
        let steps = plan.steps.iter().map(|step| fates.report(step, &why)).collect();
        CarriedOut {
            steps,
            drifts: ended.drifts,
            interrupted: ended.interrupted,
            record_failure: ended.record_failure,
            look_failure: ended.look_failure,
        }
    }

    async fn wave(&mut self, plan: &Plan, wave: &[&Step], fates: &mut Fates, ended: &mut Ended) {
        self.watcher.doing("checking that nothing has changed since the plan");
        let before = match self.servers.look(&wanted_for(wave.iter().copied())).await {
            Ok(world) => world,
            Err(failure) => {
                ended.look_failure = Some(failure);
                return;
            }
        };
        ended.drifts = drifts(plan, wave.iter().copied(), &before);
        ended.drifts.retain(|drift| drift.unreadable.is_none());
        if !ended.drifts.is_empty() {
            fates.name_stale(wave.iter().copied(), &ended.drifts);
            return;
        }
        let mut certain = wave.to_vec();
        certain.retain(|step| match step_drifts(step, &before).first() {
            None => true,
            Some(unreadable) => {
                let settlement = Settlement::not_attempted(unreadable.to_string());
                self.watcher.settled(step, &settlement);
                fates.settled.insert(step.id, (settlement, None));
                false
            }
        });
        let wave = certain.as_slice();

        self.watcher.doing("applying");
        let started = Instant::now();
        let mut hearing = Hearing {
            servers: self.servers,
            journal: self.journal,
            watcher: self.watcher,
            stop: self.stop,
            plan,
            steps: wave,
            seen: started,
            has_sent: false,
            told: BTreeMap::new(),
            held: BTreeMap::new(),
            ended: Ended::default(),
        };
        self.servers.enact(wave, &mut hearing).await;
        let Hearing { told, held, ended: halted, .. } = hearing;
        *ended = halted;
        for step in wave.iter().filter(|step| !told.contains_key(&step.id)) {
            if let Some(unreadable) = held.get(&step.id) {
                let settlement = Settlement::not_attempted(unreadable);
                self.watcher.settled(step, &settlement);
                fates.settled.insert(step.id, (settlement, None));
            }
        }
        let unsent = wave.iter().copied().filter(|step| !told.contains_key(&step.id));
        fates.name_stale(unsent, &ended.drifts);

        self.watcher.doing("looking at what was done");
        let sent = wave.iter().filter_map(|step| told.get(&step.id).map(|told| (*step, told))).collect();
        ended.interrupted |= self.look_until_visible(sent, started, fates).await;
    }

    /// Looks until every step that was sent is settled, or the time for it is over. What is not visible by then is
    /// `accepted`, which is not a failure. Only what is still open is looked at again: reading a thousand topics costs
    /// more than creating them. Tells whether the run was stopped while something was still open.
    async fn look_until_visible(
        &mut self,
        mut open: Vec<(&Step, &Told)>,
        started: Instant,
        fates: &mut Fates,
    ) -> bool {
        let mut cut_short = false;
        let patience = Duration::from_millis(patience_ms(open.iter().map(|(step, _)| *step)));
        let deadline = Instant::now() + patience;
        let mut pause = FIRST_PAUSE;
        while !open.is_empty() {
            let look = self.servers.look(&wanted_for(open.iter().map(|(step, _)| *step))).await;
            let stopped = (self.stop)();
            let is_last = Instant::now() + pause > deadline || stopped;
            open.retain(|(step, told)| {
                let is_open = look.as_ref().map_or(true, |world| apply::still_waiting(step, told, world));
                if is_open && !is_last {
                    return true;
                }
                cut_short |= is_open && stopped;
                let settlement = match &look {
                    Ok(world) => apply::settle(step, told, world),
                    Err(failure) => apply::settle_unseen(told, failure),
                };
                if settlement.outcome == Outcome::Running {
                    let running = Running { told: (*told).clone(), settlement, started };
                    fates.running.insert(step.id, running);
                    return false;
                }
                let took = (settlement.outcome != Outcome::NotAttempted).then(|| started.elapsed());
                self.watcher.settled(step, &settlement);
                fates.settled.insert(step.id, (settlement, took));
                false
            });
            if !open.is_empty() {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        cut_short
    }
}

/// What has become of the steps so far.
#[derive(Debug, Default)]
struct Fates {
    settled: BTreeMap<StepId, (Settlement, Option<Duration>)>,
    running: BTreeMap<StepId, Running>,
}

/// A step that goes on by itself.
#[derive(Debug)]
struct Running {
    told: Told,
    settlement: Settlement,
    started: Instant,
}

impl Fates {
    /// Follows what goes on by itself until something of it is settled, or the run has to end.
    async fn follow<S: Look, W: Watcher>(
        &mut self,
        plan: &Plan,
        mut follow: Follow<'_, S, W>,
        ended: &mut Ended,
    ) {
        let running: Vec<(&Step, &Told)> =
            plan.steps.iter().filter_map(|step| Some((step, &self.running.get(&step.id)?.told))).collect();
        let settled = match follow.until_one_is_settled(&running).await {
            Followed::Settled(settled) => settled,
            Followed::Stopped => {
                ended.interrupted = true;
                return;
            }
            Followed::Lost(failure) => {
                ended.look_failure = Some(failure);
                return;
            }
        };
        for (id, settlement) in settled {
            let took = self.running.remove(&id).map(|running| running.started.elapsed());
            if let Some(step) = plan.steps.iter().find(|step| step.id == id) {
                follow.watcher.settled(step, &settlement);
            }
            self.settled.insert(id, (settlement, took));
        }
    }

    /// Leaves to the servers what goes on, and tells those that wait for it why they have to.
    fn leave_running(&mut self, plan: &Plan, stalls: &[Stall]) {
        for step in &plan.steps {
            let waited_for = step.after.iter().find(|id| self.running.contains_key(id));
            if let Some(waited_for) = waited_for.filter(|_| !self.settled.contains_key(&step.id)) {
                let why = format!(
                    "step {}, which must be done before it, goes on by itself; apply again once it is done",
                    waited_for.0
                );
                self.settled.insert(step.id, (Settlement::not_attempted(why), None));
            }
        }
        for (id, mut running) in std::mem::take(&mut self.running) {
            let step = plan.steps.iter().find(|step| step.id == id);
            let stands_still = |stall: &&Stall| {
                step.is_some_and(|step| step.change.resource() == Resource::topic(&*stall.at.topic))
            };
            if let Some(stall) = stalls.iter().find(stands_still) {
                running.settlement.note = Some(stall.to_string());
            }
            self.settled.insert(id, (running.settlement, Some(running.started.elapsed())));
        }
    }

    fn done_and_failed(&self) -> (BTreeSet<StepId>, BTreeSet<StepId>) {
        let (done, failed): (Vec<_>, Vec<_>) =
            self.settled.iter().partition(|(_, (settlement, _))| settlement.lets_others_follow());
        let ids = |settled: Vec<(&StepId, _)>| settled.into_iter().map(|(id, _)| *id).collect();
        (ids(done), ids(failed))
    }

    /// Says of each step that rests on a fact which no longer stands that it does.
    fn name_stale<'s>(&mut self, steps: impl Iterator<Item = &'s Step>, drifts: &[Drift]) {
        for step in steps {
            let resource = step.change.resource();
            if let Some(drift) = drifts.iter().find(|drift| drift.resource == resource) {
                let why = format!("no longer what was planned: {drift}");
                self.settled.insert(step.id, (Settlement::not_attempted(why), None));
            }
        }
    }

    fn report(&mut self, step: &Step, why_not: &str) -> StepReport {
        let (settlement, took) =
            self.settled.remove(&step.id).unwrap_or_else(|| (Settlement::not_attempted(why_not), None));
        settlement.report(step, took.and_then(|took| u64::try_from(took.as_millis()).ok()))
    }
}

/// Why a run goes no further.
#[derive(Debug, Default)]
struct Ended {
    drifts: Vec<Drift>,
    interrupted: bool,
    record_failure: Option<String>,
    look_failure: Option<Failure>,
}

impl Ended {
    fn must_halt(&self) -> bool {
        !self.drifts.is_empty()
            || self.interrupted
            || self.record_failure.is_some()
            || self.look_failure.is_some()
    }

    fn why_not_attempted(&self) -> String {
        let why = if !self.drifts.is_empty() {
            "the plan is stale"
        } else if self.interrupted {
            "the run was stopped before its turn"
        } else if self.record_failure.is_some() {
            "the record could not be written"
        } else if let Some(failure) = &self.look_failure {
            return format!("the present state could not be read: {failure}");
        } else {
            "the servers were not asked to do it"
        };
        why.to_owned()
    }
}

/// Writes the record before a request leaves and after its reply, and forbids sending once the run is to stop.
struct Hearing<'a, S, J, W> {
    servers: &'a S,
    journal: &'a mut J,
    watcher: &'a mut W,
    stop: &'a dyn Fn() -> bool,
    plan: &'a Plan,
    steps: &'a [&'a Step],
    /// When the state was last seen that the next request rests on.
    seen: Instant,
    /// Whether a request has left since then.
    has_sent: bool,
    told: BTreeMap<StepId, Told>,
    /// Steps that rest on what can no longer be read, and what that is. Others that share a request with one of them have
    /// their turn in the next wave.
    held: BTreeMap<StepId, String>,
    /// Why nothing more may be sent.
    ended: Ended,
}

impl<S: Look, J: Journal, W: Watcher> Hearing<'_, S, J, W> {
    /// Looks again at what these steps rest on, where something was sent since the last look or the look is old: whoever
    /// else has changed it meanwhile is not to be undone. What has been sent before may have been done, so that it is no
    /// longer as planned for a good reason.
    async fn look_again(&mut self, steps: &[StepId]) {
        let is_unsent = |step: &&Step| step.change.may_overwrite() && !self.told.contains_key(&step.id);
        let unsent: Vec<&Step> = self.steps.iter().copied().filter(is_unsent).collect();
        let next: Vec<&Step> = unsent.iter().copied().filter(|step| steps.contains(&step.id)).collect();
        let changes_topics = next.iter().any(|step| matches!(step.change, Change::Topic(_)));
        let is_due = (changes_topics && self.has_sent) || self.seen.elapsed() > FRESH;
        if next.is_empty() || !is_due {
            return;
        }
        match self.seen_again(&next).await {
            Ok(again) if again.stale.is_empty() => self.held.extend(again.unreadable),
            // Nothing more is sent, so the rest is looked at only to name all that is no longer as planned.
            Ok(again) => {
                let all = self.seen_again(&unsent).await;
                self.ended.drifts = all.map_or(again.stale, |all| all.stale);
            }
            Err(failure) => self.ended.look_failure = Some(failure),
        }
        self.seen = Instant::now();
        self.has_sent = false;
    }

    /// What these steps rest on and is no longer as planned, or cannot be read.
    async fn seen_again(&self, steps: &[&Step]) -> Result<SeenAgain, Failure> {
        let world = self.servers.look(&wanted_for(steps.iter().copied())).await?;
        let mut stale = drifts(self.plan, steps.iter().copied(), &world);
        stale.retain(|drift| drift.unreadable.is_none());
        let unreadable = steps.iter().filter_map(|step| {
            let facts = step_drifts(step, &world);
            let fact = facts.iter().find(|drift| drift.unreadable.is_some())?;
            Some((step.id, fact.to_string()))
        });
        Ok(SeenAgain { unreadable: unreadable.collect(), stale })
    }
}

/// A second look at what steps rest on.
struct SeenAgain {
    /// What is no longer as planned.
    stale: Vec<Drift>,
    /// Steps that rest on something that cannot be read, with what it is.
    unreadable: BTreeMap<StepId, String>,
}

impl<S: Look, J: Journal, W: Watcher> Hear for Hearing<'_, S, J, W> {
    async fn may_send(&mut self, steps: &[StepId]) -> bool {
        if !self.ended.must_halt() && !(self.stop)() {
            self.look_again(steps).await;
        }
        self.ended.interrupted |= (self.stop)();
        if self.ended.must_halt() || steps.iter().any(|step| self.held.contains_key(step)) {
            return false;
        }
        if let Err(error) = self.journal.sending(steps) {
            self.ended.record_failure = Some(error.to_string());
            return false;
        }
        // Until something is heard, a step that left may have been carried out.
        for id in steps {
            // What was refused for a while was not done; what nobody has answered may have been.
            let resent = self.told.get(id).is_some_and(|told| {
                told.resent || matches!(told.event, StepEvent::Sent | StepEvent::NoReply(_))
            });
            self.told.insert(*id, Told { event: StepEvent::Sent, resent });
        }
        self.has_sent = true;
        true
    }

    fn stale(&mut self, drifts: Vec<Drift>) {
        self.ended.drifts.extend(drifts);
    }

    fn throttling(&mut self, throttle: &Throttle) -> bool {
        self.ended.interrupted |= (self.stop)();
        if self.ended.must_halt() {
            return false;
        }
        if let Err(error) = self.journal.throttling(throttle) {
            self.ended.record_failure = Some(error.to_string());
        }
        !self.ended.must_halt()
    }

    fn heard(&mut self, news: &[(StepId, StepEvent)]) {
        if let Err(error) = self.journal.heard(news) {
            self.ended.record_failure = Some(error.to_string());
        }
        for (id, event) in news {
            let resent = self.told.get(id).is_some_and(|told| told.resent);
            self.told.insert(*id, Told { event: event.clone(), resent });
        }
        let replied = self.told.values().filter(|told| told.event != StepEvent::Sent).count();
        self.watcher.replied(replied, self.steps.len());
    }
}

#[cfg(test)]
#[path = "carry_out_tests.rs"]
mod tests;
