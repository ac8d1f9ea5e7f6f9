//! Groups without members: offsets committed, fetched and taken back from outside.

use anyhow::{Context, Result};
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::offset_delete_request::{
    OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use kafka_protocol::messages::offset_fetch_response::OffsetFetchResponseGroup;
use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, DeleteGroupsRequest, DescribeGroupsRequest, FindCoordinatorRequest,
    GroupId, HeartbeatRequest, ListGroupsRequest, OffsetCommitRequest, OffsetDeleteRequest,
    OffsetFetchRequest,
};

use crate::bed::{Bed, text, topic_name};
use crate::case::cases;

cases![Same:
    offsets_come_back_with_their_metadata,
    an_absent_group_has_no_offsets_and_no_error,
    an_absent_group_is_described_as_not_found,
    offsets_of_an_unknown_topic_are_refused,
    commits_are_kept_as_they_come,
    groups_are_listed_by_state_and_type,
    a_group_without_members_is_described,
    groups_without_members_are_deleted,
    only_the_coordinator_answers,
    coordinators_are_found_in_every_version,
];

/// The id of a group.
pub fn group_id(group: &str) -> GroupId {
    GroupId(text(group))
}

/// A commit from outside.
pub fn commit(group: &str, topic: &str, partition: i32, offset: i64) -> OffsetCommitRequest {
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

/// The same commit, of a member.
pub fn by_member(request: OffsetCommitRequest, id: &str, generation: i32) -> OffsetCommitRequest {
    request.with_member_id(text(id)).with_generation_id_or_member_epoch(generation)
}

/// Takes back what a group has committed for a partition.
pub fn offset_delete(group: &str, topic: &str, partition: i32) -> OffsetDeleteRequest {
    let partition = OffsetDeleteRequestPartition::default().with_partition_index(partition);
    let topic =
        OffsetDeleteRequestTopic::default().with_name(topic_name(topic)).with_partitions(vec![partition]);
    OffsetDeleteRequest::default().with_group_id(group_id(group)).with_topics(vec![topic])
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

fn commits_are_kept_as_they_come(bed: &Bed) -> Result<()> {
    let (topic, group) = (bed.topic("orders", 2, 3, &[])?, bed.name("readers"));
    let with = |partition, offset, metadata: Option<String>| {
        let mut request = commit(&group, &topic, partition, offset);
        request.topics[0].partitions[0].committed_metadata = metadata.map(|words| text(&words));
        request
    };
    for (what, request, code) in [
        ("too long a text", with(0, 1, Some("x".repeat(4097))), 12),
        ("the longest text", with(0, 1, Some("x".repeat(4096))), 0),
        ("no text, past the end", with(0, 1_000_000, None), 0),
        ("no offset at all", with(1, -1, Some(String::new())), 0),
        ("no such partition", with(2, 1, None), 3),
    ] {
        let answer = bed.call_coordinator(&group, &request, 8)?;
        bed.is(what, answer.topics[0].partitions[0].error_code, code)?;
    }
    let told = fetched(bed, &group)?.topics;
    let mut told: Vec<_> =
        told[0].partitions.iter().map(|p| (p.partition_index, p.committed_offset)).collect();
    told.sort_unstable();
    bed.is("offsets", told, vec![(0, 1_000_000), (1, -1)])
}

fn groups_are_listed_by_state_and_type(bed: &Bed) -> Result<()> {
    let (topic, group) = (bed.topic("orders", 1, 3, &[])?, bed.name("readers"));
    bed.call_coordinator(&group, &commit(&group, &topic, 0, 1), 8)?;
    for (states, types, listed) in [
        (vec![], vec![], true),
        (vec!["empty", "Stable"], vec![], true),
        (vec!["Stable"], vec![], false),
        (vec![], vec!["Classic"], true),
        (vec![], vec!["consumer"], false),
        (vec!["nonsense"], vec![], false),
    ] {
        let texts = |words: &[&str]| words.iter().map(|word| text(word)).collect();
        let request =
            ListGroupsRequest::default().with_states_filter(texts(&states)).with_types_filter(texts(&types));
        let found = bed.call_coordinator(&group, &request, 5)?;
        let found: Vec<String> = found
            .groups
            .iter()
            .filter(|one| one.group_id.as_str() == group)
            .map(|one| format!("'{}' {} {}", &*one.protocol_type, &*one.group_state, &*one.group_type))
            .collect();
        bed.tell(format!("{states:?} {types:?}: {found:?}"));
        bed.is("listed", !found.is_empty(), listed)?;
    }
    Ok(())
}

fn a_group_without_members_is_described(bed: &Bed) -> Result<()> {
    let (topic, group) = (bed.topic("orders", 1, 3, &[])?, bed.name("readers"));
    bed.call_coordinator(&group, &commit(&group, &topic, 0, 1), 8)?;
    let request = DescribeGroupsRequest::default()
        .with_groups(vec![group_id(&group)])
        .with_include_authorized_operations(true);
    let described = bed.call_coordinator(&group, &request, 6)?.groups;
    bed.is("state", described[0].group_state.to_string(), "Empty")?;
    bed.tell(format!("{:?}", (&*described[0].protocol_type, described[0].authorized_operations)));
    let request = ConsumerGroupDescribeRequest::default()
        .with_group_ids(vec![group_id(&group)])
        .with_include_authorized_operations(true);
    let described = bed.call_coordinator(&group, &request, 1)?.groups;
    bed.said("as a KIP-848 group", described[0].error_code, described[0].error_message.as_ref());
    bed.is("code", described[0].error_code, 69)
}

fn groups_without_members_are_deleted(bed: &Bed) -> Result<()> {
    let (topic, group) = (bed.topic("orders", 1, 3, &[])?, bed.name("readers"));
    let delete = DeleteGroupsRequest::default().with_groups_names(vec![group_id(&group)]);
    bed.is("absent", bed.call_coordinator(&group, &delete, 2)?.results[0].error_code, 69)?;
    let offset = offset_delete(&group, &topic, 0);
    bed.is("offset of an absent one", bed.call_coordinator(&group, &offset, 0)?.error_code, 69)?;
    bed.call_coordinator(&group, &commit(&group, &topic, 0, 1), 8)?;
    for (what, offset, code) in [
        ("no such topic", offset_delete(&group, &bed.name("nothing"), 0), 3),
        ("offset", offset.clone(), 0),
        ("offset again", offset, 0),
    ] {
        let deleted = bed.call_coordinator(&group, &offset, 0)?;
        bed.is(what, deleted.topics[0].partitions[0].error_code, code)?;
    }
    bed.is("offsets left", fetched(bed, &group)?.topics.len(), 0)?;
    bed.is("delete", bed.call_coordinator(&group, &delete, 2)?.results[0].error_code, 0)?;
    bed.is("delete again", bed.call_coordinator(&group, &delete, 2)?.results[0].error_code, 69)
}

fn only_the_coordinator_answers(bed: &Bed) -> Result<()> {
    let (topic, group) = (bed.topic("orders", 1, 3, &[])?, bed.name("readers"));
    let find = FindCoordinatorRequest::default().with_coordinator_keys(vec![text(&group)]);
    let found = bed.call(&find, 4)?.coordinators[0].node_id.0;
    let elsewhere = usize::try_from(found).context("an id")? % 3 + 1;
    let mut at = bed.connect(elsewhere)?;
    let describe = DescribeGroupsRequest::default().with_groups(vec![group_id(&group)]);
    bed.is("describe", at.call(&describe, 6)?.groups[0].error_code, 16)?;
    let describe = ConsumerGroupDescribeRequest::default().with_group_ids(vec![group_id(&group)]);
    bed.is("describe as a KIP-848 group", at.call(&describe, 1)?.groups[0].error_code, 16)?;
    let committed = at.call(&commit(&group, &topic, 0, 1), 8)?;
    bed.is("commit", committed.topics[0].partitions[0].error_code, 16)?;
    let asked = OffsetFetchRequestGroup::default().with_group_id(group_id(&group)).with_topics(None);
    let fetched = at.call(&OffsetFetchRequest::default().with_groups(vec![asked]), 8)?;
    bed.is("fetch", fetched.groups[0].error_code, 16)?;
    let fetched =
        at.call(&OffsetFetchRequest::default().with_group_id(group_id(&group)).with_topics(None), 5)?;
    bed.is("fetch of one group", fetched.error_code, 16)?;
    bed.is("offset delete", at.call(&offset_delete(&group, &topic, 0), 0)?.error_code, 16)?;
    let delete = DeleteGroupsRequest::default().with_groups_names(vec![group_id(&group)]);
    bed.is("delete", at.call(&delete, 2)?.results[0].error_code, 16)?;
    let beat = HeartbeatRequest::default().with_group_id(group_id(&group)).with_member_id(text("who"));
    bed.is("beat", at.call(&beat, 4)?.error_code, 16)
}

fn coordinators_are_found_in_every_version(bed: &Bed) -> Result<()> {
    let group = bed.name("readers");
    let mut nodes = Vec::new();
    for version in [0, 3] {
        let found = bed.call(&FindCoordinatorRequest::default().with_key(text(&group)), version)?;
        bed.said(&format!("version {version}"), found.error_code, found.error_message.as_ref());
        nodes.push(found.node_id);
    }
    let several = FindCoordinatorRequest::default().with_coordinator_keys(vec![text(&group), text("")]);
    for version in [4, 6] {
        let found = bed.call(&several, version)?;
        for one in &found.coordinators {
            bed.said(
                &format!("version {version}, '{}'", &*one.key),
                one.error_code,
                one.error_message.as_ref(),
            );
        }
        nodes.push(found.coordinators[0].node_id);
    }
    nodes.dedup();
    bed.is("coordinators", nodes.len(), 1)?;
    let odd = bed.call(&several.with_key_type(7), 6)?;
    bed.said("an odd type", odd.coordinators[0].error_code, odd.coordinators[0].error_message.as_ref());
    bed.is("code", odd.coordinators[0].error_code, 42)
}
