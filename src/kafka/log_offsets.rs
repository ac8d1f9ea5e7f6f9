//! Looking at the offsets of partitions' logs: their start, their end, and the first record at or after a time.

use super::backoff::Backoff;
use super::call_error::{known, taking};
use super::cluster::Cluster;
use super::leaders::ByLeader;
use super::route::{Retry, To};
use futures::future::join_all;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::list_offsets_response::ListOffsetsPartitionResponse;
use kafka_protocol::messages::{ListOffsetsRequest, ListOffsetsResponse, TopicName};
use kafka_protocol::protocol::StrBytes;
use klerk_core::access::Operation;
use klerk_core::values::{Failure, Known, Resource, TopicPartition};
use klerk_core::world::LogRange;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Partitions in one request. Brokers take more, and nothing is gained by it.
const PARTITIONS_A_REQUEST: usize = 10_000;
/// The version of ListOffsets from which on [`At::MaxTimestamp`] can be asked for.
const MAX_TIMESTAMP_SINCE: i16 = 7;
/// How long a partition whose leader is moving is followed.
const PATIENCE: Duration = Duration::from_secs(2);

/// Which offset of a log is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum At {
    /// The log start offset.
    Earliest,
    /// The end: the high watermark, or the last stable offset with [`Isolation::ReadCommitted`].
    Latest,
    /// The first record with this timestamp or a later one, in milliseconds since 1970.
    Time(i64),
    /// The record with the latest timestamp, wherever it stands (KIP-734, Kafka 3.0).
    MaxTimestamp,
}

impl At {
    /// The number that stands for it in ListOffsets.
    fn timestamp(self) -> i64 {
        match self {
            At::Earliest => -2,
            At::Latest => -1,
            At::MaxTimestamp => -3,
            // Negative numbers have meanings of their own, and no record is older than 1970.
            At::Time(millis) => millis.max(0),
        }
    }
}

/// Which records count for the end of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Isolation {
    /// All that are replicated.
    #[default]
    ReadUncommitted,
    /// Those before the first open transaction.
    ReadCommitted,
}

/// An offset in a partition's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogOffset {
    /// The offset.
    pub offset: i64,
    /// The timestamp of the record there, in milliseconds since 1970; only for [`At::Time`] and
    /// [`At::MaxTimestamp`].
    pub timestamp: Option<i64>,
    /// The epoch of the leader who wrote it, where the broker tells.
    pub leader_epoch: Option<i32>,
}

/// Every partition's own answer.
pub type LogOffsets = BTreeMap<TopicPartition, Known<LogOffset>>;

impl Cluster {
    /// One offset of each partition's log, asked of the leaders in one request each. Every partition has an answer of
    /// its own, and none is ever 0 for want of one: `Absent` says that there is no such partition or, for
    /// [`At::Time`], no record that young.
    pub async fn log_offsets(
        &self,
        partitions: impl IntoIterator<Item = (TopicPartition, At)>,
        isolation: Isolation,
    ) -> LogOffsets {
        let asked: HashMap<TopicPartition, At> = partitions.into_iter().collect();
        let mut found = LogOffsets::new();
        let mut open: Vec<TopicPartition> = asked.keys().cloned().collect();
        let give_up = Instant::now() + PATIENCE;
        let mut backoff = Backoff::new();
        loop {
            let (settled, moving) = self.ask_leaders(open, &asked, isolation).await;
            found.extend(settled.into_iter().map(|(at, offset)| {
                let topic = Resource::topic(&*at.topic);
                (at, taking(offset, Operation::Describe, &topic))
            }));
            let pause = backoff.pause();
            if moving.is_empty() || Instant::now() + pause > give_up {
                found.extend(moving);
                return found;
            }
            self.forget_leaders(moving.keys().map(|partition| &*partition.topic).collect::<BTreeSet<_>>());
            tokio::time::sleep(pause).await;
            open = moving.into_keys().collect();
        }
    }

    /// The range of each partition's log, in two requests a leader that run side by side.
    pub async fn log_ranges(
        &self,
        partitions: impl IntoIterator<Item = TopicPartition>,
        isolation: Isolation,
    ) -> BTreeMap<TopicPartition, Known<LogRange>> {
        let partitions: Vec<TopicPartition> = partitions.into_iter().collect();
        let at = |at| partitions.iter().cloned().map(move |partition| (partition, at));
        let (starts, mut ends) = tokio::join!(
            self.log_offsets(at(At::Earliest), isolation),
            self.log_offsets(at(At::Latest), isolation)
        );
        starts
            .into_iter()
            .map(|(partition, start)| {
                let end = ends.remove(&partition).unwrap_or(Known::NotAsked);
                (partition, range(start, end))
            })
            .collect()
    }

    /// Asks each leader once. What may be different in a moment comes back apart.
    async fn ask_leaders(
        &self,
        partitions: Vec<TopicPartition>,
        asked: &HashMap<TopicPartition, At>,
        isolation: Isolation,
    ) -> (LogOffsets, LogOffsets) {
        let sorted = match self.leaders(partitions.iter().cloned()).await {
            Ok(sorted) => sorted,
            Err(error) => {
                let all = partitions.into_iter().map(|partition| (partition, error.unknown()));
                return (all.collect(), LogOffsets::new());
            }
        };
        let ByLeader { led, leaderless } = sorted;
        let mut settled = LogOffsets::new();
        let mut moving = LogOffsets::new();
        for (partition, why) in leaderless {
            // It was not known; only the reason is carried over.
            let why = match why {
                Known::Known(()) => Known::NotAsked,
                other => other.map(|()| LogOffset { offset: -1, timestamp: None, leader_epoch: None }),
            };
            let place = if is_passing(&why) { &mut moving } else { &mut settled };
            place.insert(partition, why);
        }
        let requests = led.iter().flat_map(|(node, partitions)| {
            partitions
                .chunks(PARTITIONS_A_REQUEST)
                .map(|chunk| self.ask_leader(*node, chunk, asked, isolation))
        });
        for (partition, answer) in join_all(requests).await.into_iter().flatten() {
            let place = if is_passing(&answer) { &mut moving } else { &mut settled };
            place.insert(partition, answer);
        }
        (settled, moving)
    }

    async fn ask_leader(
        &self,
        node: i32,
        partitions: &[TopicPartition],
        asked: &HashMap<TopicPartition, At>,
        isolation: Isolation,
    ) -> Vec<(TopicPartition, Known<LogOffset>)> {
        let at = |partition: &TopicPartition| asked.get(partition).copied().unwrap_or(At::Latest);
        // Sent once only: a leader that is gone is looked for again with fresh metadata by whoever called.
        let answer = self
            .call(To::Broker(node), Retry::Never, |version| request(version, partitions, at, isolation))
            .await;
        match answer {
            Ok(answer) => {
                let mut found = read(partitions, &answer.body, at);
                if answer.version < MAX_TIMESTAMP_SINCE {
                    // An older broker takes the number for a time, and finds the first record of all.
                    let unknown = |partition: &TopicPartition| at(partition) == At::MaxTimestamp;
                    for (partition, offset) in found.iter_mut().filter(|(partition, _)| unknown(partition)) {
                        *offset = Known::Unavailable(format!(
                            "brokers before Kafka 3.0 do not tell when {partition} was last written to"
                        ));
                    }
                }
                found
            }
            Err(error) => {
                let why: Known<LogOffset> = error.unknown();
                partitions.iter().map(|partition| (partition.clone(), why.clone())).collect()
            }
        }
    }
}

/// Whether another look in a moment may give another answer: codes 3 (from a broker that led it a moment ago), 5, 6,
/// 9, 56, 72, 74, 75 and 78, and connections that were lost.
fn is_passing(answer: &Known<LogOffset>) -> bool {
    match answer {
        Known::Failed(failure) => match failure.code {
            Some(code) => [3, 5, 6, 9, 56, 72, 74, 75, 78].contains(&code),
            None => failure.name != "TIMEOUT" && failure.name != "PROTOCOL_ERROR",
        },
        _ => false,
    }
}

fn request(
    version: i16,
    partitions: &[TopicPartition],
    at: impl Fn(&TopicPartition) -> At,
    isolation: Isolation,
) -> ListOffsetsRequest {
    let mut topics: BTreeMap<&Arc<str>, Vec<ListOffsetsPartition>> = BTreeMap::new();
    for partition in partitions {
        topics.entry(&partition.topic).or_default().push(
            ListOffsetsPartition::default()
                .with_partition_index(partition.partition)
                .with_timestamp(at(partition).timestamp()),
        );
    }
    let topics = topics.into_iter().map(|(name, partitions)| {
        let name = TopicName(StrBytes::from_string(name.to_string()));
        ListOffsetsTopic::default().with_name(name).with_partitions(partitions)
    });
    let request = ListOffsetsRequest::default()
        .with_replica_id((-1).into())
        .with_topics(topics.collect())
        // How long the broker may look in tiered storage (v10).
        .with_timeout_ms(10_000);
    match isolation {
        Isolation::ReadCommitted if version >= 2 => request.with_isolation_level(1),
        Isolation::ReadCommitted | Isolation::ReadUncommitted => request,
    }
}

/// The answer of each partition that was asked for; one that the broker left out failed.
fn read(
    partitions: &[TopicPartition],
    answer: &ListOffsetsResponse,
    at: impl Fn(&TopicPartition) -> At,
) -> Vec<(TopicPartition, Known<LogOffset>)> {
    let mut answers: HashMap<(&str, i32), &ListOffsetsPartitionResponse> =
        HashMap::with_capacity(partitions.len());
    for topic in &answer.topics {
        answers.extend(
            topic.partitions.iter().map(|found| ((topic.name.as_str(), found.partition_index), found)),
        );
    }
    let answer_for = |partition: &TopicPartition| match answers.get(&(&*partition.topic, partition.partition))
    {
        Some(found) => read_partition(found, at(partition)),
        None => Known::Failed(Failure::without_reply("NO_ANSWER", "the broker left the partition out")),
    };
    partitions.iter().map(|partition| (partition.clone(), answer_for(partition))).collect()
}

fn read_partition(found: &ListOffsetsPartitionResponse, at: At) -> Known<LogOffset> {
    if found.error_code == 0 && found.offset < 0 {
        return match at {
            At::Time(_) | At::MaxTimestamp => Known::Absent,
            At::Earliest | At::Latest => {
                Known::Failed(Failure::without_reply("NO_ANSWER", "the broker gave no offset"))
            }
        };
    }
    known(found.error_code, "", &[], || LogOffset {
        offset: found.offset,
        timestamp: Some(found.timestamp).filter(|millis| *millis >= 0),
        leader_epoch: Some(found.leader_epoch).filter(|epoch| *epoch >= 0),
    })
}

fn range(start: Known<LogOffset>, end: Known<LogOffset>) -> Known<LogRange> {
    match (start, end) {
        (Known::Known(start), Known::Known(end)) => {
            // Asked side by side: records may have been deleted between the two answers.
            Known::Known(LogRange { start: start.offset, end: end.offset.max(start.offset) })
        }
        (Known::Known(_), missing) | (missing, _) => {
            missing.map(|found| LogRange { start: found.offset, end: found.offset })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(code: i16, offset: i64, timestamp: i64) -> ListOffsetsPartitionResponse {
        ListOffsetsPartitionResponse::default()
            .with_error_code(code)
            .with_offset(offset)
            .with_timestamp(timestamp)
    }

    #[test]
    fn no_record_that_young_is_absent_and_never_zero() {
        assert_eq!(read_partition(&answer(0, -1, -1), At::Time(5)), Known::Absent);
        assert!(matches!(read_partition(&answer(0, -1, -1), At::Latest), Known::Failed(_)));
        let found = LogOffset { offset: 7, timestamp: Some(9), leader_epoch: None };
        assert_eq!(read_partition(&answer(0, 7, 9), At::Time(5)), Known::Known(found));
    }

    #[test]
    fn what_may_be_different_in_a_moment_is_asked_again() {
        let passing = |code| is_passing(&read_partition(&answer(code, -1, -1), At::Latest));
        assert!([3, 5, 6].into_iter().all(passing));
        assert!(![29, 42].into_iter().any(passing));
    }

    #[test]
    fn a_partition_that_the_broker_leaves_out_has_failed() {
        let partition = TopicPartition::new("orders", 0);
        let read = read(&[partition], &ListOffsetsResponse::default(), |_| At::Latest);
        assert!(matches!(&read[0].1, Known::Failed(failure) if failure.name == "NO_ANSWER"));
    }

    #[test]
    fn a_range_is_only_known_when_both_ends_are() {
        let known = |offset| Known::Known(LogOffset { offset, timestamp: None, leader_epoch: None });
        assert_eq!(range(known(3), known(8)), Known::Known(LogRange { start: 3, end: 8 }));
        assert_eq!(range(known(9), known(8)), Known::Known(LogRange { start: 9, end: 9 }));
        let denied = || Known::Denied(Failure::without_reply("X", ""));
        assert!(matches!(range(known(3), denied()), Known::Denied(_)));
        assert!(matches!(range(denied(), known(3)), Known::Denied(_)));
        assert_eq!(range(Known::Absent, known(3)), Known::Absent);
    }

    #[test]
    fn only_a_version_that_has_it_is_asked_for_committed_records() {
        let partitions = [TopicPartition::new("orders", 0)];
        let level =
            |version| request(version, &partitions, |_| At::Latest, Isolation::ReadCommitted).isolation_level;
        assert_eq!((level(1), level(2)), (0, 1));
        let asked = request(7, &partitions, |_| At::Time(-5), Isolation::ReadUncommitted);
        assert_eq!(asked.topics[0].partitions[0].timestamp, 0);
        assert_eq!(asked.replica_id, -1);
    }
}
