//! Producers get their ids: InitProducerId.

use crate::api::Call;
use crate::state::State;
use crate::state::groups::CoordinatorOf;
use crate::state::transactions::Producer;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::{InitProducerIdRequest, InitProducerIdResponse};

/// Fenced producers are told so by a code of its own from this version on (KIP-588).
const FENCED: i16 = 4;

pub(super) fn init(
    state: &mut State,
    call: &Call,
    request: &InitProducerIdRequest,
) -> InitProducerIdResponse {
    match given(state, call, request) {
        Ok(Producer { id, epoch }) => {
            InitProducerIdResponse::default().with_producer_id(id.into()).with_producer_epoch(epoch)
        }
        Err(code) => InitProducerIdResponse::default()
            .with_error_code(code)
            .with_producer_id((-1).into())
            .with_producer_epoch(-1),
    }
}

fn given(state: &mut State, call: &Call, request: &InitProducerIdRequest) -> Result<Producer, i16> {
    let Some(id) = &request.transactional_id else {
        return Ok(Producer { id: state.transactions.new_producer_id(), epoch: 0 });
    };
    let id = id.as_str();
    if let Some((code, _)) = state.faults.refusal(call.key, id) {
        return Err(code);
    }
    if id.is_empty() || (request.producer_id.0 < 0) != (request.producer_epoch < 0) {
        return Err(ResponseError::InvalidRequest.code());
    }
    state.must_coordinate(CoordinatorOf::Transaction, id, call.node).map_err(|error| error.code())?;
    let was = Producer { id: request.producer_id.0, epoch: request.producer_epoch };
    let was = (was.id >= 0).then_some(was);
    state.init_producer(id, request.transaction_timeout_ms, was).map_err(|error| match error {
        ResponseError::ProducerFenced if call.version < FENCED => ResponseError::InvalidProducerEpoch.code(),
        error => error.code(),
    })
}
