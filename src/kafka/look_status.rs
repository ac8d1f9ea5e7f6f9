//! One look at a cluster's condition: who is there, who decides, where replicas lie. The number of requests grows with
//! the brokers, and with topics by the hundred.

use super::call_error::CallError;
use super::cluster::Cluster;
use super::route::{Retry, To};
use super::topics::read_topics;
use futures::future::join_all;
use kafka_protocol::messages::{
    ApiVersionsRequest, ApiVersionsResponse, DescribeClusterRequest, DescribeClusterResponse,
};
use kafka_protocol::protocol::StrBytes;
use klerk_core::values::Known;
use klerk_core::world::{BROKER_KEYS, Broker, ConfigTarget, RegisteredBroker, StatusView, TOPIC_KEYS};
use std::collections::{BTreeMap, BTreeSet};

/// The feature that says which release's metadata the cluster writes.
const METADATA_VERSION: &str = "metadata.version";

impl Cluster {
    /// Sees everything that a cluster's condition is judged by.
    ///
    /// # Errors
    /// When no broker answers. What one broker or topic does not tell is in its own place.
    pub async fn look_at_status(&self) -> Result<StatusView, CallError> {
        let (metadata, registered, quorum, moves) = tokio::join!(
            self.metadata(None),
            self.registered_brokers(),
            self.quorum(),
            self.ongoing_moves(),
        );
        let mut topics = read_topics(&metadata?.body);
        let alive = self.brokers().alive.clone();
        let listed = registered.as_ref().map(|_| ());
        let mut brokers = match registered {
            Known::Known(registered) => registered,
            // Metadata lists those that are live, and nobody knows of the others.
            _ => alive.values().map(|broker| (broker.id, live(broker))).collect(),
        };
        let nodes: Vec<i32> =
            brokers.iter().filter(|(_, broker)| !broker.fenced).map(|(id, _)| *id).collect();
        let names: BTreeSet<&str> = topics
            .iter()
            .filter(|(_, topic)| topic.known().is_some())
            .map(|(name, _)| name.as_str())
            .collect();
        let keys = BTreeSet::from(TOPIC_KEYS);
        let (configs, told) = tokio::join!(
            self.topic_configs(&names, Some(&keys)),
            join_all(nodes.iter().map(async |node| {
                let (disks, throttles, features) = tokio::join!(
                    self.log_dirs(*node),
                    self.configs_of(ConfigTarget::Broker(*node), Some(&BROKER_KEYS)),
                    self.features(*node),
                );
                (*node, disks, throttles, features)
            })),
        );
        match configs {
            Ok(configs) => {
                for (name, configs) in configs {
                    if let Some(Known::Known(topic)) = topics.get_mut(&name) {
                        topic.configs = configs;
                    }
                }
            }
            // The rest of the picture is worth showing.
            Err(error) => {
                for topic in topics.values_mut() {
                    if let Known::Known(topic) = topic {
                        topic.configs = error.unknown();
                    }
                }
            }
        }
        let mut view = StatusView {
            id: self.id(),
            brokers: BTreeMap::new(),
            listed,
            quorum,
            features: Known::NotAsked,
            topics,
            disks: BTreeMap::new(),
            moves,
            throttles: BTreeMap::new(),
            hidden: Known::NotAsked,
        };
        for (node, disks, throttles, features) in told {
            view.disks.insert(node, disks);
            view.throttles.insert(node, throttles);
            if let Some(broker) = brokers.get_mut(&node) {
                broker.metadata_versions = features.as_ref().map(|told| told.metadata_versions);
            }
            // All brokers tell the same features, as far as they have heard of them.
            let told = features.map(|told| told.finalized);
            if view.features.known().is_none() {
                view.features = told;
            }
        }
        view.brokers = brokers;
        view.hidden = self.hidden_among(view.disks.values(), |name| !view.topics.contains_key(name)).await;
        Ok(view)
    }

    /// The brokers that the controller knows, those that are not live too.
    async fn registered_brokers(&self) -> Known<BTreeMap<i32, RegisteredBroker>> {
        let request = |version| {
            let request = DescribeClusterRequest::default();
            // Before v2 there is no such field, and only live brokers are told.
            if version >= 2 { request.with_include_fenced_brokers(true) } else { request }
        };
        match self.call(To::Any, Retry::Safe, request).await {
            Ok(answer) if answer.version < 2 => {
                let why = "brokers of this version tell of live ones only; Kafka 4.0 and newer tell of all";
                Known::Unavailable(why.to_owned())
            }
            Ok(answer) => Known::Known(read_brokers(&answer.body)),
            Err(error) => error.unknown(),
        }
    }

    /// What one broker tells of features.
    async fn features(&self, node: i32) -> Known<Features> {
        let request = |version| {
            let request = ApiVersionsRequest::default();
            if version < 3 {
                return request;
            }
            request
                .with_client_software_name(StrBytes::from_static_str("klerk"))
                .with_client_software_version(StrBytes::from_static_str(env!("CARGO_PKG_VERSION")))
        };
        match self.call(To::Broker(node), Retry::Safe, request).await {
            Ok(answer) => read_features(&answer.body),
            Err(error) => error.unknown(),
        }
    }
}

/// The features of the cluster, and what the software of a broker can do.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Features {
    finalized: BTreeMap<String, i16>,
    metadata_versions: (i16, i16),
}

fn live(broker: &Broker) -> RegisteredBroker {
    RegisteredBroker {
        host: broker.host.clone(),
        port: broker.port,
        rack: broker.rack.clone(),
        fenced: false,
        metadata_versions: Known::NotAsked,
    }
}

fn read_brokers(answer: &DescribeClusterResponse) -> BTreeMap<i32, RegisteredBroker> {
    let brokers = answer.brokers.iter().map(|broker| {
        let seen = RegisteredBroker {
            host: broker.host.to_string(),
            port: broker.port,
            rack: broker.rack.as_ref().map(ToString::to_string),
            fenced: broker.is_fenced,
            metadata_versions: Known::NotAsked,
        };
        (broker.broker_id.0, seen)
    });
    brokers.collect()
}

fn read_features(answer: &ApiVersionsResponse) -> Known<Features> {
    let supported = answer.supported_features.iter().find(|one| one.name.as_str() == METADATA_VERSION);
    match supported {
        Some(supported) => Known::Known(Features {
            finalized: answer
                .finalized_features
                .iter()
                .map(|feature| (feature.name.to_string(), feature.max_version_level))
                .collect(),
            metadata_versions: (supported.min_version, supported.max_version),
        }),
        None => Known::Unavailable("the broker tells no features".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::api_versions_response::{FinalizedFeatureKey, SupportedFeatureKey};
    use kafka_protocol::messages::describe_cluster_response::DescribeClusterBroker;

    #[test]
    fn fenced_brokers_are_told_apart() {
        let broker = |id: i32, fenced| {
            DescribeClusterBroker::default()
                .with_broker_id(id.into())
                .with_host(StrBytes::from_static_str("kafka"))
                .with_port(9092)
                .with_rack(Some(StrBytes::from_static_str("r1")))
                .with_is_fenced(fenced)
        };
        let answer = DescribeClusterResponse::default().with_brokers(vec![broker(1, false), broker(2, true)]);
        let brokers = read_brokers(&answer);
        assert_eq!((brokers[&1].fenced, brokers[&2].fenced), (false, true));
        assert_eq!((brokers[&1].host.as_str(), brokers[&1].rack.as_deref()), ("kafka", Some("r1")));
    }

    #[test]
    fn features_are_levels_by_name() {
        let name = StrBytes::from_static_str(METADATA_VERSION);
        let answer = ApiVersionsResponse::default()
            .with_supported_features(vec![
                SupportedFeatureKey::default()
                    .with_name(name.clone())
                    .with_min_version(7)
                    .with_max_version(30),
            ])
            .with_finalized_features(vec![
                FinalizedFeatureKey::default().with_name(name).with_max_version_level(29),
            ]);
        let features = read_features(&answer);
        let features = features.known().expect("known");
        assert_eq!((features.metadata_versions, features.finalized[METADATA_VERSION]), ((7, 30), 29));
        assert!(matches!(read_features(&ApiVersionsResponse::default()), Known::Unavailable(_)));
    }
}
