//! What differs between two environments, for people.

use super::counting::{counted, of_type, some_of};
use super::{Ink, Style};
use klerk_core::topology::{About, Difference, FieldDifference, HeldBy};
use klerk_core::values::{Sourced, describe_config_value};
use std::collections::BTreeMap;
use std::fmt::Write;

/// No more differences are told one by one.
const WHOLE: usize = 10;
/// From this many on, resources that differ alike are told of together.
const ALIKE: usize = 3;
/// How many of them are named.
const NAMED: usize = 10;

/// All differences, resource by resource, those that are alike together, and a last line that counts them.
pub fn human(differences: &[Difference], first: &str, second: &str, style: &Style) -> String {
    let mut text = String::new();
    let mut folded = false;
    for alike in alike(differences) {
        let Some(one) = alike.first() else { continue };
        let name = match (&one.about, alike.as_slice()) {
            (About::Resource(resource), [_, _, ..]) => {
                let names: Vec<&String> = alike.iter().filter_map(|one| resource_name(one)).collect();
                folded |= names.len() > NAMED;
                format!("{}: {}", of_type(names.len(), resource.kind), some_of(names.iter().copied(), NAMED))
            }
            (about, _) => about.to_string(),
        };
        let (ink, sign, only) = match one.held_by {
            HeldBy::First => (Ink::Bad, "-", format!("  only in {first}")),
            HeldBy::Second => (Ink::Good, "+", format!("  only in {second}")),
            HeldBy::Both => (Ink::Attention, "~", String::new()),
        };
        let _ = writeln!(text, "{} {name}{only}", style.paint(ink, sign));
        for (index, field) in one.fields.iter().enumerate() {
            let key = &field.field;
            // A line of the files is told where all have it from there.
            let of = |side: fn(&FieldDifference) -> Option<&Sourced<String>>| {
                let said = side(field);
                let all = alike.iter().all(|other| other.fields.get(index).and_then(side) == said);
                self::side(key, said, all, style)
            };
            let (of_first, of_second) =
                (|| of(|field| field.first.as_ref()), || of(|field| field.second.as_ref()));
            let said = match one.held_by {
                HeldBy::First => of_first(),
                HeldBy::Second => of_second(),
                HeldBy::Both => format!("{} → {}", of_first(), of_second()),
            };
            let _ = writeln!(text, "    {key}  {said}");
        }
    }
    if folded {
        text.push_str("\nWhat differs alike is told of together; -o json tells of each by itself.\n");
    }
    if !text.is_empty() {
        text.push('\n');
    }
    let sections = differences.iter().filter(|one| matches!(one.about, About::Section(_))).count();
    let resources = differences.len() - sections;
    let counts = [counted(resources, "resource", "resources"), counted(sections, "section", "sections")];
    let count = match (resources, sections, counts) {
        (0, 0, _) => "Nothing differs".to_owned(),
        (of, 0, [words, _]) | (0, of, [_, words]) if of == 1 => format!("{words} differs"),
        (_, 0, [words, _]) | (0, _, [_, words]) => format!("{words} differ"),
        (_, _, [resources, sections]) => format!("{resources} and {sections} differ"),
    };
    let _ = writeln!(text, "{} from {first} to {second}.", style.paint(Ink::Strong, &count));
    text
}

fn resource_name(difference: &Difference) -> Option<&String> {
    match &difference.about {
        About::Resource(resource) => Some(&resource.name),
        About::Section(_) => None,
    }
}

/// The differences in their order, those that are alike in the place of the first of them.
fn alike(differences: &[Difference]) -> Vec<Vec<&Difference>> {
    if differences.len() <= WHOLE {
        return differences.iter().map(|one| vec![one]).collect();
    }
    let value = |said: &Option<Sourced<String>>| said.as_ref().map(|said| said.value.clone());
    let mut places: BTreeMap<_, usize> = BTreeMap::new();
    let mut alike: Vec<Vec<&Difference>> = Vec::new();
    for one in differences {
        let fields: Vec<_> = one
            .fields
            .iter()
            .map(|field| (&field.field, value(&field.first), value(&field.second)))
            .collect();
        let held_by = match one.held_by {
            HeldBy::First => 0,
            HeldBy::Second => 1,
            HeldBy::Both => 2,
        };
        let kind = match &one.about {
            About::Resource(resource) => Ok(resource.kind),
            About::Section(name) => Err(*name),
        };
        let place = *places.entry((held_by, kind, fields)).or_insert(alike.len());
        match alike.get_mut(place) {
            Some(others) => others.push(one),
            None => alike.push(vec![one]),
        }
    }
    alike
        .into_iter()
        .flat_map(|several| match several.len() {
            0..ALIKE => several.into_iter().map(|one| vec![one]).collect(),
            _ => vec![several],
        })
        .collect()
}

/// A value, with the line that it comes from where that is to be told.
fn side(key: &str, said: Option<&Sourced<String>>, with_place: bool, style: &Style) -> String {
    match said {
        Some(said) => {
            let value = describe_config_value(key, &said.value);
            let place = format!("({}:{})", said.origin.file, said.origin.line);
            if with_place { format!("{value} {}", style.paint(Ink::Faint, &place)) } else { value }
        }
        None => "not said".to_owned(),
    }
}
