//! Records over the wire: produced, looked for, fetched.

mod client;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use client::Client;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::{
    CreateTopicsRequest, FetchRequest, FetchResponse, ListOffsetsRequest, ProduceRequest, TopicName,
};
use kafka_protocol::protocol::{Request, StrBytes};
use klerk_sandbox::state::log::{Batch, Record};
use klerk_sandbox::{Options, Sandbox};
use std::time::{Duration, Instant};

const NAME: TopicName = TopicName(StrBytes::from_static_str("t"));

fn record(timestamp: i64) -> Record {
    Record::new(timestamp, Some(Bytes::from_static(b"k")), Some(Bytes::from_static(b"v")))
}

/// A batch that a log has taken, as a producer would send it.
fn sent(sandbox: &Sandbox, records: &[Record]) -> Result<Bytes> {
    let refused = |rejected| anyhow::anyhow!("{rejected:?}");
    sandbox.with(|state| {
        state.append("source", 0, records).map_err(refused)?;
        let log = &state.partition("source", 0)?.log;
        let batch = log.batches().last().context("a batch")?;
        Ok(batch.placed(0, -1, false, batch.header().max_timestamp).bytes().clone())
    })
}

/// Creates topics with one partition and one replica.
async fn create_topics(client: &mut Client, names: &[&str]) -> Result<()> {
    let topics = names.iter().map(|name| {
        let name = TopicName(StrBytes::from_string((*name).to_owned()));
        CreatableTopic::default().with_name(name).with_num_partitions(1).with_replication_factor(1)
    });
    let request = CreateTopicsRequest::default().with_topics(topics.collect()).with_timeout_ms(1000);
    let answer = client.ask(&request, 7).await?;
    anyhow::ensure!(answer.topics.iter().all(|topic| topic.error_code == 0), "{answer:?}");
    Ok(())
}

async fn produce(client: &mut Client, version: i16, acks: i16, batch: Bytes) -> Result<Option<(i16, i64)>> {
    let partition = PartitionProduceData::default().with_records(Some(batch));
    let topic = TopicProduceData::default().with_name(NAME).with_partition_data(vec![partition]);
    let request = ProduceRequest::default().with_acks(acks).with_topic_data(vec![topic]);
    if acks == 0 {
        client.send(&request, version).await?;
        return Ok(None);
    }
    let answer = client.ask(&request, version).await?;
    let partition = answer.responses.first().and_then(|topic| topic.partition_responses.first());
    Ok(partition.map(|partition| (partition.error_code, partition.base_offset)))
}

async fn at(client: &mut Client, time: i64) -> Result<(i16, i64, i64)> {
    let partition = ListOffsetsPartition::default().with_timestamp(time).with_current_leader_epoch(-1);
    let topic = ListOffsetsTopic::default().with_name(NAME).with_partitions(vec![partition]);
    let answer = client.ask(&ListOffsetsRequest::default().with_topics(vec![topic]), 9).await?;
    let found = answer.topics.first().and_then(|topic| topic.partitions.first()).context("a partition")?;
    Ok((found.error_code, found.offset, found.timestamp))
}

async fn fetch(client: &mut Client, offset: i64, wait_ms: i32) -> Result<FetchResponse> {
    let partition = FetchPartition::default().with_fetch_offset(offset).with_partition_max_bytes(1 << 20);
    let topic = FetchTopic::default().with_topic(NAME).with_partitions(vec![partition]);
    let request = FetchRequest::default().with_max_wait_ms(wait_ms).with_min_bytes(1).with_max_bytes(1 << 20);
    client.ask(&request.with_topics(vec![topic]), 11).await
}

#[tokio::test]
async fn what_was_produced_is_found_by_time_and_fetched() -> Result<()> {
    let sandbox = Sandbox::start(&Options { brokers: 1, ..Options::default() }).await?;
    let mut client = Client::of(&sandbox, 1).await?;
    create_topics(&mut client, &["source", "t"]).await?;
    let now = sandbox.with(|state| state.clock.now_ms());
    let batch = sent(&sandbox, &[record(now - 20), record(now - 10), record(now - 15)])?;
    assert_eq!(produce(&mut client, 3, -1, batch.clone()).await?, Some((0, 0)));
    assert_eq!(produce(&mut client, 9, 1, batch.clone()).await?, Some((0, 3)));
    assert_eq!(produce(&mut client, 9, 0, batch.clone()).await?, None);
    assert_eq!(at(&mut client, -1).await?, (0, 9, -1));
    assert_eq!(at(&mut client, -2).await?, (0, 0, -1));
    assert_eq!(at(&mut client, -3).await?, (0, 1, now - 10));
    assert_eq!(at(&mut client, now - 19).await?, (0, 1, now - 10));
    assert_eq!(at(&mut client, now).await?, (0, -1, -1));
    let answer = fetch(&mut client, 4, 0).await?;
    let partition = answer.responses.first().and_then(|topic| topic.partitions.first()).context("data")?;
    assert_eq!((partition.error_code, partition.high_watermark), (0, 9));
    let records = partition.records.clone().context("records")?;
    let (first, rest) = Batch::first(&records)?;
    assert_eq!((first.header().base_offset, rest.len()), (3, batch.len()));
    Ok(())
}

#[tokio::test]
async fn a_fetch_waits_for_records_and_no_longer_than_it_was_told() -> Result<()> {
    let sandbox = Sandbox::start(&Options { brokers: 1, ..Options::default() }).await?;
    let mut client = Client::of(&sandbox, 1).await?;
    create_topics(&mut client, &["t"]).await?;
    let began = Instant::now();
    let nothing = fetch(&mut client, 0, 150).await?;
    assert!(began.elapsed() >= Duration::from_millis(150), "{:?}", began.elapsed());
    assert_eq!(nothing.responses.len(), 1);
    let (answer, ()) = tokio::join!(fetch(&mut client, 0, 20_000), async {
        // The second fetch is there and waits.
        while sandbox.with(|state| state.arrived.get(&FetchRequest::KEY).copied()) < Some(2) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        sandbox.with(|state| state.append("t", 0, &[record(1)])).expect("appended");
    });
    let records = answer?.responses.remove(0).partitions.remove(0).records.context("records")?;
    assert!(!records.is_empty());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    Ok(())
}
