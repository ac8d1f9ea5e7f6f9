//! Reading messages without believing how long they say their arrays are.
//!
//! The codec allocates whatever length an array claims before it reads the first item, and a claim of two billion ends
//! the process. No array has more items than there are bytes left.

use bytes::{Buf, Bytes, TryGetError};
use kafka_protocol::protocol::Decodable;
use kafka_protocol::protocol::buf::ByteBuf;
use std::ops::Range;

/// Reads a message and leaves in `bytes` what follows it.
///
/// # Errors
/// When the bytes are not what this version of the message says; in particular when an array, a text or a blob would be
/// longer than what is left.
pub(crate) fn decode<M: Decodable>(bytes: &mut Bytes, version: i16) -> anyhow::Result<M> {
    // The lengths of arrays cannot be told from other numbers, so every number above what is left is read as one more
    // than that at first. If it was a length, this ends in an error, for there is no item without a byte. If none was,
    // what they are leads nowhere, and they can be read as they are.
    let mut wary = Wary { bytes: bytes.clone(), clamped: false };
    let message = M::decode(&mut wary, version)?;
    if wary.clamped {
        return M::decode(bytes, version);
    }
    *bytes = wary.bytes;
    Ok(message)
}

struct Wary {
    bytes: Bytes,
    /// Whether any number was read as a smaller one.
    clamped: bool,
}

impl Wary {
    /// The number that begins here, seven bits a byte, as lengths are written in flexible versions (KIP-482).
    fn length_ahead(&self) -> usize {
        let bytes = self.bytes.iter().take(5).zip((0..).step_by(7));
        let mut value = 0;
        for (byte, shift) in bytes {
            value |= usize::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                break;
            }
        }
        value
    }
}

impl Buf for Wary {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
    }

    // Lengths in flexible versions are one more than what they count, and take a byte themselves.
    fn try_get_u8(&mut self) -> Result<u8, TryGetError> {
        let (requested, available) = (self.length_ahead(), self.bytes.remaining());
        if requested > available {
            return Err(TryGetError { requested, available });
        }
        self.bytes.try_get_u8()
    }

    fn try_get_i32(&mut self) -> Result<i32, TryGetError> {
        let number = self.bytes.try_get_i32()?;
        let left = i32::try_from(self.bytes.remaining()).unwrap_or(i32::MAX);
        if number <= left {
            return Ok(number);
        }
        self.clamped = true;
        Ok(left.saturating_add(1))
    }
}

impl ByteBuf for Wary {
    fn peek_bytes(&mut self, range: Range<usize>) -> Bytes {
        self.bytes.peek_bytes(range)
    }

    fn get_bytes(&mut self, size: usize) -> Bytes {
        self.bytes.get_bytes(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::{BufMut, BytesMut};
    use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
    use kafka_protocol::messages::{CreateTopicsRequest, JoinGroupRequest, MetadataRequest, TopicName};
    use kafka_protocol::protocol::{Encodable, StrBytes};

    #[test]
    fn what_was_written_is_read_whatever_its_numbers_are() {
        for version in 2..=7 {
            let request = CreateTopicsRequest::default().with_timeout_ms(i32::MAX);
            let mut written = BytesMut::new();
            request.encode(&mut written, version).expect("encodes");
            written.put_u8(7);
            let mut bytes = written.freeze();
            assert_eq!(decode::<CreateTopicsRequest>(&mut bytes, version).expect("decodes"), request);
            assert_eq!(bytes[..], [7], "what follows is left");
        }
        for version in 0..=9 {
            let request = JoinGroupRequest::default().with_session_timeout_ms(45_000);
            let mut written = BytesMut::new();
            request.encode(&mut written, version).expect("encodes");
            let read = decode::<JoinGroupRequest>(&mut written.freeze(), version).expect("decodes");
            assert_eq!(read.session_timeout_ms, 45_000);
        }
        for version in 0..=13 {
            let name = |at: i32| TopicName(StrBytes::from_string(format!("topic-{at}")));
            let topic = |at| MetadataRequestTopic::default().with_name(Some(name(at)));
            let request = MetadataRequest::default().with_topics(Some((0..300).map(topic).collect()));
            let mut written = BytesMut::new();
            request.encode(&mut written, version).expect("encodes");
            assert_eq!(decode::<MetadataRequest>(&mut written.freeze(), version).expect("decodes"), request);
        }
    }

    #[test]
    fn an_array_is_not_longer_than_what_is_left() {
        // Two billion topics, in four bytes and as a varint.
        for (version, length) in [(4, &[0x7f, 0xff, 0xff, 0xff][..]), (9, &[0xff, 0xff, 0xff, 0xff, 0x07])] {
            for rest in [0, 3, 40] {
                let mut bytes = Bytes::from([length, &vec![1; rest]].concat());
                assert!(decode::<MetadataRequest>(&mut bytes, version).is_err(), "{version} {rest}");
            }
        }
    }
}
