//! Records: offsets by time, and what is taken and given back.

use anyhow::{Context, Result};
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::list_offsets_response::ListOffsetsPartitionResponse;
use kafka_protocol::messages::{BrokerId, ListOffsetsRequest};
use klerk_testbed::Record;

use crate::bed::{Bed, topic_name};
use crate::case::cases;

cases![Same:
    offsets_are_found_by_time,
    a_broker_that_does_not_lead_tells_no_offsets,
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
