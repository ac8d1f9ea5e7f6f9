use super::fault::Fault;
use super::report::can_read;
use super::resolve::Whole;
use super::verdict::TooComplex;
use crate::schema::CompatibilityLevel;
use std::fmt;

/// A registered version to compare with.
#[derive(Debug, Clone, Copy)]
pub struct Existing<'s> {
    /// Its number.
    pub version: i32,
    /// What it holds.
    pub schema: Whole<'s>,
}

/// Who would fail to read what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// A reader of the new schema, data of the registered version.
    Backward,
    /// A reader of the registered version, data of the new schema.
    Forward,
}

/// One reason why a level does not allow the new schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incompatibility {
    /// The registered version that it is about.
    pub version: i32,
    /// Who would fail to read what.
    pub direction: Direction,
    /// What is wrong: its reader is the new schema for [`Direction::Backward`], the registered one for
    /// [`Direction::Forward`].
    pub fault: Fault,
}

impl fmt::Display for Incompatibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = self.version;
        match self.direction {
            Direction::Backward => write!(f, "the new schema cannot read data of version {version}: ")?,
            Direction::Forward => write!(f, "version {version} cannot read data of the new schema: ")?,
        }
        self.fault.fmt(f)
    }
}

/// Whether a level lets `new` follow `existing`, the live versions of its subject, oldest first: every reason against it,
/// by version, newest first; empty when there is none.
///
/// A level that is not transitive compares with the last version only.
///
/// # Errors
/// When two of the schemas are too complex to be compared: the answer is then not known.
pub fn check(
    new: Whole<'_>,
    existing: &[Existing<'_>],
    level: CompatibilityLevel,
) -> Result<Vec<Incompatibility>, TooComplex> {
    let (directions, transitive) = demanded(level);
    let count = if transitive { existing.len() } else { 1 };
    let mut found = Vec::new();
    for &Existing { version, schema } in existing.iter().rev().take(count) {
        for &direction in directions {
            let faults = match direction {
                Direction::Backward => can_read(new, schema)?,
                Direction::Forward => can_read(schema, new)?,
            };
            found.extend(faults.into_iter().map(|fault| Incompatibility { version, direction, fault }));
        }
    }
    Ok(found)
}

fn demanded(level: CompatibilityLevel) -> (&'static [Direction], bool) {
    const BACKWARD: &[Direction] = &[Direction::Backward];
    const FORWARD: &[Direction] = &[Direction::Forward];
    const BOTH: &[Direction] = &[Direction::Backward, Direction::Forward];
    match level {
        CompatibilityLevel::None => (&[], false),
        CompatibilityLevel::Backward => (BACKWARD, false),
        CompatibilityLevel::BackwardTransitive => (BACKWARD, true),
        CompatibilityLevel::Forward => (FORWARD, false),
        CompatibilityLevel::ForwardTransitive => (FORWARD, true),
        CompatibilityLevel::Full => (BOTH, false),
        CompatibilityLevel::FullTransitive => (BOTH, true),
    }
}
