//! ConsumerGroupHeartbeat (KIP-848).

use crate::api::Call;
use crate::api::groups::guard::turned_away;
use crate::state::State;
use crate::state::groups::{Beat, BeatRefused, Beaten, JOINING, Partitions};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::consumer_group_heartbeat_response::{Assignment, TopicPartitions};
use kafka_protocol::messages::{ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse};
use kafka_protocol::protocol::StrBytes;
use std::collections::BTreeMap;

/// `group.consumer.heartbeat.interval.ms` of a broker that does not set it.
const HEARTBEAT_INTERVAL_MS: i32 = 5_000;

pub(in crate::api) fn consumer_group_heartbeat(
    state: &mut State,
    call: &Call,
    request: &ConsumerGroupHeartbeatRequest,
) -> ConsumerGroupHeartbeatResponse {
    let group = request.group_id.as_str();
    if let Err(BeatRefused { error, words }) = check(request) {
        return refused(error.code(), Some(words));
    }
    if let Some(code) = turned_away(state, call, group) {
        return refused(code, None);
    }
    let beat = Beat {
        member_id: request.member_id.to_string(),
        epoch: request.member_epoch,
        instance_id: request.instance_id.as_ref().map(ToString::to_string),
        rack_id: request.rack_id.as_ref().map(ToString::to_string),
        client_id: call.client_id.clone(),
        client_host: call.host.clone(),
        rebalance_timeout_ms: request.rebalance_timeout_ms,
        subscribed: request
            .subscribed_topic_names
            .as_ref()
            .map(|names| names.iter().map(|name| name.to_string()).collect()),
        assignor: request.server_assignor.as_ref().map(ToString::to_string),
        owned: owned(state, request),
    };
    let partitions: BTreeMap<String, i32> = state
        .topics
        .iter()
        .filter_map(|(name, topic)| Some((name.clone(), i32::try_from(topic.partitions.len()).ok()?)))
        .collect();
    let now = state.clock.now_ms();
    match state.groups.consumer_beat(group, &beat, &partitions, now) {
        Err(BeatRefused { error, words }) => refused(error.code(), Some(words)),
        Ok(Beaten { epoch, assignment }) => {
            state.touch();
            ConsumerGroupHeartbeatResponse::default()
                .with_member_id(Some(request.member_id.clone()))
                .with_member_epoch(epoch)
                .with_heartbeat_interval_ms(if epoch < 0 { 0 } else { HEARTBEAT_INTERVAL_MS })
                .with_assignment(assignment.map(|partitions| told(state, &partitions)))
        }
    }
}

fn refused(code: i16, words: Option<String>) -> ConsumerGroupHeartbeatResponse {
    ConsumerGroupHeartbeatResponse::default()
        .with_error_code(code)
        .with_error_message(words.map(StrBytes::from_string))
}

/// What a broker finds wrong with a request before it looks at the group, in its order.
fn check(request: &ConsumerGroupHeartbeatRequest) -> Result<(), BeatRefused> {
    let empty = |text: &Option<StrBytes>| text.as_ref().is_some_and(|text| text.is_empty());
    let joins = request.member_epoch == JOINING;
    let no_partitions = request.topic_partitions.as_ref().is_none_or(|topics| !topics.is_empty());
    let no_subscription =
        request.subscribed_topic_names.is_none() && request.subscribed_topic_regex.is_none();
    let words = if request.group_id.is_empty() {
        "GroupId can't be empty."
    } else if request.member_id.is_empty() {
        "MemberId can't be empty."
    } else if empty(&request.instance_id) {
        "InstanceId can't be empty."
    } else if empty(&request.rack_id) {
        "RackId can't be empty."
    } else if request.member_epoch < -2 {
        "MemberEpoch is invalid."
    } else if joins && request.rebalance_timeout_ms == -1 {
        "RebalanceTimeoutMs must be provided in first request."
    } else if joins && no_partitions {
        "TopicPartitions must be empty when (re-)joining."
    } else if joins && no_subscription {
        "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining."
    } else if request.subscribed_topic_regex.as_ref().is_some_and(|regex| !regex.is_empty()) {
        let words = "The sandbox does not resolve regular expressions: subscribe to topics by name.";
        return Err(BeatRefused { error: ResponseError::InvalidRegularExpression, words: words.to_owned() });
    } else {
        return Ok(());
    };
    Err(BeatRefused { error: ResponseError::InvalidRequest, words: words.to_owned() })
}

// Partitions of topics that have been deleted meanwhile count for nothing.
fn owned(state: &State, request: &ConsumerGroupHeartbeatRequest) -> Option<Partitions> {
    let topics = request.topic_partitions.as_ref()?.iter().filter_map(|owned| {
        let (name, _) = state.topics.iter().find(|(_, topic)| topic.id == owned.topic_id)?;
        Some((name.clone(), owned.partitions.iter().copied().collect()))
    });
    Some(topics.collect())
}

fn told(state: &State, partitions: &Partitions) -> Assignment {
    let topics = partitions.iter().filter_map(|(name, indexes)| {
        let id = state.topics.get(name)?.id;
        let indexes = indexes.iter().copied().collect();
        Some(TopicPartitions::default().with_topic_id(id).with_partitions(indexes))
    });
    Assignment::default().with_topic_partitions(topics.collect())
}
