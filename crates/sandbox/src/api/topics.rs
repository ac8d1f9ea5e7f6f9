//! Topics come: CreateTopics.

use crate::api::Call;
use crate::state::configs::Scope;
use crate::state::topic_name::Collisions;
use crate::state::{NewTopic, Refusal, State, Topic};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::create_topics_response::{CreatableTopicConfigs, CreatableTopicResult};
use kafka_protocol::messages::{CreateTopicsRequest, CreateTopicsResponse};
use kafka_protocol::protocol::{Request, StrBytes};
use std::collections::BTreeMap;

/// How many partitions, and how many metadata records, a controller takes in one request.
pub(super) const LARGEST_BATCH: usize = 10_000;

pub(super) fn create(state: &mut State, call: &Call, request: &CreateTopicsRequest) -> CreateTopicsResponse {
    let answer = |results: Vec<CreatableTopicResult>| CreateTopicsResponse::default().with_topics(results);
    let all =
        |refusal: &Refusal| request.topics.iter().map(|topic| refused(topic, refusal.clone())).collect();
    if request.timeout_ms <= 0 {
        return answer(all(&Refusal::bare(ResponseError::RequestTimedOut)));
    }
    if partitions_wanted(state, request) > LARGEST_BATCH {
        let words = "Excessively large number of partitions per request.";
        return answer(all(&Refusal::new(ResponseError::PolicyViolation, words)));
    }
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for topic in &request.topics {
        *named.entry(topic.name.as_str()).or_default() += 1;
    }
    let once = |topic: &&CreatableTopic| named.get(topic.name.as_str()) == Some(&1);
    let designs: Vec<_> = design(state, request.topics.iter().filter(once));
    let records = designs
        .iter()
        .filter_map(|(_, design)| design.as_ref().ok())
        .map(|topic| 1 + topic.partitions.len() + topic.configs.len());
    if records.sum::<usize>() > LARGEST_BATCH {
        let words = "Unable to perform excessively large batch operation.";
        return answer(all(&Refusal::new(ResponseError::PolicyViolation, words)));
    }
    let unset = configs_of_a_bare_topic(state, call);
    let mut results = Vec::with_capacity(designs.len());
    for (wanted, design) in designs {
        results.push(match design {
            Ok(topic) => {
                let result = created(wanted, &topic, &unset);
                if !request.validate_only {
                    state.add_topic(wanted.name.as_str(), topic);
                }
                result
            }
            Err(refusal) => refused(wanted, refusal),
        });
    }
    for topic in &request.topics {
        if named.remove(topic.name.as_str()).is_some_and(|times| times > 1) {
            results.push(refused(topic, duplicate()));
        }
    }
    answer(results)
}

/// The refusal of a topic that a request names more than once.
pub(super) fn duplicate() -> Refusal {
    Refusal::new(ResponseError::InvalidRequest, "Duplicate topic name.")
}

fn partitions_wanted(state: &State, request: &CreateTopicsRequest) -> usize {
    let of_one = |topic: &CreatableTopic| match topic.num_partitions {
        _ if !topic.assignments.is_empty() => topic.assignments.len(),
        -1 => state.default_partitions(),
        given => usize::try_from(given).unwrap_or_default(),
    };
    request.topics.iter().map(of_one).sum()
}

fn design<'a>(
    state: &mut State,
    wanted: impl Iterator<Item = &'a CreatableTopic>,
) -> Vec<(&'a CreatableTopic, Result<Topic, Refusal>)> {
    let mut faults = std::mem::take(&mut state.faults);
    let collisions = Collisions::of(state.topics.keys().map(String::as_str));
    let mut turn = state.placements;
    let designs = wanted
        .map(|topic| {
            if let Some(fault) = faults.refusal(CreateTopicsRequest::KEY, topic.name.as_str()) {
                return (topic, Err(fault.into()));
            }
            let design = state.design_topic(&plain(topic), &collisions, turn);
            turn += design.as_ref().map_or(0, |topic| topic.partitions.len());
            (topic, design)
        })
        .collect();
    state.faults = faults;
    designs
}

fn plain(topic: &CreatableTopic) -> NewTopic {
    let assignments = topic.assignments.iter();
    let configs = topic.configs.iter();
    NewTopic {
        name: topic.name.to_string(),
        partitions: topic.num_partitions,
        replication: topic.replication_factor,
        assignments: assignments
            .map(|one| (one.partition_index, one.broker_ids.iter().map(|id| id.0).collect()))
            .collect(),
        configs: configs
            .map(|config| (config.name.to_string(), config.value.as_ref().map(ToString::to_string)))
            .collect(),
    }
}

fn created(wanted: &CreatableTopic, topic: &Topic, unset: &[CreatableTopicConfigs]) -> CreatableTopicResult {
    let mut configs = unset.to_vec();
    // A broker shows here what it was sent, and brings it into normal form later.
    for set in &wanted.configs {
        if let Some(config) = configs.iter_mut().find(|config| config.name == set.name) {
            config.value.clone_from(&set.value);
            config.config_source = 1;
        }
    }
    let replication = topic.partitions.first().map_or(0, |partition| partition.replicas.len());
    CreatableTopicResult::default()
        .with_name(wanted.name.clone())
        .with_topic_id(topic.id)
        .with_error_message(None)
        .with_num_partitions(i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX))
        .with_replication_factor(i16::try_from(replication).unwrap_or(i16::MAX))
        .with_configs(Some(configs))
}

fn refused(wanted: &CreatableTopic, refusal: Refusal) -> CreatableTopicResult {
    CreatableTopicResult::default()
        .with_name(wanted.name.clone())
        .with_error_code(refusal.code)
        .with_error_message(refusal.words.map(StrBytes::from_string))
        .with_num_partitions(-1)
        .with_replication_factor(-1)
        .with_configs(Some(Vec::new()))
}

/// The configs of a topic that sets none, by name.
fn configs_of_a_bare_topic(state: &State, call: &Call) -> Vec<CreatableTopicConfigs> {
    let view = state.configs_seen_by(call.node);
    let bare = Topic::default();
    let mut configs: Vec<_> = Scope::Topic
        .all()
        .iter()
        .map(|definition| {
            let entry = view.of_topic(definition, &bare);
            CreatableTopicConfigs::default()
                .with_name(StrBytes::from_static_str(&definition.name))
                .with_value(entry.value.map(StrBytes::from_string))
                .with_config_source(entry.source as i8)
        })
        .collect();
    configs.sort_by(|a, b| a.name.cmp(&b.name));
    configs
}
