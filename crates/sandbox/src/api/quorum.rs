//! Those who decide: DescribeQuorum, UnregisterBroker.

use crate::api::Call;
use crate::state::State;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::describe_quorum_response::{
    Listener, Node, PartitionData, ReplicaState, TopicData,
};
use kafka_protocol::messages::{
    BrokerId, DescribeQuorumRequest, DescribeQuorumResponse, UnregisterBrokerRequest,
    UnregisterBrokerResponse,
};
use kafka_protocol::protocol::StrBytes;

/// The topic of the cluster's metadata, the only one that a quorum decides on.
const METADATA: &str = "__cluster_metadata";

/// The quorum is one voter, as on a cluster whose first broker is its controller.
pub(super) fn describe(
    state: &mut State,
    _: &Call,
    request: &DescribeQuorumRequest,
) -> DescribeQuorumResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|wanted| {
            let known = topic.topic_name.as_str() == METADATA && wanted.partition_index == 0;
            if known { metadata(state) } else { unknown(wanted.partition_index) }
        });
        TopicData::default().with_topic_name(topic.topic_name.clone()).with_partitions(partitions.collect())
    });
    let host = StrBytes::from_static_str("127.0.0.1");
    let nodes = state.controller().map(|id| {
        let port = state.brokers.get(&id).map_or(0, |broker| broker.port);
        let listener = Listener::default().with_name(StrBytes::from_static_str("CONTROLLER"));
        Node::default()
            .with_node_id(BrokerId(id))
            .with_listeners(vec![listener.with_host(host).with_port(port)])
    });
    DescribeQuorumResponse::default()
        .with_error_message(Some(StrBytes::default()))
        .with_topics(topics.collect())
        .with_nodes(nodes.into_iter().collect())
}

fn metadata(state: &State) -> PartitionData {
    // Each change is a record, and a cluster begins with some.
    let end = i64::try_from(state.revision()).unwrap_or(i64::MAX).saturating_add(1);
    let now = state.clock.now_ms();
    let leader = state.controller();
    let replica = |id: i32| {
        ReplicaState::default()
            .with_replica_id(BrokerId(id))
            .with_log_end_offset(end)
            .with_last_fetch_timestamp(now)
            .with_last_caught_up_timestamp(now)
    };
    PartitionData::default()
        .with_error_message(Some(StrBytes::default()))
        .with_leader_id(BrokerId(leader.unwrap_or(-1)))
        .with_leader_epoch(1)
        .with_high_watermark(end)
        .with_current_voters(leader.map(replica).into_iter().collect())
        .with_observers(state.alive().filter(|id| Some(*id) != leader).map(replica).collect())
}

fn unknown(index: i32) -> PartitionData {
    let words = "This server does not host this topic-partition.";
    PartitionData::default()
        .with_partition_index(index)
        .with_error_code(ResponseError::UnknownTopicOrPartition.code())
        .with_error_message(Some(StrBytes::from_static_str(words)))
}

pub(super) fn unregister(
    state: &mut State,
    _: &Call,
    request: &UnregisterBrokerRequest,
) -> UnregisterBrokerResponse {
    let id = request.broker_id.0;
    let refusal = match state.brokers.get(&id) {
        None => {
            let words = format!("Broker ID {id} is not currently registered");
            Some((ResponseError::BrokerIdNotRegistered, words))
        }
        // A real cluster forgets the broker, which registers again when it is up; here its address would be lost.
        Some(_) => {
            let words = format!("The sandbox does not unregister its brokers, such as {id}.");
            Some((ResponseError::InvalidRequest, words))
        }
    };
    refusal.map_or_else(UnregisterBrokerResponse::default, |(code, words)| {
        UnregisterBrokerResponse::default()
            .with_error_code(code.code())
            .with_error_message(Some(StrBytes::from_string(words)))
    })
}
