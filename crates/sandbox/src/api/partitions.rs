//! Topics grow: CreatePartitions.

use crate::api::Call;
use crate::api::topics::{LARGEST_BATCH, duplicate};
use crate::state::{Partition, Refusal, State};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::create_partitions_request::CreatePartitionsTopic;
use kafka_protocol::messages::create_partitions_response::CreatePartitionsTopicResult;
use kafka_protocol::messages::{CreatePartitionsRequest, CreatePartitionsResponse};
use kafka_protocol::protocol::{Request, StrBytes};
use std::collections::BTreeMap;

pub(super) fn create_partitions(
    state: &mut State,
    _: &Call,
    request: &CreatePartitionsRequest,
) -> CreatePartitionsResponse {
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for topic in &request.topics {
        *named.entry(topic.name.as_str()).or_default() += 1;
    }
    let mut results = Vec::with_capacity(request.topics.len());
    let mut room = LARGEST_BATCH;
    for topic in &request.topics {
        let judged = match named.remove(topic.name.as_str()) {
            None => continue,
            _ if request.timeout_ms <= 0 => Err(Refusal::bare(ResponseError::RequestTimedOut)),
            Some(1) => grow(state, topic, &mut room, request.validate_only),
            Some(_) => Err(duplicate()),
        };
        let result = CreatePartitionsTopicResult::default().with_name(topic.name.clone());
        results.push(match judged {
            Ok(()) => result.with_error_message(None),
            Err(Refusal { code, words }) => {
                result.with_error_code(code).with_error_message(words.map(StrBytes::from_string))
            }
        });
    }
    CreatePartitionsResponse::default().with_results(results)
}

fn grow(
    state: &mut State,
    wanted: &CreatePartitionsTopic,
    room: &mut usize,
    validate_only: bool,
) -> Result<(), Refusal> {
    let name = wanted.name.as_str();
    if let Some(fault) = state.faults.refusal(CreatePartitionsRequest::KEY, name) {
        return Err(fault.into());
    }
    let assignments: Option<Vec<Vec<i32>>> = wanted.assignments.as_ref().map(|assignments| {
        assignments.iter().map(|one| one.broker_ids.iter().map(|id| id.0).collect()).collect()
    });
    let now = state.topics.get(name).map_or(0, |topic| topic.partitions.len());
    if usize::try_from(wanted.count).unwrap_or_default().saturating_sub(now) > *room && now > 0 {
        // Kafka 4.3 has no words for a batch that is too large here.
        return Err(Refusal::bare(ResponseError::UnknownServerError));
    }
    let turn = state.placements;
    let more: Vec<Partition> = state.design_growth(name, wanted.count, assignments.as_deref(), turn)?;
    *room = room.saturating_sub(more.len());
    if !validate_only && let Some(topic) = state.topics.get_mut(name) {
        state.placements += more.len();
        topic.partitions.extend(more);
        state.touch();
    }
    Ok(())
}
