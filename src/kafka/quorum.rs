//! Looking at those who decide: DescribeQuorum (KIP-595). With KRaft every broker forwards it to the controller.

use super::call_error::{known, taking_of_cluster};
use super::cluster::Cluster;
use super::route::{Retry, To};
use kafka_protocol::messages::describe_quorum_request::{PartitionData, TopicData};
use kafka_protocol::messages::describe_quorum_response::{PartitionData as Seen, ReplicaState};
use kafka_protocol::messages::{DescribeQuorumRequest, DescribeQuorumResponse, TopicName};
use kafka_protocol::protocol::StrBytes;
use klerk_core::access::Operation;
use klerk_core::values::{Failure, Known};
use klerk_core::world::{QuorumReplica, QuorumView};

/// The topic of the cluster's metadata; it has one partition.
const METADATA: &str = "__cluster_metadata";

impl Cluster {
    /// The quorum of controllers.
    pub(super) async fn quorum(&self) -> Known<QuorumView> {
        let request = |_| {
            let topic = TopicData::default()
                .with_topic_name(TopicName(StrBytes::from_static_str(METADATA)))
                .with_partitions(vec![PartitionData::default()]);
            DescribeQuorumRequest::default().with_topics(vec![topic])
        };
        let told = match self.call(To::Any, Retry::Safe, request).await {
            Ok(answer) => read(&answer.body),
            Err(error) => error.unknown(),
        };
        taking_of_cluster(told, Operation::Describe)
    }
}

fn read(answer: &DescribeQuorumResponse) -> Known<QuorumView> {
    let Some(seen) = answer.topics.first().and_then(|topic| topic.partitions.first()) else {
        return Known::Failed(Failure::without_reply("NO_ANSWER", "the broker left the quorum out"));
    };
    let words = seen.error_message.as_ref().map_or("", |text| text.as_str());
    known(seen.error_code, words, &[], || read_quorum(seen))
}

fn read_quorum(seen: &Seen) -> QuorumView {
    let replicas = |replicas: &[ReplicaState]| replicas.iter().map(read_replica).collect();
    QuorumView {
        leader: Some(seen.leader_id.0).filter(|id| *id >= 0),
        leader_epoch: seen.leader_epoch,
        high_watermark: seen.high_watermark,
        voters: replicas(&seen.current_voters),
        observers: replicas(&seen.observers),
    }
}

fn read_replica(replica: &ReplicaState) -> (i32, QuorumReplica) {
    let told = |number: i64| Some(number).filter(|number| *number >= 0);
    let seen = QuorumReplica {
        end: told(replica.log_end_offset),
        caught_up_ms: told(replica.last_caught_up_timestamp),
        fetched_ms: told(replica.last_fetch_timestamp),
    };
    (replica.replica_id.0, seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::describe_quorum_response::TopicData as SeenTopic;

    fn answer(partition: Seen) -> DescribeQuorumResponse {
        DescribeQuorumResponse::default()
            .with_topics(vec![SeenTopic::default().with_partitions(vec![partition])])
    }

    #[test]
    fn what_the_leader_does_not_know_is_no_number() {
        let voter = |id: i32, end| {
            ReplicaState::default()
                .with_replica_id(id.into())
                .with_log_end_offset(end)
                .with_last_caught_up_timestamp(-1)
        };
        let partition = Seen::default()
            .with_leader_id(1.into())
            .with_high_watermark(7)
            .with_current_voters(vec![voter(1, 9), voter(2, -1)]);
        let quorum = read(&answer(partition));
        let quorum = quorum.known().expect("known");
        assert_eq!((quorum.leader, quorum.high_watermark), (Some(1), 7));
        assert_eq!((quorum.voters[&1].end, quorum.voters[&2].end), (Some(9), None));
        assert_eq!(quorum.voters[&1].caught_up_ms, None);
    }

    #[test]
    fn a_quorum_without_a_leader_says_so_and_a_refusal_is_kept() {
        let quorum = read(&answer(Seen::default().with_leader_id((-1).into())));
        assert_eq!(quorum.known().expect("known").leader, None);
        assert!(matches!(read(&answer(Seen::default().with_error_code(31))), Known::Denied(_)));
        assert!(matches!(read(&DescribeQuorumResponse::default()), Known::Failed(_)));
    }
}
