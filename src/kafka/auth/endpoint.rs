//! Getting a token by client credentials (RFC 6749, section 4.4), as KIP-768 has it.

use super::bearer::is_token;
use super::claims::expiry;
use super::token_error::TokenError;
use super::tokens::Token;
use crate::secure::{Connector, OauthClient};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use klerk_core::values::Secret;
use reqwest::Url;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Map, Value};
use std::error::Error;
use std::time::Duration;

/// How long it may take to reach the endpoint.
const CONNECT: Duration = Duration::from_secs(3);
/// How long the answer may take.
const ANSWER: Duration = Duration::from_secs(10);
/// Waits before a request is sent again that the endpoint was too busy for.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(1000)];
/// The most that is read of an answer, in bytes.
const LARGEST: usize = 1 << 20;

/// What is used of the answer (RFC 6749, sections 5.1 and 5.2).
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) access_token: Option<Secret>,
    /// In seconds.
    pub(super) expires_in: Option<i64>,
    error: Option<String>,
    description: Option<String>,
    fields: Vec<String>,
}

impl Answer {
    /// `None` where it is no JSON object.
    pub(super) fn read(bytes: &[u8]) -> Option<Answer> {
        let object: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
        let text = |name: &str| object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let seconds = object.get("expires_in").and_then(|value| {
            // Some providers write the number as a text.
            value
                .as_i64()
                .or_else(|| value.as_f64().map(|seconds| seconds as i64))
                .or_else(|| value.as_str()?.parse().ok())
        });
        Some(Answer {
            access_token: text("access_token").map(Secret::new),
            expires_in: seconds,
            error: text("error").map(str::to_owned),
            description: text("error_description").map(str::to_owned),
            fields: object.keys().take(20).map(|name| printable(name)).collect(),
        })
    }
}

fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// Asks for a token.
pub(super) async fn fetch(client: &OauthClient, now: Timestamp) -> Result<Token, TokenError> {
    let unreachable = |reason: String| TokenError::Unreachable { url: shown(&client.endpoint), reason };
    // The environment's proxies are not asked for: every variable that counts is listed in the settings.
    let mut http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT)
        .user_agent(concat!("klerk/", env!("CARGO_PKG_VERSION")));
    let address = Url::parse(&client.endpoint).ok();
    let mut tls = None;
    if let Some(encrypted) = address.filter(|url| url.scheme() == "https") {
        let connector = Connector::new(&client.tls)
            .map_err(|error| TokenError::Material { url: shown(&client.endpoint), error: Box::new(error) })?;
        let protected = connector.loaded().protect(http, &client.tls);
        http = protected.map_err(|error| unreachable(cause(&error)))?;
        tls = Some((connector, encrypted));
    }
    let http = http.build().map_err(|error| unreachable(cause(&error)))?;
    let mut pauses = PAUSES.iter();
    loop {
        let result = ask(&http, client, now).await;
        match (&result, pauses.next()) {
            (Err(TokenError::Refused { status: 429 | 502..=504, .. }), Some(pause)) => {
                tokio::time::sleep(*pause).await;
            }
            (Err(TokenError::NotJson { status: 429 | 502..=504, .. }), Some(pause)) => {
                tokio::time::sleep(*pause).await;
            }
            (Err(TokenError::Unreachable { url, .. }), _) => {
                let Some((connector, address)) = &tls else { return result };
                let failure = connector.failure_at(address).await;
                return match failure {
                    Some(failure) => Err(TokenError::Tls { url: url.clone(), failure: Box::new(failure) }),
                    None => result,
                };
            }
            _ => return result,
        }
    }
}

async fn ask(http: &reqwest::Client, client: &OauthClient, now: Timestamp) -> Result<Token, TokenError> {
    let url = shown(&client.endpoint);
    let lost = |error: reqwest::Error| {
        if error.is_timeout() && !error.is_connect() {
            TokenError::Silent { url: url.clone(), after: ANSWER }
        } else if error.is_timeout() {
            TokenError::Silent { url: url.clone(), after: CONNECT }
        } else {
            TokenError::Unreachable { url: url.clone(), reason: cause(&error) }
        }
    };
    let (id, secret) = match client.encode {
        true => (encoded(&client.id), encoded(client.secret.expose())),
        false => (client.id.clone(), client.secret.expose().to_owned()),
    };
    let sent = Secret::new(STANDARD.encode(format!("{id}:{secret}")));
    let echoes = [sent, Secret::new(secret.clone()), client.secret.clone()];
    let started = std::time::Instant::now();
    let mut response = http
        .post(&client.endpoint)
        .basic_auth(id, Some(secret))
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form(client.scope.as_deref()))
        .timeout(ANSWER)
        .send()
        .await
        .map_err(&lost)?;
    let status = response.status().as_u16();
    let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::debug!(%url, status, millis, "token");
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(&lost)? {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST {
            return Err(TokenError::NotJson { url, status });
        }
    }
    judge(&body, url, status, &echoes, now)
}

fn judge(
    body: &[u8],
    url: String,
    status: u16,
    echoes: &[Secret],
    now: Timestamp,
) -> Result<Token, TokenError> {
    let answer = Answer::read(body);
    if status != 200 {
        let Answer { error, description, .. } = answer.unwrap_or_default();
        // What is cut off would be found no more, so it is cut last.
        let hide =
            |text: String| printable(&echoes.iter().fold(text, |text, secret| secret.masked_in(&text)));
        return Err(TokenError::Refused {
            url,
            status,
            error: error.map(hide),
            description: description.map(hide),
        });
    }
    let Some(answer) = answer else { return Err(TokenError::NotJson { url, status }) };
    let Some(token) = answer.access_token else {
        return Err(TokenError::NoToken { url, fields: answer.fields });
    };
    if !is_token(token.expose()) {
        return Err(TokenError::NoSuchToken { place: format!("the answer of {url}") });
    }
    let told = answer.expires_in.and_then(|seconds| now.checked_add(SignedDuration::from_secs(seconds)).ok());
    // The endpoint counts from now on, whatever this machine's clock says; a claim is read by that clock.
    let expires = told.or_else(|| expiry(token.expose()));
    Ok(Token::new(token.expose().to_owned(), expires, now))
}

fn form(scope: Option<&str>) -> String {
    match scope.filter(|scope| !scope.is_empty()) {
        Some(scope) => format!("grant_type=client_credentials&scope={}", encoded(scope)),
        None => "grant_type=client_credentials".to_owned(),
    }
}

/// As forms are encoded (`application/x-www-form-urlencoded`).
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                encoded.push(char::from(byte))
            }
            b' ' => encoded.push('+'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// The endpoint without user information and query, in which secrets may stand.
fn shown(endpoint: &str) -> String {
    match Url::parse(endpoint) {
        Ok(mut url) => {
            url.set_query(None);
            url.set_fragment(None);
            // An address that has no place for a name has none.
            let _no_name = url.set_username("");
            let _no_password = url.set_password(None);
            url.to_string()
        }
        Err(_) => "(no address)".to_owned(),
    }
}

/// The innermost cause, which is what the operating system or the protocol said.
fn cause(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_endpoint_repeats_of_the_secret_is_masked() {
        let sent = STANDARD.encode("klerk:hunter2");
        let echoes = [Secret::new(sent.clone()), Secret::new("hunter2")];
        let body = format!(
            r#"{{"error":"invalid_client","error_description":"Basic {sent} is hunter2{}{sent}"}}"#,
            "-".repeat(160)
        );
        let url = "https://id.example/token".to_owned();
        let refused = judge(body.as_bytes(), url, 401, &echoes, Timestamp::UNIX_EPOCH).expect_err("refused");
        let told = refused.to_string();
        assert!(told.contains("invalid_client: Basic *** is ***-"), "{told}");
        assert!(!told.contains(&sent[..4]), "{told}");
    }
}
