//! AlterConfigs, which old clients use: it sets what it names and takes away what it does not.

use anyhow::{Context, Result};
use kafka_protocol::messages::AlterConfigsRequest;
use kafka_protocol::messages::alter_configs_request::{AlterConfigsResource, AlterableConfig};

use crate::bed::{Bed, text};
use crate::case::cases;
use crate::configs::{BROKER, TOPIC, becomes};

cases![Same:
    what_is_not_named_is_taken_away,
    a_whole_that_is_bad_changes_nothing,
    a_whole_is_checked_before_it_is_set,
];

fn resource(kind: i8, name: &str, configs: &[(&str, Option<&str>)]) -> AlterConfigsResource {
    let config = |(key, value): &(&str, Option<&str>)| {
        AlterableConfig::default().with_name(text(key)).with_value(value.map(text))
    };
    AlterConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(text(name))
        .with_configs(configs.iter().map(config).collect())
}

/// Asks for this and tells what was said of each resource.
fn alter(bed: &Bed, resources: Vec<AlterConfigsResource>, validate_only: bool) -> Result<Vec<i16>> {
    let request = AlterConfigsRequest::default().with_resources(resources).with_validate_only(validate_only);
    let answer = bed.call(&request, 2)?;
    let mut responses = answer.responses;
    responses.sort_by(|a, b| a.resource_name.cmp(&b.resource_name));
    for said in &responses {
        bed.said(
            &format!("alter {} {}", said.resource_type, &*said.resource_name),
            said.error_code,
            said.error_message.as_ref(),
        );
    }
    Ok(responses.iter().map(|said| said.error_code).collect())
}

fn one(bed: &Bed, kind: i8, name: &str, configs: &[(&str, Option<&str>)], only: bool) -> Result<i16> {
    alter(bed, vec![resource(kind, name, configs)], only)?.first().copied().context("an answer")
}

fn what_is_not_named_is_taken_away(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[("retention.ms", "5"), ("flush.ms", "7")])?;
    let wanted = [("retention.ms", Some(" 0006 ")), ("cleanup.policy", Some("compact, delete"))];
    bed.is("code", one(bed, TOPIC, &topic, &wanted, false)?, 0)?;
    becomes(bed, &topic, "retention.ms", "6", 1)?;
    becomes(bed, &topic, "cleanup.policy", "compact,delete", 1)?;
    becomes(bed, &topic, "flush.ms", "9223372036854775807", 5)?;
    bed.is("nothing", one(bed, TOPIC, &topic, &[], false)?, 0)?;
    becomes(bed, &topic, "retention.ms", "604800000", 5)
}

fn a_whole_that_is_bad_changes_nothing(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[("retention.ms", "5")])?;
    for (what, configs, code) in [
        ("a bad value", &[("flush.ms", Some("7")), ("retention.ms", Some("x"))][..], 40),
        ("an unknown key", &[("no.such.key", Some("1"))], 40),
        ("no value", &[("retention.ms", None)], 42),
        ("a key twice", &[("retention.ms", Some("1")), ("retention.ms", Some("2"))], 42),
    ] {
        bed.is(what, one(bed, TOPIC, &topic, configs, false)?, code)?;
    }
    becomes(bed, &topic, "retention.ms", "5", 1)?;
    becomes(bed, &topic, "flush.ms", "9223372036854775807", 5)
}

fn a_whole_is_checked_before_it_is_set(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[("retention.ms", "5")])?;
    let wanted = [("flush.ms", Some("7"))];
    bed.is("checked only", one(bed, TOPIC, &topic, &wanted, true)?, 0)?;
    becomes(bed, &topic, "retention.ms", "5", 1)?;
    bed.is("missing", one(bed, TOPIC, &bed.name("missing"), &wanted, true)?, 3)?;
    bed.is("bad name", one(bed, TOPIC, "a b", &wanted, true)?, 17)?;
    bed.is("no such kind", one(bed, 0, "orders", &wanted, true)?, 42)?;
    bed.is("no number", one(bed, BROKER, "one", &[("log.retention.ms", Some("5"))], true)?, 42)?;
    let other = bed.topic("payments", 1, 1, &[])?;
    let both =
        vec![resource(TOPIC, &topic, &wanted), resource(TOPIC, &other, &[("retention.ms", Some("x"))])];
    let mut codes = alter(bed, both, true)?;
    codes.sort_unstable();
    bed.is("one of two", codes, [0, 40])
}
