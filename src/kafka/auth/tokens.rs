//! Getting tokens, and keeping the one at hand until it is about to expire.

use super::bearer::is_token;
use super::claims::expiry;
use super::token_error::TokenError;
use super::{command, endpoint};
use crate::secure::TokenSource;
use jiff::{SignedDuration, Timestamp};
use klerk_core::values::Secret;
use std::path::Path;

/// How long a token is taken to last that does not say when it expires: it serves the logins of one command, and not much more.
const UNTOLD: SignedDuration = SignedDuration::from_secs(75);

/// A token, and when to get the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: Secret,
    /// When it expires, as far as that is known.
    pub(super) expires: Timestamp,
    renew_at: Timestamp,
}

impl Token {
    /// A token that was got at `now`. It is replaced when four fifths of the time that is left have passed, as Java's clients do.
    pub(super) fn new(text: String, expires: Option<Timestamp>, now: Timestamp) -> Token {
        let lasts = expires.map_or(UNTOLD, |expires| expires.duration_since(now));
        let after = |time: SignedDuration| now.saturating_add(time).unwrap_or(now);
        Token { text: Secret::new(text), expires: after(lasts), renew_at: after(lasts * 4 / 5) }
    }

    pub(super) fn serves(&self, now: Timestamp) -> bool {
        now < self.renew_at
    }
}

/// Gets a token from where tokens come from.
pub(super) async fn fetch(source: &TokenSource, now: Timestamp) -> Result<Token, TokenError> {
    match source {
        TokenSource::Client(client) => endpoint::fetch(client, now).await,
        TokenSource::File(path) => of_file(path, now).await,
        TokenSource::Command(words) => {
            let printed = command::run(words).await?;
            let place = format!("the output of '{}'", words.first().map_or("", String::as_str));
            read(&printed, place, now)
        }
    }
}

async fn of_file(path: &Path, now: Timestamp) -> Result<Token, TokenError> {
    let text = tokio::fs::read_to_string(path).await.map_err(|error| TokenError::Unreadable {
        path: path.to_owned(),
        reason: match error.kind() {
            std::io::ErrorKind::InvalidData => "it is no UTF-8".to_owned(),
            _ => error.to_string(),
        },
    })?;
    read(&text, path.display().to_string(), now)
}

/// A text that is a token, or a JSON object that has one as OAuth's own answers do.
fn read(text: &str, place: String, now: Timestamp) -> Result<Token, TokenError> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(TokenError::Empty { place });
    }
    let answer = endpoint::Answer::read(text.as_bytes());
    let (token, told) = match &answer {
        Some(endpoint::Answer { access_token: Some(token), expires_in, .. }) => (token.expose(), *expires_in),
        _ => (text, None),
    };
    if !is_token(token) {
        return Err(TokenError::NoSuchToken { place });
    }
    let told = told.and_then(|seconds| now.checked_add(SignedDuration::from_secs(seconds)).ok());
    let expires = expiry(token).or(told);
    match expires {
        Some(at) if at <= now => Err(TokenError::Expired { place, at }),
        _ => Ok(Token::new(token.to_owned(), expires, now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a time")
    }

    fn token(text: &str) -> Result<Token, TokenError> {
        read(text, "the file".to_owned(), at(1_000))
    }

    fn expiring(second: i64) -> String {
        format!("e30.{}.x", URL_SAFE_NO_PAD.encode(format!("{{\"exp\":{second}}}")))
    }

    #[test]
    fn a_token_serves_until_it_is_about_to_expire() {
        let read = token(&expiring(2_000)).expect("a token");
        assert!(read.serves(at(1_799)) && !read.serves(at(1_800)));
        let untold = token("opaque").expect("a token");
        assert!(untold.serves(at(1_059)) && !untold.serves(at(1_060)));
    }

    #[test]
    fn white_space_and_a_byte_order_mark_are_no_part_of_it() {
        assert_eq!(token("\u{feff} opaque\r\n").expect("a token").text.expose(), "opaque");
    }

    #[test]
    fn the_answer_of_a_token_endpoint_is_read_too() {
        let read =
            token(r#"{"access_token":"opaque","expires_in":100,"token_type":"Bearer"}"#).expect("a token");
        assert_eq!(read.text.expose(), "opaque");
        assert!(read.serves(at(1_079)) && !read.serves(at(1_080)));
    }

    #[test]
    fn what_is_no_token_is_not_sent_and_not_told() {
        assert!(matches!(token(" \n"), Err(TokenError::Empty { .. })));
        for text in ["two words", "{\"id_token\":\"x\"}", "Bearer abc", "a\u{1}auth=Bearer b"] {
            let error = token(text).expect_err("no token");
            assert!(matches!(error, TokenError::NoSuchToken { .. }), "{text}");
            assert!(!error.to_string().contains(text));
        }
        let expired = token(&expiring(999)).expect_err("expired");
        assert_eq!(expired.to_string(), "the token in the file expired at 1970-01-01T00:16:39Z");
    }

    #[tokio::test]
    async fn a_file_that_is_not_there() {
        let source = TokenSource::File("/nowhere/token".into());
        let error = fetch(&source, at(0)).await.expect_err("no file");
        insta::assert_snapshot!(error, @"the token file /nowhere/token cannot be read: No such file or directory (os error 2)");
    }
}
