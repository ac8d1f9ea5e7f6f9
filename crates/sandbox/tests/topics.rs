//! Topics and their configs over the wire.

mod client;

use anyhow::{Context as _, Result};
use client::Client;
use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{
    CreateTopicsRequest, DeleteTopicsRequest, DescribeConfigsRequest, DescribeTopicPartitionsRequest,
    IncrementalAlterConfigsRequest, MetadataRequest, TopicName,
};
use kafka_protocol::protocol::StrBytes;
use klerk_sandbox::{Options, Sandbox};

async fn started() -> Result<(Sandbox, Client)> {
    let sandbox = Sandbox::start(&Options::default()).await?;
    let client = Client::of(&sandbox, 1).await?;
    Ok((sandbox, client))
}

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn wanted(name: &str, partitions: i32) -> CreatableTopic {
    CreatableTopic::default()
        .with_name(TopicName(text(name)))
        .with_num_partitions(partitions)
        .with_replication_factor(3)
}

fn creation(topics: Vec<CreatableTopic>) -> CreateTopicsRequest {
    CreateTopicsRequest::default().with_topics(topics).with_timeout_ms(10_000)
}

#[tokio::test]
async fn a_thousand_topics_are_created_and_shown() -> Result<()> {
    let (_sandbox, mut client) = started().await?;
    let names: Vec<String> = (0..1000).map(|number| format!("orders.{number}")).collect();
    // A request may not have more than 10,000 metadata records.
    for some in names.chunks(400) {
        let topics = some.iter().map(|name| wanted(name, 10)).collect();
        let created = client.ask(&creation(topics), 7).await?;
        assert!(created.topics.iter().all(|topic| topic.error_code == 0));
    }
    let shown = client.ask(&MetadataRequest::default().with_topics(None), 12).await?;
    assert_eq!(shown.topics.iter().map(|topic| topic.partitions.len()).sum::<usize>(), 10_000);
    Ok(())
}

#[tokio::test]
async fn a_topic_that_comes_again_has_another_id_and_none_of_its_past() -> Result<()> {
    let (_sandbox, mut client) = started().await?;
    let config =
        CreatableTopicConfig::default().with_name(text("retention.ms")).with_value(Some(text("0005")));
    let request = creation(vec![wanted("orders", 2).with_configs(vec![config])]);
    let first = client.ask(&request, 7).await?.topics.pop().context("a result")?;
    let by_id = DeleteTopicState::default().with_name(None).with_topic_id(first.topic_id);
    let request = DeleteTopicsRequest::default().with_topics(vec![by_id]).with_timeout_ms(10_000);
    let gone = client.ask(&request, 6).await?.responses.pop().context("a result")?;
    assert_eq!((gone.error_code, gone.name.as_ref().map(|name| name.as_str())), (0, Some("orders")));
    let second = client.ask(&creation(vec![wanted("orders", 1)]), 7).await?.topics.pop();
    let second = second.context("a result")?;
    assert_ne!(first.topic_id, second.topic_id);
    assert_eq!(described(&mut client, "retention.ms").await?, ("604800000".to_owned(), 5));
    Ok(())
}

async fn described(client: &mut Client, key: &str) -> Result<(String, i8)> {
    let resource = DescribeConfigsResource::default()
        .with_resource_type(2)
        .with_resource_name(text("orders"))
        .with_configuration_keys(Some(vec![text(key)]));
    let request = DescribeConfigsRequest::default().with_resources(vec![resource]);
    let result = client.ask(&request, 4).await?.results.pop().context("a result")?;
    let config = result.configs.first().context("the config")?;
    Ok((config.value.as_ref().map(ToString::to_string).unwrap_or_default(), config.config_source))
}

#[tokio::test]
async fn one_bad_value_leaves_a_topic_as_it_was() -> Result<()> {
    let (_sandbox, mut client) = started().await?;
    client.ask(&creation(vec![wanted("orders", 1)]), 7).await?;
    let set = |key: &str, value: &str| {
        AlterableConfig::default().with_name(text(key)).with_value(Some(text(value)))
    };
    for (other, code) in [("nope", 40), ("retention.ms", 42), ("flush.ms", 0)] {
        let resource = AlterConfigsResource::default()
            .with_resource_type(2)
            .with_resource_name(text("orders"))
            .with_configs(vec![set("retention.ms", "0077"), set(other, "5")]);
        let request = IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
        let altered = client.ask(&request, 1).await?;
        assert_eq!(altered.responses.first().map(|result| result.error_code), Some(code), "{other}");
        let after = if code == 0 { ("77".to_owned(), 1) } else { ("604800000".to_owned(), 5) };
        assert_eq!(described(&mut client, "retention.ms").await?, after);
    }
    Ok(())
}

#[tokio::test]
async fn partitions_are_described_page_by_page() -> Result<()> {
    let (_sandbox, mut client) = started().await?;
    client.ask(&creation(vec![wanted("a", 2), wanted("b", 3)]), 7).await?;
    let mut request = DescribeTopicPartitionsRequest::default().with_response_partition_limit(2);
    let mut seen = Vec::new();
    loop {
        let page = client.ask(&request, 0).await?;
        for topic in &page.topics {
            let name = topic.name.as_ref().context("a name")?;
            seen.extend(
                topic.partitions.iter().map(|one| format!("{}-{}", name.as_str(), one.partition_index)),
            );
        }
        let Some(next) = page.next_cursor else { break };
        let cursor = kafka_protocol::messages::describe_topic_partitions_request::Cursor::default()
            .with_topic_name(next.topic_name)
            .with_partition_index(next.partition_index);
        request = request.with_cursor(Some(cursor));
    }
    assert_eq!(seen, ["a-0", "a-1", "b-0", "b-1", "b-2"]);
    Ok(())
}

#[tokio::test]
async fn no_question_creates_a_topic() -> Result<()> {
    let (sandbox, mut client) = started().await?;
    let topic = MetadataRequestTopic::default().with_name(Some(TopicName(text("orders"))));
    let request =
        MetadataRequest::default().with_topics(Some(vec![topic])).with_allow_auto_topic_creation(true);
    let answer = client.ask(&request, 12).await?;
    assert_eq!(answer.topics.first().map(|topic| topic.error_code), Some(3));
    assert!(sandbox.with(|state| state.topics.is_empty()));
    Ok(())
}
