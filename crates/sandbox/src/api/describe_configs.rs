//! What the configs are: DescribeConfigs, and of which resources there are some: ListConfigResources.

use crate::api::Call;
use crate::state::configs::{Entry, Scope, View};
use crate::state::{Refusal, State, topic_name};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use kafka_protocol::messages::list_config_resources_response::ConfigResource;
use kafka_protocol::messages::{
    DescribeConfigsRequest, DescribeConfigsResponse, ListConfigResourcesRequest, ListConfigResourcesResponse,
};
use kafka_protocol::protocol::StrBytes;
use std::borrow::Cow;

pub(super) const TOPIC: i8 = 2;
pub(super) const BROKER: i8 = 4;
pub(super) const LOGGERS: i8 = 8;
pub(super) const CLIENT_METRICS: i8 = 16;
pub(super) const GROUP: i8 = 32;

pub(super) fn describe(
    state: &mut State,
    call: &Call,
    request: &DescribeConfigsRequest,
) -> DescribeConfigsResponse {
    let view = state.configs_seen_by(call.node);
    let results = request.resources.iter().map(|resource| {
        let result = DescribeConfigsResult::default()
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name.clone());
        match entries(state, &view, call.node, resource) {
            Ok(entries) => {
                let scope = if resource.resource_type == TOPIC { Scope::Topic } else { Scope::Broker };
                let shown = entries.into_iter().map(|entry| shown(scope, entry, request));
                result.with_error_message(Some(StrBytes::default())).with_configs(shown.collect())
            }
            Err(Refusal { code, words }) => result
                .with_error_code(code)
                .with_error_message(Some(StrBytes::from_string(words.unwrap_or_default()))),
        }
    });
    DescribeConfigsResponse::default().with_results(results.collect())
}

fn entries(
    state: &State,
    view: &View<'_>,
    node: i32,
    resource: &DescribeConfigsResource,
) -> Result<Vec<Entry>, Refusal> {
    let name = resource.resource_name.as_str();
    // An empty list of keys asks for all, as does none.
    let keys = resource.configuration_keys.as_ref().filter(|keys| !keys.is_empty());
    let wanted = |key: &str| keys.is_none_or(|keys| keys.iter().any(|wanted| wanted.as_str() == key));
    match resource.resource_type {
        TOPIC => {
            topic_name::check(name)?;
            let topic = state.topics.get(name);
            let topic = topic.ok_or_else(|| Refusal::bare(ResponseError::UnknownTopicOrPartition))?;
            let found = Scope::Topic.all().iter().filter(|definition| wanted(&definition.name));
            Ok(found.map(|definition| view.of_topic(definition, topic)).collect())
        }
        BROKER if name.is_empty() => {
            let names = view.names_of_all_brokers().filter(|name| wanted(name));
            Ok(names.filter_map(|name| view.of_all_brokers(name)).collect())
        }
        BROKER => {
            let id = broker_id(name)?;
            if id != node {
                let words =
                    format!("Unexpected broker id, expected {node} or empty string, but received {name}");
                return Err(Refusal::new(ResponseError::InvalidRequest, words));
            }
            let names = view.broker_names();
            Ok(names
                .into_iter()
                .filter(|name| wanted(name))
                .filter_map(|name| view.of_broker(name))
                .collect())
        }
        LOGGERS => match broker_id(name)? {
            id if id == node => Ok(Vec::new()),
            _ => {
                let words = format!("Unexpected broker id, expected {node} but received {name}");
                Err(Refusal::new(ResponseError::InvalidRequest, words))
            }
        },
        CLIENT_METRICS | GROUP => Err(not_simulated(resource.resource_type)),
        _ => {
            let words = "This most likely occurs because of a request being malformed by the client library or the \
                message was sent to an incompatible broker. See the broker logs for more details.";
            Err(Refusal::new(ResponseError::InvalidRequest, words))
        }
    }
}

/// The refusal of a resource that Kafka has and the sandbox does not.
pub(super) fn not_simulated(kind: i8) -> Refusal {
    let of = if kind == GROUP { "groups" } else { "client metrics" };
    Refusal::new(ResponseError::InvalidRequest, format!("The sandbox has no configs of {of}."))
}

fn broker_id(name: &str) -> Result<i32, Refusal> {
    name.parse().map_err(|_| {
        let words = format!("Broker id must be an integer, but it is: {name}");
        Refusal::new(ResponseError::InvalidRequest, words)
    })
}

fn shown(scope: Scope, entry: Entry, request: &DescribeConfigsRequest) -> DescribeConfigsResourceResult {
    let documentation = request.include_documentation.then(|| scope.documentation(&entry.name)).flatten();
    let synonyms = if request.include_synonyms { entry.synonyms } else { Vec::new() };
    let synonyms = synonyms.into_iter().map(|synonym| {
        DescribeConfigsSynonym::default()
            .with_name(text(synonym.name))
            .with_value(synonym.value.map(StrBytes::from_string))
            .with_source(synonym.source as i8)
    });
    DescribeConfigsResourceResult::default()
        .with_name(text(entry.name))
        .with_value(entry.value.map(StrBytes::from_string))
        .with_read_only(entry.read_only)
        .with_config_source(entry.source as i8)
        .with_is_sensitive(entry.sensitive)
        .with_synonyms(synonyms.collect())
        .with_config_type(entry.kind)
        .with_documentation(documentation.map(StrBytes::from_static_str))
}

fn text(text: Cow<'static, str>) -> StrBytes {
    match text {
        Cow::Borrowed(text) => StrBytes::from_static_str(text),
        Cow::Owned(text) => StrBytes::from_string(text),
    }
}

pub(super) fn list(
    state: &mut State,
    call: &Call,
    request: &ListConfigResourcesRequest,
) -> ListConfigResourcesResponse {
    let known = [LOGGERS, BROKER, TOPIC, CLIENT_METRICS, GROUP];
    // Version 0 was made for client metrics only (KIP-714).
    let wanted = match &request.resource_types[..] {
        _ if call.version == 0 => &[CLIENT_METRICS][..],
        [] => &known[..],
        some => some,
    };
    if wanted.iter().any(|kind| !known.contains(kind)) {
        let error = ResponseError::UnsupportedVersion.code();
        return ListConfigResourcesResponse::default().with_error_code(error);
    }
    let mut resources = Vec::new();
    for kind in known.into_iter().filter(|kind| wanted.contains(kind)) {
        let names: Vec<String> = match kind {
            TOPIC => state.topics.keys().cloned().collect(),
            BROKER | LOGGERS => state.alive().map(|id| id.to_string()).collect(),
            _ => Vec::new(),
        };
        resources.extend(names.into_iter().map(|name| {
            ConfigResource::default().with_resource_name(StrBytes::from_string(name)).with_resource_type(kind)
        }));
    }
    ListConfigResourcesResponse::default().with_config_resources(resources)
}
