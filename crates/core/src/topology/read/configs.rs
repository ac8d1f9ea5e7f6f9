//! Kafka configs: what a topology writes, as Kafka is sent it.

use super::super::Code;
use super::super::draft::Wish;
use super::super::place::{At, Complaints};
use super::super::yaml::{Node, Value};
use super::scalars;
use crate::values::{FOLLOWER_REPLICAS, InvalidConfig, LEADER_REPLICAS, config_from_units};

/// Keys that hold lists.
const LISTS: [&str; 3] = ["cleanup.policy", FOLLOWER_REPLICAS, LEADER_REPLICAS];

/// Keys that hold plain whole numbers.
const WHOLE_NUMBERS: [&str; 5] = [
    "flush.messages",
    "min.insync.replicas",
    "compression.gzip.level",
    "compression.lz4.level",
    "compression.zstd.level",
];

/// Times of which Kafka takes none below zero, and so no `forever`: all that it knows but those of retention.
const FINITE_TIMES: [&str; 9] = [
    "delete.retention.ms",
    "file.delete.delay.ms",
    "flush.ms",
    "max.compaction.lag.ms",
    "message.timestamp.after.max.ms",
    "message.timestamp.before.max.ms",
    "min.compaction.lag.ms",
    "segment.jitter.ms",
    "segment.ms",
];

/// Keys that hold `true` or `false`.
const BOOLEANS: [&str; 5] = [
    "preallocate",
    "remote.log.copy.disable",
    "remote.log.delete.on.disable",
    "remote.storage.enable",
    "unclean.leader.election.enable",
];

/// Reads the value of a config key.
pub(super) fn config(key: &str, node: &Node, complaints: &mut Complaints<'_>) -> Option<At<Wish<String>>> {
    scalars::wish(node, complaints, |node, complaints| value(key, node, complaints))
}

fn value(key: &str, node: &Node, complaints: &mut Complaints<'_>) -> Option<String> {
    if let Value::List(items) = &node.value {
        return list(key, node, items, complaints);
    }
    if key.ends_with(".ms") {
        return time(node, key, complaints);
    }
    if key.ends_with(".bytes") {
        return in_units(node, key, complaints);
    }
    if WHOLE_NUMBERS.contains(&key) {
        return scalars::number(node, key, i64::MIN, i64::MAX, complaints).map(|number| number.to_string());
    }
    if BOOLEANS.contains(&key) {
        return scalars::boolean(node, key, complaints).map(|answer| answer.to_string());
    }
    let mut written = scalars::text(node, key, complaints)?;
    // Brokers take no notice of blanks around a value, so that it would differ for ever from what they describe.
    written.value = written.value.trim().to_owned();
    if key == "compression.type" && written.value.eq_ignore_ascii_case("none") {
        complaints
            .say(Code::BadValue, written.spot, "Kafka has no compression type 'none' for topics")
            .fix("uncompressed");
        return None;
    }
    if LISTS.contains(&key) {
        let items: Vec<&str> = written.value.split(',').map(str::trim).collect();
        return Some(items.join(","));
    }
    // What is not a number at all, as Java's NaN, lies between no others.
    let is_ratio = |text: &str| text.parse::<f64>().is_ok_and(|ratio| (0.0..=1.0).contains(&ratio));
    if key == "min.cleanable.dirty.ratio" && !is_ratio(&written.value) {
        let message = format!("'{key}' takes a number between 0 and 1, not '{}'", written.value);
        complaints.say(Code::BadValue, written.spot, message);
        return None;
    }
    Some(written.value)
}

fn time(node: &Node, key: &str, complaints: &mut Complaints<'_>) -> Option<String> {
    let millis = in_units(node, key, complaints)?;
    if millis.starts_with('-') && FINITE_TIMES.contains(&key) {
        let message = format!("'{key}' has no forever, and no value below 0");
        complaints
            .say(Code::BadValue, node.spot, message)
            .fix(format!("{}, the longest time that Kafka takes, or unset to follow the broker", i64::MAX));
        return None;
    }
    Some(millis)
}

fn list(key: &str, node: &Node, items: &[Node], complaints: &mut Complaints<'_>) -> Option<String> {
    let takes_one = [".ms", ".bytes"].iter().any(|end| key.ends_with(end))
        || WHOLE_NUMBERS.contains(&key)
        || BOOLEANS.contains(&key)
        || key == "compression.type";
    if takes_one {
        complaints.say(Code::WrongShape, node.spot, format!("'{key}' takes one plain value, not a list"));
        return None;
    }
    if items.is_empty() {
        complaints
            .say(Code::EmptyValue, node.spot, format!("the list of '{key}' is empty"))
            .fix(format!("write '{key}: unset' to follow the broker"));
        return None;
    }
    let before = complaints.count();
    let words: Vec<String> =
        scalars::texts(node, key, complaints).into_iter().map(|item| item.value.trim().to_owned()).collect();
    (complaints.count() == before).then(|| words.join(","))
}

/// A time or a size as Kafka takes it.
fn in_units(node: &Node, key: &str, complaints: &mut Complaints<'_>) -> Option<String> {
    let written = scalars::text(node, key, complaints)?;
    scalars::refuse_octal(node, key, complaints)?;
    match config_from_units(key, &written.value) {
        Ok(value) => Some(value),
        Err(invalid) => {
            let code = match invalid {
                InvalidConfig::Duration(_) => Code::BadDuration,
                InvalidConfig::Size(_) => Code::BadSize,
            };
            complaints.say(code, written.spot, invalid.about(key)).maybe_fix(invalid.fix());
            None
        }
    }
}

/// Whether a key without a place in the format is a Kafka config. The broker says whether it knows it.
pub(super) fn is_config(key: &str) -> bool {
    let dotted = key.contains('.')
        && key.split('.').all(|part| !part.is_empty())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    dotted || key == "preallocate"
}
