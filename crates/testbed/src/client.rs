//! Topics, records and offsets without the code under test: small, blocking, one connection a call.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use bytes::{Bytes, BytesMut};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::consumer_group_describe_response::DescribedGroup as ConsumerGroup;
use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::metadata_response::MetadataResponseTopic;
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::{
    BrokerId, ConsumerGroupDescribeRequest, CreateTopicsRequest, DeleteTopicsRequest, DescribeClusterRequest,
    DescribeConfigsRequest, DescribeGroupsRequest, FindCoordinatorRequest, GroupId, ListGroupsRequest,
    ListOffsetsRequest, MetadataRequest, MetadataResponse, OffsetCommitRequest, OffsetFetchRequest,
    ProduceRequest, TopicName,
};
use kafka_protocol::protocol::{Request, StrBytes};
use kafka_protocol::records::{
    Compression, NO_PARTITION_LEADER_EPOCH, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE,
    Record as BatchRecord, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};

use crate::wire::Connection;

/// The type of a topic among the resources that have configs.
const TOPIC: i8 = 2;
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);

/// A record to produce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Milliseconds since 1970 in UTC.
    pub timestamp_ms: i64,
    pub key: Option<Bytes>,
    /// `None` is a tombstone.
    pub value: Option<Bytes>,
}

impl Record {
    pub fn new(timestamp_ms: i64, key: Option<&str>, value: &str) -> Record {
        let bytes = |text: &str| Bytes::copy_from_slice(text.as_bytes());
        Record { timestamp_ms, key: key.map(bytes), value: Some(bytes(value)) }
    }
}

/// A live or a past broker as DescribeCluster lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broker {
    pub id: i32,
    pub address: String,
    pub rack: Option<String>,
}

/// Asks any broker that answers, a leader or a coordinator, as the API needs.
#[derive(Debug, Clone)]
pub struct Client {
    addresses: Vec<String>,
}

impl Client {
    /// `addresses` are `host:port` of brokers, of which some may be down.
    pub fn new(addresses: Vec<String>) -> Client {
        Client { addresses }
    }

    /// Sends `request` to the first broker that can be reached.
    pub fn call<R: Request>(&self, request: &R, version: i16) -> Result<R::Response> {
        let mut failure = anyhow!("no broker to ask");
        for address in &self.addresses {
            match Connection::open(address).and_then(|mut connection| connection.call(request, version)) {
                Ok(answer) => return Ok(answer),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// Sends `request` to the coordinator of `group`.
    pub fn call_coordinator<R: Request>(
        &self,
        group: &str,
        request: &R,
        version: i16,
    ) -> Result<R::Response> {
        let find = FindCoordinatorRequest::default().with_coordinator_keys(vec![text(group)]);
        let found = self.call(&find, 4)?;
        let coordinator = found.coordinators.first().context("FindCoordinator answered nothing")?;
        check(coordinator.error_code, "FindCoordinator")?;
        Connection::open(&format!("{}:{}", &*coordinator.host, coordinator.port))?.call(request, version)
    }

    /// Sends `request` to the leader of a partition.
    pub fn call_leader<R: Request>(
        &self,
        topic: &str,
        partition: i32,
        request: &R,
        version: i16,
    ) -> Result<R::Response> {
        let metadata = self.metadata(Some(&[topic]))?;
        let described = topic_of(&metadata, topic)?;
        let found = described.partitions.iter().find(|found| found.partition_index == partition);
        let leader = found.with_context(|| format!("{topic} has no partition {partition}"))?.leader_id;
        let broker = metadata.brokers.iter().find(|broker| broker.node_id == leader);
        let broker = broker.with_context(|| format!("partition {partition} of {topic} has no leader"))?;
        Connection::open(&format!("{}:{}", &*broker.host, broker.port))?.call(request, version)
    }

    /// The live brokers, by id.
    pub fn brokers(&self) -> Result<Vec<Broker>> {
        let answer = self.call(&DescribeClusterRequest::default().with_endpoint_type(1), 1)?;
        check(answer.error_code, "DescribeCluster")?;
        let mut brokers: Vec<Broker> = answer
            .brokers
            .iter()
            .map(|broker| Broker {
                id: broker.broker_id.0,
                address: format!("{}:{}", &*broker.host, broker.port),
                rack: broker.rack.as_ref().map(ToString::to_string),
            })
            .collect();
        brokers.sort_by_key(|broker| broker.id);
        Ok(brokers)
    }

    /// Metadata of some topics or of all; never creates one.
    pub fn metadata(&self, topics: Option<&[&str]>) -> Result<MetadataResponse> {
        let named = |name: &&str| MetadataRequestTopic::default().with_name(Some(topic_name(name)));
        let request = MetadataRequest::default()
            .with_topics(topics.map(|topics| topics.iter().map(named).collect()))
            .with_allow_auto_topic_creation(false);
        self.call(&request, 12)
    }

    /// Names of all topics, internal ones too, with their numbers of partitions.
    pub fn topics(&self) -> Result<BTreeMap<String, usize>> {
        let metadata = self.metadata(None)?;
        let named = metadata
            .topics
            .iter()
            .filter_map(|topic| Some((topic.name.as_ref()?.to_string(), topic.partitions.len())));
        Ok(named.collect())
    }

    /// True when all replicas of all partitions are in sync.
    pub fn in_sync(&self) -> Result<bool> {
        let metadata = self.metadata(None)?;
        let mut partitions = metadata.topics.iter().flat_map(|topic| &topic.partitions);
        Ok(partitions.all(|partition| {
            partition.isr_nodes.len() == partition.replica_nodes.len() && partition.leader_id.0 >= 0
        }))
    }

    /// Creates a topic and waits until every broker that answers knows all its leaders.
    pub fn create_topic(
        &self,
        name: &str,
        partitions: i32,
        replication: i16,
        configs: &[(&str, &str)],
    ) -> Result<()> {
        self.create_topics(&[(name, partitions)], replication, configs)
    }

    /// Creates many topics by one request, all with the same replication factor and configs, and waits like [`create_topic`](Self::create_topic).
    pub fn create_topics(
        &self,
        topics: &[(&str, i32)],
        replication: i16,
        configs: &[(&str, &str)],
    ) -> Result<()> {
        self.create_topics_unseen(topics, replication, configs)?;
        settle(&format!("all brokers know {} new topics", topics.len()), || self.all_know(topics))
    }

    /// Creates topics and does not wait until any broker shows them.
    pub fn create_topics_unseen(
        &self,
        topics: &[(&str, i32)],
        replication: i16,
        configs: &[(&str, &str)],
    ) -> Result<()> {
        let config = |(key, value): &(&str, &str)| {
            CreatableTopicConfig::default().with_name(text(key)).with_value(Some(text(value)))
        };
        let creatable = |(name, partitions): &(&str, i32)| {
            CreatableTopic::default()
                .with_name(topic_name(name))
                .with_num_partitions(*partitions)
                .with_replication_factor(replication)
                .with_configs(configs.iter().map(config).collect())
        };
        let request = CreateTopicsRequest::default()
            .with_topics(topics.iter().map(creatable).collect())
            .with_timeout_ms(30_000);
        let answer = self.call(&request, 7)?;
        for topic in &answer.topics {
            let message = topic.error_message.as_ref().map(ToString::to_string).unwrap_or_default();
            check(topic.error_code, &format!("creating {}: {message}", &**topic.name))?;
        }
        Ok(())
    }

    /// What is set on a topic itself, as a broker describes it.
    pub fn overrides(&self, topic: &str) -> Result<BTreeMap<String, String>> {
        const OF_TOPIC: i8 = 1;
        let asked = DescribeConfigsResource::default()
            .with_resource_type(TOPIC)
            .with_resource_name(text(topic))
            .with_configuration_keys(None);
        let answer = self.call(&DescribeConfigsRequest::default().with_resources(vec![asked]), 4)?;
        let described = answer.results.first().context("DescribeConfigs answered nothing")?;
        check(described.error_code, &format!("describing the configs of {topic}"))?;
        let own = described.configs.iter().filter(|config| config.config_source == OF_TOPIC);
        let value = |value: &Option<StrBytes>| value.as_ref().map(ToString::to_string).unwrap_or_default();
        Ok(own.map(|config| (config.name.to_string(), value(&config.value))).collect())
    }

    /// Deletes a topic and waits until every broker that answers has forgotten it.
    pub fn delete_topic(&self, name: &str) -> Result<()> {
        self.delete_topics(&[name])
    }

    /// Deletes topics by one request, and waits like [`delete_topic`](Self::delete_topic).
    pub fn delete_topics(&self, names: &[&str]) -> Result<()> {
        if names.is_empty() {
            return Ok(());
        }
        let named = |name: &&str| DeleteTopicState::default().with_name(Some(topic_name(name)));
        let request = DeleteTopicsRequest::default()
            .with_topics(names.iter().map(named).collect())
            .with_timeout_ms(30_000);
        let answer = self.call(&request, 6)?;
        for topic in &answer.responses {
            let name = topic.name.as_ref().map(|name| name.to_string()).unwrap_or_default();
            check(topic.error_code, &format!("deleting {name}"))?;
        }
        settle(&format!("all brokers have forgotten {} topics", names.len()), || {
            let gone = self.each_reachable(|client| {
                let left = client.topics()?;
                Ok(!names.iter().any(|name| left.contains_key(*name)))
            })?;
            Ok(gone.then_some(()))
        })
    }

    /// Appends records to one partition (acks from all in-sync replicas) and returns the offset of the first.
    pub fn produce(&self, topic: &str, partition: i32, records: &[Record]) -> Result<i64> {
        settle(&format!("records stand in {topic}-{partition}"), || {
            self.produce_once(topic, partition, records).map(Some)
        })
    }

    /// The same without a second try: a refusal is an error at once.
    pub fn produce_once(&self, topic: &str, partition: i32, records: &[Record]) -> Result<i64> {
        let batch = encode(records)?;
        let data = PartitionProduceData::default().with_index(partition).with_records(Some(batch));
        let request = ProduceRequest::default().with_acks(-1).with_timeout_ms(30_000).with_topic_data(vec![
            TopicProduceData::default().with_name(topic_name(topic)).with_partition_data(vec![data]),
        ]);
        let answer = self.call_leader(topic, partition, &request, 9)?;
        let written = answer.responses.first().and_then(|topic| topic.partition_responses.first());
        let written = written.context("Produce answered nothing")?;
        check(written.error_code, &format!("producing to {topic}-{partition}"))?;
        Ok(written.base_offset)
    }

    /// The log end offset of one partition.
    pub fn log_end(&self, topic: &str, partition: i32) -> Result<i64> {
        self.offset_at(topic, partition, -1)
    }

    /// The first offset still there.
    pub fn log_start(&self, topic: &str, partition: i32) -> Result<i64> {
        self.offset_at(topic, partition, -2)
    }

    /// The first offset with this timestamp (milliseconds since 1970) or a later one; -1 when there is none.
    pub fn offset_at(&self, topic: &str, partition: i32, timestamp_ms: i64) -> Result<i64> {
        let asked =
            ListOffsetsPartition::default().with_partition_index(partition).with_timestamp(timestamp_ms);
        let request = ListOffsetsRequest::default().with_replica_id(BrokerId(-1)).with_topics(vec![
            ListOffsetsTopic::default().with_name(topic_name(topic)).with_partitions(vec![asked]),
        ]);
        settle(&format!("the leader of {topic}-{partition} tells an offset"), || {
            let answer = self.call_leader(topic, partition, &request, 7)?;
            let found = answer.topics.first().and_then(|topic| topic.partitions.first());
            let found = found.context("ListOffsets answered nothing")?;
            check(found.error_code, &format!("offset of {topic}-{partition}"))?;
            Ok(Some(found.offset))
        })
    }

    /// Commits `(topic, partition, offset)` for a group as an outsider; this makes an empty classic group if there is none.
    pub fn commit_offsets(&self, group: &str, offsets: &[(&str, i32, i64)]) -> Result<()> {
        let mut by_topic: BTreeMap<&str, Vec<OffsetCommitRequestPartition>> = BTreeMap::new();
        for (topic, partition, offset) in offsets {
            let commit = OffsetCommitRequestPartition::default()
                .with_partition_index(*partition)
                .with_committed_offset(*offset)
                .with_committed_metadata(Some(text("")));
            by_topic.entry(topic).or_default().push(commit);
        }
        let topic = |(name, partitions)| {
            OffsetCommitRequestTopic::default().with_name(topic_name(name)).with_partitions(partitions)
        };
        let request = OffsetCommitRequest::default()
            .with_group_id(GroupId(text(group)))
            .with_generation_id_or_member_epoch(-1)
            .with_topics(by_topic.into_iter().map(topic).collect());
        settle(&format!("the offsets of {group} are committed"), || {
            let answer = self.call_coordinator(group, &request, 8)?;
            for topic in &answer.topics {
                for partition in &topic.partitions {
                    let what =
                        format!("committing {}-{} for {group}", &**topic.name, partition.partition_index);
                    check(partition.error_code, &what)?;
                }
            }
            Ok(Some(()))
        })
    }

    /// All committed offsets of a group, by topic and partition.
    pub fn committed(&self, group: &str) -> Result<BTreeMap<(String, i32), i64>> {
        let asked = OffsetFetchRequestGroup::default().with_group_id(GroupId(text(group))).with_topics(None);
        let request = OffsetFetchRequest::default().with_groups(vec![asked]);
        settle(&format!("the coordinator tells the offsets of {group}"), || {
            let answer = self.call_coordinator(group, &request, 8)?;
            let found = answer.groups.first().context("OffsetFetch answered nothing")?;
            check(found.error_code, &format!("offsets of {group}"))?;
            let mut all = BTreeMap::new();
            for topic in &found.topics {
                for partition in &topic.partitions {
                    check(partition.error_code, &format!("offset of {} for {group}", &**topic.name))?;
                    if partition.committed_offset >= 0 {
                        all.insert(
                            (topic.name.to_string(), partition.partition_index),
                            partition.committed_offset,
                        );
                    }
                }
            }
            Ok(Some(all))
        })
    }

    /// The state of a group in Kafka's words (`Stable`, `Empty` …), `None` when its coordinator does not list it.
    pub fn group_state(&self, group: &str) -> Result<Option<String>> {
        settle(&format!("the coordinator lists {group}"), || {
            let answer = self.call_coordinator(group, &ListGroupsRequest::default(), 5)?;
            check(answer.error_code, "ListGroups")?;
            let found = answer.groups.iter().find(|found| **found.group_id == *group);
            Ok(Some(found.map(|found| found.group_state.to_string())))
        })
    }

    /// The client ids of a group's members when it is stable, empty otherwise; both protocols.
    pub(crate) fn stable_members(&self, group: &str, consumer_protocol: bool) -> Result<Vec<String>> {
        let id = GroupId(text(group));
        if consumer_protocol {
            let answer = self.call_coordinator(
                group,
                &ConsumerGroupDescribeRequest::default().with_group_ids(vec![id]),
                0,
            )?;
            let found: &ConsumerGroup =
                answer.groups.first().context("ConsumerGroupDescribe answered nothing")?;
            check(found.error_code, "ConsumerGroupDescribe")?;
            let members = found.members.iter().map(|member| member.client_id.to_string());
            Ok(if &*found.group_state == "Stable" { members.collect() } else { Vec::new() })
        } else {
            let answer =
                self.call_coordinator(group, &DescribeGroupsRequest::default().with_groups(vec![id]), 5)?;
            let found = answer.groups.first().context("DescribeGroups answered nothing")?;
            check(found.error_code, "DescribeGroups")?;
            let members = found.members.iter().map(|member| member.client_id.to_string());
            Ok(if &*found.group_state == "Stable" { members.collect() } else { Vec::new() })
        }
    }

    fn all_know(&self, topics: &[(&str, i32)]) -> Result<Option<()>> {
        let known = self.each_reachable(|client| {
            let metadata = client.metadata(None)?;
            Ok(topics.iter().all(|(name, partitions)| {
                let found =
                    topic_of(&metadata, name).map(|topic| topic.partitions.as_slice()).unwrap_or_default();
                let led = found.iter().filter(|partition| partition.leader_id.0 >= 0).count();
                led > 0 && (*partitions < 0 || led == *partitions as usize)
            }))
        })?;
        Ok(known.then_some(()))
    }

    /// Whether `check` holds on every broker that can be reached.
    fn each_reachable(&self, check: impl Fn(&Client) -> Result<bool>) -> Result<bool> {
        for address in &self.addresses {
            if Connection::open(address).is_ok() && !check(&Client::new(vec![address.clone()]))? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Repeats what a cluster in motion may answer differently in a moment: no leader or coordinator yet, or a broker that is down.
fn settle<T>(what: &str, mut attempt: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let failure = match attempt() {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => anyhow!("not yet"),
            Err(error) if is_final(&error) => return Err(error),
            Err(error) => error,
        };
        if Instant::now() > deadline {
            return Err(failure.context(format!("waited {PATIENCE:?} in vain until {what}")));
        }
        std::thread::sleep(PAUSE);
    }
}

fn is_final(error: &anyhow::Error) -> bool {
    error.downcast_ref::<ResponseError>().is_some_and(|error| {
        !error.is_retriable()
            && !matches!(error, ResponseError::UnknownTopicOrPartition | ResponseError::NotEnoughReplicas)
    })
}

fn check(code: i16, what: &str) -> Result<()> {
    match ResponseError::try_from_code(code) {
        None => Ok(()),
        Some(error) => Err(anyhow::Error::new(error).context(format!("{what}: error {code}"))),
    }
}

fn topic_of<'a>(metadata: &'a MetadataResponse, name: &str) -> Result<&'a MetadataResponseTopic> {
    let found =
        metadata.topics.iter().find(|topic| topic.name.as_ref().is_some_and(|found| &***found == name));
    match found {
        Some(topic) => check(topic.error_code, &format!("metadata of {name}")).map(|()| topic),
        None => bail!("no metadata of {name}"),
    }
}

fn encode(records: &[Record]) -> Result<Bytes> {
    let records: Vec<BatchRecord> = records
        .iter()
        .zip(0_i32..)
        .map(|(record, index)| BatchRecord {
            transactional: false,
            control: false,
            delete_horizon: false,
            partition_leader_epoch: NO_PARTITION_LEADER_EPOCH,
            producer_id: NO_PRODUCER_ID,
            producer_epoch: NO_PRODUCER_EPOCH,
            timestamp_type: TimestampType::Creation,
            offset: i64::from(index),
            // The encoder starts a new batch where offset and sequence do not move together.
            sequence: NO_SEQUENCE + index,
            timestamp: record.timestamp_ms,
            key: record.key.clone(),
            value: record.value.clone(),
            headers: Default::default(),
        })
        .collect();
    let mut batch = BytesMut::new();
    let options = RecordEncodeOptions { version: 2, compression: Compression::None };
    RecordBatchEncoder::encode(&mut batch, &records, &options)?;
    Ok(batch.freeze())
}

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn topic_name(name: &str) -> TopicName {
    TopicName(text(name))
}
