use super::super::TopicChange;
use crate::values::as_integer;
use std::collections::BTreeMap;

const MIN_ISR: &str = "min.insync.replicas";

/// Whether `earlier` has to be done before `later`, both being changes of one topic.
///
/// A broker caps min.insync.replicas at the number of replicas and counts those that are still copying, so that raising
/// it beside a move would stop writes: it waits for the move, as lowering it goes before. Brokers give new partitions as
/// many replicas as the first one has, so that these wait, too.
pub(in crate::plan) fn precedes(earlier: &TopicChange, later: &TopicChange) -> bool {
    match (earlier, later) {
        (TopicChange::MoveReplicas { .. }, TopicChange::AddPartitions { .. }) => true,
        (TopicChange::MoveReplicas { .. }, TopicChange::SetConfig { from, to, .. }) => {
            to.contains_key(MIN_ISR) && !lowers(from, to)
        }
        (TopicChange::SetConfig { from, to, .. }, TopicChange::MoveReplicas { .. }) => {
            to.contains_key(MIN_ISR) && lowers(from, to)
        }
        _ => false,
    }
}

/// Whether the value goes down for certain. One that follows the broker may go anywhere.
fn lowers(from: &BTreeMap<String, Option<String>>, to: &BTreeMap<String, Option<String>>) -> bool {
    let number = |values: &BTreeMap<String, Option<String>>| as_integer(values.get(MIN_ISR)?.as_deref()?);
    matches!((number(from), number(to)), (Some(from), Some(to)) if to < from)
}
