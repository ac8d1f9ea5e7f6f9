//! What lies where: DescribeLogDirs.

use crate::api::Call;
use crate::state::State;
use kafka_protocol::messages::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic,
};
use kafka_protocol::messages::{DescribeLogDirsRequest, DescribeLogDirsResponse, TopicName};
use kafka_protocol::protocol::StrBytes;

/// The size that each broker's only disk has, in bytes.
const DISK: i64 = 1 << 40;

pub(super) fn log_dirs(
    state: &mut State,
    call: &Call,
    request: &DescribeLogDirsRequest,
) -> DescribeLogDirsResponse {
    let asked = |name: &str, index: i32| {
        request.topics.as_ref().is_none_or(|topics| {
            topics.iter().any(|topic| topic.topic.as_str() == name && topic.partitions.contains(&index))
        })
    };
    let mut used = 0_i64;
    let mut topics = Vec::new();
    for (name, topic) in &state.topics {
        let mut partitions = Vec::new();
        for (partition, index) in topic.partitions.iter().zip(0..) {
            if !partition.replicas.contains(&call.node) {
                continue;
            }
            let whole = partition.log.bytes();
            let coming = state.moves.of(topic.id, index).and_then(|one| one.adding.get(&call.node));
            let size = i64::try_from(coming.copied().unwrap_or(whole)).unwrap_or(i64::MAX);
            used = used.saturating_add(size);
            if asked(name, index) {
                let one = DescribeLogDirsPartition::default().with_partition_index(index);
                partitions.push(one.with_partition_size(size));
            }
        }
        if !partitions.is_empty() {
            let name = TopicName(StrBytes::from_string(name.clone()));
            topics.push(DescribeLogDirsTopic::default().with_name(name).with_partitions(partitions));
        }
    }
    let disk = DescribeLogDirsResult::default()
        .with_log_dir(StrBytes::from_string(format!("/sandbox/broker-{}", call.node)))
        .with_topics(topics)
        .with_total_bytes(DISK)
        .with_usable_bytes(DISK.saturating_sub(used));
    DescribeLogDirsResponse::default().with_results(vec![disk])
}
