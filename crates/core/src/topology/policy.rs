//! The section `policy`: what a topology holds its own plans to.

use super::code::Code;
use super::draft::{Environments, Layer, Sections, Wish};
use super::layers::replace;
use super::lineage::lineage;
use super::place::{At, Complaints, Spot, Texts};
use super::policy_values::Allowed;
use super::within::Within;
use crate::plan::{Level, Permission};
use crate::values::Sourced;
use std::collections::BTreeMap;

/// What a topology holds its plans to, with the line of each word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// What it takes to make a change of some kind, or one with some risk.
    pub changes: BTreeMap<Permission, Sourced<Level>>,
    /// Prefixes of topic names, of which every topic has to have one of each list. Empty means any topic.
    pub scopes: Vec<Sourced<Vec<String>>>,
    /// What topics have to say (`require`) and what they may say (`values.KEY`), in words: it was checked with the files.
    pub topic_rules: BTreeMap<String, Sourced<String>>,
    /// What becomes of configs that are set on a topic and that no file names.
    pub unlisted_configs: Option<Sourced<UnlistedConfigs>>,
    /// How much of the estate one plan may change, in percent.
    pub max_change_share: Option<Sourced<u8>>,
}

/// What becomes of configs that are set on a topic and that no file names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnlistedConfigs {
    /// They are left alone.
    Keep,
    /// They are unset, so that the topic follows the broker.
    Reset,
}

impl UnlistedConfigs {
    /// The word in a topology.
    pub fn as_str(self) -> &'static str {
        match self {
            UnlistedConfigs::Keep => "keep",
            UnlistedConfigs::Reset => "reset",
        }
    }
}

impl Policy {
    /// The scope that a topic lies outside of, where there is one.
    pub fn scope_without(&self, topic: &str) -> Option<&Sourced<Vec<String>>> {
        self.scopes.iter().find(|scope| !scope.value.iter().any(|prefix| topic.starts_with(prefix.as_str())))
    }

    /// Whether configs that no file names are unset, and the line that says so.
    pub fn resets_unlisted(&self) -> Option<&Sourced<UnlistedConfigs>> {
        self.unlisted_configs.as_ref().filter(|word| word.value == UnlistedConfigs::Reset)
    }

    /// Tightens this policy by another: what either of them asks for is asked for.
    pub(super) fn tighten(&mut self, other: Policy) {
        for (permission, level) in other.changes {
            let known = self.changes.entry(permission).or_insert_with(|| level.clone());
            if level.value > known.value {
                *known = level;
            }
        }
        self.scopes.extend(
            other.scopes.into_iter().filter(|scope| !self.scopes.contains(scope)).collect::<Vec<_>>(),
        );
        let share = |share: &Option<Sourced<u8>>| share.as_ref().map_or(u8::MAX, |share| share.value);
        if share(&other.max_change_share) < share(&self.max_change_share) {
            self.max_change_share = other.max_change_share;
        }
        // What would be reset is not known without knowing the environment.
        self.unlisted_configs = None;
    }
}

/// What the files say of the policy, for all environments or in one.
#[derive(Debug, Clone, Default)]
pub(super) struct PolicyWish {
    /// Where the section stands.
    pub spot: Option<Spot>,
    pub changes: BTreeMap<Permission, At<Level>>,
    pub scope: Option<At<Vec<At<String>>>>,
    /// Keys that every topic has to say.
    pub require: Option<At<Vec<At<String>>>>,
    /// The values that keys may have.
    pub values: BTreeMap<String, At<Vec<Allowed>>>,
    pub unlisted_configs: Option<At<UnlistedConfigs>>,
    pub max_change_share: Option<At<u8>>,
}

impl PolicyWish {
    /// Lays what an environment says over this.
    pub fn lay(&mut self, stronger: &PolicyWish) {
        replace(&mut self.spot, &stronger.spot);
        self.changes.extend(stronger.changes.iter().map(|(name, level)| (*name, level.clone())));
        replace(&mut self.scope, &stronger.scope);
        replace(&mut self.require, &stronger.require);
        self.values.extend(stronger.values.iter().map(|(key, allowed)| (key.clone(), allowed.clone())));
        replace(&mut self.unlisted_configs, &stronger.unlisted_configs);
        replace(&mut self.max_change_share, &stronger.max_change_share);
    }

    /// The policy with the lines that it comes from.
    pub fn resolved(&self, texts: &Texts) -> Policy {
        fn sourced<T: Clone>(at: &Option<At<T>>, texts: &Texts) -> Option<Sourced<T>> {
            at.clone().map(|at| texts.sourced(at))
        }
        let changes = self.changes.iter().map(|(name, level)| (*name, texts.sourced(level.clone())));
        let scope = self.scope.iter().map(|scope| {
            let prefixes = scope.value.iter().map(|prefix| prefix.value.clone()).collect();
            Sourced::new(prefixes, texts.origin(scope.spot))
        });
        let require = self.require.iter().map(|keys| {
            let names: Vec<&str> = keys.value.iter().map(|key| key.value.as_str()).collect();
            ("require".to_owned(), Sourced::new(names.join(", "), texts.origin(keys.spot)))
        });
        let values = self.values.iter().map(|(key, allowed)| {
            let words: Vec<String> = allowed.value.iter().map(|one| one.described(key)).collect();
            (format!("values.{key}"), Sourced::new(words.join(", "), texts.origin(allowed.spot)))
        });
        Policy {
            changes: changes.collect(),
            scopes: scope.collect(),
            topic_rules: require.chain(values).collect(),
            unlisted_configs: sourced(&self.unlisted_configs, texts),
            max_change_share: sourced(&self.max_change_share, texts),
        }
    }
}

/// Complains about policies that cannot be put together: those of several files, and those that loosen what they may
/// only tighten.
pub(super) fn check(sections: &Sections, environments: &Environments, complaints: &mut Complaints<'_>) {
    in_one_file(sections, environments, complaints);
    for (permission, level) in &sections.policy.changes {
        if level.value < permission.level_without_policy() {
            let least = permission.level_without_policy();
            let message = format!(
                "'{permission}' is a risk, which takes '{least}' without a policy, and a policy can only ask for more"
            );
            complaints
                .say(Code::PolicyLoosens, level.spot, message)
                .fix(format!("leave it out, and allow it with --allow {permission} when it is meant"));
        }
    }
    for (name, environment) in environments {
        let mut weaker = sections.policy.clone();
        let line = lineage(environments, name);
        for ancestor in line.iter().filter(|ancestor| ancestor.spot != environment.spot) {
            weaker.lay(&ancestor.value.sections.policy);
        }
        only_tighter(&environment.value.sections.policy, &weaker, complaints);
    }
}

/// Complains where an environment asks for less of a risk, or for more topics, than what it is laid over.
fn only_tighter(own: &PolicyWish, weaker: &PolicyWish, complaints: &mut Complaints<'_>) {
    for (permission, level) in own.changes.iter().filter(|(name, _)| matches!(name, Permission::Risk(_))) {
        let known = weaker.changes.get(permission);
        let least = known.map_or_else(|| permission.level_without_policy(), |known| known.value);
        if level.value < least {
            let message = format!(
                "'{permission}' is a risk, of which an environment can only ask for more, and it is '{least}' here already"
            );
            let said = complaints.say(Code::PolicyLoosens, level.spot, message);
            let said = match known {
                Some(known) => said.see(known.spot, "which is said here"),
                None => said,
            };
            said.fix(format!("leave it out, and allow it with --allow {permission} when it is meant"));
        }
    }
    let (Some(own), Some(weaker)) = (&own.scope, &weaker.scope) else { return };
    for prefix in &own.value {
        if !weaker.value.iter().any(|wider| prefix.value.starts_with(wider.value.as_str())) {
            let message = format!(
                "an environment can only narrow the scope, and '{}' lies outside of it",
                prefix.value
            );
            complaints.say(Code::PolicyLoosens, prefix.spot, message).see(weaker.spot, "the scope of all");
        }
    }
}

/// A policy that is spread over files is one that nobody reads whole, and one that a second file could undo.
fn in_one_file(sections: &Sections, environments: &Environments, complaints: &mut Complaints<'_>) {
    let of_environments = environments.values().map(|environment| &environment.value.sections);
    let mut spots: Vec<Spot> = std::iter::once(sections)
        .chain(of_environments)
        .flat_map(|sections| sections.policy.spot.iter().chain(&sections.other_policies))
        .copied()
        .collect();
    spots.sort();
    let Some(first) = spots.first().copied() else { return };
    for spot in spots.into_iter().filter(|spot| spot.text != first.text) {
        let message =
            format!("the policy stands in one file only, and that is {}", complaints.texts.file(first.text));
        complaints
            .say(Code::PolicyElsewhere, spot, message)
            .see(first, "it stands here")
            .fix("move it there, with what environments say of it");
    }
}

/// Topics outside of the scope that the policy sets.
pub(super) fn scope(within: &Within, complaints: &mut Complaints<'_>) {
    let Some(scope) = &within.sections.policy.scope else { return };
    for (name, at) in &within.sections.topics {
        if scope.value.iter().any(|prefix| name.starts_with(prefix.value.as_str())) {
            continue;
        }
        let prefixes: Vec<&str> = scope.value.iter().map(|prefix| prefix.value.as_str()).collect();
        let message =
            format!("topic '{name}' lies outside the scope of this estate, which is {}", prefixes.join(", "));
        complaints
            .say(Code::OutOfScope, at.spot, message)
            .see(scope.spot, "the scope is set here")
            .fix("leave the topic to those who own it, or widen the scope");
    }
}

/// What a policy says of the keys of one topic: those that it has to have, and the values that they may have.
pub(super) fn topic(
    name: &str,
    spot: Spot,
    layer: &Layer,
    policy: &PolicyWish,
    complaints: &mut Complaints<'_>,
) {
    for key in policy.require.iter().flat_map(|keys| &keys.value) {
        if !says(layer, &key.value) {
            complaints
                .say(Code::KeyRequired, spot, format!("topic '{name}' does not say its {}", key.value))
                .see(key.spot, "the policy requires it")
                .fix(format!("add {}, to the topic, to its class or to the defaults", key.value));
        }
    }
    for (key, allowed) in &policy.values {
        let Some((value, at)) = value(layer, key) else { continue };
        if allowed.value.iter().any(|allowed| allowed.takes(key, &value)) {
            continue;
        }
        let words: Vec<String> = allowed.value.iter().map(|allowed| allowed.described(key)).collect();
        let message = format!(
            "topic '{name}' has {key} {}, and the policy takes {}",
            crate::values::describe_config_value(key, &value),
            words.join(", ")
        );
        complaints.say(Code::ValueNotAllowed, at, message).see(allowed.spot, "the policy says so");
    }
}

/// Whether a topic's layers say a key. What follows the broker is not said.
fn says(layer: &Layer, key: &str) -> bool {
    fn set<T>(at: &Option<At<Wish<T>>>) -> bool {
        matches!(at, Some(At { value: Wish::Set(_), .. }))
    }
    match key {
        "key" => set(&layer.key),
        "value" => set(&layer.value),
        "description" => set(&layer.description),
        "protected" => set(&layer.protected),
        _ => value(layer, key).is_some(),
    }
}

/// The value of a key that a topic's layers come to, as a text, with its spot.
fn value(layer: &Layer, key: &str) -> Option<(String, Spot)> {
    fn set<T: ToString>(at: &Option<At<Wish<T>>>) -> Option<(String, Spot)> {
        match at {
            Some(At { value: Wish::Set(value), spot }) => Some((value.to_string(), *spot)),
            Some(At { value: Wish::Unset, .. }) | None => None,
        }
    }
    match key {
        "partitions" => set(&layer.partitions),
        "replication" => set(&layer.replication),
        "class" => set(&layer.class),
        "owner" => set(&layer.owner),
        "key_by" => set(&layer.key_by),
        _ => set(&layer.configs.get(key).cloned()),
    }
}
