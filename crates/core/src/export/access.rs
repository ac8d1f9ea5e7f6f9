//! Who may do what, by principal: roles where they say exactly what was seen, Kafka's own entries for the rest.

use super::estate::{Estate, Section};
use super::lines::{Pair, braces, entry};
use super::yaml::quoted;
use crate::access::{Acl, AclResource, AclResourceType, PatternType, Permission, Right, WILDCARD};
use crate::plan::DiffOptions;
use crate::topology::{Files, parse, resolve};
use crate::values::{Known, check_plain_name};
use std::collections::{BTreeMap, BTreeSet};

/// The word that stands for everything.
const ALL: &str = "all";

/// The principals that are covered, each with all that it may do: what a topology left out of that would be revoked. So
/// every entry of the topology is read back, and a principal that does not come out as it was seen is not named at all.
pub(super) fn gather(known: &Known<BTreeSet<Acl>>, estate: &Estate, options: &DiffOptions) -> Section {
    let mut section = Section::default();
    let Some(acls) = section.seen(known, "access control entries", "describe the cluster") else {
        return section;
    };
    let mut by_principal: BTreeMap<&str, BTreeSet<&Acl>> = BTreeMap::new();
    for acl in
        acls.iter().filter(|acl| options.covers_principal(&acl.principal, Some(name_of(&acl.principal))))
    {
        by_principal.entry(&acl.principal).or_default().insert(acl);
    }
    for (principal, acls) in by_principal {
        let roles = Roles::of(principal, &acls, estate);
        let tried =
            [&roles, &Roles::none(&acls)].map(|roles| (roles.context(estate), roles.written(principal)));
        let exact = tried.into_iter().find(|(context, entry)| says(context, entry, principal, &acls));
        match exact {
            Some((_, entry)) => section.add(principal, Some(entry)),
            None => section.leave_out(principal, &unsayable(principal, &acls)),
        }
    }
    section
}

/// What a topology calls a principal: a user by its name alone. A name with a colon would be taken for another principal.
fn name_of(principal: &str) -> &str {
    let user = principal.strip_prefix("User:").filter(|name| !name.contains(':'));
    user.filter(|name| check_plain_name(name).is_ok()).unwrap_or(principal)
}

/// Whether an entry says of a principal exactly this.
fn says(context: &str, entry: &str, principal: &str, acls: &BTreeSet<&Acl>) -> bool {
    let text = format!("klerk: 1\n{context}access:\n{entry}");
    let Ok(read) = resolve(parse([("t.yaml".to_owned(), text)]), &Files::new()) else { return false };
    read.access.get(principal).is_some_and(|said| said.acls.keys().eq(acls.iter().copied()))
}

/// Why a principal cannot be named, with an entry that is in the way where there is a single one.
fn unsayable(principal: &str, acls: &BTreeSet<&Acl>) -> String {
    let is_sayable = |acl: &Acl| {
        let alone = BTreeSet::from([acl]);
        says("", &Roles::none(&alone).written(principal), principal, &alone)
    };
    let example = acls.iter().copied().find(|acl| !is_sayable(acl));
    let example = example.map(|acl| format!(", such as '{}'", acl.rule())).unwrap_or_default();
    format!("a topology has no way to say all that it may do{example}")
}

/// What a principal may do, as roles and what is left.
#[derive(Debug, Default)]
struct Roles<'a> {
    produce: Vec<&'a AclResource>,
    consume: Vec<&'a AclResource>,
    groups: Vec<&'a str>,
    transactions: Vec<&'a AclResource>,
    rest: BTreeSet<&'a Acl>,
}

impl<'a> Roles<'a> {
    /// No roles, and every entry by itself.
    fn none(acls: &BTreeSet<&'a Acl>) -> Self {
        Roles { rest: acls.clone(), ..Roles::default() }
    }

    fn of(principal: &'a str, acls: &BTreeSet<&'a Acl>, estate: &Estate) -> Self {
        let grants =
            |right: Right, on: &AclResource| right.acls(principal, on).all(|acl| acls.contains(&acl));
        let mut roles = Roles::none(acls);
        let mut granted: BTreeSet<Acl> = BTreeSet::new();
        let resources: BTreeSet<&'a AclResource> = acls.iter().map(|acl| &acl.resource).collect();
        for group in resources.iter().filter(|resource| resource.kind == AclResourceType::Group) {
            let Some(declared) = estate.groups.get(&group.name).filter(|_| is_literal(group)) else {
                continue;
            };
            let topics: Vec<AclResource> = declared
                .topics
                .iter()
                .map(|topic| AclResource::literal(AclResourceType::Topic, topic))
                .collect();
            // Whoever is a member of a group whose contract names no topic is allowed the group alone by that role; Kafka's
            // own entry says that more plainly.
            let reads_all = !topics.is_empty() && topics.iter().all(|topic| grants(Right::Consume, topic));
            if reads_all && grants(Right::Join, group) {
                roles.groups.push(&group.name);
                granted.extend(Right::Join.acls(principal, group));
                granted.extend(topics.iter().flat_map(|topic| Right::Consume.acls(principal, topic)));
            }
        }
        for resource in resources {
            let right = match resource.kind {
                AclResourceType::Topic => [Right::Produce, Right::Consume].as_slice(),
                AclResourceType::TransactionalId => &[Right::Transact],
                _ => &[],
            };
            for right in
                right.iter().filter(|right| grants(**right, resource) && is_sayable(resource, estate))
            {
                if right.acls(principal, resource).all(|acl| granted.contains(&acl)) {
                    continue;
                }
                match right {
                    Right::Produce => roles.produce.push(resource),
                    Right::Consume => roles.consume.push(resource),
                    Right::Transact => roles.transactions.push(resource),
                    Right::Join => {}
                }
                granted.extend(right.acls(principal, resource));
            }
        }
        roles.rest.retain(|acl| !granted.contains(*acl));
        roles
    }

    /// The topics and groups of the file that these roles name, which is all of it that they depend on.
    fn context(&self, estate: &Estate) -> String {
        let named =
            self.produce.iter().chain(&self.consume).filter_map(|resource| topic_of(resource, estate));
        let mut topics: BTreeSet<&str> = named.collect();
        let mut external: BTreeSet<&str> = BTreeSet::new();
        let mut groups = String::new();
        for (name, group) in self.groups.iter().filter_map(|name| estate.groups.get_key_value(*name)) {
            for topic in &group.topics {
                if estate.topics.contains_key(topic) {
                    topics.insert(topic)
                } else {
                    external.insert(topic)
                };
            }
            let read = group.topics.iter().map(|topic| quoted(topic)).collect();
            groups.push_str(&entry(name, &[Pair::list("topics", read)]));
        }
        let mut text = String::new();
        if !topics.is_empty() {
            text.push_str("topics:\n");
            text.extend(topics.into_iter().map(|topic| entry(topic, &[])));
        }
        if !external.is_empty() {
            text.push_str("external:\n");
            let names = external.into_iter().map(quoted).collect();
            text.push_str(&Pair::list("topics", names).line("  "));
        }
        if !groups.is_empty() {
            text.push_str("groups:\n");
            text.push_str(&groups);
        }
        text
    }

    fn written(&self, principal: &str) -> String {
        let name = name_of(principal);
        let patterns = |of: &[&AclResource]| of.iter().map(|resource| pattern(resource)).collect();
        let lists: [(&str, Vec<String>); 5] = [
            ("produce", patterns(&self.produce)),
            ("consume", patterns(&self.consume)),
            ("groups", self.groups.iter().map(|name| quoted(name)).collect()),
            ("transactions", patterns(&self.transactions)),
            ("acls", plain(&self.rest)),
        ];
        let mut pairs = Vec::new();
        if name == principal {
            pairs.push(Pair::one("principal", quoted(principal)));
        }
        for (key, items) in lists {
            match items.as_slice() {
                [] => {}
                [only] if only == ALL => pairs.push(Pair::one(key, ALL)),
                _ => pairs.push(Pair::list(key, items)),
            }
        }
        entry(name, &pairs)
    }
}

fn is_literal(resource: &AclResource) -> bool {
    resource.pattern == PatternType::Literal && is_plain(&resource.name)
}

/// Whether a name means nothing but itself, however it is written.
fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !name.is_empty() && name != ALL && name.bytes().all(plain)
}

/// Whether a role can name it: a topic has to be among those of the file.
fn is_sayable(resource: &AclResource, estate: &Estate) -> bool {
    resource.is_wildcard()
        || is_plain(&resource.name)
            && (resource.kind != AclResourceType::Topic || topic_of(resource, estate).is_some())
}

/// A topic of the file that the entry is about.
fn topic_of<'e>(resource: &AclResource, estate: &'e Estate) -> Option<&'e str> {
    let (topic, _) = estate.topics.range(resource.name.clone()..).next()?;
    resource.covers(AclResourceType::Topic, topic).then_some(topic.as_str())
}

/// How a role names it.
fn pattern(resource: &AclResource) -> String {
    match resource.pattern {
        _ if resource.is_wildcard() => ALL.to_owned(),
        PatternType::Literal => quoted(&resource.name),
        PatternType::Prefixed => quoted(&format!("{}*", resource.name)),
    }
}

/// Kafka's own entries, those together that differ in their operations only.
fn plain(acls: &BTreeSet<&Acl>) -> Vec<String> {
    let mut alike: BTreeMap<(&AclResource, Permission, &str), Vec<String>> = BTreeMap::new();
    for acl in acls {
        alike.entry((&acl.resource, acl.permission, &acl.host)).or_default().push(acl.operation.to_string());
    }
    alike
        .into_iter()
        .map(|((on, permission, host), operations)| plain_one(on, permission, host, operations))
        .collect()
}

fn plain_one(on: &AclResource, permission: Permission, host: &str, mut operations: Vec<String>) -> String {
    let mut pairs = vec![Pair::one("resource", on.kind.to_string())];
    if *on != AclResource::cluster() {
        let name = if on.is_wildcard() { ALL.to_owned() } else { quoted(&on.name) };
        pairs.push(Pair::one("name", name));
        let means_itself = on.is_wildcard() || !on.name.contains('*') && on.name != ALL;
        if on.pattern == PatternType::Prefixed || !means_itself {
            pairs.push(Pair::one("pattern", on.pattern.as_str()));
        }
    }
    pairs.push(match operations.len() {
        1 => Pair::one("operation", operations.remove(0)),
        _ => Pair::list("operation", operations),
    });
    if host != WILDCARD {
        pairs.push(Pair::one("host", quoted(host)));
    }
    if permission == Permission::Deny {
        pairs.push(Pair::one("permission", permission.as_str()));
    }
    braces(&pairs)
}
