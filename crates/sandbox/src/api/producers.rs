//! Producers as a partition sees them, and an end to transactions that hang: DescribeProducers, WriteTxnMarkers
//! (KIP-664).

use crate::api::Call;
use crate::state::State;
use crate::state::log::Marker;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::describe_producers_response::{
    PartitionResponse, ProducerState, TopicResponse,
};
use kafka_protocol::messages::write_txn_markers_response::{
    WritableTxnMarkerPartitionResult, WritableTxnMarkerResult, WritableTxnMarkerTopicResult,
};
use kafka_protocol::messages::{
    DescribeProducersRequest, DescribeProducersResponse, WriteTxnMarkersRequest, WriteTxnMarkersResponse,
};

pub(super) fn describe(
    state: &mut State,
    call: &Call,
    request: &DescribeProducersRequest,
) -> DescribeProducersResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partition_indexes.iter().map(|index| {
            let answer = PartitionResponse::default().with_partition_index(*index);
            match active(state, call.node, &topic.name, *index) {
                Ok(producers) => answer.with_active_producers(producers),
                Err(error) => answer.with_error_code(error.code()),
            }
        });
        TopicResponse::default().with_name(topic.name.clone()).with_partitions(partitions.collect())
    });
    DescribeProducersResponse::default().with_topics(topics.collect())
}

fn active(
    state: &mut State,
    node: i32,
    topic: &str,
    index: i32,
) -> Result<Vec<ProducerState>, ResponseError> {
    let partition = state.partition(topic, index)?;
    // Who looks for transactions that hang asks one broker about all partitions that it has a replica of.
    if !partition.replicas.contains(&node) {
        return Err(ResponseError::NotLeaderOrFollower);
    }
    let producers = partition.log.producers().iter().map(|(id, producer)| {
        ProducerState::default()
            .with_producer_id(id.into())
            .with_producer_epoch(i32::from(producer.epoch))
            .with_last_sequence(producer.last_sequence())
            .with_last_timestamp(producer.last_timestamp)
            .with_coordinator_epoch(producer.coordinator_epoch)
            .with_current_txn_start_offset(producer.open_since.unwrap_or(-1))
    });
    Ok(producers.collect())
}

pub(super) fn write_markers(
    state: &mut State,
    call: &Call,
    request: &WriteTxnMarkersRequest,
) -> WriteTxnMarkersResponse {
    let markers = request.markers.iter().map(|wanted| {
        let marker = Marker {
            producer_id: wanted.producer_id.0,
            producer_epoch: wanted.producer_epoch,
            coordinator_epoch: wanted.coordinator_epoch,
            commit: wanted.transaction_result,
        };
        let topics = wanted.topics.iter().map(|topic| {
            let partitions = topic.partition_indexes.iter().map(|index| {
                let code = written(state, call, &topic.name, *index, &marker).err().unwrap_or_default();
                WritableTxnMarkerPartitionResult::default().with_partition_index(*index).with_error_code(code)
            });
            let partitions = partitions.collect();
            WritableTxnMarkerTopicResult::default().with_name(topic.name.clone()).with_partitions(partitions)
        });
        let topics = topics.collect();
        WritableTxnMarkerResult::default().with_producer_id(wanted.producer_id).with_topics(topics)
    });
    WriteTxnMarkersResponse::default().with_markers(markers.collect())
}

fn written(state: &mut State, call: &Call, topic: &str, index: i32, marker: &Marker) -> Result<(), i16> {
    if let Some((code, _)) = state.faults.refusal_of_partition(call.key, topic, index) {
        return Err(code);
    }
    // A broker without a replica does not know the partition here, whatever it knows of the topic.
    let follows =
        state.partition(topic, index).is_ok_and(|partition| partition.replicas.contains(&call.node));
    let known = if follows {
        state.led_by(call.node, topic, index).map(drop)
    } else {
        Err(ResponseError::UnknownTopicOrPartition)
    };
    known.map_err(|error| error.code())?;
    state.write_marker(topic, index, marker).map(drop).map_err(|error| error.code())
}
