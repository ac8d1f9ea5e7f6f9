use super::assess::judge;
use super::{Answers, Basis, Change, Proposed, policy, topic};
use crate::placement::Throttle;
use crate::values::{Known, Resource};
use std::collections::{BTreeMap, BTreeSet};

/// What else the plan of a change does, as far as it decides about the change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Beside {
    /// What the plan deletes, whatever else a file says is not to be there.
    pub going: BTreeSet<Resource>,
    /// The `min.insync.replicas` that topics will have, where the plan makes it lower than what holds now.
    pub lowered: BTreeMap<String, i64>,
    /// The throttles of moves that klerk has set and not taken off yet.
    pub standing_throttles: Vec<Throttle>,
}

impl Beside {
    /// What these changes do together. A deletion that cannot be made deletes nothing, so that what is only to go with
    /// it has to stay, too.
    pub fn of(changes: &[Proposed], answers: &Answers, basis: &Basis<'_>) -> Self {
        let deletions: Vec<&Proposed> = changes.iter().filter(|one| one.change.deletes()).collect();
        let going = deletions.iter().map(|one| one.change.resource()).collect();
        let mut beside = Beside { going, lowered: lowered(changes, answers, basis), ..Beside::default() };
        loop {
            let stays = |one: &&&Proposed| {
                beside.going.contains(&one.change.resource())
                    && (policy::out_of_scope(one, basis.topology).is_some()
                        || judge(one, &beside, answers, basis).is_err())
            };
            let stay: Vec<Resource> =
                deletions.iter().filter(stays).map(|one| one.change.resource()).collect();
            if stay.is_empty() {
                return beside;
            }
            for resource in stay {
                beside.going.remove(&resource);
            }
        }
    }
}

/// What the plan lowers for certain: a change that is refused lowers nothing.
fn lowered(changes: &[Proposed], answers: &Answers, basis: &Basis<'_>) -> BTreeMap<String, i64> {
    let lowered = changes.iter().filter_map(|one| {
        let Change::Topic(change) = &one.change else { return None };
        let view = basis.world.cluster.topics.get(change.topic()).and_then(Known::known)?;
        let lowered = topic::lowered_min_isr(change, view)?;
        let is_made = policy::out_of_scope(one, basis.topology).is_none()
            && judge(one, &Beside::default(), answers, basis).is_ok();
        is_made.then(|| (change.topic().to_owned(), lowered))
    });
    lowered.collect()
}
