use super::effective::{Effective, Value};
use super::of_topic;
use crate::plan::{Finding, Severity};
use crate::values::{describe_config_value, list_items};

/// What is kept, for how long, and by what key.
pub(super) fn findings(topic: &Effective<'_>, findings: &mut Vec<Finding>) {
    let policy = topic.config("cleanup.policy");
    let has =
        |word: &str| policy.as_ref().is_some_and(|value| list_items(value.text).any(|item| item == word));
    // Kafka deletes unless it is told otherwise.
    if policy.is_none() || has("delete") {
        below_segment(topic, "retention.ms", "segment.ms", findings);
        below_segment(topic, "retention.bytes", "segment.bytes", findings);
    }
    let name = &topic.topic.name;
    let origin = policy.as_ref().and_then(|value| value.origin);
    if let Some(origin) =
        origin.filter(|_| has("compact") && !topic.want.subjects.contains_key(&format!("{name}-key")))
    {
        let message = format!(
            "'{name}' is compacted, and its keys have no schema: Kafka refuses records without a key there, and keeps \
             one record for each spelling of a key"
        );
        findings.push(of_topic(name, Severity::Info, "topic/compaction-without-key", message, origin));
    }
}

/// Kafka deletes whole segments: by age also the one that is written to, once its newest record is old enough; by size
/// only those that are closed.
fn below_segment(topic: &Effective<'_>, key: &str, segment: &str, findings: &mut Vec<Finding>) {
    let (Some(kept), Some(rolled)) = (topic.config(key), topic.config(segment)) else { return };
    let Some(origin) = kept.origin.or(rolled.origin) else { return };
    let (Some(limit), Some(size)) = (kept.integer(), rolled.integer()) else { return };
    if !(0..size).contains(&limit) {
        return;
    }
    let name = &topic.topic.name;
    let told = |key: &str, value: &Value<'_>| {
        let of_broker = if value.origin.is_none() { ", as the broker has it" } else { "" };
        format!("{key} {}{of_broker}", describe_config_value(key, value.text))
    };
    let stay = match key {
        "retention.ms" => format!(
            "so records stay until the newest of their segment is that old, which can take up to {segment} longer"
        ),
        _ => "by size only those that are closed, so records stay until theirs is".to_owned(),
    };
    let message = format!(
        "'{name}' has {} below {}: Kafka deletes whole segments, {stay}",
        told(key, &kept),
        told(segment, &rolled)
    );
    let severity = if rolled.origin.is_some() { Severity::Warning } else { Severity::Info };
    findings.push(of_topic(name, severity, "topic/retention-below-segment", message, origin));
}
