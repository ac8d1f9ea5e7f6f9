use std::fmt;

/// What it takes to make a change of some kind, or one with some risk. A later one takes more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Consent to the plan, which `--yes` gives too.
    Auto,
    /// The name in `--allow`, or typed at the prompt.
    Approve,
    /// A command of its own at a terminal, and the name typed there.
    ByHand,
}

impl Level {
    /// Every level, the one that takes least first.
    pub const ALL: [Level; 3] = [Level::Auto, Level::Approve, Level::ByHand];

    /// The word in a topology and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Auto => "auto",
            Level::Approve => "approve",
            Level::ByHand => "by-hand",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
