//! The places where YAML means something else than people do.

use super::super::Code;
use super::super::place::{Complaints, Spot};
use super::node::{Node, Value};
use regex::Regex;
use serde_saphyr::granit_parser::{ErrorKind, ScanError};
use std::sync::LazyLock;

/// A name with a word in braces that is not in quotes. It does not compile only if the text below is changed.
static BRACES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?:^|[\s:,\[{])(?<name>[\w.\-]*\{\w+\}(?:[\w.\-]|\{\w+\})*)"#).ok());

/// Says what is wrong with a text that is not YAML, and what was probably meant. Gives the place from which on what
/// was read is not to be trusted.
pub(super) fn explain(error: &ScanError, spot: Spot, complaints: &mut Complaints<'_>) -> Spot {
    let line = complaints.texts.line(spot.text, spot.line).to_owned();
    let rest: String = line.chars().skip(spot.column.saturating_sub(1) as usize).collect();
    let word = plain_word(&rest);
    match error.kind() {
        ErrorKind::MissingAnchorOrAliasName if rest.starts_with('*') => {
            let word = if word.is_empty() { "*" } else { word };
            complaints
                .say(Code::Alias, spot, "a plain '*' begins a YAML alias")
                .fix(format!("'{word}', or the word all where every topic is meant"));
        }
        ErrorKind::UnexpectedCharacter { character: character @ ('@' | '`' | '%') } => {
            complaints
                .say(Code::Syntax, spot, format!("YAML takes no plain value that begins with '{character}'"))
                .fix(format!("'{word}'"));
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar => {
            complaints.say(Code::Syntax, spot, "YAML takes no tabs for indentation").fix("use spaces");
        }
        ErrorKind::RecursionLimitExceeded => {
            complaints.say(Code::TooLarge, spot, "this is nested too deeply for a topology");
        }
        kind => {
            if let Some((spot, name)) = braces(&line, spot) {
                complaints
                    .say(Code::Syntax, spot, "a plain '{' begins a map in YAML")
                    .fix(format!("'{name}'"));
                return spot;
            }
            let said = complaints.say(Code::Syntax, spot, format!("this is not YAML: {}", told(kind, error)));
            said.maybe_fix(advice(kind, &rest));
        }
    }
    spot
}

/// The parser's own words, where they cannot be said better.
fn told(kind: &ErrorKind, error: &ScanError) -> String {
    match kind {
        ErrorKind::UnclosedFlowCollection { open } => format!("the '{open}' is never closed"),
        ErrorKind::UnclosedQuotedScalar | ErrorKind::InvalidQuotedScalarIndent => {
            "the quote is never closed, or its next line is not indented".to_owned()
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            "there cannot be a ':' here".to_owned()
        }
        ErrorKind::ExpectedBlockMappingKey => {
            "a key with a ':' belongs here, indented like its neighbours".to_owned()
        }
        ErrorKind::ExpectedFlowMappingSeparator => "a ',' or the closing '}' belongs here".to_owned(),
        ErrorKind::ExpectedFlowSequenceSeparator => "a ',' or the closing ']' belongs here".to_owned(),
        ErrorKind::ExpectedBlockSequenceEntry => {
            "a '-' belongs here, indented like its neighbours".to_owned()
        }
        _ => error.info(),
    }
}

fn advice(kind: &ErrorKind, rest: &str) -> Option<String> {
    match kind {
        ErrorKind::MappingValueNotAllowed if rest.starts_with(": ") => {
            Some("put quotes around a value that has ': ' in it".to_owned())
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            Some("check the indentation of this line and of the one above".to_owned())
        }
        ErrorKind::UnknownQuotedScalarEscape => {
            Some("use single quotes, in which a backslash is just a backslash".to_owned())
        }
        _ => None,
    }
}

/// The word at the beginning of a text, up to where YAML would end it.
fn plain_word(text: &str) -> &str {
    let end =
        text.find(|c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}' | '#')).unwrap_or(text.len());
    &text[..end]
}

/// A name with braces around the fault, with the spot of the name.
fn braces(line: &str, spot: Spot) -> Option<(Spot, String)> {
    let found = BRACES.as_ref()?.captures_iter(line).filter_map(|captures| captures.name("name"));
    let column = spot.column as usize;
    for name in found {
        let from = line[..name.start()].chars().count() + 1;
        let length = name.as_str().chars().count();
        let is_name = !(name.as_str().starts_with('{') && name.as_str().ends_with('}') && length < 3);
        if is_name && (from..=from + length).contains(&column) {
            return Some((
                Spot { column: from as u32, length: length as u32, ..spot },
                name.as_str().to_owned(),
            ));
        }
    }
    None
}

/// Complains when a distinguished name in a plain list has been split at its commas.
pub(super) fn split_names(items: &[Node], complaints: &mut Complaints<'_>) {
    let plain = |node: &Node| match &node.value {
        Value::Scalar(scalar) if scalar.plain => Some(scalar.text.clone()),
        _ => None,
    };
    let mut at = 0;
    while at < items.len() {
        let Some(first) = plain(&items[at]).filter(|text| text.contains("CN=")) else {
            at += 1;
            continue;
        };
        let parts: Vec<String> =
            items[at + 1..].iter().map_while(plain).take_while(|text| is_attribute(text)).collect();
        at += 1 + parts.len();
        if let Some(part) = parts.first() {
            let spot = items[at - parts.len()].spot;
            let whole = format!("{first},{}", parts.join(","));
            complaints
                .say(
                    Code::StrayKey,
                    spot,
                    format!("the comma ends '{first}', so that '{part}' is another item"),
                )
                .fix(format!("'{whole}'"));
        }
    }
}

/// Whether a text looks like `OU=b`, a part of a distinguished name.
fn is_attribute(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.len() <= 6 && name.bytes().all(|byte| byte.is_ascii_uppercase())
    })
}
