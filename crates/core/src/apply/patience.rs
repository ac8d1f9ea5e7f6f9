use crate::plan::{Change, ClusterChange, GroupChange, Step, TopicChange};

/// How long to poll for these changes to become visible, in milliseconds: ten seconds, and ten milliseconds a
/// partition, since brokers take that long after mass creation.
pub fn patience_ms<'a>(steps: impl IntoIterator<Item = &'a Step>) -> u64 {
    let partitions: u64 = steps.into_iter().map(|step| partitions(&step.change)).sum();
    10_000 + 10 * partitions
}

fn partitions(change: &Change) -> u64 {
    match change {
        Change::Topic(TopicChange::Create { partitions, .. }) => partitions.unwrap_or(1).max(1) as u64,
        Change::Topic(TopicChange::AddPartitions { from, to, .. }) => (to - from).max(1) as u64,
        Change::Topic(TopicChange::MoveReplicas { to, .. } | TopicChange::CancelMoves { to, .. }) => {
            to.len() as u64
        }
        Change::Topic(TopicChange::Delete { partitions, .. }) => (*partitions).max(1) as u64,
        Change::Group(GroupChange::CommitOffsets { partitions, .. }) => partitions.len() as u64,
        Change::Group(GroupChange::DeleteOffsets { partitions, .. }) => partitions.len() as u64,
        Change::Cluster(ClusterChange::ElectLeaders { partitions, .. }) => partitions.len() as u64,
        Change::Cluster(ClusterChange::SetConfig { .. }) => 1,
        Change::Records(change) => change.partitions().len() as u64,
        Change::Topic(TopicChange::SetConfig { .. }) | Change::Subject(_) | Change::Access(_) => 1,
    }
}
