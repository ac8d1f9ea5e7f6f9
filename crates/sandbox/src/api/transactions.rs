//! Transactions grow and end: AddPartitionsToTxn, AddOffsetsToTxn, EndTxn.

use crate::api::Call;
use crate::state::State;
use crate::state::groups::CoordinatorOf;
use crate::state::transactions::Producer;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use kafka_protocol::messages::add_partitions_to_txn_response::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnResult, AddPartitionsToTxnTopicResult,
};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
    EndTxnRequest, EndTxnResponse,
};

/// Fenced producers are told so by a code of its own from this version of all three on (KIP-588).
const FENCED: i16 = 2;
/// Many transactions come in one request from this version on.
const BATCHED: i16 = 4;
/// The end of a transaction begins a new epoch from this version on (KIP-890).
const BUMPS: i16 = 5;

/// What every request about a transactional id goes through first: faults, and the right broker.
pub(super) fn turned_away(state: &mut State, call: &Call, id: &str) -> Result<(), i16> {
    if let Some((code, _)) = state.faults.refusal(call.key, id) {
        return Err(code);
    }
    state.must_coordinate(CoordinatorOf::Transaction, id, call.node).map_err(|error| error.code())
}

fn coded(error: ResponseError, version: i16) -> i16 {
    match error {
        ResponseError::ProducerFenced if version < FENCED => ResponseError::InvalidProducerEpoch.code(),
        error => error.code(),
    }
}

pub(super) fn add_partitions(
    state: &mut State,
    call: &Call,
    request: &AddPartitionsToTxnRequest,
) -> AddPartitionsToTxnResponse {
    if call.version < BATCHED {
        let id = request.v3_and_below_transactional_id.as_str();
        let producer =
            Producer { id: request.v3_and_below_producer_id.0, epoch: request.v3_and_below_producer_epoch };
        let results = added(state, call, id, producer, false, &request.v3_and_below_topics);
        return AddPartitionsToTxnResponse::default().with_results_by_topic_v3_and_below(results);
    }
    let results = request.transactions.iter().map(|transaction| {
        let id = &transaction.transactional_id;
        let producer = Producer { id: transaction.producer_id.0, epoch: transaction.producer_epoch };
        let results = added(state, call, id.as_str(), producer, transaction.verify_only, &transaction.topics);
        AddPartitionsToTxnResult::default().with_transactional_id(id.clone()).with_topic_results(results)
    });
    AddPartitionsToTxnResponse::default().with_results_by_transaction(results.collect())
}

/// Adds partitions, or only looks whether they have been. One that does not exist keeps all others out.
fn added(
    state: &mut State,
    call: &Call,
    id: &str,
    producer: Producer,
    verify_only: bool,
    topics: &[AddPartitionsToTxnTopic],
) -> Vec<AddPartitionsToTxnTopicResult> {
    let places =
        topics.iter().flat_map(|topic| topic.partitions.iter().map(|index| (topic.name.to_string(), *index)));
    let places: Vec<(String, i32)> = places.collect();
    let missing: Vec<bool> =
        places.iter().map(|(topic, index)| state.partition(topic, *index).is_err()).collect();
    let now_ms = state.clock.now_ms();
    let whole = if missing.contains(&true) {
        Err(ResponseError::OperationNotAttempted.code())
    } else {
        turned_away(state, call, id).and_then(|()| {
            let done = if verify_only {
                state.transactions.of(id, producer).and_then(|transaction| {
                    let has = places.iter().all(|place| transaction.partitions.contains(place));
                    if has { Ok(()) } else { Err(ResponseError::InvalidTxnState) }
                })
            } else {
                state.transactions.add_partitions(id, producer, places.iter().cloned(), now_ms)
            };
            done.map_err(|error| coded(error, call.version))
        })
    };
    state.touch();
    let mut codes = missing.into_iter().map(|missing| match (missing, whole) {
        (true, _) => ResponseError::UnknownTopicOrPartition.code(),
        (false, whole) => whole.err().unwrap_or_default(),
    });
    let results = topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().zip(codes.by_ref()).map(|(index, code)| {
            let result = AddPartitionsToTxnPartitionResult::default().with_partition_index(*index);
            result.with_partition_error_code(code)
        });
        let partitions = partitions.collect();
        AddPartitionsToTxnTopicResult::default()
            .with_name(topic.name.clone())
            .with_results_by_partition(partitions)
    });
    results.collect()
}

pub(super) fn add_offsets(
    state: &mut State,
    call: &Call,
    request: &AddOffsetsToTxnRequest,
) -> AddOffsetsToTxnResponse {
    let id = request.transactional_id.as_str();
    let producer = Producer { id: request.producer_id.0, epoch: request.producer_epoch };
    let now_ms = state.clock.now_ms();
    let done = turned_away(state, call, id).and_then(|()| {
        state.found_internal_topic(CoordinatorOf::Group);
        let place = state.place_of(CoordinatorOf::Group, &request.group_id);
        let added = state.transactions.add_partitions(id, producer, [place], now_ms);
        added.map_err(|error| coded(error, call.version))
    });
    state.touch();
    AddOffsetsToTxnResponse::default().with_error_code(done.err().unwrap_or_default())
}

pub(super) fn end(state: &mut State, call: &Call, request: &EndTxnRequest) -> EndTxnResponse {
    let id = request.transactional_id.as_str();
    let producer = Producer { id: request.producer_id.0, epoch: request.producer_epoch };
    let bumps = call.version >= BUMPS;
    let ended = turned_away(state, call, id).and_then(|()| {
        let ended = state.end_transaction(id, producer, request.committed, bumps);
        ended.map_err(|error| coded(error, call.version))
    });
    match ended {
        Ok(next) if bumps => {
            EndTxnResponse::default().with_producer_id(next.id.into()).with_producer_epoch(next.epoch)
        }
        ended => EndTxnResponse::default()
            .with_error_code(ended.err().unwrap_or_default())
            .with_producer_id((-1).into())
            .with_producer_epoch(-1),
    }
}
