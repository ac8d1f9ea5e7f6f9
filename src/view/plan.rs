//! A plan for people: what would be done to which resource, on whose word, at what risk, and a last line that counts.

use super::counting::{counted, some_of, thousands};
use super::{Ink, Style, loss, moves, offsets, truncation};
use klerk_core::plan::{
    Change, ClusterChange, Conflict, Finding, GroupChange, LeaderMove, Plan, Severity, Step, SubjectChange,
    Summary, TopicChange, Unmanaged,
};
use klerk_core::schema::CompatibilityLevel;
use klerk_core::values::{Origin, Resource, ResourceType, describe_config_value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Beyond this many resources each gets one line instead of several.
const DETAILED: usize = 60;
/// What is said of a topic as a whole, and often of many.
const OF_MANY_TOPICS: [&str; 2] = ["topic/compaction-without-key", "topic/retention-below-segment"];
/// How many unmanaged names of a kind are shown.
const UNMANAGED: usize = 10;
/// How many elections of a topic are shown one by one.
const LEADERS: usize = 20;
/// Beyond this many, what is merely worth knowing and the same of all is told of the first.
const TOLD_ONE_BY_ONE: usize = 2;

/// The whole plan.
pub fn human(plan: &Plan, style: &Style) -> String {
    let mut resources: BTreeMap<Resource, Vec<&Step>> = BTreeMap::new();
    for step in &plan.steps {
        resources.entry(step.change.resource()).or_default().push(step);
    }
    let mut sorted: Vec<(Mark, &Resource, &[&Step])> =
        resources.iter().map(|(resource, steps)| (Mark::of(steps), resource, steps.as_slice())).collect();
    sorted.sort_by_key(|(mark, resource, _)| (*mark, *resource));

    let detailed = sorted.len() <= DETAILED;
    let mut text = String::new();
    for (mark, resource, steps) in &sorted {
        let origin = asked_by(steps);
        let details = steps.iter().flat_map(|step| placed(step, origin, detailed, style)).collect::<Vec<_>>();
        let head = format!("{} {resource}", style.paint(mark.ink(), mark.sign()));
        if detailed {
            let _ = writeln!(text, "{head}{}", place(origin, style));
            for line in details.iter().flat_map(|detail| detail.lines()) {
                let _ = writeln!(text, "    {line}");
            }
            text.push_str(&consequences(steps, style));
        } else {
            let details = details.iter().flat_map(|detail| detail.lines()).collect::<Vec<_>>().join("; ");
            let risks: Vec<&str> =
                steps.iter().flat_map(|step| &step.risks).map(|risk| risk.as_str()).collect();
            let risks = if risks.is_empty() { String::new() } else { format!(" [{}]", risks.join(", ")) };
            let _ = writeln!(text, "{head}  {details}{}", style.paint(Ink::Attention, &risks));
        }
    }
    for conflict in &plan.conflicts {
        text.push_str(&blocked(conflict, style));
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&aside(plan, style));
    let _ = writeln!(text, "{}", style.paint(Ink::Strong, &summary(&plan.summary())));
    text.push_str(&requirements(plan, style));
    text
}

/// The line that counts resources, the same for every plan.
pub fn summary(summary: &Summary) -> String {
    let mut parts = vec![
        format!("{} to create", thousands(summary.create)),
        format!("{} to change", thousands(summary.change)),
    ];
    if summary.delete > 0 {
        parts.push(format!("{} to delete", thousands(summary.delete)));
    }
    parts.push(format!("{} blocked", thousands(summary.blocked)));
    format!("{}; {} unchanged", parts.join(", "), thousands(summary.unchanged))
}

/// A conflict, with the reason as a word and in words.
fn blocked(conflict: &Conflict, style: &Style) -> String {
    let sign = style.paint(Ink::Bad, "!");
    let mut text = format!("{sign} {}{}\n", conflict.resource, place(conflict.origin.as_ref(), style));
    let _ = writeln!(text, "    {}: {}", conflict.reason.as_str(), conflict.message.replace('\n', "\n    "));
    text
}

/// What happens to a resource. Meaning rests on the sign; colour only repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    Create,
    Change,
    Delete,
    Unchanged,
}

impl Mark {
    fn of(steps: &[&Step]) -> Mark {
        if steps.iter().any(|step| step.change.creates()) {
            Mark::Create
        } else if steps.iter().any(|step| step.change.deletes()) {
            Mark::Delete
        } else if steps.iter().all(|step| step.change.is_unchanged()) {
            Mark::Unchanged
        } else {
            Mark::Change
        }
    }

    pub(super) fn of_step(step: &Step) -> Mark {
        Mark::of(&[step])
    }

    pub(super) fn sign(self) -> &'static str {
        match self {
            Mark::Create => "+",
            Mark::Change => "~",
            Mark::Delete => "-",
            Mark::Unchanged => "=",
        }
    }

    pub(super) fn ink(self) -> Ink {
        match self {
            Mark::Create => Ink::Good,
            Mark::Change => Ink::Attention,
            Mark::Delete => Ink::Bad,
            Mark::Unchanged => Ink::Faint,
        }
    }
}

fn place(origin: Option<&Origin>, style: &Style) -> String {
    origin.map_or_else(String::new, |origin| {
        style.paint(Ink::Faint, &format!("  ({}:{})", origin.file, origin.line))
    })
}

/// The line that asked for a resource. A level may stand far from the schema that it is for.
fn asked_by<'a>(steps: &[&'a Step]) -> Option<&'a Origin> {
    let is_level =
        |step: &Step| matches!(step.change, Change::Subject(SubjectChange::SetCompatibility { .. }));
    let own = steps.iter().find(|step| !is_level(step)).or(steps.first());
    own.and_then(|step| step.origin.as_ref())
}

/// The details of a step, with the line that asked for it where that is not the line of the whole resource.
fn placed(step: &Step, of_resource: Option<&Origin>, detailed: bool, style: &Style) -> Vec<String> {
    let mut lines = details(step);
    let line = |origin: &Origin| (origin.file.clone(), origin.line);
    let is_elsewhere = step.origin.as_ref().map(line) != of_resource.map(line);
    if let Some(first) = lines.first_mut().filter(|_| detailed && is_elsewhere) {
        first.push_str(&place(step.origin.as_ref(), style));
    }
    lines
}

/// What a step changes, a line a value.
fn details(step: &Step) -> Vec<String> {
    match &step.change {
        Change::Topic(change) => topic(change),
        Change::Subject(change) => subject(change),
        Change::Group(change) => group(change),
        Change::Cluster(change) => cluster(change),
        Change::Records(change) => vec![truncation::listed(change)],
    }
}

fn topic(change: &TopicChange) -> Vec<String> {
    let brokers = |number: Option<i64>| {
        number.map_or_else(|| "as the broker has it".to_owned(), |number| number.to_string())
    };
    match change {
        TopicChange::Create { partitions, replication, configs, .. } => {
            let mut lines = vec![format!(
                "partitions {}, replication {}",
                brokers(partitions.map(i64::from)),
                brokers(replication.map(i64::from))
            )];
            lines.extend(
                configs.iter().map(|(key, value)| format!("{key}  {}", describe_config_value(key, value))),
            );
            lines
        }
        TopicChange::AddPartitions { from, to, .. } => vec![format!("partitions  {from} → {to}")],
        TopicChange::MoveReplicas { from, to, throttle, .. } => moves::lines(from, to, *throttle),
        TopicChange::Delete { id, partitions, replication, .. } => {
            let replication = replication.map_or_else(|| "uneven".to_owned(), |factor| factor.to_string());
            let id = id.map_or_else(String::new, |id| format!(", id {id}"));
            vec![format!("the whole topic: partitions {partitions}, replication {replication}{id}")]
        }
        TopicChange::SetConfig { from, to, .. } => to
            .iter()
            .map(|(key, to)| {
                let from = from.get(key).cloned().flatten();
                let from =
                    from.map_or_else(|| "not set".to_owned(), |from| describe_config_value(key, &from));
                let to = to.as_ref().map_or_else(
                    || "unset, as the broker has it".to_owned(),
                    |to| describe_config_value(key, to),
                );
                format!("{key}  {from} → {to}")
            })
            .collect(),
    }
}

fn cluster(change: &ClusterChange) -> Vec<String> {
    match change {
        ClusterChange::ElectLeaders { partitions, .. } => {
            let moved = |one: &LeaderMove| {
                let from = one.from.map_or_else(|| "none".to_owned(), |from| from.to_string());
                format!("partition {}  leader {from} → {}", one.partition, one.to)
            };
            let mut lines: Vec<String> = partitions.iter().take(LEADERS).map(moved).collect();
            if let Some(more) = partitions.len().checked_sub(LEADERS).filter(|more| *more > 0) {
                lines.push(format!("and {} more", counted(more, "partition", "partitions")));
            }
            lines
        }
        ClusterChange::SetConfig { from, to, .. } => to
            .iter()
            .map(|(key, to)| {
                let word = |value: Option<&String>| {
                    value.map_or_else(|| "not set".to_owned(), |value| describe_config_value(key, value))
                };
                format!("{key}  {} → {}", word(from.get(key).and_then(Option::as_ref)), word(to.as_ref()))
            })
            .collect(),
    }
}

fn subject(change: &SubjectChange) -> Vec<String> {
    match change {
        SubjectChange::Register { from, kind, references, .. } => {
            let from = from.map_or_else(
                || "first version".to_owned(),
                |from| format!("version {} (id {}) → new version", from.version, from.id),
            );
            let mut lines = vec![format!("schema  {from}, {kind}")];
            lines.extend(references.iter().map(|reference| {
                format!(
                    "refers to {}: version {} of {}",
                    reference.name, reference.version, reference.subject
                )
            }));
            lines
        }
        SubjectChange::SetCompatibility { from, to, .. } => {
            let word = |level: Option<CompatibilityLevel>| {
                level.map_or("as the registry has it", CompatibilityLevel::as_str)
            };
            vec![format!("compatibility  {} → {}", word(*from), word(*to))]
        }
    }
}

fn group(change: &GroupChange) -> Vec<String> {
    match change {
        GroupChange::CommitOffsets { kind, partitions, .. } => {
            let kind = kind.as_ref().map_or_else(|| "a new group".to_owned(), |kind| format!("{kind} group"));
            vec![kind, offsets::listed(partitions)]
        }
        GroupChange::DeleteOffsets { partitions, .. } => partitions
            .iter()
            .map(|(partition, before)| format!("{partition}  {} → no commit", before.offset))
            .collect(),
    }
}

/// Risks, who is touched, and what else is to be said of the steps of one resource, each line once.
fn consequences(steps: &[&Step], style: &Style) -> String {
    let mut lines: Vec<String> = Vec::new();
    let risks = steps.iter().flat_map(|step| &step.risks);
    lines.extend(
        risks.map(|risk| format!("{} {risk}: {}", style.paint(Ink::Attention, "risk"), risk.meaning())),
    );
    let groups: BTreeSet<_> = steps.iter().flat_map(|step| &step.impact.groups).collect();
    if !groups.is_empty() {
        lines.push(format!("read by {}", some_of(groups.into_iter(), UNMANAGED)));
    }
    lines.extend(steps.iter().flat_map(|step| step.impact.notes.iter().map(ToString::to_string)));
    lines.extend(steps.iter().filter_map(|step| step.impact.loss.as_ref()).flat_map(loss::lines));
    lines.extend(steps.iter().filter_map(|step| step.impact.copying.as_ref()).flat_map(moves::copying));
    if steps.iter().any(|step| !step.preflighted && can_be_asked_about(&step.change)) {
        lines.push(style.paint(Ink::Faint, "not put to the server beforehand"));
    }
    let mut said = BTreeSet::new();
    lines.retain(|line| said.insert(line.clone()));
    lines.iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "    {line}");
        text
    })
}

/// Whether a server could have been asked. Nobody expects it of what Kafka has no question for.
fn can_be_asked_about(change: &Change) -> bool {
    !matches!(change, Change::Group(_) | Change::Cluster(ClusterChange::ElectLeaders { .. }))
}

/// What is not part of the plan and is worth knowing.
fn aside(plan: &Plan, style: &Style) -> String {
    let mut text = unmanaged(&plan.unmanaged);
    let mut told = BTreeSet::new();
    for finding in &plan.findings {
        let Finding { severity, code, message, origin, resource } = finding;
        let word = match severity {
            Severity::Info => style.paint(Ink::Faint, "info"),
            Severity::Warning => style.paint(Ink::Attention, "warning"),
        };
        let alike = likewise(finding, &plan.findings);
        if alike.len() > TOLD_ONE_BY_ONE {
            if told.insert(code) {
                let others: Vec<String> =
                    alike.iter().filter(|other| *other != &resource).map(ToString::to_string).collect();
                let _ = writeln!(text, "{word} {code}: {message}{}", place(origin.as_ref(), style));
                let _ = writeln!(text, "    likewise {}", some_of(others.iter(), UNMANAGED));
            }
            continue;
        }
        let _ = writeln!(text, "{word} {code}: {message}{}", place(origin.as_ref(), style));
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// What the same is to be said of. A warning stands for itself, for each may want an answer of its own; and most of what
/// is said of a topic or a group is about one of its keys or partitions.
fn likewise<'a>(finding: &Finding, all: &'a [Finding]) -> Vec<&'a Resource> {
    let stands_for_itself =
        finding.resource.kind != ResourceType::Subject && !OF_MANY_TOPICS.contains(&finding.code);
    if finding.severity == Severity::Warning || stands_for_itself {
        return Vec::new();
    }
    all.iter().filter(|other| other.code == finding.code).map(|other| &other.resource).collect()
}

fn unmanaged(unmanaged: &Unmanaged) -> String {
    let kinds = [
        (&unmanaged.topics, "topic", "topics"),
        (&unmanaged.subjects, "subject", "subjects"),
        (&unmanaged.groups, "group", "groups"),
    ];
    let mut text = String::new();
    for (names, one, many) in kinds {
        if !names.is_empty() {
            let count = counted(names.len(), one, many);
            let _ = writeln!(text, "unmanaged, left alone: {count}: {}", some_of(names.iter(), UNMANAGED));
        }
    }
    text
}

/// What stands between the plan and its being carried out.
fn requirements(plan: &Plan, style: &Style) -> String {
    let mut text = String::new();
    if !plan.is_appliable() {
        let line = "The plan cannot be applied: what is marked ! cannot be granted by any change.";
        let _ = writeln!(text, "{}", style.paint(Ink::Bad, line));
        return text;
    }
    let by_hand = plan.by_hand();
    let flags: Vec<String> =
        plan.requires().difference(&by_hand).map(|name| format!("--allow {name}")).collect();
    if !flags.is_empty() {
        let _ = writeln!(text, "To apply it, {} is needed.", flags.join(" "));
    }
    if !by_hand.is_empty() {
        let names: Vec<&str> = by_hand.iter().map(|name| name.as_str()).collect();
        let _ = writeln!(text, "By hand only, as the policy says: {}.", names.join(", "));
    }
    text
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
