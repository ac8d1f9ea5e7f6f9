//! Looking at the folders that brokers keep logs in: DescribeLogDirs, with the sizes of volumes since v4 (KIP-827).

use super::call_error::{failure, taking_of_cluster};
use super::cluster::Cluster;
use super::route::{Retry, To};
use kafka_protocol::messages::describe_log_dirs_response::DescribeLogDirsResult;
use kafka_protocol::messages::{DescribeLogDirsRequest, DescribeLogDirsResponse};
use klerk_core::access::Operation;
use klerk_core::values::{Known, TopicPartition};
use klerk_core::world::LogDirView;
use std::collections::BTreeMap;

impl Cluster {
    /// The log folders of one broker with all replicas in them.
    pub(super) async fn log_dirs(&self, node: i32) -> Known<Vec<LogDirView>> {
        let request = |_| DescribeLogDirsRequest::default().with_topics(None);
        match self.call(To::Broker(node), Retry::Safe, request).await {
            Ok(answer) => Known::Known(read(&answer.body)),
            Err(error) => taking_of_cluster(error.unknown(), Operation::Describe),
        }
    }
}

/// The folders of one broker, each with the replicas in it that are not on their way from another.
pub(super) fn read(answer: &DescribeLogDirsResponse) -> Vec<LogDirView> {
    answer.results.iter().map(read_folder).collect()
}

fn read_folder(folder: &DescribeLogDirsResult) -> LogDirView {
    let told = |bytes: i64| Some(bytes).filter(|bytes| *bytes >= 0);
    let mut replicas = BTreeMap::new();
    let mut coming = 0;
    for topic in &folder.topics {
        for replica in &topic.partitions {
            if replica.is_future_key {
                coming += replica.partition_size;
            } else {
                let at = TopicPartition::new(topic.name.as_str(), replica.partition_index);
                replicas.insert(at, replica.partition_size);
            }
        }
    }
    LogDirView {
        path: folder.log_dir.to_string(),
        failure: (folder.error_code != 0).then(|| failure(folder.error_code, "")),
        total: told(folder.total_bytes),
        usable: told(folder.usable_bytes),
        replicas,
        coming,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::describe_log_dirs_response::{
        DescribeLogDirsPartition, DescribeLogDirsTopic,
    };
    use kafka_protocol::protocol::StrBytes;

    #[test]
    fn replicas_on_their_way_from_another_folder_are_counted_apart() {
        let replica = |index, size, future| {
            DescribeLogDirsPartition::default()
                .with_partition_index(index)
                .with_partition_size(size)
                .with_is_future_key(future)
        };
        let topic = DescribeLogDirsTopic::default()
            .with_name(kafka_protocol::messages::TopicName(StrBytes::from_static_str("orders")))
            .with_partitions(vec![replica(0, 100, false), replica(1, 40, true)]);
        let folder = DescribeLogDirsResult::default()
            .with_log_dir(StrBytes::from_static_str("/data"))
            .with_topics(vec![topic])
            .with_total_bytes(1000);
        let seen = read(&DescribeLogDirsResponse::default().with_results(vec![folder]));
        assert_eq!(seen.len(), 1);
        assert_eq!((seen[0].replicas.len(), seen[0].coming), (1, 40));
        assert_eq!((seen[0].total, seen[0].usable), (Some(1000), None));
        let offline = DescribeLogDirsResult::default().with_error_code(56);
        let seen = read(&DescribeLogDirsResponse::default().with_results(vec![offline]));
        assert_eq!(
            seen[0].failure.as_ref().map(|failure| failure.name.as_str()),
            Some("KAFKA_STORAGE_ERROR")
        );
    }
}
