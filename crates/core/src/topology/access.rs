//! From roles to access control entries: what the file says that somebody does, and what Kafka has to allow for it.

use super::code::Code;
use super::contracts::Known;
use super::draft::{AccessWish, State};
use super::model::{Access, AskedAcl, Contract};
use super::place::{At, Complaints, Spot};
use crate::access::{Acl, AclResource, AclResourceType, Right, WILDCARD};
use crate::values::{Origin, Pattern, closest};
use std::collections::{BTreeMap, BTreeSet};

/// Makes entries of what the file says that somebody may do, by principal.
pub(super) fn access(
    known: &Known<'_, '_>,
    contracts: &BTreeMap<String, Contract>,
    complaints: &mut Complaints<'_>,
) -> BTreeMap<String, Access> {
    let mut all: BTreeMap<String, Access> = BTreeMap::new();
    let mut spots: BTreeMap<String, Spot> = BTreeMap::new();
    for (name, at) in &known.within.sections.access {
        let principal = at.value.principal.as_ref();
        let spot = principal.map_or(at.spot, |principal| principal.spot);
        let principal = principal.map_or_else(|| format!("User:{name}"), |principal| principal.value.clone());
        if let Some(first) = spots.insert(principal.clone(), spot) {
            complaints
                .say(Code::Duplicate, spot, format!("what '{principal}' may do is already said"))
                .see(first, "first said here")
                .fix("say everything of a principal in one place: what is not said there is revoked");
            continue;
        }
        let access = Access {
            name: name.clone(),
            origin: complaints.texts.origin(at.spot),
            acls: BTreeMap::new(),
            notes: Vec::new(),
        };
        let mut gathered = Gathered { principal: &principal, access, known, contracts };
        if at.value.state.as_ref().is_none_or(|state| state.value == State::Present) {
            gathered.gather(&at.value, complaints);
        }
        let access = gathered.access;
        all.insert(principal, access);
    }
    all
}

/// What a written name comes to.
struct Meant {
    resource: AclResource,
    /// The pattern that it was expanded from, where Kafka has no such pattern.
    expanded_from: Option<String>,
}

impl Meant {
    fn plain(resource: AclResource) -> Self {
        Meant { resource, expanded_from: None }
    }
}

struct Gathered<'a, 'd> {
    principal: &'a str,
    access: Access,
    known: &'a Known<'a, 'd>,
    contracts: &'a BTreeMap<String, Contract>,
}

impl Gathered<'_, '_> {
    fn gather(&mut self, wish: &AccessWish, complaints: &mut Complaints<'_>) {
        for (right, list) in [(Right::Produce, &wish.produce), (Right::Consume, &wish.consume)] {
            for pattern in list.iter().flat_map(|list| &list.value) {
                let origin = complaints.texts.origin(pattern.spot);
                for meant in self.topics(pattern, complaints) {
                    self.grant(right, &meant, &origin);
                }
            }
        }
        for pattern in wish.groups.iter().flat_map(|list| &list.value) {
            self.join(pattern, complaints);
        }
        for pattern in wish.transactions.iter().flat_map(|list| &list.value) {
            let origin = complaints.texts.origin(pattern.spot);
            match pattern_of(AclResourceType::TransactionalId, &pattern.value) {
                Some(resource) => self.grant(Right::Transact, &Meant::plain(resource), &origin),
                None => {
                    let message = format!(
                        "no file knows transactional ids, so '{}' cannot be expanded to those that there are",
                        pattern.value
                    );
                    complaints
                        .say(Code::BadPattern, pattern.spot, message)
                        .fix("name them in full, or by what they begin with and one '*' at the end");
                }
            }
        }
        for acl in wish.acls.iter().flat_map(|list| &list.value) {
            let origin = complaints.texts.origin(acl.spot);
            for operation in &acl.value.operations {
                let entry = Acl {
                    principal: self.principal.to_owned(),
                    resource: acl.value.resource.clone(),
                    permission: acl.value.permission,
                    operation: *operation,
                    host: acl.value.host.clone(),
                };
                self.ask(entry, None, &origin);
            }
        }
    }

    fn grant(&mut self, right: Right, meant: &Meant, origin: &Origin) {
        for acl in right.acls(self.principal, &meant.resource) {
            self.ask(acl, meant.expanded_from.clone(), origin);
        }
    }

    /// Asks for an entry. Several lines may ask for the same one; the first of them in the file stands for it.
    fn ask(&mut self, acl: Acl, expanded_from: Option<String>, origin: &Origin) {
        let asked = AskedAcl { origin: origin.clone(), expanded_from };
        let kept = self.access.acls.entry(acl).or_insert_with(|| asked.clone());
        if asked.origin < kept.origin {
            *kept = asked;
        }
    }

    /// The topics that a pattern of a role means.
    fn topics(&self, at: &At<Pattern>, complaints: &mut Complaints<'_>) -> Vec<Meant> {
        let pattern = &at.value;
        if pattern.as_str() == WILDCARD {
            return vec![Meant::plain(AclResource::literal(AclResourceType::Topic, WILDCARD))];
        }
        let names = self.known.names(pattern);
        if names.is_empty() && !self.known.may_be_external(pattern) && self.known.whole {
            self.known.nobody_has(at, "this role", complaints);
        }
        match pattern_of(AclResourceType::Topic, pattern) {
            Some(resource) => vec![Meant::plain(resource)],
            None => expanded(AclResourceType::Topic, pattern, names),
        }
    }

    /// Lets somebody be a member of groups and read what they read.
    fn join(&mut self, at: &At<Pattern>, complaints: &mut Complaints<'_>) {
        let pattern = &at.value;
        let origin = complaints.texts.origin(at.spot);
        let joined: Vec<&Contract> =
            self.contracts.values().filter(|contract| pattern.matches(&contract.group)).collect();
        let external = self.known.within.sections.external_groups();
        let is_external = external.iter().any(|other| match pattern.literal() {
            Some(name) => other.value.matches(name),
            None => {
                other.value.literal().is_some_and(|name| pattern.matches(name)) || other.value == *pattern
            }
        });
        if joined.is_empty() && !is_external && pattern.as_str() != WILDCARD && self.known.whole {
            self.no_group(at, complaints);
            return;
        }
        let meant = match pattern_of(AclResourceType::Group, pattern) {
            Some(resource) => vec![Meant::plain(resource)],
            None => {
                let names = joined.iter().map(|contract| contract.group.clone()).collect();
                expanded(AclResourceType::Group, pattern, names)
            }
        };
        for meant in &meant {
            self.grant(Right::Join, meant, &origin);
        }
        for contract in joined {
            self.read_topics_of(contract, &origin);
        }
    }

    /// Topics of the file are named one by one, for a contract means those of the file and no others; external ones by
    /// what they begin with.
    fn read_topics_of(&mut self, contract: &Contract, origin: &Origin) {
        let Some(topics) = &contract.topics else {
            let message = format!(
                "the contract of group '{}' does not say what it reads, so that its members may read nothing by it",
                contract.group
            );
            self.access.notes.push((message, contract.origin.clone()));
            return;
        };
        let of_group = || Some(format!("the topics of group '{}'", contract.group));
        for name in &topics.names {
            let resource = AclResource::literal(AclResourceType::Topic, name);
            self.grant(Right::Consume, &Meant { resource, expanded_from: of_group() }, origin);
        }
        for external in &topics.external {
            for written in &topics.written {
                let Some(prefix) = narrower(&written.value, external) else { continue };
                let resource = AclResource::prefixed(AclResourceType::Topic, prefix);
                self.grant(Right::Consume, &Meant { resource, expanded_from: of_group() }, origin);
            }
        }
    }

    fn no_group(&self, at: &At<Pattern>, complaints: &mut Complaints<'_>) {
        let written = at.value.as_str();
        let elsewhere = self.known.is_group_elsewhere(&at.value);
        if elsewhere && (self.known.within.environment.is_none() || at.value.literal().is_none()) {
            return;
        }
        let message = match at.value.literal() {
            Some(_) if elsewhere => format!("group '{written}' does not exist here"),
            Some(_) => format!("group '{written}' is neither in the files nor external"),
            None => format!("no group of the files matches '{written}'"),
        };
        let fix = match closest(written, self.contracts.keys().map(String::as_str)) {
            Some(meant) => format!("did you mean '{meant}'?"),
            None => "declare it under groups with its topics, or under external.groups when others own it"
                .to_owned(),
        };
        complaints.say(Code::UnknownGroup, at.spot, message).fix(fix);
    }
}

/// The pattern of Kafka's that a written one is: everything, a name, or what names begin with. Others Kafka has not.
fn pattern_of(kind: AclResourceType, pattern: &Pattern) -> Option<AclResource> {
    if pattern.as_str() == WILDCARD || pattern.literal().is_some() {
        return Some(AclResource::literal(kind, pattern.as_str()));
    }
    pattern.prefix().map(|prefix| AclResource::prefixed(kind, prefix))
}

fn expanded(kind: AclResourceType, pattern: &Pattern, names: BTreeSet<String>) -> Vec<Meant> {
    let meant = |name| Meant {
        resource: AclResource::literal(kind, name),
        expanded_from: Some(format!("'{pattern}'")),
    };
    names.into_iter().map(meant).collect()
}

/// What the names begin with that two patterns have in common; `None` when that is nothing, or not of that kind.
fn narrower(one: &Pattern, other: &Pattern) -> Option<String> {
    let (one, other) = (one.prefix()?, other.prefix()?);
    if one.starts_with(other) {
        Some(one.to_owned())
    } else {
        other.starts_with(one).then(|| other.to_owned())
    }
}
