//! Markers: the control batches that end a transaction in a partition (KIP-98).

use crate::state::log::{Appending, Header, Log, Record, record};
use bytes::{BufMut, Bytes, BytesMut};

/// The end of a producer's transaction in a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marker {
    /// Whose transaction ends.
    pub producer_id: i64,
    /// The producer's epoch from now on.
    pub producer_epoch: i16,
    /// The epoch of the coordinator that writes it.
    pub coordinator_epoch: i32,
    /// Whether the records count; aborted otherwise.
    pub commit: bool,
}

impl Log {
    /// Writes a marker, also where the producer has no open transaction, and gives its offset.
    pub fn end_transaction(&mut self, marker: &Marker, to: &Appending<'_>) -> i64 {
        let offset = self.end();
        let header = Header {
            base_offset: offset,
            leader_epoch: to.leader_epoch,
            attributes: Header::attributes(0, to.rules.append_time, true, true),
            last_offset_delta: 0,
            base_timestamp: to.now_ms,
            max_timestamp: to.now_ms,
            producer_id: marker.producer_id,
            producer_epoch: marker.producer_epoch,
            base_sequence: -1,
            count: 1,
        };
        // Without compression there is nothing that writing could fail on.
        if let Ok(batch) = record::write(&header, &[control(marker, offset, to.now_ms)]) {
            self.push(batch, to);
            self.producers.end(&header, marker.coordinator_epoch, marker.commit);
        }
        offset
    }
}

fn control(marker: &Marker, offset: i64, timestamp: i64) -> Record {
    let mut key = BytesMut::new();
    key.put_i16(0);
    key.put_i16(i16::from(marker.commit));
    let mut value = BytesMut::new();
    value.put_i16(0);
    value.put_i32(marker.coordinator_epoch);
    let headers = Bytes::from_static(&[0]);
    Record { offset, timestamp, key: Some(key.freeze()), value: Some(value.freeze()), headers }
}
