use super::TopicChange;
use crate::topology::Topology;
use crate::values::Origin;
use std::collections::BTreeMap;

/// The line that says each value of a change.
pub(in crate::plan) fn origins(change: &TopicChange, want: &Topology) -> BTreeMap<String, Origin> {
    let mut lines = BTreeMap::new();
    if let (TopicChange::Delete { topic, .. }, absent) = (change, &want.absent.topics) {
        lines.extend(absent.get(topic).map(|absent| ("state".to_owned(), absent.origin.clone())));
    }
    let Some(topic) = want.topics.get(change.topic()) else { return lines };
    let partitions = || topic.partitions.as_ref().map(|wish| ("partitions".to_owned(), wish.origin.clone()));
    let replication =
        || topic.replication.as_ref().map(|wish| ("replication".to_owned(), wish.origin.clone()));
    let config = |key: &String| Some((key.clone(), topic.configs.get(key)?.origin.clone()));
    match change {
        TopicChange::Create { configs, .. } => {
            lines.extend(partitions());
            lines.extend(replication());
            lines.extend(configs.keys().filter_map(config));
        }
        TopicChange::AddPartitions { .. } => lines.extend(partitions()),
        TopicChange::MoveReplicas { .. } => lines.extend(replication()),
        TopicChange::SetConfig { to, .. } => lines.extend(to.keys().filter_map(config)),
        TopicChange::CancelMoves { .. } | TopicChange::Delete { .. } => {}
    }
    lines
}
