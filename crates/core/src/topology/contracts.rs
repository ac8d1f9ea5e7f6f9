use super::code::Code;
use super::draft::{GroupWish, Sections};
use super::model::{Contract, Terms, TopicsOf};
use super::place::{At, Complaints, Texts};
use crate::values::{Pattern, Sourced, closest};
use std::collections::{BTreeMap, BTreeSet};

/// Makes contracts of what the file says about groups, and complains about topics that nobody has.
pub(super) fn contracts(
    sections: &Sections,
    whole: bool,
    complaints: &mut Complaints<'_>,
) -> BTreeMap<String, Contract> {
    let all = terms(&sections.all_groups, complaints.texts);
    let mut contracts = BTreeMap::new();
    for (name, at) in &sections.groups {
        let topics = at.value.topics.as_ref().map(|topics| topics_of(topics, sections, whole, complaints));
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

fn topics_of(
    topics: &At<Vec<At<Pattern>>>,
    sections: &Sections,
    whole: bool,
    complaints: &mut Complaints<'_>,
) -> TopicsOf {
    let external = || sections.external_topics.iter().map(|at| &at.value);
    let mut names = BTreeSet::new();
    for pattern in &topics.value {
        let known = sections.topics.keys().map(String::as_str).chain(external().filter_map(Pattern::literal));
        let before = names.len();
        let covers = |name: &&str| {
            pattern.value.matches(name) && (pattern.value.literal().is_some() || !name.starts_with("__"))
        };
        let found: Vec<String> = known.filter(covers).map(str::to_owned).collect();
        let nothing = found.is_empty() && !external().any(|other| overlap(&pattern.value, other));
        names.extend(found);
        if nothing && whole && before == names.len() {
            nobody_has(pattern, sections, complaints);
        }
    }
    TopicsOf {
        origin: complaints.texts.origin(topics.spot),
        written: topics.value.iter().map(|at| complaints.texts.sourced(at.clone())).collect(),
        names,
        external: external().filter(|pattern| pattern.literal().is_none()).cloned().collect(),
    }
}

fn nobody_has(pattern: &At<Pattern>, sections: &Sections, complaints: &mut Complaints<'_>) {
    let written = pattern.value.as_str();
    let message = match pattern.value.literal() {
        Some(name) => format!("topic '{name}' is neither in the files nor external"),
        None => format!("no topic of the files and no external one matches '{written}'"),
    };
    let known = sections.topics.keys().map(String::as_str);
    let fix = match closest(written, known) {
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
