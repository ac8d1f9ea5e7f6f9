//! Which values a config takes, in which form it keeps them, and the broker's words when it does not.

use crate::state::Refusal;
use crate::state::configs::catalog::{Definition, Kind};
use crate::state::configs::{Scope, java_double};
use kafka_protocol::error::ResponseError;
use std::collections::BTreeMap;
use std::fmt::Display;

/// Checks all values that are set on a topic or a broker together, and brings them into normal form.
///
/// # Errors
/// 40 with the broker's words for the first fault: a name that does not exist, then values in the broker's own order,
/// then values that contradict each other.
pub(crate) fn check_all(
    scope: Scope,
    configs: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Refusal> {
    let refused = |words: String| Refusal::new(ResponseError::InvalidConfig, words);
    if let Some(name) = configs.keys().find(|name| scope.find(name).is_none()) {
        return Err(refused(format!("Unknown topic config name: {name}")));
    }
    let mut normal = BTreeMap::new();
    // Few configs are set as a rule, so their definitions are sorted and not all definitions searched.
    let mut set: Vec<_> =
        configs.iter().filter_map(|(name, value)| Some((scope.find(name)?, value))).collect();
    if set.len() > 1 {
        let place = |wanted: &Definition| scope.all().iter().position(|one| one.name == wanted.name);
        set.sort_by_key(|(definition, _)| place(definition));
    }
    for (definition, value) in set {
        normal.insert(definition.name.clone(), normal_form(definition, value).map_err(refused)?);
    }
    contradiction(&normal).map_or(Ok(normal), |words| Err(refused(words)))
}

/// Values of a topic that are each right and wrong together, or that need what the brokers do not have.
fn contradiction(configs: &BTreeMap<String, String>) -> Option<String> {
    let number = |name: &str, default: i64| {
        configs.get(name).and_then(|value| value.parse::<i64>().ok()).unwrap_or(default)
    };
    let (least, most) = (number("min.compaction.lag.ms", 0), number("max.compaction.lag.ms", i64::MAX));
    if least > most {
        return Some(format!(
            "conflict topic config setting min.compaction.lag.ms ({least}) > max.compaction.lag.ms ({most})"
        ));
    }
    let tiered = configs.get("remote.storage.enable").is_some_and(|value| value == "true");
    tiered.then(|| {
        "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage."
            .to_owned()
    })
}

/// Brings a value into the form in which a broker describes it.
///
/// # Errors
/// The broker's words when the config does not take it.
pub(super) fn normal_form(definition: &Definition, raw: &str) -> Result<String, String> {
    let value = raw.trim();
    let invalid = |value: &str, why: &str| {
        format!("Invalid value {value} for configuration {}: {why}", definition.name)
    };
    let number = |range: std::ops::RangeInclusive<i64>, kind: &str| {
        let parsed = value.parse::<i64>().ok().filter(|number| range.contains(number));
        let parsed = parsed.ok_or_else(|| invalid(raw, &format!("Not a number of type {kind}")))?;
        in_range(definition, parsed).map_err(|why| invalid(&parsed.to_string(), &why))?;
        Ok(parsed.to_string())
    };
    match definition.kind {
        Kind::Boolean if value.eq_ignore_ascii_case("true") => Ok("true".to_owned()),
        Kind::Boolean if value.eq_ignore_ascii_case("false") => Ok("false".to_owned()),
        Kind::Boolean => Err(invalid(raw, "Expected value to be either true or false")),
        Kind::Short => number(i64::from(i16::MIN)..=i64::from(i16::MAX), "SHORT"),
        Kind::Int => number(i64::from(i32::MIN)..=i64::from(i32::MAX), "INT"),
        Kind::Long => number(i64::MIN..=i64::MAX, "LONG"),
        Kind::Double => {
            let parsed =
                java_double::parse(value).ok_or_else(|| invalid(raw, "Not a number of type DOUBLE"))?;
            let printed = java_double::print(parsed);
            in_double_range(definition, parsed).map_err(|why| invalid(&printed, &why))?;
            Ok(printed)
        }
        Kind::List => list(definition, value),
        Kind::Class if known_class(definition, value) => Ok(value.to_owned()),
        Kind::Class => Err(invalid(value, &format!("Class {value} could not be found."))),
        Kind::String => match &definition.one_of {
            Some(allowed) if !allowed.iter().any(|one| one == value) => {
                Err(invalid(value, &not_one_of(allowed)))
            }
            _ => Ok(value.to_owned()),
        },
        Kind::Password => Ok(value.to_owned()),
    }
}

fn not_one_of(allowed: &[String]) -> String {
    format!("String must be one of: {}", allowed.join(", "))
}

/// Whether a class can be loaded: the sandbox knows Kafka's own only.
fn known_class(definition: &Definition, class: &str) -> bool {
    class.starts_with("org.apache.kafka.") || definition.default.as_deref() == Some(class)
}

fn in_range(definition: &Definition, number: i64) -> Result<(), String> {
    if let (Some(min), Some(max), Some(other)) = (definition.min, definition.max, definition.exception) {
        return if (min..=max).contains(&number) || number == other {
            Ok(())
        } else {
            Err(format!("Value must be between {min} and {max} or equal to {other}"))
        };
    }
    limits(definition, |min| number < min, |max| number > max)
}

fn in_double_range(definition: &Definition, number: f64) -> Result<(), String> {
    limits(definition, |min| number < min as f64, |max| number > max as f64)
}

fn limits(
    definition: &Definition,
    below: impl Fn(i64) -> bool,
    above: impl Fn(i64) -> bool,
) -> Result<(), String> {
    let least = definition.min.filter(|min| below(*min)).map(|min| format!("Value must be at least {min}"));
    let most =
        definition.max.filter(|max| above(*max)).map(|max| format!("Value must be no more than {max}"));
    least.or(most).map_or(Ok(()), Err)
}

/// The items of a list, as a broker splits it.
pub(super) fn items(value: &str) -> Vec<&str> {
    let value = value.trim();
    if value.is_empty() { Vec::new() } else { value.split(',').map(str::trim).collect() }
}

fn list(definition: &Definition, value: &str) -> Result<String, String> {
    let name = &definition.name;
    let mut items = items(value);
    if definition.not_empty && items.is_empty() {
        return Err(format!(
            "Configuration '{name}' must not be empty. Valid values include: any non-empty value"
        ));
    }
    for item in &items {
        if definition.no_blank_items && item.is_empty() {
            return Err(format!("Configuration '{name}' values must not be empty."));
        }
        if let Some(allowed) = definition.one_of.as_ref().filter(|allowed| !allowed.iter().any(|o| o == item))
        {
            return Err(format!("Invalid value {item} for configuration {name}: {}", not_one_of(allowed)));
        }
    }
    if name.ends_with(".replication.throttled.replicas") && !replicas(&items) {
        return Err(format!(
            "Invalid value {} for configuration {name}: {name} must be the literal '*' or a list of replicas in the \
             following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
            bracketed(&items)
        ));
    }
    if definition.no_blank_items {
        let mut seen = std::collections::BTreeSet::new();
        items.retain(|item| seen.insert(*item));
    }
    Ok(items.join(","))
}

/// Whether items are all replicas, or one that stands for all.
fn replicas(items: &[&str]) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let replica = |item: &&str| {
        item.split_once(':').is_some_and(|(partition, broker)| number(partition) && number(broker))
    };
    let blank = items.iter().all(|item| item.is_empty());
    blank || items == ["*"] || items.iter().all(|item| replica(item) || item.is_empty())
}

/// Items as Java prints a collection.
pub(super) fn bracketed<T: Display>(items: &[T]) -> String {
    let printed: Vec<String> = items.iter().map(ToString::to_string).collect();
    format!("[{}]", printed.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of_topic(name: &str, value: &str) -> Result<String, String> {
        normal_form(Scope::Topic.find(name).expect("a config"), value)
    }

    #[test]
    fn values_come_back_in_normal_form() {
        for (name, value, normal) in [
            ("retention.ms", "0005", "5"),
            ("retention.ms", " +9 ", "9"),
            ("preallocate", " TRUE ", "true"),
            ("cleanup.policy", "compact, delete", "compact,delete"),
            ("cleanup.policy", " delete ,compact", "delete,compact"),
            ("cleanup.policy", "", ""),
            ("cleanup.policy", "compact,compact", "compact"),
            ("min.cleanable.dirty.ratio", "1e-5", "1.0E-5"),
            ("compression.type", " gzip ", "gzip"),
            ("compression.gzip.level", "-1", "-1"),
            ("leader.replication.throttled.replicas", "*", "*"),
            ("leader.replication.throttled.replicas", "0:1, 1:2", "0:1,1:2"),
        ] {
            assert_eq!(of_topic(name, value).as_deref(), Ok(normal), "{name}={value}");
        }
    }

    #[test]
    fn bad_values_are_refused_with_kafkas_words() {
        let words = [
            ("retention.ms", "x"),
            ("retention.ms", "9223372036854775808"),
            ("retention.ms", "-2"),
            ("segment.bytes", "5"),
            ("segment.bytes", "1.0"),
            ("compression.gzip.level", "0"),
            ("compression.lz4.level", "99"),
            ("preallocate", "yes"),
            ("min.cleanable.dirty.ratio", "5d"),
            ("min.cleanable.dirty.ratio", "half"),
            ("cleanup.policy", "compact,,delete"),
            ("cleanup.policy", "COMPACT"),
            ("compression.type", ""),
            ("leader.replication.throttled.replicas", "zzz,"),
        ]
        .map(|(name, value)| of_topic(name, value).expect_err(name));
        insta::assert_snapshot!(words.join("\n"), @r"
    Invalid value x for configuration retention.ms: Not a number of type LONG
    Invalid value 9223372036854775808 for configuration retention.ms: Not a number of type LONG
    Invalid value -2 for configuration retention.ms: Value must be at least -1
    Invalid value 5 for configuration segment.bytes: Value must be at least 1048576
    Invalid value 1.0 for configuration segment.bytes: Not a number of type INT
    Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1
    Invalid value 99 for configuration compression.lz4.level: Value must be no more than 17
    Invalid value yes for configuration preallocate: Expected value to be either true or false
    Invalid value 5.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1
    Invalid value half for configuration min.cleanable.dirty.ratio: Not a number of type DOUBLE
    Configuration 'cleanup.policy' values must not be empty.
    Invalid value COMPACT for configuration cleanup.policy: String must be one of: compact, delete
    Invalid value  for configuration compression.type: String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer
    Invalid value [zzz, ] for configuration leader.replication.throttled.replicas: leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...
        ");
    }

    fn together(configs: &[(&str, &str)]) -> Result<BTreeMap<String, String>, Refusal> {
        let configs = configs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        check_all(Scope::Topic, &configs)
    }

    #[test]
    fn the_first_fault_is_the_one_that_kafka_finds_first() {
        let words = |configs: &[(&str, &str)]| together(configs).expect_err("refused").words;
        assert_eq!(
            words(&[("retention.ms", "x"), ("nope", "1")]).as_deref(),
            Some("Unknown topic config name: nope")
        );
        assert_eq!(
            words(&[("retention.ms", "x"), ("segment.ms", "x")]).as_deref(),
            Some("Invalid value x for configuration segment.ms: Not a number of type LONG")
        );
        assert_eq!(
            words(&[("min.compaction.lag.ms", "10"), ("max.compaction.lag.ms", "5")]).as_deref(),
            Some("conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)")
        );
        assert!(
            words(&[("remote.storage.enable", "TRUE")]).is_some_and(|it| it.starts_with("Tiered Storage"))
        );
    }

    proptest! {
        #[test]
        fn a_value_in_normal_form_stays_as_it_is(place in 0usize..33, value in "[a-z0-9:*,. +-]{0,12}") {
            let definition = &Scope::Topic.all()[place];
            if let Ok(normal) = normal_form(definition, &value) {
                prop_assert_eq!(normal_form(definition, &normal), Ok(normal));
            }
        }
    }
}
