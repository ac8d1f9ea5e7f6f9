//! Groups without members: offsets committed, fetched and taken back from outside.

use anyhow::{Context, Result};
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use kafka_protocol::messages::offset_fetch_response::OffsetFetchResponseGroup;
use kafka_protocol::messages::{DescribeGroupsRequest, GroupId, OffsetCommitRequest, OffsetFetchRequest};

use crate::bed::{Bed, text, topic_name};
use crate::case::cases;

cases![Same:
    offsets_come_back_with_their_metadata,
    an_absent_group_has_no_offsets_and_no_error,
    an_absent_group_is_described_as_not_found,
    offsets_of_an_unknown_topic_are_refused,
];

fn commit(group: &str, topic: &str, partition: i32, offset: i64) -> OffsetCommitRequest {
    let committed = OffsetCommitRequestPartition::default()
        .with_partition_index(partition)
        .with_committed_offset(offset)
        .with_committed_leader_epoch(0)
        .with_committed_metadata(Some(text("by hand")));
    let topic =
        OffsetCommitRequestTopic::default().with_name(topic_name(topic)).with_partitions(vec![committed]);
    OffsetCommitRequest::default()
        .with_group_id(GroupId(text(group)))
        .with_generation_id_or_member_epoch(-1)
        .with_topics(vec![topic])
}

fn fetched(bed: &Bed, group: &str) -> Result<OffsetFetchResponseGroup> {
    let asked = OffsetFetchRequestGroup::default().with_group_id(GroupId(text(group))).with_topics(None);
    let request = OffsetFetchRequest::default().with_groups(vec![asked]).with_require_stable(true);
    bed.call_coordinator(group, &request, 8)?.groups.into_iter().next().context("a group")
}

fn offsets_come_back_with_their_metadata(bed: &Bed) -> Result<()> {
    let (topic, group) = (bed.topic("orders", 2, 3, &[])?, bed.name("readers"));
    let answer = bed.call_coordinator(&group, &commit(&group, &topic, 1, 42), 8)?;
    bed.is("commit", answer.topics[0].partitions[0].error_code, 0)?;
    let group = fetched(bed, &group)?;
    bed.is("code", group.error_code, 0)?;
    bed.is("topics", group.topics.len(), 1)?;
    let partition = group.topics[0].partitions.first().context("a partition")?;
    bed.is("partition and offset", (partition.partition_index, partition.committed_offset), (1, 42))?;
    bed.is("leader epoch", partition.committed_leader_epoch, 0)?;
    bed.is("metadata", partition.metadata.as_ref().map(ToString::to_string).as_deref(), Some("by hand"))
}

fn an_absent_group_has_no_offsets_and_no_error(bed: &Bed) -> Result<()> {
    let group = fetched(bed, &bed.name("nobody"))?;
    bed.is("code and topics", (group.error_code, group.topics.len()), (0, 0))
}

fn an_absent_group_is_described_as_not_found(bed: &Bed) -> Result<()> {
    let group = bed.name("nobody");
    let request = DescribeGroupsRequest::default().with_groups(vec![GroupId(text(&group))]);
    for (version, code) in [(5, 0), (6, 69)] {
        let described = bed.call_coordinator(&group, &request, version)?.groups;
        let described = described.first().context("a group")?;
        bed.said(&format!("describe v{version}"), described.error_code, described.error_message.as_ref());
        bed.is("code", described.error_code, code)?;
        bed.is("state", described.group_state.to_string(), "Dead")?;
    }
    Ok(())
}

fn offsets_of_an_unknown_topic_are_refused(bed: &Bed) -> Result<()> {
    let group = bed.name("readers");
    let answer = bed.call_coordinator(&group, &commit(&group, &bed.name("nothing"), 0, 1), 8)?;
    bed.is("code", answer.topics[0].partitions[0].error_code, 3)
}
