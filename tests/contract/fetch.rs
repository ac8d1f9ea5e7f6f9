//! What a reader gets, how much of it, and what it is refused.

use anyhow::Result;
use bytes::Bytes;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::fetch_response::PartitionData;
use kafka_protocol::messages::{BrokerId, FetchRequest};
use klerk_sandbox::state::log::Batch;

use crate::bed::{Bed, code_name, topic_name};
use crate::case::cases;
use crate::produce::{batch, header, request as produce};

cases![Same:
    a_reader_gets_whole_batches_from_the_one_that_holds_its_offset,
    a_reader_says_how_much_it_wants,
    a_reader_outside_of_the_log_is_told_so,
    another_broker_may_serve_what_it_follows,
    a_session_that_nobody_began_is_not_known,
];

pub fn wanted(index: i32, offset: i64, bytes: i32) -> FetchPartition {
    FetchPartition::default()
        .with_partition(index)
        .with_current_leader_epoch(-1)
        .with_last_fetched_epoch(-1)
        .with_fetch_offset(offset)
        .with_partition_max_bytes(bytes)
}

pub fn request(topic: &str, wanted: Vec<FetchPartition>, bytes: i32) -> FetchRequest {
    let topic = FetchTopic::default().with_topic(topic_name(topic)).with_partitions(wanted);
    FetchRequest::default()
        .with_replica_id(BrokerId(-1))
        .with_max_wait_ms(100)
        .with_min_bytes(1)
        .with_max_bytes(bytes)
        .with_session_epoch(-1)
        .with_topics(vec![topic])
}

/// All batches of a partition from an offset on. One fetch does not go past the end of a segment, and records that are
/// far apart in time are in different ones.
pub fn batches(bed: &Bed, topic: &str, mut offset: i64) -> Result<Vec<Batch>> {
    let mut all = Vec::new();
    loop {
        let asked = request(topic, vec![wanted(0, offset, 1 << 20)], 1 << 20).with_max_wait_ms(0);
        let answer = bed.call_leader(topic, 0, &asked, 11)?;
        let more = whole(&answer.responses[0].partitions[0])?;
        let Some(last) = more.last() else { return Ok(all) };
        offset = last.header().last_offset() + 1;
        all.extend(more);
    }
}

fn whole(partition: &PartitionData) -> Result<Vec<Batch>> {
    let mut left = partition.records.clone().unwrap_or_default();
    let mut batches = Vec::new();
    while let Ok((batch, rest)) = Batch::first(&left) {
        batches.push(batch);
        left = rest;
    }
    Ok(batches)
}

pub fn told(bed: &Bed, what: &str, partition: &PartitionData) -> Result<()> {
    let offsets: Vec<i64> = whole(partition)?.iter().map(|batch| batch.header().base_offset).collect();
    bed.tell(format!(
        "{what}: {}, start {}, stable {}, high {}, {:?} bytes, batches at {offsets:?}, aborted {:?}, preferred {}",
        code_name(partition.error_code),
        partition.log_start_offset,
        partition.last_stable_offset,
        partition.high_watermark,
        partition.records.as_ref().map(Bytes::len),
        partition.aborted_transactions.as_ref().map(Vec::len),
        partition.preferred_read_replica.0,
    ));
    Ok(())
}

/// A topic of two partitions with three batches of two records in each.
fn filled(bed: &Bed) -> Result<String> {
    let topic = bed.topic("orders", 1, 3, &[])?;
    for _ in 0..3 {
        bed.call_leader(&topic, 0, &produce(&topic, 0, Some(batch(&header(2), 2)?)), 9)?;
    }
    bed.until("it is replicated", || {
        let asked = request(&topic, vec![wanted(0, 0, 1 << 20)], 1 << 20);
        let answer = bed.call_leader(&topic, 0, &asked, 11)?;
        Ok(Some(()).filter(|()| answer.responses[0].partitions[0].high_watermark == 6))
    })?;
    Ok(topic)
}

fn a_reader_gets_whole_batches_from_the_one_that_holds_its_offset(bed: &Bed) -> Result<()> {
    let topic = filled(bed)?;
    for offset in 0..=6 {
        let asked = request(&topic, vec![wanted(0, offset, 1 << 20)], 1 << 20);
        let answer = bed.call_leader(&topic, 0, &asked, 11)?;
        bed.is("session and code", (answer.session_id, answer.error_code), (0, 0))?;
        told(bed, &format!("from {offset}"), &answer.responses[0].partitions[0])?;
    }
    let asked = request(&topic, vec![wanted(0, 2, 1 << 20)], 1 << 20).with_isolation_level(1);
    let answer = bed.call_leader(&topic, 0, &asked, 4)?;
    told(bed, "what is committed, in version 4", &answer.responses[0].partitions[0])?;
    let mut by_id = request(&topic, vec![wanted(0, 2, 1 << 20)], 1 << 20);
    by_id.topics[0].topic = topic_name("");
    by_id.topics[0].topic_id = bed.topic_once(&topic, |_| true)?.topic_id;
    let answer = bed.call_leader(&topic, 0, &by_id, 17)?;
    told(bed, "by id", &answer.responses[0].partitions[0])?;
    by_id.topics[0].topic_id = uuid::Uuid::from_u128(77);
    let answer = bed.call_leader(&topic, 0, &by_id, 17)?;
    told(bed, "by an unknown id", &answer.responses[0].partitions[0])
}

fn a_reader_says_how_much_it_wants(bed: &Bed) -> Result<()> {
    let topic = filled(bed)?;
    let size = i32::try_from(batch(&header(2), 2)?.len())?;
    for (what, of_partition, of_all) in [
        ("a byte", 1, 1 << 20),
        ("a batch", size, 1 << 20),
        ("a batch and a half", size + size / 2, 1 << 20),
        ("a batch and a byte", size + 1, 1 << 20),
        ("two", size * 2, 1 << 20),
        ("one of all", 1 << 20, size),
        ("a byte of all", 1 << 20, 1),
        ("nothing", 0, 1 << 20),
    ] {
        let answer =
            bed.call_leader(&topic, 0, &request(&topic, vec![wanted(0, 0, of_partition)], of_all), 11)?;
        told(bed, what, &answer.responses[0].partitions[0])?;
    }
    let many = bed.topic("many", 2, 1, &[])?;
    let led = bed.topic_once(&many, |topic| topic.error_code == 0)?.partitions;
    bed.holds("there are two partitions", led.len() == 2)
}

fn a_reader_outside_of_the_log_is_told_so(bed: &Bed) -> Result<()> {
    let topic = filled(bed)?;
    for (what, partition) in [
        ("past the end", wanted(0, 7, 1000)),
        ("before the start", wanted(0, -5, 1000)),
        ("an unknown partition", wanted(9, 0, 1000)),
        ("a leader epoch to come", wanted(0, 0, 1000).with_current_leader_epoch(77)),
        ("the present leader epoch", wanted(0, 0, 1000).with_current_leader_epoch(0)),
    ] {
        let answer = bed.call_leader(&topic, 0, &request(&topic, vec![partition], 1000), 12)?;
        told(bed, what, &answer.responses[0].partitions[0])?;
    }
    let missing = bed.name("missing");
    let answer = bed.call(&request(&missing, vec![wanted(0, 0, 1000)], 1000), 11)?;
    told(bed, "an unknown topic", &answer.responses[0].partitions[0])?;
    bed.is("code", answer.responses[0].partitions[0].error_code, 3)
}

fn another_broker_may_serve_what_it_follows(bed: &Bed) -> Result<()> {
    let topic = filled(bed)?;
    let leader = bed.topic_once(&topic, |topic| topic.error_code == 0)?.partitions[0].leader_id.0;
    let other = usize::try_from(leader % 3 + 1)?;
    let old = bed.call_broker(other, &request(&topic, vec![wanted(0, 0, 1000)], 1000), 10)?;
    told(bed, "a follower, in version 10", &old.responses[0].partitions[0])?;
    bed.is("code", old.responses[0].partitions[0].error_code, 6)?;
    bed.until("the follower knows the high watermark", || {
        let answer = bed.call_broker(other, &request(&topic, vec![wanted(0, 0, 1000)], 1000), 11)?;
        let partition = &answer.responses[0].partitions[0];
        Ok(Some(()).filter(|()| (partition.error_code, partition.high_watermark) == (0, 6)))
    })?;
    let new = bed.call_broker(other, &request(&topic, vec![wanted(0, 0, 1000)], 1000), 11)?;
    told(bed, "a follower, in version 11", &new.responses[0].partitions[0])?;
    let alone = bed.topic("alone", 1, 1, &[])?;
    let leader = bed.topic_once(&alone, |topic| topic.error_code == 0)?.partitions[0].leader_id.0;
    let other = usize::try_from(leader % 3 + 1)?;
    let mut asked = request("", vec![wanted(0, 0, 1000)], 1000);
    asked.topics[0].topic_id = bed.topic_once(&alone, |_| true)?.topic_id;
    let answer = bed.call_broker(other, &asked, 16)?;
    told(bed, "a broker without a replica, in version 16", &answer.responses[0].partitions[0])?;
    let hint = &answer.responses[0].partitions[0].current_leader;
    bed.is(
        "its hint",
        (hint.leader_id.0 == leader, hint.leader_epoch, answer.node_endpoints.len()),
        (true, 0, 1),
    )
}

fn a_session_that_nobody_began_is_not_known(bed: &Bed) -> Result<()> {
    let topic = filled(bed)?;
    let asked = request(&topic, vec![wanted(0, 0, 1000)], 1000).with_session_id(77).with_session_epoch(3);
    let answer = bed.call_leader(&topic, 0, &asked, 11)?;
    bed.is(
        "code, session, topics",
        (answer.error_code, answer.session_id, answer.responses.len()),
        (70, 0, 0),
    )
}
