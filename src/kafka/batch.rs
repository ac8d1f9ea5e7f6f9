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
    fn may_send(&mut self, places: &[usize]) -> bool;

    /// What became of items. Every item is told of once.
    fn heard(&mut self, news: &[(usize, Outcome<T>)]);
}

/// Nobody follows: everything is sent, and the outcomes are read at the end.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl<T> Watch<T> for Unwatched {
    fn may_send(&mut self, _: &[usize]) -> bool {
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
    fn records(&self, item: &Self::Item) -> usize;

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
    /// Send the item again: it was refused for a reason that passes.
    Again {
        lost_controller: bool,
    },
    /// The broker gave up waiting: it may still be done.
    Unknown,
}

fn next(failure: &Failure) -> Next {
    match failure.code {
        Some(44) if TOO_LARGE.iter().any(|words| failure.message.contains(words)) => Next::Halve,
        Some(89) => Next::Again { lost_controller: false },
        Some(41) => Next::Again { lost_controller: true },
        Some(7 | 13) => Next::Unknown,
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
    while let Some(places) = waiting.pop_front() {
        // Whoever forbids a request knows why, and need not be told that it was not sent.
        if stopped.is_none() && !watch.may_send(&places) {
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
                    Next::Again { lost_controller } if is_patient => {
                        sorted.lost_controller |= lost_controller;
                        sorted.again.push(place);
                        continue;
                    }
                    Next::Unknown => Outcome::NoReply(failure),
                    Next::Report | Next::Halve | Next::Again { .. } => Outcome::Refused(failure),
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
        Some(Err(failure)) if failure.code == Some(7) => Some(failure.clone()),
        _ => None,
    };
    let failures: Option<Vec<Failure>> = answers.iter().map(in_vain).collect();
    failures?.into_iter().next()
}

/// Whether the controller kept silent for as long as one request may take.
pub(super) fn was_silent(failure: &Failure) -> bool {
    failure.code == Some(7) || failure.name == "TIMEOUT"
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
        if !open.is_empty() && records + own > RECORDS_A_REQUEST {
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
mod tests {
    use super::*;
    use crate::kafka::{Address, ConnectError, Lost};
    use std::sync::Mutex;

    type Answers = Verdicts<()>;
    type Script = Box<dyn Fn(usize, &[u32]) -> Result<Answers, CallError> + Send + Sync>;

    /// Sends nothing: a script answers, given how many requests came before.
    struct Fake {
        weight: usize,
        script: Script,
        sent: Mutex<Vec<Vec<u32>>>,
        searches: Mutex<usize>,
    }

    impl Fake {
        fn new(
            weight: usize,
            script: impl Fn(usize, &[u32]) -> Result<Answers, CallError> + Send + Sync + 'static,
        ) -> Fake {
            Fake { weight, script: Box::new(script), sent: Mutex::default(), searches: Mutex::default() }
        }

        async fn run(&self, items: &[u32]) -> Vec<Outcome<()>> {
            carry_all(self, items, &mut Unwatched).await
        }

        fn sizes(&self) -> Vec<usize> {
            self.sent.lock().expect("unpoisoned").iter().map(Vec::len).collect()
        }
    }

    impl Carrier for Fake {
        type Item = u32;
        type Value = ();

        fn records(&self, _: &u32) -> usize {
            self.weight
        }

        async fn carry(&self, items: &[&u32]) -> Result<Answers, CallError> {
            let items: Vec<u32> = items.iter().map(|item| **item).collect();
            let before = {
                let mut sent = self.sent.lock().expect("unpoisoned");
                sent.push(items.clone());
                sent.len() - 1
            };
            (self.script)(before, &items)
        }

        async fn find_controller(&self) {
            *self.searches.lock().expect("unpoisoned") += 1;
        }
    }

    fn refuse(code: i16, message: &str) -> Option<Result<(), Failure>> {
        Some(Err(crate::kafka::failure(code, message)))
    }

    fn accept(items: &[u32]) -> Result<Answers, CallError> {
        Ok(items.iter().map(|_| Some(Ok(()))).collect())
    }

    fn accepted(outcomes: &[Outcome<()>]) -> usize {
        outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Accepted(()))).count()
    }

    fn items(count: u32) -> Vec<u32> {
        (0..count).collect()
    }

    #[tokio::test]
    async fn requests_are_filled_to_four_thousand_records() {
        let fake = Fake::new(5, |_, items| accept(items));
        assert_eq!(accepted(&fake.run(&items(2_000)).await), 2_000);
        assert_eq!(fake.sizes(), [800, 800, 400]);
    }

    #[tokio::test]
    async fn a_controller_that_stands_still_is_waited_for_once() {
        type Silence = fn(&[u32]) -> Result<Answers, CallError>;
        let silences: [Silence; 2] = [
            |_| {
                let (broker, after) = (Address::new("kafka", 9092), Duration::from_secs(30));
                Err(CallError::TimedOut { api: "CreateTopics", broker, after })
            },
            |items| Ok(items.iter().map(|_| refuse(7, "")).collect()),
        ];
        for silence in silences {
            let fake = Fake::new(
                4_000,
                move |before, items| {
                    if before == 1 { silence(items) } else { accept(items) }
                },
            );
            let outcomes = fake.run(&items(4)).await;
            assert!(
                matches!(
                    outcomes[..],
                    [Outcome::Accepted(()), Outcome::NoReply(_), Outcome::NotSent(_), Outcome::NotSent(_)]
                ),
                "{outcomes:?}"
            );
            assert_eq!(fake.sizes(), [1, 1]);
        }
    }

    #[tokio::test]
    async fn one_item_beyond_the_size_is_sent_alone() {
        let fake = Fake::new(9_000, |_, items| accept(items));
        assert_eq!(accepted(&fake.run(&items(2)).await), 2);
        assert_eq!(fake.sizes(), [1, 1]);
    }

    #[tokio::test]
    async fn nothing_to_send_sends_nothing() {
        let fake = Fake::new(1, |_, items| accept(items));
        assert!(fake.run(&[]).await.is_empty());
        assert!(fake.sizes().is_empty());
    }

    #[tokio::test]
    async fn a_request_that_is_too_large_is_halved_until_it_fits() {
        for words in TOO_LARGE {
            let fake = Fake::new(1, move |_, items| match items.len() {
                0..=3 => accept(items),
                _ => Ok(items.iter().map(|_| refuse(44, words)).collect()),
            });
            assert_eq!(accepted(&fake.run(&items(10)).await), 10);
            assert_eq!(fake.sizes(), [10, 5, 2, 3, 5, 2, 3]);
        }
    }

    #[tokio::test]
    async fn one_item_that_is_too_large_is_refused() {
        let fake = Fake::new(1, |_, items| Ok(items.iter().map(|_| refuse(44, TOO_LARGE[0])).collect()));
        let outcomes = fake.run(&items(2)).await;
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Refused(_))));
        assert_eq!(fake.sizes(), [2, 1, 1]);
    }

    #[tokio::test]
    async fn another_policy_is_a_refusal_of_its_item_alone() {
        let fake = Fake::new(1, |_, items| {
            let answer =
                |item: &u32| if *item == 1 { refuse(44, "no such names here") } else { Some(Ok(())) };
            Ok(items.iter().map(answer).collect())
        });
        let outcomes = fake.run(&items(3)).await;
        assert_eq!(accepted(&outcomes), 2);
        assert_eq!(
            outcomes[1].failure().map(ToString::to_string).as_deref(),
            Some("POLICY_VIOLATION (44): no such names here")
        );
        assert_eq!(fake.sizes(), [3]);
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_a_quota_refused_is_sent_again() {
        let fake = Fake::new(1, |before, items| {
            let admitted = if before == 0 { 3 } else { items.len() };
            let answer =
                |(place, _): (usize, &u32)| if place < admitted { Some(Ok(())) } else { refuse(89, "") };
            Ok(items.iter().enumerate().map(answer).collect())
        });
        assert_eq!(accepted(&fake.run(&items(5)).await), 5);
        assert_eq!(*fake.sent.lock().expect("unpoisoned"), [vec![0, 1, 2, 3, 4], vec![3, 4]]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_quota_that_never_admits_anything_ends_in_a_refusal() {
        let fake = Fake::new(1, |_, items| Ok(items.iter().map(|_| refuse(89, "")).collect()));
        let outcomes = fake.run(&items(2)).await;
        assert!(outcomes.iter().all(|outcome| outcome.failure().is_some_and(|why| why.code == Some(89))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_controller_that_moved_is_looked_for() {
        let fake = Fake::new(1, |before, items| match before {
            0 => Ok(items.iter().map(|_| refuse(41, "")).collect()),
            _ => accept(items),
        });
        assert_eq!(accepted(&fake.run(&items(2)).await), 2);
        assert_eq!(*fake.searches.lock().expect("unpoisoned"), 1);
    }

    #[tokio::test]
    async fn no_reply_is_not_a_refusal() {
        let fake = Fake::new(2_000, |before, items| match before {
            0 => Err(CallError::Closed {
                api: "CreateTopics",
                broker: Address::new("kafka", 9092),
                reason: Lost::Closed,
                sent: true,
            }),
            _ => Ok(vec![refuse(7, "the broker gave up"), None].into_iter().take(items.len()).collect()),
        });
        let outcomes = fake.run(&items(4)).await;
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::NoReply(_))), "{outcomes:?}");
    }

    #[tokio::test]
    async fn without_a_way_to_the_cluster_the_rest_is_not_sent() {
        let fake = Fake::new(4_000, |before, items| match before {
            0 => accept(items),
            _ => Err(ConnectError::NothingListens { address: Address::new("kafka", 9092) }.into()),
        });
        let outcomes = fake.run(&items(4)).await;
        assert_eq!(accepted(&outcomes), 1);
        assert!(outcomes[1..].iter().all(|outcome| matches!(outcome, Outcome::NotSent(_))));
        assert_eq!(fake.sizes(), [1, 1]);
    }

    /// Notes what it is told, and lets so many requests go.
    #[derive(Default)]
    struct Notes {
        allowed: usize,
        asked: Vec<Vec<usize>>,
        told: Vec<(usize, bool)>,
    }

    impl Watch<()> for Notes {
        fn may_send(&mut self, places: &[usize]) -> bool {
            self.asked.push(places.to_vec());
            self.asked.len() <= self.allowed
        }

        fn heard(&mut self, news: &[(usize, Outcome<()>)]) {
            let accepted = |outcome: &Outcome<()>| matches!(outcome, Outcome::Accepted(()));
            self.told.extend(news.iter().map(|(place, outcome)| (*place, accepted(outcome))));
        }
    }

    #[tokio::test]
    async fn outcomes_are_told_as_they_come_and_what_is_forbidden_is_not_sent() {
        let fake = Fake::new(2_000, |_, items| accept(items));
        let mut notes = Notes { allowed: 1, ..Notes::default() };
        let outcomes = carry_all(&fake, &items(6), &mut notes).await;
        assert_eq!(fake.sizes(), [2]);
        assert_eq!(accepted(&outcomes), 2);
        assert_eq!(notes.asked, [[0, 1], [2, 3]], "asked before each request, and not after a no");
        assert_eq!(notes.told, [(0, true), (1, true)]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_sent_again_is_told_of_once() {
        let fake = Fake::new(1, |before, items| match before {
            0 => Ok(vec![Some(Ok(())), refuse(89, "")]),
            _ => accept(items),
        });
        let mut notes = Notes { allowed: 9, ..Notes::default() };
        carry_all(&fake, &items(2), &mut notes).await;
        assert_eq!(notes.asked, [vec![0, 1], vec![1]]);
        assert_eq!(notes.told, [(0, true), (1, true)]);
    }
}
