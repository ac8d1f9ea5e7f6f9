//! Times that topics take from brokers, who keep some of them in another unit. Of such a key a broker does not tell with
//! the topic what would hold without the topic's own value; its own configs tell.

use super::BrokerConfigs;
use super::broker_configs::in_milliseconds;

/// Keys of topics, each with those of brokers in the order in which they hold: the first that has a value
/// (`ServerTopicConfigSynonyms`).
const TIMES: [(&str, &[&str]); 4] = [
    ("flush.ms", &["log.flush.interval.ms", "log.flush.scheduler.interval.ms"]),
    ("retention.ms", &["log.retention.ms", "log.retention.minutes", "log.retention.hours"]),
    ("segment.jitter.ms", &["log.roll.jitter.ms", "log.roll.jitter.hours"]),
    ("segment.ms", &["log.roll.ms", "log.roll.hours"]),
];

/// The keys of topics that are such times.
pub fn followed_times() -> impl Iterator<Item = &'static str> {
    TIMES.iter().map(|(key, _)| *key)
}

/// The keys by which brokers have what topics have by this one, those that hold first; nothing for other keys.
pub fn followed_by(topic_key: &str) -> &'static [&'static str] {
    TIMES.iter().find(|(key, _)| *key == topic_key).map_or(&[], |(_, keys)| *keys)
}

/// What a topic without a value of its own has under this key on a broker with these configs, in milliseconds; `None`
/// where they do not tell. No limit is -1, however the broker says it.
pub fn followed_time(topic_key: &str, broker: &BrokerConfigs) -> Option<String> {
    let keys = followed_by(topic_key);
    let first = *keys.first()?;
    keys.iter().find_map(|key| {
        let value = broker.get(*key)?.in_effect(key)?;
        if key.ends_with(".ms") { Some(value) } else { in_milliseconds(first, key, &value) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{BrokerConfigView, ConfigSource, ConfigType};

    fn broker(values: &[(&str, Option<&str>)]) -> BrokerConfigs {
        let view = |value: &Option<&str>| BrokerConfigView {
            value: value.map(str::to_owned),
            kind: ConfigType::Long,
            source: ConfigSource::StaticBroker,
            sensitive: false,
            read_only: true,
            synonyms: Vec::new(),
        };
        values.iter().map(|(key, value)| ((*key).to_owned(), view(value))).collect()
    }

    #[test]
    fn the_finest_unit_that_has_a_value_holds() {
        let hours = ("log.retention.hours", Some("168"));
        let retention = |values: &[(&str, Option<&str>)]| followed_time("retention.ms", &broker(values));
        assert_eq!(retention(&[("log.retention.ms", None), hours]).as_deref(), Some("604800000"));
        assert_eq!(retention(&[("log.retention.minutes", Some("10")), hours]).as_deref(), Some("600000"));
        assert_eq!(retention(&[("log.retention.ms", Some("7")), hours]).as_deref(), Some("7"));
        assert_eq!(retention(&[("log.retention.hours", Some("-1"))]).as_deref(), Some("-1"));
        assert_eq!(retention(&[("log.retention.hours", Some("9223372036854775807"))]), None);
        assert_eq!(retention(&[("log.retention.ms", None)]), None);
        let flush =
            broker(&[("log.flush.interval.ms", None), ("log.flush.scheduler.interval.ms", Some("9"))]);
        assert_eq!(followed_time("flush.ms", &flush).as_deref(), Some("9"));
        assert_eq!(followed_time("retention.bytes", &flush), None);
    }
}
