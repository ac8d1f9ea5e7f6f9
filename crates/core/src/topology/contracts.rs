use super::code::Code;
use super::draft::GroupWish;
use super::model::{Absent, Contract, Terms, TopicsOf};
use super::place::{At, Complaints, Texts};
use super::within::Within;
use crate::values::{Pattern, Sourced, closest};
use std::collections::{BTreeMap, BTreeSet};

/// Makes contracts of what the file says about groups, and complains about topics that nobody has.
///
/// `elsewhere` tells in which environments a pattern finds a topic.
pub(super) fn contracts<'d>(
    within: &Within,
    absent: &Absent,
    whole: bool,
    elsewhere: &dyn Fn(&Pattern) -> Vec<&'d str>,
    complaints: &mut Complaints<'_>,
) -> BTreeMap<String, Contract> {
    let sections = &within.sections;
    let known = Known { within, absent, elsewhere, whole };
    let all = terms(&sections.all_groups, complaints.texts);
    let mut contracts = BTreeMap::new();
    for (name, at) in &sections.groups {
        let topics = at.value.topics.as_ref().map(|topics| topics_of(topics, &known, complaints));
        let contract = Contract {
            group: name.clone(),
            origin: complaints.texts.origin(at.spot),
            topics,
            terms: terms(&at.value, complaints.texts).over(&all),
        };
        contracts.insert(name.clone(), contract);
    }
    contracts
}

/// What the file says, with origins in place of spots.
pub(super) fn terms(wish: &GroupWish, texts: &Texts) -> Terms {
    fn sourced<T: Clone>(at: &Option<At<T>>, texts: &Texts) -> Option<Sourced<T>> {
        at.clone().map(|at| texts.sourced(at))
    }
    Terms {
        members: sourced(&wish.members, texts),
        max_lag: sourced(&wish.max_lag, texts),
        max_age_ms: sourced(&wish.max_age_ms, texts),
        isolation: sourced(&wish.isolation, texts),
        protected: sourced(&wish.protected, texts),
    }
}

/// What a contract may name.
struct Known<'a, 'd> {
    within: &'a Within,
    absent: &'a Absent,
    elsewhere: &'a dyn Fn(&Pattern) -> Vec<&'d str>,
    /// Every file was read to its end.
    whole: bool,
}

impl Known<'_, '_> {
    /// Topics of the files that are to exist here.
    fn topics(&self) -> impl Iterator<Item = &str> {
        let absent = &self.absent.topics;
        self.within.sections.topics.keys().filter(|name| !absent.contains_key(*name)).map(String::as_str)
    }

    fn external(&self) -> impl Iterator<Item = &Pattern> {
        self.within.sections.external_topics().iter().map(|at| &at.value)
    }
}

fn topics_of(
    topics: &At<Vec<At<Pattern>>>,
    known: &Known<'_, '_>,
    complaints: &mut Complaints<'_>,
) -> TopicsOf {
    let mut names = BTreeSet::new();
    for pattern in &topics.value {
        let candidates = known.topics().chain(known.external().filter_map(Pattern::literal));
        let before = names.len();
        let covers = |name: &&str| {
            pattern.value.matches(name) && (pattern.value.literal().is_some() || !name.starts_with("__"))
        };
        let found: Vec<String> = candidates.filter(covers).map(str::to_owned).collect();
        let nothing = found.is_empty() && !known.external().any(|other| overlap(&pattern.value, other));
        names.extend(found);
        if nothing && known.whole && before == names.len() {
            nobody_has(pattern, known, complaints);
        }
    }
    let external = known.external().filter(|pattern| {
        pattern.literal().is_none() && topics.value.iter().any(|written| overlap(&written.value, pattern))
    });
    TopicsOf {
        origin: complaints.texts.origin(topics.spot),
        written: topics.value.iter().map(|at| complaints.texts.sourced(at.clone())).collect(),
        names,
        external: external.cloned().collect(),
    }
}

fn nobody_has(pattern: &At<Pattern>, known: &Known<'_, '_>, complaints: &mut Complaints<'_>) {
    let written = pattern.value.as_str();
    let elsewhere = (known.elsewhere)(&pattern.value);
    let literal = pattern.value.literal();
    if let Some(name) = literal.filter(|name| known.absent.topics.contains_key(*name)) {
        let message = format!("topic '{name}' is said to be absent, so nobody can read it");
        complaints
            .say(Code::UnknownTopic, pattern.spot, message)
            .fix("take it out of the group's topics, or let it be present");
        return;
    }
    if !elsewhere.is_empty() {
        // A pattern may come down to nothing here. What holds for all environments is looked at in each of them.
        if let Some(name) = literal
            && known.within.environment.is_some()
        {
            complaints.say(Code::UnknownTopic, pattern.spot, format!("topic '{name}' does not exist")).fix(
                format!("'only: [{}]' for the group too, or other topics for it there", elsewhere.join(", ")),
            );
        }
        return;
    }
    let message = match literal {
        Some(name) => format!("topic '{name}' is neither in the files nor external"),
        None => format!("no topic of the files and no external one matches '{written}'"),
    };
    let fix = match closest(written, known.topics()) {
        Some(meant) => format!("did you mean '{meant}'?"),
        None => "declare it under topics, or under external.topics when others own it".to_owned(),
    };
    complaints.say(Code::UnknownTopic, pattern.spot, message).fix(fix);
}

/// Whether there may be a name that both patterns match: what stands before their first `*` does not contradict.
fn overlap(a: &Pattern, b: &Pattern) -> bool {
    if let Some(name) = a.literal() {
        return b.matches(name);
    }
    if let Some(name) = b.literal() {
        return a.matches(name);
    }
    let prefix = |pattern: &Pattern| pattern.as_str().split('*').next().unwrap_or_default().to_owned();
    let (a, b) = (prefix(a), prefix(b));
    a.starts_with(&b) || b.starts_with(&a)
}
