//! Environments among themselves: what extends what, and where `only` lets things exist.

use super::Code;
use super::draft::{EnvironmentWish, Environments, Only, Sections};
use super::place::{At, Complaints, Spot};
use crate::values::closest;
use std::collections::BTreeMap;

/// An environment with all that it extends, the weakest first. What extends itself, or what is not there, ends it.
pub(super) fn lineage<'e>(environments: &'e Environments, name: &str) -> Vec<&'e At<EnvironmentWish>> {
    let mut line = Vec::new();
    let mut seen = Vec::new();
    let mut next = environments.get_key_value(name);
    while let Some((name, environment)) = next {
        if seen.contains(&name) {
            break;
        }
        seen.push(name);
        line.push(environment);
        next =
            environment.value.extends.as_ref().and_then(|parent| environments.get_key_value(&parent.value));
    }
    line.reverse();
    line
}

/// Whether something with this `only` exists in an environment.
pub(super) fn exists_in(only: &Option<Only>, environment: &str) -> bool {
    only.as_ref().is_none_or(|only| only.value.iter().any(|name| name.value == environment))
}

/// Complains about environments that cannot be put together, and about names of environments that there are not. Of
/// files that could not be read to their end nobody knows what they name.
pub(super) fn check(
    sections: &Sections,
    environments: &Environments,
    whole: bool,
    complaints: &mut Complaints<'_>,
) {
    for (name, environment) in environments {
        if let Some(parent) = &environment.value.extends {
            if whole {
                known(parent, environments, complaints);
            }
            cycle(name, parent.spot, environments, complaints);
        }
        kept_out(name, environment, sections, complaints);
    }
    if whole {
        for name in onlys(sections).flat_map(|(_, _, only)| &only.value) {
            known(name, environments, complaints);
        }
    }
}

fn known(name: &At<String>, environments: &Environments, complaints: &mut Complaints<'_>) {
    if environments.contains_key(&name.value) {
        return;
    }
    let names = || environments.keys().map(String::as_str);
    let fix = match closest(&name.value, names()) {
        Some(meant) => format!("did you mean '{meant}'?"),
        None if environments.is_empty() => "declare it under environments".to_owned(),
        None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
    };
    complaints
        .say(Code::UnknownEnvironment, name.spot, format!("there is no environment '{}'", name.value))
        .fix(fix);
}

/// Complains at each environment of a circle, and not at those that only lead into it.
fn cycle(name: &str, spot: Spot, environments: &Environments, complaints: &mut Complaints<'_>) {
    let mut way = vec![name];
    let mut next = name;
    while let Some(parent) = environments.get(next).and_then(|environment| environment.value.extends.as_ref())
    {
        next = &parent.value;
        way.push(next);
        if next == name {
            complaints
                .say(
                    Code::EnvironmentCycle,
                    spot,
                    format!("'{name}' extends itself: {}", way.join(" extends ")),
                )
                .fix("let one of them extend nothing");
            return;
        }
        if way.len() > environments.len() + 1 {
            return;
        }
    }
}

/// Everything that says in which environments it exists: what it is, its name, and the list.
fn onlys(sections: &Sections) -> impl Iterator<Item = (&'static str, &str, &Only)> {
    fn named<'s, T>(
        what: &'static str,
        names: &'s BTreeMap<String, At<T>>,
        only: impl Fn(&'s T) -> &'s Option<Only>,
    ) -> impl Iterator<Item = (&'static str, &'s str, &'s Only)> {
        names.iter().filter_map(move |(name, at)| Some((what, name.as_str(), only(&at.value).as_ref()?)))
    }
    named("topic", &sections.topics, |topic| &topic.only)
        .chain(named("group", &sections.groups, |group| &group.only))
        .chain(named("subject", &sections.subjects, |subject| &subject.only))
        .chain(named("quota of", &sections.quotas, |quota| &quota.only))
        .chain(named("user", &sections.users, |user| &user.only))
        .chain(named("access", &sections.access, |access| &access.only))
}

/// What an environment says of things that do not exist in it.
fn kept_out(
    name: &str,
    environment: &At<EnvironmentWish>,
    sections: &Sections,
    complaints: &mut Complaints<'_>,
) {
    let own = &environment.value.sections;
    for (what, thing, only) in onlys(sections) {
        let said = match what {
            "topic" => own.topics.get(thing).map(|at| at.spot),
            "group" => own.groups.get(thing).map(|at| at.spot),
            "quota of" => own.quotas.get(thing).map(|at| at.spot),
            "user" => own.users.get(thing).map(|at| at.spot),
            "access" => own.access.get(thing).map(|at| at.spot),
            _ => own.subjects.get(thing).map(|at| at.spot),
        };
        if let Some(spot) = said
            && !only.value.iter().any(|listed| listed.value == name)
        {
            complaints
                .say(
                    Code::OnlyElsewhere,
                    spot,
                    format!("{what} '{thing}' does not exist in environment '{name}'"),
                )
                .see(only.spot, "it exists only in these")
                .fix(format!("add {name} to its 'only', or leave this out"));
        }
    }
}
