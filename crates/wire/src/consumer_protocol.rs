//! What a member of a classic consumer group is assigned: bytes that the group's own clients write and no broker ever
//! checks, so they are read by hand. (The codec allocates whatever length an array claims.)
//!
//! Layout: ConsumerProtocolAssignment of the protocol, v0–3: version, topics with their partitions, user data.

use bytes::{Buf, Bytes};
use kafka_protocol::protocol::StrBytes;

/// Topics with the numbers of their partitions.
pub type Assignment = Vec<(StrBytes, Vec<i32>)>;

/// Reads an assignment; `None` when the bytes are something else, as from a client with a protocol of its own. Never
/// panics, and never allocates more than the bytes are worth.
pub fn read_assignment(mut bytes: Bytes) -> Option<Assignment> {
    let version = bytes.try_get_i16().ok()?;
    if version < 0 {
        return None;
    }
    let topics = count(&mut bytes)?;
    let mut assignment = Assignment::new();
    for _ in 0..topics {
        let length = usize::try_from(bytes.try_get_i16().ok()?).ok()?;
        if length > bytes.remaining() {
            return None;
        }
        let topic = StrBytes::from_utf8(bytes.split_to(length)).ok()?;
        let partitions = count(&mut bytes)?;
        if partitions.checked_mul(4)? > bytes.remaining() {
            return None;
        }
        let partitions = (0..partitions).map_while(|_| bytes.try_get_i32().ok()).collect();
        assignment.push((topic, partitions));
    }
    Some(assignment)
}

fn count(bytes: &mut Bytes) -> Option<usize> {
    usize::try_from(bytes.try_get_i32().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::{BufMut, BytesMut};
    use kafka_protocol::messages::consumer_protocol_assignment::TopicPartition;
    use kafka_protocol::messages::{ConsumerProtocolAssignment, TopicName};
    use kafka_protocol::protocol::Encodable;
    use proptest::prelude::*;

    fn written(version: i16) -> Bytes {
        let topic = TopicPartition::default()
            .with_topic(TopicName(StrBytes::from_static_str("orders")))
            .with_partitions(vec![2, 0]);
        let mut bytes = BytesMut::new();
        bytes.put_i16(version);
        let assignment = ConsumerProtocolAssignment::default().with_assigned_partitions(vec![topic]);
        assignment.encode(&mut bytes, version).expect("encodes");
        bytes.freeze()
    }

    #[test]
    fn what_the_codec_writes_is_read_in_every_version() {
        for version in 0..=3 {
            let expected = vec![(StrBytes::from_static_str("orders"), vec![2, 0])];
            assert_eq!(read_assignment(written(version)), Some(expected));
        }
    }

    #[test]
    fn an_assignment_cut_short_is_none() {
        // The last four bytes are user data, which nobody reads.
        let whole = written(3);
        for length in 0..whole.len() - 4 {
            assert_eq!(read_assignment(whole.slice(..length)), None, "{length}");
        }
    }

    #[test]
    fn lengths_that_the_bytes_are_not_worth_are_not_believed() {
        let claims: [&[u8]; 3] = [
            &[0, 0, 0x7f, 0xff, 0xff, 0xff],
            &[0, 0, 0, 0, 0, 1, 0x7f, 0xff],
            &[0, 0, 0, 0, 0, 1, 0, 1, b'a', 0x7f, 0xff, 0xff, 0xff],
        ];
        for claim in claims {
            assert_eq!(read_assignment(Bytes::from_static(claim)), None);
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = read_assignment(Bytes::from(bytes));
        }
    }
}
