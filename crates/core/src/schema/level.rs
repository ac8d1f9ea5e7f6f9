use std::{fmt, str};

/// A compatibility level, by the registry's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CompatibilityLevel {
    /// Nothing is checked.
    None,
    /// A reader of the new schema reads data of the last one.
    Backward,
    /// A reader of the new schema reads data of every live version.
    BackwardTransitive,
    /// A reader of the last schema reads data of the new one.
    Forward,
    /// Readers of every live version read data of the new one.
    ForwardTransitive,
    /// Both, against the last.
    Full,
    /// Both, against every live version.
    FullTransitive,
}

/// The word is not a compatibility level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a compatibility level")]
pub struct UnknownLevel(pub String);

impl CompatibilityLevel {
    /// Every level, loosest first.
    pub const ALL: [CompatibilityLevel; 7] = [
        CompatibilityLevel::None,
        CompatibilityLevel::Backward,
        CompatibilityLevel::BackwardTransitive,
        CompatibilityLevel::Forward,
        CompatibilityLevel::ForwardTransitive,
        CompatibilityLevel::Full,
        CompatibilityLevel::FullTransitive,
    ];

    /// The registry's word.
    pub fn as_str(self) -> &'static str {
        match self {
            CompatibilityLevel::None => "NONE",
            CompatibilityLevel::Backward => "BACKWARD",
            CompatibilityLevel::BackwardTransitive => "BACKWARD_TRANSITIVE",
            CompatibilityLevel::Forward => "FORWARD",
            CompatibilityLevel::ForwardTransitive => "FORWARD_TRANSITIVE",
            CompatibilityLevel::Full => "FULL",
            CompatibilityLevel::FullTransitive => "FULL_TRANSITIVE",
        }
    }

    /// Whether everything that this level accepts `other` accepts too, so that moving from `other` to `self` can only
    /// tighten.
    pub fn is_at_least_as_strict_as(self, other: CompatibilityLevel) -> bool {
        let demands = |level: CompatibilityLevel| match level {
            CompatibilityLevel::None => (0, 0),
            CompatibilityLevel::Backward => (1, 0),
            CompatibilityLevel::BackwardTransitive => (2, 0),
            CompatibilityLevel::Forward => (0, 1),
            CompatibilityLevel::ForwardTransitive => (0, 2),
            CompatibilityLevel::Full => (1, 1),
            CompatibilityLevel::FullTransitive => (2, 2),
        };
        let (mine, theirs) = (demands(self), demands(other));
        mine.0 >= theirs.0 && mine.1 >= theirs.1
    }
}

impl fmt::Display for CompatibilityLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl str::FromStr for CompatibilityLevel {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        CompatibilityLevel::ALL
            .into_iter()
            .find(|level| level.as_str() == text)
            .ok_or_else(|| UnknownLevel(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for level in CompatibilityLevel::ALL {
            assert_eq!(level.as_str().parse(), Ok(level));
        }
        assert!("backward".parse::<CompatibilityLevel>().is_err());
    }

    #[test]
    fn strictness_is_a_partial_order() {
        use CompatibilityLevel::*;
        assert!(Full.is_at_least_as_strict_as(Backward));
        assert!(!Backward.is_at_least_as_strict_as(Forward));
        assert!(!Full.is_at_least_as_strict_as(BackwardTransitive));
        assert!(CompatibilityLevel::ALL.into_iter().all(|level| level.is_at_least_as_strict_as(None)));
    }
}
