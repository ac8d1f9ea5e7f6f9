//! Looking at who writes topics: DescribeProducers (KIP-664), which leaders answer from what they remember.

use super::call_error::known;
use super::cluster::Cluster;
use super::leaders::ByLeader;
use super::route::{Retry, To};
use futures::future::join_all;
use kafka_protocol::messages::describe_producers_request::TopicRequest;
use kafka_protocol::messages::{DescribeProducersRequest, DescribeProducersResponse, TopicName};
use kafka_protocol::protocol::StrBytes;
use klerk_core::plan::Writers;
use klerk_core::values::{Known, TopicPartition};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The producers of one partition with the time of the last record of each.
type Producers = Vec<(i64, Option<i64>)>;

/// The ids of the producers of a topic, with the time of the last record of any of them.
type Ids = (BTreeSet<i64>, Option<i64>);

impl Cluster {
    /// Who writes each of these topics, in one request a leader. Only producers with an id are known to a broker. A
    /// topic of which one partition does not tell says why.
    pub async fn writers(&self, partitions: &[TopicPartition]) -> BTreeMap<String, Known<Writers>> {
        let ByLeader { led, leaderless } = match self.leaders(partitions.iter().cloned()).await {
            Ok(sorted) => sorted,
            Err(error) => {
                let all = partitions.iter().map(|partition| (partition.topic.to_string(), error.unknown()));
                return all.collect();
            }
        };
        let requests = led.iter().map(async |(node, partitions)| {
            let answer = self.call(To::Broker(*node), Retry::Safe, |_| request(partitions)).await;
            match answer {
                Ok(answer) => read(&answer.body),
                Err(error) => {
                    partitions.iter().map(|partition| (partition.clone(), error.unknown())).collect()
                }
            }
        });
        let mut told: BTreeMap<TopicPartition, Known<Producers>> =
            join_all(requests).await.into_iter().flatten().collect();
        told.extend(leaderless.into_iter().map(|(partition, why)| (partition, why.map(|()| Vec::new()))));
        together(partitions, &told)
    }
}

fn request(partitions: &[TopicPartition]) -> DescribeProducersRequest {
    let mut topics: BTreeMap<&Arc<str>, Vec<i32>> = BTreeMap::new();
    for partition in partitions {
        topics.entry(&partition.topic).or_default().push(partition.partition);
    }
    let topics = topics.into_iter().map(|(name, partitions)| {
        TopicRequest::default()
            .with_name(TopicName(StrBytes::from_string(name.to_string())))
            .with_partition_indexes(partitions)
    });
    DescribeProducersRequest::default().with_topics(topics.collect())
}

fn read(answer: &DescribeProducersResponse) -> BTreeMap<TopicPartition, Known<Producers>> {
    let mut told = BTreeMap::new();
    for topic in &answer.topics {
        for partition in &topic.partitions {
            let words = partition.error_message.as_ref().map_or("", |words| words.as_str());
            let producers = known(partition.error_code, words, &[], || {
                let one = |active: &kafka_protocol::messages::describe_producers_response::ProducerState| {
                    (active.producer_id.0, Some(active.last_timestamp).filter(|time| *time >= 0))
                };
                partition.active_producers.iter().map(one).collect()
            });
            told.insert(TopicPartition::new(topic.name.as_str(), partition.partition_index), producers);
        }
    }
    told
}

/// The producers of each topic, each counted once however many partitions it writes.
fn together(
    partitions: &[TopicPartition],
    told: &BTreeMap<TopicPartition, Known<Producers>>,
) -> BTreeMap<String, Known<Writers>> {
    let mut topics: BTreeMap<String, Known<Ids>> = BTreeMap::new();
    for partition in partitions {
        let topic = topics
            .entry(partition.topic.to_string())
            .or_insert_with(|| Known::Known((BTreeSet::new(), None)));
        match (told.get(partition), &mut *topic) {
            (Some(Known::Known(producers)), Known::Known((ids, last))) => {
                ids.extend(producers.iter().map(|(id, _)| *id));
                *last = producers.iter().map(|(_, time)| *time).fold(*last, Option::max);
            }
            (missing, Known::Known(_)) => {
                *topic = match missing {
                    None => Known::Unavailable(format!("{partition} gave no answer")),
                    Some(why) => why.clone().map(|_| (BTreeSet::new(), None)),
                };
            }
            (_, _) => {}
        }
    }
    let counted = |(ids, last_ms): Ids| Writers { producers: ids.len(), last_ms };
    topics.into_iter().map(|(topic, seen)| (topic, seen.map(counted))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use klerk_core::values::Failure;

    #[test]
    fn a_producer_of_many_partitions_is_one_and_a_gap_is_told() {
        let at = |topic: &str, number| TopicPartition::new(topic, number);
        let denied = Failure::without_reply("DENIED", "");
        let told = BTreeMap::from([
            (at("a", 0), Known::Known(vec![(7, Some(10)), (8, None)])),
            (at("a", 1), Known::Known(vec![(7, Some(12))])),
            (at("b", 0), Known::Known(vec![(7, Some(10))])),
            (at("b", 1), Known::Denied(denied)),
        ]);
        let asked = [at("a", 0), at("a", 1), at("b", 0), at("b", 1), at("c", 0)];
        let writers = together(&asked, &told);
        assert_eq!(writers["a"], Known::Known(Writers { producers: 2, last_ms: Some(12) }));
        assert!(matches!(writers["b"], Known::Denied(_)));
        assert!(matches!(writers["c"], Known::Unavailable(_)));
    }
}
