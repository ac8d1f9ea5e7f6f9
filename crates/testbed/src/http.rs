//! Just enough HTTP to talk to the registry without klerk.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// An HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Answer {
    /// The body, or an error with status and body when the status is not one of success.
    pub fn checked(self) -> Result<String> {
        if !(200..300).contains(&self.status) {
            bail!("the registry answered {}: {}", self.status, self.body);
        }
        Ok(self.body)
    }
}

/// Asks the registry at `base` (`http://host:port/path`) for a path below it, such as `/subjects`, as nobody.
///
/// # Errors
/// When the base is no such address, or no answer comes.
pub fn ask(base: &str, method: &str, path: &str, body: Option<&str>) -> Result<Answer> {
    let rest = base.strip_prefix("http://").with_context(|| format!("{base} is no address of a registry"))?;
    let (authority, folder) = match rest.split_once('/') {
        Some((authority, folder)) => (authority, format!("/{}", folder.trim_end_matches('/'))),
        None => (rest, String::new()),
    };
    request(authority, method, &format!("{folder}{path}"), None, body)
}

/// One request on a connection of its own. `authority` is `host:port`, `authorization` a whole header value.
pub(crate) fn request(
    authority: &str,
    method: &str,
    path: &str,
    authorization: Option<&str>,
    body: Option<&str>,
) -> Result<Answer> {
    let mut stream =
        TcpStream::connect(authority).with_context(|| format!("cannot connect to {authority}"))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    // HTTP/1.0, so that the server closes the connection after the body and sends it in one piece.
    let mut head = format!("{method} {path} HTTP/1.0\r\nHost: {authority}\r\nAccept: */*\r\n");
    if let Some(authorization) = authorization {
        head += &format!("Authorization: {authorization}\r\n");
    }
    if let Some(body) = body {
        head += &format!(
            "Content-Type: application/vnd.schemaregistry.v1+json\r\nContent-Length: {}\r\n",
            body.len()
        );
    }
    stream.write_all(format!("{head}\r\n{}", body.unwrap_or_default()).as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).with_context(|| format!("{method} {path} at {authority}"))?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").context("not an HTTP answer")?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no HTTP status")?;
    Ok(Answer { status, body: body.to_owned() })
}
