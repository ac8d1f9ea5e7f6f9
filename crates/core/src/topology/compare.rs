//! What differs between two topologies: resource by resource, each value with the line that it comes from.

use super::model::{Access, AskedAcl, ConfigWish, Contract, Quota, Subject, Terms, Topic, Topology, User};
use crate::access::{Acl, quota_word, write_quota};
use crate::values::{Millis, Origin, Resource, Sourced};
use std::collections::{BTreeMap, BTreeSet};

/// A resource that two topologies do not have alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is. The group `all` stands for what every group is held to.
    pub resource: Resource,
    /// Which of the two has it.
    pub held_by: HeldBy,
    /// What differs, by key; all that is said of it, where only one has it.
    pub fields: Vec<FieldDifference>,
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
    let (a, b) = (resources(first), resources(second));
    let names: BTreeSet<&Resource> = a.keys().chain(b.keys()).collect();
    let mut differences = Vec::new();
    for name in names {
        let (one, other) = (a.get(name), b.get(name));
        let held_by = match (one, other) {
            (Some(_), None) => HeldBy::First,
            (None, _) => HeldBy::Second,
            (Some(_), Some(_)) => HeldBy::Both,
        };
        let none = Fields::new();
        let fields = fields(one.unwrap_or(&none), other.unwrap_or(&none));
        if held_by != HeldBy::Both || !fields.is_empty() {
            differences.push(Difference { resource: name.clone(), held_by, fields });
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

fn resources(topology: &Topology) -> BTreeMap<Resource, Fields> {
    let topics = topology.topics.values().map(|topic| (Resource::topic(&topic.name), of_topic(topic)));
    let subjects =
        topology.subjects.values().map(|subject| (Resource::subject(&subject.name), of_subject(subject)));
    let groups =
        topology.groups.values().map(|contract| (Resource::group(&contract.group), of_group(contract)));
    let all = terms(&topology.all_groups).filled();
    let all = (!all.is_empty()).then(|| (Resource::group("all"), all));
    let access =
        topology.access.iter().map(|(principal, access)| (Resource::acl(principal), of_access(access)));
    let quotas =
        topology.quotas.iter().map(|(entity, quota)| (Resource::quota(entity.to_string()), of_quota(quota)));
    let users = topology.users.iter().map(|(name, user)| (Resource::user(name), of_user(user)));
    topics.chain(subjects).chain(groups).chain(all).chain(access).chain(quotas).chain(users).collect()
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

    fn filled(self) -> Fields {
        self.0
    }
}

fn of_topic(topic: &Topic) -> Fields {
    let mut said = Said::default()
        .at("class", topic.class.clone(), &topic.origin)
        .add("partitions", &topic.partitions, i32::to_string)
        .add("replication", &topic.replication, i16::to_string)
        .add("owner", &topic.owner, String::clone)
        .add("description", &topic.description, String::clone)
        .add("key_by", &topic.key_by, String::clone)
        .at("protected", topic.protected.then(|| "true".to_owned()), &topic.origin);
    for (key, wish) in &topic.configs {
        let value = match &wish.value {
            ConfigWish::Set(value) => value.clone(),
            ConfigWish::Unset => "unset".to_owned(),
        };
        said = said.at(key, Some(value), &wish.origin);
    }
    said.filled()
}

fn of_subject(subject: &Subject) -> Fields {
    Said::default()
        .at("schema", Some(subject.file.to_string()), &subject.origin)
        .at("type", Some(subject.kind.to_string()), &subject.origin)
        .add("compatibility", &subject.compatibility, ToString::to_string)
        .filled()
}

/// Each entry is a key of its own, for an entry is there or not.
fn of_access(access: &Access) -> Fields {
    let said =
        |(acl, asked): (&Acl, &AskedAcl)| (acl.rule(), Sourced::new("yes".to_owned(), asked.origin.clone()));
    access.acls.iter().map(said).collect()
}

fn of_quota(quota: &Quota) -> Fields {
    let amounts = quota.amounts.iter().map(|(key, said)| {
        let value = said.value.map_or_else(|| "unset".to_owned(), |amount| write_quota(key, amount));
        (quota_word(key).to_owned(), Sourced::new(value, said.origin.clone()))
    });
    let absent =
        quota.absent.then(|| ("state".to_owned(), Sourced::new("absent".to_owned(), quota.origin.clone())));
    amounts.chain(absent).collect()
}

fn of_user(user: &User) -> Fields {
    let mechanisms: Vec<&str> = user.mechanisms.iter().map(|mechanism| mechanism.as_str()).collect();
    let is_there = !user.absent;
    Said::default()
        .at("scram", Some(mechanisms.join(", ")).filter(|_| is_there), &user.origin)
        .at("password_file", user.password_file.clone(), &user.origin)
        .at("iterations", is_there.then(|| user.iterations.to_string()), &user.origin)
        .at("state", user.absent.then(|| "absent".to_owned()), &user.origin)
        .filled()
}

fn of_group(contract: &Contract) -> Fields {
    let mut said = terms(&contract.terms);
    if let Some(topics) = &contract.topics {
        let external = topics.external.iter().map(|pattern| pattern.as_str().to_owned());
        let names: BTreeSet<String> = topics.names.iter().cloned().chain(external).collect();
        said = said.at("topics", Some(names.into_iter().collect::<Vec<_>>().join(", ")), &topics.origin);
    }
    said.filled()
}

fn terms(terms: &Terms) -> Said {
    Said::default()
        .add("members", &terms.members, |range| match (range.start(), range.end()) {
            (from, to) if from == to => from.to_string(),
            (from, to) => format!("{from}..{to}"),
        })
        .add("max_lag", &terms.max_lag, i64::to_string)
        .add("max_age", &terms.max_age_ms, |age| Millis(*age).to_string())
        .add("isolation", &terms.isolation, |isolation| isolation.as_str().to_owned())
        .add("protected", &terms.protected, bool::to_string)
        .add("start", &terms.start, |start| start.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::{Files, parse, resolve_in};

    #[test]
    fn what_differs_is_told_with_its_lines() {
        let text = "klerk: 1
defaults: { replication: 3, retention.ms: 30d }
topics:
  a: { owner: x }
  b: { only: [dev], retention.ms: unset }
  c: {}
groups: { g: { topics: [a], members: 2..3 }, all: { max_lag: 5 } }
environments:
  dev: { at_most: { replication: 1 }, topics: { c: { replication: 3 } }, groups: { all: { max_age: 5m } } }
  prod: { override: { owner: x } }
";
        let draft = parse([("t.yaml".to_owned(), text.to_owned())]);
        let within = |name: &str| resolve_in(&draft, name, &Files::new()).unwrap().unwrap();
        let (dev, prod) = (within("dev"), within("prod"));
        let side = |said: &Option<Sourced<String>>| {
            said.as_ref().map_or("-".to_owned(), |said| format!("{}@{}", said.value, said.origin.line))
        };
        let told = |difference: &Difference| {
            let fields = difference.fields.iter();
            let fields: Vec<String> = fields
                .map(|field| format!("{}: {} {}", field.field, side(&field.first), side(&field.second)))
                .collect();
            format!("{} {:?} {}", difference.resource, difference.held_by, fields.join(", "))
        };
        let all: Vec<String> = compare(&dev, &prod).iter().map(told).collect();
        insta::assert_snapshot!(all.join("\n"), @r#"
        topic a Both replication: 1@9 3@2
        topic b First replication: 1@9 -, retention.ms: unset@5 -
        topic c Both owner: - x@10
        group all Both max_age: 5m@9 -
        group g Both max_age: 5m@9 -
        "#);
        assert_eq!(compare(&dev, &dev), []);
        assert_eq!(compare(&prod, &dev).len(), all.len());
    }
}
