use crate::secure::{MaterialError, host_and_port};
use reqwest::Url;
use std::fmt;

/// The base address of a registry, such as `http://127.0.0.1:8081` or one with a base path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address(String);

/// An address, or what goes with it, that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// No address at all.
    #[error("no address of a schema registry was given")]
    Missing,
    /// Not a URL. The text is not repeated when it could hold a password.
    #[error(
        "'{0}' is not the address of a schema registry: write http://HOST:PORT or https://HOST:PORT, with the base path if it has one"
    )]
    NotHttp(String),
    /// The certificates or keys for an https address cannot be had.
    #[error(transparent)]
    Material(#[from] MaterialError),
    /// A user or a password in the address would end up in process lists, logs and records.
    #[error(
        "{0}: the address must not hold a user or password: write basic.auth.user.info=USER:PASSWORD into the \
         file that --command-config names, or basic.auth.credentials.source=URL beside an address that stands there"
    )]
    UserInfo(String),
    /// A query or a fragment.
    #[error("{0}: the address must end with the base path, without '?' and '#'")]
    Query(String),
    /// A token that cannot be sent in a header.
    #[error("the registry's bearer token holds characters that a token cannot have (a line break, perhaps)")]
    Token,
}

impl Address {
    /// Reads an address as it was typed.
    pub(super) fn read(text: &str) -> Result<Address, InvalidAddress> {
        let text = text.trim();
        let shown = if text.contains('@') { "the address" } else { text };
        let url = Url::parse(text).map_err(|_| InvalidAddress::NotHttp(shown.to_owned()))?;
        let place = || format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidAddress::UserInfo(place()));
        }
        match url.scheme() {
            "http" | "https" => {}
            _ => return Err(InvalidAddress::NotHttp(shown.to_owned())),
        }
        // What is read as a path may have been meant as the user and password of a second address.
        if text.contains('@') {
            return Err(InvalidAddress::UserInfo(place()));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidAddress::Query(place()));
        }
        Ok(Address(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// Where TLS is spoken; `None` for an address without TLS.
    pub(super) fn encrypted(&self) -> Option<Url> {
        Url::parse(&self.0).ok().filter(|url| url.scheme() == "https")
    }

    /// Host and port of an address without TLS; `None` for one with it.
    pub(super) fn plain(&self) -> Option<(String, u16)> {
        host_and_port(&Url::parse(&self.0).ok().filter(|url| url.scheme() == "http")?)
    }

    /// The address of a resource of the API; `path` begins with `/` and its parts are encoded.
    pub(super) fn of(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a text can be the base address of a registry, for who reads settings before there is a client.
///
/// # Errors
/// With what is wrong with it.
pub fn check_address(text: &str) -> Result<(), InvalidAddress> {
    Address::read(text).map(|_| ())
}

/// A subject's name as one segment of a path: every byte that is not unreserved (RFC 3986) is encoded.
///
/// `None` for `.` and `..`, which no encoding keeps apart from a step within the path.
pub(super) fn segment(subject: &str) -> Option<String> {
    if matches!(subject, "" | "." | "..") {
        return None;
    }
    let mut encoded = String::with_capacity(subject.len());
    for byte in subject.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    Some(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_base_path() {
        let address = Address::read(" http://127.0.0.1:8080/apis/ccompat/v7/ ").unwrap();
        assert_eq!(address.of("/subjects"), "http://127.0.0.1:8080/apis/ccompat/v7/subjects");
        assert_eq!(Address::read("http://registry").unwrap().of("/subjects"), "http://registry/subjects");
    }

    #[test]
    fn an_address_that_cannot_be_used_says_why() {
        let refusal = |text: &str| Address::read(text).unwrap_err().to_string();
        insta::assert_snapshot!(refusal("localhost:8081"), @"'localhost:8081' is not the address of a schema registry: write http://HOST:PORT or https://HOST:PORT, with the base path if it has one");
        insta::assert_snapshot!(refusal("registry"), @"'registry' is not the address of a schema registry: write http://HOST:PORT or https://HOST:PORT, with the base path if it has one");
        insta::assert_snapshot!(refusal("http://ann:hunter2@registry:8081"), @"http://registry: the address must not hold a user or password: write basic.auth.user.info=USER:PASSWORD into the file that --command-config names, or basic.auth.credentials.source=URL beside an address that stands there");
        assert!(refusal("https://a,https://ann:hunter2@b").contains("must not hold a user or password"));
        insta::assert_snapshot!(refusal("ann:hunter2@registry"), @"'the address' is not the address of a schema registry: write http://HOST:PORT or https://HOST:PORT, with the base path if it has one");
        insta::assert_snapshot!(refusal("http://registry/?a=b"), @"http://registry: the address must end with the base path, without '?' and '#'");
    }

    #[test]
    fn tls_is_spoken_where_the_address_says_so() {
        let of = |text: &str| host_and_port(&Address::read(text).unwrap().encrypted()?);
        assert_eq!(of("https://registry.example/apis"), Some(("registry.example".to_owned(), 443)));
        assert_eq!(of("https://[::1]:8443"), Some(("::1".to_owned(), 8443)));
        assert_eq!(of("http://registry:8081"), None);
    }

    #[test]
    fn a_subject_is_one_segment() {
        assert_eq!(segment("orders-value").as_deref(), Some("orders-value"));
        assert_eq!(segment("a/b c%ü:.").as_deref(), Some("a%2Fb%20c%25%C3%BC%3A."));
        assert_eq!(segment(".."), None);
    }
}
