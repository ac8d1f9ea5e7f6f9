//! Resources to which the same happens, told of once. What is told is what they share; risks, losses and whoever is
//! touched are never folded away.

use super::{
    Entry, Mark, UNMANAGED, details_in_common, only_while_empty, own_lines, risk_lines, said_by, unasked,
};
use crate::view::counting::{counted, of_type, some_of};
use crate::view::loss::TopicSize;
use crate::view::{Style, loss, usage};
use klerk_core::plan::{Change, Loss, Risk, Step, TopicChange, Usage};
use klerk_core::values::ResourceType;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// A plan of no more resources is told one by one.
const WHOLE: usize = 10;
/// From this many on, resources that are changed alike are told of together.
const ALIKE: usize = 3;

/// How a note begins that says how many records a topic holds; a table of what goes says it in its own column.
const HOLDS: &str = "the topic holds up to ";

/// What makes resources alike.
type Shape = (Mark, ResourceType, Vec<String>, BTreeSet<Risk>);

/// One resource, or several to which the same happens.
pub(super) enum Block<'a> {
    One(Entry<'a>),
    Many(Vec<Entry<'a>>),
}

impl<'a> Block<'a> {
    /// The resources of it.
    pub fn entries(&self) -> &[Entry<'a>] {
        match self {
            Block::One(entry) => std::slice::from_ref(entry),
            Block::Many(entries) => entries,
        }
    }

    /// What happens to them.
    pub fn mark(&self) -> Mark {
        self.entries().first().map_or(Mark::Unchanged, |entry| entry.mark)
    }
}

/// How many of what.
pub(super) fn noun(entries: &[Entry<'_>]) -> String {
    match entries.first() {
        Some(entry) => of_type(entries.len(), entry.resource.kind),
        None => counted(0, "resource", "resources"),
    }
}

/// The resources in their order, those that are changed alike in the place of the first of them.
pub(super) fn blocks<'a>(entries: Vec<Entry<'a>>, full: bool) -> Vec<Block<'a>> {
    if full || entries.len() <= WHOLE {
        return entries.into_iter().map(Block::One).collect();
    }
    let mut places: BTreeMap<Shape, usize> = BTreeMap::new();
    let mut alike: Vec<Vec<Entry<'a>>> = Vec::new();
    for entry in entries {
        let place = *places.entry(shape(&entry)).or_insert(alike.len());
        match alike.get_mut(place) {
            Some(entries) => entries.push(entry),
            None => alike.push(vec![entry]),
        }
    }
    let mut blocks: Vec<Block<'a>> = Vec::new();
    for entries in alike {
        match entries.len() {
            0..ALIKE => blocks.extend(entries.into_iter().map(Block::One)),
            _ => blocks.push(Block::Many(entries)),
        }
    }
    blocks
}

fn shape(entry: &Entry<'_>) -> Shape {
    let what = entry.steps.iter().flat_map(|step| kind_of_change(step)).collect();
    let risks = entry.steps.iter().flat_map(|step| &step.risks).copied().collect();
    (entry.mark, entry.resource.kind, what, risks)
}

/// What makes changes alike: all of it, but of a topic that goes not how many partitions and replicas it has.
fn kind_of_change(step: &Step) -> Vec<String> {
    match &step.change {
        Change::Topic(TopicChange::Delete { while_empty, .. }) => {
            vec![format!("the whole topic{}", only_while_empty(*while_empty))]
        }
        _ => details_in_common(step),
    }
}

/// What happens to each of these resources, to which the same happens.
pub(super) fn in_common(entries: &[Entry<'_>]) -> Vec<String> {
    let Some(first) = entries.first() else { return Vec::new() };
    let sizes = unlike_sizes(entries);
    let Some(Change::Topic(TopicChange::Delete { while_empty, .. })) =
        first.steps.first().map(|step| &step.change).filter(|_| !sizes.is_empty())
    else {
        return first.steps.iter().flat_map(|step| details_in_common(step)).collect();
    };
    let uneven = match sizes.values().any(|size| size.replication.is_none()) {
        true => " or uneven",
        false => "",
    };
    vec![format!(
        "the whole topic: partitions {}, replication {}{uneven}{}",
        span(sizes.values().map(|size| i64::from(size.partitions))),
        span(sizes.values().filter_map(|size| size.replication.map(i64::from))),
        only_while_empty(*while_empty)
    )]
}

/// How many partitions and replicas topics have that go, where that is not the same of all of them.
fn unlike_sizes<'e>(entries: &[Entry<'e>]) -> BTreeMap<&'e str, TopicSize> {
    let size = |entry: &Entry<'e>| match entry.steps {
        [Step { change: Change::Topic(TopicChange::Delete { partitions, replication, .. }), .. }] => {
            let size = TopicSize { partitions: *partitions, replication: *replication };
            Some((entry.resource.name.as_str(), size))
        }
        _ => None,
    };
    let sizes: BTreeMap<&str, TopicSize> = entries.iter().filter_map(size).collect();
    let mut values = sizes.values();
    let first = values.next();
    match values.all(|size| Some(size) == first) {
        true => BTreeMap::new(),
        false => sizes,
    }
}

/// `3`, or `1 to 5`.
fn span(numbers: impl Iterator<Item = i64> + Clone) -> String {
    match (numbers.clone().min(), numbers.max()) {
        (Some(least), Some(most)) if least < most => format!("{least} to {most}"),
        (Some(only), _) => only.to_string(),
        (None, _) => "unknown".to_owned(),
    }
}

/// Several resources: how many, what happens to each, at what risk; then what is only true of some of them.
pub(super) fn many(entries: &[Entry<'_>], style: &Style) -> String {
    let Some(first) = entries.first() else { return String::new() };
    let names: Vec<String> = entries.iter().map(|entry| entry.resource.name.clone()).collect();
    let mut text = format!(
        "{} {}: {}\n",
        style.paint(first.mark.ink(), first.mark.sign()),
        noun(entries),
        some_of(names.iter(), UNMANAGED),
    );
    let mut line = |line: &str| {
        let _ = writeln!(text, "    {line}");
    };
    for detail in in_common(entries) {
        detail.lines().for_each(&mut line);
    }
    let said: Vec<Vec<String>> = entries.iter().map(|entry| said_by(entry.steps, false, style)).collect();
    for of_all in shared(&said) {
        line(&of_all);
    }
    for of_all in risk_lines(first.steps, style) {
        line(&of_all);
    }
    for felt in felt_together(entries) {
        line(&felt);
    }
    let steps: Vec<&Step> = entries.iter().flat_map(|entry| entry.steps).copied().collect();
    unasked(&steps, style).iter().for_each(|unasked| line(unasked));
    text
}

/// What is to be said of several resources to which the same happens beyond that: of all, of some, who is touched, and
/// what is lost.
pub(super) fn felt_together(entries: &[Entry<'_>]) -> Vec<String> {
    let own: Vec<Vec<String>> = entries.iter().map(|entry| beside_figures(entry.steps)).collect();
    let of_all = shared(&own);
    let mut lines = of_all.clone();
    let is_risky = entries.iter().flat_map(|entry| entry.steps).any(|step| !step.risks.is_empty());
    let most = if is_risky { usize::MAX } else { UNMANAGED };
    for (names, said) in of_some(entries, &own, &of_all) {
        lines.push(format!("{}: {said}", some_of(names.iter(), most)));
    }
    let losses: Vec<(&str, &Loss)> = entries
        .iter()
        .flat_map(|entry| entry.steps.iter().map(move |step| (entry.resource.name.as_str(), step)))
        .filter_map(|(name, step)| Some((name, step.impact.loss.as_ref()?)))
        .collect();
    lines.extend(loss::table(&losses, &unlike_sizes(entries)));
    let usages: Vec<(&str, &Usage)> = entries
        .iter()
        .flat_map(|entry| entry.steps.iter().map(move |step| (entry.resource.name.as_str(), step)))
        .filter_map(|(name, step)| Some((name, step.impact.usage.as_ref()?)))
        .collect();
    if !usages.is_empty() {
        lines.extend(usage::together(&usages));
    }
    lines
}

/// What is to be said of the steps of one resource beside a table of what goes.
fn beside_figures(steps: &[&Step]) -> Vec<String> {
    let in_table =
        |step: &&&Step| step.impact.loss.as_ref().is_some_and(|loss| loss.records.value().is_some());
    let counted: Vec<&String> = steps.iter().filter(in_table).flat_map(|step| &step.impact.notes).collect();
    let mut lines = own_lines(steps);
    lines.retain(|line| !(line.starts_with(HOLDS) && counted.contains(&line)));
    lines
}

/// The lines that not all have, each with the names of those that have it.
fn of_some<'l>(
    entries: &[Entry<'_>],
    own: &'l [Vec<String>],
    of_all: &[String],
) -> Vec<(Vec<String>, &'l str)> {
    let mut names: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (entry, lines) in entries.iter().zip(own) {
        for line in lines.iter().filter(|line| !of_all.contains(line)) {
            names.entry(line).or_default().push(entry.resource.name.clone());
        }
    }
    let mut told: Vec<(Vec<String>, &str)> = names.into_iter().map(|(line, names)| (names, line)).collect();
    told.sort();
    told
}

/// The lines that all have.
fn shared(lines: &[Vec<String>]) -> Vec<String> {
    let Some((first, others)) = lines.split_first() else { return Vec::new() };
    first.iter().filter(|line| others.iter().all(|other| other.contains(line))).cloned().collect()
}
