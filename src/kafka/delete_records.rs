//! Deleting the first records of partitions, asked of their leaders.

use super::backoff::Backoff;
use super::batch::Outcome;
use super::call_error::{CallError, failure};
use super::cluster::Cluster;
use super::enact_topics::text;
use super::leaders::ByLeader;
use super::route::{Retry, To};
use futures::future::join_all;
use kafka_protocol::messages::delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic};
use kafka_protocol::messages::{DeleteRecordsRequest, DeleteRecordsResponse, TopicName};
use klerk_core::values::{Failure, Known, TopicPartition};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use tokio::time::Instant;

/// Partitions in one request.
const PARTITIONS_A_REQUEST: usize = 10_000;
/// LEADER_NOT_AVAILABLE, NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH and KAFKA_STORAGE_ERROR: nothing was done, and
/// another broker may do it. Not UNKNOWN_TOPIC_OR_PARTITION: the request knows topics by name, and one that was made
/// anew in between must keep its records.
const ELSEWHERE: [i32; 4] = [5, 6, 74, 56];
/// REQUEST_TIMED_OUT: the leader has cut its log, and not every replica has followed in time.
const TIMED_OUT: i32 = 7;

/// The offset before which the records of a partition go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionCut {
    /// The partition.
    pub partition: TopicPartition,
    /// The first offset that stays.
    pub before: i64,
}

/// What became of each partition.
pub type Cuts = BTreeMap<TopicPartition, Outcome<()>>;

impl Cluster {
    /// Deletes the records before these offsets, in one request a leader. A cut that is made twice does what it does
    /// once, so that partitions whose leader has moved are sent again to the one that there is now.
    ///
    /// DeleteRecords knows topics by their names only.
    pub async fn delete_records(&self, cuts: &[PartitionCut]) -> Cuts {
        let before: HashMap<&TopicPartition, i64> =
            cuts.iter().map(|cut| (&cut.partition, cut.before)).collect();
        let mut open: Vec<TopicPartition> = cuts.iter().map(|cut| cut.partition.clone()).collect();
        let mut done = Cuts::new();
        let give_up = match self.request_deadline("DeleteRecords") {
            Ok(deadline) => deadline,
            Err(error) => {
                let not_sent = |partition| (partition, Outcome::NotSent(error.failure()));
                return open.into_iter().map(not_sent).collect();
            }
        };
        let mut backoff = Backoff::new();
        loop {
            let answered = self.cut_at_leaders(open, &before).await;
            open = Vec::new();
            for (partition, outcome) in answered {
                if moved(&outcome) {
                    open.push(partition.clone());
                }
                // What got no answer before may have been done, whatever the next leader says.
                let in_doubt = matches!(done.get(&partition), Some(Outcome::NoReply(_)));
                if !in_doubt || matches!(outcome, Outcome::Accepted(())) {
                    done.insert(partition, outcome);
                }
            }
            let pause = backoff.pause();
            if open.is_empty() || Instant::now() + pause >= give_up {
                return done;
            }
            self.forget_leaders(open.iter().map(|partition| &*partition.topic).collect::<BTreeSet<_>>());
            tokio::time::sleep(pause).await;
        }
    }

    async fn cut_at_leaders(
        &self,
        partitions: Vec<TopicPartition>,
        before: &HashMap<&TopicPartition, i64>,
    ) -> Vec<(TopicPartition, Outcome<()>)> {
        let ByLeader { led, leaderless } = match self.leaders(partitions.iter().cloned()).await {
            Ok(sorted) => sorted,
            Err(error) => {
                let not_sent = |partition| (partition, Outcome::NotSent(error.failure()));
                return partitions.into_iter().map(not_sent).collect();
            }
        };
        let mut answered: Vec<(TopicPartition, Outcome<()>)> = Vec::with_capacity(partitions.len());
        answered.extend(leaderless.into_iter().map(|(partition, why)| (partition, leaderless_outcome(&why))));
        let requests = led.iter().flat_map(|(node, partitions)| {
            partitions.chunks(PARTITIONS_A_REQUEST).map(async |chunk| {
                let answer = self
                    .call(To::Broker(*node), Retry::Never, |_| request(chunk, before, self.patience_ms()))
                    .await;
                match answer {
                    Ok(answer) => read(chunk, &answer.body),
                    Err(error) => {
                        let outcome = unanswered(&error);
                        chunk.iter().map(|partition| (partition.clone(), outcome.clone())).collect()
                    }
                }
            })
        });
        answered.extend(join_all(requests).await.into_iter().flatten());
        answered
    }
}

/// Whether the partition has to be sent to another broker.
fn moved(outcome: &Outcome<()>) -> bool {
    matches!(outcome, Outcome::Refused(why) | Outcome::NotSent(why) if why.has_code(&ELSEWHERE))
}

fn leaderless_outcome(why: &Known<()>) -> Outcome<()> {
    Outcome::NotSent(match why {
        Known::Denied(why) | Known::Failed(why) => why.clone(),
        missing => Failure::without_reply(
            "NO_LEADER",
            missing.missing_reason().unwrap_or_else(|| "no answer".to_owned()),
        ),
    })
}

fn unanswered(error: &CallError) -> Outcome<()> {
    if error.may_have_done("DeleteRecords") {
        return Outcome::NoReply(error.failure());
    }
    match error {
        CallError::Refused(_) => Outcome::Refused(error.failure()),
        _ => Outcome::NotSent(error.failure()),
    }
}

fn request(
    partitions: &[TopicPartition],
    before: &HashMap<&TopicPartition, i64>,
    timeout_ms: i32,
) -> DeleteRecordsRequest {
    let mut topics: BTreeMap<&Arc<str>, Vec<DeleteRecordsPartition>> = BTreeMap::new();
    for partition in partitions {
        // An offset of -1 would stand for the end: one that is missing names nothing instead.
        let Some(offset) = before.get(partition).copied().filter(|offset| *offset >= 0) else { continue };
        let cut =
            DeleteRecordsPartition::default().with_partition_index(partition.partition).with_offset(offset);
        topics.entry(&partition.topic).or_default().push(cut);
    }
    let topics = topics.into_iter().map(|(name, partitions)| {
        DeleteRecordsTopic::default().with_name(TopicName(text(name))).with_partitions(partitions)
    });
    DeleteRecordsRequest::default().with_topics(topics.collect()).with_timeout_ms(timeout_ms)
}

/// The answer to each partition; one that the broker left out may have been done.
fn read(partitions: &[TopicPartition], answer: &DeleteRecordsResponse) -> Vec<(TopicPartition, Outcome<()>)> {
    let mut codes: HashMap<(&str, i32), i16> = HashMap::with_capacity(partitions.len());
    for topic in &answer.topics {
        codes.extend(
            topic.partitions.iter().map(|cut| ((topic.name.as_str(), cut.partition_index), cut.error_code)),
        );
    }
    let outcome = |partition: &TopicPartition| match codes.get(&(&*partition.topic, partition.partition)) {
        Some(0) => Outcome::Accepted(()),
        Some(code) if i32::from(*code) == TIMED_OUT => Outcome::NoReply(failure(*code, "")),
        Some(code) => Outcome::Refused(refusal(*code)),
        None => {
            let why = "the broker left the partition out of its answer";
            Outcome::NoReply(Failure::without_reply("NO_ANSWER", why))
        }
    };
    partitions.iter().map(|partition| (partition.clone(), outcome(partition))).collect()
}

/// A refusal in words that say what to do, where the code alone would not.
fn refusal(code: i16) -> Failure {
    let plain = failure(code, "");
    match code {
        1 => Failure { message: "the log ends before that offset by now; plan again".to_owned(), ..plain },
        44 => Failure {
            message: "the topic is compacted and not also deleted from (cleanup.policy), so brokers keep its records"
                .to_owned(),
            ..plain
        },
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::delete_records_response::{
        DeleteRecordsPartitionResult, DeleteRecordsTopicResult,
    };

    #[test]
    fn only_offsets_that_are_named_are_sent() {
        let partitions: Vec<_> = (0..3).map(|number| TopicPartition::new("orders", number)).collect();
        let before = HashMap::from([(&partitions[0], 7), (&partitions[1], -1)]);
        let sent = request(&partitions, &before, 5);
        let cuts: Vec<_> =
            sent.topics[0].partitions.iter().map(|cut| (cut.partition_index, cut.offset)).collect();
        assert_eq!(cuts, [(0, 7)], "-1 would delete everything");
    }

    #[test]
    fn a_partition_that_is_left_out_or_timed_out_may_have_been_done() {
        let partitions: Vec<_> = (0..4).map(|number| TopicPartition::new("orders", number)).collect();
        let cut = |number, code| {
            DeleteRecordsPartitionResult::default().with_partition_index(number).with_error_code(code)
        };
        let topic = DeleteRecordsTopicResult::default()
            .with_name(TopicName(text("orders")))
            .with_partitions(vec![cut(0, 0), cut(1, 44), cut(2, 7)]);
        let answer = DeleteRecordsResponse::default().with_topics(vec![topic]);
        let outcomes: Vec<_> = read(&partitions, &answer).into_iter().map(|(_, outcome)| outcome).collect();
        assert_eq!(outcomes[0], Outcome::Accepted(()));
        assert!(matches!(&outcomes[1], Outcome::Refused(why) if why.code == Some(44)));
        assert!(matches!(outcomes[2..], [Outcome::NoReply(_), Outcome::NoReply(_)]));
    }
}
