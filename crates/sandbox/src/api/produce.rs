//! Records come in: Produce.

use crate::api::located::{self, HOST};
use crate::api::{Answer, Call};
use crate::state::State;
use crate::state::log::{Appended, Appending, Batch, Rejected};
use crate::state::transactions::Producer;
use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::produce_request::TopicProduceData;
use kafka_protocol::messages::produce_response::{
    BatchIndexAndErrorMessage, LeaderIdAndEpoch, NodeEndpoint, PartitionProduceResponse, TopicProduceResponse,
};
use kafka_protocol::messages::{BrokerId, ProduceRequest, ProduceResponse};
use kafka_protocol::protocol::StrBytes;

/// Topics are named by their ids from this version on.
const BY_ID: i16 = 13;
/// Answers tell where the log starts from this version on.
const WITH_START: i16 = 5;
/// Zstandard is taken from this version on (KIP-110).
const ZSTD: i16 = 7;
const ZSTD_CODEC: i16 = 4;
/// Refusals name the records to blame from this version on.
const BLAMES: i16 = 8;
/// Refusals tell who leads from this version on.
const HINTS: i16 = 10;
/// Producers know that they can abort a transaction that went wrong from this version on (KIP-890).
const ABORTABLE: i16 = 11;
/// A partition needs no AddPartitionsToTxn from this version on (KIP-890).
const ADDS_ITSELF: i16 = 12;

pub(super) fn produce(state: &mut State, call: &Call, request: &ProduceRequest) -> Answer<ProduceResponse> {
    let mut response = ProduceResponse::default();
    for topic in &request.topic_data {
        let answered = of_topic(state, call, request, topic, &mut response.node_endpoints);
        response.responses.push(answered);
    }
    let refused =
        response.responses.iter().flat_map(|topic| &topic.partition_responses).any(|one| one.error_code != 0);
    match request.acks {
        0 if refused => Answer::Close,
        0 => Answer::Silent,
        _ => Answer::Ready(response),
    }
}

fn of_topic(
    state: &mut State,
    call: &Call,
    request: &ProduceRequest,
    topic: &TopicProduceData,
    endpoints: &mut Vec<NodeEndpoint>,
) -> TopicProduceResponse {
    let name = located::topic(state, &topic.name, topic.topic_id, call.version >= BY_ID);
    let partitions = topic.partition_data.iter().map(|partition| {
        let answer = PartitionProduceResponse::default().with_index(partition.index);
        let records = partition.records.clone().unwrap_or_default();
        let appended = match &name {
            Ok(name) => one(state, call, request, name, partition.index, &records),
            Err(error) => Err(Refusal::Kafka((*error).into())),
        };
        match appended {
            Ok((appended, start)) => answer
                .with_base_offset(appended.base_offset)
                .with_log_append_time_ms(appended.append_time_ms)
                .with_log_start_offset(if call.version >= WITH_START { start } else { -1 }),
            Err(Refusal::Armed(code, words)) => {
                let words = words.filter(|_| call.version >= BLAMES).map(StrBytes::from_string);
                nothing(answer).with_error_code(code).with_error_message(words)
            }
            Err(Refusal::Kafka(rejected)) => {
                let answer = blamed(nothing(answer), &rejected, call.version);
                let hinted = rejected.error == ResponseError::NotLeaderOrFollower && call.version >= HINTS;
                let hint = name.as_ref().ok().and_then(|name| located::hint(state, name, partition.index));
                let Some(hint) = hint.filter(|_| hinted) else { return answer };
                let node_id = BrokerId(hint.id);
                if endpoints.iter().all(|known| known.node_id != node_id) {
                    let endpoint = NodeEndpoint::default().with_node_id(node_id).with_host(HOST);
                    endpoints.push(endpoint.with_port(hint.port).with_rack(Some(hint.rack)));
                }
                let leader =
                    LeaderIdAndEpoch::default().with_leader_id(node_id).with_leader_epoch(hint.epoch);
                answer.with_current_leader(leader)
            }
        }
    });
    let partitions = partitions.collect();
    let response = TopicProduceResponse::default().with_partition_responses(partitions);
    if call.version >= BY_ID {
        response.with_topic_id(topic.topic_id)
    } else {
        response.with_name(topic.name.clone())
    }
}

enum Refusal {
    Armed(i16, Option<String>),
    Kafka(Rejected),
}

/// Appends to one partition; gives the log's start with what came of it.
fn one(
    state: &mut State,
    call: &Call,
    request: &ProduceRequest,
    topic: &str,
    index: i32,
    records: &Bytes,
) -> Result<(Appended, i64), Refusal> {
    if let Some((code, words)) = state.faults.refusal_of_partition(call.key, topic, index) {
        return Err(Refusal::Armed(code, words));
    }
    let done = append(state, call, request, topic, index, records).map_err(Refusal::Kafka)?;
    state.touch();
    Ok(done)
}

fn append(
    state: &mut State,
    call: &Call,
    request: &ProduceRequest,
    topic: &str,
    index: i32,
    records: &Bytes,
) -> Result<(Appended, i64), Rejected> {
    if !matches!(request.acks, -1..=1) {
        return Err(ResponseError::InvalidRequiredAcks.into());
    }
    let (now_ms, rules) = (state.clock.now_ms(), state.rules(topic));
    let partition = state.led_by(call.node, topic, index)?;
    if request.acks == -1 && partition.is_under_min_isr(rules.min_insync_replicas) {
        let start = Some(partition.log.start());
        return Err(Rejected { start, ..ResponseError::NotEnoughReplicas.into() });
    }
    join(state, call, request, topic, index, records)?;
    let partition = state.led_by(call.node, topic, index)?;
    let place = format!("{topic}-{index}");
    let to = Appending { place: &place, leader_epoch: partition.leader_epoch, now_ms, rules: &rules };
    let appended = partition.log.append(records, &to)?;
    partition.settle(rules.min_insync_replicas);
    Ok((appended, partition.log.start()))
}

/// Makes sure that this version may carry the batch, and that a transactional one belongs to an open transaction which knows of the partition (KIP-890).
fn join(
    state: &mut State,
    call: &Call,
    request: &ProduceRequest,
    topic: &str,
    index: i32,
    records: &Bytes,
) -> Result<(), Rejected> {
    // What is no batch is refused with better words further on.
    let Ok((batch, _)) = Batch::first(records) else { return Ok(()) };
    let header = batch.header();
    if header.compression() == ZSTD_CODEC && call.version < ZSTD {
        return Err(ResponseError::UnsupportedCompressionType.into());
    }
    if !header.is_transactional() {
        return Ok(());
    }
    let id = request.transactional_id.as_deref().ok_or(ResponseError::TransactionalIdAuthorizationFailed)?;
    let producer = Producer { id: header.producer_id, epoch: header.producer_epoch };
    let known = state.transactions.of(id, producer).map_err(|error| match error {
        ResponseError::ProducerFenced => ResponseError::InvalidProducerEpoch,
        error => error,
    })?;
    let place = (topic.to_owned(), index);
    if known.partitions.contains(&place) {
        return Ok(());
    }
    if call.version < ADDS_ITSELF {
        let abortable = call.version >= ABORTABLE;
        let error =
            if abortable { ResponseError::TransactionAbortable } else { ResponseError::InvalidTxnState };
        return Err(error.into());
    }
    let now_ms = state.clock.now_ms();
    Ok(state.transactions.add_partitions(id, producer, [place], now_ms)?)
}

fn nothing(answer: PartitionProduceResponse) -> PartitionProduceResponse {
    answer.with_base_offset(-1).with_log_append_time_ms(-1).with_log_start_offset(-1)
}

fn blamed(answer: PartitionProduceResponse, rejected: &Rejected, version: i16) -> PartitionProduceResponse {
    let start = rejected.start.filter(|_| version >= WITH_START).unwrap_or(-1);
    let answer = answer.with_error_code(rejected.error.code()).with_log_start_offset(start);
    if version < BLAMES {
        return answer;
    }
    let records = rejected.records.iter().map(|(place, words)| {
        let words = Some(StrBytes::from_string(words.clone()));
        BatchIndexAndErrorMessage::default().with_batch_index(*place).with_batch_index_error_message(words)
    });
    answer
        .with_record_errors(records.collect())
        .with_error_message(rejected.message.clone().map(StrBytes::from_string))
}
