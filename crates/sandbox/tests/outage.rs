//! Brokers stop and start, as clients see it.

mod client;

use anyhow::{Context as _, Result};
use client::Client;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::{CreateTopicsRequest, MetadataRequest, MetadataResponse, TopicName};
use kafka_protocol::protocol::StrBytes;
use klerk_sandbox::{Options, Sandbox};
use tokio::net::TcpSocket;

async fn look(client: &mut Client) -> Result<MetadataResponse> {
    client.ask(&MetadataRequest::default().with_topics(None), 12).await
}

/// For each partition: its leader, the epoch, the ISR and the replicas that are offline.
fn partitions(answer: &MetadataResponse) -> Vec<(i32, i32, Vec<i32>, Vec<i32>)> {
    let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
    let told = partitions.map(|one| {
        let ids = |nodes: &[kafka_protocol::messages::BrokerId]| nodes.iter().map(|id| id.0).collect();
        (one.leader_id.0, one.leader_epoch, ids(&one.isr_nodes), ids(&one.offline_replicas))
    });
    told.collect()
}

#[tokio::test]
async fn a_broker_that_stops_is_gone_and_comes_back_on_its_port() -> Result<()> {
    let sandbox = Sandbox::start(&Options::default()).await?;
    let mut first = Client::of(&sandbox, 1).await?;
    let topic = |replicas| {
        CreatableTopic::default()
            .with_name(TopicName(StrBytes::from_string(format!("of-{replicas}"))))
            .with_num_partitions(1)
            .with_replication_factor(replicas)
    };
    let request = CreateTopicsRequest::default().with_topics(vec![topic(1), topic(3)]);
    first.ask(&request, 7).await?;
    sandbox.with(|state| {
        for topic in state.topics.values_mut() {
            let order = if topic.partitions[0].replicas.len() == 3 { vec![1, 2, 3] } else { vec![1] };
            (topic.partitions[0].leader, topic.partitions[0].leader_epoch) = (Some(1), 0);
            (topic.partitions[0].replicas, topic.partitions[0].isr) = (order.clone(), order);
        }
    });
    assert_eq!(look(&mut first).await?.controller_id.0, 1);

    sandbox.stop_broker(1).await;
    assert!(look(&mut first).await.is_err(), "the connection is gone");
    assert!(Client::of(&sandbox, 1).await.is_err(), "a new one is refused");
    let place = sandbox.bootstrap().split(',').next().context("no broker")?.parse()?;
    assert!(TcpSocket::new_v4()?.bind(place).is_err(), "somebody else may answer in its place");
    let mut second = Client::of(&sandbox, 2).await?;
    let seen = look(&mut second).await?;
    assert_eq!(seen.brokers.iter().map(|broker| broker.node_id.0).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(seen.controller_id.0, 2);
    assert_eq!(partitions(&seen), [(-1, 1, vec![1], vec![1]), (2, 1, vec![2, 3], vec![1])]);

    sandbox.start_broker(1).await;
    let mut first = Client::of(&sandbox, 1).await.context("it is back")?;
    let seen = look(&mut first).await?;
    assert_eq!(seen.brokers.len(), 3);
    assert_eq!(partitions(&seen), [(1, 2, vec![1], vec![]), (2, 1, vec![2, 3, 1], vec![])]);
    Ok(())
}
