//! What a broker looks at before it appends a batch.

use crate::state::log::{Batch, CorruptBatch, Record, Rejected, Rules, records};
use bytes::Bytes;
use kafka_protocol::error::ResponseError;

/// A batch that may be appended, with what its records are needed for afterwards.
#[derive(Debug)]
pub(super) struct Valid {
    pub(super) batch: Batch,
    pub(super) records: Vec<Record>,
}

/// Looks at what a producer sent to one partition: a single batch, whole, in order, within the topic's bounds.
pub(super) fn validate(bytes: &Bytes, place: &str, now_ms: i64, rules: &Rules) -> Result<Valid, Rejected> {
    let batch = single(bytes)?;
    let header = *batch.header();
    if header.base_offset != 0 {
        let base = header.base_offset;
        return Err(invalid(format!(
            "The baseOffset of the record batch in the append to {place} should be 0, but it is {base}"
        )));
    }
    if bytes.len() > rules.max_message_bytes {
        let words = format!(
            "The record batch size in the append to {place} is {} bytes which exceeds the maximum configured value of {}.",
            bytes.len(),
            rules.max_message_bytes
        );
        return Err(Rejected::whole(ResponseError::MessageTooLarge, Some(words)));
    }
    batch.check().map_err(|error| corrupt(&error))?;
    if header.is_control() {
        return Err(invalid("Clients are not allowed to write control records".to_owned()));
    }
    let dense = header.count > 0 && i64::from(header.count) == i64::from(header.last_offset_delta) + 1;
    if !dense {
        let (count, delta) = (header.count, header.last_offset_delta);
        return Err(invalid(format!(
            "Inconsistent batch offset range [0, {delta}] and count of records {count}"
        )));
    }
    let records = records(&batch).map_err(|error| corrupt(&error))?;
    if records.iter().zip(0..).any(|(record, place)| record.offset != place) {
        return Err(invalid("Record offsets are not consecutive from the base offset".to_owned()));
    }
    keyed(&records, place, rules)?;
    timely(&batch, &records, now_ms, rules)?;
    Ok(Valid { batch, records })
}

fn single(bytes: &Bytes) -> Result<Batch, Rejected> {
    let (batch, rest) = Batch::first(bytes).map_err(|error| match error {
        CorruptBatch::Magic(0 | 1) => Rejected::whole(ResponseError::InvalidRecord, None),
        other => corrupt(&other),
    })?;
    // One request, one batch a partition, since version 3 of Produce.
    if rest.is_empty() { Ok(batch) } else { Err(ResponseError::InvalidRecord.into()) }
}

fn invalid(words: String) -> Rejected {
    Rejected::whole(ResponseError::InvalidRecord, Some(words))
}

fn corrupt(error: &CorruptBatch) -> Rejected {
    Rejected::whole(ResponseError::CorruptMessage, Some(error.to_string()))
}

/// A compacted topic keeps the last record of each key, so each record needs one.
fn keyed(records: &[Record], place: &str, rules: &Rules) -> Result<(), Rejected> {
    let words = format!("Compacted topic cannot accept message without key in topic partition {place}.");
    let without = |record: &Record| rules.compact && record.key.is_none();
    refused(records, without, |_| words.clone(), ResponseError::InvalidRecord)
}

fn timely(batch: &Batch, records: &[Record], now_ms: i64, rules: &Rules) -> Result<(), Rejected> {
    if rules.append_time {
        return Ok(());
    }
    if batch.header().has_append_time() {
        let words =
            "Invalid timestamp type in message. Producer should not set timestamp type to LogAppendTime.";
        return Err(Rejected::whole(ResponseError::InvalidTimestamp, Some(words.to_owned())));
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
    refused(records, outside, words, ResponseError::InvalidTimestamp)
}

fn refused(
    records: &[Record],
    bad: impl Fn(&Record) -> bool,
    words: impl Fn(&Record) -> String,
    error: ResponseError,
) -> Result<(), Rejected> {
    let blamed = records.iter().zip(0..).filter(|(record, _)| bad(record));
    let blamed: Vec<(i32, Option<String>)> =
        blamed.map(|(record, place)| (place, Some(words(record)))).collect();
    if blamed.is_empty() {
        return Ok(());
    }
    Err(Rejected { error, message: None, records: blamed })
}
