//! Findings in their order, those that say the same of many resources told of once.

use super::{TOLD_OF_A_CODE, UNMANAGED, place};
use crate::view::alike::without_name;
use crate::view::counting::{counted, some_of};
use crate::view::{Ink, Style};
use klerk_core::plan::{Finding, Severity};
use klerk_core::values::{Resource, ResourceType};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Beyond this many, what is merely worth knowing and the same of all is told of the first.
const TOLD_ONE_BY_ONE: usize = 2;

/// What makes findings say the same: all of it but the name of the resource.
type Sentence<'a> = (Severity, &'a str, String);

/// The findings. What is merely worth knowing and the same of several is told of the first of them; of very many with
/// one code the first ones are told, and of how many more it is true.
pub(super) fn findings(findings: &[Finding], full: bool, style: &Style) -> String {
    let mut same: BTreeMap<Sentence<'_>, Vec<&Resource>> = BTreeMap::new();
    let mut of_code: BTreeMap<(Severity, &str), usize> = BTreeMap::new();
    for finding in findings {
        same.entry(sentence(finding)).or_default().push(&finding.resource);
        *of_code.entry((finding.severity, finding.code)).or_default() += 1;
    }
    let mut text = String::new();
    let mut told: BTreeMap<(Severity, &str), usize> = BTreeMap::new();
    let mut untold: BTreeMap<(Severity, &str), Vec<String>> = BTreeMap::new();
    for finding in findings {
        let code = (finding.severity, finding.code);
        let many = of_code.get(&code).is_some_and(|count| *count > TOLD_OF_A_CODE);
        let alike = same.get_mut(&sentence(finding)).map(std::mem::take).unwrap_or_default();
        let together = !full && alike.len() > TOLD_ONE_BY_ONE && (many || finding.severity == Severity::Info);
        let told = told.entry(code).or_default();
        if alike.is_empty() && !full {
            // It was told with the first of those that say the same.
            continue;
        }
        if !full && many && *told >= TOLD_OF_A_CODE / 4 {
            let names = alike.iter().map(ToString::to_string);
            untold.entry(code).or_default().extend(names);
            continue;
        }
        *told += 1;
        text.push_str(&one(finding, style));
        match together {
            true => {
                let others: Vec<String> = alike.iter().skip(1).map(ToString::to_string).collect();
                let _ = writeln!(text, "    likewise {}", some_of(others.iter(), UNMANAGED));
            }
            // Each is told in its own place.
            false => {
                same.insert(sentence(finding), alike.into_iter().skip(1).collect());
            }
        }
    }
    for ((severity, code), names) in untold {
        let count = counted(names.len(), "finding", "findings");
        let _ = writeln!(
            text,
            "{} {code}: {count} more: {}  (--full tells all)",
            word(severity, style),
            some_of(names.iter(), UNMANAGED)
        );
    }
    text
}

/// Of findings, each that is told, with the resources that the same holds for and that are not told by themselves.
pub(in crate::view) fn told_once<'a>(
    findings: impl Iterator<Item = &'a Finding> + Clone,
) -> Vec<(&'a Finding, Option<String>)> {
    let mut same: BTreeMap<Sentence<'_>, Vec<String>> = BTreeMap::new();
    for finding in findings.clone() {
        same.entry(sentence(finding)).or_default().push(finding.resource.to_string());
    }
    let mut told = Vec::new();
    for finding in findings {
        let Some(alike) = same.get_mut(&sentence(finding)) else { continue };
        let most = if finding.severity == Severity::Info { TOLD_ONE_BY_ONE } else { TOLD_OF_A_CODE };
        match alike.split_first() {
            // It was told with the first of those that say the same.
            None => {}
            Some((_, others)) if others.len() >= most => {
                told.push((finding, Some(some_of(others.iter(), UNMANAGED))));
                alike.clear();
            }
            Some(_) => told.push((finding, None)),
        }
    }
    told
}

fn one(finding: &Finding, style: &Style) -> String {
    let Finding { severity, code, message, resource, origin } = finding;
    let is_named = resource.kind == ResourceType::Cluster || message.contains(&resource.name);
    let about = if is_named { String::new() } else { format!("{resource}: ") };
    format!("{} {code}: {about}{message}{}\n", word(*severity, style), place(origin.as_ref(), style))
}

fn word(severity: Severity, style: &Style) -> String {
    match severity {
        Severity::Info => style.paint(Ink::Faint, "info"),
        Severity::Warning => style.paint(Ink::Attention, "warning"),
    }
}

/// A finding without the name of its resource.
fn sentence(finding: &Finding) -> Sentence<'_> {
    let Finding { severity, code, message, resource, .. } = finding;
    (*severity, code, without_name(message, &resource.name))
}
