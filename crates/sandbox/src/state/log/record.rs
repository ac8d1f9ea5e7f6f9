//! The records inside a batch.

use crate::state::log::batch::{Batch, CorruptBatch, Header};
use crate::state::log::compression::{pack, unpack};
use crate::state::log::varint;
use bytes::{Buf, BufMut, Bytes, BytesMut};

/// A record. Its headers stay as they stand in the batch, for a map of them would lose names that come twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its offset.
    pub offset: i64,
    /// Milliseconds since 1970 in UTC; −1 for none.
    pub timestamp: i64,
    /// The key.
    pub key: Option<Bytes>,
    /// The value; a record without one is a tombstone on a compacted topic.
    pub value: Option<Bytes>,
    /// Their number and the headers themselves, as written on the wire.
    pub headers: Bytes,
}

impl Record {
    /// A record without headers; it gets its offset when it is appended.
    pub fn new(timestamp: i64, key: Option<Bytes>, value: Option<Bytes>) -> Record {
        Record { offset: 0, timestamp, key, value, headers: Bytes::from_static(&[0]) }
    }
}

/// Reads the records of a batch, unpacked where they are compressed.
///
/// # Errors
/// When the bytes are not what the header says.
pub fn records(batch: &Batch) -> Result<Vec<Record>, CorruptBatch> {
    let header = batch.header();
    let mut from = unpack(header.compression(), batch.payload())?;
    let mut read = Vec::new();
    for _ in 0..header.count {
        read.push(record(&mut from, header).ok_or_else(unreadable)?);
    }
    if from.has_remaining() {
        let words = "Incorrect declared batch size, records still remaining in file";
        return Err(CorruptBatch::Records(words.to_owned()));
    }
    Ok(read)
}

fn unreadable() -> CorruptBatch {
    CorruptBatch::Records("a record does not end within its batch".to_owned())
}

/// Writes a batch of these records, whose offsets lie within the header's. Count and timestamps are theirs.
///
/// # Errors
/// When the header names a codec that there is not.
pub fn write(header: &Header, records: &[Record]) -> Result<Batch, CorruptBatch> {
    let mut header = *header;
    header.count = i32::try_from(records.len()).unwrap_or(i32::MAX);
    if let Some(first) = records.first() {
        header.max_timestamp = records.iter().map(|record| record.timestamp).max().unwrap_or(first.timestamp);
        if header.delete_horizon().is_none() {
            header.base_timestamp = first.timestamp;
        }
    }
    let mut plain = BytesMut::new();
    let mut body = BytesMut::new();
    for record in records {
        body.clear();
        body.put_i8(0);
        varint::put(&mut body, record.timestamp.wrapping_sub(header.base_timestamp));
        varint::put(&mut body, record.offset.wrapping_sub(header.base_offset));
        for field in [&record.key, &record.value] {
            let length = field.as_ref().map(Bytes::len);
            varint::put(&mut body, length.map_or(-1, |length| i64::try_from(length).unwrap_or(i64::MAX)));
            body.put_slice(field.as_deref().unwrap_or_default());
        }
        body.put_slice(&record.headers);
        varint::put(&mut plain, i64::try_from(body.len()).unwrap_or(i64::MAX));
        plain.put_slice(&body);
    }
    Ok(Batch::new(header, &pack(header.compression(), &plain)?))
}

/// Reads one record; `None` when it does not end within its batch, or its fields not within it.
fn record(from: &mut Bytes, header: &Header) -> Option<Record> {
    let mut body = field(from)??;
    let _attributes = body.try_get_i8().ok()?;
    let since = varint::take(&mut body)?;
    let delta = varint::take(&mut body)?;
    let key = field(&mut body)?;
    let value = field(&mut body)?;
    let timestamp = if header.has_append_time() {
        header.max_timestamp
    } else {
        header.base_timestamp.wrapping_add(since)
    };
    Some(Record { offset: header.base_offset.wrapping_add(delta), timestamp, key, value, headers: body })
}

/// Reads bytes with their length before them; the inner `None` stands for the length −1.
fn field(from: &mut Bytes) -> Option<Option<Bytes>> {
    let length = varint::take(from)?;
    let Ok(length) = usize::try_from(length) else { return Some(None) };
    (length <= from.remaining()).then(|| Some(from.split_to(length)))
}
