//! FindCoordinator.

use crate::api::Call;
use crate::state::State;
use crate::state::groups::CoordinatorOf;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::messages::{BrokerId, FindCoordinatorRequest, FindCoordinatorResponse};
use kafka_protocol::protocol::StrBytes;

/// Where every broker listens.
const HOST: StrBytes = StrBytes::from_static_str("127.0.0.1");

/// A broker's words about a request that is malformed.
const UNKNOWN_TYPE: &str = "This most likely occurs because of a request being malformed by the client library or the \
                            message was sent to an incompatible broker. See the broker logs for more details.";

/// The first version that asks for many coordinators at once (KIP-699).
const BATCH_VERSION: i16 = 4;

pub(in crate::api) fn find(
    state: &mut State,
    call: &Call,
    request: &FindCoordinatorRequest,
) -> FindCoordinatorResponse {
    if call.version >= BATCH_VERSION {
        let found = request.coordinator_keys.iter().map(|key| found(state, call, request.key_type, key));
        return FindCoordinatorResponse::default().with_coordinators(found.collect());
    }
    let found = found(state, call, request.key_type, &request.key);
    FindCoordinatorResponse::default()
        .with_error_code(found.error_code)
        .with_error_message(match found.error_code {
            0 => Some(StrBytes::from_static_str("NONE")),
            _ => found.error_message,
        })
        .with_node_id(found.node_id)
        .with_host(found.host)
        .with_port(found.port)
}

fn found(state: &mut State, call: &Call, key_type: i8, key: &StrBytes) -> Coordinator {
    let answer = Coordinator::default()
        .with_key(key.clone())
        .with_node_id(BrokerId(-1))
        .with_port(-1)
        .with_error_message(Some(StrBytes::default()));
    let refused = |code: i16, words: Option<String>| {
        let words = StrBytes::from_string(words.unwrap_or_default());
        answer.clone().with_error_code(code).with_error_message(Some(words))
    };
    if let Some((code, words)) = state.faults.refusal(call.key, key) {
        return refused(code, words);
    }
    let of = match key_type {
        0 => CoordinatorOf::Group,
        1 => CoordinatorOf::Transaction,
        _ => return refused(ResponseError::InvalidRequest.code(), Some(UNKNOWN_TYPE.to_owned())),
    };
    state.found_internal_topic(of);
    let node = state.coordinator(of, key).ok();
    match node.and_then(|id| Some((id, state.brokers.get(&id)?.port))) {
        Some((id, port)) => answer.with_node_id(BrokerId(id)).with_host(HOST).with_port(i32::from(port)),
        None => refused(ResponseError::CoordinatorNotAvailable.code(), None),
    }
}
