use super::super::Code;
use super::super::caps::{Cap, Caps};
use super::super::draft::{EnvironmentWish, Environments, Sections, Wish, declare, once};
use super::super::environment::{ClusterPlace, RegistryPlace};
use super::super::place::{At, Complaints};
use super::super::yaml::{Entry, Node};
use super::{configs, file, keys, scalars, topics};
use crate::values::{Address, addresses_in, check_plain_name};

/// The word for a registry that an environment does without.
const NONE: &str = "none";

/// Reads the section `environments`.
pub(super) fn environments(node: &Node, environments: &mut Environments, complaints: &mut Complaints<'_>) {
    for entry in keys::entries(node, "environments", complaints) {
        let name = &entry.key.value;
        if let Err(reason) = check_plain_name(name) {
            let message = format!("'{name}' cannot be an environment: {reason}");
            complaints.say(Code::EnvironmentName, entry.key.spot, message);
        }
        let what = format!("environment '{name}'");
        let mut wish = EnvironmentWish::default();
        for entry in keys::entries(&entry.value, &what, complaints) {
            key(entry, &what, &mut wish, complaints);
        }
        exists_anyhow(&wish.sections, complaints);
        declare(environments, entry.key.clone(), wish, "environment", complaints);
    }
}

fn key(entry: &Entry, whose: &str, wish: &mut EnvironmentWish, complaints: &mut Complaints<'_>) {
    let (name, node) = (entry.key.value.as_str(), &entry.value);
    let what = format!("'{name}' of {whose}");
    match name {
        "extends" => {
            if let Some(parent) = scalars::text(node, name, complaints) {
                once(&mut wish.extends, parent, &what, complaints);
            }
        }
        "context" => {
            if let Some(context) = scalars::text(node, name, complaints) {
                let place = At::new(ClusterPlace::Context(context.value), context.spot);
                once(&mut wish.place, place, "where the cluster is", complaints);
            }
        }
        "bootstrap" => {
            if let Some(addresses) = bootstrap(node, complaints) {
                let place = At::new(ClusterPlace::Bootstrap(addresses), node.spot);
                once(&mut wish.place, place, "where the cluster is", complaints);
            }
        }
        "registry" => {
            if let Some(registry) = registry(node, complaints) {
                once(&mut wish.registry, At::new(registry, node.spot), &what, complaints);
            }
        }
        "cluster" => {
            if let Some(id) = scalars::text(node, name, complaints) {
                once(&mut wish.cluster, id, &what, complaints);
            }
        }
        "production" => {
            if let Some(answer) = scalars::boolean(node, name, complaints) {
                once(&mut wish.production, At::new(answer, node.spot), &what, complaints);
            }
        }
        "at_most" => at_most(node, &mut wish.at_most, complaints),
        "override" => topics::overrides(node, &mut wish.overrides, complaints),
        _ if file::section(entry, &mut wish.sections, complaints) => {}
        _ => {
            let known = [keys::ENVIRONMENT_KEYS, keys::SECTIONS];
            keys::refuse(entry, whose, &known, keys::LATER_SECTIONS, complaints);
        }
    }
}

/// Brokers, as a list or separated by commas.
fn bootstrap(node: &Node, complaints: &mut Complaints<'_>) -> Option<Vec<Address>> {
    let before = complaints.count();
    let mut addresses = Vec::new();
    let list = scalars::texts(node, "bootstrap", complaints);
    // A password with a comma in it makes several items, of which the last has the `@`.
    let last = list.iter().rposition(|at| at.value.contains('@')).unwrap_or_default();
    for written in list.iter().skip(last) {
        for text in addresses_in(&written.value) {
            match text.parse::<Address>() {
                Ok(address) if addresses.contains(&address) => {}
                Ok(address) => addresses.push(address),
                Err(problem) => {
                    complaints.say(Code::BadAddress, written.spot, problem.to_string());
                }
            }
        }
    }
    if addresses.is_empty() && complaints.count() == before {
        complaints
            .say(Code::EmptyValue, node.spot, "'bootstrap' names no broker")
            .fix("write HOST:PORT, or leave the key out");
    }
    (complaints.count() == before).then_some(addresses)
}

/// The addresses of a registry, several of one registry, or `none`.
fn registry(node: &Node, complaints: &mut Complaints<'_>) -> Option<RegistryPlace> {
    let before = complaints.count();
    let written = scalars::texts(node, "registry", complaints);
    if let [only] = written.as_slice()
        && only.value.trim() == NONE
    {
        return Some(RegistryPlace::None);
    }
    let mut addresses = Vec::new();
    for at in &written {
        for text in addresses_in(&at.value) {
            match registry_fault(text) {
                Some(reason) => {
                    complaints.say(Code::BadAddress, at.spot, reason);
                }
                None => addresses.push(text.to_owned()),
            }
        }
    }
    if addresses.is_empty() && complaints.count() == before {
        complaints
            .say(Code::EmptyValue, node.spot, "'registry' names no address")
            .fix("write http://HOST:PORT, none to leave schemas out, or leave the key out");
    }
    (complaints.count() == before).then_some(RegistryPlace::Addresses(addresses))
}

/// What keeps a text from being the address of a registry. A password in it is not repeated.
fn registry_fault(text: &str) -> Option<String> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let host = rest.map(|rest| rest.split('/').next().unwrap_or_default());
    match host {
        _ if text.contains('@') => Some(
            "the address of a registry holds no user and no password: they belong into the file that \
             --command-config names"
                .to_owned(),
        ),
        Some(host) if !host.is_empty() => None,
        _ => {
            Some(format!("'{text}' is not the address of a schema registry: write http://HOST:PORT, or none"))
        }
    }
}

/// Reads caps: numbers of partitions, replicas, and of any config that counts something.
fn at_most(node: &Node, caps: &mut Caps, complaints: &mut Complaints<'_>) {
    for entry in keys::entries(node, "at_most", complaints) {
        let name = entry.key.value.as_str();
        match name {
            "partitions" | "replication" => {
                let most = if name == "partitions" { i64::from(i32::MAX) } else { i64::from(i16::MAX) };
                if let Some(number) = scalars::number(&entry.value, name, 1, most, complaints) {
                    caps.add(name, At::new(Cap::new(number.to_string()), entry.value.spot));
                }
            }
            _ if configs::is_config(name) && !entry.bare && keys::brought_along(name).is_none() => {
                let Some(read) = configs::config(name, &entry.value, complaints) else { continue };
                match read.value {
                    Wish::Set(text) if Cap::can_be(&text) => {
                        caps.add(name, At::new(Cap::new(text), read.spot));
                    }
                    _ => not_a_number(name, &entry.value, complaints),
                }
            }
            _ if keys::TOPIC_KEYS.contains(&name) => not_a_number(name, &entry.value, complaints),
            _ => {
                let known = [&["partitions", "replication"], keys::KAFKA_CONFIGS];
                keys::refuse(entry, "at_most", &known, &[], complaints);
            }
        }
    }
}

fn not_a_number(name: &str, node: &Node, complaints: &mut Complaints<'_>) {
    complaints
        .say(Code::BadValue, node.spot, format!("'at_most' takes numbers, and this of '{name}' is none"))
        .fix("override takes any value");
}

/// What stands in an environment exists there, so there is nothing for `only` to say.
fn exists_anyhow(sections: &Sections, complaints: &mut Complaints<'_>) {
    let topics = sections.topics.values().filter_map(|at| at.value.only.as_ref());
    let groups = sections.groups.values().filter_map(|at| at.value.only.as_ref());
    let subjects = sections.subjects.values().filter_map(|at| at.value.only.as_ref());
    let access = sections.access.values().filter_map(|at| at.value.only.as_ref());
    let quotas = sections.quotas.values().filter_map(|at| at.value.only.as_ref());
    let users = sections.users.values().filter_map(|at| at.value.only.as_ref());
    for only in topics.chain(groups).chain(subjects).chain(access).chain(quotas).chain(users) {
        complaints
            .say(
                Code::UnknownKey,
                only.spot,
                "what stands in an environment exists there: 'only' says nothing",
            )
            .fix("leave it out");
    }
}
