//! What is unwise about what files ask for, each with the line that asks.

use super::faults::{Shown, one_by_one, summary};
use annotate_snippets::Level;
use klerk_core::plan::{FileFinding, Severity};
use klerk_core::topology::{Place, Topology};
use klerk_core::values::Origin;
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
    let shown = findings.iter().map(|found| Shown {
        level: match found.finding.severity {
            Severity::Warning => Level::WARNING,
            Severity::Info => Level::INFO,
        },
        code: found.finding.code,
        message: found.in_full(),
        place: found.finding.origin.as_ref().and_then(&place),
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
