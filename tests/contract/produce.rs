//! What is taken of a producer, and what is refused: batches, sequences, times.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::produce_response::PartitionProduceResponse;
use kafka_protocol::messages::{InitProducerIdRequest, ProduceRequest};
use klerk_sandbox::state::log::{Header, Record, write};

use crate::bed::{Bed, code_name, topic_name};
use crate::case::cases;

cases![Same:
    a_batch_that_is_none_is_refused,
    a_batch_that_the_topic_does_not_want_is_refused,
    a_batch_for_a_partition_that_is_not_there_is_refused,
    old_versions_carry_less,
    every_codec_is_taken,
    a_sequence_has_no_gaps_and_repeats_nothing,
    a_topic_may_want_the_time_of_the_append,
    records_may_be_packed_anew,
    who_wants_no_answer_learns_of_a_refusal_by_the_end_of_the_connection,
];

/// The batch that all cases send, or hurt.
pub fn header(count: i32) -> Header {
    Header {
        base_offset: 0,
        leader_epoch: -1,
        attributes: 0,
        last_offset_delta: count - 1,
        base_timestamp: 0,
        max_timestamp: 0,
        producer_id: -1,
        producer_epoch: -1,
        base_sequence: -1,
        count: 0,
    }
}

pub const TIME: i64 = 1_700_000_000_000;

pub fn records(count: i32) -> Vec<Record> {
    let value = |place: i64| Bytes::from(format!("value {place}"));
    let record = |place| Record::new(TIME + place, Some(Bytes::from_static(b"key")), Some(value(place)));
    let numbered = (0..i64::from(count)).map(|place| Record { offset: place, ..record(place) });
    numbered.collect()
}

pub fn batch(header: &Header, count: i32) -> Result<Bytes> {
    Ok(write(header, &records(count))?.bytes().clone())
}

pub fn request(topic: &str, index: i32, batch: Option<Bytes>) -> ProduceRequest {
    let partition = PartitionProduceData::default().with_index(index).with_records(batch);
    let topic = TopicProduceData::default().with_name(topic_name(topic)).with_partition_data(vec![partition]);
    ProduceRequest::default().with_acks(-1).with_timeout_ms(10_000).with_topic_data(vec![topic])
}

fn sent(bed: &Bed, topic: &str, batch: Bytes, version: i16) -> Result<PartitionProduceResponse> {
    let answer = bed.call_leader(topic, 0, &request(topic, 0, Some(batch)), version)?;
    let topic = answer.responses.into_iter().next().context("a topic")?;
    topic.partition_responses.into_iter().next().context("a partition")
}

/// Tells everything that a producer gets to know.
fn told(bed: &Bed, what: &str, answer: &PartitionProduceResponse) {
    let masked = |text: &str| NUMBERS.replace_all(text, "N").into_owned();
    let words = answer.error_message.as_ref().map(|words| masked(words));
    let records: Vec<(i32, Option<String>)> = answer
        .record_errors
        .iter()
        .map(|record| {
            (record.batch_index, record.batch_index_error_message.as_ref().map(|words| masked(words)))
        })
        .collect();
    bed.tell(format!(
        "{what}: {}, offset {}, append time {}, start {}, {words:?}, {records:?}",
        code_name(answer.error_code),
        answer.base_offset,
        answer.log_append_time_ms,
        answer.log_start_offset
    ));
}

static NUMBERS: std::sync::LazyLock<regex::Regex> =
    std::sync::LazyLock::new(|| regex::Regex::new("[0-9]{9,}").expect("a regular expression"));

/// A batch with a byte changed, and its checksum made good again where that is wished.
fn with_byte(batch: &Bytes, place: usize, byte: u8) -> Bytes {
    let mut bytes = batch.to_vec();
    bytes[place] = byte;
    Bytes::from(bytes)
}

fn a_batch_that_is_none_is_refused(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    let good = batch(&header(2), 2)?;
    let two = Bytes::from([good.clone(), good.clone()].concat());
    let short = Header { last_offset_delta: 0, ..header(2) };
    let control = Header { attributes: Header::attributes(0, false, true, true), ..header(2) };
    let append_time = Header { attributes: Header::attributes(0, true, false, false), ..header(2) };
    let codec = Header { attributes: 1, ..header(2) };
    let far = batch(&header(2), 2)?;
    let far = with_byte(&far, 7, 5);
    let mark = Header { attributes: Header::attributes(0, false, false, true), ..header(2) };
    let gzip_that_is_none = {
        let plain = write(&header(2), &records(2))?;
        let header = Header { attributes: 1, count: 2, ..*plain.header() };
        klerk_sandbox::state::log::Batch::new(header, &plain.payload()).bytes().clone()
    };
    for (what, bytes) in [
        ("a checksum that is wrong", with_byte(&good, 20, good[20] ^ 1)),
        ("two batches", two),
        ("magic 1", with_byte(&good, 16, 1)),
        ("magic 3", with_byte(&good, 16, 3)),
        ("a base offset of 5", far),
        ("an offset range that is too short", batch(&short, 2)?),
        ("a marker", batch(&control, 2)?),
        ("a marker of no transaction", batch(&mark, 2)?),
        ("the broker's kind of timestamps", batch(&append_time, 2)?),
        ("bytes that no gzip wrote", gzip_that_is_none),
        ("half a batch", good.slice(..40)),
        ("nothing", Bytes::new()),
        ("a good one", good.clone()),
        ("a good one with gzip", batch(&codec, 2)?),
    ] {
        told(bed, what, &sent(bed, &topic, bytes, 9)?);
    }
    let last = sent(bed, &topic, good, 9)?;
    bed.is("the next offset", last.base_offset, 6)
}

fn a_batch_that_the_topic_does_not_want_is_refused(bed: &Bed) -> Result<()> {
    let compacted = bed.topic("compacted", 1, 1, &[("cleanup.policy", "compact")])?;
    let keyless: Vec<Record> = records(6).into_iter().map(|record| Record { key: None, ..record }).collect();
    let some: Vec<Record> = records(6)
        .into_iter()
        .zip(0..)
        .map(|(record, place)| if place < 4 { keyless[place].clone() } else { record })
        .collect();
    let bytes = |records: &[Record]| anyhow::Ok(write(&header(6), records)?.bytes().clone());
    let answer = sent(bed, &compacted, bytes(&some)?, 9)?;
    told(bed, "four records without a key", &answer);
    bed.is("code", answer.error_code, 87)?;
    told(
        bed,
        "one record without a key",
        &sent(
            bed,
            &compacted,
            bytes(
                &[&some[3..], &some[4..], &some[5..]]
                    .concat()
                    .into_iter()
                    .zip(0..)
                    .map(|(record, offset)| Record { offset, ..record })
                    .collect::<Vec<_>>(),
            )?,
            9,
        )?,
    );

    let small = bed.topic("small", 1, 1, &[("max.message.bytes", "200")])?;
    let answer = sent(bed, &small, batch(&header(9), 9)?, 9)?;
    told(bed, "a large batch", &answer);
    bed.is("code", answer.error_code, 10)?;

    let timely =
        [("message.timestamp.before.max.ms", "3600000"), ("message.timestamp.after.max.ms", "3600000")];
    let timely = bed.topic("timely", 1, 1, &timely)?;
    let answer = sent(bed, &timely, batch(&header(2), 2)?, 9)?;
    told(bed, "old records", &answer);
    bed.is("code", answer.error_code, 32)?;
    let future: Vec<Record> =
        records(2).into_iter().map(|record| Record { timestamp: 5_000_000_000_000, ..record }).collect();
    told(bed, "records of the future", &sent(bed, &timely, write(&header(2), &future)?.bytes().clone(), 9)?);
    Ok(())
}

fn a_batch_for_a_partition_that_is_not_there_is_refused(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    let leader = bed.topic_once(&topic, |topic| topic.error_code == 0)?.partitions[0].leader_id.0;
    let other = usize::try_from(leader % 3 + 1)?;
    let good = batch(&header(2), 2)?;
    let missing = bed.name("missing");
    for (what, request, version) in [
        ("an unknown topic", request(&missing, 0, Some(good.clone())), 9),
        ("an unknown partition", request(&topic, 7, Some(good.clone())), 9),
        ("another broker", request(&topic, 0, Some(good.clone())), 9),
        ("another broker, which tells who leads", request(&topic, 0, Some(good.clone())), 10),
        ("acks of 2", request(&topic, 0, Some(good.clone())).with_acks(2), 9),
    ] {
        let answer = bed.call_broker(other, &request, version)?;
        let endpoints: Vec<bool> = answer
            .node_endpoints
            .iter()
            .map(|endpoint| endpoint.node_id.0 == leader && endpoint.port > 0)
            .collect();
        let partition = &answer.responses[0].partition_responses[0];
        told(bed, what, partition);
        let hint = &partition.current_leader;
        bed.tell(format!("hint {}, epoch {}, {endpoints:?}", hint.leader_id.0 == leader, hint.leader_epoch));
    }
    let mut by_id = request(&topic, 0, Some(good));
    by_id.topic_data[0].name = topic_name("");
    by_id.topic_data[0].topic_id = uuid::Uuid::from_u128(77);
    let answer = bed.call_broker(other, &by_id, 13)?;
    bed.is("code of an unknown id", answer.responses[0].partition_responses[0].error_code, 100)?;
    by_id.topic_data[0].topic_id = bed.topic_once(&topic, |_| true)?.topic_id;
    let answer = bed.call_broker(usize::try_from(leader)?, &by_id, 13)?;
    bed.is("code of a known id", answer.responses[0].partition_responses[0].error_code, 0)
}

fn old_versions_carry_less(bed: &Bed) -> Result<()> {
    let topic = bed.topic("compacted", 1, 1, &[("cleanup.policy", "compact")])?;
    let keyless: Vec<Record> = records(2).into_iter().map(|record| Record { key: None, ..record }).collect();
    let bytes = write(&header(2), &keyless)?.bytes().clone();
    for version in [3, 5, 7, 8] {
        told(bed, &format!("version {version}"), &sent(bed, &topic, bytes.clone(), version)?);
    }
    let zstd = batch(&Header { attributes: 4, ..header(2) }, 2)?;
    let answer = sent(bed, &topic, zstd, 6)?;
    told(bed, "zstd before version 7", &answer);
    bed.is("code", answer.error_code, 76)
}

fn every_codec_is_taken(bed: &Bed) -> Result<()> {
    let topic = bed.topic("packed", 1, 1, &[])?;
    for codec in 0..=4 {
        let answer = sent(bed, &topic, batch(&Header { attributes: codec, ..header(3) }, 3)?, 9)?;
        bed.is(
            &format!("codec {codec}"),
            (answer.error_code, answer.base_offset),
            (0, i64::from(codec) * 3),
        )?;
    }
    Ok(())
}

fn a_sequence_has_no_gaps_and_repeats_nothing(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    let given = bed.until("a producer id is given", || {
        let request =
            InitProducerIdRequest::default().with_transactional_id(None).with_transaction_timeout_ms(-1);
        let request = request.with_producer_id((-1).into()).with_producer_epoch(-1);
        Ok(Some(bed.call(&request, 4)?).filter(|answer| answer.error_code == 0))
    })?;
    bed.is("epoch", given.producer_epoch, 0)?;
    for (what, producer, epoch, sequence, count) in [
        ("the first", 0, 0, 0, 2),
        ("the first again", 0, 0, 0, 2),
        ("a part of it again", 0, 0, 0, 1),
        ("the next", 0, 0, 2, 1),
        ("one that leaves some out", 0, 0, 5, 1),
        ("the third", 0, 0, 3, 3),
        ("the next one again", 0, 0, 2, 1),
        ("a new epoch that does not begin at 0", 0, 1, 6, 1),
        ("a new epoch", 0, 1, 0, 1),
        ("the old epoch", 0, 0, 6, 1),
        ("an unknown producer in the middle", 1_000_000, 0, 9, 1),
        ("its next", 1_000_000, 0, 10, 1),
    ] {
        let header = Header {
            producer_id: given.producer_id.0 + producer,
            producer_epoch: epoch,
            base_sequence: sequence,
            ..header(count)
        };
        told(bed, what, &sent(bed, &topic, batch(&header, count)?, 9)?);
    }
    bed.is("epoch", given.producer_epoch, 0)
}

fn a_topic_may_want_the_time_of_the_append(bed: &Bed) -> Result<()> {
    let topic = bed.topic("stamped", 1, 1, &[("message.timestamp.type", "LogAppendTime")])?;
    let answer = sent(bed, &topic, batch(&header(2), 2)?, 9)?;
    bed.holds("it is stamped", answer.log_append_time_ms > TIME)?;
    let appended = crate::fetch::batches(bed, &topic, 0)?;
    let header = *appended.first().context("a batch")?.header();
    bed.is(
        "kind and greatest",
        (header.has_append_time(), header.max_timestamp == answer.log_append_time_ms),
        (true, true),
    )?;
    bed.is("base timestamp", header.base_timestamp, TIME)
}

fn records_may_be_packed_anew(bed: &Bed) -> Result<()> {
    let topic = bed.topic("packed", 1, 1, &[("compression.type", "zstd")])?;
    for codec in [0, 1, 4] {
        let answer = sent(bed, &topic, batch(&Header { attributes: codec, ..header(3) }, 3)?, 9)?;
        bed.is("code", answer.error_code, 0)?;
    }
    let codecs: Vec<i16> =
        crate::fetch::batches(bed, &topic, 0)?.iter().map(|batch| batch.header().compression()).collect();
    bed.is("codecs", codecs, vec![4, 4, 4])
}

fn who_wants_no_answer_learns_of_a_refusal_by_the_end_of_the_connection(bed: &Bed) -> Result<()> {
    let nothing = request(&bed.name("nothing"), 0, Some(batch(&header(2), 2)?)).with_acks(0);
    let asked = Instant::now();
    let closed = bed.connect(1)?.call(&nothing, 9).is_err();
    bed.is("closed", closed, true)?;
    // An answer that never comes ends the call too, much later.
    bed.holds("it is closed at once", asked.elapsed() < Duration::from_secs(15))
}
