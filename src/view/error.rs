//! Errors for people.

use super::{Ink, Style};
use crate::error::Explained;
use std::fmt::Write;

/// What is wrong, why, and what to do, each on lines of its own.
pub fn human(error: &Explained, style: &Style) -> String {
    let mut text = format!("{} {}\n", style.paint(Ink::Bad, "error:"), error.message);
    for cause in &error.causes {
        let _ = writeln!(text, "  {} {}", style.paint(Ink::Faint, "because"), cause.replace('\n', "\n  "));
    }
    for hint in &error.hints {
        let _ = writeln!(text, "  {} {hint}", style.paint(Ink::Faint, "→"));
    }
    text
}
