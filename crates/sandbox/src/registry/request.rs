use super::Manner;
use super::refusal::Refusal;
use super::register::Brought;
use klerk_core::world::{SchemaReference, SchemaType};
use serde_json::{Map, Value};

/// A request as far as the rules need it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    /// `GET`, `POST` and so on.
    pub method: String,
    /// The decoded segments of the path below the base path.
    pub path: Vec<String>,
    /// The decoded parameters, in order.
    pub query: Vec<(String, String)>,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl Request {
    /// Takes a request apart; `None` for a path that is not below the base path or not UTF-8.
    pub fn read(manner: Manner, method: &str, path: &str, query: &str, body: Vec<u8>) -> Option<Request> {
        let below = path.strip_prefix(manner.base_path())?;
        let segments = below.strip_prefix('/').unwrap_or(below);
        let path = segments.split('/').map(|segment| decoded(segment, false)).collect::<Option<_>>()?;
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decoded(key, true)?, decoded(value, true)?))
        });
        Some(Request { method: method.to_owned(), path, query: pairs.collect::<Option<_>>()?, body })
    }

    pub fn parameter(&self, key: &str) -> Option<&str> {
        self.query.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Anything but `true` is false, as for Java.
    pub fn flag(&self, key: &str) -> bool {
        self.parameter(key).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    pub fn number(&self, key: &str) -> Option<i64> {
        self.parameter(key)?.parse().ok()
    }

    /// The body, which must be an object.
    pub fn object(&self) -> Result<Map<String, Value>, Refusal> {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(other) => Err(Refusal::NotJson(format!("an object is wanted, not {}", kind_of(&other)))),
            Err(error) => Err(Refusal::NotJson(error.to_string())),
        }
    }

    /// A text of the body; `None` where there is none.
    pub fn text(&self, key: &str) -> Result<Option<String>, Refusal> {
        word(&self.object()?, key)
    }

    /// The schema that the body brings.
    pub fn schema(&self) -> Result<Brought, Refusal> {
        let body = self.object()?;
        let kind = match word(&body, "schemaType")? {
            None => SchemaType::Avro,
            Some(word) => SchemaType::from_word(&word).ok_or(Refusal::UnknownSchemaType(word))?,
        };
        let references = match body.get("references") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(written)) => {
                written.iter().map(reference).collect::<Option<_>>().ok_or_else(|| {
                    Refusal::NotJson("a reference has a name, a subject and a version".to_owned())
                })?
            }
            Some(other) => {
                return Err(Refusal::NotJson(format!("references are a list, not {}", kind_of(other))));
            }
        };
        let extras = ["metadata", "ruleSet"].into_iter().filter_map(|key| {
            body.get(key).filter(|value| !value.is_null()).map(|value| (key.to_owned(), value.clone()))
        });
        Ok(Brought {
            text: word(&body, "schema")?,
            kind,
            references,
            id: number(&body, "id")?.filter(|id| *id >= 0),
            version: number(&body, "version")?.filter(|version| *version != 0),
            extras: extras.collect(),
        })
    }
}

/// A scalar as text, as Jackson reads it.
fn word(body: &Map<String, Value>, key: &str) -> Result<Option<String>, Refusal> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(scalar @ (Value::Bool(_) | Value::Number(_))) => Ok(Some(scalar.to_string())),
        Some(other) => Err(Refusal::NotJson(format!("'{key}' is a text, not {}", kind_of(other)))),
    }
}

fn number(body: &Map<String, Value>, key: &str) -> Result<Option<i32>, Refusal> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let number = value.as_i64().and_then(|number| i32::try_from(number).ok());
            number.map(Some).ok_or_else(|| Refusal::NotJson(format!("'{key}' is a whole number")))
        }
    }
}

fn reference(written: &Value) -> Option<SchemaReference> {
    let text = |key: &str| written.get(key).and_then(Value::as_str).map(str::to_owned);
    let version =
        written.get("version").and_then(Value::as_i64).and_then(|number| i32::try_from(number).ok());
    Some(SchemaReference { name: text("name")?, subject: text("subject")?, version: version? })
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A text without its percent-encoding; in a query `+` is a space.
fn decoded(text: &str, is_query: bool) -> Option<String> {
    let mut bytes = text.bytes();
    let mut read = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        read.push(match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            b'+' if is_query => b' ',
            other => other,
        });
    }
    String::from_utf8(read).ok()
}
