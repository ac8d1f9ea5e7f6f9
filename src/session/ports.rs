//! What a run needs of the world outside, as traits, so that every way in which a run can go wrong is tested without
//! a cluster.

use klerk_core::apply::{Settlement, StepEvent};
use klerk_core::placement::{MoveProgress, ReplicaSizes, Stall, Throttle};
use klerk_core::plan::{Answers, Drift, Question, Step, StepId};
use klerk_core::values::{Failure, TopicPartition};
use klerk_core::world::{Wanted, World};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::io;

/// Reads the state of cluster, registry and groups.
pub trait Look {
    /// Sees what is wanted and no more. What single resources refuse stands in the world; an error means that nothing
    /// could be seen at all.
    fn look(&self, wanted: &Wanted) -> impl Future<Output = Result<World, Failure>>;

    /// Sees how many bytes these replicas have, by broker. What is not told is missing, or says why.
    fn replica_sizes(
        &self,
        _replicas: &BTreeMap<i32, Vec<TopicPartition>>,
    ) -> impl Future<Output = ReplicaSizes> {
        std::future::ready(ReplicaSizes::new())
    }
}

/// Puts the questions of a proposal to the servers.
pub trait Answering {
    /// Asks what is asked for and no more. A question without an entry in the outcome got no answer.
    fn answer(&self, questions: &BTreeSet<Question>, seen: &World) -> impl Future<Output = Answers>;
}

/// Carries out steps.
pub trait Enact {
    /// Sends the steps in as few requests as the protocol allows and tells the fate of each as it is heard. It takes
    /// no decision: what it is given is what it sends. A step that is never told about was not sent.
    fn enact(&self, steps: &[&Step], hear: &mut impl Hear) -> impl Future<Output = ()>;

    /// Takes a throttle off that was set for copies of replicas; `false` while it is still needed.
    fn lift(&self, _throttle: &Throttle) -> impl Future<Output = Result<bool, Failure>> {
        std::future::ready(Ok(true))
    }
}

/// Hears what becomes of steps while they are carried out.
pub trait Hear {
    /// A request with these steps is about to leave. `false` forbids it and every one after it: the run was stopped, its
    /// record cannot be written, or what the steps rest on is no longer what it was.
    fn may_send(&mut self, steps: &[StepId]) -> impl Future<Output = bool>;

    /// What the servers said.
    fn heard(&mut self, news: &[(StepId, StepEvent)]);

    /// Facts that the steps rest on are no longer as planned; nothing more may be sent.
    fn stale(&mut self, drifts: Vec<Drift>);

    /// A throttle is about to be set. `false` forbids it.
    fn throttling(&mut self, throttle: &Throttle) -> bool;
}

/// The record of a run, written as it goes.
pub trait Journal {
    /// Notes that a request with these steps is about to leave. An error means that it must not.
    fn sending(&mut self, steps: &[StepId]) -> io::Result<()>;

    /// Notes what the servers said.
    fn heard(&mut self, news: &[(StepId, StepEvent)]) -> io::Result<()>;

    /// Notes that a throttle is about to be set, so that it is taken off again whatever happens. An error means that it
    /// must not be set.
    fn throttling(&mut self, _throttle: &Throttle) -> io::Result<()> {
        Ok(())
    }
}

/// Shows how far a run has come.
pub trait Watcher {
    /// What the run is doing now, in a few words.
    fn doing(&mut self, what: &str);

    /// So many of so many steps have a reply.
    fn replied(&mut self, done: usize, of: usize);

    /// Replicas are on their way, and so far have they come.
    fn moving(&mut self, _progress: &MoveProgress) {}

    /// These moves cannot go on as things are; none when all of them can.
    fn standing_still(&mut self, _stalls: &[Stall]) {}

    /// A step is settled.
    fn settled(&mut self, step: &Step, settlement: &Settlement);
}
