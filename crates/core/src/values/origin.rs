use std::fmt;
use std::sync::Arc;

/// A place in a file that somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The path as it was named on the command line, or `-` for standard input.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A value with the place that it was written at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// What was meant.
    pub value: T,
    /// Where it stands.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    /// Pairs a value with its place.
    pub fn new(value: T, origin: Origin) -> Self {
        Sourced { value, origin }
    }
}
