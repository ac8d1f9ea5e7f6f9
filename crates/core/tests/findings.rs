//! Whoever adds a finding explains it.

use klerk_core::plan::{FINDINGS, Kind};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Codes of findings as they stand in a source: a family, a slash, words with hyphens, in quotes.
fn codes(source: &str, found: &mut BTreeSet<String>) {
    for text in source.split('"').skip(1).step_by(2) {
        let is_code = text.split_once('/').is_some_and(|(family, rest)| {
            ["access", "broker", "elect", "group", "plan", "reset", "subject", "topic", "undo", "user"]
                .contains(&family)
                && !rest.is_empty()
                && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        });
        if is_code {
            found.insert(text.to_owned());
        }
    }
}

fn walk(folder: &Path, found: &mut BTreeSet<String>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, found)?;
        } else if !path.ends_with("findings.rs") {
            codes(&fs::read_to_string(&path)?, found);
        }
    }
    Ok(())
}

#[test]
fn the_table_has_every_code_once_and_no_other() -> anyhow::Result<()> {
    let mut used = BTreeSet::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/plan"), &mut used)?;
    let listed: BTreeSet<String> = FINDINGS.iter().map(|(code, _)| (*code).to_owned()).collect();
    assert_eq!(used, listed);
    assert_eq!(listed.len(), FINDINGS.len());
    assert!(FINDINGS.iter().all(|(_, meaning)| meaning.ends_with('.')));
    Ok(())
}

/// Kinds of changes as they stand in a source: what the arms of a `match` give, in quotes.
fn kinds(source: &str, found: &mut BTreeSet<String>) {
    let arms =
        source.lines().filter(|line| line.contains("Change::")).filter_map(|line| line.split_once("=> \""));
    found.extend(arms.filter_map(|(_, rest)| Some(rest.split_once('"')?.0.to_owned())));
}

#[test]
fn a_policy_knows_every_kind_of_change() -> anyhow::Result<()> {
    let mut used = BTreeSet::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/plan"))? {
        let change = entry?.path().join("change.rs");
        if change.exists() {
            kinds(&fs::read_to_string(change)?, &mut used);
        }
    }
    let known: BTreeSet<String> = Kind::all().map(|kind| kind.as_str().to_owned()).collect();
    assert!(used.len() >= 8 && used.is_subset(&known), "{used:?}");
    assert!(Kind::all().all(|kind| kind.meaning().ends_with('.')));
    Ok(())
}
