//! What is unwise about what files ask for, each with the line that asks.

use super::faults::{Shown, one_by_one, summary};
use super::plan::told_once;
use annotate_snippets::Level;
use klerk_core::plan::{FileFinding, Finding, Severity};
use klerk_core::topology::{Place, Topology};
use klerk_core::values::Origin;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Files that are sound: what they hold, and what is to be said of it all the same.
pub fn sound(
    topologies: &[Topology],
    findings: &[FileFinding],
    place: impl Fn(&Origin) -> Option<Place>,
    refused: bool,
    color: bool,
) -> String {
    let mut text = format!("sound: {}", summary(topologies));
    if findings.is_empty() {
        return text;
    }
    text.push('\n');
    let mut of_environments: BTreeMap<&BTreeSet<String>, Vec<&FileFinding>> = BTreeMap::new();
    for found in findings {
        of_environments.entry(&found.environments).or_default().push(found);
    }
    let told = of_environments.values().flat_map(|found| told_once(found.iter().map(|found| &found.finding)));
    let likewise: Vec<(&Finding, Option<String>)> = told.collect();
    let shown = findings.iter().filter_map(|found| {
        let (_, likewise) = likewise.iter().find(|(finding, _)| std::ptr::eq(*finding, &found.finding))?;
        Some(Shown {
            level: match found.finding.severity {
                Severity::Warning => Level::WARNING,
                Severity::Info => Level::INFO,
            },
            code: found.finding.code,
            message: found.in_full(),
            place: found.finding.origin.as_ref().and_then(&place),
            likewise: likewise.as_ref().map(|names| format!("likewise {names}")),
        })
    });
    text.push_str(&one_by_one(shown, color));
    let warnings = findings.iter().filter(|found| found.is_warning()).count();
    let infos = findings.len() - warnings;
    let counted = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        _ => Some(format!("{count} {what}s")),
    };
    let counts: Vec<String> =
        [counted(warnings, "warning"), counted(infos, "info")].into_iter().flatten().collect();
    let _ = writeln!(text, "{}", counts.join(", "));
    if refused {
        text.push_str("Refused: --strict lets no warning pass.\n");
    }
    text
}
