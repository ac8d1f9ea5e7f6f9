//! Faults over the wire, as clients meet them.

mod client;

use anyhow::{Context as _, Result};
use client::Client;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::describe_cluster_response::DescribeClusterResponse;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{
    ApiVersionsRequest, CreateTopicsRequest, CreateTopicsResponse, DescribeClusterRequest, ListGroupsRequest,
    MetadataRequest, MetadataResponse, TopicName,
};
use kafka_protocol::protocol::StrBytes;
use klerk_sandbox::faults::Fault;
use klerk_sandbox::state::Release;
use klerk_sandbox::{Options, Sandbox};
use std::time::{Duration, Instant};

async fn started() -> Result<Sandbox> {
    Ok(Sandbox::start(&Options::default()).await?)
}

fn arm(sandbox: &Sandbox, line: &str) -> Result<()> {
    let fault: Fault = line.parse()?;
    sandbox.with(|state| state.faults.arm(fault));
    Ok(())
}

fn name(text: &str) -> TopicName {
    TopicName(StrBytes::from_string(text.to_owned()))
}

async fn create(client: &mut Client, names: &[&str]) -> Result<CreateTopicsResponse> {
    let topic = |text: &&str| {
        CreatableTopic::default().with_name(name(text)).with_num_partitions(1).with_replication_factor(1)
    };
    let request = CreateTopicsRequest::default().with_topics(names.iter().map(topic).collect());
    client.ask(&request.with_timeout_ms(1000), 7).await
}

fn results(response: &CreateTopicsResponse) -> Vec<(&str, i16)> {
    response.topics.iter().map(|topic| (topic.name.as_str(), topic.error_code)).collect()
}

async fn metadata(client: &mut Client, names: Option<&[&str]>) -> Result<MetadataResponse> {
    let topic = |text: &&str| MetadataRequestTopic::default().with_name(Some(name(text)));
    let request =
        MetadataRequest::default().with_topics(names.map(|names| names.iter().map(topic).collect()));
    client.ask(&request, 12).await
}

async fn seen(client: &mut Client) -> Result<Vec<String>> {
    let answer = metadata(client, None).await?;
    Ok(answer.topics.iter().filter_map(|topic| topic.name.as_ref()).map(|name| name.to_string()).collect())
}

fn there(sandbox: &Sandbox) -> Vec<String> {
    sandbox.with(|state| state.topics.keys().cloned().collect())
}

#[tokio::test]
async fn a_refused_item_is_not_done_and_the_others_are() -> Result<()> {
    let sandbox = started().await?;
    let mut client = Client::of(&sandbox, 1).await?;
    arm(&sandbox, r#"CreateTopics topic=b refuse 44 "not here" once"#)?;
    let answer = create(&mut client, &["a", "b", "c"]).await?;
    assert_eq!(results(&answer), [("a", 0), ("b", 44), ("c", 0)]);
    assert_eq!(answer.topics[1].error_message.as_deref(), Some("not here"));
    assert_eq!(there(&sandbox), ["a", "c"]);
    assert_eq!(results(&create(&mut client, &["b"]).await?), [("b", 0)]);
    Ok(())
}

#[tokio::test]
async fn an_item_that_is_answered_with_a_code_or_left_out_is_done_all_the_same() -> Result<()> {
    let sandbox = started().await?;
    let mut client = Client::of(&sandbox, 1).await?;
    arm(&sandbox, "CreateTopics topic=a answer REQUEST_TIMED_OUT")?;
    arm(&sandbox, "CreateTopics topic=b omit")?;
    assert_eq!(results(&create(&mut client, &["a", "b", "c"]).await?), [("a", 7), ("c", 0)]);
    assert_eq!(there(&sandbox), ["a", "b", "c"]);
    Ok(())
}

#[tokio::test]
async fn a_used_up_quota_refuses_and_tells_how_long_to_wait() -> Result<()> {
    let sandbox = started().await?;
    let mut client = Client::of(&sandbox, 1).await?;
    arm(&sandbox, "CreateTopics topic=b quota 1500ms once")?;
    let answer = create(&mut client, &["a", "b"]).await?;
    assert_eq!((answer.throttle_time_ms, results(&answer)), (1500, vec![("a", 0), ("b", 89)]));
    assert_eq!(there(&sandbox), ["a"]);
    arm(&sandbox, "Metadata throttle 20ms once")?;
    assert_eq!(metadata(&mut client, None).await?.throttle_time_ms, 20);
    assert_eq!(metadata(&mut client, None).await?.throttle_time_ms, 0);
    Ok(())
}

#[tokio::test]
async fn connections_close_before_or_after_the_effect_or_stay_silent_or_are_late() -> Result<()> {
    let sandbox = started().await?;
    arm(&sandbox, "CreateTopics topic=a close-before once")?;
    arm(&sandbox, "CreateTopics topic=b close-after once")?;
    arm(&sandbox, "CreateTopics topic=c silence once")?;
    arm(&sandbox, "CreateTopics topic=d late 60ms once")?;
    assert!(create(&mut Client::of(&sandbox, 1).await?, &["a"]).await.is_err());
    assert!(there(&sandbox).is_empty());
    assert!(create(&mut Client::of(&sandbox, 1).await?, &["b"]).await.is_err());
    assert_eq!(there(&sandbox), ["b"]);
    let mut client = Client::of(&sandbox, 1).await?;
    let silent = tokio::time::timeout(Duration::from_millis(60), create(&mut client, &["c"])).await;
    assert!(silent.is_err());
    let mut client = Client::of(&sandbox, 1).await?;
    let begun = Instant::now();
    assert_eq!(results(&create(&mut client, &["d"]).await?), [("d", 0)]);
    assert!(begun.elapsed() >= Duration::from_millis(60));
    assert_eq!(there(&sandbox), ["b", "d"]);
    Ok(())
}

#[tokio::test]
async fn a_whole_request_is_refused_by_its_own_code_or_by_that_of_every_item() -> Result<()> {
    let sandbox = started().await?;
    let mut client = Client::of(&sandbox, 1).await?;
    arm(&sandbox, r#"DescribeCluster refuse-request 31 "no" once"#)?;
    let answer: DescribeClusterResponse = client.ask(&DescribeClusterRequest::default(), 1).await?;
    assert_eq!((answer.error_code, answer.error_message.as_deref()), (31, Some("no")));
    assert!(answer.brokers.is_empty());
    arm(&sandbox, "CreateTopics refuse-request 31 once")?;
    assert_eq!(results(&create(&mut client, &["a", "b"]).await?), [("a", 31), ("b", 31)]);
    assert!(there(&sandbox).is_empty());
    Ok(())
}

#[tokio::test]
async fn what_lists_without_codes_is_refused_whole() -> Result<()> {
    let sandbox = started().await?;
    let mut client = Client::of(&sandbox, 1).await?;
    arm(&sandbox, "ListGroups refuse 14 once")?;
    let mut codes = Vec::new();
    for _ in 0..2 {
        codes.push(client.ask(&ListGroupsRequest::default(), 5).await?.error_code);
    }
    assert_eq!(codes, [14, 0]);
    Ok(())
}

#[tokio::test]
async fn what_may_not_be_seen_is_left_out_of_lists_and_denied_by_name() -> Result<()> {
    let sandbox = started().await?;
    let mut client = Client::of(&sandbox, 1).await?;
    create(&mut client, &["a", "b"]).await?;
    arm(&sandbox, "* topic=a deny")?;
    assert_eq!(seen(&mut client).await?, ["b"]);
    let named = metadata(&mut client, Some(&["a", "b"])).await?;
    let codes: Vec<i16> = named.topics.iter().map(|topic| topic.error_code).collect();
    assert_eq!(codes, [29, 0]);
    assert!(named.topics[0].partitions.is_empty() && named.topics[0].topic_id.is_nil());
    assert_eq!(results(&create(&mut client, &["a"]).await?), [("a", 29)]);
    Ok(())
}

#[tokio::test]
async fn a_broker_stops_before_or_after_the_effect() -> Result<()> {
    for (line, made) in [("CreateTopics stop-before once", false), ("CreateTopics stop-after once", true)] {
        let sandbox = started().await?;
        arm(&sandbox, line)?;
        assert!(create(&mut Client::of(&sandbox, 1).await?, &["a"]).await.is_err(), "{line}");
        let mut second = Client::of(&sandbox, 2).await?;
        assert_eq!(seen(&mut second).await?.contains(&"a".to_owned()), made, "{line}");
        let shown = metadata(&mut second, None).await?;
        assert_eq!((shown.brokers.len(), shown.controller_id.0), (2, 2));
        sandbox.start_broker(1).await;
        assert_eq!(metadata(&mut Client::of(&sandbox, 1).await?, None).await?.brokers.len(), 3);
    }
    Ok(())
}

#[tokio::test]
async fn metadata_lags_behind_a_change_for_some_reads_or_some_time() -> Result<()> {
    let sandbox = started().await?;
    let mut client = Client::of(&sandbox, 1).await?;
    create(&mut client, &["a"]).await?;
    arm(&sandbox, "Metadata stale 2 times")?;
    assert_eq!(seen(&mut client).await?, ["a"]);
    create(&mut client, &["b"]).await?;
    create(&mut client, &["c"]).await?;
    assert_eq!(seen(&mut client).await?, ["a"]);
    assert_eq!(seen(&mut client).await?, ["a"]);
    assert_eq!(seen(&mut client).await?, ["a", "b", "c"]);
    arm(&sandbox, "Metadata stale 60s")?;
    create(&mut client, &["d"]).await?;
    assert_eq!(seen(&mut client).await?, ["a", "b", "c"]);
    sandbox.with(|state| state.clock.advance(Duration::from_secs(60)));
    assert_eq!(seen(&mut client).await?, ["a", "b", "c", "d"]);
    Ok(())
}

#[tokio::test]
async fn the_controller_moves_and_is_found_again() -> Result<()> {
    let sandbox = started().await?;
    let mut client = Client::of(&sandbox, 1).await?;
    arm(&sandbox, "CreateTopics move once")?;
    assert_eq!(results(&create(&mut client, &["a"]).await?), [("a", 41)]);
    assert_eq!(metadata(&mut client, None).await?.controller_id.0, 2);
    let mut client = Client::of(&sandbox, 2).await?;
    assert_eq!(results(&create(&mut client, &["a"]).await?), [("a", 0)]);
    Ok(())
}

async fn newest(client: &mut Client, key: i16) -> Result<Option<i16>> {
    let answer = client.ask(&ApiVersionsRequest::default(), 0).await?;
    Ok(answer.api_keys.iter().find(|api| api.api_key == key).map(|api| api.max_version))
}

#[tokio::test]
async fn an_api_is_capped_or_absent_on_one_broker_or_by_release() -> Result<()> {
    let sandbox = started().await?;
    let mut client = Client::of(&sandbox, 1).await?;
    arm(&sandbox, "Metadata node=2 cap 9")?;
    arm(&sandbox, "DescribeCluster absent")?;
    assert_eq!((newest(&mut client, 3).await?, newest(&mut client, 60).await?), (Some(13), None));
    assert!(client.ask(&DescribeClusterRequest::default(), 0).await.is_err());
    let mut second = Client::of(&sandbox, 2).await?;
    assert_eq!(newest(&mut second, 3).await?, Some(9));
    assert!(metadata(&mut second, None).await.is_err());
    sandbox.with(|state| {
        state.faults.disarm_all();
        state.release = Release::Kafka39;
    });
    let mut client = Client::of(&sandbox, 1).await.context("a new connection")?;
    assert_eq!((newest(&mut client, 3).await?, newest(&mut client, 60).await?), (Some(12), Some(1)));
    Ok(())
}
