use super::Code;
use crate::values::Origin;
use std::borrow::Cow;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// How bad a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing can be planned from the file.
    Error,
    /// Worth knowing; the file is used all the same.
    Warning,
}

impl Severity {
    /// The word in JSON and in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// A stretch of one line in a file, with that line's text so that it can be shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Where it begins.
    pub origin: Origin,
    /// How many characters it covers, at least 1.
    pub length: u32,
    /// The whole line without its end; empty when the file could not be read.
    pub line: String,
}

/// Something in a file that cannot stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which fault.
    pub code: Code,
    /// What is wrong, in words that stand alone.
    pub message: String,
    /// The environments that have it; empty for a fault of the file itself, which all of them have.
    pub environments: BTreeSet<String>,
    /// Where.
    pub place: Place,
    /// The other places that it takes to understand it, each with what it is.
    pub related: Vec<(Place, String)>,
    /// What to write instead, where that can be told.
    pub fix: Option<String>,
}

impl Fault {
    /// What tells faults apart, in the order in which they are shown.
    fn key(&self) -> (&Place, &'static str, &str) {
        (&self.place, self.code.as_str(), &self.message)
    }

    /// What is wrong, with the environments that it is wrong in, where it is not the same in all of them.
    pub fn in_full(&self) -> Cow<'_, str> {
        let names: Vec<&str> = self.environments.iter().map(String::as_str).collect();
        match names.as_slice() {
            [] => Cow::Borrowed(&self.message),
            [name] => Cow::Owned(format!("in environment {name}: {}", self.message)),
            names => Cow::Owned(format!("in environments {}: {}", names.join(", "), self.message)),
        }
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place.origin, self.in_full())
    }
}

/// All faults of all files, in the order of their places.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Adds one.
    pub fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Keeps those of which `keep` says so.
    pub(super) fn retain(&mut self, keep: impl FnMut(&Fault) -> bool) {
        self.0.retain(keep);
    }

    /// The one added last.
    pub(super) fn last_mut(&mut self) -> Option<&mut Fault> {
        self.0.last_mut()
    }

    /// Adds all of another.
    pub fn extend(&mut self, other: Faults) {
        self.0.extend(other.0);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is one that makes the file unusable.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|fault| fault.severity() == Severity::Error)
    }

    /// One by one.
    pub fn iter(&self) -> std::slice::Iter<'_, Fault> {
        self.0.iter()
    }

    /// Marks those that are not among the faults `of_all` as faults of an environment; gives them and the others.
    pub(super) fn of_environment(self, environment: &str, of_all: &Faults) -> (Faults, Faults) {
        let known: BTreeSet<_> = of_all.0.iter().map(Fault::key).collect();
        let (shared, own): (Vec<_>, Vec<_>) =
            self.0.into_iter().partition(|fault| known.contains(&fault.key()));
        let own = own
            .into_iter()
            .map(|fault| Fault { environments: BTreeSet::from([environment.to_owned()]), ..fault });
        (own.collect(), Faults(shared))
    }

    /// The same fault of several environments once, with all of them.
    pub(super) fn joined(self) -> Faults {
        let mut joined: BTreeMap<_, Fault> = BTreeMap::new();
        for fault in self.0 {
            let (place, code, message) = fault.key();
            match joined.entry((place.clone(), code, message.to_owned())) {
                Entry::Occupied(known) => known.into_mut().environments.extend(fault.environments),
                Entry::Vacant(new) => {
                    new.insert(fault);
                }
            }
        }
        joined.into_values().collect()
    }

    /// By file, line and column, the same fault once.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.0.sort_by(|a, b| a.key().cmp(&b.key()));
        self.0.dedup();
        self
    }
}

impl<'a> IntoIterator for &'a Faults {
    type Item = &'a Fault;
    type IntoIter = std::slice::Iter<'a, Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        Faults(faults.into_iter().collect())
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
