//! Where the epochs of leaders end: OffsetForLeaderEpoch.

use crate::api::{Call, located};
use crate::state::State;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::offset_for_leader_epoch_request::OffsetForLeaderPartition;
use kafka_protocol::messages::offset_for_leader_epoch_response::{
    EpochEndOffset, OffsetForLeaderTopicResult,
};
use kafka_protocol::messages::{OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse};

/// Neither an epoch nor an offset.
const UNKNOWN: (i32, i64) = (-1, -1);

pub(super) fn ends(
    state: &mut State,
    call: &Call,
    request: &OffsetForLeaderEpochRequest,
) -> OffsetForLeaderEpochResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|wanted| {
            let found = end(state, call.node, &topic.topic, wanted);
            let code = found.err().map_or(0, |error| error.code());
            let (epoch, end) = found.ok().flatten().unwrap_or(UNKNOWN);
            EpochEndOffset::default()
                .with_partition(wanted.partition)
                .with_error_code(code)
                .with_leader_epoch(epoch)
                .with_end_offset(end)
        });
        let partitions = partitions.collect();
        OffsetForLeaderTopicResult::default().with_topic(topic.topic.clone()).with_partitions(partitions)
    });
    OffsetForLeaderEpochResponse::default().with_topics(topics.collect())
}

fn end(
    state: &mut State,
    node: i32,
    topic: &str,
    wanted: &OffsetForLeaderPartition,
) -> Result<Option<(i32, i64)>, ResponseError> {
    let partition = state.led_by(node, topic, wanted.partition)?;
    located::same_epoch(wanted.current_leader_epoch, partition.leader_epoch)?;
    Ok(partition.log.epochs().end_of(wanted.leader_epoch, partition.log.end()))
}
