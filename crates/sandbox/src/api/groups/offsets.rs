//! OffsetCommit and OffsetDelete.

use crate::api::Call;
use crate::api::groups::guard::turned_away;
use crate::state::State;
use crate::state::groups::{Commit, CommitBy, MemberRef};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::offset_commit_request::OffsetCommitRequestPartition;
use kafka_protocol::messages::offset_commit_response::{
    OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use kafka_protocol::messages::offset_delete_response::{
    OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use kafka_protocol::messages::{
    OffsetCommitRequest, OffsetCommitResponse, OffsetDeleteRequest, OffsetDeleteResponse,
};

/// `offset.metadata.max.bytes` of a broker that does not set it.
const LONGEST_METADATA: usize = 4096;

pub(in crate::api) fn commit(
    state: &mut State,
    call: &Call,
    request: &OffsetCommitRequest,
) -> OffsetCommitResponse {
    let group = request.group_id.as_str();
    let turned_away = turned_away(state, call, group);
    let who = MemberRef {
        id: &request.member_id,
        instance_id: request.group_instance_id.as_deref(),
        generation: request.generation_id_or_member_epoch,
    };
    let now = state.clock.now_ms();
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| {
            let refused = refused(state, call, &topic.name, partition.partition_index).or(turned_away);
            let code = match refused {
                Some(code) => code,
                None => commit_one(state, call, group, who, &topic.name, partition, now),
            };
            OffsetCommitResponsePartition::default()
                .with_partition_index(partition.partition_index)
                .with_error_code(code)
        });
        OffsetCommitResponseTopic::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    let answer = OffsetCommitResponse::default().with_topics(topics.collect());
    state.touch();
    answer
}

fn commit_one(
    state: &mut State,
    call: &Call,
    group: &str,
    who: MemberRef<'_>,
    topic: &str,
    partition: &OffsetCommitRequestPartition,
    now: i64,
) -> i16 {
    let commits = match state.groups.commits_for(group, who, CommitBy::Request(call.version), now) {
        Ok(commits) => commits,
        Err(error) => return error.code(),
    };
    let metadata = partition.committed_metadata.as_deref().unwrap_or_default();
    if metadata.len() > LONGEST_METADATA {
        return ResponseError::OffsetMetadataTooLarge.code();
    }
    let commit = Commit {
        offset: partition.committed_offset,
        leader_epoch: partition.committed_leader_epoch,
        metadata: metadata.to_owned(),
        committed_ms: now,
    };
    commits.put(topic, partition.partition_index, commit);
    0
}

fn refused(state: &mut State, call: &Call, topic: &str, partition: i32) -> Option<i16> {
    if let Some((code, _)) = state.faults.refusal_of_partition(call.key, topic, partition) {
        return Some(code);
    }
    let exists = state.topics.get(topic).is_some_and(|found| {
        usize::try_from(partition).is_ok_and(|partition| partition < found.partitions.len())
    });
    (!exists).then_some(ResponseError::UnknownTopicOrPartition.code())
}

pub(in crate::api) fn delete_offsets(
    state: &mut State,
    call: &Call,
    request: &OffsetDeleteRequest,
) -> OffsetDeleteResponse {
    let group = request.group_id.as_str();
    if let Some(code) = turned_away(state, call, group) {
        return OffsetDeleteResponse::default().with_error_code(code);
    }
    let now = state.clock.now_ms();
    if let Err(error) = state.groups.deletable_commits(group, now) {
        return OffsetDeleteResponse::default().with_error_code(error.code());
    }
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| {
            let index = partition.partition_index;
            let code = match refused(state, call, &topic.name, index) {
                Some(code) => code,
                None => delete_one(state, group, &topic.name, index, now),
            };
            OffsetDeleteResponsePartition::default().with_partition_index(index).with_error_code(code)
        });
        OffsetDeleteResponseTopic::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    let answer = OffsetDeleteResponse::default().with_topics(topics.collect());
    state.touch();
    answer
}

fn delete_one(state: &mut State, group: &str, topic: &str, partition: i32, now: i64) -> i16 {
    match state.groups.deletable_commits(group, now) {
        Err(error) => error.code(),
        Ok((_, subscribed)) if subscribed.contains(topic) => ResponseError::GroupSubscribedToTopic.code(),
        Ok((commits, _)) => {
            commits.remove(topic, partition);
            0
        }
    }
}
