use crate::plan::{Conflict, ConflictReason, Finding, Severity};
use crate::topology::{ConfigWish, Policy, Topic};
use crate::values::{Origin, Resource, THROTTLED_REPLICAS, same_value};
use crate::world::ConfigView;
use std::collections::BTreeMap;

/// What has to be set and unset, and what is to be said about it.
#[derive(Debug, Default)]
pub(super) struct ConfigDiff {
    /// The override before, for each key that changes.
    pub from: BTreeMap<String, Option<String>>,
    /// The override afterwards, for the same keys.
    pub to: BTreeMap<String, Option<String>>,
    pub conflicts: Vec<Conflict>,
    pub findings: Vec<Finding>,
}

/// Compares the configs that a topology names with those of a topic that exists. What it does not name is left alone,
/// unless its policy has it reset.
pub(super) fn compare_configs(
    topic: &Topic,
    have: &BTreeMap<String, ConfigView>,
    policy: &Policy,
) -> ConfigDiff {
    let mut diff = ConfigDiff::default();
    for (key, wish) in &topic.configs {
        match (&wish.value, have.get(key)) {
            (ConfigWish::Set(value), Some(view)) => diff.set(topic, key, value, view, &wish.origin),
            (ConfigWish::Set(value), None) => {
                // The broker knows no such key; only it can say whether it would take one all the same.
                diff.change(key, None, Some(value.clone()));
            }
            (ConfigWish::Unset, Some(view)) if view.is_override() => {
                diff.change(key, view.value.clone(), None);
            }
            (ConfigWish::Unset, _) => {}
        }
    }
    match policy.resets_unlisted() {
        Some(word) => diff.reset_unlisted(topic, have, &word.origin),
        None => diff.note_unlisted(topic, have),
    }
    diff
}

/// What is set on a topic and no file names, but for what a mover of replicas sets.
fn unlisted<'a>(
    topic: &'a Topic,
    have: &'a BTreeMap<String, ConfigView>,
) -> impl Iterator<Item = (&'a String, &'a ConfigView)> {
    have.iter().filter(|(key, view)| {
        view.is_override() && !topic.configs.contains_key(*key) && !THROTTLED_REPLICAS.contains(&key.as_str())
    })
}

impl ConfigDiff {
    fn set(&mut self, topic: &Topic, key: &str, value: &str, view: &ConfigView, origin: &Origin) {
        if view.sensitive && view.is_override() {
            let message = format!("{key} is set, and the broker hides its value, so it cannot be compared");
            return self.find(topic, "topic/not-comparable", message, Some(origin));
        }
        let found = view.value.as_deref();
        let same = found.is_some_and(|found| same_value(key, view.kind, value, found));
        if same && view.is_override() {
            return;
        }
        if view.read_only && !same {
            let found = found.unwrap_or("nothing");
            let message = format!(
                "{key} of '{}' is {found} and the file wants {value}, but the broker marks the key as read-only; \
                 remove it from the topology",
                topic.name
            );
            self.conflicts.push(Conflict {
                resource: Resource::topic(&topic.name),
                reason: ConflictReason::Other,
                message,
                origin: Some(origin.clone()),
            });
            return;
        }
        if view.read_only {
            return;
        }
        let before = if view.is_override() { view.value.clone() } else { None };
        self.change(key, before, Some(value.to_owned()));
    }

    fn change(&mut self, key: &str, from: Option<String>, to: Option<String>) {
        self.from.insert(key.to_owned(), from);
        self.to.insert(key.to_owned(), to);
    }

    fn reset_unlisted(&mut self, topic: &Topic, have: &BTreeMap<String, ConfigView>, policy: &Origin) {
        let keys: Vec<&str> = unlisted(topic, have)
            .filter(|(_, view)| !view.read_only)
            .map(|(key, view)| {
                self.change(key, view.value.clone(), None);
                key.as_str()
            })
            .collect();
        if !keys.is_empty() {
            let message = format!(
                "set on '{}' and not named by the file, so that the policy has it reset: {}",
                topic.name,
                keys.join(", ")
            );
            self.find(topic, "topic/unlisted-reset", message, Some(policy));
        }
    }

    fn note_unlisted(&mut self, topic: &Topic, have: &BTreeMap<String, ConfigView>) {
        let unlisted: Vec<String> = unlisted(topic, have)
            .map(|(key, view)| match &view.value {
                Some(value) => format!("{key}={value}"),
                None => key.clone(),
            })
            .collect();
        if !unlisted.is_empty() {
            let message = format!(
                "{} set on the topic and not named by the file, left alone: {}",
                if unlisted.len() == 1 {
                    "1 config".to_owned()
                } else {
                    format!("{} configs", unlisted.len())
                },
                unlisted.join(", ")
            );
            self.find(topic, "topic/unlisted-configs", message, None);
        }
    }

    fn find(&mut self, topic: &Topic, code: &'static str, message: String, origin: Option<&Origin>) {
        self.findings.push(Finding {
            severity: Severity::Info,
            code,
            message,
            resource: Resource::topic(&topic.name),
            origin: Some(origin.unwrap_or(&topic.origin).clone()),
        });
    }
}
