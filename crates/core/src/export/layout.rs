//! What is said once for many topics: defaults and classes, where they make the file shorter. What a topic comes to is
//! the same with and without them, so a layer never says a key that a topic below it would have to do without.

use super::classes::{classes, naming};
use super::setting::{Key, Settings, UNSET};
use std::collections::{BTreeMap, BTreeSet};

/// Topics over their layers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Layout {
    pub defaults: Settings,
    pub classes: BTreeMap<String, Settings>,
    /// By name.
    pub topics: BTreeMap<String, Said>,
}

/// What one topic says itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Said {
    pub class: Option<String>,
    pub own: Settings,
}

/// Every way to lay the topics out that is worth a try, the simplest first. Each topic has all its settings, partitions
/// and replication included, `unset` where they are not said.
pub(super) fn layouts(topics: &BTreeMap<String, Settings>) -> [Layout; 4] {
    let defaults = defaults(topics);
    [
        laid_out(topics, &Settings::new(), false),
        laid_out(topics, &defaults, false),
        laid_out(topics, &Settings::new(), true),
        laid_out(topics, &defaults, true),
    ]
}

fn laid_out(topics: &BTreeMap<String, Settings>, defaults: &Settings, with_classes: bool) -> Layout {
    let classes = if with_classes { classes(topics, defaults) } else { BTreeMap::new() };
    let index = by_first_config(&classes);
    let said = topics.iter().map(|(name, full)| {
        let class = best_class(full, defaults, &classes, &index);
        let under = class
            .and_then(|class| classes.get(class))
            .map_or_else(|| defaults.clone(), |class| over(class, defaults));
        (name.clone(), Said { class: class.cloned(), own: own(full, &under) })
    });
    let mut layout = Layout { defaults: defaults.clone(), topics: said.collect(), classes: BTreeMap::new() };
    let used: BTreeSet<String> = layout.topics.values().filter_map(|said| said.class.clone()).collect();
    layout.classes = classes.into_iter().filter(|(name, _)| used.contains(name)).collect();
    layout
}

/// What a topic has to say itself over what it is given.
pub(super) fn own(full: &Settings, given: &Settings) -> Settings {
    let differs = |(key, value): &(&Key, &String)| match given.get(*key) {
        Some(given) => given != *value,
        None => *value != UNSET,
    };
    full.iter().filter(differs).map(|(key, value)| (key.clone(), value.clone())).collect()
}

pub(super) fn over(stronger: &Settings, weaker: &Settings) -> Settings {
    let mut merged = weaker.clone();
    merged.extend(stronger.iter().map(|(key, value)| (key.clone(), value.clone())));
    merged
}

/// How long settings are when written one after the other.
pub(super) fn length(settings: &Settings) -> usize {
    settings.iter().map(|(key, value)| key.to_string().len() + value.len() + 4).sum()
}

/// The value that most have, the first in order among equals, with how many have it; `unset` is none.
pub(super) fn most_common<'a>(values: impl Iterator<Item = &'a String>) -> Option<(&'a String, usize)> {
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    for value in values.filter(|value| *value != UNSET) {
        *counts.entry(value).or_default() += 1;
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count)
}

/// Settings that every topic has, with the value that most of them have.
fn defaults(topics: &BTreeMap<String, Settings>) -> Settings {
    let Some(first) = topics.values().next() else { return Settings::new() };
    let shared = first.keys().filter(|key| topics.values().all(|topic| topic.contains_key(*key)));
    shared
        .filter_map(|key| {
            let (value, count) = most_common(topics.values().filter_map(|topic| topic.get(key)))?;
            (count > 1).then(|| (key.clone(), value.clone()))
        })
        .collect()
}

/// Classes by the first config that each says, so that few have to be compared with a topic.
fn by_first_config(classes: &BTreeMap<String, Settings>) -> BTreeMap<(&Key, &String), Vec<&String>> {
    let mut index: BTreeMap<_, Vec<&String>> = BTreeMap::new();
    for (name, class) in classes {
        if let Some(first) = class.iter().find(|(key, _)| matches!(key, Key::Config(_))) {
            index.entry(first).or_default().push(name);
        }
    }
    index
}

/// The class that saves a topic the most: one that says no config which the topic has not.
fn best_class<'c>(
    full: &Settings,
    defaults: &Settings,
    classes: &'c BTreeMap<String, Settings>,
    index: &BTreeMap<(&Key, &String), Vec<&'c String>>,
) -> Option<&'c String> {
    let fits = |class: &Settings| {
        let mut configs = class.iter().filter(|(key, _)| matches!(key, Key::Config(_)));
        configs.all(|(key, value)| full.get(key) == Some(value))
    };
    let alone = length(&own(full, defaults));
    full.iter()
        .filter_map(|setting| index.get(&setting))
        .flatten()
        .filter_map(|name| Some((*name, classes.get(*name)?)))
        .filter(|(_, class)| fits(class))
        .map(|(name, class)| (length(&own(full, &over(class, defaults))) + naming(name), name))
        .min()
        .filter(|(cost, _)| *cost < alone)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;

    fn topics() -> impl Strategy<Value = BTreeMap<String, Settings>> {
        let count = || prop_oneof![Just("1".to_owned()), Just("3".to_owned()), Just(UNSET.to_owned())];
        let key = prop_oneof![Just("a.a"), Just("b.b"), Just("c.c"), Just("retention.ms")];
        let configs = btree_map(key.prop_map(|key| Key::Config(key.to_owned())), "[12]", 0..4);
        let topic = (count(), count(), configs).prop_map(|(partitions, replication, mut settings)| {
            settings.insert(Key::Partitions, partitions);
            settings.insert(Key::Replication, replication);
            settings
        });
        vec(topic, 0..12).prop_map(|topics| {
            topics.into_iter().enumerate().map(|(number, topic)| (format!("t{number}"), topic)).collect()
        })
    }

    fn meant(settings: &Settings) -> Settings {
        settings
            .iter()
            .filter(|(_, value)| *value != UNSET)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    proptest! {
        #[test]
        fn what_a_topic_comes_to_is_the_same_in_every_layout(topics in topics()) {
            for layout in layouts(&topics) {
                prop_assert_eq!(layout.topics.len(), topics.len());
                for (name, said) in &layout.topics {
                    let class = said.class.as_ref().map(|class| layout.classes[class].clone()).unwrap_or_default();
                    let come_to = over(&said.own, &over(&class, &layout.defaults));
                    prop_assert_eq!(meant(&come_to), meant(&topics[name]));
                    let unset_config = said.own.iter().any(|(key, value)| matches!(key, Key::Config(_)) && value == UNSET);
                    prop_assert!(!unset_config);
                }
            }
        }
    }
}
