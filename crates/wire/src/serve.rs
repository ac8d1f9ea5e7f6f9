//! Frames from the broker's side: a request is read by its header, an answer is written for its version.

use crate::api::API_VERSIONS;
use crate::bounded;
use crate::frame::{CodecError, LENGTH_BYTES};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use kafka_protocol::messages::{ApiKey, RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request};

/// A request whose header has been read, and whose body has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestFrame {
    /// The API's key.
    pub key: i16,
    /// The version that the client chose.
    pub version: i16,
    /// What the answer has to start with.
    pub correlation_id: i32,
    /// The name that the client gave itself.
    pub client_id: Option<String>,
    /// The body, in the form of that version.
    pub body: Bytes,
}

/// Reads the header of a request, given without its length.
///
/// The body of an ApiVersions request in a version that the codec does not have is left unread, for a broker answers
/// it all the same, in version 0 (KIP-511).
///
/// # Errors
/// When the frame is too short, or its API is none that the codec knows.
pub fn read_request(mut frame: Bytes) -> Result<RequestFrame, CodecError> {
    let (Some(key), Some(version)) = (short_at(&frame, 0), short_at(&frame, 2)) else {
        return Err(CodecError::Decode { key: -1, version: 0, reason: "the frame is too short".to_owned() });
    };
    let failed = |reason: String| CodecError::Decode { key, version, reason };
    let api = ApiKey::try_from(key).map_err(|()| failed("no such API".to_owned()))?;
    let header_version =
        if key == API_VERSIONS && version > 3 { 2 } else { api.request_header_version(version) };
    let header =
        RequestHeader::decode(&mut frame, header_version).map_err(|error| failed(format!("{error:#}")))?;
    Ok(RequestFrame {
        key,
        version,
        correlation_id: header.correlation_id,
        client_id: header.client_id.map(|id| id.to_string()),
        body: frame,
    })
}

/// Reads the body of a request of type `R`.
///
/// # Errors
/// When the body is not what this version of the API says, or when bytes are left over.
pub fn decode_request<R: Request>(mut body: Bytes, version: i16) -> Result<R, CodecError> {
    let failed = |reason: String| CodecError::Decode { key: R::KEY, version, reason };
    let request: R = bounded::decode(&mut body, version).map_err(|error| failed(format!("{error:#}")))?;
    match body.remaining() {
        0 => Ok(request),
        left => Err(failed(format!("{left} bytes are left over"))),
    }
}

/// Writes the answer to a request of type `R` with its length and header.
///
/// # Errors
/// When a field is set that this version does not have.
pub fn encode_response<R: Request>(
    response: &R::Response,
    version: i16,
    correlation_id: i32,
) -> Result<Bytes, CodecError> {
    let failed = |reason: String| CodecError::Encode { key: R::KEY, version, reason };
    let mut buffer = BytesMut::with_capacity(256);
    buffer.put_i32(0);
    // The header of this answer has no tagged fields in any version, so that an old client can read it (KIP-511).
    let header_version = if R::KEY == API_VERSIONS { 0 } else { R::Response::header_version(version) };
    ResponseHeader::default()
        .with_correlation_id(correlation_id)
        .encode(&mut buffer, header_version)
        .map_err(|error| failed(format!("{error:#}")))?;
    response.encode(&mut buffer, version).map_err(|error| failed(format!("{error:#}")))?;
    let length = i32::try_from(buffer.len() - LENGTH_BYTES)
        .map_err(|_| failed("it is larger than 2 GB".to_owned()))?;
    buffer[..LENGTH_BYTES].copy_from_slice(&length.to_be_bytes());
    Ok(buffer.freeze())
}

fn short_at(frame: &[u8], place: usize) -> Option<i16> {
    frame.get(place..place + 2)?.first_chunk::<2>().map(|bytes| i16::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{correlation_id, decode_response, encode_request};
    use kafka_protocol::messages::{MetadataRequest, MetadataResponse};
    use kafka_protocol::protocol::StrBytes;
    use proptest::prelude::*;

    #[test]
    fn what_a_client_writes_is_read() {
        let request = MetadataRequest::default().with_allow_auto_topic_creation(false);
        let frame = encode_request(&request, 9, 7, &StrBytes::from_static_str("me")).expect("encodes");
        let read = read_request(frame.slice(LENGTH_BYTES..)).expect("a header");
        assert_eq!((read.key, read.version, read.correlation_id), (3, 9, 7));
        assert_eq!(read.client_id.as_deref(), Some("me"));
        assert_eq!(decode_request::<MetadataRequest>(read.body, 9), Ok(request));
    }

    #[test]
    fn what_is_answered_is_read_by_a_client() {
        let response = MetadataResponse::default().with_controller_id(3.into());
        let frame =
            encode_response::<MetadataRequest>(&response, 12, 7).expect("encodes").slice(LENGTH_BYTES..);
        assert_eq!(correlation_id(&frame), Some(7));
        assert_eq!(decode_response::<MetadataRequest>(frame, 12), Ok(response));
    }

    proptest! {
        #[test]
        fn any_frame_is_judged_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = read_request(Bytes::from(bytes));
        }
    }
}
