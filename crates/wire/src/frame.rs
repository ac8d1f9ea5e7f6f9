//! Frames: four bytes of length, a header, a body.

use crate::api::api_name;
use crate::bounded;
use crate::foreign::Foreign;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use kafka_protocol::messages::{RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes};

/// Bytes of the length before each frame.
pub const LENGTH_BYTES: usize = 4;
/// Bytes of the smallest answer: a correlation id alone.
const SMALLEST: usize = 4;

/// The bytes on the connection are not Kafka frames, or not ones that can be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Another protocol.
    #[error("the server speaks {0}")]
    Foreign(Foreign),
    /// Longer than the limit that the client set itself.
    #[error("an answer of {length} bytes is above the limit of {limit} bytes")]
    TooLarge {
        /// The length that the frame claims.
        length: usize,
        /// The limit.
        limit: usize,
    },
}

/// A message could not be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The request has a value that this version of the API cannot carry.
    #[error("{} v{version} cannot be encoded: {reason}", api_name(*.key))]
    Encode {
        /// The API's key.
        key: i16,
        /// The version.
        version: i16,
        /// The codec's words.
        reason: String,
    },
    /// The answer is not what the API's description says.
    #[error("the answer to {} v{version} cannot be decoded: {reason}", api_name(*.key))]
    Decode {
        /// The API's key.
        key: i16,
        /// The version.
        version: i16,
        /// The codec's words.
        reason: String,
    },
}

/// Reads the length of the next frame.
///
/// # Errors
/// When the four bytes are no length that a broker would send. Only a length above `limit` is told from a foreign
/// protocol by its looks, so the limit should be far below 2^28 (`HTTP` read as a length is 1.2 GB, TLS 350 MB).
pub fn frame_length(bytes: [u8; LENGTH_BYTES], limit: usize) -> Result<usize, FrameError> {
    let length = match usize::try_from(i32::from_be_bytes(bytes)) {
        Ok(length) if (SMALLEST..=limit).contains(&length) => return Ok(length),
        Ok(length) => length,
        Err(_) => return Err(FrameError::Foreign(Foreign::recognise(&bytes).unwrap_or(Foreign::Unknown))),
    };
    match Foreign::recognise(&bytes) {
        Some(foreign) => Err(FrameError::Foreign(foreign)),
        None if length < SMALLEST => Err(FrameError::Foreign(Foreign::Unknown)),
        None => Err(FrameError::TooLarge { length, limit }),
    }
}

/// The correlation id that an answer starts with; `None` when the frame is too short for one.
pub fn correlation_id(frame: &[u8]) -> Option<i32> {
    frame.first_chunk::<4>().map(|bytes| i32::from_be_bytes(*bytes))
}

/// Writes a request with its length and header.
///
/// # Errors
/// When a field is set that this version does not have: requests are built for the version that was negotiated.
pub fn encode_request<R: Request>(
    request: &R,
    version: i16,
    correlation_id: i32,
    client_id: &StrBytes,
) -> Result<Bytes, CodecError> {
    let failed =
        |reason: anyhow::Error| CodecError::Encode { key: R::KEY, version, reason: format!("{reason:#}") };
    let mut buffer = BytesMut::with_capacity(256);
    buffer.put_i32(0);
    RequestHeader::default()
        .with_request_api_key(R::KEY)
        .with_request_api_version(version)
        .with_correlation_id(correlation_id)
        .with_client_id(Some(client_id.clone()))
        .encode(&mut buffer, R::header_version(version))
        .map_err(failed)?;
    request.encode(&mut buffer, version).map_err(failed)?;
    let length = i32::try_from(buffer.len() - LENGTH_BYTES)
        .map_err(|_| failed(anyhow::anyhow!("it is larger than 2 GB")))?;
    buffer[..LENGTH_BYTES].copy_from_slice(&length.to_be_bytes());
    Ok(buffer.freeze())
}

/// Reads the answer to a request of type `R`, without its length.
///
/// # Errors
/// When header or body are not what this version of the API says.
pub fn decode_response<R: Request>(mut frame: Bytes, version: i16) -> Result<R::Response, CodecError> {
    let failed =
        |reason: anyhow::Error| CodecError::Decode { key: R::KEY, version, reason: format!("{reason:#}") };
    ResponseHeader::decode(&mut frame, R::Response::header_version(version)).map_err(failed)?;
    bounded::decode(&mut frame, version).map_err(failed)
}

/// The body of an answer to ApiVersions, whose header has no tagged fields in any version (KIP-511).
pub fn api_versions_body(mut frame: Bytes) -> Option<Bytes> {
    frame.try_get_i32().ok().map(|_| frame)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::{MetadataRequest, MetadataResponse};
    use proptest::prelude::*;

    const LIMIT: usize = 256 << 20;

    #[test]
    fn lengths_of_brokers_pass_and_others_are_named() {
        assert_eq!(frame_length([0, 0, 1, 0], LIMIT), Ok(256));
        assert_eq!(frame_length(*b"HTTP", LIMIT), Err(FrameError::Foreign(Foreign::Http)));
        assert_eq!(frame_length([0x15, 3, 3, 0], LIMIT), Err(FrameError::Foreign(Foreign::Tls)));
        assert_eq!(frame_length([0, 0, 0, 3], LIMIT), Err(FrameError::Foreign(Foreign::Unknown)));
        assert_eq!(frame_length([0xff; 4], LIMIT), Err(FrameError::Foreign(Foreign::Unknown)));
        assert_eq!(
            frame_length([0x20, 0, 0, 0], LIMIT),
            Err(FrameError::TooLarge { length: 0x2000_0000, limit: LIMIT })
        );
    }

    #[test]
    fn a_request_carries_its_length_key_version_and_correlation_id() {
        let client = StrBytes::from_static_str("k");
        let frame = encode_request(&MetadataRequest::default(), 9, 7, &client).expect("encodes");
        assert_eq!(frame[..4], ((frame.len() - 4) as i32).to_be_bytes());
        assert_eq!(frame[4..12], [0, 3, 0, 9, 0, 0, 0, 7]);
    }

    #[test]
    fn a_field_that_the_version_lacks_is_an_error() {
        let request = MetadataRequest::default().with_include_topic_authorized_operations(true);
        let error = encode_request(&request, 1, 0, &StrBytes::new()).expect_err("refused");
        assert!(matches!(error, CodecError::Encode { key: 3, version: 1, .. }), "{error}");
    }

    #[test]
    fn an_answer_is_read_back() {
        let mut buffer = BytesMut::new();
        buffer.put_i32(7);
        buffer.put_u8(0);
        let response = MetadataResponse::default().with_controller_id(3.into());
        response.encode(&mut buffer, 12).expect("encodes");
        assert_eq!(correlation_id(&buffer), Some(7));
        assert_eq!(decode_response::<MetadataRequest>(buffer.freeze(), 12), Ok(response));
    }

    proptest! {
        #[test]
        fn any_length_is_judged_without_panic(bytes in any::<[u8; 4]>(), limit in 4usize..LIMIT) {
            if let Ok(length) = frame_length(bytes, limit) {
                prop_assert!(length <= limit);
            }
        }

        #[test]
        fn arbitrary_headers_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..32)) {
            let _ = correlation_id(&bytes);
            let _ = api_versions_body(Bytes::from(bytes));
        }

        #[test]
        fn a_truncated_answer_is_an_error(cut in 0usize..60) {
            let mut buffer = BytesMut::new();
            buffer.put_i32(7);
            buffer.put_u8(0);
            let response = MetadataResponse::default().with_cluster_id(Some(StrBytes::from_static_str("c")));
            response.encode(&mut buffer, 12).expect("encodes");
            let mut whole = buffer.freeze();
            prop_assume!(cut < whole.len());
            whole.truncate(cut);
            prop_assert!(decode_response::<MetadataRequest>(whole, 12).is_err());
        }
    }
}
