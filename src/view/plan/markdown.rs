//! A plan for a pull request: the summary first, then what stands in the way, what is at risk and who is hurt, then every
//! change; never longer than a comment may be.

use super::fold::{Block, blocks, felt_together, in_common, noun};
use super::{
    Mark, Telling, details, details_in_common, entries, felt_by, own_lines, said_by, steps_by_resource,
    summary, unasked,
};
use crate::view::Style;
use crate::view::counting::{counted, thousands};
use crate::view::markdown::{Bounded, code, codes, fenced, html};
use klerk_core::plan::{Change, Finding, Plan, Risk, Severity, Step};
use klerk_core::values::{Origin, Resource, ResourceType};
use std::collections::{BTreeMap, BTreeSet};

/// GitHub takes no comment of 65,536 characters or more.
pub const LIMIT: usize = 65_535;
/// How many names stand in a row.
const NAMES: usize = 10;
/// Beyond this many rows a table is folded.
const UNFOLDED: usize = 25;
const PLAIN: Style = Style::plain();

/// The whole plan.
pub fn markdown(plan: &Plan, telling: &Telling) -> String {
    let by_resource = steps_by_resource(plan);
    let entries = entries(&by_resource);
    let mut text = Bounded::new(LIMIT);
    text.add(&heading(plan));
    text.add(&standing(plan, telling));
    text.section("\n#### Conflicts\n\n", &conflicts(plan), "", 50, ("conflict", "conflicts"));
    text.section("\n#### Risks\n\n", &risks(plan), "", 50, ("risk", "risks"));
    let blocks = blocks(entries, false);
    hurt(&mut text, &blocks);
    let blocked: BTreeSet<&Resource> = plan.conflicts.iter().map(|conflict| &conflict.resource).collect();
    for (mark, title) in [(Mark::Delete, "Delete"), (Mark::Change, "Change"), (Mark::Create, "Create")] {
        let of_mark: Vec<&Block<'_>> = blocks.iter().filter(|block| block.mark() == mark).collect();
        changes(&mut text, title, &of_mark, &blocked);
    }
    text.section("\n#### Findings\n\n", &findings(plan), "", 60, ("finding", "findings"));
    let kinds = ("kind of unmanaged resources", "kinds of unmanaged resources");
    let left_alone = match plan.against {
        Some(_) => "\n#### No longer named, would be left alone (unmanaged)\n\n",
        None => "\n#### Unmanaged, left alone\n\n",
    };
    text.section(left_alone, &unmanaged(plan), "", 100, kinds);
    text.finish()
}

fn heading(plan: &Plan) -> String {
    let mut place = Vec::new();
    if let Some(environment) = &plan.environment {
        place.push(format!("environment {}", code(environment)));
    }
    match &plan.against {
        Some(against) => place.push(format!(
            "what the files ask for beyond what they asked for at {}; no cluster was looked at",
            code(against)
        )),
        None => place.push(format!("cluster {}", code(&plan.cluster_id))),
    }
    format!("### klerk plan: {}\n\n{}\n", summary(&plan.summary()), capital(&place.join(", ")))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

/// Whether it can be applied, and what is typed for that.
fn standing(plan: &Plan, telling: &Telling) -> String {
    let by_hand = plan.by_hand();
    let needed = plan.requires();
    let needed: Vec<_> = needed.difference(&by_hand).collect();
    let mut text = String::new();
    if plan.is_empty() {
        text.push_str("\n**Nothing would change.**\n");
    } else if plan.against.is_some() {
        text.push_str("\nIt shows what a change of the files asks for, and cannot be applied itself.\n");
        if !needed.is_empty() {
            let flags: Vec<String> = needed.iter().map(|name| format!("--allow {name}")).collect();
            text.push_str(&format!("**Applying such a plan would need `{}`.**\n", flags.join(" ")));
        }
    } else if plan.is_appliable() && by_hand.is_empty() {
        let line = match plan.skips_blocked {
            true => telling.apply.clone().word("--skip-blocked"),
            false => telling.apply.clone(),
        };
        let line = needed.iter().fold(line, |line, name| line.flag("--allow", name.as_str()));
        text.push_str(&format!("\nTo apply it: {}\n", code(&line.to_string())));
    } else if !plan.is_appliable() {
        text.push_str(
            "\n**It cannot be applied:** what stands under conflicts cannot be granted by any flag.\n",
        );
    }
    if !by_hand.is_empty() {
        let names: Vec<&str> = by_hand.iter().map(|name| name.as_str()).collect();
        text.push_str(&format!(
            "\n**By hand only, as the policy says, and no part of an apply:** {}.\n",
            names.join(", ")
        ));
    }
    text
}

fn conflicts(plan: &Plan) -> Vec<String> {
    let row = |conflict: &klerk_core::plan::Conflict| {
        format!(
            "- {} {}{}: {}\n",
            named(&conflict.resource),
            conflict.reason.as_str(),
            at(conflict.origin.as_ref()),
            code(&conflict.message)
        )
    };
    plan.conflicts.iter().map(row).collect()
}

/// Each risk with what it means and what it is of.
fn risks(plan: &Plan) -> Vec<String> {
    let mut of_risk: BTreeMap<Risk, BTreeSet<Resource>> = BTreeMap::new();
    for step in &plan.steps {
        for risk in &step.risks {
            of_risk.entry(*risk).or_default().insert(step.change.resource());
        }
    }
    let row = |(risk, resources): (Risk, BTreeSet<Resource>)| {
        let names: Vec<String> = resources.iter().map(ToString::to_string).collect();
        format!("- **{risk}**: {} ({})\n", risk.meaning(), codes(names.iter().map(String::as_str), NAMES))
    };
    of_risk.into_iter().map(row).collect()
}

/// What is said of each resource that is at risk: who reads it, and how much goes. Of those to which the same happens it
/// is said together.
fn hurt(text: &mut Bounded, blocks: &[Block<'_>]) {
    let is_risky = |block: &&Block<'_>| {
        block.entries().iter().flat_map(|entry| entry.steps).any(|step| !step.risks.is_empty())
    };
    let mut rows = Vec::new();
    let mut together = Vec::new();
    for block in blocks.iter().filter(is_risky) {
        let (what, lines) = match block {
            Block::One(entry) => {
                let mut lines = own_lines(entry.steps);
                lines.extend(felt_by(entry.steps));
                let listed = lines.iter().map(|line| format!("  - {}\n", code(line))).collect::<String>();
                (format!("- {}\n{listed}", named(entry.resource)), lines)
            }
            Block::Many(entries) => {
                let names = entries.iter().map(|entry| entry.resource.name.as_str());
                (format!("- {}: {}\n", noun(entries), codes(names, NAMES)), felt_together(entries))
            }
        };
        if lines.is_empty() {
            continue;
        }
        rows.push(what);
        if let Block::Many(entries) = block {
            together.push((noun(entries), lines));
        }
    }
    let touched = ("resource that is touched", "resources that are touched");
    text.section("\n#### What is lost, and who is touched\n\n", &rows, "", 50, touched);
    for (noun, lines) in together {
        let (fence, rows) = fenced(&lines.join("\n"));
        let open = format!("\n<details><summary>of these {noun}</summary>\n\n{fence}text\n");
        let close = format!("{fence}\n\n</details>\n");
        text.section(&open, &rows, &close, 50, ("line of what is touched", "lines of what is touched"));
    }
}

/// A table of the changes of a kind, and below it what is too long for a cell.
fn changes(text: &mut Bounded, title: &str, blocks: &[&Block<'_>], blocked: &BTreeSet<&Resource>) {
    let rows: Vec<String> = blocks.iter().map(|block| row(block)).collect();
    let entries = || blocks.iter().flat_map(|block| block.entries());
    let stuck = entries().filter(|entry| blocked.contains(entry.resource)).count();
    // The summary counts what is blocked in part among the blocked.
    let count = match (entries().count(), stuck) {
        (all, 0) => thousands(all).to_string(),
        (all, stuck) => format!("{}, and {} blocked", thousands(all - stuck), thousands(stuck)),
    };
    let head = "| resource | what happens | values from | line |\n|---|---|---|---|\n";
    let (open, close) = match rows.len() > UNFOLDED {
        false => (format!("\n#### {title} ({count})\n\n{head}"), String::new()),
        true => (
            format!(
                "\n#### {title} ({count})\n\n<details><summary>{}</summary>\n\n{head}",
                counted(rows.len(), "row", "rows")
            ),
            "\n</details>\n".to_owned(),
        ),
    };
    text.section(&open, &rows, &close, 60, ("row of changes", "rows of changes"));
    for block in blocks.iter().filter(|block| block.entries().len() > NAMES) {
        let names: Vec<String> = block
            .entries()
            .iter()
            .map(|entry| format!("- {}{}\n", code(&entry.resource.name), at(super::asked_by(entry.steps))))
            .collect();
        let open = format!("\n<details><summary>all {}</summary>\n\n", noun(block.entries()));
        text.section(&open, &names, "\n</details>\n", 40, ("name", "names"));
    }
    for entry in blocks.iter().flat_map(|block| block.entries()) {
        let tables: Vec<String> =
            entry.steps.iter().filter(|step| is_table(step)).flat_map(|step| details(step)).collect();
        let (fence, rows) = fenced(&tables.join("\n"));
        let name = format!("{} {}", entry.resource.kind, html(&entry.resource.name));
        let open = format!("\n<details><summary>{name}</summary>\n\n{fence}text\n");
        let close = format!("{fence}\n\n</details>\n");
        text.section(&open, &rows, &close, 60, ("line of partitions", "lines of partitions"));
    }
}

/// Partitions are tables of their own.
fn is_table(step: &Step) -> bool {
    matches!(step.change, Change::Group(_) | Change::Records(_))
}

fn row(block: &Block<'_>) -> String {
    let entries = block.entries();
    let Some(first) = entries.first() else { return String::new() };
    let what = match entries {
        [one] => named(one.resource),
        several => {
            let names = several.iter().map(|entry| entry.resource.name.as_str());
            format!("{}: {}", noun(several), codes(names, NAMES))
        }
    };
    let told: Vec<String> = match entries {
        [_] => first.steps.iter().filter(|step| !is_table(step)).flat_map(|step| details(step)).collect(),
        several if first.steps.iter().any(|step| is_table(step)) => {
            let of_first = several.first().map_or(&[][..], |entry| entry.steps);
            of_first.iter().filter(|step| !is_table(step)).flat_map(|step| details_in_common(step)).collect()
        }
        several => in_common(several),
    };
    let mut lines: Vec<String> = told.iter().map(|line| code(line)).collect();
    if first.steps.iter().any(|step| is_table(step)) {
        lines.push("partition by partition below".to_owned());
    }
    lines.extend(unasked(first.steps, &PLAIN));
    let said: BTreeSet<String> = entries
        .iter()
        .flat_map(|entry| said_by(entry.steps, false, &PLAIN))
        .map(|line| code(line.trim_start_matches("from ")))
        .collect();
    let said: Vec<String> = said.into_iter().collect();
    let line = match entries {
        [one] => at(super::asked_by(one.steps)),
        _ => String::new(),
    };
    format!(
        "| {} {what} | {} | {} | {} |\n",
        first.mark.sign(),
        lines.join("<br>"),
        said.join("<br>"),
        line.trim()
    )
}

/// Findings, those of a code together, and what is the same of several told once.
fn findings(plan: &Plan) -> Vec<String> {
    let mut findings: Vec<&Finding> = plan.findings.iter().collect();
    findings.sort_by_key(|finding| (finding.severity != Severity::Warning, finding.code));
    let row = |(finding, likewise): (&Finding, Option<String>)| {
        let about = match finding.resource.kind {
            // What is about the cluster as a whole says so itself.
            ResourceType::Cluster => String::new(),
            _ => format!(" {}", named(&finding.resource)),
        };
        let likewise = likewise.map(|names| format!(", likewise {}", code(&names))).unwrap_or_default();
        format!(
            "- {} {}{about}{}: {}{likewise}\n",
            finding.severity.as_str(),
            code(finding.code),
            at(finding.origin.as_ref()),
            code(&finding.message)
        )
    };
    super::told_once(findings.into_iter()).into_iter().map(row).collect()
}

fn unmanaged(plan: &Plan) -> Vec<String> {
    let kinds = [
        (&plan.unmanaged.topics, "topic", "topics"),
        (&plan.unmanaged.subjects, "subject", "subjects"),
        (&plan.unmanaged.groups, "group", "groups"),
        (&plan.unmanaged.acls, "principal with ACLs", "principals with ACLs"),
        (&plan.unmanaged.quotas, "quota", "quotas"),
        (&plan.unmanaged.users, "user", "users"),
    ];
    let row = |(names, one, many): (&BTreeSet<String>, &str, &str)| {
        let count = counted(names.len(), one, many);
        format!("- {count}: {}\n", codes(names.iter().map(String::as_str), NAMES))
    };
    kinds.into_iter().filter(|(names, ..)| !names.is_empty()).map(row).collect()
}

fn named(resource: &Resource) -> String {
    format!("{} {}", resource.kind.as_str(), code(&resource.name))
}

fn at(origin: Option<&Origin>) -> String {
    origin
        .map_or_else(String::new, |origin| format!(" {}", code(&format!("{}:{}", origin.file, origin.line))))
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;
