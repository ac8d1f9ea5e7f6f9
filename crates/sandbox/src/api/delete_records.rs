//! The first records go: DeleteRecords.

use crate::api::Call;
use crate::state::State;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::delete_records_response::{
    DeleteRecordsPartitionResult, DeleteRecordsTopicResult,
};
use kafka_protocol::messages::{DeleteRecordsRequest, DeleteRecordsResponse};

/// Stands for the high watermark.
const ALL: i64 = -1;

pub(super) fn delete_records(
    state: &mut State,
    call: &Call,
    request: &DeleteRecordsRequest,
) -> DeleteRecordsResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| {
            let index = partition.partition_index;
            let (start, code) = match delete_before(state, call, &topic.name, index, partition.offset) {
                Ok(start) => (start, 0),
                Err(code) => (-1, code),
            };
            DeleteRecordsPartitionResult::default()
                .with_partition_index(index)
                .with_low_watermark(start)
                .with_error_code(code)
        });
        let partitions = partitions.collect();
        DeleteRecordsTopicResult::default().with_name(topic.name.clone()).with_partitions(partitions)
    });
    DeleteRecordsResponse::default().with_topics(topics.collect())
}

fn delete_before(state: &mut State, call: &Call, topic: &str, index: i32, offset: i64) -> Result<i64, i16> {
    if let Some((code, _)) = state.faults.refusal_of_partition(call.key, topic, index) {
        return Err(code);
    }
    let rules = state.rules(topic);
    let partition = state.led_by(call.node, topic, index).map_err(|error| error.code())?;
    if rules.compact && !rules.delete {
        return Err(ResponseError::PolicyViolation.code());
    }
    let until = if offset == ALL { partition.log.high_watermark() } else { offset };
    let start = partition.log.delete_before(until).map_err(|error| error.code())?;
    state.touch();
    Ok(start)
}
