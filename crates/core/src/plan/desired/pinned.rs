use super::effective::Effective;
use super::of_topic;
use crate::plan::{Finding, Severity};
use crate::topology::ConfigWish;
use crate::values::{describe_config_value, same_value};

/// Values that the topic would have without being told: it is told where it is made, changed or left as it is.
pub(super) fn findings(topic: &Effective<'_>, findings: &mut Vec<Finding>) {
    for (key, wish) in &topic.topic.configs {
        let ConfigWish::Set(value) = &wish.value else { continue };
        let (Some(shown), Some(inherited)) = (topic.shown(key), topic.inherited(key)) else { continue };
        if shown.sensitive || shown.read_only || !same_value(key, shown.kind, value, inherited) {
            continue;
        }
        let name = &topic.topic.name;
        let message = format!(
            "'{name}' pins {key} to {}, which the broker gives anyhow: it does not follow when the broker's default \
             changes",
            describe_config_value(key, value)
        );
        findings.push(of_topic(
            &topic.topic.name,
            Severity::Info,
            "topic/pinned-default",
            message,
            &wish.origin,
        ));
    }
}
