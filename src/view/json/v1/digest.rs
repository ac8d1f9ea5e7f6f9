use openssl::sha::sha256;
use serde_json::{Number, Value};
use std::fmt::Write as _;

/// What stands before the sum, so that another kind of sum would be told apart.
const KIND: &str = "sha256:";

/// The digest of a document over its canonical text: no space, the keys of every object in the order of their bytes.
/// Indenting the document anew, or writing its keys in another order, leaves it the same. It tells that a value was
/// changed by mistake; whoever changes one on purpose can work out another digest.
pub(super) fn digest(document: &Value) -> String {
    let mut text = String::new();
    write(document, &mut text);
    sha256(text.as_bytes()).iter().fold(KIND.to_owned(), |mut digest, byte| {
        let _ = write!(digest, "{byte:02x}");
        digest
    })
}

/// Whether a digest is of the kind that [`digest`] makes.
pub(super) fn is_known(digest: &str) -> bool {
    digest.starts_with(KIND)
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            fields.sort_unstable_by_key(|(key, _)| *key);
            text.push('{');
            for (at, (key, value)) in fields.into_iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                write(value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        Value::Number(number) => text.push_str(&plain(number)),
        Value::Null | Value::Bool(_) | Value::String(_) => text.push_str(&value.to_string()),
    }
}

/// A number, where `1`, `1.0` and `1e0` are one: a program that writes the document anew may choose among them.
fn plain(number: &Number) -> String {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < EXACT => {
            format!("{float:.0}")
        }
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        digest(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn only_what_it_says_makes_the_digest() {
        let one = of(r#"{"a": {"x": [1, "é\n", null], "y": true}, "b": 1.0}"#);
        assert_eq!(one, of("{\n\"b\":1,\"a\":{\"y\":true,\"x\":[1.0,\"\\u00e9\\n\",null]}}"));
        assert!(is_known(&one) && one.len() == KIND.len() + 64, "{one}");
        for other in [
            r#"{"a": {"x": [1, "é\n", null], "y": true}, "b": 1.5}"#,
            r#"{"a": {"x": ["1", "é\n", null], "y": true}, "b": 1}"#,
            r#"{"a": {"x": ["é\n", 1, null], "y": true}, "b": 1}"#,
            r#"{"a": {"x": [1, "é\n"], "y": true}, "b": 1}"#,
            r#"{"a": {"x": [1, "é\n", null], "y": true}, "b": 1, "c": null}"#,
        ] {
            assert_ne!(one, of(other), "{other}");
        }
    }

    #[test]
    fn it_is_the_sum_that_everybody_computes() {
        // printf '{}' | sha256sum
        assert_eq!(of("{ }"), "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }
}
