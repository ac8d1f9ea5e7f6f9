//! Replicas on their way between brokers (KIP-455): what moves, and sending replicas elsewhere.

use super::batch::{Carrier, Outcome, Verdicts, Watch, carry_all};
use super::call_error::{CallError, taking_of_cluster};
use super::cluster::Cluster;
use super::enact_topics::{Mode, Way, text, verdict};
use super::route::{Retry, To};
use kafka_protocol::messages::alter_partition_reassignments_request::{
    ReassignablePartition, ReassignableTopic,
};
use kafka_protocol::messages::alter_partition_reassignments_response::ReassignableTopicResponse;
use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, BrokerId, ListPartitionReassignmentsRequest, TopicName,
};
use klerk_core::access::Operation;
use klerk_core::apply::{ItemFailure, StepEvent};
use klerk_core::values::{Failure, Known, TopicPartition};
use klerk_core::world::{OngoingMove, OngoingMoves};
use std::collections::BTreeMap;

/// Where replicas of one topic shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaMove {
    /// The topic's name.
    pub topic: String,
    /// The brokers of each partition, the preferred leader first; `None` takes back the move that is under way.
    pub partitions: BTreeMap<i32, Option<Vec<i32>>>,
}

/// What the controller refused of a move that it accepted otherwise.
pub type RefusedPartitions = Vec<ItemFailure>;

impl Cluster {
    /// Every partition whose replicas are on their way, whoever sent them there.
    pub async fn ongoing_moves(&self) -> Known<OngoingMoves> {
        match self.moves_under_way().await {
            Ok(moves) => Known::Known(moves),
            Err(error) => taking_of_cluster(error.unknown(), Operation::Describe),
        }
    }

    /// The same, for whom there is no going on without it.
    ///
    /// # Errors
    /// When no broker answers, and when this principal may not see it.
    pub async fn moves_under_way(&self) -> Result<OngoingMoves, CallError> {
        let request = |_| {
            ListPartitionReassignmentsRequest::default().with_timeout_ms(self.patience_ms()).with_topics(None)
        };
        let answer = self.call(To::Controller, Retry::Safe, request).await?;
        let ids = |brokers: &[BrokerId]| brokers.iter().map(|id| id.0).collect();
        let moves = answer.body.topics.iter().flat_map(|topic| {
            topic.partitions.iter().map(move |one| {
                let ongoing = OngoingMove {
                    replicas: ids(&one.replicas),
                    adding: ids(&one.adding_replicas),
                    removing: ids(&one.removing_replicas),
                };
                (TopicPartition::new(topic.name.as_str(), one.partition_index), ongoing)
            })
        });
        Ok(moves.collect())
    }

    /// Sends replicas elsewhere; one outcome for each topic, in their order.
    pub async fn move_replicas(
        &self,
        moves: &[ReplicaMove],
        watch: &mut impl Watch<RefusedPartitions>,
    ) -> Vec<Outcome<RefusedPartitions>> {
        carry_all(&Reassignment(Way::new(self, Mode::Apply)), moves, watch).await
    }
}

/// What becomes of a step, by the answer to its partitions.
pub fn event_of(outcome: Outcome<RefusedPartitions>, of: usize) -> StepEvent {
    match outcome {
        Outcome::Accepted(refused) if refused.is_empty() => StepEvent::Accepted,
        Outcome::Accepted(failures) => {
            let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            StepEvent::PartlyAccepted {
                done: count(of.saturating_sub(failures.len())),
                of: count(of),
                failures,
            }
        }
        Outcome::Refused(why) => StepEvent::Refused(why),
        Outcome::NoReply(why) => StepEvent::NoReply(why),
        Outcome::NotSent(why) => StepEvent::NotSent(why),
    }
}

struct Reassignment<'a>(Way<'a>);

impl Carrier for Reassignment<'_> {
    type Item = ReplicaMove;
    type Value = RefusedPartitions;

    fn records(&self, one: &ReplicaMove) -> usize {
        one.partitions.len()
    }

    fn most_at_once(&self) -> usize {
        self.0.cluster.most_at_once()
    }

    // To send replicas twice to the same brokers is to send them once.
    fn is_repeatable(&self) -> bool {
        true
    }

    async fn carry(&self, moves: &[&ReplicaMove]) -> Result<Verdicts<RefusedPartitions>, CallError> {
        let Reassignment(way) = self;
        let answer = way
            .cluster
            .call(way.to(), way.retry(), |_| {
                // Version 0 has no field that forbids another number of replicas, and version 1 allows it unless told.
                AlterPartitionReassignmentsRequest::default()
                    .with_timeout_ms(way.timeout_ms())
                    .with_topics(moves.iter().map(|one| reassignable(one)).collect())
            })
            .await?;
        Ok(moves.iter().map(|one| read(one, &answer.body.responses)).collect())
    }

    async fn find_controller(&self) {
        self.0.find_controller().await;
    }
}

fn reassignable(one: &ReplicaMove) -> ReassignableTopic {
    let partition = |(index, replicas): (&i32, &Option<Vec<i32>>)| {
        let replicas = replicas.as_ref().map(|replicas| replicas.iter().copied().map(BrokerId).collect());
        ReassignablePartition::default().with_partition_index(*index).with_replicas(replicas)
    };
    ReassignableTopic::default()
        .with_name(TopicName(text(&one.topic)))
        .with_partitions(one.partitions.iter().map(partition).collect())
}

/// The answer to one topic: a refusal where nothing of it was accepted.
fn read(
    one: &ReplicaMove,
    results: &[ReassignableTopicResponse],
) -> Option<Result<RefusedPartitions, Failure>> {
    let of_topic = results.iter().find(|result| result.name.as_str() == one.topic)?;
    let mut refused = Vec::new();
    for result in &of_topic.partitions {
        if let Err(failure) = verdict(result.error_code, &result.error_message, || ()) {
            refused.push(ItemFailure { item: format!("{}-{}", one.topic, result.partition_index), failure });
        }
    }
    if of_topic.partitions.len() < one.partitions.len() {
        return None;
    }
    match refused.first() {
        Some(first) if refused.len() == one.partitions.len() => Some(Err(first.failure.clone())),
        _ => Some(Ok(refused)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::failure;
    use kafka_protocol::messages::alter_partition_reassignments_response::ReassignablePartitionResponse;

    fn orders(codes: &[i16]) -> Option<Result<RefusedPartitions, Failure>> {
        let partitions: BTreeMap<i32, Option<Vec<i32>>> =
            (0..3).map(|number| (number, Some(vec![1, 2]))).collect();
        let one = ReplicaMove { topic: "orders".to_owned(), partitions };
        let answers = codes.iter().zip(0..).map(|(code, number)| {
            ReassignablePartitionResponse::default().with_partition_index(number).with_error_code(*code)
        });
        let of_topic = ReassignableTopicResponse::default()
            .with_name(TopicName(text("orders")))
            .with_partitions(answers.collect());
        read(&one, &[of_topic])
    }

    #[test]
    fn a_topic_is_refused_when_all_of_it_is_and_partly_accepted_when_some_is() {
        assert_eq!(orders(&[0, 0, 0]), Some(Ok(Vec::new())));
        assert_eq!(orders(&[41, 41, 41]), Some(Err(failure(41, ""))));
        assert_eq!(orders(&[0, 0]), None);
        let Some(Ok(refused)) = orders(&[0, 39, 0]) else { panic!("partly") };
        let event = event_of(Outcome::Accepted(refused), 3);
        let StepEvent::PartlyAccepted { done: 2, of: 3, failures } = event else { panic!("{event:?}") };
        assert_eq!(failures[0].item, "orders-1");
    }

    #[test]
    fn a_move_is_taken_back_by_naming_no_brokers() {
        let partitions = [(0, None), (1, Some(vec![3, 1]))].into();
        let sent = reassignable(&ReplicaMove { topic: "orders".to_owned(), partitions });
        assert_eq!(sent.partitions[0].replicas, None);
        assert_eq!(sent.partitions[1].replicas, Some(vec![BrokerId(3), BrokerId(1)]));
        assert!(
            AlterPartitionReassignmentsRequest::default().allow_replication_factor_change,
            "the codec's default is Kafka's"
        );
    }
}
