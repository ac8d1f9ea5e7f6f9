//! What a topology says of clients beside what they may do: quotas, and users without their passwords.

use super::estate::{Note, Section};
use super::file_names::FileNames;
use super::lines::{Pair, entry, item};
use super::yaml::quoted;
use crate::access::{ENTITY_KINDS, QUOTA_KEYS, QuotaEntity, Quotas, ScramMechanism, quota_word, write_quota};
use crate::plan::DiffOptions;
use crate::topology::{Files, Topology, parse, resolve};
use crate::values::Known;
use std::collections::BTreeMap;

/// The folder beside the topology for files with passwords, which somebody else has to fill.
const PASSWORDS: &str = "secrets";

/// The quotas that are covered. A key that the format does not know is left out by itself: one that no file names is left
/// alone.
pub(super) fn quotas(known: &Known<BTreeMap<QuotaEntity, Quotas>>, options: &DiffOptions) -> Section {
    let mut section = Section::default();
    let Some(quotas) = section.seen(known, "quotas", "describe the configs of the cluster") else {
        return section;
    };
    for (entity, quotas) in quotas.iter().filter(|(entity, _)| options.covers_access(&entity.to_string())) {
        let is_said = |key: &str| quota(entity, &only(quotas, key)).is_some();
        let (said, unsaid): (Vec<&String>, Vec<&String>) = quotas.keys().partition(|key| is_said(key));
        let said: Quotas = said.into_iter().flat_map(|key| only(quotas, key)).collect();
        if said.is_empty() {
            section.add(&format!("the quota of {entity}"), None);
            continue;
        }
        for key in unsaid {
            let amount = quotas.get(key).map(|amount| write_quota(key, *amount)).unwrap_or_default();
            let what = format!("{} {amount} of {entity}", quota_word(key));
            section.add(&what, None);
        }
        section.add(&format!("the quota of {entity}"), quota(entity, &said));
    }
    section
}

fn only(quotas: &Quotas, key: &str) -> Quotas {
    quotas.get_key_value(key).map(|(key, amount)| (key.clone(), *amount)).into_iter().collect()
}

/// An item that reads as these quotas; `None` where there is none.
fn quota(entity: &QuotaEntity, quotas: &Quotas) -> Option<String> {
    let whom = entity.in_order().map(|(kind, name)| {
        let name = match name {
            None => "default".to_owned(),
            Some("default") => "{ name: default }".to_owned(),
            Some(name) => quoted(name),
        };
        ENTITY_KINDS.contains(&kind).then(|| Pair::one(kind.replace('-', "_"), name))
    });
    let amounts = quotas.iter().map(|(key, amount)| {
        let is_known = QUOTA_KEYS.iter().any(|(_, known, _)| known == key);
        is_known.then(|| Pair::one(quota_word(key), write_quota(key, *amount)))
    });
    let pairs: Option<Vec<Pair>> = whom.chain(amounts).collect();
    let item = item(&pairs?);
    let read = read("quotas", &item)?;
    let said = read.quotas.get(entity)?;
    let is_same = said.amounts.len() == quotas.len()
        && quotas
            .iter()
            .all(|(key, amount)| said.amounts.get(key).is_some_and(|at| at.value == Some(*amount)));
    is_same.then_some(item)
}

/// The users that are covered, each with a file for a password that nobody can read back.
pub(super) fn users(
    known: &Known<BTreeMap<String, BTreeMap<ScramMechanism, i32>>>,
    options: &DiffOptions,
) -> Section {
    let mut section = Section::default();
    let Some(users) = section.seen(known, "users", "describe the cluster") else { return section };
    let mut files = FileNames::default();
    for (name, of) in users.iter().filter(|(name, _)| options.covers_access(name)) {
        let file = format!("{PASSWORDS}/{}", files.name(name, ""));
        let iterations = of.values().max().copied();
        let written = user(name, of, &file, iterations).or_else(|| user(name, of, &file, None));
        if written.is_some() && of.values().any(|other| Some(*other) != iterations) {
            let told = of.iter().map(|(mechanism, iterations)| format!("{iterations} for {mechanism}"));
            let told = told.collect::<Vec<_>>().join(", ");
            let text = format!("user '{name}' has iterations of its own for each mechanism: {told}");
            section.notes.push(Note::said(text));
        }
        section.add(&format!("user '{name}'"), written);
    }
    if !section.entries.is_empty() {
        section.notes.extend(
            [
                "Nobody can read a password from a cluster: those of these users stay as they are. Their files are not",
                "part of this export; klerk needs one where the user does not exist yet, and for --rotate-user.",
            ]
            .map(|line| Note::said(line.to_owned())),
        );
    }
    section
}

/// An entry that reads as this user; `None` where there is none.
fn user(
    name: &str,
    of: &BTreeMap<ScramMechanism, i32>,
    file: &str,
    iterations: Option<i32>,
) -> Option<String> {
    let mechanisms: Vec<String> = of.keys().map(ToString::to_string).collect();
    let mechanisms = match mechanisms.as_slice() {
        [only] => Pair::one("scram", only.as_str()),
        _ => Pair::list("scram", mechanisms),
    };
    let mut pairs = vec![mechanisms, Pair::one("password_file", quoted(file))];
    pairs.extend(iterations.map(|iterations| Pair::one("iterations", iterations.to_string())));
    let entry = entry(name, &pairs);
    let read = read("users", &entry)?;
    let said = read.users.get(name)?;
    said.mechanisms.iter().eq(of.keys()).then_some(entry)
}

/// What a section of this one entry comes to; `None` where it has a fault.
fn read(section: &str, entry: &str) -> Option<Topology> {
    let text = format!("klerk: 1\n{section}:\n{entry}");
    resolve(parse([("t.yaml".to_owned(), text)]), &Files::new()).ok()
}
