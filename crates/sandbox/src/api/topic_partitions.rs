//! Where the partitions are, page by page: DescribeTopicPartitions (KIP-966).

use crate::api::Call;
use crate::api::cluster::{ALL_OF_TOPIC, NO_BROKER};
use crate::api::metadata::{broker_ids, offline};
use crate::state::{State, topic_name};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::describe_topic_partitions_response::{
    Cursor, DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
};
use kafka_protocol::messages::{
    BrokerId, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, TopicName,
};
use kafka_protocol::protocol::StrBytes;
use std::collections::BTreeSet;

/// `max.request.partition.size.limit` of a broker.
const LARGEST_PAGE: i32 = 2000;

pub(super) fn describe(
    state: &mut State,
    _: &Call,
    request: &DescribeTopicPartitionsRequest,
) -> DescribeTopicPartitionsResponse {
    let all = request.topics.is_empty();
    let asked: BTreeSet<&str> = if all {
        state.topics.keys().map(String::as_str).collect()
    } else {
        request.topics.iter().map(|topic| topic.name.as_str()).collect()
    };
    let (from, start) = match &request.cursor {
        Some(cursor) => (cursor.topic_name.as_str(), cursor.partition_index),
        None => ("", 0),
    };
    if start < 0 || (!all && request.cursor.is_some() && !asked.contains(from)) {
        let refused = request.topics.iter().map(|topic| refused(&topic.name, ResponseError::InvalidRequest));
        return DescribeTopicPartitionsResponse::default().with_topics(refused.collect());
    }
    let mut room = usize::try_from(request.response_partition_limit.clamp(1, LARGEST_PAGE)).unwrap_or(1);
    let mut topics = Vec::new();
    let mut next = None;
    for name in asked.range(from..) {
        if room == 0 {
            next = Some(cursor(name, 0));
            break;
        }
        let Some(topic) = state.topics.get(*name) else {
            let name = TopicName(StrBytes::from_string((*name).to_owned()));
            let unknown = refused(&name, ResponseError::UnknownTopicOrPartition);
            topics.push(unknown.with_topic_authorized_operations(ALL_OF_TOPIC));
            continue;
        };
        let first = if *name == from { usize::try_from(start).unwrap_or_default() } else { 0 };
        let partitions: Vec<_> = topic.partitions.iter().zip(0..).skip(first).take(room).collect();
        room -= partitions.len();
        let after = first + partitions.len();
        let partitions = partitions.into_iter().map(|(partition, index)| {
            DescribeTopicPartitionsResponsePartition::default()
                .with_partition_index(index)
                .with_leader_id(partition.leader.map_or(NO_BROKER, BrokerId))
                .with_leader_epoch(partition.leader_epoch)
                .with_replica_nodes(broker_ids(&partition.replicas))
                .with_isr_nodes(broker_ids(&partition.isr))
                .with_eligible_leader_replicas(Some(Vec::new()))
                .with_last_known_elr(Some(Vec::new()))
                .with_offline_replicas(offline(state, partition))
                .with_error_code(partition.leader.map_or(ResponseError::LeaderNotAvailable.code(), |_| 0))
        });
        topics.push(
            DescribeTopicPartitionsResponseTopic::default()
                .with_name(Some(TopicName(StrBytes::from_string((*name).to_owned()))))
                .with_topic_id(topic.id)
                .with_is_internal(topic_name::is_internal(name))
                .with_partitions(partitions.collect())
                .with_topic_authorized_operations(ALL_OF_TOPIC),
        );
        if after < topic.partitions.len() {
            next = Some(cursor(name, after));
            break;
        }
    }
    DescribeTopicPartitionsResponse::default().with_topics(topics).with_next_cursor(next)
}

fn refused(name: &TopicName, error: ResponseError) -> DescribeTopicPartitionsResponseTopic {
    DescribeTopicPartitionsResponseTopic::default()
        .with_name(Some(name.clone()))
        .with_error_code(error.code())
}

fn cursor(name: &str, partition: usize) -> Cursor {
    Cursor::default()
        .with_topic_name(TopicName(StrBytes::from_string(name.to_owned())))
        .with_partition_index(i32::try_from(partition).unwrap_or(i32::MAX))
}
