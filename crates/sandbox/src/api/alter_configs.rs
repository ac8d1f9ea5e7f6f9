//! Configs change: IncrementalAlterConfigs, and AlterConfigs, which takes away what it does not name.

use crate::api::Call;
use crate::api::describe_configs::{BROKER, CLIENT_METRICS, GROUP, LOGGERS, TOPIC, not_simulated};
use crate::state::configs::{Change, Operation, Way, check_form};
use crate::state::{Refusal, State};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::alter_configs_response::AlterConfigsResourceResponse as WholeResult;
use kafka_protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::messages::{
    AlterConfigsRequest, AlterConfigsResponse, IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
};
use kafka_protocol::protocol::{Request, StrBytes};
use std::collections::BTreeSet;

/// What is wanted of one resource; `None` for an operation that does not exist.
struct Wanted<'a> {
    api: i16,
    way: Way,
    kind: i8,
    name: &'a str,
    changes: Option<Vec<Change>>,
}

pub(super) fn incremental(
    state: &mut State,
    call: &Call,
    request: &IncrementalAlterConfigsRequest,
) -> IncrementalAlterConfigsResponse {
    let twice =
        named_twice(request.resources.iter().map(|one| (one.resource_type, one.resource_name.as_str())));
    let results = request.resources.iter().map(|resource| {
        let changes = resource.configs.iter().map(|config| {
            Some(Change {
                key: config.name.to_string(),
                operation: Operation::of(config.config_operation)?,
                value: config.value.as_ref().map(ToString::to_string),
            })
        });
        let wanted = Wanted {
            api: IncrementalAlterConfigsRequest::KEY,
            way: Way::Incremental,
            kind: resource.resource_type,
            name: &resource.resource_name,
            changes: changes.collect(),
        };
        let twice = twice.contains(&(wanted.kind, wanted.name));
        let result = AlterConfigsResourceResponse::default()
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name.clone());
        let (code, words) = told(alter(state, call, &wanted, twice, request.validate_only));
        result.with_error_code(code).with_error_message(words)
    });
    IncrementalAlterConfigsResponse::default().with_responses(results.collect())
}

pub(super) fn whole(state: &mut State, call: &Call, request: &AlterConfigsRequest) -> AlterConfigsResponse {
    let twice =
        named_twice(request.resources.iter().map(|one| (one.resource_type, one.resource_name.as_str())));
    let results = request.resources.iter().map(|resource| {
        let changes = resource.configs.iter().map(|config| Change {
            key: config.name.to_string(),
            operation: Operation::Set,
            value: config.value.as_ref().map(ToString::to_string),
        });
        let wanted = Wanted {
            api: AlterConfigsRequest::KEY,
            way: Way::Whole,
            kind: resource.resource_type,
            name: &resource.resource_name,
            changes: Some(changes.collect()),
        };
        let twice = twice.contains(&(wanted.kind, wanted.name));
        let result = WholeResult::default()
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name.clone());
        let (code, words) = told(alter(state, call, &wanted, twice, request.validate_only));
        result.with_error_code(code).with_error_message(words)
    });
    AlterConfigsResponse::default().with_responses(results.collect())
}

/// Code and words of what came of it; nothing is said of a success.
fn told(altered: Result<(), Refusal>) -> (i16, Option<StrBytes>) {
    altered.map_or_else(|Refusal { code, words }| (code, words.map(StrBytes::from_string)), |()| (0, None))
}

/// The resources that a request names more than once.
fn named_twice<'a>(resources: impl Iterator<Item = (i8, &'a str)>) -> BTreeSet<(i8, &'a str)> {
    let mut seen = BTreeSet::new();
    resources.filter(|resource| !seen.insert(*resource)).collect()
}

fn alter(
    state: &mut State,
    call: &Call,
    wanted: &Wanted<'_>,
    twice: bool,
    validate_only: bool,
) -> Result<(), Refusal> {
    let invalid = |words: String| Refusal::new(ResponseError::InvalidRequest, words);
    if twice {
        return Err(invalid("Each resource must appear at most once.".to_owned()));
    }
    if let Some(fault) = state.faults.refusal(wanted.api, wanted.name) {
        return Err(fault.into());
    }
    let Some(changes) = &wanted.changes else {
        return Err(Refusal::bare(ResponseError::UnknownServerError));
    };
    check_form(changes)?;
    match wanted.kind {
        TOPIC => {
            let configs = state.altered_topic(wanted.way, wanted.name, changes)?;
            if let Some(topic) = state.topics.get_mut(wanted.name).filter(|_| !validate_only) {
                topic.configs = configs;
                state.touch();
            }
            Ok(())
        }
        BROKER => {
            let node = (!wanted.name.is_empty()).then(|| broker_id(wanted.name, call.node)).transpose()?;
            let configs = state.altered_broker(wanted.way, node, changes)?;
            if !validate_only {
                match node {
                    None => state.broker_configs.defaults = configs,
                    Some(id) => drop(state.broker_configs.own.insert(id, configs)),
                }
                state.touch();
            }
            Ok(())
        }
        LOGGERS if wanted.way == Way::Incremental => {
            let logger = changes.first().map(|change| change.key.as_str()).unwrap_or_default();
            let words = format!("Logger {logger} does not exist!");
            Err(Refusal::new(ResponseError::InvalidConfig, words))
        }
        CLIENT_METRICS | GROUP => Err(not_simulated(wanted.kind)),
        other => Err(invalid(format!("Unknown resource type {other}"))),
    }
}

/// The broker that is meant, which must be the one that is asked.
fn broker_id(name: &str, asked: i32) -> Result<i32, Refusal> {
    let invalid = |words: String| Err(Refusal::new(ResponseError::InvalidRequest, words));
    match name.parse::<i32>() {
        Ok(id) if id == asked => Ok(id),
        Ok(id) => invalid(format!("Unexpected broker id, expected {asked}, but received {id}")),
        Err(_) => invalid(format!("Node id must be an integer, but it is: {name}")),
    }
}
