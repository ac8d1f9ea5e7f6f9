use std::borrow::Cow;
use std::{fmt, str};

/// A host and a port, as somebody wrote them or as a broker advertises them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// A name, an IPv4 address, or an IPv6 address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// The text is not `host:port`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not host:port: {reason}")]
pub struct InvalidAddress {
    /// The text, without what may be a password.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl Address {
    /// Pairs a host with a port.
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Address { host: host.into(), port }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl str::FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = |reason| InvalidAddress { text: text.to_owned(), reason };
        let trimmed = text.trim();
        if trimmed.contains('@') {
            let reason = "the address of a broker holds no user and no password, which stand in the client's properties";
            return Err(InvalidAddress { text: without_user(trimmed).into_owned(), reason });
        }
        if trimmed.contains("://") {
            return Err(invalid("a bootstrap server is written without a scheme"));
        }
        if trimmed.contains(',') {
            return Err(invalid("it names several servers"));
        }
        let (host, port) = match trimmed.strip_prefix('[') {
            Some(rest) => rest.split_once("]:").ok_or_else(|| invalid("the port is missing"))?,
            None => trimmed.rsplit_once(':').ok_or_else(|| invalid("the port is missing, 9092 as a rule"))?,
        };
        if host.is_empty() {
            return Err(invalid("the host is missing"));
        }
        if !trimmed.starts_with('[') && host.contains(':') {
            return Err(invalid("an IPv6 address stands in brackets: [::1]:9092"));
        }
        let port: u16 = port.parse().map_err(|_| invalid("the port is not a number up to 65535"))?;
        if port == 0 {
            return Err(invalid("the port is 0"));
        }
        Ok(Address { host: host.to_owned(), port })
    }
}

/// The items of a list of addresses with commas between them. What stands before the last `@` may be a password with a comma in
/// it, so that it is taken apart only where another URL begins: an item with an `@` is no address of a broker, and no message
/// repeats it.
pub fn addresses_in(text: &str) -> impl Iterator<Item = &str> {
    let mut items = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = end_of_first(rest);
        items.push(rest[..end].trim());
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    items.into_iter().filter(|item| !item.is_empty())
}

fn end_of_first(list: &str) -> usize {
    let last_user = list.rfind('@');
    let is_end = |comma: &usize| {
        last_user.is_none_or(|at| at < *comma) || begins_with_url(list[comma + 1..].trim_start())
    };
    list.match_indices(',').map(|(comma, _)| comma).find(is_end).unwrap_or(list.len())
}

fn begins_with_url(text: &str) -> bool {
    let begins =
        |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    begins("http://") || begins("https://")
}

/// A text that should be an address as it may be shown: without what stands before an `@`.
pub fn without_user(text: &str) -> Cow<'_, str> {
    match text.rsplit_once('@') {
        Some((_, rest)) => format!("***@{rest}").into(),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_password_is_not_taken_apart() {
        let items = |text| addresses_in(text).collect::<Vec<_>>();
        assert_eq!(items("a:1, b:2,,c:3,"), ["a:1", "b:2", "c:3"]);
        assert_eq!(items("zed:hun,ter2@host:9092,b:2"), ["zed:hun,ter2@host:9092", "b:2"]);
        assert_eq!(items("a:1,zed:hun@ter2@host"), ["a:1,zed:hun@ter2@host"]);
        assert_eq!(
            items("https://u:p,q@a, HTTP://v:w@b:1/x,https://c"),
            ["https://u:p,q@a", "HTTP://v:w@b:1/x", "https://c"]
        );
        assert_eq!(items("https://a,https://u:hunter2@b"), ["https://a", "https://u:hunter2@b"]);
        assert!(items("").is_empty() && items(" , ").is_empty());
        for text in ["zed:hun,ter2@host:9092,b:2", "a:1,zed:hun,ter2@host", "hun,ter2@"] {
            for item in addresses_in(text).filter(|item| item.contains('@')) {
                let told = item.parse::<Address>().expect_err("no address").to_string();
                assert!(!told.contains("hun") && !told.contains("ter2"), "{told}");
            }
        }
    }

    fn reason(text: &str) -> &'static str {
        text.parse::<Address>().expect_err("invalid").reason
    }

    #[test]
    fn hosts_and_ports_are_read_and_shown_alike() {
        for text in ["kafka:9092", "10.0.0.1:19092", "[::1]:9092"] {
            assert_eq!(text.parse::<Address>().map(|address| address.to_string()).as_deref(), Ok(text));
        }
        assert_eq!(" kafka:9092 ".parse(), Ok(Address::new("kafka", 9092)));
        assert_eq!("[fe80::1]:1".parse(), Ok(Address::new("fe80::1", 1)));
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(reason("kafka"), "the port is missing, 9092 as a rule");
        assert_eq!(reason("http://kafka:9092"), "a bootstrap server is written without a scheme");
        assert_eq!(
            "SASL://ann:hunter2@kafka:9092".parse::<Address>().expect_err("invalid").to_string(),
            "'***@kafka:9092' is not host:port: the address of a broker holds no user and no password, which stand in the client's properties"
        );
        assert_eq!(reason("::1:9092"), "an IPv6 address stands in brackets: [::1]:9092");
        assert_eq!(reason("kafka:99999"), "the port is not a number up to 65535");
        assert_eq!(reason("kafka:0"), "the port is 0");
        assert_eq!(reason(":9092"), "the host is missing");
        assert_eq!(reason("a:1,b:2"), "it names several servers");
    }
}
