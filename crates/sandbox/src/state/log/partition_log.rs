//! The log of a partition, and appending to it.

use crate::state::log::producers::Verdict;
use crate::state::log::validate::{single, validate};
use crate::state::log::{
    Batch, CorruptBatch, Epochs, Header, Producers, Record, Rejected, Rules, Segment, record,
};
use bytes::Bytes;
use kafka_protocol::error::ResponseError;

/// The log of a partition. The offsets keep `start ≤ last stable ≤ high watermark ≤ end`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    pub(super) segments: Vec<Segment>,
    pub(super) start: i64,
    end: i64,
    high_watermark: i64,
    pub(super) epochs: Epochs,
    pub(super) producers: Producers,
}

/// The circumstances of an append.
#[derive(Debug, Clone, Copy)]
pub struct Appending<'a> {
    /// The partition, as messages name it: `topic-0`.
    pub place: &'a str,
    /// The leader's epoch.
    pub leader_epoch: i32,
    /// Milliseconds since 1970.
    pub now_ms: i64,
    /// The topic's configs.
    pub rules: &'a Rules,
}

/// What came of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// The offset of the batch's first record.
    pub base_offset: i64,
    /// When the broker appended it, in milliseconds since 1970, where the topic says so; −1 otherwise.
    pub append_time_ms: i64,
}

impl Log {
    /// The first offset that can be read.
    pub fn start(&self) -> i64 {
        self.start
    }

    /// The offset that the next record gets.
    pub fn end(&self) -> i64 {
        self.end
    }

    /// The offset up to which the log is replicated, and can be read.
    pub fn high_watermark(&self) -> i64 {
        self.high_watermark
    }

    /// The offset up to which every transaction has ended: where readers of what is committed stop.
    pub fn last_stable(&self) -> i64 {
        self.producers.first_open().map_or(self.high_watermark, |first| first.min(self.high_watermark))
    }

    /// Its size in bytes.
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    /// Its segments, the oldest first.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The leader epochs in which it was written.
    pub fn epochs(&self) -> &Epochs {
        &self.epochs
    }

    /// The producers that it knows.
    pub fn producers(&self) -> &Producers {
        &self.producers
    }

    /// Notes that a leader writes from now on in this epoch.
    pub fn lead(&mut self, epoch: i32) {
        self.epochs.begin(epoch, self.end);
    }

    /// Notes that the in-sync replicas have everything.
    pub fn replicated(&mut self) {
        self.high_watermark = self.end;
    }

    /// Appends the one batch that a client sent.
    ///
    /// # Errors
    /// When a broker would refuse it: nothing is appended then.
    pub fn append(&mut self, bytes: &Bytes, to: &Appending<'_>) -> Result<Appended, Rejected> {
        let batch = single(bytes)?;
        self.append_batch(&batch, to).map_err(|rejected| rejected.by_log(self.start))
    }

    fn append_batch(&mut self, batch: &Batch, to: &Appending<'_>) -> Result<Appended, Rejected> {
        let records = validate(batch, to.place, to.now_ms, to.rules)?;
        match self.producers.judge(batch.header())? {
            Verdict::Again { base_offset, timestamp } => {
                return Ok(Appended { base_offset, append_time_ms: timestamp });
            }
            Verdict::New => {}
        }
        let batch = self.placed(batch, &records, to)?;
        let base_offset = batch.header().base_offset;
        self.producers.note(batch.header());
        self.push(batch, to);
        Ok(Appended { base_offset, append_time_ms: if to.rules.append_time { to.now_ms } else { -1 } })
    }

    /// Appends records as one batch of a producer without an id, and gives the first one's offset.
    ///
    /// # Errors
    /// As for a client's batch.
    pub fn append_records(&mut self, records: &[Record], to: &Appending<'_>) -> Result<i64, Rejected> {
        let mut records = records.to_vec();
        for (record, place) in records.iter_mut().zip(0..) {
            record.offset = place;
        }
        let batch = write_plain(&records).map_err(unwritable)?;
        self.append(batch.bytes(), to).map(|appended| appended.base_offset)
    }

    /// The batch as the leader keeps it.
    fn placed(&self, batch: &Batch, records: &[Record], to: &Appending<'_>) -> Result<Batch, Rejected> {
        let header = batch.header();
        let newest = records.iter().map(|record| record.timestamp).max().unwrap_or(-1);
        let newest = if to.rules.append_time { to.now_ms } else { newest };
        let codec = to.rules.codec.filter(|codec| *codec != header.compression());
        let packed = codec.map(|codec| {
            let attributes = Header::attributes(codec, false, header.is_transactional(), false);
            record::write(&Header { attributes, ..*header }, records)
        });
        let batch = match packed {
            Some(packed) => &packed.map_err(unwritable)?,
            None => batch,
        };
        Ok(batch.placed(self.end, to.leader_epoch, to.rules.append_time, newest))
    }

    /// Puts a batch at the end, in a new segment where the last one is full.
    pub(super) fn push(&mut self, batch: Batch, to: &Appending<'_>) {
        self.epochs.begin(to.leader_epoch, self.end);
        let (bytes, newest) = (batch.bytes().len() as u64, batch.header().max_timestamp);
        let end = batch.header().last_offset() + 1;
        let full = |last: &Segment| last.is_full_for(bytes, newest, to.now_ms, to.rules);
        if self.segments.last().is_none_or(full) {
            self.segments.push(Segment::new(self.end, to.now_ms));
        }
        if let Some(segment) = self.segments.last_mut() {
            segment.push(batch);
        }
        self.end = end;
    }

    /// Moves the start on, as DeleteRecords does, and gives the new one. It never goes back.
    ///
    /// # Errors
    /// When the offset is past the high watermark.
    pub fn delete_before(&mut self, offset: i64) -> Result<i64, ResponseError> {
        if offset < 0 || offset > self.high_watermark {
            return Err(ResponseError::OffsetOutOfRange);
        }
        self.begin_at(offset);
        Ok(self.start)
    }

    /// Moves the start on, without a look at the high watermark.
    pub(super) fn begin_at(&mut self, offset: i64) {
        if offset > self.start {
            self.start = offset;
            self.epochs.drop_before(offset);
            self.producers.drop_before(offset);
        }
    }
}

fn write_plain(records: &[Record]) -> Result<Batch, CorruptBatch> {
    let header = Header {
        base_offset: 0,
        leader_epoch: -1,
        attributes: 0,
        last_offset_delta: i32::try_from(records.len()).unwrap_or(i32::MAX) - 1,
        base_timestamp: -1,
        max_timestamp: -1,
        producer_id: -1,
        producer_epoch: -1,
        base_sequence: -1,
        count: 0,
    };
    record::write(&header, records)
}

fn unwritable(_: CorruptBatch) -> Rejected {
    ResponseError::UnknownServerError.into()
}
