use klerk_core::values::printable;
use std::borrow::Cow;

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

    /// The text with nothing in it that steers a terminal but lines, tabs and the inks: names and messages come from servers.
    pub fn guard<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let steers = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t');
        if !text.contains(steers) {
            return Cow::Borrowed(text);
        }
        let mut guarded = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(steers) {
            guarded.push_str(&rest[..at]);
            rest = &rest[at..];
            let ink = INKS.iter().copied().find(|ink| self.coloured && rest.starts_with(ink));
            let taken = ink.map_or_else(|| rest.chars().next().map_or(0, char::len_utf8), str::len);
            match ink {
                Some(ink) => guarded.push_str(ink),
                None => guarded.push_str(&printable(&rest[..taken])),
            }
            rest = &rest[taken..];
        }
        guarded.push_str(rest);
        Cow::Owned(guarded)
    }
}

/// What inks are written as, and what ends them.
const INKS: [&str; 6] = ["\u{1b}[32m", "\u{1b}[33m", "\u{1b}[31m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[0m"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_say_steers_no_terminal() {
        let coloured = Style { coloured: true, width: None };
        let painted = coloured.paint(Ink::Bad, "gone");
        assert_eq!(coloured.guard(&painted), painted);
        assert_eq!(coloured.guard("a\u{1b}]0;title\u{7}\r\tb\n"), "a\\u{1b}]0;title\\u{7}\\u{d}\tb\n");
        assert_eq!(Style::plain().guard("\u{1b}[31mred"), "\\u{1b}[31mred");
    }
}
