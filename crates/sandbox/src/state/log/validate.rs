//! What a broker looks at before it appends a batch.

use crate::state::log::{Batch, CorruptBatch, Record, Rejected, Rules, records};
use bytes::Bytes;
use kafka_protocol::error::ResponseError;

/// The one batch that a request has for a partition, since version 3 of Produce.
///
/// # Errors
/// When there is none, there are several, or it is of another format: a broker does not ask the log then.
pub(super) fn single(bytes: &Bytes) -> Result<Batch, Rejected> {
    match Batch::first(bytes) {
        Ok((batch, rest)) if rest.is_empty() => Ok(batch),
        Ok(_) | Err(CorruptBatch::Short | CorruptBatch::Magic(0 | 1)) => {
            Err(ResponseError::InvalidRecord.into())
        }
        Err(CorruptBatch::Magic(magic)) => {
            let message = Some(format!("Invalid magic found in record: {magic}"));
            Err(Rejected { message, ..ResponseError::CorruptMessage.into() })
        }
        Err(_) => Err(ResponseError::CorruptMessage.into()),
    }
}

/// Looks at a producer's batch, and gives its records: it has to be whole, in order, and within the topic's bounds.
pub(super) fn validate(
    batch: &Batch,
    place: &str,
    now_ms: i64,
    rules: &Rules,
) -> Result<Vec<Record>, Rejected> {
    let header = batch.header();
    if header.base_offset != 0 {
        return Err(ResponseError::InvalidRecord.into());
    }
    if batch.bytes().len() > rules.max_message_bytes {
        return Err(ResponseError::MessageTooLarge.into());
    }
    batch.check().map_err(|_| ResponseError::CorruptMessage)?;
    let dense = header.count > 0 && i64::from(header.count) == i64::from(header.last_offset_delta) + 1;
    if header.is_control() || !dense {
        return Err(ResponseError::InvalidRecord.into());
    }
    // A broker does not foresee bytes that cannot be unpacked, and answers as to a fault of its own.
    let records = records(batch).map_err(|_| ResponseError::UnknownServerError)?;
    if records.iter().zip(0..).any(|(record, place)| record.offset != place) {
        return Err(ResponseError::InvalidRecord.into());
    }
    keyed(&records, place, rules)?;
    timely(&records, now_ms, rules)?;
    Ok(records)
}

/// A compacted topic keeps the last record of each key, so each record needs one.
fn keyed(records: &[Record], place: &str, rules: &Rules) -> Result<(), Rejected> {
    let without = |record: &Record| rules.compact && record.key.is_none();
    let words =
        |_: &Record| format!("Compacted topic cannot accept message without key in topic partition {place}");
    let blamed = blamed(records, without, words);
    if blamed.is_empty() {
        return Ok(());
    }
    let shown =
        blamed.iter().take(3).map(|(at, words)| format!("RecordError(batchIndex={at}, message='{words}')"));
    let message = format!(
        "One or more records have been rejected due to {} record errors in total, and only showing the first three errors at most: [{}]",
        blamed.len(),
        shown.collect::<Vec<_>>().join(", ")
    );
    Err(Rejected { message: Some(message), records: blamed, ..ResponseError::InvalidRecord.into() })
}

fn timely(records: &[Record], now_ms: i64, rules: &Rules) -> Result<(), Rejected> {
    if rules.append_time {
        return Ok(());
    }
    let (oldest, newest) =
        (now_ms.saturating_sub(rules.before_max_ms), now_ms.saturating_add(rules.after_max_ms));
    let outside = |record: &Record| record.timestamp != -1 && !(oldest..=newest).contains(&record.timestamp);
    let words = |record: &Record| {
        let Record { timestamp, offset, .. } = record;
        format!(
            "Timestamp {timestamp} of message with offset {offset} is out of range. The timestamp should be within [{oldest}, {newest}]"
        )
    };
    let blamed = blamed(records, outside, words);
    if blamed.is_empty() {
        return Ok(());
    }
    let message = "One or more records have been rejected due to invalid timestamp".to_owned();
    Err(Rejected { message: Some(message), records: blamed, ..ResponseError::InvalidTimestamp.into() })
}

fn blamed(
    records: &[Record],
    bad: impl Fn(&Record) -> bool,
    words: impl Fn(&Record) -> String,
) -> Vec<(i32, String)> {
    records
        .iter()
        .zip(0..)
        .filter(|(record, _)| bad(record))
        .map(|(record, at)| (at, words(record)))
        .collect()
}
