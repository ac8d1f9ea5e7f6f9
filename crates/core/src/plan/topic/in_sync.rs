//! How `min.insync.replicas` stands to the replicas that are in sync now, partition by partition.

use crate::values::first_few;
use crate::world::{PartitionView, TopicView};

/// How many partitions are named.
const NAMED: usize = 10;

/// Partitions with too few replicas in sync. A broker holds none of them to more than there are replicas.
pub(super) fn under(view: &TopicView, least: i64) -> Vec<&PartitionView> {
    let is_under = |seen: &&PartitionView| (seen.isr.len() as i64) < least.min(seen.replicas.len() as i64);
    view.partitions.iter().filter(is_under).collect()
}

/// `0 (1 in sync), 4 (2 in sync)`, the first of very many.
pub(super) fn named(partitions: &[&PartitionView]) -> String {
    let named = partitions.iter().map(|seen| format!("{} ({} in sync)", seen.partition, seen.isr.len()));
    first_few(named, NAMED).join(", ")
}

/// What a change of the limit meets: how many replicas are in sync, and which partitions are under the limit already.
pub(super) fn standing(view: &TopicView, before: Option<i64>, after: i64) -> Vec<String> {
    let Some(fewest) = view.partitions.iter().map(|seen| seen.isr.len()).min() else { return Vec::new() };
    let mut lines = vec![format!("each partition has at least {fewest} in-sync {} now", replicas(fewest))];
    let Some(before) = before else { return lines };
    let now = under(view, before);
    if now.is_empty() {
        return lines;
    }
    let refused =
        format!("partitions under the present {before}, which take no writes with acks=all: {}", named(&now));
    let then = under(view, after);
    let released = now.len().saturating_sub(then.len());
    lines.push(match (after < before, then.is_empty()) {
        (true, true) => format!("{refused}; with {after} they take them again"),
        (true, false) => format!("{refused}; with {after} {released} of them take them again"),
        (false, _) => refused,
    });
    lines
}

fn replicas(count: usize) -> &'static str {
    if count == 1 { "replica" } else { "replicas" }
}
