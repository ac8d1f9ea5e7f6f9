use super::super::TopicChange;
use super::super::risks::ConfigMove;
use crate::world::TopicView;
use std::collections::BTreeMap;

const MIN_ISR: &str = "min.insync.replicas";

/// Whether `earlier` has to be done before `later`, both being changes of one topic, whose `min.insync.replicas` becomes
/// lower than what holds now or not.
///
/// A broker caps min.insync.replicas at the number of replicas and counts those that are still copying, so that raising
/// it beside a move would stop writes: it waits for the move, as lowering it goes before. Brokers give new partitions as
/// many replicas as the first one has, so that these wait, too.
pub(in crate::plan) fn precedes(earlier: &TopicChange, later: &TopicChange, lowers: bool) -> bool {
    match (earlier, later) {
        (TopicChange::MoveReplicas { .. }, TopicChange::AddPartitions { .. }) => true,
        (TopicChange::MoveReplicas { .. }, TopicChange::SetConfig { to, .. }) => {
            to.contains_key(MIN_ISR) && !lowers
        }
        (TopicChange::SetConfig { to, .. }, TopicChange::MoveReplicas { .. }) => {
            to.contains_key(MIN_ISR) && lowers
        }
        _ => false,
    }
}

/// The `min.insync.replicas` that a topic will have, where the change makes it lower for certain than what holds now,
/// be that the topic's own value or one that it follows.
pub(in crate::plan) fn lowered_min_isr(change: &TopicChange, view: &TopicView) -> Option<i64> {
    let TopicChange::SetConfig { to, .. } = change else { return None };
    if !to.contains_key(MIN_ISR) {
        return None;
    }
    let none = BTreeMap::new();
    let moved = ConfigMove { configs: view.configs.known().unwrap_or(&none), to };
    let (before, after) = (moved.before(MIN_ISR).integer()?, moved.after(MIN_ISR).integer()?);
    (after < before).then_some(after)
}
