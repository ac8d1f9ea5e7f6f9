//! A report for people: the fate of every step, what a server ignored or changed, and what to do next.

use super::alike::without_name;
use super::counting::{counted, some_of, thousands};
use super::plan::Mark;
use super::{Ink, Style, access, moves};
use klerk_core::apply::{Outcome, Report, ReportOutcome, Settled, StepReport};
use klerk_core::placement::Throttle;
use klerk_core::plan::{Change, Conflict, ConflictReason};
use klerk_core::values::{Resource, describe_config_value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Beyond this many steps those that went well are counted instead of listed.
const DETAILED: usize = 60;
/// How many of those that met the same fate are named.
const NAMED: usize = 10;

/// The whole report; in `full` with every step by itself, however many there are.
pub fn human(report: &Report, full: bool, style: &Style) -> String {
    let mut text = String::new();
    // A refusal follows on the plan that has just been shown, with its steps and its conflicts.
    if report.outcome != ReportOutcome::Refused {
        text.push_str(&steps(report, full, style));
    }
    for throttle in &report.lifted {
        let _ = writeln!(text, "{}", lifted(throttle));
    }
    if let Some(error) = &report.error {
        let _ = writeln!(text, "{} {}", style.paint(Ink::Bad, "error:"), error.message);
        for hint in &error.hints {
            let _ = writeln!(text, "  {} {hint}", style.paint(Ink::Faint, "→"));
        }
    }
    let _ = writeln!(text, "{}", style.paint(ink(report.outcome), &conclusion(report)));
    if let Some(record) = &report.record {
        let _ = writeln!(text, "record: {record}");
    }
    for line in next(report) {
        let _ = writeln!(text, "  {} {line}", style.paint(Ink::Faint, "→"));
    }
    text
}

/// A throttle that an earlier run had left.
fn lifted(throttle: &Throttle) -> String {
    let listed = |names: Vec<String>| names.join(", ");
    let mut off = Vec::new();
    if !throttle.brokers.is_empty() {
        let ids = listed(throttle.brokers.keys().map(i32::to_string).collect());
        off.push(format!(
            "rates of {} {ids}",
            if throttle.brokers.len() == 1 { "broker" } else { "brokers" }
        ));
    }
    if !throttle.topics.is_empty() {
        let names = listed(throttle.topics.keys().cloned().collect());
        off.push(format!(
            "replicas of {} {names}",
            if throttle.topics.len() == 1 { "topic" } else { "topics" }
        ));
    }
    format!(
        "taken off: the throttle of {} that an earlier run of klerk had left ({})",
        moves::rate(throttle.rate),
        off.join("; ")
    )
}

fn steps(report: &Report, full: bool, style: &Style) -> String {
    let mut text = String::new();
    let detailed = full || report.steps.len() <= DETAILED;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut told: Vec<&StepReport> = Vec::new();
    for step in &report.steps {
        if !detailed && is_plain(step) {
            *counts.entry(step.step.change.kind()).or_default() += 1;
        } else {
            told.push(step);
        }
    }
    text.push_str(&fates(&told, detailed, style));
    for (kind, count) in counts {
        let _ = writeln!(
            text,
            "{}  {}",
            outcome_word(Outcome::Done, style),
            counted(count, &format!("step {kind}"), &format!("steps {kind}"))
        );
    }
    text
}

/// What became of each step; of many that met the same fate for the same reason, of the first one.
fn fates(steps: &[&StepReport], detailed: bool, style: &Style) -> String {
    let mut text = String::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut alike: Vec<(String, Vec<String>)> = Vec::new();
    for step in steps {
        let line = line(step, style);
        let name = step.step.change.resource().name;
        let same = without_name(&line, &name);
        match places.get(&same).and_then(|place| alike.get_mut(*place)).filter(|_| !detailed) {
            Some((_, others)) => others.push(name),
            None => {
                places.insert(same, alike.len());
                alike.push((line, Vec::new()));
            }
        }
    }
    for (line, others) in alike {
        text.push_str(&line);
        if !others.is_empty() {
            let count = counted(others.len(), "step", "steps");
            let _ = writeln!(
                text,
                "    likewise {count} more: {}  (--full tells of each by itself)",
                some_of(others.iter(), NAMED)
            );
        }
    }
    text
}

/// Whether there is nothing to be said of a step but that it is done.
fn is_plain(step: &StepReport) -> bool {
    step.outcome == Outcome::Done
        && step.settled == Some(Settled::AsAsked)
        && step.failure.is_none()
        && step.note.is_none()
}

fn line(report: &StepReport, style: &Style) -> String {
    let mark = Mark::of_step(&report.step);
    let mut text = format!(
        "{}  {} {} {}",
        outcome_word(report.outcome, style),
        style.paint(mark.ink(), mark.sign()),
        report.step.change.kind(),
        report.step.change.resource().name,
    );
    if let Change::Access(change) = &report.step.change {
        let _ = write!(text, "  {}", access::of_step(change));
    }
    if let Outcome::Partial { done, of } = report.outcome {
        let _ = write!(text, "  {done} of {of}");
    }
    text.push('\n');
    if let Some(failure) = &report.failure {
        let _ = writeln!(text, "    {}", failure.to_string().replace('\n', "\n    "));
    }
    for item in &report.items {
        let _ = writeln!(text, "    {}: {}", item.item, item.failure);
    }
    match report.settled {
        Some(Settled::NotAsAsked) if matches!(report.outcome, Outcome::Partial { .. }) => {
            text.push_str("    not as asked for:\n");
        }
        Some(Settled::NotAsAsked) => text.push_str(
            "    the server accepted it; changed by somebody else meanwhile, or made so by the server:\n",
        ),
        Some(Settled::MovedOnSince) => text.push_str("    somebody has changed it since:\n"),
        Some(Settled::AsAsked) | None => {}
    }
    for difference in &report.differences {
        let value = |value: &Option<String>| {
            let key = difference.field.strip_prefix("config.").unwrap_or(&difference.field);
            value.as_ref().map_or_else(|| "nothing".to_owned(), |value| describe_config_value(key, value))
        };
        let (asked, found) = (value(&difference.asked), value(&difference.found));
        let _ = writeln!(text, "    {}: asked for {asked}, found {found}", difference.field);
    }
    if let Some(note) = &report.note {
        let _ = writeln!(text, "    {note}");
    }
    text
}

/// The outcome by its word, in a column of its own.
fn outcome_word(outcome: Outcome, style: &Style) -> String {
    let ink = match outcome {
        Outcome::Done | Outcome::Running => Ink::Good,
        Outcome::Accepted | Outcome::Partial { .. } | Outcome::Unknown => Ink::Attention,
        Outcome::Rejected => Ink::Bad,
        Outcome::NotAttempted => Ink::Faint,
    };
    style.paint(ink, &format!("{:<13}", outcome.as_str()))
}

fn ink(outcome: ReportOutcome) -> Ink {
    match outcome {
        ReportOutcome::Done | ReportOutcome::NothingToDo => Ink::Good,
        ReportOutcome::Partial | ReportOutcome::Interrupted => Ink::Attention,
        ReportOutcome::Failed | ReportOutcome::Refused => Ink::Bad,
    }
}

/// One sentence with every step in it.
fn conclusion(report: &Report) -> String {
    let word = match report.outcome {
        ReportOutcome::Done => "Done",
        ReportOutcome::NothingToDo => "Nothing to do",
        ReportOutcome::Partial => "Partly done",
        ReportOutcome::Failed => "Failed; nothing was changed",
        ReportOutcome::Interrupted => "Stopped",
        ReportOutcome::Refused => "Refused; nothing was changed",
    };
    let untold = matches!(report.outcome, ReportOutcome::NothingToDo | ReportOutcome::Refused);
    if report.steps.is_empty() || untold {
        let word = match report.outcome {
            ReportOutcome::NothingToDo if !report.lifted.is_empty() => "Nothing else to do",
            _ => word,
        };
        return format!("{word}.");
    }
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for step in &report.steps {
        let word = step.outcome.as_str();
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    let counts: Vec<String> =
        counts.iter().map(|(word, count)| format!("{} {word}", thousands(*count))).collect();
    let differing = report.steps.iter().filter(|step| step.settled == Some(Settled::NotAsAsked)).count();
    let differing = if differing > 0 { format!("; {differing} not as asked") } else { String::new() };
    let blocked: BTreeSet<&Resource> = report.conflicts.iter().map(|conflict| &conflict.resource).collect();
    let blocked = match blocked.len() {
        0 => String::new(),
        count => format!("; {} left out", counted(count, "blocked resource", "blocked resources")),
    };
    format!(
        "{word}: {}: {}{differing}{blocked}.",
        counted(report.steps.len(), "step", "steps"),
        counts.join(", ")
    )
}

/// What to do next, most likely first.
fn next(report: &Report) -> Vec<String> {
    let has = |wanted: fn(Outcome) -> bool| report.steps.iter().any(|step| wanted(step.outcome));
    let mut lines = Vec::new();
    if has(|outcome| matches!(outcome, Outcome::Running)) {
        lines.push(
            "running: the brokers go on by themselves; klerk cluster moves shows how far they are, klerk cluster moves \
             --cancel takes back what is not done"
                .to_owned(),
        );
    }
    match report.outcome {
        ReportOutcome::Done | ReportOutcome::NothingToDo | ReportOutcome::Refused => {}
        ReportOutcome::Partial | ReportOutcome::Interrupted | ReportOutcome::Failed => {
            if has(|outcome| matches!(outcome, Outcome::Unknown)) {
                lines.push(
                    "unknown: no reply came, and looking did not settle it; plan again to see what is there"
                        .to_owned(),
                );
            }
            if has(|outcome| matches!(outcome, Outcome::Accepted)) {
                lines.push(
                    "accepted: the server said yes, and the change is not visible yet; look again in a while"
                        .to_owned(),
                );
            }
            let is_stale = report.error.as_ref().is_some_and(|error| error.kind == "stale");
            let all_done =
                report.steps.iter().all(|step| matches!(step.outcome, Outcome::Done | Outcome::Running));
            if is_stale {
                lines.push("plan anew to see what is left, and what somebody else has changed".to_owned());
            } else if !all_done {
                lines.push("the same command again does what is left".to_owned());
            }
            let (unread, of_file): (Vec<&Conflict>, Vec<&Conflict>) =
                report.conflicts.iter().partition(|conflict| conflict.reason == ConflictReason::NotReadable);
            if !of_file.is_empty() {
                lines.push("mend the lines of what is marked !, and apply again".to_owned());
            }
            if !unread.is_empty() {
                lines.push("see to what could not be read, marked ! too, and apply again".to_owned());
            }
        }
    }
    // A promise for what cannot be taken back would be found out at the worst time.
    let has_way_back = report.steps.iter().any(|step| {
        step.step.change.is_reversible() && !matches!(step.outcome, Outcome::NotAttempted | Outcome::Rejected)
    });
    if let (true, Some(record)) = (has_way_back, &report.record) {
        lines.push(format!("klerk undo {record} plans the way back"));
    }
    lines
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
