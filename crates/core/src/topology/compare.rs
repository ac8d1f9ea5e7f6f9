//! What differs between two topologies: resource by resource, each value with the line that it comes from. Every type
//! is taken apart whole, so that a field that is added to one has to be thought of here.

use super::model::{
    Absent, AbsentSubject, AbsentTopic, Access, AskedAcl, ConfigWish, Contract, External, Naming, Quota,
    Reference, Subject, Terms, Topic, TopicsOf, Topology, User,
};
use super::policy::Policy;
use crate::access::{Acl, quota_word, write_quota};
use crate::values::{Millis, Origin, Pattern, Resource, Sourced};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Something that two topologies do not have alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is. The group `all` stands for what every group is held to.
    pub about: About,
    /// Which of the two has it.
    pub held_by: HeldBy,
    /// What differs, by key; all that is said of it, where only one has it.
    pub fields: Vec<FieldDifference>,
}

/// What a difference is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// A resource.
    Resource(Resource),
    /// A section that says something of all resources, by its name: `policy`, `naming`, `external`.
    Section(&'static str),
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            About::Resource(resource) => resource.fmt(f),
            About::Section(name) => f.write_str(name),
        }
    }
}

/// Which of two topologies has a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldBy {
    /// The first alone.
    First,
    /// The second alone.
    Second,
    /// Both, and differently.
    Both,
}

/// A key of which two topologies do not say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDifference {
    /// The key, as the file spells it.
    pub field: String,
    /// What the first says, as it is sent to the servers; `None` where it says nothing.
    pub first: Option<Sourced<String>>,
    /// What the second says.
    pub second: Option<Sourced<String>>,
}

type Fields = BTreeMap<String, Sourced<String>>;

/// Everything that differs between two topologies, by resource. Where a value stands makes no difference.
pub fn compare(first: &Topology, second: &Topology) -> Vec<Difference> {
    let (a, b) = (everything(first), everything(second));
    let abouts: BTreeSet<&About> = a.keys().chain(b.keys()).collect();
    let mut differences = Vec::new();
    for about in abouts {
        let (one, other) = (a.get(about), b.get(about));
        let held_by = match (one, other) {
            (Some(_), None) => HeldBy::First,
            (None, _) => HeldBy::Second,
            (Some(_), Some(_)) => HeldBy::Both,
        };
        let none = Fields::new();
        let fields = fields(one.unwrap_or(&none), other.unwrap_or(&none));
        if held_by != HeldBy::Both || !fields.is_empty() {
            differences.push(Difference { about: about.clone(), held_by, fields });
        }
    }
    differences
}

fn fields(first: &Fields, second: &Fields) -> Vec<FieldDifference> {
    let keys: BTreeSet<&String> = first.keys().chain(second.keys()).collect();
    let differ = keys
        .into_iter()
        .filter(|key| first.get(*key).map(|said| &said.value) != second.get(*key).map(|said| &said.value));
    let difference = |key: &String| FieldDifference {
        field: key.clone(),
        first: first.get(key).cloned(),
        second: second.get(key).cloned(),
    };
    differ.map(difference).collect()
}

fn everything(topology: &Topology) -> BTreeMap<About, Fields> {
    let Topology {
        // Where a value stands, and where the cluster is, makes no difference.
        files: _,
        said_by: _,
        environment: _,
        topics,
        subjects,
        groups,
        all_groups,
        access,
        quotas,
        users,
        external,
        naming,
        absent: Absent { topics: absent_topics, subjects: absent_subjects },
        policy,
    } = topology;
    let topics = topics.values().map(|topic| (Resource::topic(&topic.name), of_topic(topic)));
    let no_topics = absent_topics.iter().map(|(name, absent)| (Resource::topic(name), of_no_topic(absent)));
    let subjects = subjects.values().map(|subject| (Resource::subject(&subject.name), of_subject(subject)));
    let no_subjects =
        absent_subjects.iter().map(|(name, absent)| (Resource::subject(name), of_no_subject(absent)));
    let groups = groups.values().map(|contract| (Resource::group(&contract.group), of_group(contract)));
    let all = terms(all_groups).filled();
    let all = (!all.is_empty()).then(|| (Resource::group("all"), all));
    let access = access.iter().map(|(principal, access)| (Resource::acl(principal), of_access(access)));
    let quotas = quotas.iter().map(|(entity, quota)| (Resource::quota(entity.to_string()), of_quota(quota)));
    let users = users.iter().map(|(name, user)| (Resource::user(name), of_user(user)));
    let resources = topics.chain(no_topics).chain(subjects).chain(no_subjects).chain(groups).chain(all);
    let resources = resources.chain(access).chain(quotas).chain(users);
    let sections =
        [("external", of_external(external)), ("naming", of_naming(naming)), ("policy", of_policy(policy))];
    // A section that says nothing is one that is not there.
    let sections = sections.into_iter().filter(|(_, fields)| !fields.is_empty());
    let sections = sections.map(|(name, fields)| (About::Section(name), fields));
    resources.map(|(resource, fields)| (About::Resource(resource), fields)).chain(sections).collect()
}

/// Gathers what is said of a resource.
#[derive(Debug, Default)]
struct Said(Fields);

impl Said {
    fn add<T>(mut self, key: &str, value: &Option<Sourced<T>>, show: impl Fn(&T) -> String) -> Self {
        if let Some(said) = value {
            self.0.insert(key.to_owned(), Sourced::new(show(&said.value), said.origin.clone()));
        }
        self
    }

    fn at(mut self, key: &str, value: Option<String>, origin: &Origin) -> Self {
        if let Some(value) = value {
            self.0.insert(key.to_owned(), Sourced::new(value, origin.clone()));
        }
        self
    }

    /// A list without an order, which is one value; nothing where it is empty.
    fn list<'a, T: 'a>(
        self,
        key: &str,
        list: impl IntoIterator<Item = &'a Sourced<T>>,
        show: impl Fn(&T) -> &str,
    ) -> Self {
        let list: Vec<&Sourced<T>> = list.into_iter().collect();
        let Some(first) = list.first() else { return self };
        let mut words: Vec<&str> = list.iter().map(|one| show(&one.value)).collect();
        words.sort_unstable();
        self.at(key, Some(words.join(", ")), &first.origin)
    }

    fn filled(self) -> Fields {
        self.0
    }
}

/// What is said where something is not to be there.
const ABSENT: &str = "absent";

fn yes(answer: bool) -> Option<String> {
    answer.then(|| "true".to_owned())
}

fn of_topic(topic: &Topic) -> Fields {
    let Topic {
        name: _,
        origin,
        class,
        partitions,
        replication,
        configs,
        owner,
        description,
        key_by,
        protected,
    } = topic;
    let mut said = Said::default()
        .at("class", class.clone(), origin)
        .add("partitions", partitions, i32::to_string)
        .add("replication", replication, i16::to_string)
        .add("owner", owner, String::clone)
        .add("description", description, String::clone)
        .add("key_by", key_by, String::clone)
        .at("protected", yes(*protected), origin);
    for (key, wish) in configs {
        let value = match &wish.value {
            ConfigWish::Set(value) => value.clone(),
            ConfigWish::Unset => "unset".to_owned(),
        };
        said = said.at(key, Some(value), &wish.origin);
    }
    said.filled()
}

fn of_no_topic(AbsentTopic { origin, protected }: &AbsentTopic) -> Fields {
    Said::default()
        .at("state", Some(ABSENT.to_owned()), origin)
        .at("protected", yes(*protected), origin)
        .filled()
}

fn of_subject(subject: &Subject) -> Fields {
    // The text is that of the file, and a topic names the subjects of its own schemas.
    let Subject { name: _, origin, kind, text: _, file, compatibility, references, topic: _ } = subject;
    let mut said = Said::default()
        .at("schema", Some(file.to_string()), origin)
        .at("type", Some(kind.to_string()), origin)
        .add("compatibility", compatibility, ToString::to_string);
    for Reference { name, subject, origin } in references {
        said = said.at(&format!("references.{name}"), Some(subject.clone()), origin);
    }
    said.filled()
}

fn of_no_subject(AbsentSubject { origin, permanent }: &AbsentSubject) -> Fields {
    Said::default()
        .at("state", Some(ABSENT.to_owned()), origin)
        .at("permanent", yes(*permanent), origin)
        .filled()
}

/// Each entry is a key of its own, for an entry is there or not.
fn of_access(access: &Access) -> Fields {
    // What a principal is called in the file is no part of what it may do, and the notes are about its entries.
    let Access { name: _, origin: _, acls, notes: _ } = access;
    let said =
        |(acl, asked): (&Acl, &AskedAcl)| (acl.rule(), Sourced::new("yes".to_owned(), asked.origin.clone()));
    acls.iter().map(said).collect()
}

fn of_quota(Quota { origin, amounts, absent }: &Quota) -> Fields {
    let mut said = Said::default().at("state", absent.then(|| ABSENT.to_owned()), origin);
    for (key, amount) in amounts {
        let value = amount.value.map_or_else(|| "unset".to_owned(), |amount| write_quota(key, amount));
        said = said.at(quota_word(key), Some(value), &amount.origin);
    }
    said.filled()
}

fn of_user(user: &User) -> Fields {
    let User { origin, mechanisms, password_file, iterations, absent } = user;
    let mechanisms: Vec<&str> = mechanisms.iter().map(|mechanism| mechanism.as_str()).collect();
    Said::default()
        .at("scram", Some(mechanisms.join(", ")).filter(|list| !list.is_empty()), origin)
        .at("password_file", password_file.clone(), origin)
        .at("iterations", (!absent).then(|| iterations.to_string()), origin)
        .at("state", absent.then(|| ABSENT.to_owned()), origin)
        .filled()
}

fn of_group(Contract { group: _, origin: _, topics, terms: own }: &Contract) -> Fields {
    let mut said = terms(own);
    // What was written counts by what it comes to.
    if let Some(TopicsOf { origin, written: _, names, external }) = topics {
        let external = external.iter().map(|pattern| pattern.as_str().to_owned());
        let names: BTreeSet<String> = names.iter().cloned().chain(external).collect();
        said = said.at("topics", Some(names.into_iter().collect::<Vec<_>>().join(", ")), origin);
    }
    said.filled()
}

fn of_external(External { topics, groups }: &External) -> Fields {
    Said::default().list("topics", topics, Pattern::as_str).list("groups", groups, Pattern::as_str).filled()
}

fn of_naming(Naming { topics, groups }: &Naming) -> Fields {
    Said::default().list("topics", topics, String::as_str).list("groups", groups, String::as_str).filled()
}

fn of_policy(policy: &Policy) -> Fields {
    let Policy { changes, scopes, topic_rules, unlisted_configs, max_change_share } = policy;
    let mut said = Said::default()
        .add("unlisted_configs", unlisted_configs, |word| word.as_str().to_owned())
        .add("max_change_share", max_change_share, |share| format!("{share}%"));
    for (name, level) in changes {
        said = said.at(&format!("changes.{name}"), Some(level.value.as_str().to_owned()), &level.origin);
    }
    for (key, rule) in topic_rules {
        said = said.at(&format!("topics.{key}"), Some(rule.value.clone()), &rule.origin);
    }
    let scope: Vec<String> = scopes.iter().map(|scope| scope.value.join(", ")).collect();
    if let Some(first) = scopes.first() {
        said = said.at("scope", Some(scope.join(" and ")), &first.origin);
    }
    said.filled()
}

fn terms(Terms { members, max_lag, max_age_ms, isolation, protected, start }: &Terms) -> Said {
    Said::default()
        .add("members", members, |range| match (range.start(), range.end()) {
            (from, to) if from == to => from.to_string(),
            (from, to) => format!("{from}..{to}"),
        })
        .add("max_lag", max_lag, i64::to_string)
        .add("max_age", max_age_ms, |age| Millis(*age).to_string())
        .add("isolation", isolation, |isolation| isolation.as_str().to_owned())
        .add("protected", protected, bool::to_string)
        .add("start", start, |start| start.as_str().to_owned())
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
