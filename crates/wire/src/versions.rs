//! Which versions of which APIs a broker offers, and which one to speak.
//!
//! The answer to ApiVersions is read here by hand and not by the codec: it is the first thing that an unknown server
//! says, and it must not be believed about the sizes of its arrays. Layout: ApiVersionsResponse of the protocol, v0–4.

use crate::api::{API_VERSIONS, api_name};
use bytes::{Buf, Bytes};
use kafka_protocol::protocol::{Request, VersionRange};
use std::collections::BTreeMap;

/// The versions that one broker offers, by API key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiVersions {
    ranges: BTreeMap<i16, (i16, i16)>,
}

/// Client and broker have no version of an API in common.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// The broker does not offer the API at all.
    #[error("the broker does not offer {}", api_name(*.key))]
    Missing {
        /// The API's key.
        key: i16,
    },
    /// The ranges do not meet.
    #[error(
        "the broker offers {} in versions {broker_min}-{broker_max}, this client speaks {client_min}-{client_max}",
        api_name(*.key)
    )]
    Apart {
        /// The API's key.
        key: i16,
        /// The broker's oldest version.
        broker_min: i16,
        /// The broker's newest version.
        broker_max: i16,
        /// The client's oldest version.
        client_min: i16,
        /// The client's newest version.
        client_max: i16,
    },
}

/// The answer to ApiVersions, as far as a client needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiVersionsAnswer {
    /// The error code; 35 when the broker does not know the version of the request.
    pub error_code: i16,
    /// What the broker offers.
    pub versions: ApiVersions,
}

/// The bytes are not an answer to ApiVersions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not an answer to ApiVersions")]
pub struct NotApiVersions;

impl ApiVersions {
    /// The broker's range for an API key.
    pub fn range(&self, key: i16) -> Option<(i16, i16)> {
        self.ranges.get(&key).copied()
    }

    /// Whether the broker offers the API in any version.
    pub fn offers(&self, key: i16) -> bool {
        self.ranges.contains_key(&key)
    }

    /// The newest version of `R` that both sides speak.
    ///
    /// The client's side is `R::VERSIONS`, what the codec can encode. (`ApiKey::valid_versions()` claims more.)
    ///
    /// # Errors
    /// When the broker lacks the API or offers only versions that the codec does not have.
    pub fn negotiate<R: Request>(&self) -> Result<i16, VersionError> {
        self.negotiate_within::<R>(R::VERSIONS)
    }

    /// The newest version of `R` that both sides speak, within `ours`, for a message whose newer versions mean
    /// something that the caller does not want.
    ///
    /// # Errors
    /// As [`ApiVersions::negotiate`].
    pub fn negotiate_within<R: Request>(&self, ours: VersionRange) -> Result<i16, VersionError> {
        let ours = ours.intersect(&R::VERSIONS);
        let (broker_min, broker_max) = self.range(R::KEY).ok_or(VersionError::Missing { key: R::KEY })?;
        let common = ours.intersect(&VersionRange { min: broker_min, max: broker_max });
        if common.is_empty() {
            return Err(VersionError::Apart {
                key: R::KEY,
                broker_min,
                broker_max,
                client_min: ours.min,
                client_max: ours.max,
            });
        }
        Ok(common.max)
    }

    /// Reads the body of an answer to ApiVersions of the given version. Code 35 always comes in version 0.
    ///
    /// # Errors
    /// When the bytes are something else; this never panics and never allocates more than the bytes are worth.
    pub fn read(mut body: Bytes, version: i16) -> Result<ApiVersionsAnswer, NotApiVersions> {
        let error_code = body.try_get_i16().map_err(|_| NotApiVersions)?;
        let flexible = version >= 3 && error_code != 35;
        let count = if flexible {
            // A compact array counts one more than it holds; 0 is null, which this field may not be.
            u64::from(unsigned_varint(&mut body)?).checked_sub(1).ok_or(NotApiVersions)?
        } else {
            u64::try_from(body.try_get_i32().map_err(|_| NotApiVersions)?).map_err(|_| NotApiVersions)?
        };
        let mut ranges = BTreeMap::new();
        for _ in 0..count {
            let mut field = || body.try_get_i16().map_err(|_| NotApiVersions);
            let (key, min, max) = (field()?, field()?, field()?);
            if flexible {
                skip_tagged_fields(&mut body)?;
            }
            ranges.insert(key, (min, max));
        }
        if error_code == 0 && !ranges.contains_key(&API_VERSIONS) {
            return Err(NotApiVersions);
        }
        Ok(ApiVersionsAnswer { error_code, versions: ApiVersions { ranges } })
    }
}

impl FromIterator<(i16, (i16, i16))> for ApiVersions {
    fn from_iter<T: IntoIterator<Item = (i16, (i16, i16))>>(ranges: T) -> Self {
        ApiVersions { ranges: ranges.into_iter().collect() }
    }
}

fn unsigned_varint(bytes: &mut Bytes) -> Result<u32, NotApiVersions> {
    let mut value = 0u32;
    for shift in [0, 7, 14, 21, 28] {
        let byte = bytes.try_get_u8().map_err(|_| NotApiVersions)?;
        value |= u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(NotApiVersions)
}

fn skip_tagged_fields(bytes: &mut Bytes) -> Result<(), NotApiVersions> {
    for _ in 0..unsigned_varint(bytes)? {
        unsigned_varint(bytes)?;
        let size = unsigned_varint(bytes)? as usize;
        if size > bytes.remaining() {
            return Err(NotApiVersions);
        }
        bytes.advance(size);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::BytesMut;
    use kafka_protocol::messages::api_versions_response::ApiVersion;
    use kafka_protocol::messages::{ApiVersionsResponse, MetadataRequest, OffsetFetchRequest};
    use kafka_protocol::protocol::{Encodable, Message};
    use proptest::prelude::*;

    fn offered(ranges: &[(i16, (i16, i16))]) -> ApiVersions {
        ranges.iter().copied().collect()
    }

    #[test]
    fn the_newest_common_version_is_spoken() {
        assert_eq!(offered(&[(3, (0, 5))]).negotiate::<MetadataRequest>(), Ok(5));
        assert_eq!(
            offered(&[(3, (0, 99))]).negotiate::<MetadataRequest>(),
            Ok(MetadataRequest::VERSIONS.max)
        );
    }

    #[test]
    fn versions_that_the_codec_cannot_encode_are_not_chosen() {
        let version = offered(&[(9, (1, 10))]).negotiate::<OffsetFetchRequest>().expect("a version");
        let mut buffer = BytesMut::new();
        OffsetFetchRequest::default().encode(&mut buffer, version).expect("encodes");
    }

    #[test]
    fn no_common_version_names_both_ranges() {
        let error = offered(&[(3, (90, 99))]).negotiate::<MetadataRequest>().expect_err("apart");
        assert_eq!(
            error.to_string(),
            "the broker offers Metadata in versions 90-99, this client speaks 0-13"
        );
        let error = offered(&[]).negotiate::<MetadataRequest>().expect_err("missing");
        assert_eq!(error.to_string(), "the broker does not offer Metadata");
    }

    #[test]
    fn what_the_codec_writes_is_read() {
        let keys = [(18, 0, 4), (3, 0, 13)]
            .map(|(key, min, max)| {
                ApiVersion::default().with_api_key(key).with_min_version(min).with_max_version(max)
            })
            .to_vec();
        for version in 0..=4 {
            let mut buffer = BytesMut::new();
            let response = ApiVersionsResponse::default().with_api_keys(keys.clone());
            response.encode(&mut buffer, version).expect("encodes");
            let answer = ApiVersions::read(buffer.freeze(), version).expect("reads");
            assert_eq!(answer.versions, offered(&[(3, (0, 13)), (18, (0, 4))]));
        }
    }

    #[test]
    fn a_refused_version_is_answered_in_version_0() {
        let mut buffer = BytesMut::new();
        let response = ApiVersionsResponse::default().with_error_code(35);
        response.encode(&mut buffer, 0).expect("encodes");
        assert_eq!(ApiVersions::read(buffer.freeze(), 4).expect("reads").error_code, 35);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64), version in 0i16..5) {
            let _ = ApiVersions::read(Bytes::from(bytes), version);
        }
    }
}
