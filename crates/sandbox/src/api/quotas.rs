//! Quotas of clients: DescribeClientQuotas, AlterClientQuotas.

use crate::api::Call;
use crate::state::State;
use crate::state::access::{Component, Entity, Matching};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::describe_client_quotas_request::ComponentData;
use kafka_protocol::messages::{
    AlterClientQuotasRequest, AlterClientQuotasResponse, DescribeClientQuotasRequest,
    DescribeClientQuotasResponse, describe_client_quotas_response as described,
};
use kafka_protocol::messages::{alter_client_quotas_request, alter_client_quotas_response};
use kafka_protocol::protocol::StrBytes;

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

pub(super) fn describe(
    state: &mut State,
    _: &Call,
    request: &DescribeClientQuotasRequest,
) -> DescribeClientQuotasResponse {
    let components = match components(&request.components) {
        Ok(components) => components,
        Err((code, words)) => {
            return DescribeClientQuotasResponse::default()
                .with_error_code(code.code())
                .with_error_message(Some(StrBytes::from_string(words)))
                .with_entries(None);
        }
    };
    let entries = state.quotas.find(&components, request.strict).map(|(entity, values)| {
        let entity = entity.iter().map(|(kind, name)| {
            let data = described::EntityData::default().with_entity_type(text(kind));
            data.with_entity_name(name.as_deref().map(text))
        });
        let values = values
            .iter()
            .map(|(key, value)| described::ValueData::default().with_key(text(key)).with_value(*value));
        described::EntryData::default().with_entity(entity.collect()).with_values(values.collect())
    });
    DescribeClientQuotasResponse::default().with_error_message(None).with_entries(Some(entries.collect()))
}

/// What is asked for, judged in the order in which a broker does.
fn components(asked: &[ComponentData]) -> Result<Vec<Component>, (ResponseError, String)> {
    let invalid = |words: String| Err((ResponseError::InvalidRequest, words));
    let mut components: Vec<Component> = Vec::new();
    for component in asked {
        let kind = component.entity_type.as_str();
        let matching = match (component.match_type, &component._match) {
            (0, Some(name)) => Matching::Name(name.to_string()),
            (0, None) => {
                return invalid(
                    "Request specified MATCH_TYPE_EXACT, but set match string to null.".to_owned(),
                );
            }
            (1, Some(_)) => {
                let words = "Request specified MATCH_TYPE_DEFAULT, but also specified a match string.";
                return invalid(words.to_owned());
            }
            (2, Some(_)) => {
                let words = "Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.";
                return invalid(words.to_owned());
            }
            (1, None) => Matching::Default,
            (2, None) => Matching::Any,
            (other, _) => return invalid(format!("Unknown match type {other}")),
        };
        if kind.is_empty() {
            return invalid("Invalid empty entity type.".to_owned());
        }
        if components.iter().any(|known| known.kind == kind) {
            return invalid(format!("Entity type {kind} cannot appear more than once in the filter."));
        }
        if !matches!(kind, "user" | "client-id" | "ip") {
            return Err((ResponseError::UnsupportedVersion, format!("Unsupported entity type {kind}")));
        }
        components.push(Component { kind: kind.to_owned(), matching });
    }
    if components.len() > 1 && components.iter().any(|component| component.kind == "ip") {
        let words = "Invalid entity filter component combination. IP filter component should not be used with user or \
                     clientId filter component.";
        return invalid(words.to_owned());
    }
    Ok(components)
}

pub(super) fn alter(
    state: &mut State,
    call: &Call,
    request: &AlterClientQuotasRequest,
) -> AlterClientQuotasResponse {
    let entries = request.entries.iter().map(|entry| {
        let refusal = alter_one(state, call, entry, request.validate_only).err();
        let (code, words) = refusal.unwrap_or_default();
        let entity = entry.entity.iter().map(|part| {
            alter_client_quotas_response::EntityData::default()
                .with_entity_type(part.entity_type.clone())
                .with_entity_name(part.entity_name.clone())
        });
        alter_client_quotas_response::EntryData::default()
            .with_error_code(code)
            .with_error_message(words.map(StrBytes::from_string))
            .with_entity(entity.collect())
    });
    let response = AlterClientQuotasResponse::default().with_entries(entries.collect());
    state.touch();
    response
}

fn alter_one(
    state: &mut State,
    call: &Call,
    entry: &alter_client_quotas_request::EntryData,
    validate_only: bool,
) -> Result<(), (i16, Option<String>)> {
    let named = entry.entity.iter().map(|part| {
        let name = part.entity_name.as_ref().map(|name| name.to_string());
        (part.entity_type.to_string(), name)
    });
    let entity: Entity = named.collect();
    for name in entity.values() {
        if let Some(refusal) = state.faults.refusal(call.key, name.as_deref().unwrap_or("<default>")) {
            return Err(refusal);
        }
    }
    let ops: Vec<(String, Option<f64>)> =
        entry.ops.iter().map(|op| (op.key.to_string(), (!op.remove).then_some(op.value))).collect();
    state
        .quotas
        .alter(&entity, &ops, validate_only)
        .map_err(|error| (ResponseError::InvalidRequest.code(), Some(error.to_string())))
}
