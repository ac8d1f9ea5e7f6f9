use super::code::Code;
use super::draft::{Draft, GroupWish};
use super::model::{Absent, Contract, Terms, TopicsOf};
use super::place::{At, Complaints, Texts};
use super::within::{Within, environments_with};
use crate::values::{Pattern, Sourced, closest};
use std::collections::{BTreeMap, BTreeSet};

/// Makes contracts of what the file says about groups, and complains about topics that nobody has.
pub(super) fn contracts(
    known: &Known<'_, '_>,
    complaints: &mut Complaints<'_>,
) -> BTreeMap<String, Contract> {
    let sections = &known.within.sections;
    let all = terms(&sections.all_groups, complaints.texts);
    let mut contracts = BTreeMap::new();
    for (name, at) in &sections.groups {
        let topics = at.value.topics.as_ref().map(|topics| topics_of(topics, known, complaints));
        if let (Some(start), None) = (&at.value.start, &topics) {
            let message = format!("where group '{name}' begins is said, and not what it reads");
            complaints.say(Code::UnknownTopic, start.spot, message).fix("topics: [the topics that it reads]");
        }
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
        start: sourced(&wish.start, texts),
    }
}

/// What contracts and roles may name.
pub(super) struct Known<'a, 'd> {
    pub draft: &'d Draft,
    pub within: &'a Within,
    pub absent: &'a Absent,
    /// Every file was read to its end.
    pub whole: bool,
}

impl<'d> Known<'_, 'd> {
    /// The topics of the files, and external ones with a plain name, that a pattern means. None of its own stars means one
    /// of Kafka's own topics.
    pub fn names(&self, pattern: &Pattern) -> BTreeSet<String> {
        let covers =
            |name: &&str| pattern.matches(name) && (pattern.literal().is_some() || !name.starts_with("__"));
        let candidates = self.topics().chain(self.external().filter_map(Pattern::literal));
        candidates.filter(covers).map(str::to_owned).collect()
    }

    /// Whether a pattern may mean topics that are owned elsewhere.
    pub fn may_be_external(&self, pattern: &Pattern) -> bool {
        self.external().any(|other| overlap(pattern, other))
    }

    /// Whether some environment has a group that a pattern means.
    pub fn is_group_elsewhere(&self, pattern: &Pattern) -> bool {
        let of_environments = self.draft.environments.values().map(|at| &at.value.sections);
        let mut sections = of_environments.chain([&self.draft.sections]);
        sections.any(|sections| sections.groups.keys().any(|group| pattern.matches(group)))
    }

    /// The environments in which a pattern finds a topic.
    fn elsewhere(&self, pattern: &Pattern) -> Vec<&'d str> {
        environments_with(self.draft, pattern)
    }

    /// Topics of the files that are to exist here.
    fn topics(&self) -> impl Iterator<Item = &str> {
        let absent = &self.absent.topics;
        self.within.sections.topics.keys().filter(|name| !absent.contains_key(*name)).map(String::as_str)
    }

    fn external(&self) -> impl Iterator<Item = &Pattern> {
        self.within.sections.external_topics().iter().map(|at| &at.value)
    }

    /// Complains of a pattern that means no topic here, on behalf of whoever names it.
    pub fn nobody_has(&self, pattern: &At<Pattern>, who: &str, complaints: &mut Complaints<'_>) {
        let written = pattern.value.as_str();
        let elsewhere = self.elsewhere(&pattern.value);
        let literal = pattern.value.literal();
        if let Some(name) = literal.filter(|name| self.absent.topics.contains_key(*name)) {
            let message = format!("topic '{name}' is said to be absent, so nobody can read it");
            complaints
                .say(Code::UnknownTopic, pattern.spot, message)
                .fix(format!("take it out of {who}'s topics, or let it be present"));
            return;
        }
        if !elsewhere.is_empty() {
            // A pattern may come down to nothing here. What holds for all environments is looked at in each of them.
            if let Some(name) = literal
                && self.within.environment.is_some()
            {
                complaints
                    .say(Code::UnknownTopic, pattern.spot, format!("topic '{name}' does not exist"))
                    .fix(format!(
                        "'only: [{}]' for {who} too, or other topics for it there",
                        elsewhere.join(", ")
                    ));
            }
            return;
        }
        let message = match literal {
            Some(name) => format!("topic '{name}' is neither in the files nor external"),
            None => format!("no topic of the files and no external one matches '{written}'"),
        };
        let fix = match closest(written, self.topics()) {
            Some(meant) => format!("did you mean '{meant}'?"),
            None => "declare it under topics, or under external.topics when others own it".to_owned(),
        };
        complaints.say(Code::UnknownTopic, pattern.spot, message).fix(fix);
    }
}

fn topics_of(
    topics: &At<Vec<At<Pattern>>>,
    known: &Known<'_, '_>,
    complaints: &mut Complaints<'_>,
) -> TopicsOf {
    let mut names = BTreeSet::new();
    for pattern in &topics.value {
        let found = known.names(&pattern.value);
        if found.is_empty() && !known.may_be_external(&pattern.value) && known.whole {
            known.nobody_has(pattern, "the group", complaints);
        }
        names.extend(found);
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
