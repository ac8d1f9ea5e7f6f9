//! Offsets by time: ListOffsets.

use crate::api::{Call, located};
use crate::state::State;
use crate::state::log::{Found, Log};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::list_offsets_request::ListOffsetsPartition;
use kafka_protocol::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsTopicResponse,
};
use kafka_protocol::messages::{ListOffsetsRequest, ListOffsetsResponse};
use std::collections::BTreeSet;

/// The end of what the reader may see.
const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
/// The record with the greatest timestamp (KIP-734).
const MAX_TIMESTAMP: i64 = -3;
/// The first offset on the broker's own disks (KIP-405).
const EARLIEST_LOCAL: i64 = -4;
/// The last offset on tiered storage (KIP-1005), which the sandbox does not have.
const LATEST_TIERED: i64 = -5;

/// Answers carry a leader epoch from this version on.
const WITH_EPOCH: i16 = 4;

pub(super) fn list_offsets(
    state: &mut State,
    call: &Call,
    request: &ListOffsetsRequest,
) -> ListOffsetsResponse {
    let mut seen = BTreeSet::new();
    let mut twice = BTreeSet::new();
    for topic in &request.topics {
        for partition in &topic.partitions {
            let place = (topic.name.as_str(), partition.partition_index);
            if !seen.insert(place) {
                twice.insert(place);
            }
        }
    }
    let committed = request.isolation_level == 1;
    let topics = request.topics.iter().map(|topic| {
        let name = topic.name.as_str();
        let partitions = topic.partitions.iter().filter_map(|wanted| {
            let index = wanted.partition_index;
            let found = if twice.contains(&(name, index)) {
                // A partition that is asked for twice is refused, and answered once.
                seen.remove(&(name, index)).then_some(Err(ResponseError::InvalidRequest.code()))?
            } else {
                find(state, call, name, wanted, committed)
            };
            Some(answer(index, found, call.version))
        });
        ListOffsetsTopicResponse::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    ListOffsetsResponse::default().with_topics(topics.collect())
}

fn answer(index: i32, found: Result<Option<Found>, i16>, version: i16) -> ListOffsetsPartitionResponse {
    let (code, found) = match found {
        Ok(found) => (0, found),
        Err(code) => (code, None),
    };
    let Found { offset, timestamp, leader_epoch } =
        found.unwrap_or(Found { offset: -1, timestamp: -1, leader_epoch: -1 });
    ListOffsetsPartitionResponse::default()
        .with_partition_index(index)
        .with_error_code(code)
        .with_offset(offset)
        .with_timestamp(timestamp)
        .with_leader_epoch(if version >= WITH_EPOCH { leader_epoch } else { -1 })
}

fn find(
    state: &mut State,
    call: &Call,
    topic: &str,
    wanted: &ListOffsetsPartition,
    committed: bool,
) -> Result<Option<Found>, i16> {
    let partition = state.led_by(call.node, topic, wanted.partition_index).map_err(|error| error.code())?;
    located::same_epoch(wanted.current_leader_epoch, partition.leader_epoch).map_err(|error| error.code())?;
    let known_from = match wanted.timestamp {
        LATEST_TIERED => 9,
        EARLIEST_LOCAL => 8,
        MAX_TIMESTAMP => 7,
        LATEST | EARLIEST | 0.. => 1,
        _ => i16::MAX,
    };
    if call.version < known_from {
        return Err(ResponseError::UnsupportedVersion.code());
    }
    Ok(offset_at(&partition.log, wanted.timestamp, partition.leader_epoch, committed))
}

fn offset_at(log: &Log, time: i64, epoch: i32, committed: bool) -> Option<Found> {
    let end = if committed { log.last_stable() } else { log.high_watermark() };
    let readable = |found: &Found| found.offset < end;
    match time {
        LATEST => Some(Found { offset: end, timestamp: -1, leader_epoch: epoch }),
        EARLIEST | EARLIEST_LOCAL => {
            let leader_epoch = log.epochs().at(log.start()).unwrap_or(-1);
            Some(Found { offset: log.start(), timestamp: -1, leader_epoch })
        }
        LATEST_TIERED => None,
        MAX_TIMESTAMP => log.newest().filter(readable),
        time => log.at_time(time).filter(readable),
    }
}
