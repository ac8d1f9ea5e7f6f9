use super::{Ink, Style};
use crate::settings::{ListedContext, Row, Shown, VARIABLES};
use std::fmt::Write;

/// The settings, the keys that were ignored, all contexts, and the variables that are read.
pub fn human(rows: &[Row], ignored: &[String], contexts: &[ListedContext], style: &Style) -> String {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for Row { name, value, origin } in rows {
        let value = match value {
            None => "not set".to_owned(),
            Some(Shown::Text(text)) => text.clone(),
            Some(Shown::Duration(millis)) => millis.described(),
        };
        let origin = origin.as_ref().map_or_else(String::new, |origin| format!("  ({origin})"));
        let _ = writeln!(text, "{name:width$}  {value}{}", style.paint(Ink::Faint, &origin));
    }
    if !ignored.is_empty() {
        let _ = writeln!(text, "\nignored, of no meaning here: {}", ignored.join(", "));
    }
    if !contexts.is_empty() {
        text.push_str("\ncontexts\n");
        for context in contexts {
            let marks = [(context.default, "default"), (context.protected, "protected")];
            let marks: Vec<&str> = marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark).collect();
            let marks = if marks.is_empty() { String::new() } else { format!("  {}", marks.join(", ")) };
            let origin = style.paint(Ink::Faint, &format!("  ({})", context.origin));
            let _ = writeln!(text, "  {}{marks}{origin}", context.name);
        }
    }
    text.push_str("\nvariables\n");
    for (name, meaning) in VARIABLES {
        let _ = writeln!(text, "  {name:23}  {meaning}");
    }
    text
}
