//! One story's surroundings: where its brokers are, names of its own, and clients set up as klerk's and its users' are.

use crate::servers::{self, Simulated};
use anyhow::{Context, Result, bail, ensure};
use klerk_testbed::Client;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::topic_partition_list::TopicPartitionList;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// How long brokers and groups may take.
pub const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);

/// The time of the first record that a story writes, in milliseconds since 1970.
pub const TIME: i64 = 1_700_000_000_000;

pub struct World {
    bootstrap: String,
    story: &'static str,
    runtime: Runtime,
    _sandbox: Option<Simulated>,
}

/// Where a record landed.
pub type Place = (i32, i64);

impl World {
    pub fn simulated(story: &'static str) -> Result<World> {
        let sandbox = Simulated::start()?;
        World::at(sandbox.bootstrap().to_owned(), story, Some(sandbox))
    }

    pub fn real(story: &'static str) -> Result<World> {
        World::at(servers::real()?, story, None)
    }

    fn at(bootstrap: String, story: &'static str, sandbox: Option<Simulated>) -> Result<World> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(World { bootstrap, story, runtime, _sandbox: sandbox })
    }

    /// A name that no other story has.
    pub fn name(&self, what: &str) -> String {
        format!("{}-{what}", self.story)
    }

    /// Looks without librdkafka.
    pub fn client(&self) -> Client {
        Client::new(self.bootstrap.split(',').map(str::to_owned).collect())
    }

    /// Makes a topic and returns its whole name.
    pub fn topic(&self, what: &str, partitions: i32, configs: &[(&str, &str)]) -> Result<String> {
        let name = self.name(what);
        self.client().create_topic(&name, partitions, 3, configs)?;
        Ok(name)
    }

    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        // A topic that is missing is an error and nothing to be made by the way, for producers too.
        config.set("bootstrap.servers", &self.bootstrap).set("allow.auto.create.topics", "false");
        config
    }

    /// A producer that repeats nothing and puts keys where Java's does.
    pub fn producer(&self, settings: &[(&str, &str)]) -> Result<FutureProducer> {
        let mut config = self.config();
        config.set("enable.idempotence", "true").set("partitioner", "murmur2_random");
        config.set("message.timeout.ms", "30000");
        config.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        config.create().context("the producer")
    }

    /// A consumer that commits when it is told to, and begins where the log does.
    pub fn consumer(&self, group: &str, settings: &[(&str, &str)]) -> Result<BaseConsumer> {
        let mut config = self.config();
        config.set("group.id", group).set("enable.auto.commit", "false").set("auto.offset.reset", "earliest");
        config.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        config.create().context("the consumer")
    }

    /// Sends a record and waits until the broker has it.
    pub fn send(&self, producer: &FutureProducer, record: FutureRecord<'_, str, str>) -> Result<Place> {
        let sent = self.runtime.block_on(producer.send(record, PATIENCE));
        let delivery = sent.map_err(|(error, _)| error)?;
        Ok((delivery.partition, delivery.offset))
    }

    /// Deletes the records in front of these offsets.
    pub fn cut(&self, offsets: &TopicPartitionList) -> Result<()> {
        let admin: AdminClient<DefaultClientContext> = self.config().create().context("the admin client")?;
        let answer = self.runtime.block_on(admin.delete_records(offsets, &AdminOptions::new()))?;
        answer.elements().iter().try_for_each(|element| Ok(element.error()?))
    }

    /// Sends a value to a partition.
    pub fn put(&self, producer: &FutureProducer, topic: &str, partition: i32, value: &str) -> Result<Place> {
        self.send(producer, FutureRecord::to(topic).partition(partition).payload(value))
    }
}

/// The partitions that a consumer has.
pub fn assigned(consumer: &BaseConsumer) -> Result<BTreeSet<i32>> {
    Ok(consumer.assignment()?.elements().iter().map(|element| element.partition()).collect())
}

/// Serves all consumers in turn until `fits`. Records that come by are dropped.
pub fn until(what: &str, consumers: &[&BaseConsumer], fits: impl Fn() -> Result<bool>) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while !fits()? {
        ensure!(Instant::now() < deadline, "waited in vain until {what}");
        for consumer in consumers {
            consumer.poll(PAUSE).transpose().context("polling")?;
        }
        if consumers.is_empty() {
            std::thread::sleep(PAUSE);
        }
    }
    Ok(())
}

/// The next record. A poll also ends without one, such as when the group has rebalanced.
pub fn next(consumer: &BaseConsumer) -> Result<BorrowedMessage<'_>> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Some(record) = consumer.poll(PAUSE) {
            return record.context("a record");
        }
    }
    bail!("no record within {PATIENCE:?}")
}

/// The values of the next so many records, in the order in which they come.
pub fn values(consumer: &BaseConsumer, count: usize) -> Result<Vec<String>> {
    (0..count)
        .map(|_| Ok(String::from_utf8_lossy(next(consumer)?.payload().unwrap_or_default()).into_owned()))
        .collect()
}

/// One partition in a list, at an offset.
pub fn at(topic: &str, partition: i32, offset: rdkafka::Offset) -> Result<TopicPartitionList> {
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, partition, offset)?;
    Ok(list)
}
