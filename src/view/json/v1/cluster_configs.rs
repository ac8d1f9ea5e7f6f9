use super::FailureV1;
use super::groups::missing;
use crate::view::cluster_configs::{Shown, differing};
use klerk_core::values::Known;
use klerk_core::world::{BrokerConfigView, BrokerConfigs, ConfigTarget};
use serde::Serialize;
use std::collections::BTreeMap;

/// `klerk.cluster-configs`: configs of brokers.
#[derive(Debug, Clone, Serialize)]
pub struct ClusterConfigsDocument {
    format: &'static str,
    version: u32,
    cluster: ClusterIdV1,
    places: Vec<PlaceV1>,
    differing: Vec<DifferingV1>,
}

#[derive(Debug, Clone, Serialize)]
struct ClusterIdV1 {
    id: String,
}

/// What is set for all brokers, or on one.
#[derive(Debug, Clone, Serialize)]
struct PlaceV1 {
    /// Null for all brokers.
    broker: Option<i32>,
    configs: Option<Vec<BrokerConfigV1>>,
    reason: Option<String>,
    error: Option<FailureV1>,
}

#[derive(Debug, Clone, Serialize)]
struct BrokerConfigV1 {
    key: String,
    /// Null when it is hidden or null.
    value: Option<String>,
    source: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    sensitive: bool,
    read_only: bool,
    synonyms: Vec<SynonymV1>,
}

#[derive(Debug, Clone, Serialize)]
struct SynonymV1 {
    key: String,
    value: Option<String>,
    source: &'static str,
}

#[derive(Debug, Clone, Serialize)]
struct DifferingV1 {
    key: String,
    /// By broker.
    values: BTreeMap<String, Option<String>>,
}

impl ClusterConfigsDocument {
    /// The document of what is shown.
    pub fn new(
        seen: &BTreeMap<ConfigTarget, Known<BrokerConfigs>>,
        shown: &Shown<'_>,
        cluster_id: &str,
    ) -> Self {
        let places = seen.iter().filter(|(target, _)| shown.covers_place(**target));
        let differing = match shown.target {
            None => differing(seen, shown),
            Some(_) => BTreeMap::new(),
        };
        let differing = differing.into_iter().map(|(key, values)| DifferingV1 {
            key: key.to_owned(),
            values: values
                .into_iter()
                .map(|(id, value)| (id.to_string(), value.map(str::to_owned)))
                .collect(),
        });
        ClusterConfigsDocument {
            format: "klerk.cluster-configs",
            version: 1,
            cluster: ClusterIdV1 { id: cluster_id.to_owned() },
            places: places.map(|(target, configs)| PlaceV1::new(*target, configs, shown)).collect(),
            differing: differing.collect(),
        }
    }
}

impl PlaceV1 {
    fn new(target: ConfigTarget, configs: &Known<BrokerConfigs>, shown: &Shown<'_>) -> Self {
        let (reason, error) = missing(configs);
        let covered = |configs: &BrokerConfigs| {
            let covered = configs.iter().filter(|(key, view)| shown.covers(target, key, view));
            covered.map(|(key, view)| BrokerConfigV1::new(key, view)).collect()
        };
        PlaceV1 {
            broker: match target {
                ConfigTarget::Cluster => None,
                ConfigTarget::Broker(id) => Some(id),
            },
            configs: configs.known().map(covered),
            reason,
            error,
        }
    }
}

impl BrokerConfigV1 {
    fn new(key: &str, view: &BrokerConfigView) -> Self {
        let told = |value: &Option<String>| value.clone().filter(|_| !view.sensitive);
        BrokerConfigV1 {
            key: key.to_owned(),
            value: told(&view.value),
            source: view.source.as_str(),
            kind: view.kind.as_str(),
            sensitive: view.sensitive,
            read_only: view.read_only,
            synonyms: view
                .synonyms
                .iter()
                .map(|synonym| SynonymV1 {
                    key: synonym.key.clone(),
                    value: told(&synonym.value),
                    source: synonym.source.as_str(),
                })
                .collect(),
        }
    }
}
