//! Who the brokers are, and where the partitions: Metadata, DescribeCluster.

use crate::api::Call;
use crate::state::{State, Topic};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::describe_cluster_response::DescribeClusterBroker;
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::{
    BrokerId, DescribeClusterRequest, DescribeClusterResponse, MetadataRequest, MetadataResponse, TopicName,
};
use kafka_protocol::protocol::StrBytes;

const NO_BROKER: BrokerId = BrokerId(-1);
const HOST: StrBytes = StrBytes::from_static_str("127.0.0.1");

pub(super) fn metadata(state: &mut State, call: &Call, request: &MetadataRequest) -> MetadataResponse {
    let all = match &request.topics {
        None => true,
        Some(topics) => call.version == 0 && topics.is_empty(),
    };
    let topics = if all {
        state.topics.iter().map(|(name, topic)| described(state, name, topic)).collect()
    } else {
        request
            .topics
            .iter()
            .flatten()
            .map(|wanted| named(state, wanted.name.as_ref(), wanted.topic_id))
            .collect()
    };
    let brokers = state.brokers.iter().filter(|(_, broker)| broker.alive).map(|(id, broker)| {
        MetadataResponseBroker::default()
            .with_node_id(BrokerId(*id))
            .with_host(HOST)
            .with_port(i32::from(broker.port))
            .with_rack(Some(StrBytes::from_string(broker.rack.clone())))
    });
    MetadataResponse::default()
        .with_cluster_id(Some(StrBytes::from_string(state.cluster_id.clone())))
        .with_controller_id(state.controller().map_or(NO_BROKER, BrokerId))
        .with_brokers(brokers.collect())
        .with_topics(topics)
}

fn named(state: &State, name: Option<&TopicName>, id: uuid::Uuid) -> MetadataResponseTopic {
    let (found, error) = match name {
        Some(name) => (state.topics.get_key_value(name.as_str()), ResponseError::UnknownTopicOrPartition),
        None => (state.topics.iter().find(|(_, topic)| topic.id == id), ResponseError::UnknownTopicId),
    };
    match found {
        Some((name, topic)) => described(state, name, topic),
        None => MetadataResponseTopic::default()
            .with_name(name.cloned())
            .with_topic_id(id)
            .with_error_code(error.code()),
    }
}

fn described(state: &State, name: &str, topic: &Topic) -> MetadataResponseTopic {
    let partitions = topic.partitions.iter().zip(0..).map(|(partition, index)| {
        let offline = partition.replicas.iter().filter(|id| !state.alive().any(|alive| alive == **id));
        MetadataResponsePartition::default()
            .with_partition_index(index)
            .with_leader_id(partition.leader.map_or(NO_BROKER, BrokerId))
            .with_leader_epoch(partition.leader_epoch)
            .with_replica_nodes(partition.replicas.iter().copied().map(BrokerId).collect())
            .with_isr_nodes(partition.isr.iter().copied().map(BrokerId).collect())
            .with_offline_replicas(offline.copied().map(BrokerId).collect())
            .with_error_code(partition.leader.map_or(ResponseError::LeaderNotAvailable.code(), |_| 0))
    });
    MetadataResponseTopic::default()
        .with_name(Some(TopicName(StrBytes::from_string(name.to_owned()))))
        .with_topic_id(topic.id)
        .with_is_internal(name == "__consumer_offsets" || name == "__transaction_state")
        .with_partitions(partitions.collect())
}

pub(super) fn describe_cluster(
    state: &mut State,
    _: &Call,
    _: &DescribeClusterRequest,
) -> DescribeClusterResponse {
    let brokers = state.brokers.iter().filter(|(_, broker)| broker.alive).map(|(id, broker)| {
        DescribeClusterBroker::default()
            .with_broker_id(BrokerId(*id))
            .with_host(HOST)
            .with_port(i32::from(broker.port))
            .with_rack(Some(StrBytes::from_string(broker.rack.clone())))
    });
    DescribeClusterResponse::default()
        .with_cluster_id(StrBytes::from_string(state.cluster_id.clone()))
        .with_controller_id(state.controller().map_or(NO_BROKER, BrokerId))
        .with_brokers(brokers.collect())
}
