//! The APIs that the sandbox offers, with their versions, and the way from a key to its handler.

use crate::api::{Answer, Call, metadata, topics};
use crate::server::{Shared, respond};
use crate::state::State;
use bytes::Bytes;
use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::messages::{
    ApiVersionsRequest, ApiVersionsResponse, CreateTopicsRequest, DescribeClusterRequest, MetadataRequest,
};
use kafka_protocol::protocol::Request;
use klerk_wire::frame::CodecError;
use klerk_wire::serve::{RequestFrame, encode_response};

/// The code of a version that the broker does not have.
const UNSUPPORTED_VERSION: i16 = 35;

/// An API: its key and the versions of it, as a 4.3 broker offers them and the codec can carry them.
struct Offered {
    key: i16,
    min: i16,
    max: i16,
}

macro_rules! offers {
    ($($request:ident $min:literal..=$max:literal => $handler:path;)+) => {
        const OFFERED: &[Offered] = &[$(Offered { key: $request::KEY, min: $min, max: $max }),+];

        async fn dispatch(shared: &Shared, call: &Call, frame: RequestFrame) -> Result<Option<Bytes>, CodecError> {
            match frame.key {
                $($request::KEY => respond(shared, call, frame, $handler).await,)+
                key => Err(CodecError::Decode { key, version: frame.version, reason: "not offered".to_owned() }),
            }
        }
    };
}

offers! {
    ApiVersionsRequest 0..=4 => api_versions;
    CreateTopicsRequest 2..=7 => topics::create;
    DescribeClusterRequest 0..=2 => metadata::describe_cluster;
    MetadataRequest 0..=13 => metadata::metadata;
}

/// Answers one request; `None` when the client wants no answer.
///
/// # Errors
/// When the request cannot be read, its API is not offered or its version is not: a broker closes the connection then,
/// except for ApiVersions, which it answers in version 0 (KIP-511).
pub(crate) async fn answer(
    shared: &Shared,
    call: &Call,
    frame: RequestFrame,
) -> Result<Option<Bytes>, CodecError> {
    let (key, version) = (frame.key, frame.version);
    let offered = OFFERED.iter().any(|api| api.key == key && (api.min..=api.max).contains(&version));
    if offered {
        return dispatch(shared, call, frame).await;
    }
    if key == ApiVersionsRequest::KEY {
        let refusal = versions().with_error_code(UNSUPPORTED_VERSION);
        return encode_response::<ApiVersionsRequest>(&refusal, 0, frame.correlation_id).map(Some);
    }
    Err(CodecError::Decode { key, version, reason: "this version is not offered".to_owned() })
}

fn api_versions(_: &mut State, _: &Call, _: &ApiVersionsRequest) -> Answer<ApiVersionsResponse> {
    versions().into()
}

fn versions() -> ApiVersionsResponse {
    let keys = OFFERED.iter().map(|api| {
        ApiVersion::default().with_api_key(api.key).with_min_version(api.min).with_max_version(api.max)
    });
    ApiVersionsResponse::default().with_api_keys(keys.collect())
}
