//! Records: offsets by time, and what is taken and given back.

use anyhow::{Context, Result};
use kafka_protocol::messages::delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic};
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::list_offsets_response::ListOffsetsPartitionResponse;
use kafka_protocol::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use kafka_protocol::messages::{
    BrokerId, DeleteRecordsRequest, ListOffsetsRequest, OffsetForLeaderEpochRequest,
};
use klerk_testbed::Record;

use crate::bed::{Bed, code_name, topic_name};
use crate::case::cases;

cases![Same:
    offsets_are_found_by_time,
    a_broker_that_does_not_lead_tells_no_offsets,
    offsets_that_only_some_versions_know,
    a_partition_that_is_asked_for_twice_is_refused,
    the_first_records_are_deleted,
    what_cannot_be_deleted_is_refused,
    records_of_a_compacted_topic_are_not_deleted,
    epochs_of_leaders_have_ends,
];

const START: i64 = 1_700_000_000_000;

fn offsets(name: &str, timestamp: i64) -> ListOffsetsRequest {
    let asked = ListOffsetsPartition::default().with_partition_index(0).with_timestamp(timestamp);
    let topic = ListOffsetsTopic::default().with_name(topic_name(name)).with_partitions(vec![asked]);
    ListOffsetsRequest::default().with_replica_id(BrokerId(-1)).with_topics(vec![topic])
}

fn only(
    topics: Vec<kafka_protocol::messages::list_offsets_response::ListOffsetsTopicResponse>,
) -> Result<ListOffsetsPartitionResponse> {
    let topic = topics.into_iter().next().context("a topic")?;
    topic.partitions.into_iter().next().context("a partition")
}

fn offsets_are_found_by_time(bed: &Bed) -> Result<()> {
    let name = bed.topic("orders", 1, 3, &[("retention.ms", "-1")])?;
    let records: Vec<Record> =
        (0..5).map(|second| Record::new(START + second * 1_000, Some("k"), "v")).collect();
    bed.is("the first record's offset", bed.client().produce(&name, 0, &records)?, 0)?;
    for (what, time, offset, timestamp) in [
        ("earliest", -2, 0, -1),
        ("latest", -1, 5, -1),
        ("of the largest timestamp", -3, 4, START + 4_000),
        ("before all", 0, 0, START),
        ("of the third", START + 2_000, 2, START + 2_000),
        ("between the third and the fourth", START + 2_001, 3, START + 3_000),
        ("after all", START + 4_001, -1, -1),
    ] {
        let found = only(bed.call_leader(&name, 0, &offsets(&name, time), 7)?.topics)?;
        bed.is(what, (found.error_code, found.offset, found.timestamp), (0, offset, timestamp))?;
    }
    Ok(())
}

fn a_broker_that_does_not_lead_tells_no_offsets(bed: &Bed) -> Result<()> {
    let name = bed.topic("orders", 1, 1, &[])?;
    let leader = bed.topic_once(&name, |topic| topic.error_code == 0)?.partitions[0].leader_id.0;
    let other = usize::try_from(leader % 3 + 1)?;
    let found = only(bed.call_broker(other, &offsets(&name, -1), 7)?.topics)?;
    bed.is("code", found.error_code, 6)?;
    let found = only(bed.call_broker(other, &offsets(&bed.name("nothing"), -1), 7)?.topics)?;
    bed.is("code of an unknown topic", found.error_code, 3)
}

/// A topic with so many records, a second apart.
fn filled(bed: &Bed, configs: &[(&str, &str)], count: i64) -> Result<String> {
    let configs: Vec<_> = configs.iter().copied().chain([("retention.ms", "-1")]).collect();
    let name = bed.topic("orders", 1, 3, &configs)?;
    let records: Vec<Record> =
        (0..count).map(|second| Record::new(START + second * 1_000, Some("k"), "v")).collect();
    bed.client().produce(&name, 0, &records)?;
    Ok(name)
}

fn offsets_that_only_some_versions_know(bed: &Bed) -> Result<()> {
    let name = filled(bed, &[], 3)?;
    for (what, time, versions) in [
        ("earliest", -2, [1, 4, 9]),
        ("latest", -1, [1, 4, 9]),
        ("of the largest timestamp", -3, [6, 7, 9]),
        ("earliest on the broker", -4, [7, 8, 9]),
        ("latest on tiered storage", -5, [8, 9, 10]),
        ("what nobody knows", -9, [1, 7, 9]),
        ("by time", START + 1, [1, 4, 9]),
    ] {
        for version in versions {
            let found = only(bed.call_leader(&name, 0, &offsets(&name, time), version)?.topics)?;
            let code = code_name(found.error_code);
            let (offset, timestamp, epoch) = (found.offset, found.timestamp, found.leader_epoch);
            bed.tell(format!("{what}, version {version}: {code}, {offset} at {timestamp}, epoch {epoch}"));
        }
    }
    let mut future = offsets(&name, -1);
    future.topics[0].partitions[0].current_leader_epoch = 7;
    let found = only(bed.call_leader(&name, 0, &future, 7)?.topics)?;
    bed.is("code of a leader epoch to come", found.error_code, 75)?;
    let empty = bed.topic("empty", 1, 1, &[])?;
    for time in [-1, -2, -3, -4, 0] {
        let found = only(bed.call_leader(&empty, 0, &offsets(&empty, time), 8)?.topics)?;
        bed.tell(format!(
            "{time} of nothing: {} at {}, epoch {}",
            found.offset, found.timestamp, found.leader_epoch
        ));
    }
    Ok(())
}

fn a_partition_that_is_asked_for_twice_is_refused(bed: &Bed) -> Result<()> {
    let name = filled(bed, &[], 3)?;
    let mut twice = offsets(&name, -1);
    let again = twice.topics[0].partitions[0].clone().with_timestamp(-2);
    twice.topics[0].partitions.push(again);
    let answer = bed.call_leader(&name, 0, &twice, 7)?;
    for topic in &answer.topics {
        for found in &topic.partitions {
            bed.is("code and offset", (found.error_code, found.offset), (42, -1))?;
        }
    }
    Ok(())
}

fn deleted(bed: &Bed, name: &str, index: i32, offset: i64) -> Result<(i16, i64)> {
    let partition = DeleteRecordsPartition::default().with_partition_index(index).with_offset(offset);
    let topic = DeleteRecordsTopic::default().with_name(topic_name(name)).with_partitions(vec![partition]);
    let request = DeleteRecordsRequest::default().with_timeout_ms(10_000).with_topics(vec![topic]);
    let answer = bed.call_leader(name, 0, &request, 2)?;
    let partition = answer.topics[0].partitions.first().context("a partition")?;
    Ok((partition.error_code, partition.low_watermark))
}

fn the_first_records_are_deleted(bed: &Bed) -> Result<()> {
    let name = filled(bed, &[], 5)?;
    for (what, offset, start) in [
        ("two", 2, 2),
        ("two again", 2, 2),
        ("fewer", 1, 2),
        ("none", 0, 2),
        ("all", -1, 5),
        ("all again", 5, 5),
    ] {
        bed.is(what, deleted(bed, &name, 0, offset)?, (0, start))?;
        for (what, time) in [("earliest", -2), ("latest", -1), ("by time", START)] {
            let found = only(bed.call_leader(&name, 0, &offsets(&name, time), 7)?.topics)?;
            bed.tell(format!("{what}: {} at {}", found.offset, found.timestamp));
        }
    }
    Ok(())
}

fn what_cannot_be_deleted_is_refused(bed: &Bed) -> Result<()> {
    let name = filled(bed, &[], 3)?;
    bed.is("past the end", deleted(bed, &name, 0, 4)?, (1, -1))?;
    bed.is("before the start", deleted(bed, &name, 0, -2)?, (1, -1))?;
    bed.is("another partition", deleted(bed, &name, 4, 1)?, (3, -1))?;
    bed.is("both again", deleted(bed, &name, 0, 3)?, (0, 3))
}

fn records_of_a_compacted_topic_are_not_deleted(bed: &Bed) -> Result<()> {
    let name = filled(bed, &[("cleanup.policy", "compact")], 3)?;
    bed.is("compact", deleted(bed, &name, 0, 1)?, (44, -1))?;
    bed.is("compact, past the end", deleted(bed, &name, 0, 9)?, (44, -1))
}

fn epochs_of_leaders_have_ends(bed: &Bed) -> Result<()> {
    let name = filled(bed, &[], 3)?;
    for (what, index, known, asked) in [
        ("the present one", 0, -1, 0),
        ("one to come", 0, -1, 7),
        ("none", 0, -1, -1),
        ("a fenced one", 0, 7, 0),
        ("elsewhere", 9, -1, 0),
    ] {
        let partition = OffsetForLeaderPartition::default()
            .with_partition(index)
            .with_current_leader_epoch(known)
            .with_leader_epoch(asked);
        let topic =
            OffsetForLeaderTopic::default().with_topic(topic_name(&name)).with_partitions(vec![partition]);
        let request =
            OffsetForLeaderEpochRequest::default().with_replica_id(BrokerId(-1)).with_topics(vec![topic]);
        for version in [2, 4] {
            let answer = bed.call_leader(&name, 0, &request, version)?;
            let found = answer.topics[0].partitions.first().context("a partition")?;
            let code = code_name(found.error_code);
            bed.tell(format!(
                "{what}, version {version}: {code}, {} to {}",
                found.leader_epoch, found.end_offset
            ));
        }
    }
    bed.holds("there is an account", true)
}
