//! Where replicas are to be: AlterPartitionReassignments, ListPartitionReassignments, ElectLeaders.

use crate::api::Call;
use crate::state::{Election, ElectionError, MoveError, State};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::alter_partition_reassignments_request::ReassignablePartition;
use kafka_protocol::messages::alter_partition_reassignments_response::{
    ReassignablePartitionResponse, ReassignableTopicResponse,
};
use kafka_protocol::messages::elect_leaders_response::{PartitionResult, ReplicaElectionResult};
use kafka_protocol::messages::list_partition_reassignments_response::{
    OngoingPartitionReassignment, OngoingTopicReassignment,
};
use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, BrokerId, ElectLeadersRequest,
    ElectLeadersResponse, ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, TopicName,
};
use kafka_protocol::protocol::StrBytes;

pub(super) fn alter(
    state: &mut State,
    call: &Call,
    request: &AlterPartitionReassignmentsRequest,
) -> AlterPartitionReassignmentsResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|wanted| {
            let index = wanted.partition_index;
            let result = ReassignablePartitionResponse::default().with_partition_index(index);
            let refusal = match state.faults.refusal_of_partition(call.key, &topic.name, index) {
                Some(refusal) => Some(refusal),
                None => alter_one(state, &topic.name, wanted, request.allow_replication_factor_change).err(),
            };
            match refusal {
                None => result.with_error_message(None),
                Some((code, words)) => {
                    result.with_error_code(code).with_error_message(words.map(StrBytes::from_string))
                }
            }
        });
        ReassignableTopicResponse::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    AlterPartitionReassignmentsResponse::default()
        .with_allow_replication_factor_change(request.allow_replication_factor_change)
        .with_error_message(None)
        .with_responses(topics.collect())
}

fn alter_one(
    state: &mut State,
    topic: &str,
    wanted: &ReassignablePartition,
    replication_may_change: bool,
) -> Result<(), (i16, Option<String>)> {
    let index = wanted.partition_index;
    let done = match &wanted.replicas {
        None => state.cancel_move(topic, index),
        Some(replicas) => {
            let target: Vec<i32> = replicas.iter().map(|id| id.0).collect();
            state.reassign(topic, index, &target, replication_may_change)
        }
    };
    done.map_err(|error| {
        let code = match error {
            MoveError::NoTopic(_) | MoveError::NoPartition(..) => ResponseError::UnknownTopicOrPartition,
            MoveError::Replication(..) => ResponseError::InvalidReplicationFactor,
            // The broker has no words for it.
            MoveError::NotMoving => return (ResponseError::NoReassignmentInProgress.code(), None),
            MoveError::Empty | MoveError::Twice(_) | MoveError::NoBroker(_) => {
                ResponseError::InvalidReplicaAssignment
            }
        };
        (code.code(), Some(error.to_string()))
    })
}

pub(super) fn list(
    state: &mut State,
    _: &Call,
    request: &ListPartitionReassignmentsRequest,
) -> ListPartitionReassignmentsResponse {
    let asked = |name: &str, index: i32| {
        request.topics.as_ref().is_none_or(|topics| {
            topics.iter().any(|topic| topic.name.as_str() == name && topic.partition_indexes.contains(&index))
        })
    };
    let topics = state.topics.iter().map(|(name, topic)| {
        let moving = topic.partitions.iter().zip(0..).filter_map(|(partition, index)| {
            let one = state.moves.of(topic.id, index).filter(|_| asked(name, index))?;
            let adding = one.target.iter().filter(|id| one.adding.contains_key(id));
            Some(
                OngoingPartitionReassignment::default()
                    .with_partition_index(index)
                    .with_replicas(ids(&partition.replicas))
                    .with_adding_replicas(adding.copied().map(BrokerId).collect())
                    .with_removing_replicas(ids(&one.removing)),
            )
        });
        OngoingTopicReassignment::default()
            .with_name(TopicName(StrBytes::from_string(name.clone())))
            .with_partitions(moving.collect())
    });
    ListPartitionReassignmentsResponse::default()
        .with_error_message(None)
        .with_topics(topics.filter(|topic| !topic.partitions.is_empty()).collect())
}

fn ids(brokers: &[i32]) -> Vec<BrokerId> {
    brokers.iter().copied().map(BrokerId).collect()
}

pub(super) fn elect(state: &mut State, call: &Call, request: &ElectLeadersRequest) -> ElectLeadersResponse {
    let kind = match request.election_type {
        0 => Ok(Election::Preferred),
        1 => Ok(Election::Unclean),
        other => Err(format!("Unknown election type {other}")),
    };
    let every = request.topic_partitions.is_none();
    let wanted: Vec<(TopicName, Vec<i32>)> = match &request.topic_partitions {
        Some(topics) => topics.iter().map(|one| (one.topic.clone(), one.partitions.clone())).collect(),
        None => state
            .topics
            .iter()
            .map(|(name, topic)| {
                (name.clone(), (0..).zip(&topic.partitions).map(|(index, _)| index).collect())
            })
            .map(|(name, partitions)| (TopicName(StrBytes::from_string(name)), partitions))
            .collect(),
    };
    let results = wanted.into_iter().map(|(topic, partitions)| {
        let results = partitions.into_iter().filter_map(|index| {
            let refusal = match (state.faults.refusal_of_partition(call.key, &topic, index), &kind) {
                (Some(refusal), _) => Some(refusal),
                (None, Err(words)) => Some((ResponseError::InvalidRequest.code(), Some(words.clone()))),
                (None, Ok(kind)) => state.elect(*kind, &topic, index).err().map(refused),
            };
            // Of an election everywhere, only what was not right already is told.
            if every && matches!(refusal, Some((code, _)) if code == ResponseError::ElectionNotNeeded.code())
            {
                return None;
            }
            let (code, words) = refusal.unwrap_or_default();
            let result = PartitionResult::default().with_partition_id(index).with_error_code(code);
            Some(result.with_error_message(words.map(StrBytes::from_string)))
        });
        ReplicaElectionResult::default().with_topic(topic.clone()).with_partition_result(results.collect())
    });
    let results = results.filter(|topic| !topic.partition_result.is_empty()).collect();
    ElectLeadersResponse::default()
        .with_error_code(kind.as_ref().map_or(ResponseError::InvalidRequest.code(), |_| 0))
        .with_replica_election_results(results)
}

fn refused(error: ElectionError) -> (i16, Option<String>) {
    let code = match error {
        ElectionError::NoTopic(_) | ElectionError::NoPartition(..) => ResponseError::UnknownTopicOrPartition,
        ElectionError::NotNeeded => ResponseError::ElectionNotNeeded,
        ElectionError::NoPreferred => ResponseError::PreferredLeaderNotAvailable,
        ElectionError::NoEligible => ResponseError::EligibleLeadersNotAvailable,
    };
    (code.code(), Some(error.to_string()))
}
