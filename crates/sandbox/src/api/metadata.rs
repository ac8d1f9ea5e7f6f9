//! Where the partitions are: Metadata. It never creates a topic, whatever the client allows.

use crate::api::Call;
use crate::api::cluster::{ALL_OF_CLUSTER, ALL_OF_TOPIC, HOST, NO_BROKER};
use crate::state::{Partition, State, Topic, topic_name};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::{BrokerId, MetadataRequest, MetadataResponse, TopicName};
use kafka_protocol::protocol::StrBytes;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The first version in which a topic can be asked for by its id.
const BY_ID: i16 = 12;

pub(super) fn metadata(state: &mut State, call: &Call, request: &MetadataRequest) -> MetadataResponse {
    let wanted = match &request.topics {
        Some(topics) if call.version > 0 || !topics.is_empty() => Some(topics),
        _ => None,
    };
    let nameless = wanted
        .into_iter()
        .flatten()
        .find(|topic| topic.name.is_none() && (call.version < BY_ID || topic.topic_id.is_nil()));
    if let Some(topic) = nameless {
        return unanswerable(call, topic);
    }
    let mut topics = match wanted {
        None => state.topics.iter().map(|(name, topic)| described(state, name, topic)).collect(),
        Some(topics) if topics.iter().any(|topic| !topic.topic_id.is_nil()) => by_id(state, topics),
        Some(topics) => by_name(state, topics),
    };
    if request.include_topic_authorized_operations {
        for topic in &mut topics {
            topic.topic_authorized_operations = ALL_OF_TOPIC;
        }
    }
    let brokers = state.brokers.iter().filter(|(_, broker)| broker.alive).map(|(id, broker)| {
        MetadataResponseBroker::default()
            .with_node_id(BrokerId(*id))
            .with_host(HOST)
            .with_port(i32::from(broker.port))
            .with_rack(Some(StrBytes::from_string(broker.rack.clone())))
    });
    let answer = MetadataResponse::default()
        .with_cluster_id(Some(StrBytes::from_string(state.cluster_id.clone())))
        .with_controller_id(state.controller().map_or(NO_BROKER, BrokerId))
        .with_brokers(brokers.collect())
        .with_topics(topics);
    if request.include_cluster_authorized_operations {
        answer.with_cluster_authorized_operations(ALL_OF_CLUSTER)
    } else {
        answer
    }
}

/// The answer to a request that names a topic by nothing: a broker fails as a whole.
fn unanswerable(call: &Call, topic: &MetadataRequestTopic) -> MetadataResponse {
    let error =
        if call.version < BY_ID { ResponseError::InvalidRequest } else { ResponseError::UnknownServerError };
    let refused = refused(error).with_name(Some(TopicName::default())).with_topic_id(topic.topic_id);
    MetadataResponse::default().with_controller_id(NO_BROKER).with_topics(vec![refused])
}

/// When one topic is asked for by id, all are: names are not looked at.
fn by_id(state: &State, wanted: &[MetadataRequestTopic]) -> Vec<MetadataResponseTopic> {
    let ids: BTreeSet<Uuid> = wanted.iter().map(|topic| topic.topic_id).filter(|id| !id.is_nil()).collect();
    let there: BTreeMap<Uuid, (&String, &Topic)> =
        state.topics.iter().map(|(name, topic)| (topic.id, (name, topic))).collect();
    ids.into_iter()
        .map(|id| match there.get(&id) {
            Some((name, topic)) => described(state, name, topic),
            None => refused(ResponseError::UnknownTopicId).with_topic_id(id),
        })
        .collect()
}

fn by_name(state: &State, wanted: &[MetadataRequestTopic]) -> Vec<MetadataResponseTopic> {
    let mut seen = BTreeSet::new();
    let names = wanted.iter().filter_map(|topic| topic.name.as_ref()).filter(|name| seen.insert(*name));
    names
        .map(|name| match state.topics.get_key_value(name.as_str()) {
            Some((name, topic)) => described(state, name, topic),
            None if topic_name::check(name).is_err() => {
                refused(ResponseError::InvalidTopicException).with_name(Some(name.clone()))
            }
            None => refused(ResponseError::UnknownTopicOrPartition).with_name(Some(name.clone())),
        })
        .collect()
}

fn refused(error: ResponseError) -> MetadataResponseTopic {
    MetadataResponseTopic::default().with_name(None).with_error_code(error.code())
}

fn described(state: &State, name: &str, topic: &Topic) -> MetadataResponseTopic {
    let partitions = topic.partitions.iter().zip(0..).map(|(partition, index)| {
        MetadataResponsePartition::default()
            .with_partition_index(index)
            .with_leader_id(partition.leader.map_or(NO_BROKER, BrokerId))
            .with_leader_epoch(partition.leader_epoch)
            .with_replica_nodes(broker_ids(&partition.replicas))
            .with_isr_nodes(broker_ids(&partition.isr))
            .with_offline_replicas(offline(state, partition))
            .with_error_code(partition.leader.map_or(ResponseError::LeaderNotAvailable.code(), |_| 0))
    });
    MetadataResponseTopic::default()
        .with_name(Some(TopicName(StrBytes::from_string(name.to_owned()))))
        .with_topic_id(topic.id)
        .with_is_internal(topic_name::is_internal(name))
        .with_partitions(partitions.collect())
}

pub(super) fn broker_ids(ids: &[i32]) -> Vec<BrokerId> {
    ids.iter().copied().map(BrokerId).collect()
}

/// The replicas whose brokers are down.
pub(super) fn offline(state: &State, partition: &Partition) -> Vec<BrokerId> {
    let down = |id: &&i32| !state.brokers.get(*id).is_some_and(|broker| broker.alive);
    partition.replicas.iter().filter(down).copied().map(BrokerId).collect()
}
