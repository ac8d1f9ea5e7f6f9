use super::Code;
use super::fault::{Fault, Faults, Place};
use crate::values::{Origin, Sourced};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A stretch of one line in one of the texts that are being read; it costs nothing to carry along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    /// Which text, by its number in [`Texts`].
    pub text: u32,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Length in characters, at least 1.
    pub length: u32,
}

/// A value with its spot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct At<T> {
    pub value: T,
    pub spot: Spot,
}

impl<T> At<T> {
    pub fn new(value: T, spot: Spot) -> Self {
        At { value, spot }
    }
}

/// The texts that are being read, by number.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts(Vec<Text>);

#[derive(Debug, Clone)]
struct Text {
    file: Arc<str>,
    lines: Vec<String>,
}

impl Texts {
    /// Takes a text in and gives its number.
    pub fn add(&mut self, file: Arc<str>, text: &str) -> u32 {
        let number = self.0.len() as u32;
        self.0.push(Text {
            file,
            lines: text.trim_start_matches('\u{feff}').lines().map(str::to_owned).collect(),
        });
        number
    }

    pub fn files(&self) -> impl Iterator<Item = Arc<str>> {
        self.0.iter().map(|text| text.file.clone())
    }

    pub fn file(&self, text: u32) -> Arc<str> {
        self.0[text as usize].file.clone()
    }

    /// A line by its number, from 1; empty past the end.
    pub fn line(&self, text: u32, line: u32) -> &str {
        let lines = &self.0[text as usize].lines;
        lines.get(line.saturating_sub(1) as usize).map_or("", String::as_str)
    }

    pub fn origin(&self, spot: Spot) -> Origin {
        Origin { file: self.file(spot.text), line: spot.line, column: spot.column }
    }

    pub fn sourced<T>(&self, at: At<T>) -> Sourced<T> {
        Sourced::new(at.value, self.origin(at.spot))
    }

    /// The word at an origin, with its line.
    pub fn place_of(&self, origin: &Origin) -> Option<Place> {
        let text = self.0.iter().position(|text| text.file == origin.file)? as u32;
        let line = self.line(text, origin.line);
        let ends = |letter: &char| letter.is_whitespace() || matches!(letter, ',' | ':' | '}' | ']');
        let word =
            line.chars().skip(origin.column.saturating_sub(1) as usize).take_while(|letter| !ends(letter));
        let length = (word.count() as u32).max(1);
        Some(Place { origin: origin.clone(), length, line: line.to_owned() })
    }

    pub fn place(&self, spot: Spot) -> Place {
        Place {
            origin: self.origin(spot),
            length: spot.length.max(1),
            line: self.line(spot.text, spot.line).to_owned(),
        }
    }
}

/// Gathers faults while texts are being read.
#[derive(Debug)]
pub(super) struct Complaints<'a> {
    pub texts: &'a Texts,
    faults: Faults,
}

impl<'a> Complaints<'a> {
    pub fn new(texts: &'a Texts) -> Self {
        Complaints { texts, faults: Faults::default() }
    }

    /// Notes a fault at a spot.
    pub fn say(&mut self, code: Code, spot: Spot, message: impl Into<String>) -> Said<'_> {
        let place = self.texts.place(spot);
        self.faults.push(Fault {
            code,
            message: message.into(),
            environments: BTreeSet::new(),
            place,
            related: Vec::new(),
            fix: None,
        });
        Said { texts: self.texts, faults: &mut self.faults }
    }

    /// Notes a fault in a text that is not among those being read.
    pub fn add(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Notes that the same thing is said at two spots.
    pub fn say_twice(&mut self, what: &str, first: Spot, again: Spot) {
        let place = self.texts.origin(first);
        self.say(Code::Duplicate, again, format!("{what} is already said at {place}"))
            .see(first, "first said here")
            .fix("keep one of the two");
    }

    /// Takes back the faults after the first `keep` that stand at a spot or behind it in the same text: there the
    /// text is not YAML, which has been said.
    pub fn forget_from(&mut self, keep: usize, spot: Spot) {
        let from = self.texts.origin(spot);
        let mut number = 0;
        self.faults.retain(|fault| {
            number += 1;
            number <= keep || fault.place.origin.file != from.file || fault.place.origin < from
        });
    }

    /// How many there are so far.
    pub fn count(&self) -> usize {
        self.faults.len()
    }

    pub fn into_faults(self) -> Faults {
        self.faults
    }
}

/// The fault just noted, to which more can be said.
#[derive(Debug)]
pub(super) struct Said<'a> {
    texts: &'a Texts,
    faults: &'a mut Faults,
}

impl Said<'_> {
    /// What to write instead.
    pub fn fix(self, fix: impl Into<String>) -> Self {
        self.maybe_fix(Some(fix))
    }

    /// What to write instead, where that can be told.
    pub fn maybe_fix(self, fix: Option<impl Into<String>>) -> Self {
        if let (Some(fault), Some(fix)) = (self.faults.last_mut(), fix) {
            fault.fix = Some(fix.into());
        }
        self
    }

    /// Another place that it takes to understand the fault.
    pub fn see(self, spot: Spot, what: &str) -> Self {
        let place = self.texts.place(spot);
        if let Some(fault) = self.faults.last_mut() {
            fault.related.push((place, what.to_owned()));
        }
        self
    }
}
