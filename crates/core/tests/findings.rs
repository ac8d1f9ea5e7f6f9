//! Whoever adds a finding explains it.

use klerk_core::plan::FINDINGS;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Codes of findings as they stand in a source: a family, a slash, words with hyphens, in quotes.
fn codes(source: &str, found: &mut BTreeSet<String>) {
    for text in source.split('"').skip(1).step_by(2) {
        let is_code = text.split_once('/').is_some_and(|(family, rest)| {
            ["group", "plan", "reset", "subject", "topic", "undo"].contains(&family)
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
