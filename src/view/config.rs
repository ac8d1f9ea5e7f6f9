use super::{Ink, Style};
use crate::settings::{Row, Shown, VARIABLES};
use std::fmt::Write;

/// The settings, the keys that were ignored, and the variables that are read.
pub fn human(rows: &[Row], ignored: &[String], style: &Style) -> String {
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
    text.push_str("\nvariables\n");
    for (name, meaning) in VARIABLES {
        let _ = writeln!(text, "  {name:23}  {meaning}");
    }
    text
}
