//! Changing committed offsets from outside: no command ever joins a group.

use super::backoff::Backoff;
use super::call_error::{CallError, failure};
use super::cluster::Cluster;
use super::groups::is_passing;
use super::route::{Retry, To};
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::offset_delete_request::{
    OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use kafka_protocol::messages::{GroupId, OffsetCommitRequest, OffsetDeleteRequest, TopicName};
use kafka_protocol::protocol::StrBytes;
use klerk_core::apply::{ItemFailure, StepEvent};
use klerk_core::plan::{GroupChange, OffsetMove};
use klerk_core::values::{Failure, TopicPartition};
use std::collections::{BTreeMap, VecDeque};
use tokio::time::Instant;

/// Partitions committed in one request. Brokers take more; what is too large for a batch of `__consumer_offsets`
/// is halved.
const PARTITIONS_A_REQUEST: usize = 5000;
/// The generation of a commit that comes from no member.
const OUTSIDER: i32 = -1;
/// INVALID_COMMIT_OFFSET_SIZE, MESSAGE_TOO_LARGE, and UNKNOWN_SERVER_ERROR, which Kafka 4.3 answers for every partition
/// of a commit that does not fit into a batch of `__consumer_offsets`. Nothing of it was written.
const TOO_LARGE: [i16; 3] = [28, 10, -1];
/// UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS, NON_EMPTY_GROUP, STALE_MEMBER_EPOCH: the group has
/// members, and only they may commit.
const ACTIVE: [i16; 5] = [25, 22, 27, 68, 113];
/// REQUEST_TIMED_OUT.
const TIMED_OUT: i16 = 7;
/// The version that brought leader epochs to commits (KIP-320).
const WITH_EPOCH: i16 = 6;

/// Codes by partition, or that no answer came.
type Codes = Vec<(TopicPartition, i16)>;

impl Cluster {
    /// Carries out one change of one group and tells its fate. What the plan calls unchanged is not sent.
    pub async fn enact_group(&self, change: &GroupChange) -> StepEvent {
        match change {
            GroupChange::CommitOffsets { group, partitions, .. } => {
                let moves: Vec<&OffsetMove> = partitions.iter().filter(|one| !one.is_unchanged()).collect();
                self.commit_offsets(group, &moves).await
            }
            GroupChange::DeleteOffsets { group, partitions, .. } => {
                let partitions: Vec<&TopicPartition> = partitions.iter().map(|(at, _)| at).collect();
                self.delete_offsets(group, &partitions).await
            }
        }
    }

    async fn commit_offsets(&self, group: &str, moves: &[&OffsetMove]) -> StepEvent {
        let mut left: VecDeque<&[&OffsetMove]> = moves.chunks(PARTITIONS_A_REQUEST).collect();
        let mut codes = Codes::new();
        while let Some(chunk) = left.pop_front() {
            match self.commit_chunk(group, chunk).await {
                Ok(found) => {
                    let too_large = found.iter().all(|(_, code)| TOO_LARGE.contains(code));
                    let (first, second) = chunk.split_at(chunk.len() / 2);
                    match found.first().filter(|_| too_large) {
                        Some(_) if !first.is_empty() => {
                            left.push_front(second);
                            left.push_front(first);
                        }
                        // A single commit is never too large: the broker means something else, for all of them.
                        Some((_, code)) => {
                            let rest = left.drain(..).flatten().map(|one| (one.partition.clone(), *code));
                            codes.extend(rest);
                            codes.extend(found);
                        }
                        None => codes.extend(found),
                    }
                }
                Err(error) => return broken_off("OffsetCommit", error, codes, moves.len()),
            }
        }
        event(codes, moves.len())
    }

    async fn commit_chunk(&self, group: &str, chunk: &[&OffsetMove]) -> Result<Codes, CallError> {
        self.until_coordinated("OffsetCommit", group, async || {
            let answer = self
                .call(To::Coordinator(group), Retry::Never, |version| {
                    OffsetCommitRequest::default()
                        .with_group_id(GroupId(StrBytes::from_string(group.to_owned())))
                        .with_generation_id_or_member_epoch(OUTSIDER)
                        .with_topics(commit_topics(chunk, version))
                })
                .await?;
            let mut codes = Codes::new();
            for topic in &answer.body.topics {
                codes.extend(topic.partitions.iter().map(|one| {
                    (TopicPartition::new(topic.name.as_str(), one.partition_index), one.error_code)
                }));
            }
            Ok(codes)
        })
        .await
    }

    async fn delete_offsets(&self, group: &str, partitions: &[&TopicPartition]) -> StepEvent {
        let codes = self
            .until_coordinated("OffsetDelete", group, async || {
                let answer = self
                    .call(To::Coordinator(group), Retry::Never, |_| {
                        OffsetDeleteRequest::default()
                            .with_group_id(GroupId(StrBytes::from_string(group.to_owned())))
                            .with_topics(delete_topics(partitions))
                    })
                    .await?;
                let mut codes = Codes::new();
                for topic in &answer.body.topics {
                    codes.extend(topic.partitions.iter().map(|one| {
                        (TopicPartition::new(topic.name.as_str(), one.partition_index), one.error_code)
                    }));
                }
                Ok(codes)
            })
            .await;
        match codes {
            Ok(codes) => event(codes, partitions.len()),
            Err(error) => broken_off("OffsetDelete", error, Codes::new(), partitions.len()),
        }
    }

    /// Repeats a request as long as every partition says that the coordinator is elsewhere or not ready: then nothing
    /// of it was done.
    async fn until_coordinated(
        &self,
        api: &'static str,
        group: &str,
        send: impl AsyncFn() -> Result<Codes, CallError>,
    ) -> Result<Codes, CallError> {
        let give_up = self.request_deadline(api)?;
        let mut backoff = Backoff::new();
        loop {
            let codes = send().await?;
            let nowhere = !codes.is_empty() && codes.iter().all(|(_, code)| is_passing(*code));
            let pause = backoff.pause();
            if !nowhere || Instant::now() + pause >= give_up {
                return Ok(codes);
            }
            self.forget_coordinator(group);
            tokio::time::sleep(pause).await;
        }
    }
}

fn commit_topics(moves: &[&OffsetMove], version: i16) -> Vec<OffsetCommitRequestTopic> {
    let mut topics: BTreeMap<&str, Vec<OffsetCommitRequestPartition>> = BTreeMap::new();
    for one in moves {
        let partition = OffsetCommitRequestPartition::default()
            .with_partition_index(one.partition.partition)
            .with_committed_offset(one.to)
            .with_committed_metadata(Some(StrBytes::from_string(one.metadata.clone())));
        let partition = match one.leader_epoch {
            Some(epoch) if version >= WITH_EPOCH => partition.with_committed_leader_epoch(epoch),
            _ => partition,
        };
        topics.entry(&one.partition.topic).or_default().push(partition);
    }
    let topic = |(name, partitions): (&str, _)| {
        OffsetCommitRequestTopic::default()
            .with_name(TopicName(StrBytes::from_string(name.to_owned())))
            .with_partitions(partitions)
    };
    topics.into_iter().map(topic).collect()
}

fn delete_topics(partitions: &[&TopicPartition]) -> Vec<OffsetDeleteRequestTopic> {
    let mut topics: BTreeMap<&str, Vec<OffsetDeleteRequestPartition>> = BTreeMap::new();
    for at in partitions {
        let partition = OffsetDeleteRequestPartition::default().with_partition_index(at.partition);
        topics.entry(&at.topic).or_default().push(partition);
    }
    let topic = |(name, partitions): (&str, _)| {
        OffsetDeleteRequestTopic::default()
            .with_name(TopicName(StrBytes::from_string(name.to_owned())))
            .with_partitions(partitions)
    };
    topics.into_iter().map(topic).collect()
}

/// The fate of a step all of whose requests were answered, given how many partitions it has. Neither API is atomic over
/// partitions.
fn event(codes: Codes, of: usize) -> StepEvent {
    // A partition that no answer mentions, or that the broker gave up waiting for, may have been done.
    if codes.len() < of {
        return StepEvent::NoReply(Failure::without_reply(
            "NO_ANSWER",
            "the broker left partitions out of its answer",
        ));
    }
    if codes.iter().any(|(_, code)| *code == TIMED_OUT) {
        return StepEvent::NoReply(failure(TIMED_OUT, ""));
    }
    let of = count(codes.len());
    let failures: Vec<ItemFailure> = codes
        .into_iter()
        .filter(|(_, code)| *code != 0)
        .map(|(at, code)| ItemFailure { item: at.to_string(), failure: refusal(code, "") })
        .collect();
    match failures.first() {
        None => StepEvent::Accepted,
        // One reason for all of them is said once.
        Some(first)
            if count(failures.len()) == of && failures.iter().all(|one| one.failure == first.failure) =>
        {
            StepEvent::Refused(first.failure.clone())
        }
        Some(_) => StepEvent::PartlyAccepted { done: of - count(failures.len()), of, failures },
    }
}

/// The fate of a step of which a request of this API has no answer, was refused as a whole, or found no way to the
/// coordinator.
fn broken_off(api: &str, error: CallError, before: Codes, of: usize) -> StepEvent {
    if error.may_have_done(api) {
        return StepEvent::NoReply(error.failure());
    }
    let whole = match &error {
        CallError::Refused(refused) => refusal(refused.code.code, &refused.message),
        _ => error.failure(),
    };
    let done = before.iter().filter(|(_, code)| *code == 0).count();
    if done == 0 {
        return match error {
            CallError::Refused(refused) if refused.api == api => StepEvent::Refused(whole),
            _ => StepEvent::NotSent(whole),
        };
    }
    let mut failures: Vec<ItemFailure> = before
        .into_iter()
        .filter(|(_, code)| *code != 0)
        .map(|(at, code)| ItemFailure { item: at.to_string(), failure: refusal(code, "") })
        .collect();
    failures.push(ItemFailure { item: "the partitions after these".to_owned(), failure: whole });
    StepEvent::PartlyAccepted { done: count(done), of: count(of), failures }
}

/// A refusal in words that say what to do, where the code alone would not.
fn refusal(code: i16, message: &str) -> Failure {
    let plain = failure(code, message);
    if ACTIVE.contains(&code) {
        let message = "the group has members: stop them, or wait for them with --wait-empty".to_owned();
        return Failure { message, ..plain };
    }
    match code {
        86 => Failure { message: "the group still reads the topic".to_owned(), ..plain },
        69 => Failure { message: "the group does not exist any more".to_owned(), ..plain },
        _ => plain,
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(codes: &[i16]) -> Codes {
        (0..).zip(codes).map(|(at, code)| (TopicPartition::new("t", at), *code)).collect()
    }

    #[test]
    fn a_commit_is_not_atomic_and_its_fate_says_so() {
        assert!(matches!(event(codes(&[0]), 2), StepEvent::NoReply(_)), "one partition is not in the answer");
        assert!(matches!(event(codes(&[3, 7]), 2), StepEvent::NoReply(_)), "one may have been done");
        assert_eq!(event(codes(&[0, 0]), 2), StepEvent::Accepted);
        let StepEvent::Refused(all) = event(codes(&[25, 25]), 2) else { panic!() };
        assert_eq!((all.code, all.name.as_str()), (Some(25), "UNKNOWN_MEMBER_ID"));
        assert!(all.message.contains("--wait-empty"));
        let StepEvent::PartlyAccepted { done, of, failures } = event(codes(&[0, 3, 0]), 3) else { panic!() };
        assert_eq!((done, of, failures[0].item.as_str()), (2, 3, "t-1"));
        let StepEvent::PartlyAccepted { done, .. } = event(codes(&[3, 12]), 2) else { panic!() };
        assert_eq!(done, 0);
    }
}
