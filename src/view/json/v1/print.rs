use serde::Serialize;

/// A document as it is printed: indented, with a line's end.
pub fn print(document: &impl Serialize) -> String {
    match serde_json::to_string_pretty(document) {
        Ok(mut text) => {
            text.push('\n');
            text
        }
        // Only maps with keys that are no texts fail, and no document has one; the reader must still get a document.
        Err(error) => {
            let message = serde_json::Value::from(format!("the answer cannot be written as JSON: {error}"));
            format!(
                "{{\"format\":\"klerk.error\",\"version\":1,\"error\":{{\"kind\":\"internal\",\"message\":{message}}}}}\n"
            )
        }
    }
}
