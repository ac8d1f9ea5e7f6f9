//! Offsets that count when a transaction commits: TxnOffsetCommit.

use crate::api::Call;
use crate::state::State;
use crate::state::groups::{Commit, CommitBy, CoordinatorOf, MemberRef};
use crate::state::transactions::Producer;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::txn_offset_commit_request::TxnOffsetCommitRequestPartition;
use kafka_protocol::messages::txn_offset_commit_response::{
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use kafka_protocol::messages::{TxnOffsetCommitRequest, TxnOffsetCommitResponse};

/// The offsets need no AddOffsetsToTxn before them from this version on (KIP-890).
const ADDS_ITSELF: i16 = 5;

pub(super) fn commit(
    state: &mut State,
    call: &Call,
    request: &TxnOffsetCommitRequest,
) -> TxnOffsetCommitResponse {
    let allowed = allowed(state, call, request);
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| {
            let staged = allowed.and_then(|()| stage(state, call, request, &topic.name, partition));
            TxnOffsetCommitResponsePartition::default()
                .with_partition_index(partition.partition_index)
                .with_error_code(staged.err().unwrap_or_default())
        });
        let partitions = partitions.collect();
        TxnOffsetCommitResponseTopic::default().with_name(topic.name.clone()).with_partitions(partitions)
    });
    let answer = TxnOffsetCommitResponse::default().with_topics(topics.collect());
    state.touch();
    answer
}

/// Whether the group is coordinated here, and the transaction is open, is of this producer and knows of the group.
fn allowed(state: &mut State, call: &Call, request: &TxnOffsetCommitRequest) -> Result<(), i16> {
    let (group, id) = (request.group_id.as_str(), request.transactional_id.as_str());
    if let Some((code, _)) = state.faults.refusal(call.key, group) {
        return Err(code);
    }
    let coded = |error: ResponseError| error.code();
    state.must_coordinate(CoordinatorOf::Group, group, call.node).map_err(coded)?;
    let producer = Producer { id: request.producer_id.0, epoch: request.producer_epoch };
    let place = state.place_of(CoordinatorOf::Group, group);
    let transaction = state.transactions.of(id, producer).map_err(|error| match error {
        ResponseError::ProducerFenced => ResponseError::InvalidProducerEpoch.code(),
        error => error.code(),
    })?;
    if transaction.partitions.contains(&place) {
        return Ok(());
    }
    if call.version < ADDS_ITSELF {
        return Err(ResponseError::InvalidTxnState.code());
    }
    let now_ms = state.clock.now_ms();
    state.transactions.add_partitions(id, producer, [place], now_ms).map_err(coded)
}

fn stage(
    state: &mut State,
    call: &Call,
    request: &TxnOffsetCommitRequest,
    topic: &str,
    partition: &TxnOffsetCommitRequestPartition,
) -> Result<(), i16> {
    let index = partition.partition_index;
    if let Some((code, _)) = state.faults.refusal_of_partition(call.key, topic, index) {
        return Err(code);
    }
    state.partition(topic, index).map_err(|error| error.code())?;
    let who = MemberRef {
        id: &request.member_id,
        instance_id: request.group_instance_id.as_deref(),
        generation: request.generation_id,
    };
    let now_ms = state.clock.now_ms();
    let commits = state.groups.commits_for(&request.group_id, who, CommitBy::Transaction, now_ms);
    let commit = Commit {
        offset: partition.committed_offset,
        leader_epoch: partition.committed_leader_epoch,
        metadata: partition.committed_metadata.as_deref().unwrap_or_default().to_owned(),
        committed_ms: now_ms,
    };
    commits.map_err(|error| error.code())?.stage(request.producer_id.0, topic, index, commit);
    Ok(())
}
