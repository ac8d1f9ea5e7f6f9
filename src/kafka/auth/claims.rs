//! What a token says of itself, where it is a JSON Web Token (RFC 7519). It is read and not verified: that is the broker's part.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::Value;

/// When the token expires, where it is one that says so.
pub(super) fn expiry(token: &str) -> Option<Timestamp> {
    let claims = claims(token)?;
    let seconds = claims.get("exp")?;
    let seconds = seconds.as_i64().or_else(|| Some(seconds.as_f64()?.floor() as i64))?;
    Timestamp::from_second(seconds).ok()
}

/// Whom the token is for, where it is one that says so.
pub(super) fn subject(token: &str) -> Option<String> {
    let claims = claims(token)?;
    claims.get("sub")?.as_str().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned)
}

fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (_header, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&claims).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("eyJhbGciOiJub25lIn0.{}.", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_json_web_token_says_when_it_expires() {
        let at = Timestamp::from_second(1_763_719_200).ok();
        assert_eq!(expiry(&token(r#"{"sub":"klerk","exp":1763719200}"#)), at);
        assert_eq!(expiry(&token(r#"{"exp":1763719200.9}"#)), at);
        assert_eq!(subject(&token(r#"{"sub":"klerk","exp":1763719200}"#)).as_deref(), Some("klerk"));
    }

    #[test]
    fn other_tokens_say_nothing() {
        for text in
            ["opaque", "a.b", "a.b.c", "a.b.c.d", &token("{}"), &token("[]"), &token(r#"{"exp":"soon"}"#)]
        {
            assert_eq!(expiry(text), None, "{text}");
            assert_eq!(subject(text), None, "{text}");
        }
        assert_eq!(expiry(&token(r#"{"exp":1e300}"#)), None);
    }
}
