//! What consumers say of themselves in the protocol type `consumer`: bytes that brokers only pass on, but for the
//! topics in them, which guard the offsets of a live group (KIP-496).
//!
//! Layout: ConsumerProtocolSubscription and ConsumerProtocolAssignment of the protocol.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use std::collections::BTreeMap;

/// The topics of a subscription; `None` when the bytes are something else.
pub(crate) fn subscribed_topics(mut bytes: Bytes) -> Option<Vec<String>> {
    let version = bytes.try_get_i16().ok()?;
    if version < 0 {
        return None;
    }
    let count = bytes.try_get_i32().ok()?;
    let mut topics = Vec::new();
    for _ in 0..count {
        let length = usize::try_from(bytes.try_get_i16().ok()?).ok()?;
        if length > bytes.remaining() {
            return None;
        }
        topics.push(String::from_utf8(bytes.split_to(length).to_vec()).ok()?);
    }
    Some(topics)
}

/// A subscription to topics, in version 0.
pub(crate) fn subscription<'a>(topics: impl ExactSizeIterator<Item = &'a str>) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i16(0);
    bytes.put_i32(i32::try_from(topics.len()).unwrap_or(i32::MAX));
    for topic in topics {
        put_text(&mut bytes, topic);
    }
    bytes.put_i32(NO_USER_DATA);
    bytes.freeze()
}

/// An assignment of partitions by topic, in version 0.
pub(crate) fn assignment(partitions: &BTreeMap<String, Vec<i32>>) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i16(0);
    bytes.put_i32(i32::try_from(partitions.len()).unwrap_or(i32::MAX));
    for (topic, numbers) in partitions {
        put_text(&mut bytes, topic);
        bytes.put_i32(i32::try_from(numbers.len()).unwrap_or(i32::MAX));
        for number in numbers {
            bytes.put_i32(*number);
        }
    }
    bytes.put_i32(NO_USER_DATA);
    bytes.freeze()
}

/// The length of absent bytes.
const NO_USER_DATA: i32 = -1;

// Names of topics are at most 249 bytes long.
fn put_text(bytes: &mut BytesMut, text: &str) {
    bytes.put_i16(i16::try_from(text.len()).unwrap_or(i16::MAX));
    bytes.put_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::{ConsumerProtocolAssignment, ConsumerProtocolSubscription};
    use kafka_protocol::protocol::{Decodable, Encodable, StrBytes};
    use proptest::prelude::*;

    #[test]
    fn the_codec_reads_what_is_written() {
        let mut bytes = subscription(["orders", "returns"].into_iter());
        assert_eq!(bytes.get_i16(), 0);
        let read = ConsumerProtocolSubscription::decode(&mut bytes, 0).expect("a subscription");
        assert_eq!(read.topics.iter().map(|topic| topic.as_str()).collect::<Vec<_>>(), ["orders", "returns"]);
        let mut bytes = assignment(&BTreeMap::from([("orders".to_owned(), vec![0, 2])]));
        assert_eq!(bytes.get_i16(), 0);
        let read = ConsumerProtocolAssignment::decode(&mut bytes, 0).expect("an assignment");
        assert_eq!(read.assigned_partitions[0].topic.as_str(), "orders");
        assert_eq!(read.assigned_partitions[0].partitions, [0, 2]);
    }

    #[test]
    fn subscriptions_of_every_version_are_read() {
        for version in 0..=3 {
            let mut bytes = BytesMut::new();
            bytes.put_i16(version);
            let topics = vec![StrBytes::from_static_str("orders")];
            let subscription = ConsumerProtocolSubscription::default().with_topics(topics);
            subscription.encode(&mut bytes, version).expect("encodes");
            assert_eq!(subscribed_topics(bytes.freeze()), Some(vec!["orders".to_owned()]));
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = subscribed_topics(Bytes::from(bytes));
        }
    }
}
