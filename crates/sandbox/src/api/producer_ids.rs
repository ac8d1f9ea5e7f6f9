//! Producers get their ids: InitProducerId.

use crate::api::Call;
use crate::state::State;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::{InitProducerIdRequest, InitProducerIdResponse};

pub(super) fn init(state: &mut State, _: &Call, request: &InitProducerIdRequest) -> InitProducerIdResponse {
    let refused = InitProducerIdResponse::default().with_producer_id((-1).into()).with_producer_epoch(-1);
    if request.transactional_id.is_some() {
        return refused.with_error_code(ResponseError::CoordinatorNotAvailable.code());
    }
    let id = state.transactions.new_producer_id();
    InitProducerIdResponse::default().with_producer_id(id.into()).with_producer_epoch(0)
}
