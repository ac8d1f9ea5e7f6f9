//! Many changes in few requests, each with an outcome of its own.
//!
//! Every request that changes something costs the controller about 30 ms, however small it is, and it may hold 10,000
//! metadata records at most. So requests are filled to about 4,000 records and sent one after another; one that is
//! refused for its size is halved, and what a quota refuses is sent again later, alone.

use super::backoff::Backoff;
use super::call_error::CallError;
use klerk_core::values::Failure;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// Metadata records in one request: well below the controller's 10,000, and past the point where more would gain.
const RECORDS_A_REQUEST: usize = 4_000;
/// How long changes that a quota (or a missing controller) keeps refusing are sent again without any success.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many times repeatable changes are sent again because a connection broke.
const RECONNECTS: u32 = 3;

/// The controller's words for a request that is too large as a whole; both come with POLICY_VIOLATION (44).
const TOO_LARGE: [&str; 2] = [
    "Excessively large number of partitions per request.",
    "Unable to perform excessively large batch operation.",
];

/// What became of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<T> {
    /// The broker accepted it, which is not to say that it is visible everywhere yet.
    Accepted(T),
    /// The broker refused it.
    Refused(Failure),
    /// It was sent and no answer came: it may have been done, which only a look can tell.
    NoReply(Failure),
    /// It was never sent.
    NotSent(Failure),
}

impl<T> Outcome<T> {
    /// The same outcome, with another value where it was accepted.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Outcome::Accepted(value) => Outcome::Accepted(f(value)),
            Outcome::Refused(why) => Outcome::Refused(why),
            Outcome::NoReply(why) => Outcome::NoReply(why),
            Outcome::NotSent(why) => Outcome::NotSent(why),
        }
    }

    /// Why it was not accepted.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Outcome::Accepted(_) => None,
            Outcome::Refused(why) | Outcome::NoReply(why) | Outcome::NotSent(why) => Some(why),
        }
    }
}

/// The broker's answer to each change of a request; `None` for one that it left out.
pub type Verdicts<T> = Vec<Option<Result<T, Failure>>>;

/// Follows changes while they are sent. Items are named by their places in the list that was given.
pub trait Watch<T> {
    /// A request with these items is about to leave. `false` forbids it, and everything after it.
    fn may_send(&mut self, places: &[usize]) -> impl Future<Output = bool>;

    /// What became of items. An item that is sent again is told of again; the last word counts.
    fn heard(&mut self, news: &[(usize, Outcome<T>)]);
}

/// Nobody follows: everything is sent, and the outcomes are read at the end.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl<T> Watch<T> for Unwatched {
    async fn may_send(&mut self, _: &[usize]) -> bool {
        true
    }

    fn heard(&mut self, _: &[(usize, Outcome<T>)]) {}
}

/// How changes of one kind are sent.
pub trait Carrier: Sync {
    /// One change.
    type Item: Sync;
    /// What the broker says of one that it accepts.
    type Value: Send;

    /// How many metadata records a change makes, about.
    fn records(&self, _item: &Self::Item) -> usize {
        1
    }

    /// How many changes one request may carry, however small they are.
    fn most_at_once(&self) -> usize {
        usize::MAX
    }

    /// Whether a change that is sent twice does what it does once, so that it is sent again when its answer is lost.
    fn is_repeatable(&self) -> bool {
        false
    }

    /// Sends these changes in one request and returns the broker's answer to each, in the same order.
    fn carry(
        &self,
        items: &[&Self::Item],
    ) -> impl Future<Output = Result<Verdicts<Self::Value>, CallError>> + Send;

    /// The broker said that it is not the controller: the next request should go to the one that is.
    fn find_controller(&self) -> impl Future<Output = ()> + Send;
}

/// What an answer to one item calls for.
enum Next {
    Report,
    /// The request was too large as a whole: send it in halves.
    Halve,
    /// Send the item again: a quota refused it, so that nothing of it was done.
    Later,
    /// Send the item again, to the controller that there is now. The one before may have done it: it also says that it
    /// is none where it lost its office before what it had written was replicated.
    Elsewhere,
    /// The broker gave up waiting, or failed in the middle: it may be done.
    Unknown,
}

fn next(failure: &Failure) -> Next {
    match failure.code {
        Some(44) if TOO_LARGE.iter().any(|words| failure.message.contains(words)) => Next::Halve,
        Some(89) => Next::Later,
        Some(41) => Next::Elsewhere,
        Some(-1 | 7 | 13) => Next::Unknown,
        _ => Next::Report,
    }
}

/// Sends all items and returns the outcome of each, in their order.
pub async fn carry_all<C: Carrier>(
    carrier: &C,
    items: &[C::Item],
    watch: &mut impl Watch<C::Value>,
) -> Vec<Outcome<C::Value>> {
    let mut outcomes: Vec<Option<Outcome<C::Value>>> = items.iter().map(|_| None).collect();
    let mut waiting = split(carrier, items);
    let mut backoff = Backoff::new();
    let mut last_success = Instant::now();
    let mut stopped: Option<Failure> = None;
    let mut reconnects = 0;
    while let Some(places) = waiting.pop_front() {
        // Whoever forbids a request knows why, and need not be told that it was not sent.
        if stopped.is_none() && !watch.may_send(&places).await {
            break;
        }
        let sorted = match &stopped {
            Some(why) => Sorted::all(places, || Outcome::NotSent(why.clone())),
            None => {
                let batch: Vec<&C::Item> = places.iter().filter_map(|place| items.get(*place)).collect();
                match carrier.carry(&batch).await {
                    Ok(answers) => {
                        stopped = silence_in(&answers);
                        Sorted::answers(places, answers, last_success.elapsed() < PATIENCE)
                    }
                    Err(error @ CallError::Closed { sent: true, .. })
                        if carrier.is_repeatable() && reconnects < RECONNECTS =>
                    {
                        reconnects += 1;
                        Sorted::repeated(places, &error)
                    }
                    Err(error) => {
                        // Without a way to the cluster, a controller that answers, or time, the rest would fail alike,
                        // only later and with more that nobody knows the outcome of.
                        if matches!(
                            error,
                            CallError::Connect(_)
                                | CallError::TimedOut { .. }
                                | CallError::DeadlinePassed { .. }
                        ) {
                            stopped = Some(error.failure());
                        }
                        Sorted::all(places, || unanswered(&error))
                    }
                }
            }
        };
        let Sorted { news, mut halve, again, lost_controller } = sorted;
        if news.iter().any(|(_, outcome)| matches!(outcome, Outcome::Accepted(_))) {
            last_success = Instant::now();
        }
        watch.heard(&news);
        for (place, outcome) in news {
            if let Some(slot) = outcomes.get_mut(place) {
                *slot = Some(outcome);
            }
        }
        if !again.is_empty() {
            if lost_controller {
                carrier.find_controller().await;
            }
            tokio::time::sleep(backoff.pause()).await;
            waiting.push_front(again);
        }
        if !halve.is_empty() {
            tracing::debug!(items = halve.len(), "a request was too large and is halved");
            let second = halve.split_off(halve.len() / 2);
            waiting.push_front(second);
            waiting.push_front(halve);
        }
    }
    let missing = || Outcome::NotSent(Failure::without_reply("NOT_SENT", "it was not sent"));
    outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(missing)).collect()
}

/// The items of one request, by what happens to them next.
struct Sorted<T> {
    news: Vec<(usize, Outcome<T>)>,
    halve: Vec<usize>,
    again: Vec<usize>,
    lost_controller: bool,
}

impl<T> Sorted<T> {
    fn all(places: Vec<usize>, outcome: impl Fn() -> Outcome<T>) -> Self {
        let news = places.into_iter().map(|place| (place, outcome())).collect();
        Sorted { news, halve: Vec::new(), again: Vec::new(), lost_controller: false }
    }

    /// Nobody knows what became of these, and they are sent again.
    fn repeated(places: Vec<usize>, error: &CallError) -> Self {
        Sorted { again: places.clone(), ..Sorted::all(places, || unanswered(error)) }
    }

    fn answers(places: Vec<usize>, answers: Verdicts<T>, is_patient: bool) -> Self {
        let mut sorted =
            Sorted { news: Vec::new(), halve: Vec::new(), again: Vec::new(), lost_controller: false };
        let is_alone = places.len() == 1;
        let mut answers = answers.into_iter();
        for place in places {
            let outcome = match answers.next().flatten() {
                Some(Ok(value)) => Outcome::Accepted(value),
                Some(Err(failure)) => match next(&failure) {
                    Next::Halve if !is_alone => {
                        sorted.halve.push(place);
                        continue;
                    }
                    Next::Elsewhere if is_patient => {
                        sorted.lost_controller = true;
                        sorted.again.push(place);
                        continue;
                    }
                    Next::Later if is_patient => {
                        sorted.again.push(place);
                        Outcome::Refused(failure)
                    }
                    Next::Unknown | Next::Elsewhere => Outcome::NoReply(failure),
                    Next::Report | Next::Halve | Next::Later => Outcome::Refused(failure),
                },
                None => Outcome::NoReply(Failure::without_reply(
                    "NO_ANSWER",
                    "the broker left it out of its answer",
                )),
            };
            sorted.news.push((place, outcome));
        }
        sorted
    }
}

/// Why nothing more is sent after these answers: the broker waited for the controller in vain, for all of them (7).
fn silence_in<T>(answers: &Verdicts<T>) -> Option<Failure> {
    let in_vain = |answer: &Option<Result<T, Failure>>| match answer {
        Some(Err(failure)) if failure.is_timed_out() => Some(failure.clone()),
        _ => None,
    };
    let failures: Option<Vec<Failure>> = answers.iter().map(in_vain).collect();
    failures?.into_iter().next()
}

/// Whether the controller kept silent for as long as one request may take.
pub(super) fn was_silent(failure: &Failure) -> bool {
    failure.is_timed_out() || failure.name == "TIMEOUT"
}

/// What becomes of the items of a request that has no usable answer.
fn unanswered<T>(error: &CallError) -> Outcome<T> {
    match error {
        error if error.may_have_been_done() => Outcome::NoReply(error.failure()),
        CallError::Refused(_) => Outcome::Refused(error.failure()),
        _ => Outcome::NotSent(error.failure()),
    }
}

/// The places of the items, request by request.
fn split<C: Carrier>(carrier: &C, items: &[C::Item]) -> VecDeque<Vec<usize>> {
    let mut requests = VecDeque::new();
    let mut open = Vec::new();
    let mut records = 0;
    for (place, item) in items.iter().enumerate() {
        let own = carrier.records(item);
        let is_full = records + own > RECORDS_A_REQUEST || open.len() >= carrier.most_at_once();
        if is_full && !open.is_empty() {
            requests.push_back(std::mem::take(&mut open));
            records = 0;
        }
        open.push(place);
        records += own;
    }
    if !open.is_empty() {
        requests.push_back(open);
    }
    requests
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
