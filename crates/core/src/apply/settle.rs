use super::{Difference, ItemFailure, Outcome, Settled, StepEvent, StepReport};
use crate::plan::{Change, Sight, Step, TopicChange, sight};
use crate::values::Failure;
use crate::world::World;

/// TOPIC_ALREADY_EXISTS.
const EXISTS: i32 = 36;
/// UNKNOWN_TOPIC_OR_PARTITION and UNKNOWN_TOPIC_ID.
const GONE: [i32; 2] = [3, 100];

/// What was told of a step that was to be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The last event.
    pub event: StepEvent,
    /// Whether the request was sent more than once, because a reply to an earlier sending never came. The server may
    /// then refuse what it has already done, and what was not sent the second time may have been done at the first.
    pub resent: bool,
}

impl Told {
    /// An event of a request that was sent at most once.
    pub fn once(event: StepEvent) -> Self {
        Told { event, resent: false }
    }
}

/// The fate of a step, as far as events and one look tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// What became of it.
    pub outcome: Outcome,
    /// What the look says; `None` when it says nothing.
    pub settled: Option<Settled>,
    /// What is not as asked for.
    pub differences: Vec<Difference>,
    /// The server's words, where it refused, did not answer, or could not be looked at.
    pub failure: Option<Failure>,
    /// Refused items of a partly accepted step.
    pub items: Vec<ItemFailure>,
    /// One sentence on what the outcome does not prove.
    pub note: Option<String>,
}

impl Settlement {
    fn of(outcome: Outcome) -> Self {
        Settlement {
            outcome,
            settled: None,
            differences: Vec::new(),
            failure: None,
            items: Vec::new(),
            note: None,
        }
    }

    /// A step that was never sent, and why.
    pub fn not_attempted(why: impl Into<String>) -> Self {
        Settlement { note: Some(why.into()), ..Settlement::of(Outcome::NotAttempted) }
    }

    /// The report of the step that it is the fate of, and that took this many milliseconds.
    pub fn report(self, step: &Step, took_ms: Option<u64>) -> StepReport {
        let Settlement { outcome, settled, differences, failure, items, note } = self;
        StepReport { step: step.clone(), outcome, settled, differences, failure, items, note, took_ms }
    }

    /// Whether steps that wait for this one may go: it is done, or a server has accepted it and it is merely not
    /// visible everywhere yet.
    pub fn lets_others_follow(&self) -> bool {
        matches!(self.outcome, Outcome::Done | Outcome::Accepted)
    }

    fn settled(self, settled: Settled, differences: Vec<Difference>) -> Self {
        Settlement { settled: Some(settled), differences, ..self }
    }

    fn because(self, failure: &Failure) -> Self {
        Settlement { failure: Some(failure.clone()), ..self }
    }

    fn noting(self, note: &str) -> Self {
        Settlement { note: Some(note.to_owned()), ..self }
    }
}

/// Whether another look may still change the fate of a step: it was accepted, or got no reply, and is not visible
/// yet.
pub fn still_waiting(step: &Step, told: &Told, world: &World) -> bool {
    let open = match &told.event {
        StepEvent::Accepted
        | StepEvent::Created(_)
        | StepEvent::PartlyAccepted { .. }
        | StepEvent::NoReply(_)
        | StepEvent::Sent => true,
        StepEvent::Refused(failure) => {
            told.resent || failure.is_timed_out() || (step.change.deletes() && is_gone(failure))
        }
        StepEvent::NotSent(_) => told.resent,
    };
    open && match sight(step, world) {
        Sight::NotYet(_) => true,
        // Who may not look now may not look in a second either.
        Sight::Unreadable(failure) => !failure.is_denied(),
        Sight::AsAsked | Sight::UnderWay | Sight::Otherwise(_) | Sight::MovedOn(_) => false,
    }
}

/// The fate of a step by what was told of it and by what the last look shows.
pub fn settle(step: &Step, told: &Told, after: &World) -> Settlement {
    by_sight(told, Existence::of(&step.change), || sight(step, after))
}

/// The fate of a step by what was told of it alone, because the look afterwards failed as a whole.
pub fn settle_unseen(told: &Told, failure: &Failure) -> Settlement {
    by_sight(told, Existence::Stays, || Sight::Unreadable(failure.clone()))
}

/// What a step does to the existence of a topic, which decides what "it exists" and "there is none" mean as answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Existence {
    Begins,
    Ends,
    Stays,
}

impl Existence {
    fn of(change: &Change) -> Self {
        match change {
            Change::Topic(TopicChange::Create { .. }) => Existence::Begins,
            Change::Topic(TopicChange::Delete { .. }) => Existence::Ends,
            Change::Topic(_)
            | Change::Subject(_)
            | Change::Group(_)
            | Change::Cluster(_)
            | Change::Access(_)
            | Change::Records(_) => Existence::Stays,
        }
    }
}

fn is_gone(failure: &Failure) -> bool {
    failure.has_code(&GONE)
}

fn by_sight(told: &Told, existence: Existence, sight: impl FnOnce() -> Sight) -> Settlement {
    match &told.event {
        StepEvent::NotSent(why) if told.resent => without_reply(why, sight()),
        StepEvent::NotSent(why) => Settlement::not_attempted(why.message.clone()),
        StepEvent::Sent => {
            let silence = Failure::without_reply("NO_REPLY", "the run ended before a reply came");
            without_reply(&silence, sight())
        }
        StepEvent::NoReply(failure) => without_reply(failure, sight()),
        StepEvent::Refused(failure) if failure.is_timed_out() => without_reply(failure, sight()),
        StepEvent::Refused(failure) => match failure.code {
            Some(EXISTS) if existence == Existence::Begins => exists(failure, told.resent, sight()),
            Some(_) if existence == Existence::Ends && is_gone(failure) => gone(failure, sight()),
            _ if told.resent => refused_again(failure, sight()),
            _ => Settlement::of(Outcome::Rejected).because(failure),
        },
        StepEvent::Accepted | StepEvent::Created(_) => accepted(sight()),
        StepEvent::PartlyAccepted { done, of, failures } => partly_accepted(*done, *of, failures, sight()),
    }
}

fn accepted(sight: Sight) -> Settlement {
    match sight {
        Sight::AsAsked => Settlement::of(Outcome::Done).settled(Settled::AsAsked, Vec::new()),
        Sight::UnderWay => Settlement::of(Outcome::Running),
        Sight::Otherwise(differences) => {
            Settlement::of(Outcome::Done).settled(Settled::NotAsAsked, differences)
        }
        Sight::MovedOn(differences) => {
            Settlement::of(Outcome::Done).settled(Settled::MovedOnSince, differences)
        }
        Sight::NotYet(differences) => Settlement { differences, ..Settlement::of(Outcome::Accepted) }
            .noting("accepted, and not visible yet when the time to look was over"),
        Sight::Unreadable(failure) => Settlement::of(Outcome::Accepted)
            .because(&failure)
            .noting("accepted; the look afterwards could not read it"),
    }
}

/// No reply is not a failure, and a resource that is as asked is not proof of who made it so.
fn without_reply(failure: &Failure, sight: Sight) -> Settlement {
    let unknown = Settlement::of(Outcome::Unknown).because(failure);
    match sight {
        Sight::AsAsked => Settlement::of(Outcome::Done)
            .settled(Settled::AsAsked, Vec::new())
            .because(failure)
            .noting("no reply came; it is as asked now, which does not prove that this run did it"),
        Sight::UnderWay => Settlement::of(Outcome::Running)
            .because(failure)
            .noting("no reply came; it is under way, which does not prove that this run began it"),
        Sight::NotYet(differences) => Settlement { differences, ..unknown }
            .noting("no reply came, and nothing of it is to be seen; it may still be carried out"),
        Sight::Otherwise(differences) => unknown.settled(Settled::NotAsAsked, differences),
        Sight::MovedOn(differences) => unknown.settled(Settled::MovedOnSince, differences),
        Sight::Unreadable(_) => unknown.noting("no reply came, and the look afterwards could not read it"),
    }
}

/// The server refuses what it may have done already at the first sending.
fn refused_again(failure: &Failure, sight: Sight) -> Settlement {
    let unknown = Settlement::of(Outcome::Unknown).because(failure).noting(
        "the request was sent again for want of a reply and then refused; the first one may have been carried out",
    );
    match sight {
        Sight::AsAsked => {
            Settlement::of(Outcome::Done).settled(Settled::AsAsked, Vec::new()).because(failure).noting(
                "the request was sent again for want of a reply and then refused; it is as asked now, which does not \
                 prove that this run did it",
            )
        }
        Sight::UnderWay => Settlement { outcome: Outcome::Running, ..unknown },
        Sight::NotYet(differences) => Settlement { differences, ..unknown },
        Sight::Otherwise(differences) => unknown.settled(Settled::NotAsAsked, differences),
        Sight::MovedOn(differences) => unknown.settled(Settled::MovedOnSince, differences),
        Sight::Unreadable(_) => unknown,
    }
}

/// The topic was absent when it was planned and just before the request left. One that differs is not ours, however often
/// it was sent: a topic comes with its partitions and configs all at once.
fn exists(failure: &Failure, resent: bool, sight: Sight) -> Settlement {
    let rejected = Settlement::of(Outcome::Rejected).because(failure);
    match sight {
        Sight::Otherwise(_) => rejected
            .noting("somebody else has created the topic in the meantime; plan again to see what differs"),
        sight if resent => refused_again(failure, sight),
        Sight::AsAsked => {
            rejected.noting("somebody else has created the topic in the meantime, just as asked")
        }
        _ => rejected
            .noting("somebody else has created the topic in the meantime; plan again to see what differs"),
    }
}

/// The topic was there just before the request left, and the controller knows none of its id, or name.
fn gone(failure: &Failure, sight: Sight) -> Settlement {
    let because = |outcome: Outcome| Settlement::of(outcome).because(failure);
    match sight {
        Sight::AsAsked => because(Outcome::Done)
            .settled(Settled::AsAsked, Vec::new())
            .noting("it was gone when the request came, which does not prove that this run deleted it"),
        Sight::NotYet(differences) => Settlement { differences, ..because(Outcome::Accepted) }
            .noting("the controller says that it is gone, and brokers still show it"),
        Sight::MovedOn(_) => because(Outcome::Rejected)
            .noting("it was deleted and created anew in the meantime; plan again to see what is there"),
        Sight::UnderWay | Sight::Otherwise(_) | Sight::Unreadable(_) => because(Outcome::Unknown)
            .noting("the controller says that it is gone, and the look afterwards could not read it"),
    }
}

fn partly_accepted(done: u32, of: u32, failures: &[ItemFailure], sight: Sight) -> Settlement {
    let outcome = match done {
        0 => Outcome::Rejected,
        done if done == of && failures.is_empty() => return accepted(sight),
        done => Outcome::Partial { done, of },
    };
    let settlement = Settlement { items: failures.to_vec(), ..Settlement::of(outcome) };
    let settlement = match failures.first() {
        Some(first) => settlement.because(&first.failure),
        None => settlement,
    };
    match sight {
        Sight::AsAsked => settlement.settled(Settled::AsAsked, Vec::new()),
        Sight::NotYet(differences) | Sight::Otherwise(differences) if done > 0 => {
            settlement.settled(Settled::NotAsAsked, differences)
        }
        Sight::MovedOn(differences) if done > 0 => settlement.settled(Settled::MovedOnSince, differences),
        Sight::UnderWay
        | Sight::NotYet(_)
        | Sight::Otherwise(_)
        | Sight::MovedOn(_)
        | Sight::Unreadable(_) => settlement,
    }
}
