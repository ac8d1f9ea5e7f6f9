//! Resources to which the same happens, told of once. What is told is what they share; risks, losses and whoever is
//! touched are never folded away.

use super::{Entry, Mark, UNMANAGED, details_in_common, own_lines, risk_lines, said_by, unasked};
use crate::view::counting::{counted, of_type, some_of};
use crate::view::{Style, loss, usage};
use klerk_core::plan::{Loss, Risk, Step, Usage};
use klerk_core::values::ResourceType;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// A plan of no more resources is told one by one.
const WHOLE: usize = 10;
/// From this many on, resources that are changed alike are told of together.
const ALIKE: usize = 3;

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
    let what = entry.steps.iter().flat_map(|step| details_in_common(step)).collect();
    let risks = entry.steps.iter().flat_map(|step| &step.risks).copied().collect();
    (entry.mark, entry.resource.kind, what, risks)
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
    for detail in first.steps.iter().flat_map(|step| details_in_common(step)) {
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
    let own: Vec<Vec<String>> = entries.iter().map(|entry| own_lines(entry.steps)).collect();
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
    lines.extend(loss::table(&losses));
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
