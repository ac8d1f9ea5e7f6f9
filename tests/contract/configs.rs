//! Configs are set, refused, brought into normal form and described.

use anyhow::{Context, Result};
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::DescribeConfigsResourceResult;
use kafka_protocol::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use kafka_protocol::messages::{DescribeConfigsRequest, IncrementalAlterConfigsRequest};

use crate::bed::{Bed, text};
use crate::case::cases;

cases![Same:
    a_topic_tells_all_its_configs,
    values_come_back_in_normal_form,
    bad_values_are_refused,
    one_bad_value_leaves_the_topic_as_it_was,
    malformed_changes_are_refused,
    lists_grow_and_shrink,
    a_deleted_config_follows_the_broker_again,
    brokers_refuse_what_they_cannot_change,
    resources_that_are_not_there_are_refused,
];

pub const TOPIC: i8 = 2;
pub const BROKER: i8 = 4;
pub const CLIENT_METRICS: i8 = 16;
pub const GROUP: i8 = 32;
pub const SET: i8 = 0;
pub const DELETE: i8 = 1;
pub const APPEND: i8 = 2;
pub const SUBTRACT: i8 = 3;

/// A key, what is done to it, and with which value.
pub type Change<'a> = (&'a str, i8, Option<&'a str>);

/// Changes the configs of one resource and tells what was said.
pub fn alter(bed: &Bed, kind: i8, name: &str, changes: &[Change<'_>], validate_only: bool) -> Result<i16> {
    let configs = changes.iter().map(|(key, operation, value)| {
        AlterableConfig::default()
            .with_name(text(key))
            .with_config_operation(*operation)
            .with_value(value.map(text))
    });
    let resource = AlterConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(text(name))
        .with_configs(configs.collect());
    let request = IncrementalAlterConfigsRequest::default()
        .with_resources(vec![resource])
        .with_validate_only(validate_only);
    let answer = bed.call(&request, 1)?;
    let said = answer.responses.first().context("an answer")?;
    bed.said(&format!("alter {changes:?}"), said.error_code, said.error_message.as_ref());
    Ok(said.error_code)
}

fn describe(bed: &Bed, name: &str, keys: Option<&[&str]>) -> Result<Vec<DescribeConfigsResourceResult>> {
    let resource = DescribeConfigsResource::default()
        .with_resource_type(TOPIC)
        .with_resource_name(text(name))
        .with_configuration_keys(keys.map(|keys| keys.iter().map(|key| text(key)).collect()));
    let request = DescribeConfigsRequest::default()
        .with_resources(vec![resource])
        .with_include_synonyms(true)
        .with_include_documentation(true);
    let mut configs = bed.call(&request, 4)?.results.pop().context("an answer")?.configs;
    configs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(configs)
}

/// The value of a topic's config, and where it comes from.
fn value(bed: &Bed, name: &str, key: &str) -> Result<(String, i8)> {
    let config = describe(bed, name, Some(&[key]))?.pop().with_context(|| format!("no {key}"))?;
    Ok((config.value.as_ref().map(ToString::to_string).unwrap_or_default(), config.config_source))
}

/// Waits until a topic's config has this value from this source.
pub fn becomes(bed: &Bed, name: &str, key: &str, wanted: &str, source: i8) -> Result<()> {
    bed.until(&format!("{key} becomes {wanted:?}"), || {
        Ok((value(bed, name, key)? == (wanted.to_owned(), source)).then_some(()))
    })?;
    bed.is(key, value(bed, name, key)?, (wanted.to_owned(), source))
}

fn a_topic_tells_all_its_configs(bed: &Bed) -> Result<()> {
    let name = bed.topic("orders", 1, 1, &[("cleanup.policy", "compact")])?;
    becomes(bed, &name, "cleanup.policy", "compact", 1)?;
    let configs = describe(bed, &name, None)?;
    bed.is("how many", configs.len(), 33)?;
    for config in configs {
        let text = config.documentation.as_ref().map(|text| text.len());
        let synonyms: Vec<_> = config
            .synonyms
            .iter()
            .map(|one| (one.name.to_string(), one.value.as_ref().map(ToString::to_string), one.source))
            .collect();
        let flags = (config.config_type, config.read_only, config.is_sensitive);
        let value = config.value.as_ref().map(ToString::to_string);
        bed.tell(format!("{}: {value:?} {flags:?} {text:?} {synonyms:?}", &*config.name));
    }
    Ok(())
}

fn values_come_back_in_normal_form(bed: &Bed) -> Result<()> {
    let name = bed.topic("orders", 1, 1, &[])?;
    for (key, sent, normal) in [
        ("retention.ms", "0005", "5"),
        ("retention.ms", " +9 ", "9"),
        ("preallocate", "TRUE", "true"),
        ("cleanup.policy", "compact, delete", "compact,delete"),
        ("cleanup.policy", "", ""),
        ("min.cleanable.dirty.ratio", "1e-5", "1.0E-5"),
        ("min.cleanable.dirty.ratio", ".50", "0.5"),
        ("compression.type", " gzip ", "gzip"),
    ] {
        bed.is("code", alter(bed, TOPIC, &name, &[(key, SET, Some(sent))], false)?, 0)?;
        becomes(bed, &name, key, normal, 1)?;
    }
    Ok(())
}

fn bad_values_are_refused(bed: &Bed) -> Result<()> {
    let name = bed.topic("orders", 1, 1, &[])?;
    for (key, value) in [
        ("no.such.key", "1"),
        ("retention.ms", "x"),
        ("retention.ms", "-2"),
        ("retention.ms", "9223372036854775808"),
        ("segment.bytes", "5"),
        ("min.insync.replicas", "0"),
        ("compression.gzip.level", "0"),
        ("compression.lz4.level", "99"),
        ("compression.type", ""),
        ("preallocate", "yes"),
        ("min.cleanable.dirty.ratio", "1.5"),
        ("min.cleanable.dirty.ratio", "half"),
        ("cleanup.policy", "COMPACT"),
        ("cleanup.policy", "compact,,delete"),
        ("leader.replication.throttled.replicas", "all"),
        ("remote.storage.enable", "true"),
    ] {
        bed.is("code", alter(bed, TOPIC, &name, &[(key, SET, Some(value))], true)?, 40)?;
    }
    let together = [("min.compaction.lag.ms", SET, Some("10")), ("max.compaction.lag.ms", SET, Some("5"))];
    bed.is("code", alter(bed, TOPIC, &name, &together, true)?, 40)?;
    let two = [("retention.ms", SET, Some("x")), ("segment.ms", SET, Some("x"))];
    bed.is("code", alter(bed, TOPIC, &name, &two, true)?, 40)
}

fn one_bad_value_leaves_the_topic_as_it_was(bed: &Bed) -> Result<()> {
    let name = bed.topic("orders", 1, 1, &[])?;
    let changes = [("retention.ms", SET, Some("77")), ("no.such.key", SET, Some("5"))];
    bed.is("code", alter(bed, TOPIC, &name, &changes, false)?, 40)?;
    bed.is("flush", alter(bed, TOPIC, &name, &[("flush.ms", SET, Some("5"))], false)?, 0)?;
    becomes(bed, &name, "flush.ms", "5", 1)?;
    bed.is("retention.ms", value(bed, &name, "retention.ms")?, ("604800000".to_owned(), 5))
}

fn malformed_changes_are_refused(bed: &Bed) -> Result<()> {
    let name = bed.topic("orders", 1, 1, &[])?;
    let twice = [("retention.ms", SET, Some("5")), ("retention.ms", SET, Some("6"))];
    bed.is("twice", alter(bed, TOPIC, &name, &twice, true)?, 42)?;
    bed.is("no value", alter(bed, TOPIC, &name, &[("retention.ms", SET, None)], true)?, 42)?;
    bed.is("no list", alter(bed, TOPIC, &name, &[("retention.ms", APPEND, Some("5"))], true)?, 40)?;
    bed.is("no list", alter(bed, TOPIC, &name, &[("retention.ms", SUBTRACT, Some("5"))], true)?, 40)?;
    bed.is("no such operation", alter(bed, TOPIC, &name, &[("retention.ms", 9, Some("5"))], true)?, -1)?;
    bed.is("unknown and deleted", alter(bed, TOPIC, &name, &[("no.such.key", DELETE, None)], true)?, 0)
}

fn lists_grow_and_shrink(bed: &Bed) -> Result<()> {
    let name = bed.topic("orders", 1, 1, &[])?;
    for (operation, item, after) in [
        (APPEND, "compact", "delete,compact"),
        (APPEND, "compact,delete", "delete,compact"),
        (SUBTRACT, "delete", "compact"),
        (SUBTRACT, "compact", ""),
    ] {
        bed.is("code", alter(bed, TOPIC, &name, &[("cleanup.policy", operation, Some(item))], false)?, 0)?;
        becomes(bed, &name, "cleanup.policy", after, 1)?;
    }
    bed.is("bad item", alter(bed, TOPIC, &name, &[("cleanup.policy", APPEND, Some("shred"))], true)?, 40)
}

fn a_deleted_config_follows_the_broker_again(bed: &Bed) -> Result<()> {
    let name = bed.topic("orders", 1, 1, &[("retention.ms", "5"), ("min.insync.replicas", "1")])?;
    becomes(bed, &name, "min.insync.replicas", "1", 1)?;
    let changes = [("retention.ms", DELETE, None), ("min.insync.replicas", DELETE, None)];
    bed.is("code", alter(bed, TOPIC, &name, &changes, false)?, 0)?;
    becomes(bed, &name, "retention.ms", "604800000", 5)?;
    // Eligible leader replicas make it the brokers' own, though nobody set it.
    becomes(bed, &name, "min.insync.replicas", "2", 3)
}

fn brokers_refuse_what_they_cannot_change(bed: &Bed) -> Result<()> {
    for (key, operation, value, code) in [
        ("log.retention.ms", SET, Some("x"), 42),
        ("log.retention.ms", SET, Some("5"), 0),
        ("log.retention.ms", SET, None, 42),
        ("log.retention.ms", APPEND, Some("5"), 40),
        ("log.retention.hours", SET, Some("5"), 42),
        ("listeners", SET, Some("5"), 42),
        ("ssl.keystore.location", SET, Some("x"), 42),
        ("min.insync.replicas", SET, Some("0"), 42),
        ("min.insync.replicas", DELETE, None, 40),
        ("my.own", SET, Some("1"), 0),
    ] {
        bed.is("code", alter(bed, BROKER, "", &[(key, operation, value)], true)?, code)?;
    }
    bed.is("no number", alter(bed, BROKER, "one", &[("log.retention.ms", SET, Some("5"))], true)?, 42)
}

fn resources_that_are_not_there_are_refused(bed: &Bed) -> Result<()> {
    let change = [("retention.ms", SET, Some("5"))];
    bed.is("topic", alter(bed, TOPIC, &bed.name("nothing"), &change, true)?, 3)?;
    bed.is("no name", alter(bed, TOPIC, "", &change, true)?, 42)?;
    bed.is("bad name", alter(bed, TOPIC, "a b", &change, true)?, 17)?;
    bed.is("no type", alter(bed, 0, "orders", &change, true)?, 42)
}
