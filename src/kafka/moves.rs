//! Looking at replicas on their way: ListPartitionReassignments (KIP-455).

use super::cluster::Cluster;
use super::route::{Retry, To};
use kafka_protocol::messages::{
    BrokerId, ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse,
};
use klerk_core::values::{Known, TopicPartition};
use klerk_core::world::MoveView;
use std::collections::BTreeMap;

impl Cluster {
    /// All partitions whose replicas are on their way, whoever moves them.
    pub(super) async fn moves(&self) -> Known<BTreeMap<TopicPartition, MoveView>> {
        let request = |_| ListPartitionReassignmentsRequest::default().with_topics(None);
        match self.call(To::Controller, Retry::Safe, request).await {
            Ok(answer) => Known::Known(read(&answer.body)),
            Err(error) => error.unknown(),
        }
    }
}

fn read(answer: &ListPartitionReassignmentsResponse) -> BTreeMap<TopicPartition, MoveView> {
    let nodes = |nodes: &[BrokerId]| nodes.iter().map(|node| node.0).collect();
    let mut moves = BTreeMap::new();
    for topic in &answer.topics {
        for partition in &topic.partitions {
            let at = TopicPartition::new(topic.name.as_str(), partition.partition_index);
            let view = MoveView {
                adding: nodes(&partition.adding_replicas),
                removing: nodes(&partition.removing_replicas),
            };
            moves.insert(at, view);
        }
    }
    moves
}
