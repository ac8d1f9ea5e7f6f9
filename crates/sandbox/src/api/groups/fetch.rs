//! OffsetFetch.

use crate::api::Call;
use crate::api::groups::guard::turned_away;
use crate::state::State;
use crate::state::groups::{Commit, Commits, MemberRef};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics};
use kafka_protocol::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use kafka_protocol::messages::{OffsetFetchRequest, OffsetFetchResponse, TopicName};
use kafka_protocol::protocol::StrBytes;

/// The first version that asks for several groups (KIP-709).
const SEVERAL_GROUPS_VERSION: i16 = 8;
/// The first version that has an error code for the whole group.
const GROUP_ERROR_VERSION: i16 = 2;

/// What stands for the offset of a partition without a commit.
const NO_OFFSET: i64 = -1;

pub(in crate::api) fn fetch(
    state: &mut State,
    call: &Call,
    request: &OffsetFetchRequest,
) -> OffsetFetchResponse {
    let stable = request.require_stable;
    if call.version >= SEVERAL_GROUPS_VERSION {
        let groups = request.groups.iter().map(|group| {
            let mut told = fetch_group(state, call, group, stable);
            // Who asks for all is not told of topics that may not be described.
            if group.topics.is_none() {
                told.topics.retain(|topic| !state.faults.denies(&topic.name));
            }
            told
        });
        return OffsetFetchResponse::default().with_groups(groups.collect());
    }
    let topics = request.topics.as_ref().map(|topics| {
        let topics = topics.iter().map(|topic| {
            OffsetFetchRequestTopics::default()
                .with_name(topic.name.clone())
                .with_partition_indexes(topic.partition_indexes.clone())
        });
        topics.collect()
    });
    let wanted =
        OffsetFetchRequestGroup::default().with_group_id(request.group_id.clone()).with_topics(topics);
    let group = fetch_group(state, call, &wanted, stable);
    single(call, &wanted, group)
}

// The answer about one group, as it was written before there could be several.
fn single(
    call: &Call,
    wanted: &OffsetFetchRequestGroup,
    group: OffsetFetchResponseGroup,
) -> OffsetFetchResponse {
    if group.error_code != 0 && call.version < GROUP_ERROR_VERSION {
        let topics = wanted.topics.iter().flatten().map(|topic| {
            let partitions = topic.partition_indexes.iter().map(|index| {
                OffsetFetchResponsePartition::default()
                    .with_partition_index(*index)
                    .with_committed_offset(NO_OFFSET)
                    .with_error_code(group.error_code)
            });
            OffsetFetchResponseTopic::default()
                .with_name(topic.name.clone())
                .with_partitions(partitions.collect())
        });
        return OffsetFetchResponse::default().with_topics(topics.collect());
    }
    let topics = group.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.into_iter().map(|partition| {
            OffsetFetchResponsePartition::default()
                .with_partition_index(partition.partition_index)
                .with_committed_offset(partition.committed_offset)
                .with_committed_leader_epoch(partition.committed_leader_epoch)
                .with_metadata(partition.metadata)
                .with_error_code(partition.error_code)
        });
        OffsetFetchResponseTopic::default().with_name(topic.name).with_partitions(partitions.collect())
    });
    OffsetFetchResponse::default().with_error_code(group.error_code).with_topics(topics.collect())
}

fn fetch_group(
    state: &mut State,
    call: &Call,
    wanted: &OffsetFetchRequestGroup,
    stable: bool,
) -> OffsetFetchResponseGroup {
    let id = wanted.group_id.as_str();
    let answer = OffsetFetchResponseGroup::default().with_group_id(wanted.group_id.clone());
    if let Some(code) = turned_away(state, call, id) {
        return answer.with_error_code(code);
    }
    let who = MemberRef {
        id: wanted.member_id.as_deref().unwrap_or_default(),
        instance_id: None,
        generation: wanted.member_epoch,
    };
    // A group that does not exist has no commits, which is no error.
    let nothing = Commits::default();
    let commits = match state.groups.commits_of(id, who) {
        Ok(commits) => commits.unwrap_or(&nothing),
        Err(error) => return answer.with_error_code(error.code()),
    };
    let topics = match &wanted.topics {
        None => commits
            .by_topic()
            .map(|(topic, partitions)| {
                let told = partitions.keys().map(|index| told(commits, topic, *index, stable));
                OffsetFetchResponseTopics::default()
                    .with_name(TopicName(StrBytes::from_string(topic.to_owned())))
                    .with_partitions(told.collect())
            })
            .collect(),
        Some(topics) => topics
            .iter()
            .map(|topic| {
                let told =
                    topic.partition_indexes.iter().map(|index| told(commits, &topic.name, *index, stable));
                OffsetFetchResponseTopics::default()
                    .with_name(topic.name.clone())
                    .with_partitions(told.collect())
            })
            .collect(),
    };
    answer.with_topics(topics)
}

fn told(commits: &Commits, topic: &str, index: i32, stable: bool) -> OffsetFetchResponsePartitions {
    let answer =
        OffsetFetchResponsePartitions::default().with_partition_index(index).with_committed_offset(NO_OFFSET);
    if stable && commits.is_unstable(topic, index) {
        return answer.with_error_code(ResponseError::UnstableOffsetCommit.code());
    }
    match commits.get(topic, index) {
        None => answer,
        Some(Commit { offset, leader_epoch, metadata, .. }) => answer
            .with_committed_offset(*offset)
            .with_committed_leader_epoch(*leader_epoch)
            .with_metadata(Some(StrBytes::from_string(metadata.clone()))),
    }
}
