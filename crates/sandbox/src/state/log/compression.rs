//! Records packed and unpacked with the codecs that a batch may name.

use crate::state::log::CorruptBatch;
use bytes::{Bytes, BytesMut};
use kafka_protocol::compression::{Compressor, Decompressor, Gzip, Lz4, None as Plain, Snappy, Zstd};

/// Unpacks the records of a batch with the codec of this number.
///
/// # Errors
/// When the codec has no such number, or the bytes are not what it writes.
pub(super) fn unpack(codec: i16, mut payload: Bytes) -> Result<Bytes, CorruptBatch> {
    let take = |bytes: &mut Bytes| Ok(std::mem::take(bytes));
    let unpacked = match codec {
        0 => return Ok(payload),
        1 => Gzip::decompress(&mut payload, |bytes| Ok(bytes.clone())),
        2 => Snappy::decompress(&mut payload, take),
        3 => Lz4::decompress(&mut payload, take),
        4 => Zstd::decompress(&mut payload, take),
        other => return Err(CorruptBatch::Records(format!("Unknown compression type id: {other}"))),
    };
    unpacked.map_err(|error| CorruptBatch::Records(format!("{error:#}")))
}

/// Packs records with the codec of this number.
///
/// # Errors
/// When the codec has no such number.
pub(super) fn pack(codec: i16, records: &[u8]) -> Result<Bytes, CorruptBatch> {
    let mut packed = BytesMut::new();
    let fill = |buffer: &mut BytesMut| {
        buffer.extend_from_slice(records);
        Ok(())
    };
    let done = match codec {
        0 => Plain::compress(&mut packed, fill),
        1 => Gzip::compress(&mut packed, fill),
        2 => Snappy::compress(&mut packed, fill),
        3 => Lz4::compress(&mut packed, fill),
        4 => Zstd::compress(&mut packed, fill),
        other => return Err(CorruptBatch::Records(format!("Unknown compression type id: {other}"))),
    };
    done.map(|()| packed.freeze()).map_err(|error| CorruptBatch::Records(format!("{error:#}")))
}
