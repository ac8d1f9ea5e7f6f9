//! Topics come and go: CreateTopics.

use crate::api::Call;
use crate::state::{Log, Partition, State, Topic};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::create_topics_response::CreatableTopicResult;
use kafka_protocol::messages::{CreateTopicsRequest, CreateTopicsResponse};
use kafka_protocol::protocol::{Request, StrBytes};
use std::collections::BTreeMap;

/// A code with the broker's words.
type Refusal = (i16, Option<String>);

pub(super) fn create(state: &mut State, _: &Call, request: &CreateTopicsRequest) -> CreateTopicsResponse {
    let results = request.topics.iter().map(|topic| {
        let result = CreatableTopicResult::default().with_name(topic.name.clone());
        match create_one(state, topic, request.validate_only) {
            Ok(id) => result.with_topic_id(id),
            Err((code, words)) => {
                result.with_error_code(code).with_error_message(words.map(StrBytes::from_string))
            }
        }
    });
    CreateTopicsResponse::default().with_topics(results.collect())
}

fn create_one(
    state: &mut State,
    wanted: &CreatableTopic,
    validate_only: bool,
) -> Result<uuid::Uuid, Refusal> {
    let name = wanted.name.as_str();
    if let Some(refusal) = state.faults.refusal(CreateTopicsRequest::KEY, name) {
        return Err(refusal);
    }
    if state.topics.contains_key(name) {
        let words = format!("Topic '{name}' already exists.");
        return Err((ResponseError::TopicAlreadyExists.code(), Some(words)));
    }
    let brokers: Vec<i32> = state.alive().collect();
    let replication = usize::try_from(wanted.replication_factor).unwrap_or(brokers.len().min(3));
    let partitions = (0..wanted.num_partitions.max(1)).map(|index| {
        let first = usize::try_from(index).unwrap_or_default();
        let replicas: Vec<i32> = brokers.iter().copied().cycle().skip(first).take(replication).collect();
        let (leader, isr, log) = (replicas.first().copied(), replicas.clone(), Log::default());
        Partition { leader, leader_epoch: 0, replicas, isr, log }
    });
    let topic =
        Topic { id: uuid::Uuid::new_v4(), partitions: partitions.collect(), configs: BTreeMap::new() };
    let id = topic.id;
    if !validate_only {
        state.topics.insert(name.to_owned(), topic);
        state.touch();
    }
    Ok(id)
}
