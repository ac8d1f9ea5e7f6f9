//! How entries, lists and comments stand on lines.

use super::estate::Note;
use super::yaml::{on_one_line, quoted};

/// How long a line may be before what it holds is written one below the other.
const WIDTH: usize = 110;

/// One thing between braces or below one another: a key and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    key: String,
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    One(String),
    List(Vec<String>),
}

impl Pair {
    /// A key and its value, as it is written.
    pub fn one(key: impl Into<String>, value: impl Into<String>) -> Self {
        Pair { key: key.into(), value: Value::One(value.into()) }
    }

    /// A key and a list, each item as it is written.
    pub fn list(key: impl Into<String>, items: Vec<String>) -> Self {
        Pair { key: key.into(), value: Value::List(items) }
    }

    fn on_one_line(&self) -> String {
        match &self.value {
            Value::One(value) => format!("{}: {value}", self.key),
            Value::List(items) => format!("{}: [{}]", self.key, items.join(", ")),
        }
    }

    /// As a line of its own; a list where it fits, else one item below the other.
    pub fn line(&self, indent: &str) -> String {
        let line = format!("{indent}{}\n", self.on_one_line());
        match &self.value {
            Value::List(items) if line.chars().count() > WIDTH => {
                let items: String = items.iter().map(|item| format!("{indent}  - {item}\n")).collect();
                format!("{indent}{}:\n{items}", self.key)
            }
            _ => line,
        }
    }
}

/// An entry of a section, on one line where it fits.
pub(super) fn entry(name: &str, pairs: &[Pair]) -> String {
    let name = quoted(name);
    let line = format!("  {name}: {}\n", braces(pairs));
    if pairs.is_empty() || line.chars().count() <= WIDTH {
        return line;
    }
    let below: String = pairs.iter().map(|pair| pair.line("    ")).collect();
    format!("  {name}:\n{below}")
}

/// An item of a section that is a list, on one line where it fits.
pub(super) fn item(pairs: &[Pair]) -> String {
    let line = format!("  - {}\n", braces(pairs));
    if line.chars().count() <= WIDTH {
        return line;
    }
    let below: String = pairs.iter().map(|pair| pair.line("    ")).collect();
    format!("  -{}", below.get(3..).unwrap_or_default())
}

/// All on one line.
pub(super) fn braces(pairs: &[Pair]) -> String {
    if pairs.is_empty() {
        return "{}".to_owned();
    }
    let pairs: Vec<String> = pairs.iter().map(Pair::on_one_line).collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// A comment within a section.
pub(super) fn comment(text: &str) -> String {
    format!("  # {}\n", on_one_line(text))
}

/// Notes that belong to a section as a whole, before it.
pub(super) fn section_notes(notes: &[Note]) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let lines: String = notes.iter().map(|note| format!("# {}\n", on_one_line(&note.text))).collect();
    format!("\n{lines}")
}
