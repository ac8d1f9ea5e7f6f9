use crate::values::THROTTLED_REPLICAS;
use crate::world::{ConfigSource, StatusView};

/// Something that slows replicas down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Throttle {
    /// A rate that is set on a broker.
    Rate {
        /// The broker.
        broker: i32,
        /// The key.
        key: String,
        /// The value, in bytes a second.
        value: String,
    },
    /// Replicas of a topic that rates apply to.
    Replicas {
        /// The topic.
        topic: String,
        /// The key.
        key: String,
        /// The value: `*`, or partitions with brokers.
        value: String,
    },
}

/// All that is set.
pub(super) fn throttles(view: &StatusView) -> Vec<Throttle> {
    let is_set = |source| matches!(source, ConfigSource::DynamicBroker | ConfigSource::DynamicDefaultBroker);
    let mut found = Vec::new();
    for (broker, configs) in &view.throttles {
        for (key, config) in configs.known().into_iter().flatten() {
            if let Some(value) = config.value.as_ref().filter(|_| is_set(config.source)) {
                found.push(Throttle::Rate { broker: *broker, key: key.clone(), value: value.clone() });
            }
        }
    }
    for (topic, view) in view.topics.iter().filter_map(|(name, topic)| Some((name, topic.known()?))) {
        let configs = view.configs.known().into_iter().flatten();
        for (key, config) in configs.filter(|(key, _)| THROTTLED_REPLICAS.contains(&key.as_str())) {
            let value = config.value.as_ref().filter(|value| config.is_override() && !value.is_empty());
            if let Some(value) = value {
                found.push(Throttle::Replicas {
                    topic: topic.clone(),
                    key: key.clone(),
                    value: value.clone(),
                });
            }
        }
    }
    found
}
