//! A plan for people: what would be done to which resource, on whose word, at what risk, and a last line that counts.

use super::counting::{counted, some_of, thousands};
use super::{Ink, Style, access, moves, offsets, truncation};
use klerk_core::plan::{
    Change, ClusterChange, Conflict, ConflictReason, GroupChange, LeaderMove, Permission, Plan, Step,
    SubjectChange, Summary, TopicChange,
};
use klerk_core::schema::CompatibilityLevel;
use klerk_core::values::{Origin, Resource, ResourceType, TopicId, describe_config_value, first_few_of};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

mod apply_line;
mod finding;
mod fold;
mod impact;
mod markdown;
mod telling;

pub use super::offsets::span_unknown;
pub use apply_line::ApplyLine;
use finding::findings;
pub(super) use finding::told_once;
use fold::{Block, blocks, many};
use impact::{felt_by, once, own_lines, risk_lines, unasked};
pub use markdown::markdown;
pub use telling::Telling;

/// Beyond this many resources that are changed each in a way of its own, each gets one line instead of several.
const DETAILED: usize = 60;
/// How many unmanaged names of a kind are shown.
const UNMANAGED: usize = 10;
/// How many elections of a topic are shown one by one.
const LEADERS: usize = 20;
/// Beyond this many that have the same code, findings and conflicts are told of the first ones.
const TOLD_OF_A_CODE: usize = 20;

/// A resource with the steps that change it.
#[derive(Debug, Clone, Copy)]
struct Entry<'a> {
    mark: Mark,
    resource: &'a Resource,
    steps: &'a [&'a Step],
}

/// The whole plan.
pub fn human(plan: &Plan, telling: &Telling, style: &Style) -> String {
    let by_resource = steps_by_resource(plan);
    let entries = entries(&by_resource);
    let alone = entries.len() == 1;
    let blocks = blocks(entries, telling.full);
    let detailed = telling.full || blocks.len() <= DETAILED;
    let mut text = String::new();
    for block in &blocks {
        text.push_str(&match block {
            Block::Many(entries) => many(entries, style),
            Block::One(entry) if detailed => one(entry, telling.full, alone, style),
            Block::One(entry) => in_a_line(entry, style),
        });
    }
    text.push_str(&conflicts(&plan.conflicts, telling.full, style));
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&aside(plan, telling.full, style));
    if blocks.iter().any(|block| matches!(block, Block::Many(_))) {
        let line = "What changes alike is told of together; --full tells of each by itself.";
        let _ = writeln!(text, "{}", style.paint(Ink::Faint, line));
    }
    if let Some(environment) = &plan.environment {
        let of_cluster = match plan.cluster_id.as_str() {
            "" => String::new(),
            id => format!(", cluster {id}"),
        };
        let _ = writeln!(text, "Environment {environment}{of_cluster}");
    }
    let _ = writeln!(text, "{}", style.paint(Ink::Strong, &summary(&plan.summary())));
    text.push_str(&requirements(plan, telling, style));
    text
}

fn steps_by_resource(plan: &Plan) -> BTreeMap<Resource, Vec<&Step>> {
    let mut resources: BTreeMap<Resource, Vec<&Step>> = BTreeMap::new();
    for step in &plan.steps {
        resources.entry(step.change.resource()).or_default().push(step);
    }
    resources
}

/// The resources by what happens to them, then by name.
fn entries<'a>(by_resource: &'a BTreeMap<Resource, Vec<&'a Step>>) -> Vec<Entry<'a>> {
    let entry = |(resource, steps): (&'a Resource, &'a Vec<&'a Step>)| Entry {
        mark: Mark::of(steps),
        resource,
        steps,
    };
    let mut entries: Vec<Entry<'a>> = by_resource.iter().map(entry).collect();
    entries.sort_by_key(|entry| (entry.mark, entry.resource));
    entries
}

/// One resource with everything that is to be said of it, and where its values come from, where `alone` or `full` asks
/// for that.
fn one(entry: &Entry<'_>, full: bool, alone: bool, style: &Style) -> String {
    let Entry { mark, resource, steps } = *entry;
    let origin = asked_by(steps);
    let mut text = format!("{} {resource}{}\n", style.paint(mark.ink(), mark.sign()), place(origin, style));
    let mut lines = all_details(resource, steps, origin, style);
    if full || alone {
        lines.extend(said_by(steps, full, style));
    }
    lines.extend(risk_lines(steps, style));
    lines.extend(own_lines(steps));
    lines.extend(felt_by(steps));
    lines.extend(unasked(steps, style));
    for line in once(lines).iter().flat_map(|line| line.lines()) {
        let _ = writeln!(text, "    {line}");
    }
    text
}

/// One resource in a line. Who and what is hurt takes another one.
fn in_a_line(entry: &Entry<'_>, style: &Style) -> String {
    let Entry { mark, resource, steps } = *entry;
    let details: Vec<String> = steps.iter().flat_map(|step| details(step)).collect();
    let details = details.iter().flat_map(|detail| detail.lines()).collect::<Vec<_>>().join("; ");
    let risks: BTreeSet<&str> = steps.iter().flat_map(|step| &step.risks).map(|risk| risk.as_str()).collect();
    let risks: Vec<&str> = risks.into_iter().collect();
    let risks = if risks.is_empty() { String::new() } else { format!(" [{}]", risks.join(", ")) };
    let mut text = format!(
        "{} {resource}  {details}{}\n",
        style.paint(mark.ink(), mark.sign()),
        style.paint(Ink::Attention, &risks)
    );
    let mut hurt = own_lines(steps);
    hurt.extend(felt_by(steps));
    if !hurt.is_empty() {
        let _ = writeln!(text, "    {}", once(hurt).join("; "));
    }
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

/// All conflicts; of very many with the same reason the first ones, and the names of the others.
fn conflicts(conflicts: &[Conflict], full: bool, style: &Style) -> String {
    let mut text = String::new();
    let mut untold: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for conflict in conflicts {
        let reason = conflict.reason.as_str();
        let told = told.entry(reason).or_default();
        if full || *told < TOLD_OF_A_CODE {
            *told += 1;
            text.push_str(&blocked(conflict, style));
        } else {
            untold.entry(reason).or_default().push(conflict.resource.to_string());
        }
    }
    for (reason, names) in untold {
        let count = counted(names.len(), "conflict", "conflicts");
        let _ = writeln!(
            text,
            "{} {count} more of {reason}: {}  (--full tells all)",
            style.paint(Ink::Bad, "!"),
            some_of(names.iter(), UNMANAGED)
        );
    }
    text
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
        let creates = steps.iter().any(|step| step.change.creates());
        let deletes = steps.iter().any(|step| step.change.deletes());
        if creates && deletes {
            Mark::Change
        } else if creates {
            Mark::Create
        } else if deletes {
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

/// What the steps of a resource change.
fn all_details(
    resource: &Resource,
    steps: &[&Step],
    of_resource: Option<&Origin>,
    style: &Style,
) -> Vec<String> {
    let placed = |lines: Vec<String>, step| placed(lines, step, of_resource, style);
    match resource.kind {
        ResourceType::Acl => {
            access::lines(steps).into_iter().flat_map(|(line, step)| placed(vec![line], step)).collect()
        }
        _ => steps.iter().flat_map(|step| placed(details(step), step)).collect(),
    }
}

/// The details of a step, with the line that asked for it where that is not the line of the whole resource: each config
/// of a topic with its own.
fn placed(mut lines: Vec<String>, step: &Step, of_resource: Option<&Origin>, style: &Style) -> Vec<String> {
    let line = |origin: &Origin| (origin.file.clone(), origin.line);
    let is_elsewhere = step.origin.as_ref().map(line) != of_resource.map(line);
    if let (true, Change::Topic(TopicChange::SetConfig { to, .. })) = (is_elsewhere, &step.change) {
        for (line, key) in lines.iter_mut().zip(to.keys()) {
            let own = step.origins.get(key).map(|said| &said.origin);
            line.push_str(&place(own.or(step.origin.as_ref()), style));
        }
    } else if let Some(first) = lines.first_mut().filter(|_| is_elsewhere) {
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
        Change::Access(change) => access::details(change),
    }
}

/// The same without what is each resource's own, for resources that are told of together: the id of a topic, and from where
/// to where its replicas go.
fn details_in_common(step: &Step) -> Vec<String> {
    match &step.change {
        Change::Topic(TopicChange::Delete { partitions, replication, while_empty, .. }) => {
            vec![whole_topic(*partitions, *replication, None, *while_empty)]
        }
        Change::Topic(TopicChange::MoveReplicas { from, to, throttle, .. }) => {
            moves::in_common(from, to, throttle.as_ref())
        }
        _ => details(step),
    }
}

fn whole_topic(partitions: i32, replication: Option<i16>, id: Option<TopicId>, while_empty: bool) -> String {
    let replication = replication.map_or_else(|| "uneven".to_owned(), |factor| factor.to_string());
    let id = id.map_or_else(String::new, |id| format!(", id {id}"));
    let only = only_while_empty(while_empty);
    format!("the whole topic: partitions {partitions}, replication {replication}{id}{only}")
}

fn only_while_empty(while_empty: bool) -> &'static str {
    if while_empty { ", only while it is empty" } else { "" }
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
        TopicChange::MoveReplicas { from, to, throttle, .. } => moves::lines(from, to, throttle.as_ref()),
        TopicChange::CancelMoves { from, to, .. } => moves::cancelled(from, to),
        TopicChange::Delete { id, partitions, replication, while_empty, .. } => {
            vec![whole_topic(*partitions, *replication, *id, *while_empty)]
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
            first_few_of(partitions.iter().map(moved), LEADERS, ("partition", "partitions"))
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
                |from| match from.version {
                    0 => "that of the revision → new version".to_owned(),
                    version => format!("version {version} (id {}) → new version", from.id),
                },
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
        SubjectChange::Delete { from, permanent, .. } => {
            let what = match from {
                Some(_) if *permanent => "all its versions, for good",
                Some(_) => "all its versions, out of sight",
                None => "what is out of sight goes for good",
            };
            vec![what.to_owned()]
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

/// The layers and lines that the values come from which the resource does not say itself, each with the keys; with its
/// own lines too, where `own` asks for them.
fn said_by(steps: &[&Step], own: bool, style: &Style) -> Vec<String> {
    let mut lines: BTreeMap<(Option<&str>, &str, u32), Vec<&str>> = BTreeMap::new();
    for (key, said) in steps.iter().flat_map(|step| &step.origins) {
        let line = (said.layer.as_deref(), &*said.origin.file, said.origin.line);
        lines.entry(line).or_default().push(key);
    }
    let at = asked_by(steps).map(|origin| (&*origin.file, origin.line));
    let told = lines
        .into_iter()
        .filter(|((layer, file, line), _)| layer.is_some() || (own && at != Some((*file, *line))));
    told.map(|((layer, file, line), keys)| {
        let layer = layer.unwrap_or("the resource itself");
        let place = style.paint(Ink::Faint, &format!("  ({file}:{line})"));
        format!("from {layer}: {}{place}", keys.join(", "))
    })
    .collect()
}

/// What is not part of the plan and is worth knowing.
fn aside(plan: &Plan, full: bool, style: &Style) -> String {
    let mut text = unmanaged(plan, full);
    text.push_str(&findings(&plan.findings, full, style));
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn unmanaged(plan: &Plan, full: bool) -> String {
    let unmanaged = &plan.unmanaged;
    let words = match plan.against {
        Some(_) => "no longer named, would be left alone (unmanaged)",
        None => "unmanaged, left alone",
    };
    let kinds = [
        (&unmanaged.topics, "topic", "topics"),
        (&unmanaged.subjects, "subject", "subjects"),
        (&unmanaged.groups, "group", "groups"),
        (&unmanaged.acls, "principal with ACLs", "principals with ACLs"),
        (&unmanaged.quotas, "quota", "quotas"),
        (&unmanaged.users, "user", "users"),
    ];
    let most = if full { usize::MAX } else { UNMANAGED };
    let mut text = String::new();
    for (names, one, many) in kinds {
        if !names.is_empty() {
            let count = counted(names.len(), one, many);
            let _ = writeln!(text, "{words}: {count}: {}", some_of(names.iter(), most));
        }
    }
    text
}

/// What stands between the plan and its being carried out.
fn requirements(plan: &Plan, telling: &Telling, style: &Style) -> String {
    let mut text = String::new();
    let flags = |names: &[Permission]| {
        names.iter().map(|name| format!("--allow {name}")).collect::<Vec<_>>().join(" ")
    };
    let required = plan.requires();
    if let Some(against) = &plan.against {
        let _ = writeln!(
            text,
            "Compared with {against}, and with no cluster: it shows what a change of the files asks for, and cannot be \
             applied."
        );
        if !required.is_empty() {
            let _ = writeln!(
                text,
                "Applying such a plan would need {}.",
                flags(&required.iter().copied().collect::<Vec<_>>())
            );
        }
        return text;
    }
    if !plan.is_appliable() {
        let unread = plan.conflicts.iter().all(|conflict| conflict.reason == ConflictReason::NotReadable);
        let line = match plan.skips_blocked {
            false if unread => "The plan cannot be applied: what is marked ! could not be read.",
            false => "The plan cannot be applied: what is marked ! cannot be granted by any change.",
            true => "The plan cannot be applied: without what is marked ! there is nothing to change.",
        };
        let _ = writeln!(text, "{}", style.paint(Ink::Bad, line));
        return text;
    }
    if plan.left_out() > 0 {
        let left_out = counted(plan.left_out(), "resource is", "resources are");
        let line = format!("{left_out} marked ! and left out; the rest can be applied.");
        let _ = writeln!(text, "{}", style.paint(Ink::Attention, &line));
    }
    let by_hand = plan.by_hand();
    let (allowed, missing): (Vec<Permission>, Vec<Permission>) =
        required.difference(&by_hand).partition(|name| telling.allowed.contains(name));
    match (allowed.is_empty(), missing.is_empty()) {
        (_, true) => {}
        (true, false) => {
            let _ = writeln!(text, "To apply it, {} is needed.", flags(&missing));
        }
        (false, false) => {
            let _ = writeln!(text, "To apply it, {} is needed beside {}.", flags(&missing), flags(&allowed));
        }
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
