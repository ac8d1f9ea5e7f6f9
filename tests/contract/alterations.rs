//! What altering a config comes to: which values are taken, how they come back, and where they say they came from.

use anyhow::{Context, Result};
use kafka_protocol::messages::DescribeConfigsRequest;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::DescribeConfigsResult;

use crate::bed::{Bed, text};
use crate::case::cases;
use crate::configs::{APPEND, BROKER, DELETE, SET, SUBTRACT, TOPIC, alter, becomes};

cases![Same:
    values_come_back_in_kafkas_form,
    bad_values_are_refused_with_words,
    unknown_keys_are_refused_and_may_be_deleted,
    one_bad_key_keeps_the_others_from_being_set,
    one_key_twice_is_refused,
    lists_are_appended_to_and_subtracted_from,
    only_lists_are_appended_to,
    a_value_set_to_the_default_is_an_override,
    a_deleted_key_follows_the_broker_again,
    defaults_say_where_they_come_from,
    a_topic_that_is_not_there_has_no_configs,
    validate_only_sets_nothing,
    a_key_is_described_with_its_type,
    brokers_are_described_by_their_ids,
    keys_of_another_resource_are_refused,
    min_insync_replicas_is_not_set_for_one_broker,
];

fn described(bed: &Bed, kind: i8, name: &str, keys: Option<&[&str]>) -> Result<DescribeConfigsResult> {
    let keys = keys.map(|keys| keys.iter().map(|key| text(key)).collect());
    let resource = DescribeConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(text(name))
        .with_configuration_keys(keys);
    let request = DescribeConfigsRequest::default()
        .with_resources(vec![resource])
        .with_include_synonyms(true)
        .with_include_documentation(false);
    bed.call(&request, 4)?.results.into_iter().next().context("a result")
}

fn values_come_back_in_kafkas_form(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    for (key, given, kept) in [
        ("retention.ms", "0005", "5"),
        ("retention.ms", " 60000 ", "60000"),
        ("preallocate", "TRUE", "true"),
        ("cleanup.policy", "compact, delete", "compact,delete"),
        ("cleanup.policy", "delete,compact", "delete,compact"),
        ("min.cleanable.dirty.ratio", "0.50", "0.5"),
        ("min.cleanable.dirty.ratio", "5e-1", "0.5"),
        ("min.cleanable.dirty.ratio", "0.00001", "1.0E-5"),
        ("retention.bytes", "-1", "-1"),
        ("compression.type", "snappy", "snappy"),
    ] {
        bed.is(&format!("{key}={given}"), alter(bed, TOPIC, &topic, &[(key, SET, Some(given))], false)?, 0)?;
        becomes(bed, &topic, key, kept, 1)?;
    }
    Ok(())
}

fn bad_values_are_refused_with_words(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    for (key, value) in [
        ("retention.ms", "7d"),
        ("retention.ms", "604800000.0"),
        ("retention.ms", "3e+9"),
        ("retention.ms", "-2"),
        ("segment.ms", "0"),
        ("preallocate", "yes"),
        ("cleanup.policy", "shred"),
        ("compression.type", "fast"),
        ("min.cleanable.dirty.ratio", "1.5"),
        ("min.cleanable.dirty.ratio", "half"),
        ("min.insync.replicas", "0"),
        ("segment.bytes", "1024"),
        ("max.message.bytes", "-1"),
        ("message.timestamp.type", "Now"),
        ("remote.storage.enable", "true"),
    ] {
        bed.is(&format!("{key}={value}"), alter(bed, TOPIC, &topic, &[(key, SET, Some(value))], true)?, 40)?;
    }
    Ok(())
}

fn unknown_keys_are_refused_and_may_be_deleted(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    for key in ["no.such.key", "message.format.version", "message.timestamp.difference.max.ms"] {
        bed.is(key, alter(bed, TOPIC, &topic, &[(key, SET, Some("1"))], false)?, 40)?;
    }
    bed.is("deleting", alter(bed, TOPIC, &topic, &[("no.such.key", DELETE, None)], false)?, 0)
}

fn one_bad_key_keeps_the_others_from_being_set(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[("retention.ms", "1000")])?;
    let both = [("retention.ms", SET, Some("2000")), ("no.such.key", SET, Some("1"))];
    bed.is("code", alter(bed, TOPIC, &topic, &both, false)?, 40)?;
    becomes(bed, &topic, "retention.ms", "1000", 1)
}

fn one_key_twice_is_refused(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    let twice = [("retention.ms", SET, Some("1000")), ("retention.ms", SET, Some("2000"))];
    bed.is("code", alter(bed, TOPIC, &topic, &twice, false)?, 42)
}

fn lists_are_appended_to_and_subtracted_from(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[("cleanup.policy", "delete")])?;
    let change =
        |operation| alter(bed, TOPIC, &topic, &[("cleanup.policy", operation, Some("compact"))], false);
    bed.is("append", change(APPEND)?, 0)?;
    becomes(bed, &topic, "cleanup.policy", "delete,compact", 1)?;
    bed.is("subtract", change(SUBTRACT)?, 0)?;
    becomes(bed, &topic, "cleanup.policy", "delete", 1)
}

fn only_lists_are_appended_to(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    bed.is("code", alter(bed, TOPIC, &topic, &[("retention.ms", APPEND, Some("1"))], true)?, 40)
}

fn a_value_set_to_the_default_is_an_override(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    bed.is("code", alter(bed, TOPIC, &topic, &[("cleanup.policy", SET, Some("delete"))], false)?, 0)?;
    let source = bed.until("it is an override", || {
        let found = described(bed, TOPIC, &topic, Some(&["cleanup.policy"]))?.configs;
        Ok(found.first().map(|found| found.config_source).filter(|source| *source == 1))
    })?;
    bed.is("source", source, 1)
}

fn a_deleted_key_follows_the_broker_again(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[("retention.ms", "1000")])?;
    bed.is("code", alter(bed, TOPIC, &topic, &[("retention.ms", DELETE, None)], false)?, 0)?;
    becomes(bed, &topic, "retention.ms", "604800000", 5)
}

fn defaults_say_where_they_come_from(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    for (key, source) in
        [("retention.ms", 5), ("cleanup.policy", 5), ("segment.bytes", 5), ("compression.type", 5)]
    {
        let found = described(bed, TOPIC, &topic, Some(&[key]))?.configs;
        let found = found.first().context("a config")?;
        let synonyms: Vec<String> = found
            .synonyms
            .iter()
            .map(|one| format!("{}={} ({})", &*one.name, one.value.as_deref().unwrap_or("null"), one.source))
            .collect();
        bed.tell(format!("{key} = {}: {}", found.value.as_deref().unwrap_or("null"), synonyms.join(", ")));
        bed.is(&format!("source of {key}"), found.config_source, source)?;
    }
    Ok(())
}

fn a_topic_that_is_not_there_has_no_configs(bed: &Bed) -> Result<()> {
    let nothing = bed.name("nothing");
    let found = described(bed, TOPIC, &nothing, None)?;
    bed.said("describe", found.error_code, found.error_message.as_ref());
    bed.is("describe", found.error_code, 3)?;
    bed.is("alter", alter(bed, TOPIC, &nothing, &[("retention.ms", SET, Some("1"))], false)?, 3)
}

fn validate_only_sets_nothing(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[("retention.ms", "1000")])?;
    bed.is("code", alter(bed, TOPIC, &topic, &[("retention.ms", SET, Some("2000"))], true)?, 0)?;
    becomes(bed, &topic, "retention.ms", "1000", 1)
}

fn a_key_is_described_with_its_type(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    for (key, kind) in [
        ("preallocate", 1),
        ("compression.type", 2),
        ("min.insync.replicas", 3),
        ("retention.ms", 5),
        ("min.cleanable.dirty.ratio", 6),
        ("cleanup.policy", 7),
    ] {
        let found = described(bed, TOPIC, &topic, Some(&[key]))?.configs;
        let found = found.first().context("a config")?;
        bed.is(key, (found.config_type, found.read_only, found.is_sensitive), (kind, false, false))?;
    }
    let mut all: Vec<String> =
        described(bed, TOPIC, &topic, None)?.configs.iter().map(|config| config.name.to_string()).collect();
    all.sort();
    bed.tell(all.join("\n"));
    bed.holds("there are more than 20 keys", all.len() > 20)
}

fn brokers_are_described_by_their_ids(bed: &Bed) -> Result<()> {
    let request = |id: &str| {
        let resource = DescribeConfigsResource::default()
            .with_resource_type(BROKER)
            .with_resource_name(text(id))
            .with_configuration_keys(Some(vec![text("default.replication.factor"), text("broker.rack")]));
        DescribeConfigsRequest::default().with_resources(vec![resource])
    };
    let found = bed.call_broker(2, &request("2"), 4)?.results;
    let found = found.first().context("a result")?;
    let mut values: Vec<String> = found
        .configs
        .iter()
        .map(|config| format!("{}={}", &*config.name, config.value.as_deref().unwrap_or("null")))
        .collect();
    values.sort();
    bed.is("configs of broker 2", values, ["broker.rack=rack-2", "default.replication.factor=3"])?;
    let found = bed.call_broker(2, &request("nine"), 4)?.results;
    let found = found.first().context("a result")?;
    bed.said("describe broker nine", found.error_code, found.error_message.as_ref());
    bed.is("code", found.error_code, 42)
}

fn keys_of_another_resource_are_refused(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    bed.is("a broker's key", alter(bed, TOPIC, &topic, &[("log.retention.ms", SET, Some("1"))], true)?, 40)
}

fn min_insync_replicas_is_not_set_for_one_broker(bed: &Bed) -> Result<()> {
    bed.is("code", alter(bed, BROKER, "1", &[("min.insync.replicas", SET, Some("1"))], true)?, 40)
}
