//! Looking at topics: Metadata of all, or of some by name.

use super::call_error::{CallError, known, taking};
use super::cluster::Cluster;
use super::lock::lock;
use super::route::{Answer, Retry, To};
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::metadata_response::{MetadataResponsePartition, MetadataResponseTopic};
use kafka_protocol::messages::{MetadataRequest, MetadataResponse, TopicName};
use kafka_protocol::protocol::StrBytes;
use klerk_core::access::Operation;
use klerk_core::values::{Known, Resource, TopicId};
use klerk_core::world::{PartitionView, Selection, TopicView};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// UNKNOWN_TOPIC_OR_PARTITION and UNKNOWN_TOPIC_ID.
pub(super) const ABSENT: [i16; 2] = [3, 100];

impl Cluster {
    /// The topics of a selection by name. Those that the selection names are asked for by name, so that one which may
    /// not be described is `Denied` and not merely missing from a list. No topic is created by asking for it.
    ///
    /// The configs of every topic are `NotAsked`.
    ///
    /// # Errors
    /// When no broker answers.
    pub async fn topics(
        &self,
        selection: &Selection,
    ) -> Result<BTreeMap<String, Known<TopicView>>, CallError> {
        let mut topics = BTreeMap::new();
        let mut named: BTreeSet<&str> = selection.names().map(String::as_str).collect();
        if let Selection::AllVisible(_) = selection {
            topics.extend(self.metadata(None).await?.body.topics.iter().filter_map(read_topic));
            named.retain(|name| !topics.contains_key(*name));
        }
        if !named.is_empty() {
            let answer = self.metadata(Some(&named)).await?;
            topics.extend(answer.body.topics.iter().filter_map(read_topic));
        }
        Ok(topics)
    }

    /// Reads Metadata of all topics that are visible, or of these, and remembers brokers and leaders.
    pub(super) async fn metadata(
        &self,
        names: Option<&BTreeSet<&str>>,
    ) -> Result<Answer<MetadataResponse>, CallError> {
        let answer = self
            .call(To::Any, Retry::Safe, |_| {
                let topic = |name: &&str| {
                    let name = StrBytes::from_string((*name).to_owned());
                    MetadataRequestTopic::default().with_name(Some(TopicName(name)))
                };
                // A version that cannot forbid the creation of topics (before 0.11) does not encode.
                MetadataRequest::default()
                    .with_topics(names.map(|names| names.iter().map(topic).collect()))
                    .with_allow_auto_topic_creation(false)
            })
            .await?;
        self.learn(&answer.body);
        let mut leaders = lock(&self.shared.leaders);
        for topic in &answer.body.topics {
            let Some(name) = &topic.name else { continue };
            let known = known(topic.error_code, "", &ABSENT, || leaders_of(&topic.partitions));
            leaders.insert(Arc::from(name.as_str()), known);
        }
        drop(leaders);
        Ok(answer)
    }
}

/// The topics of an answer by name.
pub(super) fn read_topics(answer: &MetadataResponse) -> BTreeMap<String, Known<TopicView>> {
    answer.topics.iter().filter_map(read_topic).collect()
}

/// More partitions than a topic can have: a number beyond it is not Kafka's, and no memory is set aside for it.
const MOST_PARTITIONS: usize = 1_000_000;

/// The leader of each partition by its number; a gap, or a partition without a leader, is `None`.
fn leaders_of(partitions: &[MetadataResponsePartition]) -> Vec<Option<i32>> {
    let number = |partition: &MetadataResponsePartition| usize::try_from(partition.partition_index).ok();
    let last = partitions.iter().filter_map(number).filter(|number| *number < MOST_PARTITIONS).max();
    let mut leaders = vec![None; last.map_or(0, |last| last + 1)];
    for partition in partitions {
        let place = number(partition).and_then(|number| leaders.get_mut(number));
        if let Some(place) = place {
            *place = leader(partition);
        }
    }
    leaders
}

fn leader(partition: &MetadataResponsePartition) -> Option<i32> {
    Some(partition.leader_id.0).filter(|node| *node >= 0)
}

fn read_topic(topic: &MetadataResponseTopic) -> Option<(String, Known<TopicView>)> {
    let name = topic.name.as_ref()?.to_string();
    // A topic some of whose partitions have no leader exists all the same; its partitions say so one by one.
    let code = if topic.error_code == 5 { 0 } else { topic.error_code };
    let view = known(code, "", &ABSENT, || {
        let mut partitions: Vec<PartitionView> = topic.partitions.iter().map(read_partition).collect();
        partitions.sort_by_key(|partition| partition.partition);
        TopicView {
            id: Some(TopicId(*topic.topic_id.as_bytes())).filter(|_| !topic.topic_id.is_nil()),
            internal: topic.is_internal,
            partitions,
            configs: Known::NotAsked,
        }
    });
    let view = taking(view, Operation::Describe, &Resource::topic(&name));
    Some((name, view))
}

fn read_partition(partition: &MetadataResponsePartition) -> PartitionView {
    let nodes = |nodes: &[kafka_protocol::messages::BrokerId]| nodes.iter().map(|node| node.0).collect();
    PartitionView {
        partition: partition.partition_index,
        leader: leader(partition),
        leader_epoch: Some(partition.leader_epoch).filter(|epoch| *epoch >= 0),
        replicas: nodes(&partition.replica_nodes),
        isr: nodes(&partition.isr_nodes),
        offline: nodes(&partition.offline_replicas),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::tests::fake::{FakeBroker, brokers, connect};
    use uuid::Uuid;

    fn partition(index: i32, leader: i32) -> MetadataResponsePartition {
        MetadataResponsePartition::default()
            .with_partition_index(index)
            .with_leader_id(leader.into())
            .with_replica_nodes(vec![2.into(), 1.into()])
    }

    fn topic(name: &str, code: i16) -> MetadataResponseTopic {
        MetadataResponseTopic::default()
            .with_name(Some(TopicName(StrBytes::from_string(name.to_owned()))))
            .with_error_code(code)
    }

    #[test]
    fn leaders_stand_at_their_partition_number() {
        let leaders = leaders_of(&[partition(3, 7), partition(0, 1), partition(1, -1)]);
        assert_eq!(leaders, [Some(1), None, None, Some(7)]);
    }

    #[test]
    fn a_topic_is_read_in_order_of_its_partitions() {
        let orders = topic("orders", 0)
            .with_topic_id(Uuid::from_bytes([7; 16]))
            .with_partitions(vec![partition(1, -1), partition(0, 2)]);
        let (name, view) = read_topic(&orders).expect("a topic");
        let view = view.known().expect("known").clone();
        assert_eq!((name.as_str(), view.id), ("orders", Some(TopicId([7; 16]))));
        assert_eq!(view.partitions.iter().map(|seen| seen.leader).collect::<Vec<_>>(), [Some(2), None]);
        assert_eq!(view.partitions[0].replicas, [2, 1]);
    }

    #[test]
    fn absent_denied_and_leaderless_are_told_apart() {
        let state = |code| read_topic(&topic("orders", code)).expect("a topic").1;
        assert!(state(3).is_absent());
        assert!(matches!(state(29), Known::Denied(_)));
        assert!(matches!(state(17), Known::Failed(_)));
        assert!(matches!(state(5), Known::Known(_)));
    }

    #[tokio::test]
    async fn what_a_list_omits_is_asked_for_by_name_and_nothing_is_created() {
        let broker = FakeBroker::start(|seen| {
            if !seen.is::<MetadataRequest>() {
                return None;
            }
            let request = seen.read::<MetadataRequest>();
            let mut answer = brokers(&[(1, &crate::kafka::Address::new("127.0.0.1", 1))]);
            answer.topics = match request.topics {
                None => vec![topic("orders", 0)],
                Some(named) => {
                    assert!(!request.allow_auto_topic_creation || named.is_empty());
                    named
                        .iter()
                        .filter_map(|asked| asked.name.as_ref())
                        .map(|name| topic(name, if name.as_str() == "secret" { 29 } else { 3 }))
                        .collect()
                }
            };
            Some(seen.answer(&answer))
        })
        .await;
        let cluster = connect(&[&broker.address]).await.expect("connects");
        let named = ["orders", "secret", "absent"].map(str::to_owned).into();
        let topics = cluster.topics(&Selection::AllVisible(named)).await.expect("answers");
        assert!(topics["orders"].known().is_some());
        assert!(matches!(topics["secret"], Known::Denied(_)));
        assert!(topics["absent"].is_absent());
        assert_eq!(broker.requests(3), 3);
    }
}
