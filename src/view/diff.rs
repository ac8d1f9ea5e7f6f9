//! What differs between two environments, for people.

use super::counting::counted;
use super::{Ink, Style};
use klerk_core::topology::{Difference, HeldBy};
use klerk_core::values::{Sourced, describe_config_value};
use std::fmt::Write;

/// All differences, resource by resource, and a last line that counts them.
pub fn human(differences: &[Difference], first: &str, second: &str, style: &Style) -> String {
    let mut text = String::new();
    for Difference { resource, held_by, fields } in differences {
        match held_by {
            HeldBy::First => {
                let _ = writeln!(text, "{} {resource}  only in {first}", style.paint(Ink::Bad, "-"));
            }
            HeldBy::Second => {
                let _ = writeln!(text, "{} {resource}  only in {second}", style.paint(Ink::Good, "+"));
            }
            HeldBy::Both => {
                let _ = writeln!(text, "{} {resource}", style.paint(Ink::Attention, "~"));
            }
        }
        for field in fields {
            let key = &field.field;
            let said = match held_by {
                HeldBy::First => side(key, field.first.as_ref(), style),
                HeldBy::Second => side(key, field.second.as_ref(), style),
                HeldBy::Both => format!(
                    "{} → {}",
                    side(key, field.first.as_ref(), style),
                    side(key, field.second.as_ref(), style)
                ),
            };
            let _ = writeln!(text, "    {key}  {said}");
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    let count = match differences.len() {
        0 => "Nothing differs".to_owned(),
        1 => "1 resource differs".to_owned(),
        many => format!("{} differ", counted(many, "resource", "resources")),
    };
    let _ = writeln!(text, "{} from {first} to {second}.", style.paint(Ink::Strong, &count));
    text
}

/// A value with the line that it comes from.
fn side(key: &str, said: Option<&Sourced<String>>, style: &Style) -> String {
    match said {
        Some(said) => {
            let place = format!("({}:{})", said.origin.file, said.origin.line);
            format!("{} {}", describe_config_value(key, &said.value), style.paint(Ink::Faint, &place))
        }
        None => "not said".to_owned(),
    }
}
