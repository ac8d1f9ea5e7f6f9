use super::*;
use crate::kafka::{Address, ConnectError, Lost};
use std::sync::Mutex;

type Answers = Verdicts<()>;
type Script = Box<dyn Fn(usize, &[u32]) -> Result<Answers, CallError> + Send + Sync>;

/// Sends nothing: a script answers, given how many requests came before.
struct Fake {
    weight: usize,
    most: usize,
    script: Script,
    sent: Mutex<Vec<Vec<u32>>>,
    searches: Mutex<usize>,
    is_repeatable: bool,
}

impl Fake {
    fn new(
        weight: usize,
        script: impl Fn(usize, &[u32]) -> Result<Answers, CallError> + Send + Sync + 'static,
    ) -> Fake {
        Fake {
            weight,
            most: usize::MAX,
            script: Box::new(script),
            sent: Mutex::default(),
            searches: Mutex::default(),
            is_repeatable: false,
        }
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

    fn most_at_once(&self) -> usize {
        self.most
    }

    fn is_repeatable(&self) -> bool {
        self.is_repeatable
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
async fn requests_are_as_small_as_they_are_asked_to_be() {
    let fake = Fake { most: 3, ..Fake::new(1_500, |_, items| accept(items)) };
    assert_eq!(accepted(&fake.run(&items(5)).await), 5);
    assert_eq!(fake.sizes(), [2, 2, 1], "never larger than the controller takes");
    let fake = Fake { most: 1, ..Fake::new(1, |_, items| accept(items)) };
    assert_eq!(accepted(&fake.run(&items(3)).await), 3);
    assert_eq!(fake.sizes(), [1, 1, 1]);
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
        let fake =
            Fake::new(4_000, move |before, items| if before == 1 { silence(items) } else { accept(items) });
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
        let answer = |item: &u32| if *item == 1 { refuse(44, "no such names here") } else { Some(Ok(())) };
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
        let answer = |(place, _): (usize, &u32)| if place < admitted { Some(Ok(())) } else { refuse(89, "") };
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
    async fn may_send(&mut self, places: &[usize]) -> bool {
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
async fn what_is_sent_again_is_told_of_again_where_it_was_refused_or_its_answer_lost() {
    let fake = Fake::new(1, |before, items| match before {
        0 => Ok(vec![Some(Ok(())), refuse(89, "")]),
        _ => accept(items),
    });
    let mut notes = Notes { allowed: 9, ..Notes::default() };
    carry_all(&fake, &items(2), &mut notes).await;
    assert_eq!(notes.asked, [vec![0, 1], vec![1]]);
    assert_eq!(notes.told, [(0, true), (1, false), (1, true)]);

    let closed = |before| {
        let broker = Address::new("kafka", 9092);
        let lost = CallError::Closed { api: "Any", broker, reason: Lost::Closed, sent: true };
        move |at, items: &[u32]| if at < before { Err(lost.clone()) } else { accept(items) }
    };
    for (is_repeatable, losses, told) in
        [(true, 1, vec![(0, false), (0, true)]), (true, 9, vec![(0, false); 4]), (false, 1, vec![(0, false)])]
    {
        let fake = Fake { is_repeatable, ..Fake::new(1, closed(losses)) };
        let mut notes = Notes { allowed: 9, ..Notes::default() };
        carry_all(&fake, &items(1), &mut notes).await;
        assert_eq!(notes.told, told, "{is_repeatable} {losses}");
    }
}
