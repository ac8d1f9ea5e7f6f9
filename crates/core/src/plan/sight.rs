use super::{Change, Step, access, cluster, group, records, subject, topic};
use crate::apply::Difference;
use crate::values::Failure;
use crate::world::World;

/// What a look shows of a change that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// The resource is as the change asked.
    AsAsked,
    /// The resource is as it was before, wholly or as far as the answers go: the change was not carried out, or is
    /// not visible yet. Names what is missing.
    NotYet(Vec<Difference>),
    /// The servers are carrying it out by themselves, which takes as long as it takes.
    UnderWay,
    /// The change is visible, and something of it is neither as before nor as asked.
    Otherwise(Vec<Difference>),
    /// The resource has been changed since by somebody else, beyond what was asked.
    MovedOn(Vec<Difference>),
    /// It could not be read.
    Unreadable(Failure),
}

/// What a look shows of a step. It says nothing about who did it.
pub fn sight(step: &Step, world: &World) -> Sight {
    match &step.change {
        Change::Topic(change) => topic::sight(change, world),
        Change::Subject(change) => subject::sight(change, world),
        Change::Group(change) => group::sight(change, world),
        Change::Cluster(change) => cluster::sight(change, world),
        Change::Records(change) => records::sight(change, world),
        Change::Access(change) => access::sight(change, world),
    }
}
