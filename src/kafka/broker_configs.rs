//! Looking at the dynamic configs of brokers. What is set on one broker alone is told by that broker, so it is the one
//! that is asked; what is set for all is told by any, and only that.

use super::call_error::{known, taking};
use super::cluster::Cluster;
use super::configs::{read_source, read_type};
use super::route::{Retry, To};
use futures::future::join_all;
use kafka_protocol::messages::DescribeConfigsRequest;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult,
};
use kafka_protocol::protocol::StrBytes;
use klerk_core::access::Operation;
use klerk_core::values::{Failure, Known, Resource, ResourceType};
use klerk_core::world::{BrokerConfigView, BrokerConfigs, ConfigTarget, SynonymView};
use std::collections::{BTreeMap, BTreeSet};

/// The number of a broker among the types of config resources.
pub(super) const BROKER: i8 = 4;

/// What a place for configs is called in requests: nothing stands for all brokers.
pub(super) fn resource_name(target: ConfigTarget) -> StrBytes {
    match target {
        ConfigTarget::Cluster => StrBytes::default(),
        ConfigTarget::Broker(id) => StrBytes::from_string(id.to_string()),
    }
}

/// Who is asked about a place, and told to change it.
pub(super) fn responsible(target: ConfigTarget) -> To<'static> {
    match target {
        ConfigTarget::Cluster => To::Any,
        ConfigTarget::Broker(id) => To::Broker(id),
    }
}

impl Cluster {
    /// The configs of these places; with those for all brokers come those of each live one. One request a place.
    pub async fn broker_configs(
        &self,
        targets: &BTreeSet<ConfigTarget>,
    ) -> BTreeMap<ConfigTarget, Known<BrokerConfigs>> {
        let mut asked = targets.clone();
        if targets.contains(&ConfigTarget::Cluster) {
            asked.extend(self.brokers().alive.keys().copied().map(ConfigTarget::Broker));
        }
        let told = asked.into_iter().map(async |target| (target, self.configs_of(target, None).await));
        join_all(told).await.into_iter().collect()
    }

    /// The configs of one place, all keys or only `keys`.
    pub(super) async fn configs_of(
        &self,
        target: ConfigTarget,
        keys: Option<&[&str]>,
    ) -> Known<BrokerConfigs> {
        let text = |text: &str| StrBytes::from_string(text.to_owned());
        let request = |_| {
            let resource = DescribeConfigsResource::default()
                .with_resource_type(BROKER)
                .with_resource_name(resource_name(target))
                .with_configuration_keys(keys.map(|keys| keys.iter().map(|key| text(key)).collect()));
            DescribeConfigsRequest::default().with_resources(vec![resource]).with_include_synonyms(true)
        };
        let told = match self.call(responsible(target), Retry::Safe, request).await {
            Ok(answer) => answer.body.results.first().map_or_else(
                || Known::Failed(Failure::without_reply("NO_ANSWER", "the broker left itself out")),
                read,
            ),
            Err(error) => error.unknown(),
        };
        let cluster = Resource { kind: ResourceType::Cluster, name: self.id() };
        taking(told, Operation::DescribeConfigs, &cluster)
    }
}

fn read(result: &DescribeConfigsResult) -> Known<BrokerConfigs> {
    let words = result.error_message.as_ref().map_or("", |text| text.as_str());
    known(result.error_code, words, &[], || {
        result.configs.iter().map(|config| (config.name.to_string(), read_config(config))).collect()
    })
}

fn read_config(config: &DescribeConfigsResourceResult) -> BrokerConfigView {
    let text = |value: &Option<StrBytes>| value.as_ref().map(ToString::to_string);
    let synonyms = config.synonyms.iter().map(|synonym| SynonymView {
        key: synonym.name.to_string(),
        value: text(&synonym.value),
        source: read_source(synonym.source),
    });
    BrokerConfigView {
        value: text(&config.value),
        kind: read_type(config.config_type),
        source: read_source(config.config_source),
        sensitive: config.is_sensitive,
        read_only: config.read_only,
        synonyms: synonyms.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::describe_configs_response::DescribeConfigsSynonym;

    fn config(source: i8, synonyms: &[(i8, &'static str, &'static str)]) -> BrokerConfigView {
        let synonyms = synonyms.iter().map(|(source, key, value)| {
            DescribeConfigsSynonym::default()
                .with_source(*source)
                .with_name(StrBytes::from_static_str(key))
                .with_value(Some(StrBytes::from_static_str(value)))
        });
        read_config(
            &DescribeConfigsResourceResult::default()
                .with_value(Some(StrBytes::from_static_str("100")))
                .with_config_source(source)
                .with_config_type(5)
                .with_synonyms(synonyms.collect()),
        )
    }

    #[test]
    fn each_place_has_a_value_of_its_own_and_one_below_it() {
        let key = "log.retention.ms";
        let seen = config(2, &[(2, key, "100"), (3, key, "200"), (4, key, "300")]);
        let (broker, all) = (ConfigTarget::Broker(1), ConfigTarget::Cluster);
        assert_eq!((seen.set_at(broker), seen.set_at(all)), (Some("100"), Some("200")));
        let below = |target| seen.below(key, target);
        assert_eq!((below(broker).as_deref(), below(all).as_deref()), (Some("200"), Some("300")));
    }

    #[test]
    fn a_synonym_by_another_key_is_in_another_unit() {
        let key = "log.retention.ms";
        let below = |seen: &BrokerConfigView| seen.below(key, ConfigTarget::Cluster);
        let seen = config(3, &[(3, key, "100"), (5, "log.retention.hours", "168")]);
        assert_eq!(below(&seen).as_deref(), Some("604800000"));
        assert_eq!(seen.below(key, ConfigTarget::Broker(1)).as_deref(), Some("100"));
        let forever = config(3, &[(3, key, "100"), (4, "log.retention.minutes", "-1")]);
        assert_eq!(below(&forever).as_deref(), Some("-1"));
        assert_eq!(below(&config(3, &[(3, key, "100"), (4, "something.else", "7")])), None);
        assert!(!seen.is_set_at(ConfigTarget::Broker(1)) && seen.is_set_at(ConfigTarget::Cluster));
    }
}
