//! Moves that take their time, as clients watch them.

mod client;

use anyhow::{Context as _, Result};
use client::Client;
use kafka_protocol::messages::alter_partition_reassignments_request::{
    ReassignablePartition, ReassignableTopic,
};
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, BrokerId, CreateTopicsRequest, DescribeLogDirsRequest,
    ListPartitionReassignmentsRequest, TopicName,
};
use kafka_protocol::protocol::StrBytes;
use klerk_sandbox::state::log::Record;
use klerk_sandbox::{Options, Sandbox};

async fn size_at(sandbox: &Sandbox, node: i32) -> Result<Option<i64>> {
    let mut client = Client::of(sandbox, node).await?;
    let answer = client.ask(&DescribeLogDirsRequest::default().with_topics(None), 4).await?;
    let topics = answer.results.iter().flat_map(|disk| &disk.topics);
    Ok(topics.flat_map(|topic| &topic.partitions).map(|one| one.partition_size).next())
}

#[tokio::test]
async fn a_move_is_listed_and_seen_on_disk_until_it_is_done() -> Result<()> {
    let sandbox = Sandbox::start(&Options::default()).await?;
    sandbox.with(|state| state.moves.bytes_per_second = None);
    let mut client = Client::of(&sandbox, 1).await?;
    let name = TopicName(StrBytes::from_static_str("a"));
    let topic = CreatableTopic::default().with_name(name.clone()).with_num_partitions(1);
    let request = CreateTopicsRequest::default().with_topics(vec![topic.with_replication_factor(1)]);
    client.ask(&request, 7).await?;
    let made = sandbox.with(|state| {
        let appended = state.append("a", 0, &[Record::new(1, None, Some(vec![7; 1000].into()))]);
        let partition = &state.topics["a"].partitions[0];
        appended.ok().map(|_| (partition.replicas[0], partition.log.bytes()))
    });
    let (from, bytes) = made.context("records")?;
    let whole = i64::try_from(bytes)?;
    let to = if from == 1 { 2 } else { 1 };
    let wanted = ReassignablePartition::default().with_replicas(Some(vec![BrokerId(to)]));
    let of = ReassignableTopic::default().with_name(name).with_partitions(vec![wanted]);
    let request = AlterPartitionReassignmentsRequest::default().with_topics(vec![of]);
    let answer = client.ask(&request, 0).await?;
    assert_eq!(answer.responses[0].partitions[0].error_code, 0);
    assert_eq!((size_at(&sandbox, from).await?, size_at(&sandbox, to).await?), (Some(whole), Some(0)));

    sandbox.with(|state| state.advance_moves(bytes / 4));
    let list = ListPartitionReassignmentsRequest::default().with_topics(None);
    let listed = client.ask(&list, 0).await?;
    let one = listed.topics.first().and_then(|topic| topic.partitions.first()).context("a move")?;
    assert_eq!(one.replicas, [BrokerId(to), BrokerId(from)]);
    assert_eq!(
        (&one.adding_replicas[..], &one.removing_replicas[..]),
        (&[BrokerId(to)][..], &[BrokerId(from)][..])
    );
    assert_eq!(size_at(&sandbox, to).await?, Some(whole / 4));

    sandbox.with(|state| state.advance_moves(bytes));
    assert_eq!(client.ask(&list, 0).await?.topics.len(), 0);
    assert_eq!((size_at(&sandbox, from).await?, size_at(&sandbox, to).await?), (None, Some(whole)));
    Ok(())
}
