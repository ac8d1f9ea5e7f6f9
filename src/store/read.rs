use super::StoreError;
use super::recorded::{Event, Footer, Recorded, read_time};
use super::v1::{FORMAT, HeaderV1, LineV1, VERSION};
use crate::view::json::v1::InvalidDocument;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Reads a record.
///
/// # Errors
/// When it cannot be read, is no record, tells of no run that had begun, or was written by a later klerk. A torn last line is no
/// error.
pub fn read(path: &Path) -> Result<Recorded, StoreError> {
    let bytes = fs::read(path).map_err(|source| StoreError::Unreadable { path: path.to_owned(), source })?;
    parse(path, &bytes)
}

/// The same from the bytes of a file.
///
/// # Errors
/// As [`read`].
pub fn parse(path: &Path, bytes: &[u8]) -> Result<Recorded, StoreError> {
    let malformed = |line: usize| move |source| StoreError::Malformed { path: path.to_owned(), line, source };
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    // What follows the last line's end is nothing, or the beginning of a line that was never finished.
    let rest = lines.pop().unwrap_or_default();
    let mut torn = !rest.is_empty();
    if lines.is_empty() {
        // A header without its end may still be whole.
        lines.push(rest);
        torn = false;
    }
    let mut numbered = (1..).zip(lines);
    let (_, first) = numbered.next().unwrap_or_default();
    let header = match header(first) {
        Err(InvalidDocument::Shape { .. }) if !bytes.contains(&b'\n') => {
            return Err(StoreError::NotBegun { path: path.to_owned() });
        }
        header => header.map_err(malformed(1))?,
    };
    let mut recorded = Recorded {
        path: path.to_owned(),
        id: header.id,
        at: read_time(&header.at).map_err(malformed(1))?,
        user: header.user,
        klerk: header.klerk,
        plan: header.plan.to_core().map_err(malformed(1))?,
        events: Vec::new(),
        footer: None,
        torn,
    };
    for (number, line) in numbered {
        let shape =
            |error: serde_json::Error| InvalidDocument::Shape { format: FORMAT, reason: error.to_string() };
        match serde_json::from_slice(line).map_err(shape).map_err(malformed(number))? {
            LineV1::Event(event) => {
                recorded.events.push(Event::try_from(event).map_err(malformed(number))?);
            }
            LineV1::Footer(footer) => {
                recorded.footer = Some(Footer::try_from(footer).map_err(malformed(number))?);
            }
            LineV1::Header(_) => {
                let reason = "a second header".to_owned();
                return Err(malformed(number)(InvalidDocument::Shape { format: FORMAT, reason }));
            }
        }
    }
    Ok(recorded)
}

/// Format and version are looked at before anything else, so that a later klerk's record is refused as such.
fn header(line: &[u8]) -> Result<HeaderV1, InvalidDocument> {
    let shape = |reason: String| InvalidDocument::Shape { format: FORMAT, reason };
    let value: Value = serde_json::from_slice(line).map_err(|error| shape(error.to_string()))?;
    match value.get("format").and_then(Value::as_str) {
        Some(FORMAT) => {}
        Some(found) => return Err(InvalidDocument::Format { expected: FORMAT, found: found.to_owned() }),
        None => return Err(shape("the first line has no format".to_owned())),
    }
    if let Some(found) = value.get("version").and_then(Value::as_u64).filter(|found| *found > VERSION.into())
    {
        let found = u32::try_from(found).unwrap_or(u32::MAX);
        return Err(InvalidDocument::Newer { format: FORMAT, found, known: VERSION });
    }
    match serde_json::from_value(value).map_err(|error| shape(error.to_string()))? {
        LineV1::Header(header) => Ok(*header),
        LineV1::Event(_) | LineV1::Footer(_) => Err(shape("the first line is no header".to_owned())),
    }
}
