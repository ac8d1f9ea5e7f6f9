//! A record batch (magic 2, KIP-98) as bytes, with its header read.

use bytes::{Buf, BufMut, Bytes, BytesMut};

/// Bytes of a batch before its records.
pub const HEADER_BYTES: usize = 61;
/// Base offset and length: what stands before the bytes that the length counts.
pub const LOG_OVERHEAD: usize = 12;
/// Where the bytes begin that the checksum covers.
const CRC_COVERS_FROM: usize = 21;
/// The only format that brokers take since 4.0 (KIP-724).
pub const MAGIC: i8 = 2;

const COMPRESSION: i16 = 0b111;
const LOG_APPEND_TIME: i16 = 1 << 3;
const TRANSACTIONAL: i16 = 1 << 4;
const CONTROL: i16 = 1 << 5;
const DELETE_HORIZON: i16 = 1 << 6;

/// The header of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The offset of the first record, also where compaction has removed it.
    pub base_offset: i64,
    /// The leader's epoch when the batch was appended.
    pub leader_epoch: i32,
    /// Compression, type of the timestamps, transactional, control, delete horizon: as bits.
    pub attributes: i16,
    /// The last offset less the base offset.
    pub last_offset_delta: i32,
    /// What the timestamps of the records count from, in milliseconds; the delete horizon where that bit is set.
    pub base_timestamp: i64,
    /// The greatest timestamp of the records, in milliseconds.
    pub max_timestamp: i64,
    /// The producer's id; −1 for a producer without one.
    pub producer_id: i64,
    /// The producer's epoch; −1 for a producer without one.
    pub producer_epoch: i16,
    /// The first record's sequence number; −1 for a producer without them.
    pub base_sequence: i32,
    /// How many records there are.
    pub count: i32,
}

impl Header {
    /// The offset of the last record, also where compaction has removed it.
    pub fn last_offset(&self) -> i64 {
        self.base_offset + i64::from(self.last_offset_delta)
    }

    /// The last record's sequence number; numbers start again at 0 after 2³¹ − 1. −1 without them.
    pub fn last_sequence(&self) -> i32 {
        if self.base_sequence < 0 { -1 } else { sequence_after(self.base_sequence, self.last_offset_delta) }
    }

    /// The number of the codec that compressed the records; 0 for none.
    pub fn compression(&self) -> i16 {
        self.attributes & COMPRESSION
    }

    /// Whether all records carry the time at which the broker appended them.
    pub fn has_append_time(&self) -> bool {
        self.attributes & LOG_APPEND_TIME != 0
    }

    /// Whether the batch is part of a transaction.
    pub fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL != 0
    }

    /// Whether the batch is a marker of a transaction's end, which consumers do not see.
    pub fn is_control(&self) -> bool {
        self.attributes & CONTROL != 0
    }

    /// From when on compaction may remove the tombstones of the batch, in milliseconds since 1970.
    pub fn delete_horizon(&self) -> Option<i64> {
        (self.attributes & DELETE_HORIZON != 0).then_some(self.base_timestamp)
    }

    /// The attribute bits for these properties.
    pub fn attributes(compression: i16, append_time: bool, transactional: bool, control: bool) -> i16 {
        let bit = |set: bool, mask: i16| if set { mask } else { 0 };
        (compression & COMPRESSION)
            | bit(append_time, LOG_APPEND_TIME)
            | bit(transactional, TRANSACTIONAL)
            | bit(control, CONTROL)
    }

    /// The same attributes with the bit of the delete horizon set.
    pub fn with_delete_horizon(attributes: i16) -> i16 {
        attributes | DELETE_HORIZON
    }
}

/// The sequence number `by` records after another.
pub fn sequence_after(sequence: i32, by: i32) -> i32 {
    let sum = i64::from(sequence) + i64::from(by);
    i32::try_from(sum % (i64::from(i32::MAX) + 1)).unwrap_or_default()
}

/// Bytes that are no record batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CorruptBatch {
    /// There are too few bytes.
    #[error("the batch ends in its middle")]
    Short,
    /// The format is an old or unknown one.
    #[error("the batch has magic {0}")]
    Magic(i8),
    /// The checksum is not that of the bytes.
    #[error("Record is corrupt (stored crc = {stored}, computed crc = {computed})")]
    Checksum {
        /// As the batch says.
        stored: u32,
        /// As the bytes say.
        computed: u32,
    },
    /// The records cannot be read.
    #[error("{0}")]
    Records(String),
}

/// A record batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    header: Header,
    bytes: Bytes,
}

impl Batch {
    /// Reads the first batch of some bytes, and gives the bytes after it.
    ///
    /// # Errors
    /// When the bytes are too short or the format is another. The checksum is not looked at.
    pub fn first(bytes: &Bytes) -> Result<(Batch, Bytes), CorruptBatch> {
        let whole = batch_length(bytes)?;
        let rest = bytes.slice(whole..);
        let bytes = bytes.slice(..whole);
        let header = read_header(bytes.clone()).map_err(|_| CorruptBatch::Short)?;
        Ok((Batch { header, bytes }, rest))
    }

    /// Makes a batch of a header and its records, as they stand after the header: compressed, if at all.
    pub fn new(header: Header, records: &[u8]) -> Batch {
        let mut bytes = BytesMut::with_capacity(HEADER_BYTES + records.len());
        put_header(&mut bytes, &header, records.len());
        bytes.put_slice(records);
        seal(&mut bytes);
        Batch { header, bytes: bytes.freeze() }
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The whole batch.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The records as they stand in the batch: compressed, if at all.
    pub fn payload(&self) -> Bytes {
        self.bytes.slice(HEADER_BYTES.min(self.bytes.len())..)
    }

    /// Compares the checksum with the bytes.
    ///
    /// # Errors
    /// When they differ.
    pub fn check(&self) -> Result<(), CorruptBatch> {
        let stored = self.bytes.get(17..CRC_COVERS_FROM).and_then(|bytes| bytes.first_chunk::<4>());
        let stored = stored.map(|bytes| u32::from_be_bytes(*bytes)).ok_or(CorruptBatch::Short)?;
        let computed = crc32c::crc32c(self.bytes.get(CRC_COVERS_FROM..).unwrap_or_default());
        if stored == computed { Ok(()) } else { Err(CorruptBatch::Checksum { stored, computed }) }
    }

    /// The batch with what a leader writes into it: where it stands, in which epoch, and its timestamps' greatest.
    ///
    /// Base offset and epoch are not part of the checksum; it is computed anew only when the attributes or the
    /// greatest timestamp change.
    pub fn placed(
        &self,
        base_offset: i64,
        leader_epoch: i32,
        append_time: bool,
        max_timestamp: i64,
    ) -> Batch {
        let kept = self.header.attributes & !LOG_APPEND_TIME;
        let attributes = if append_time { kept | LOG_APPEND_TIME } else { kept };
        let header = Header { base_offset, leader_epoch, attributes, max_timestamp, ..self.header };
        let stored = self.bytes.get(17..CRC_COVERS_FROM).unwrap_or_default();
        let payload = self.payload();
        let mut bytes = BytesMut::with_capacity(self.bytes.len());
        put_header(&mut bytes, &header, payload.len());
        bytes.put_slice(&payload);
        if attributes == self.header.attributes && max_timestamp == self.header.max_timestamp {
            bytes[17..CRC_COVERS_FROM].copy_from_slice(stored);
        } else {
            seal(&mut bytes);
        }
        Batch { header, bytes: bytes.freeze() }
    }
}

/// The whole length of the first batch.
fn batch_length(bytes: &Bytes) -> Result<usize, CorruptBatch> {
    let length =
        bytes.get(8..LOG_OVERHEAD).and_then(|bytes| bytes.first_chunk::<4>()).ok_or(CorruptBatch::Short)?;
    // Old formats have their magic in the same place, so that it can be named although they are not read.
    let magic = bytes.get(16).copied().ok_or(CorruptBatch::Short)?;
    let magic = i8::from_be_bytes([magic]);
    if magic != MAGIC {
        return Err(CorruptBatch::Magic(magic));
    }
    let whole = usize::try_from(i32::from_be_bytes(*length)).map_err(|_| CorruptBatch::Short)? + LOG_OVERHEAD;
    if whole < HEADER_BYTES || whole > bytes.len() { Err(CorruptBatch::Short) } else { Ok(whole) }
}

fn read_header(mut from: Bytes) -> Result<Header, bytes::TryGetError> {
    let base_offset = from.try_get_i64()?;
    let _length = from.try_get_i32()?;
    let leader_epoch = from.try_get_i32()?;
    let _magic = from.try_get_i8()?;
    let _crc = from.try_get_u32()?;
    Ok(Header {
        base_offset,
        leader_epoch,
        attributes: from.try_get_i16()?,
        last_offset_delta: from.try_get_i32()?,
        base_timestamp: from.try_get_i64()?,
        max_timestamp: from.try_get_i64()?,
        producer_id: from.try_get_i64()?,
        producer_epoch: from.try_get_i16()?,
        base_sequence: from.try_get_i32()?,
        count: from.try_get_i32()?,
    })
}

/// Writes a header whose checksum is still 0.
fn put_header(bytes: &mut BytesMut, header: &Header, payload: usize) {
    bytes.put_i64(header.base_offset);
    bytes.put_i32(i32::try_from(HEADER_BYTES - LOG_OVERHEAD + payload).unwrap_or(i32::MAX));
    bytes.put_i32(header.leader_epoch);
    bytes.put_i8(MAGIC);
    bytes.put_u32(0);
    bytes.put_i16(header.attributes);
    bytes.put_i32(header.last_offset_delta);
    bytes.put_i64(header.base_timestamp);
    bytes.put_i64(header.max_timestamp);
    bytes.put_i64(header.producer_id);
    bytes.put_i16(header.producer_epoch);
    bytes.put_i32(header.base_sequence);
    bytes.put_i32(header.count);
}

/// Writes the checksum of a whole batch into it.
fn seal(bytes: &mut BytesMut) {
    let crc = crc32c::crc32c(&bytes[CRC_COVERS_FROM..]);
    bytes[17..CRC_COVERS_FROM].copy_from_slice(&crc.to_be_bytes());
}
