//! Which classes make a topology shorter: each says settings that several topics have in common.

use super::class_name::class_name;
use super::layout::{length, own};
use super::setting::{Key, Settings, UNSET};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// How many families are compared with one another for what they share. Their pairs are what is tried, so that an export
/// of thousands of topics that are all unlike stays quick.
const COMPARED: usize = 32;

/// What topics say over the defaults, with how many say just that.
type Families = BTreeMap<Settings, usize>;

/// Classes by name, each of which costs less than it saves the topics that have all of its settings.
pub(super) fn classes(
    topics: &BTreeMap<String, Settings>,
    defaults: &Settings,
) -> BTreeMap<String, Settings> {
    let mut families = Families::new();
    for full in topics.values() {
        *families.entry(own(full, defaults)).or_default() += 1;
    }
    let mut taken = BTreeSet::new();
    chosen(&families).into_iter().map(|class| (class_name(&class, &mut taken), class)).collect()
}

/// Takes what saves the most, again and again, as long as anything is saved. What a class saves only becomes less by
/// another one, so only the first in line has to be weighed anew.
fn chosen(families: &Families) -> BTreeSet<Settings> {
    let mut saved = vec![0; families.len()];
    let gain = |class: &Settings, saved: &[usize]| {
        let each = saving(class);
        let members = families.iter().zip(saved).filter(|((family, _), _)| is_within(class, family));
        let all: usize = members.map(|((_, count), had)| count * each.saturating_sub(*had)).sum();
        all.saturating_sub(price(class))
    };
    let candidates = candidates(families);
    let mut line: BinaryHeap<(usize, Reverse<&Settings>)> =
        candidates.iter().map(|class| (gain(class, &saved), Reverse(class))).collect();
    let mut chosen = BTreeSet::new();
    while let Some((_, Reverse(class))) = line.pop() {
        let now = gain(class, &saved);
        if now == 0 {
            continue;
        }
        if line.peek().is_some_and(|(next, _)| *next > now) {
            line.push((now, Reverse(class)));
            continue;
        }
        for ((family, _), had) in families.iter().zip(&mut saved) {
            if is_within(class, family) {
                *had = saving(class).max(*had);
            }
        }
        chosen.insert(class.clone());
    }
    chosen
}

/// What several topics have in common: whole families, and what two of those that say the most share. A class of counts
/// alone would have no name that tells anything.
fn candidates(families: &Families) -> BTreeSet<Settings> {
    let mut saying_most: Vec<_> = families.iter().collect();
    saying_most.sort_by_key(|(family, count)| Reverse(length(family) * **count));
    saying_most.truncate(COMPARED);
    let pairs = saying_most.iter().enumerate().flat_map(|(number, (one, _))| {
        saying_most.iter().skip(number + 1).map(move |(other, _)| shared(one, other))
    });
    let whole = families.iter().filter(|(_, count)| **count > 1).map(|(family, _)| shared(family, family));
    let says_a_config = |class: &Settings| class.keys().any(|key| matches!(key, Key::Config(_)));
    whole.chain(pairs).filter(says_a_config).collect()
}

/// What both say. What is taken back is no part of it: a topic that has no class says it as briefly.
fn shared(one: &Settings, other: &Settings) -> Settings {
    let both = one.iter().filter(|(key, value)| *value != UNSET && other.get(*key) == Some(*value));
    both.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn is_within(class: &Settings, topic: &Settings) -> bool {
    class.iter().all(|(key, value)| topic.get(key) == Some(value))
}

/// What a class saves a topic that has all of its settings.
fn saving(class: &Settings) -> usize {
    length(class).saturating_sub(naming(&own_name(class)))
}

/// What it costs to say a class.
fn price(class: &Settings) -> usize {
    length(class) + own_name(class).len() + 6
}

fn own_name(class: &Settings) -> String {
    class_name(class, &mut BTreeSet::new())
}

/// How long it is to name a class.
pub(super) fn naming(class: &str) -> usize {
    "class: , ".len() + class.len()
}
