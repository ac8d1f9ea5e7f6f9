//! Changing topics: create them, add partitions, set and unset configs; or ask the broker whether it would.

use super::batch::{Carrier, Outcome, Verdicts, Watch, carry_all};
use super::call_error::{CallError, failure};
use super::cluster::Cluster;
use super::configs::TOPIC;
use super::route::{Retry, To};
use kafka_protocol::messages::create_partitions_request::CreatePartitionsTopic;
use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::messages::create_topics_response::CreatableTopicResult;
use kafka_protocol::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use kafka_protocol::messages::{
    CreatePartitionsRequest, CreateTopicsRequest, IncrementalAlterConfigsRequest, TopicName,
};
use kafka_protocol::protocol::StrBytes;
use klerk_core::access::Operation;
use klerk_core::values::{Failure, TopicId};
use klerk_wire::ErrorCode;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI32, Ordering};

/// Records that a topic makes whose number of partitions is left to the broker: a guess at its `num.partitions`.
const PARTITIONS_BY_DEFAULT: usize = 10;
/// IncrementalAlterConfigs: set the value.
const SET: i8 = 0;
/// IncrementalAlterConfigs: remove the value, so that the topic follows the broker again.
const DELETE: i8 = 1;

/// Whether a change is made, or the broker only says whether it would make it (`validate_only`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Make it.
    Apply,
    /// Only ask. It sees nothing of other changes that are asked for beside it.
    Validate,
}

/// A topic to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// How many partitions; `None` leaves it to the broker's `num.partitions`.
    pub partitions: Option<i32>,
    /// The replication factor; `None` leaves it to the broker's `default.replication.factor`.
    pub replication: Option<i16>,
    /// Configs to set on it.
    pub configs: BTreeMap<String, String>,
}

/// What the broker says of a topic that it created, or would create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedTopic {
    /// Its id; `None` from brokers before 2.8 and where it was only asked.
    pub id: Option<TopicId>,
    /// Its number of partitions; `None` from brokers before 2.4.
    pub partitions: Option<i32>,
    /// Its replication factor; `None` from brokers before 2.4.
    pub replication: Option<i16>,
}

/// Partitions to add to a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MorePartitions {
    /// The topic's name.
    pub topic: String,
    /// How many there are.
    pub from: i32,
    /// How many there shall be.
    pub to: i32,
}

/// Configs to set on a topic, or to take off it. They are applied together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigChange {
    /// The topic's name.
    pub topic: String,
    /// The value for each key; `None` takes it off, so that the topic follows the broker.
    pub values: BTreeMap<String, Option<String>>,
}

impl Cluster {
    /// Creates topics, or asks whether they would be created; one outcome for each, in their order.
    pub async fn create_topics(
        &self,
        topics: &[NewTopic],
        mode: Mode,
        watch: &mut impl Watch<CreatedTopic>,
    ) -> Vec<Outcome<CreatedTopic>> {
        carry_all(&Creation(Way::new(self, mode)), topics, watch).await
    }

    /// Adds partitions, or asks whether they would be added; as [`Cluster::create_topics`].
    pub async fn create_partitions(
        &self,
        topics: &[MorePartitions],
        mode: Mode,
        watch: &mut impl Watch<()>,
    ) -> Vec<Outcome<()>> {
        carry_all(&Growth(Way::new(self, mode)), topics, watch).await
    }

    /// Changes the configs of topics, or asks whether they would be changed; as [`Cluster::create_topics`]. Keys that
    /// are not named stay as they are.
    pub async fn alter_topic_configs(
        &self,
        changes: &[ConfigChange],
        mode: Mode,
        watch: &mut impl Watch<()>,
    ) -> Vec<Outcome<()>> {
        carry_all(&Alteration(Way::new(self, mode)), changes, watch).await
    }
}

impl Cluster {
    /// How long a broker may wait for the controller, or for other brokers: less than this client waits for the broker.
    pub(super) fn patience_ms(&self) -> i32 {
        let limit = self.shared.options.request_timeout.as_millis() * 4 / 5;
        i32::try_from(limit).unwrap_or(i32::MAX)
    }
}

/// How changes reach the controller.
pub(super) struct Way<'a> {
    pub(super) cluster: &'a Cluster,
    mode: Mode,
    /// The controller's node id once somebody had to look for it, else -1: any broker forwards.
    controller: AtomicI32,
}

impl<'a> Way<'a> {
    pub(super) fn new(cluster: &'a Cluster, mode: Mode) -> Self {
        Way { cluster, mode, controller: AtomicI32::new(-1) }
    }

    pub(super) fn to(&self) -> To<'static> {
        match self.controller.load(Ordering::Relaxed) {
            node @ 0.. => To::Broker(node),
            _ => To::Controller,
        }
    }

    pub(super) async fn find_controller(&self) {
        if let Ok(brokers) = self.cluster.refresh().await {
            self.controller.store(brokers.controller.unwrap_or(-1), Ordering::Relaxed);
        }
    }

    pub(super) fn validate_only(&self) -> bool {
        self.mode == Mode::Validate
    }

    /// A question may be asked twice; a change whose answer was lost must be looked at first.
    pub(super) fn retry(&self) -> Retry {
        if self.validate_only() { Retry::Safe } else { Retry::Never }
    }

    /// How long the broker may wait for the controller: less than this client waits for the broker.
    pub(super) fn timeout_ms(&self) -> i32 {
        self.cluster.patience_ms()
    }
}

struct Creation<'a>(Way<'a>);

impl Carrier for Creation<'_> {
    type Item = NewTopic;
    type Value = CreatedTopic;

    fn records(&self, topic: &NewTopic) -> usize {
        let partitions = topic.partitions.and_then(|count| usize::try_from(count).ok());
        1 + partitions.unwrap_or(PARTITIONS_BY_DEFAULT) + topic.configs.len()
    }

    fn most_at_once(&self) -> usize {
        self.0.cluster.most_at_once()
    }

    async fn carry(&self, topics: &[&NewTopic]) -> Result<Verdicts<CreatedTopic>, CallError> {
        let Creation(way) = self;
        let answer = way
            .cluster
            .call(way.to(), way.retry(), |_| {
                CreateTopicsRequest::default()
                    .with_topics(topics.iter().map(|topic| creatable(topic)).collect())
                    .with_timeout_ms(way.timeout_ms())
                    .with_validate_only(way.validate_only())
            })
            .await?;
        let results = answer.body.topics.iter().map(|result| {
            let has_configs =
                topics.iter().any(|topic| topic.name == **result.name && !topic.configs.is_empty());
            let verdict = verdict(result.error_code, &result.error_message, || created(result, way.mode));
            (&**result.name, verdict.and_then(|created| seen_again(result, has_configs, way.mode, created)))
        });
        Ok(in_order(topics.iter().map(|topic| topic.name.as_str()), results))
    }

    async fn find_controller(&self) {
        self.0.find_controller().await;
    }
}

struct Growth<'a>(Way<'a>);

impl Carrier for Growth<'_> {
    type Item = MorePartitions;
    type Value = ();

    fn records(&self, topic: &MorePartitions) -> usize {
        usize::try_from(topic.to - topic.from).unwrap_or(1).max(1)
    }

    fn most_at_once(&self) -> usize {
        self.0.cluster.most_at_once()
    }

    async fn carry(&self, topics: &[&MorePartitions]) -> Result<Verdicts<()>, CallError> {
        let Growth(way) = self;
        let growing = |topic: &&MorePartitions| {
            CreatePartitionsTopic::default()
                .with_name(TopicName(text(&topic.topic)))
                .with_count(topic.to)
                // Null leaves the placement to the controller; the codec's own default is an empty list.
                .with_assignments(None)
        };
        let answer = way
            .cluster
            .call(way.to(), way.retry(), |_| {
                CreatePartitionsRequest::default()
                    .with_topics(topics.iter().map(growing).collect())
                    .with_timeout_ms(way.timeout_ms())
                    .with_validate_only(way.validate_only())
            })
            .await?;
        let results = answer
            .body
            .results
            .iter()
            .map(|result| (&**result.name, verdict(result.error_code, &result.error_message, || ())));
        Ok(in_order(topics.iter().map(|topic| topic.topic.as_str()), results))
    }

    async fn find_controller(&self) {
        self.0.find_controller().await;
    }
}

struct Alteration<'a>(Way<'a>);

impl Carrier for Alteration<'_> {
    type Item = ConfigChange;
    type Value = ();

    fn records(&self, change: &ConfigChange) -> usize {
        change.values.len().max(1)
    }

    // Whoever watches has to hear of the lost answer, so this is no matter of the call: what was done at the first
    // sending may be refused at the second.
    fn is_repeatable(&self) -> bool {
        true
    }

    fn most_at_once(&self) -> usize {
        self.0.cluster.most_at_once()
    }

    async fn carry(&self, changes: &[&ConfigChange]) -> Result<Verdicts<()>, CallError> {
        let Alteration(way) = self;
        let answer = way
            .cluster
            .call(way.to(), way.retry(), |_| {
                IncrementalAlterConfigsRequest::default()
                    .with_resources(changes.iter().map(|change| alteration(change)).collect())
                    .with_validate_only(way.validate_only())
            })
            .await?;
        let results =
            answer.body.responses.iter().map(|result| {
                (&*result.resource_name, verdict(result.error_code, &result.error_message, || ()))
            });
        Ok(in_order(changes.iter().map(|change| change.topic.as_str()), results))
    }

    async fn find_controller(&self) {
        self.0.find_controller().await;
    }
}

pub(super) fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn creatable(topic: &NewTopic) -> CreatableTopic {
    let config = |(key, value): (&String, &String)| {
        CreatableTopicConfig::default().with_name(text(key)).with_value(Some(text(value)))
    };
    CreatableTopic::default()
        .with_name(TopicName(text(&topic.name)))
        .with_num_partitions(topic.partitions.unwrap_or(-1))
        .with_replication_factor(topic.replication.unwrap_or(-1))
        .with_configs(topic.configs.iter().map(config).collect())
}

/// What was set has to be seen again. A broker that is asked whether it would make a topic tells that this principal may not
/// see its configs (KIP-525); nothing else tells the rights on a topic that does not exist.
fn seen_again<T>(
    result: &CreatableTopicResult,
    has_configs: bool,
    mode: Mode,
    created: T,
) -> Result<T, Failure> {
    let code = result.topic_config_error_code;
    if mode == Mode::Apply || !has_configs || !ErrorCode::of(code).is_some_and(ErrorCode::is_denied) {
        return Ok(created);
    }
    let takes = format!(
        "to see its configs once they are set takes {} on topic {}",
        Operation::DescribeConfigs,
        &**result.name
    );
    Err(failure(code, &takes))
}

fn created(result: &CreatableTopicResult, mode: Mode) -> CreatedTopic {
    // The id that comes with an answer to a mere question is made up, and no topic will ever have it.
    let has_id = mode == Mode::Apply && !result.topic_id.is_nil();
    CreatedTopic {
        id: has_id.then(|| TopicId(*result.topic_id.as_bytes())),
        partitions: Some(result.num_partitions).filter(|count| *count >= 0),
        replication: Some(result.replication_factor).filter(|factor| *factor >= 0),
    }
}

fn alteration(change: &ConfigChange) -> AlterConfigsResource {
    AlterConfigsResource::default()
        .with_resource_type(TOPIC)
        .with_resource_name(text(&change.topic))
        .with_configs(alterable(&change.values))
}

/// Each value to set, and each key to take off.
pub(super) fn alterable(values: &BTreeMap<String, Option<String>>) -> Vec<AlterableConfig> {
    let config = |(key, value): (&String, &Option<String>)| {
        AlterableConfig::default()
            .with_name(text(key))
            .with_config_operation(if value.is_some() { SET } else { DELETE })
            .with_value(value.as_deref().map(text))
    };
    values.iter().map(config).collect()
}

pub(super) fn verdict<T>(
    code: i16,
    message: &Option<StrBytes>,
    value: impl FnOnce() -> T,
) -> Result<T, Failure> {
    match code {
        0 => Ok(value()),
        code => Err(failure(code, message.as_ref().map_or("", |text| text.as_str()))),
    }
}

/// The results by name, in the order in which they were asked for.
fn in_order<'a, T>(
    names: impl Iterator<Item = &'a str>,
    results: impl Iterator<Item = (&'a str, Result<T, Failure>)>,
) -> Verdicts<T> {
    let mut results: HashMap<&str, Result<T, Failure>> = results.collect();
    names.map(|name| results.remove(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_to_the_broker_is_sent_as_minus_one() {
        let topic = NewTopic {
            name: "orders".to_owned(),
            partitions: None,
            replication: None,
            configs: BTreeMap::from([("retention.ms".to_owned(), "5".to_owned())]),
        };
        let sent = creatable(&topic);
        assert_eq!((sent.num_partitions, sent.replication_factor), (-1, -1));
        assert_eq!(sent.configs[0].value.as_deref(), Some("5"));
        assert!(sent.assignments.is_empty());
    }

    #[test]
    fn a_config_is_set_or_taken_off() {
        let values = BTreeMap::from([
            ("cleanup.policy".to_owned(), Some("compact".to_owned())),
            ("retention.ms".to_owned(), None),
        ]);
        let sent = alteration(&ConfigChange { topic: "orders".to_owned(), values });
        let operations: Vec<_> =
            sent.configs.iter().map(|config| (config.config_operation, &config.value)).collect();
        assert_eq!(operations, [(SET, &Some(text("compact"))), (DELETE, &None)]);
        assert_eq!(sent.resource_type, TOPIC);
    }

    #[test]
    fn results_are_put_in_the_order_of_the_request() {
        let results = [("b", Ok(2)), ("a", Err(failure(36, "")))].into_iter();
        let ordered = in_order(["a", "b", "c"].into_iter(), results);
        assert!(matches!(ordered[0], Some(Err(_))));
        assert_eq!(ordered[1], Some(Ok(2)));
        assert_eq!(ordered[2], None);
    }
}
