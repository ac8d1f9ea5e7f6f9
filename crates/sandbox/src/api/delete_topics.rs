//! Topics go: DeleteTopics, by name or by id.

use crate::api::Call;
use crate::api::topics::duplicate;
use crate::state::{Refusal, State};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::messages::{DeleteTopicsRequest, DeleteTopicsResponse, TopicName};
use kafka_protocol::protocol::{Request, StrBytes};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A topic as the request names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Wanted {
    name: Option<String>,
    id: Uuid,
}

pub(super) fn delete(state: &mut State, _: &Call, request: &DeleteTopicsRequest) -> DeleteTopicsResponse {
    let by_name =
        request.topic_names.iter().map(|name| Wanted { name: Some(name.to_string()), id: Uuid::nil() });
    let by_state = request
        .topics
        .iter()
        .map(|topic| Wanted { name: topic.name.as_ref().map(|name| name.to_string()), id: topic.topic_id });
    let mut times: BTreeMap<Wanted, usize> = BTreeMap::new();
    let mut order = Vec::new();
    for wanted in by_name.chain(by_state) {
        let count = times.entry(wanted.clone()).or_default();
        *count += 1;
        if *count == 1 {
            order.push(wanted);
        }
    }
    let names: BTreeMap<Uuid, String> =
        if order.iter().any(|wanted| !wanted.id.is_nil()) { names_by_id(state) } else { BTreeMap::new() };
    // A topic that is named in both ways is refused, and its id is then not looked at any more.
    let by_id: BTreeMap<&String, Uuid> = order
        .iter()
        .filter(|wanted| wanted.name.is_none())
        .filter_map(|wanted| Some((names.get(&wanted.id)?, wanted.id)))
        .collect();
    let named_too: Vec<Uuid> =
        order.iter().filter_map(|wanted| by_id.get(wanted.name.as_ref()?).copied()).collect();
    let mut results = Vec::with_capacity(order.len());
    for wanted in &order {
        if wanted.name.is_none() && named_too.contains(&wanted.id) {
            continue;
        }
        let clash = wanted.name.as_ref().and_then(|name| by_id.get(name)).copied();
        let judged = if request.timeout_ms <= 0 {
            Err(Refusal::bare(ResponseError::RequestTimedOut))
        } else if times.get(wanted).is_some_and(|times| *times > 1) {
            Err(twice(wanted))
        } else if clash.is_some() && wanted.id.is_nil() {
            let words = "The provided topic name maps to an ID that was already supplied.";
            Err(Refusal::new(ResponseError::InvalidRequest, words))
        } else {
            delete_one(state, wanted, &names)
        };
        let shown = |name: Option<String>, id: Uuid| {
            DeletableTopicResult::default()
                .with_name(name.map(|name| TopicName(StrBytes::from_string(name))))
                .with_topic_id(id)
        };
        results.push(match judged {
            Ok((name, id)) => shown(Some(name), id),
            Err(Refusal { code, words }) => shown(wanted.name.clone(), clash.unwrap_or(wanted.id))
                .with_error_code(code)
                .with_error_message(words.map(StrBytes::from_string)),
        });
    }
    DeleteTopicsResponse::default().with_responses(results)
}

fn names_by_id(state: &State) -> BTreeMap<Uuid, String> {
    state.topics.iter().map(|(name, topic)| (topic.id, name.clone())).collect()
}

fn twice(wanted: &Wanted) -> Refusal {
    match wanted.name {
        Some(_) => duplicate(),
        None if wanted.id.is_nil() => nothing(),
        None => Refusal::new(ResponseError::InvalidRequest, "Duplicate topic id."),
    }
}

fn nothing() -> Refusal {
    Refusal::new(ResponseError::InvalidRequest, "Neither topic name nor id were specified.")
}

fn delete_one(
    state: &mut State,
    wanted: &Wanted,
    names: &BTreeMap<Uuid, String>,
) -> Result<(String, Uuid), Refusal> {
    let name = match (&wanted.name, wanted.id.is_nil()) {
        (Some(_), false) => {
            let words = "You may not specify both topic name and topic id.";
            return Err(Refusal::new(ResponseError::InvalidRequest, words));
        }
        (None, true) => return Err(nothing()),
        (Some(name), true) => name,
        (None, false) => names.get(&wanted.id).ok_or_else(|| {
            Refusal::new(ResponseError::UnknownTopicId, "This server does not host this topic ID.")
        })?,
    };
    if let Some(fault) = state.faults.refusal(DeleteTopicsRequest::KEY, name) {
        return Err(fault.into());
    }
    let Some(topic) = state.remove_topic(name) else {
        let words = "This server does not host this topic-partition.";
        return Err(Refusal::new(ResponseError::UnknownTopicOrPartition, words));
    };
    Ok((name.clone(), topic.id))
}
