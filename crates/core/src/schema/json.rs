//! JSON as somebody wrote it: read strictly, and positions found again from the way to a value.

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// One step on the way from the whole text to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Into the member of an object.
    Key(String),
    /// Into the element of an array, counted from 0.
    Index(usize),
}

/// Text that is not the JSON that one can work with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotJson {
    pub position: Position,
    pub message: String,
    pub too_deep: bool,
}

/// Reads JSON, refusing a key that stands twice in one object and nesting that is too deep.
///
/// serde_json by itself keeps the last of two equal keys without a word. Its bound on depth (127) also bounds every
/// recursion over what this returns.
pub(crate) fn read(text: &str) -> Result<Value, NotJson> {
    serde_json::from_str::<Strict>(text).map(|strict| strict.0).map_err(|error| not_json(text, &error))
}

/// Reads JSON as most programs do: of two equal keys the last one counts.
pub(crate) fn read_last_key_wins(text: &str) -> Result<Value, NotJson> {
    serde_json::from_str(text).map_err(|error| not_json(text, &error))
}

fn not_json(text: &str, error: &serde_json::Error) -> NotJson {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = message.strip_suffix(&place).unwrap_or(&message).to_owned();
    NotJson {
        position: from_bytes(text, error.line(), error.column()),
        too_deep: message.starts_with("recursion limit"),
        message,
    }
}

/// The JSON pointer (RFC 6901) of a way.
pub(crate) fn pointer(way: &[Step]) -> String {
    way.iter()
        .map(|step| match step {
            Step::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => format!("/{index}"),
        })
        .collect()
}

/// Where the value at the end of `way` begins. A step that leads nowhere is the place of the value before it.
pub(crate) fn locate(text: &str, way: &[Step]) -> Position {
    let mut scanner = Scanner { text, at: 0 };
    scanner.skip_space();
    let mut begin = scanner.at;
    for step in way {
        if !scanner.enter(step) {
            break;
        }
        begin = scanner.at;
    }
    let before = &text[..begin];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Position {
        line: count(before.bytes().filter(|byte| *byte == b'\n').count() + 1),
        column: count(before[line_start..].chars().count() + 1),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// serde_json counts columns in bytes.
fn from_bytes(text: &str, line: usize, column: usize) -> Position {
    let content = text.split('\n').nth(line.saturating_sub(1)).unwrap_or("");
    let characters = content.char_indices().take_while(|(at, _)| *at < column).count();
    Position { line: count(line.max(1)), column: count(characters.max(1)) }
}

/// Walks over text that is known to be JSON.
struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Moves to the start of the member or element; false, with no promise about the position, when there is none.
    fn enter(&mut self, step: &Step) -> bool {
        let opening = if matches!(step, Step::Key(_)) { b'{' } else { b'[' };
        if self.peek() != Some(opening) {
            return false;
        }
        self.at += 1;
        let mut index = 0;
        loop {
            self.skip_space();
            if matches!(self.peek(), None | Some(b'}' | b']')) {
                return false;
            }
            let found = match step {
                Step::Index(wanted) => index == *wanted,
                Step::Key(wanted) => {
                    let begin = self.at;
                    self.skip_value();
                    let key = serde_json::from_str::<String>(&self.text[begin..self.at]);
                    self.skip_space();
                    self.at += 1;
                    self.skip_space();
                    key.is_ok_and(|key| key == *wanted)
                }
            };
            if found {
                return true;
            }
            self.skip_value();
            self.skip_space();
            if self.peek() == Some(b',') {
                self.at += 1;
            }
            index += 1;
        }
    }

    fn skip_value(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.skip_string(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' if depth == 0 => return,
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' | b':' if depth == 0 => return,
                _ if depth == 0 && byte.is_ascii_whitespace() => return,
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
    }
}

/// A JSON value without a key that stands twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(Strict(element)) = access.next_element()? {
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            if members.contains_key(&key) {
                return Err(de::Error::custom(format!("the key \"{key}\" stands twice in one object")));
            }
            let Strict(value) = access.next_value()?;
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, way: &[Step]) -> (u32, u32) {
        let position = locate(text, way);
        (position.line, position.column)
    }

    #[test]
    fn finds_a_value_again() {
        let text = "{ \"ü\\\"{\": [1, \"]\"],\n  \"a/b\": [ {}, [true ,\n null] ] }";
        let key = |key: &str| Step::Key(key.to_owned());
        assert_eq!(at(text, &[]), (1, 1));
        assert_eq!(at(text, &[key("ü\"{"), Step::Index(1)]), (1, 15));
        assert_eq!(at(text, &[key("a/b"), Step::Index(1), Step::Index(1)]), (3, 2));
        assert_eq!(at(text, &[key("a/b"), Step::Index(9)]), (2, 10), "the place of the array");
        assert_eq!(pointer(&[key("a/b~"), Step::Index(1)]), "/a~1b~0/1");
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_with_its_place() {
        let fault = read("{\"a\": 1,\n \"é\": 2, \"é\": 3}").unwrap_err();
        assert_eq!(fault.message, "the key \"é\" stands twice in one object");
        assert_eq!((fault.position.line, fault.position.column), (2, 12));
    }

    #[test]
    fn depth_is_bounded() {
        let deep = "[".repeat(20_000);
        assert!(read(&deep).unwrap_err().too_deep);
        assert!(read(&("[".repeat(100) + &"]".repeat(100))).is_ok());
    }
}
