//! The messages of OAUTHBEARER (RFC 7628), with the extensions of KIP-342.

use serde::Deserialize;

/// What parts the fields of a message, and what a client answers to a refusal.
const SEPARATOR: char = '\u{1}';

/// The answer to a refusal: the exchange has to end with a message that says nothing.
pub(super) const NOTHING_MORE: &[u8] = b"\x01";

/// The only message of the client: the token and its extensions.
///
/// # Errors
/// When an extension cannot be sent: its name has to be of letters and not `auth`, and its value printable.
pub(super) fn message(token: &str, extensions: &[(String, String)]) -> Result<Vec<u8>, String> {
    let mut message = format!("n,,{SEPARATOR}auth=Bearer {token}{SEPARATOR}");
    for (name, value) in extensions {
        let named = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic()) && name != "auth";
        let sendable = |c: char| c.is_ascii_graphic() || matches!(c, ' ' | '\t' | '\r' | '\n');
        if !named || value.is_empty() || !value.chars().all(sendable) {
            return Err(name.chars().filter(|c| !c.is_control()).take(60).collect());
        }
        message.push_str(&format!("{name}={value}{SEPARATOR}"));
    }
    message.push(SEPARATOR);
    Ok(message.into_bytes())
}

/// Whether a text can be a token (RFC 6750, section 2.1).
pub(super) fn is_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let part = |c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c);
    !body.is_empty() && body.chars().all(part)
}

/// What a server says of a token that it does not take (RFC 7628, section 3.2.2).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Challenge {
    /// Such as `invalid_token`.
    #[serde(default)]
    pub(super) status: Option<String>,
    /// The scope that the token would need.
    #[serde(default)]
    pub(super) scope: Option<String>,
}

impl Challenge {
    /// Reads it as far as it can be read: it is only told.
    pub(super) fn read(bytes: &[u8]) -> Challenge {
        let read: Challenge = serde_json::from_slice(bytes).unwrap_or_default();
        let printable = |text: Option<String>| {
            let text: String = text?.chars().filter(|c| !c.is_control()).take(200).collect();
            (!text.is_empty()).then_some(text)
        };
        Challenge { status: printable(read.status), scope: printable(read.scope) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extension(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
    }

    #[test]
    fn a_token_goes_between_separators() {
        assert_eq!(message("t0ken", &[]).as_deref(), Ok(b"n,,\x01auth=Bearer t0ken\x01\x01".as_slice()));
        assert_eq!(
            message("t0ken", &extension("logicalCluster", "lkc-1")).as_deref(),
            Ok(b"n,,\x01auth=Bearer t0ken\x01logicalCluster=lkc-1\x01\x01".as_slice())
        );
    }

    #[test]
    fn extensions_cannot_forge_fields() {
        for (name, value) in
            [("auth", "x"), ("", "x"), ("a1", "x"), ("a b", "x"), ("a", ""), ("a", "x\u{1}auth=y")]
        {
            assert!(message("t", &extension(name, value)).is_err(), "{name}={value}");
        }
    }

    #[test]
    fn a_token_is_of_certain_characters() {
        for token in ["abc", "a.b.c", "YWJj==", "a-b_c~d+e/f"] {
            assert!(is_token(token), "{token}");
        }
        for text in ["", "==", "a b", "a=b", "a\nb", "<html>", "tök", "a\u{1}b"] {
            assert!(!is_token(text), "{text}");
        }
    }

    #[test]
    fn a_refusal_is_read_as_far_as_it_goes() {
        let read = Challenge::read(br#"{"status":"invalid_token","scope":"kafka","other":1}"#);
        assert_eq!(
            read,
            Challenge { status: Some("invalid_token".to_owned()), scope: Some("kafka".to_owned()) }
        );
        assert_eq!(Challenge::read(b"<html>"), Challenge::default());
    }
}
