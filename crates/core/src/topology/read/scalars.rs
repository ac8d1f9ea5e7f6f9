//! Scalars as what their keys take. Each reader gives `None` after it has said why.

use super::super::Code;
use super::super::draft::Wish;
use super::super::place::{At, Complaints};
use super::super::yaml::{Node, Value};
use crate::values::{InvalidDuration, Millis, NotAnInteger, integer, without_user};

/// The word that takes back what a weaker layer says.
pub(super) const UNSET: &str = "unset";

/// A text that is there and is not empty.
pub(super) fn text(node: &Node, key: &str, complaints: &mut Complaints<'_>) -> Option<At<String>> {
    match &node.value {
        Value::Scalar(scalar) if scalar.is_null() => {
            complaints
                .say(Code::Null, node.spot, format!("'{key}' has no value"))
                .fix(format!("write '{key}: {UNSET}' to take it back, or leave the key out"));
            None
        }
        Value::Scalar(scalar) if scalar.text.trim().is_empty() => {
            complaints
                .say(Code::EmptyValue, node.spot, format!("the value of '{key}' is empty"))
                .fix("write a value, or leave the key out");
            None
        }
        Value::Scalar(scalar) => Some(At::new(scalar.text.clone(), node.spot)),
        Value::Map(entries) => {
            // `{topic}` without quotes is a map with the key `topic`.
            let fix = match entries.as_slice() {
                [entry] if entry.bare => Some(format!("'{{{}}}'", entry.key.value)),
                _ => None,
            };
            complaints
                .say(Code::WrongShape, node.spot, format!("'{key}' takes a plain value, not a map"))
                .maybe_fix(fix);
            None
        }
        Value::List(_) => {
            complaints.say(Code::WrongShape, node.spot, format!("'{key}' takes one plain value, not a list"));
            None
        }
    }
}

/// A value, or the word `unset`.
pub(super) fn wish<T>(
    node: &Node,
    complaints: &mut Complaints<'_>,
    read: impl FnOnce(&Node, &mut Complaints<'_>) -> Option<T>,
) -> Option<At<Wish<T>>> {
    if node.scalar().is_some_and(|scalar| scalar.text == UNSET) {
        return Some(At::new(Wish::Unset, node.spot));
    }
    read(node, complaints).map(|value| At::new(Wish::Set(value), node.spot))
}

/// Refuses a number without quotes that begins with 0: YAML 1.1 counts by eights there, and YAML 1.2 by tens.
pub(super) fn refuse_octal(node: &Node, key: &str, complaints: &mut Complaints<'_>) -> Option<()> {
    let Value::Scalar(scalar) = &node.value else { return Some(()) };
    let text = scalar.text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let is_octal =
        digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !scalar.plain || !is_octal {
        return Some(());
    }
    let by_tens = match digits.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    };
    let (read, fix) = match i64::from_str_radix(digits, 8).ok().map(|by_eights| by_eights.to_string()) {
        Some(by_eights) if by_eights != by_tens => (
            format!("some readers of YAML take it for {sign}{by_tens}, others for {sign}{by_eights}"),
            format!("{sign}{by_tens}, or {sign}{by_eights} where it was meant to be octal"),
        ),
        _ => (
            "readers of YAML do not agree on numbers that begin with 0".to_owned(),
            format!("{sign}{by_tens}"),
        ),
    };
    complaints.say(Code::BadValue, node.spot, format!("'{key}' is {text}: {read}")).fix(fix);
    None
}

/// A whole number within bounds, both included.
pub(super) fn number(
    node: &Node,
    key: &str,
    from: i64,
    to: i64,
    complaints: &mut Complaints<'_>,
) -> Option<i64> {
    let written = text(node, key, complaints)?;
    refuse_octal(node, key, complaints)?;
    let word = written.value.trim();
    let problem = match integer(word) {
        Ok(value) if (from..=to).contains(&value) => return Some(value),
        Ok(value) if value < from => format!("'{key}' has to be {from} or more, and this is {word}"),
        Ok(_) => format!("'{key}' has to be {to} or less, and this is {word}"),
        Err(reason @ NotAnInteger::TooLarge) => format!("'{key}' takes a whole number; {word} {reason}"),
        Err(reason) => format!("'{key}' takes a whole number; '{word}' {reason}"),
    };
    let fix = match word {
        "-1" if from == 1 => Some("leave the key out to follow the broker".to_owned()),
        _ => crate::values::without_underscores(word),
    };
    complaints.say(Code::BadValue, written.spot, problem).maybe_fix(fix);
    None
}

/// `true` or `false`.
pub(super) fn boolean(node: &Node, key: &str, complaints: &mut Complaints<'_>) -> Option<bool> {
    let written = text(node, key, complaints)?;
    let fix = match written.value.trim().to_ascii_lowercase().as_str() {
        "true" => return Some(true),
        "false" => return Some(false),
        "yes" | "y" | "on" | "1" => Some("true"),
        "no" | "n" | "off" | "0" => Some("false"),
        _ => None,
    };
    complaints
        .say(Code::BadValue, written.spot, format!("'{key}' takes true or false, not '{}'", written.value))
        .maybe_fix(fix);
    None
}

/// A duration in milliseconds.
pub(super) fn duration(node: &Node, key: &str, complaints: &mut Complaints<'_>) -> Option<i64> {
    let written = text(node, key, complaints)?;
    refuse_octal(node, key, complaints)?;
    match written.value.trim().parse::<Millis>() {
        Ok(value) => Some(value.0),
        Err(InvalidDuration { text, reason, fix }) => {
            let message = format!("'{key}' takes a duration, and '{text}' is none: {reason}");
            complaints.say(Code::BadDuration, written.spot, message).maybe_fix(fix);
            None
        }
    }
}

/// One of a few words.
pub(super) fn word<T: Copy>(
    node: &Node,
    key: &str,
    words: &[(&str, T)],
    complaints: &mut Complaints<'_>,
) -> Option<At<T>> {
    let written = text(node, key, complaints)?;
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == written.value) {
        return Some(At::new(*value, written.spot));
    }
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let folded = written.value.to_ascii_lowercase();
    let meant = known
        .iter()
        .copied()
        .find(|word| folded.ends_with(&word.to_ascii_lowercase()))
        .or_else(|| crate::values::closest(&written.value, known.iter().copied()));
    let message = format!("'{key}' takes {}, not '{}'", known.join(", "), written.value);
    complaints.say(Code::BadValue, written.spot, message).maybe_fix(meant);
    None
}

/// One text or a list of them, none of them twice.
pub(super) fn texts(node: &Node, key: &str, complaints: &mut Complaints<'_>) -> Vec<At<String>> {
    let items = match &node.value {
        Value::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let mut read: Vec<At<String>> = Vec::with_capacity(items.len());
    for item in items {
        let Some(item) = text(item, key, complaints) else { continue };
        match read.iter().find(|seen| seen.value == item.value) {
            Some(first) => {
                let shown = match key {
                    "bootstrap" | "registry" => without_user(&item.value),
                    _ => item.value.as_str().into(),
                };
                complaints.say_twice(&format!("'{shown}'"), first.spot, item.spot);
            }
            None => read.push(item),
        }
    }
    read
}
