//! Looking at the configs of topics.

use super::call_error::{CallError, known, taking};
use super::cluster::Cluster;
use super::route::{Retry, To};
use super::topics::ABSENT;
use futures::future::join_all;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult,
};
use kafka_protocol::messages::{DescribeConfigsRequest, DescribeConfigsResponse};
use kafka_protocol::protocol::StrBytes;
use klerk_core::access::Operation;
use klerk_core::group::Retention;
use klerk_core::values::{Failure, Known, Resource};
use klerk_core::world::{ConfigSource, ConfigType, ConfigView};
use std::collections::{BTreeMap, BTreeSet};

/// Topics described in one request. More gain nothing and hold more memory at a time.
const TOPICS_A_REQUEST: usize = 250;
/// The number of a topic among the types of config resources.
pub(super) const TOPIC: i8 = 2;

/// The configs of one topic by key.
pub type Configs = BTreeMap<String, ConfigView>;

impl Cluster {
    /// The configs of topics by name, all keys or only `keys`. Every topic that is asked for has an answer of its own.
    ///
    /// # Errors
    /// When no broker answers.
    pub async fn topic_configs(
        &self,
        topics: &BTreeSet<&str>,
        keys: Option<&BTreeSet<&str>>,
    ) -> Result<BTreeMap<String, Known<Configs>>, CallError> {
        let names: Vec<&str> = topics.iter().copied().collect();
        let takes = |name: String, told: Known<Configs>| {
            let told = taking(told, Operation::DescribeConfigs, &Resource::topic(&name));
            (name, told)
        };
        let requests = names.chunks(TOPICS_A_REQUEST).map(async |names| {
            // What the rest of the cluster shows must not be lost because configs cannot be read.
            match self.call(To::Any, Retry::Safe, |_| request(names, keys)).await {
                Ok(answer) => Ok(read_answer(names, &answer.body)),
                Err(error) if error.is_unavailable() || error.is_denied() => {
                    Ok(names.iter().map(|name| ((*name).to_owned(), error.unknown())).collect())
                }
                Err(error) => Err(error),
            }
        });
        // All are in flight at once, so that one answer is read here while the broker prepares the next.
        let mut configs = BTreeMap::new();
        for answer in join_all(requests).await {
            configs.extend(answer?.into_iter().map(|(name, told)| takes(name, told)));
        }
        Ok(configs)
    }

    /// How long topics keep their records. Every topic that is asked for has an answer of its own.
    pub async fn retention(&self, topics: &BTreeSet<&str>) -> BTreeMap<String, Known<Retention>> {
        let keys = Retention::KEYS.into_iter().collect();
        match self.topic_configs(topics, Some(&keys)).await {
            Ok(configs) => configs.into_iter().map(|(topic, configs)| (topic, retention(&configs))).collect(),
            Err(error) => topics.iter().map(|topic| ((*topic).to_owned(), error.unknown())).collect(),
        }
    }
}

fn retention(configs: &Known<Configs>) -> Known<Retention> {
    match configs {
        Known::Known(configs) => match Retention::of(configs) {
            Some(retention) => Known::Known(retention),
            None => Known::Unavailable("the broker does not tell retention.ms".to_owned()),
        },
        Known::Absent => Known::Absent,
        Known::Denied(why) => Known::Denied(why.clone()),
        Known::Unavailable(why) => Known::Unavailable(why.clone()),
        Known::Failed(why) => Known::Failed(why.clone()),
        Known::NotAsked => Known::NotAsked,
    }
}

fn request(names: &[&str], keys: Option<&BTreeSet<&str>>) -> DescribeConfigsRequest {
    let text = |text: &str| StrBytes::from_string(text.to_owned());
    let keys = keys.map(|keys| keys.iter().map(|key| text(key)).collect::<Vec<_>>());
    let resource = |name: &&str| {
        DescribeConfigsResource::default()
            .with_resource_type(TOPIC)
            .with_resource_name(text(name))
            .with_configuration_keys(keys.clone())
    };
    DescribeConfigsRequest::default()
        .with_resources(names.iter().map(resource).collect())
        .with_include_synonyms(true)
}

/// The answer for each topic that was asked for; one that the broker left out failed.
fn read_answer(names: &[&str], answer: &DescribeConfigsResponse) -> BTreeMap<String, Known<Configs>> {
    let mut configs: BTreeMap<String, Known<Configs>> = answer
        .results
        .iter()
        .map(|result| (result.resource_name.to_string(), read_configs(result)))
        .collect();
    for name in names {
        configs.entry((*name).to_owned()).or_insert_with(|| {
            Known::Failed(Failure::without_reply("NO_ANSWER", "the broker left the topic out"))
        });
    }
    configs
}

fn read_configs(result: &DescribeConfigsResult) -> Known<Configs> {
    let words = result.error_message.as_ref().map_or("", |text| text.as_str());
    known(result.error_code, words, &ABSENT, || {
        result.configs.iter().map(|config| (config.name.to_string(), read_config(config))).collect()
    })
}

fn read_config(config: &DescribeConfigsResourceResult) -> ConfigView {
    let text = |value: &Option<StrBytes>| value.as_ref().map(ToString::to_string);
    let source = read_source(config.config_source);
    // Where the topic itself says nothing the value is inherited as it stands. Where it does, the next synonym would
    // take its place; retention.ms has none for Kafka's own default, which brokers keep in hours.
    let inherited = if source == ConfigSource::DynamicTopic {
        config
            .synonyms
            .iter()
            .find(|synonym| read_source(synonym.source) != ConfigSource::DynamicTopic)
            .and_then(|synonym| text(&synonym.value))
    } else {
        text(&config.value)
    };
    ConfigView {
        value: text(&config.value),
        inherited,
        kind: read_type(config.config_type),
        source,
        sensitive: config.is_sensitive,
        read_only: config.read_only,
    }
}

/// Numbers of `DescribeConfigsResponse.ConfigSource`.
pub(super) fn read_source(number: i8) -> ConfigSource {
    match number {
        1 => ConfigSource::DynamicTopic,
        2 => ConfigSource::DynamicBroker,
        3 => ConfigSource::DynamicDefaultBroker,
        4 => ConfigSource::StaticBroker,
        5 => ConfigSource::Default,
        _ => ConfigSource::Other,
    }
}

/// Numbers of `DescribeConfigsResponse.ConfigType`.
pub(super) fn read_type(number: i8) -> ConfigType {
    match number {
        1 => ConfigType::Boolean,
        2 => ConfigType::String,
        3 => ConfigType::Int,
        4 => ConfigType::Short,
        5 => ConfigType::Long,
        6 => ConfigType::Double,
        7 => ConfigType::List,
        8 => ConfigType::Class,
        9 => ConfigType::Password,
        _ => ConfigType::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::describe_configs_response::DescribeConfigsSynonym;

    fn text(text: &'static str) -> StrBytes {
        StrBytes::from_static_str(text)
    }

    fn config(source: i8, synonyms: &[(i8, &'static str)]) -> ConfigView {
        read_config(
            &DescribeConfigsResourceResult::default()
                .with_name(text("max.message.bytes"))
                .with_value(Some(text("100")))
                .with_config_source(source)
                .with_config_type(3)
                .with_synonyms(
                    synonyms
                        .iter()
                        .map(|(source, value)| {
                            DescribeConfigsSynonym::default()
                                .with_source(*source)
                                .with_value(Some(text(value)))
                        })
                        .collect(),
                ),
        )
    }

    #[test]
    fn an_override_inherits_what_comes_after_it() {
        let seen = config(1, &[(1, "100"), (4, "200"), (5, "300")]);
        assert!(seen.is_override());
        assert_eq!((seen.value.as_deref(), seen.inherited.as_deref()), (Some("100"), Some("200")));
        assert_eq!(seen.kind, ConfigType::Int);
    }

    #[test]
    fn an_override_whose_default_is_not_told_inherits_nothing_known() {
        assert_eq!(config(1, &[(1, "100")]).inherited, None);
    }

    #[test]
    fn what_is_not_set_on_the_topic_is_inherited() {
        for source in [2, 3, 4, 5] {
            let seen = config(source, &[(source, "100"), (5, "300")]);
            assert!(!seen.is_override());
            assert_eq!(seen.inherited.as_deref(), Some("100"));
        }
    }

    #[test]
    fn each_topic_has_an_answer_of_its_own() {
        let result = |code| read_configs(&DescribeConfigsResult::default().with_error_code(code));
        assert!(result(3).is_absent());
        assert!(matches!(result(29), Known::Denied(_)));
        assert!(matches!(result(-1), Known::Failed(_)));
        assert!(matches!(result(0), Known::Known(_)));
    }
}
