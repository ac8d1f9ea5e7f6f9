//! How large replicas are, by what the brokers' log folders hold.

use super::call_error::CallError;
use super::cluster::Cluster;
use super::leaders::ByLeader;
use super::log_dirs;
use super::route::{Retry, To};
use futures::future::join_all;
use kafka_protocol::messages::describe_log_dirs_request::DescribableLogDirTopic;
use kafka_protocol::messages::{DescribeLogDirsRequest, TopicName};
use kafka_protocol::protocol::StrBytes;
use klerk_core::values::{Failure, Known, TopicPartition};
use klerk_core::world::LogDirView;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The bytes of replicas, by partition.
pub type Sizes = BTreeMap<TopicPartition, Known<i64>>;

impl Cluster {
    /// The bytes of each leader's replica, in one request a leader.
    pub async fn leader_bytes(&self, partitions: &[TopicPartition]) -> Sizes {
        let ByLeader { led, leaderless } = match self.leaders(partitions.iter().cloned()).await {
            Ok(sorted) => sorted,
            Err(error) => {
                return partitions.iter().map(|partition| (partition.clone(), error.unknown())).collect();
            }
        };
        let mut all: Sizes = self.replica_bytes(&led).await.into_values().flatten().collect();
        all.extend(leaderless.into_iter().map(|(partition, why)| (partition, why.map(|()| 0))));
        all
    }

    /// The bytes of replicas by the broker that holds them, in one request a broker. A replica that a broker does not
    /// show, and what a broker does not tell at all, say so.
    pub async fn replica_bytes(&self, replicas: &BTreeMap<i32, Vec<TopicPartition>>) -> BTreeMap<i32, Sizes> {
        let requests = replicas.iter().map(async |(node, partitions)| {
            let answer = self.call(To::Broker(*node), Retry::Safe, |_| request(partitions)).await;
            let sizes = match &answer {
                Ok(answer) => Ok(sizes(log_dirs::read(&answer.body))),
                Err(error) => Err(error),
            };
            let size = |partition: &TopicPartition| match &sizes {
                Ok(sizes) => sizes.get(partition).cloned().unwrap_or_else(untold),
                Err(error) => CallError::unknown(error),
            };
            (*node, partitions.iter().map(|partition| (partition.clone(), size(partition))).collect())
        });
        join_all(requests).await.into_iter().collect()
    }
}

fn request(partitions: &[TopicPartition]) -> DescribeLogDirsRequest {
    let mut topics: BTreeMap<&Arc<str>, Vec<i32>> = BTreeMap::new();
    for partition in partitions {
        topics.entry(&partition.topic).or_default().push(partition.partition);
    }
    let topics = topics.into_iter().map(|(name, partitions)| {
        DescribableLogDirTopic::default()
            .with_topic(TopicName(StrBytes::from_string(name.to_string())))
            .with_partitions(partitions)
    });
    DescribeLogDirsRequest::default().with_topics(Some(topics.collect()))
}

/// The sizes that a broker tells of its own replicas. One that is being moved to another folder counts once.
fn sizes(folders: Vec<LogDirView>) -> Sizes {
    let mut sizes = BTreeMap::new();
    for LogDirView { failure, replicas, .. } in folders {
        let size = |bytes| failure.clone().map_or(Known::Known(bytes), Known::Failed);
        sizes.extend(replicas.into_iter().map(|(at, bytes)| (at, size(bytes))));
    }
    sizes
}

fn untold() -> Known<i64> {
    Known::Failed(Failure::without_reply("NO_ANSWER", "the broker's log folders do not show it"))
}
