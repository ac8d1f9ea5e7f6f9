//! Records go out: Fetch.

use crate::api::located::{self, HOST, Hint};
use crate::api::{Answer, Call};
use crate::state::State;
use crate::state::log::{Limit, Log};
use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::fetch_response::{
    AbortedTransaction, FetchableTopicResponse, LeaderIdAndEpoch, NodeEndpoint, PartitionData,
};
use kafka_protocol::messages::{BrokerId, FetchRequest, FetchResponse};
use std::time::Duration;

/// Topics are named by their ids from this version on.
const BY_ID: i16 = 13;
/// Replicas that do not lead answer from this version on (KIP-392).
const FROM_FOLLOWERS: i16 = 11;
/// Refusals tell who leads from this version on (KIP-951).
const HINTS: i16 = 16;

/// Answers as soon as there are enough bytes, or time is up, or something is wrong.
///
/// There are no fetch sessions (KIP-227): every answer has session id 0, as from a broker whose sessions are all taken,
/// and clients then send all partitions each time.
pub(super) fn fetch(state: &mut State, call: &Call, request: &FetchRequest) -> Answer<FetchResponse> {
    if request.session_id != 0 {
        let code = ResponseError::FetchSessionIdNotFound.code();
        return FetchResponse::default().with_error_code(code).into();
    }
    let mut round = Round {
        state,
        call,
        request,
        left: size(request.max_bytes),
        bytes: 0,
        at_once: false,
        endpoints: Vec::new(),
    };
    let topics = request.topics.iter().map(|topic| round.topic(topic)).collect();
    let Round { bytes, at_once, endpoints, .. } = round;
    let until = call.received + Duration::from_millis(request.max_wait_ms.try_into().unwrap_or_default());
    let enough =
        bytes >= size(request.min_bytes) || request.topics.iter().all(|topic| topic.partitions.is_empty());
    if enough || at_once || tokio::time::Instant::now() >= until {
        return FetchResponse::default().with_responses(topics).with_node_endpoints(endpoints).into();
    }
    Answer::Wait { until }
}

/// One pass over the partitions of a request.
struct Round<'a> {
    state: &'a mut State,
    call: &'a Call,
    request: &'a FetchRequest,
    /// How many bytes may still be answered.
    left: usize,
    bytes: usize,
    /// Whether there is something that the client shall know without waiting.
    at_once: bool,
    endpoints: Vec<NodeEndpoint>,
}

impl Round<'_> {
    fn topic(&mut self, topic: &FetchTopic) -> FetchableTopicResponse {
        let by_id = self.call.version >= BY_ID;
        let name = located::topic(self.state, &topic.topic, topic.topic_id, by_id);
        let partitions = topic.partitions.iter().map(|partition| {
            let answer =
                name.clone().map_err(|error| error.code()).and_then(|name| self.read(&name, partition));
            answer.unwrap_or_else(|code| {
                self.at_once = true;
                self.refused(name.as_deref().unwrap_or_default(), partition.partition, code)
            })
        });
        let response = FetchableTopicResponse::default().with_partitions(partitions.collect());
        if by_id { response.with_topic_id(topic.topic_id) } else { response.with_topic(topic.topic.clone()) }
    }

    fn read(&mut self, topic: &str, wanted: &FetchPartition) -> Result<PartitionData, i16> {
        let (node, version) = (self.call.node, self.call.version);
        let partition = self.state.partition(topic, wanted.partition).map_err(|error| error.code())?;
        let follows = version >= FROM_FOLLOWERS && partition.replicas.contains(&node);
        if partition.leader != Some(node) && !(follows && partition.leader.is_some()) {
            return Err(ResponseError::NotLeaderOrFollower.code());
        }
        located::same_epoch(wanted.current_leader_epoch, partition.leader_epoch)
            .map_err(|error| error.code())?;
        let log = &partition.log;
        if !(log.start()..=log.end()).contains(&wanted.fetch_offset) {
            return Err(ResponseError::OffsetOutOfRange.code());
        }
        let committed = self.request.isolation_level == 1;
        let limit = Limit {
            until: if committed { log.last_stable() } else { log.high_watermark() },
            bytes: size(wanted.partition_max_bytes).min(self.left),
            at_least_one: self.bytes == 0,
        };
        let read = log.read(wanted.fetch_offset, limit);
        self.bytes += read.records.len();
        self.left = self.left.saturating_sub(read.records.len());
        let aborted = committed.then(|| aborted(log, wanted.fetch_offset, read.until));
        Ok(PartitionData::default()
            .with_partition_index(wanted.partition)
            .with_high_watermark(log.high_watermark())
            .with_last_stable_offset(log.last_stable())
            .with_log_start_offset(if version >= 5 { log.start() } else { -1 })
            .with_aborted_transactions(aborted)
            .with_records(Some(read.records)))
    }

    fn refused(&mut self, topic: &str, index: i32, code: i16) -> PartitionData {
        // What is not there is answered with the schema's own default, an empty list.
        let absent = [ResponseError::UnknownTopicOrPartition.code(), ResponseError::UnknownTopicId.code()];
        let answer = PartitionData::default()
            .with_partition_index(index)
            .with_error_code(code)
            .with_high_watermark(-1)
            .with_last_stable_offset(-1)
            .with_log_start_offset(-1)
            .with_aborted_transactions(absent.contains(&code).then(Vec::new))
            .with_records(Some(Bytes::new()));
        let moved = [ResponseError::NotLeaderOrFollower.code(), ResponseError::FencedLeaderEpoch.code()];
        let hint = located::hint(self.state, topic, index);
        let hinted = self.call.version >= HINTS && moved.contains(&code);
        let Some(Hint { id, epoch, port, rack }) = hint.filter(|_| hinted) else { return answer };
        let node_id = BrokerId(id);
        if self.endpoints.iter().all(|known| known.node_id != node_id) {
            let endpoint = NodeEndpoint::default().with_node_id(node_id).with_host(HOST);
            self.endpoints.push(endpoint.with_port(port).with_rack(Some(rack)));
        }
        answer
            .with_current_leader(LeaderIdAndEpoch::default().with_leader_id(node_id).with_leader_epoch(epoch))
    }
}

fn aborted(log: &Log, from: i64, until: i64) -> Vec<AbortedTransaction> {
    let told = log.producers().aborted(from, until).map(|aborted| {
        let whose = AbortedTransaction::default().with_producer_id(aborted.producer_id.into());
        whose.with_first_offset(aborted.first)
    });
    told.collect()
}

fn size(bytes: i32) -> usize {
    usize::try_from(bytes).unwrap_or_default()
}
