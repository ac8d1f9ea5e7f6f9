//! Replicas move, leaders are elected, and disks are looked at.

use anyhow::{Context, Result};
use kafka_protocol::messages::alter_partition_reassignments_request::{
    ReassignablePartition, ReassignableTopic,
};
use kafka_protocol::messages::create_topics_request::CreatableReplicaAssignment;
use kafka_protocol::messages::describe_log_dirs_request::DescribableLogDirTopic;
use kafka_protocol::messages::describe_quorum_request::{PartitionData, TopicData};
use kafka_protocol::messages::elect_leaders_request::TopicPartitions;
use kafka_protocol::messages::list_partition_reassignments_request::ListPartitionReassignmentsTopics;
use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, BrokerId, CreateTopicsRequest, DescribeLogDirsRequest,
    DescribeQuorumRequest, ElectLeadersRequest, ListPartitionReassignmentsRequest, UnregisterBrokerRequest,
};

use crate::bed::{Bed, topic_name};
use crate::case::cases;
use crate::topics::wanted;

cases![Same:
    replicas_move_to_where_they_are_wanted,
    only_the_order_of_replicas_changes,
    impossible_moves_are_refused,
    a_change_of_the_replication_can_be_forbidden,
    what_does_not_move_cannot_be_cancelled,
    nothing_moves_by_itself,
    an_election_is_not_needed,
    a_preferred_leader_is_elected,
    elections_of_what_is_not_there_are_refused,
    every_replica_has_a_place_on_disk,
    the_quorum_has_a_leader,
    an_unknown_broker_cannot_be_unregistered,
];

fn ids(replicas: &[i32]) -> Vec<BrokerId> {
    replicas.iter().copied().map(BrokerId).collect()
}

/// A topic whose partition 0 has these replicas.
pub fn placed(bed: &Bed, what: &str, replicas: &[i32]) -> Result<String> {
    let name = bed.name(what);
    let assignment =
        CreatableReplicaAssignment::default().with_partition_index(0).with_broker_ids(ids(replicas));
    let topic = wanted(&name, -1, -1).with_assignments(vec![assignment]);
    let request = CreateTopicsRequest::default().with_topics(vec![topic]).with_timeout_ms(30_000);
    bed.is("create", bed.call(&request, 7)?.topics.first().map(|topic| topic.error_code), Some(0))?;
    bed.topic_once(&name, |topic| topic.error_code == 0 && topic.partitions.len() == 1)?;
    Ok(name)
}

/// Asks for a move of one partition, tells what is said, and returns the code of the partition.
pub fn reassign(
    bed: &Bed,
    topic: &str,
    partition: i32,
    replicas: Option<&[i32]>,
    version: i16,
) -> Result<i16> {
    let wanted =
        ReassignablePartition::default().with_partition_index(partition).with_replicas(replicas.map(ids));
    let mut request =
        AlterPartitionReassignmentsRequest::default().with_timeout_ms(30_000).with_topics(vec![
            ReassignableTopic::default().with_name(topic_name(topic)).with_partitions(vec![wanted]),
        ]);
    if version > 0 {
        request = request.with_allow_replication_factor_change(false);
    }
    let answer = bed.call(&request, version)?;
    bed.said("reassign", answer.error_code, answer.error_message.as_ref());
    let of_topic = answer.responses.first().context("a topic")?;
    let of_partition = of_topic.partitions.first().context("a partition")?;
    bed.said(
        &format!("reassign {topic}-{partition} to {replicas:?}"),
        of_partition.error_code,
        of_partition.error_message.as_ref(),
    );
    Ok(of_partition.error_code)
}

/// Waits until partition 0 has these replicas, all of them in sync, and tells who leads.
pub fn moved(bed: &Bed, topic: &str, replicas: &[i32]) -> Result<()> {
    let shown = bed.topic_once(topic, |topic| {
        topic.partitions.iter().all(|partition| {
            let mut isr: Vec<i32> = partition.isr_nodes.iter().map(|id| id.0).collect();
            let mut wanted = replicas.to_vec();
            isr.sort_unstable();
            wanted.sort_unstable();
            partition.replica_nodes == ids(replicas) && isr == wanted
        })
    })?;
    let partition = shown.partitions.first().context("a partition")?;
    bed.holds("its replicas are as wanted", partition.replica_nodes == ids(replicas))?;
    bed.tell(format!("leader: {}, epoch: {}", partition.leader_id.0, partition.leader_epoch));
    Ok(())
}

fn replicas_move_to_where_they_are_wanted(bed: &Bed) -> Result<()> {
    let name = placed(bed, "orders", &[1])?;
    bed.is("code", reassign(bed, &name, 0, Some(&[2, 3]), 0)?, 0)?;
    moved(bed, &name, &[2, 3])?;
    bed.is("code", reassign(bed, &name, 0, Some(&[3]), 0)?, 0)?;
    moved(bed, &name, &[3])
}

fn only_the_order_of_replicas_changes(bed: &Bed) -> Result<()> {
    let name = placed(bed, "orders", &[1, 2, 3])?;
    bed.is("code", reassign(bed, &name, 0, Some(&[3, 1, 2]), 0)?, 0)?;
    moved(bed, &name, &[3, 1, 2])?;
    bed.is("code of the same again", reassign(bed, &name, 0, Some(&[3, 1, 2]), 0)?, 0)
}

fn impossible_moves_are_refused(bed: &Bed) -> Result<()> {
    let name = placed(bed, "orders", &[1])?;
    for (what, topic, partition, replicas, code) in [
        ("an unknown broker", name.as_str(), 0, &[1, 9][..], 39),
        ("a broker twice", &name, 0, &[2, 2], 39),
        ("a negative id", &name, 0, &[-1], 39),
        ("no broker", &name, 0, &[], 39),
        ("an unknown partition", &name, 7, &[2], 3),
        ("an unknown topic", &bed.name("nothing"), 0, &[2], 3),
    ] {
        bed.is(what, reassign(bed, topic, partition, Some(replicas), 0)?, code)?;
    }
    moved(bed, &name, &[1])
}

fn a_change_of_the_replication_can_be_forbidden(bed: &Bed) -> Result<()> {
    let name = placed(bed, "orders", &[1])?;
    bed.is("code", reassign(bed, &name, 0, Some(&[2, 3]), 1)?, 38)?;
    bed.is("code", reassign(bed, &name, 0, Some(&[2]), 1)?, 0)?;
    moved(bed, &name, &[2])
}

fn what_does_not_move_cannot_be_cancelled(bed: &Bed) -> Result<()> {
    let name = placed(bed, "orders", &[1])?;
    bed.is("code", reassign(bed, &name, 0, None, 0)?, 85)?;
    bed.is("code of an unknown topic", reassign(bed, &bed.name("nothing"), 0, None, 0)?, 3)
}

fn nothing_moves_by_itself(bed: &Bed) -> Result<()> {
    let name = placed(bed, "orders", &[1])?;
    for (topic, partition) in [(name.as_str(), 0), (&name, 9), (&bed.name("nothing"), 0)] {
        let of = ListPartitionReassignmentsTopics::default()
            .with_name(topic_name(topic))
            .with_partition_indexes(vec![partition]);
        let request = ListPartitionReassignmentsRequest::default().with_topics(Some(vec![of]));
        let answer = bed.call(&request.with_timeout_ms(30_000), 0)?;
        bed.said("list", answer.error_code, answer.error_message.as_ref());
        bed.is("topics that move", answer.topics.len(), 0)?;
    }
    Ok(())
}

/// Asks for an election in one partition, tells what is said, and returns the codes.
fn elect(bed: &Bed, kind: i8, topic: &str, partition: i32) -> Result<Vec<i16>> {
    let of = TopicPartitions::default().with_topic(topic_name(topic)).with_partitions(vec![partition]);
    let request = ElectLeadersRequest::default().with_election_type(kind).with_timeout_ms(30_000);
    let answer = bed.call(&request.with_topic_partitions(Some(vec![of])), 2)?;
    bed.said("elect", answer.error_code, None);
    let results = answer.replica_election_results.iter().flat_map(|topic| &topic.partition_result);
    let told = results.map(|result| {
        bed.said(
            &format!("elect {topic}-{}", result.partition_id),
            result.error_code,
            result.error_message.as_ref(),
        );
        result.error_code
    });
    Ok(told.collect())
}

fn an_election_is_not_needed(bed: &Bed) -> Result<()> {
    let name = placed(bed, "orders", &[2, 3])?;
    bed.is("preferred", elect(bed, 0, &name, 0)?, [84])?;
    bed.is("unclean", elect(bed, 1, &name, 0)?, [84])
}

fn a_preferred_leader_is_elected(bed: &Bed) -> Result<()> {
    let name = placed(bed, "orders", &[1, 2, 3])?;
    bed.is("code", reassign(bed, &name, 0, Some(&[3, 1, 2]), 0)?, 0)?;
    moved(bed, &name, &[3, 1, 2])?;
    bed.is("elected", elect(bed, 0, &name, 0)?, [0])?;
    let shown = bed.topic_once(&name, |topic| topic.partitions.iter().all(|one| one.leader_id == 3))?;
    bed.is("epoch", shown.partitions.first().map(|one| one.leader_epoch), Some(1))
}

fn elections_of_what_is_not_there_are_refused(bed: &Bed) -> Result<()> {
    let name = placed(bed, "orders", &[1])?;
    bed.is("an unknown partition", elect(bed, 0, &name, 5)?, [3])?;
    bed.is("an unknown topic", elect(bed, 0, &bed.name("nothing"), 0)?, [3])?;
    bed.is("an unknown kind", elect(bed, 7, &name, 0)?, [42])
}

fn every_replica_has_a_place_on_disk(bed: &Bed) -> Result<()> {
    let name = placed(bed, "orders", &[1, 3])?;
    for (id, there) in [(1, true), (2, false), (3, true)] {
        let of = |topic: &str, partition| {
            DescribableLogDirTopic::default().with_topic(topic_name(topic)).with_partitions(vec![partition])
        };
        let request = DescribeLogDirsRequest::default().with_topics(Some(vec![
            of(&name, 0),
            of(&name, 5),
            of(&bed.name("nothing"), 0),
        ]));
        let answer = bed.until("the replica has its place", || {
            let answer = bed.call_broker(id, &request, 4)?;
            let found = answer.results.iter().any(|disk| !disk.topics.is_empty());
            Ok(Some(answer).filter(|_| found == there))
        })?;
        bed.is("code", answer.error_code, 0)?;
        bed.is("disks", answer.results.len(), 1)?;
        let disk = answer.results.first().context("a disk")?;
        bed.is("code of the disk", disk.error_code, 0)?;
        bed.holds("its size is known", disk.total_bytes > 0 && disk.usable_bytes > 0)?;
        let found: Vec<_> = disk
            .topics
            .iter()
            .flat_map(|topic| topic.partitions.iter().map(move |one| (topic, one)))
            .map(|(topic, one)| {
                (
                    topic.name.to_string(),
                    one.partition_index,
                    one.partition_size,
                    one.offset_lag,
                    one.is_future_key,
                )
            })
            .collect();
        let expected = if there { vec![(name.clone(), 0, 0, 0, false)] } else { Vec::new() };
        bed.is("replicas", found, expected)?;
    }
    Ok(())
}

fn the_quorum_has_a_leader(bed: &Bed) -> Result<()> {
    let ask = |topic: &str| {
        let data = TopicData::default().with_topic_name(topic_name(topic));
        let request = DescribeQuorumRequest::default()
            .with_topics(vec![data.with_partitions(vec![PartitionData::default()])]);
        bed.call(&request, 2)
    };
    let answer = ask("__cluster_metadata")?;
    bed.said("quorum", answer.error_code, answer.error_message.as_ref());
    let topic = answer.topics.first().context("the topic")?;
    let partition = topic.partitions.first().context("the partition")?;
    bed.said("partition", partition.error_code, partition.error_message.as_ref());
    bed.is("leader", partition.leader_id.0, 1)?;
    bed.is(
        "voters",
        partition.current_voters.iter().map(|voter| voter.replica_id.0).collect::<Vec<_>>(),
        [1],
    )?;
    let mut observers: Vec<i32> = partition.observers.iter().map(|one| one.replica_id.0).collect();
    observers.sort_unstable();
    bed.is("observers", observers, [2, 3])?;
    bed.holds("it has records", partition.high_watermark > 0)?;
    bed.is(
        "nodes",
        answer
            .nodes
            .iter()
            .map(|node| {
                (node.node_id.0, node.listeners.iter().map(|one| one.name.to_string()).collect::<Vec<_>>())
            })
            .collect::<Vec<_>>(),
        [(1, vec!["CONTROLLER".to_owned()])],
    )?;
    let answer = ask("orders")?;
    bed.said("another topic", answer.error_code, answer.error_message.as_ref());
    for topic in &answer.topics {
        for one in &topic.partitions {
            bed.said("partition of another topic", one.error_code, one.error_message.as_ref());
        }
    }
    Ok(())
}

fn an_unknown_broker_cannot_be_unregistered(bed: &Bed) -> Result<()> {
    let request = UnregisterBrokerRequest::default().with_broker_id(BrokerId(77));
    let answer = bed.call(&request, 0)?;
    bed.said("unregister", answer.error_code, answer.error_message.as_ref());
    bed.is("code", answer.error_code, 102)
}
