/// How a text may look where it is going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether it may be coloured. Meaning never rests on colour alone.
    pub coloured: bool,
    /// The width in columns; `None` where nothing limits it.
    pub width: Option<usize>,
}

/// What a piece of text stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Comes into being, or went well.
    Good,
    /// Changes, or wants attention.
    Attention,
    /// Goes away, or went wrong.
    Bad,
    /// A heading.
    Strong,
    /// Said by the way.
    Faint,
}

impl Style {
    /// No colour and no limit.
    pub const fn plain() -> Self {
        Style { coloured: false, width: None }
    }

    /// The text in the ink, where colour is allowed.
    pub fn paint(&self, ink: Ink, text: &str) -> String {
        let code = match ink {
            Ink::Good => "32",
            Ink::Attention => "33",
            Ink::Bad => "31",
            Ink::Strong => "1",
            Ink::Faint => "2",
        };
        if self.coloured && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}
