use jiff::Timestamp;
use jiff::tz::TimeZone;
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::nid::Nid;
use openssl::x509::{X509NameRef, X509Ref};
use std::fmt;
use std::net::IpAddr;

/// What a certificate says of itself, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Whose it is, as Kafka writes it: `CN=broker-1,O=example`.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The names and addresses that it is for.
    pub names: Vec<String>,
    /// From when it is good; `None` when it does not say so in a way that can be read.
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
}

impl Described {
    pub(super) fn of(certificate: &X509Ref) -> Described {
        let names = certificate.subject_alt_names();
        let names = names.iter().flatten().filter_map(|name| {
            name.dnsname().map(str::to_owned).or_else(|| address(name.ipaddress()?).map(|ip| ip.to_string()))
        });
        Described {
            subject: written(certificate.subject_name()),
            issuer: written(certificate.issuer_name()),
            names: names.collect(),
            from: time(certificate.not_before()),
            until: time(certificate.not_after()),
        }
    }

    /// The names that it is for; where it has none of its own, what its owner is called.
    pub fn meant_for(&self) -> String {
        match self.names.as_slice() {
            [] => format!("no name but its owner's, {}", self.subject),
            names => names.join(", "),
        }
    }
}

impl fmt::Display for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.subject)?;
        if self.subject != self.issuer {
            write!(f, ", signed by {}", self.issuer)?;
        }
        Ok(())
    }
}

/// A time as certificates are read: to the minute, in UTC.
pub(super) fn minute(time: Option<Timestamp>) -> String {
    match time {
        Some(time) => time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string(),
        None => "a time that cannot be read".to_owned(),
    }
}

/// A name with its narrowest part first, as RFC 2253 and Kafka write it.
pub(super) fn written(name: &X509NameRef) -> String {
    let mut parts: Vec<String> = name
        .entries()
        .map(|entry| {
            let kind = entry.object().nid().short_name().unwrap_or("OID");
            let value = entry.data().to_string().unwrap_or_default();
            format!("{kind}={value}")
        })
        .collect();
    parts.reverse();
    if parts.is_empty() { "nobody".to_owned() } else { parts.join(",") }
}

/// A name as Java's `X500Principal.getName` writes it, where it writes it as plainly as we do: kinds that RFC 2253 has words for,
/// one in each part, and values without anything to escape. `None` for every other.
pub(super) fn plain_name(name: &X509NameRef) -> Option<String> {
    const KINDS: [Nid; 8] = [
        Nid::COMMONNAME,
        Nid::COUNTRYNAME,
        Nid::LOCALITYNAME,
        Nid::STATEORPROVINCENAME,
        Nid::ORGANIZATIONNAME,
        Nid::ORGANIZATIONALUNITNAME,
        Nid::DOMAINCOMPONENT,
        Nid::USERID,
    ];
    let is_plain = |value: &[u8]| {
        let inner = |byte: &u8| (byte.is_ascii_graphic() && !b",=+<>#;\"\\".contains(byte)) || *byte == b' ';
        value.iter().all(inner) && !value.is_empty() && !value.starts_with(b" ") && !value.ends_with(b" ")
    };
    let certain = name
        .entries()
        .all(|entry| KINDS.contains(&entry.object().nid()) && is_plain(entry.data().as_slice()));
    (certain && name.entries().count() == parts_of(&name.to_der().ok()?)?).then(|| written(name))
}

/// How many parts a name has (X.501): sets within a sequence, each of one or more entries.
fn parts_of(der: &[u8]) -> Option<usize> {
    let (tag, mut rest, _) = element(der)?;
    let mut count = 0;
    while tag == 0x30 && !rest.is_empty() {
        let (_, _, after) = element(rest)?;
        (count, rest) = (count + 1, after);
    }
    Some(count)
}

/// The tag of the first element (X.690), what is in it, and what comes after it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (inside, after) = rest.split_at_checked(length)?;
    Some((*tag, inside, after))
}

fn time(time: &Asn1TimeRef) -> Option<Timestamp> {
    const DAY: i64 = 24 * 60 * 60;
    let since = Asn1Time::from_unix(0).ok()?.diff(time).ok()?;
    Timestamp::from_second(i64::from(since.days) * DAY + i64::from(since.secs)).ok()
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from),
        _ => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::x509::X509Name;

    fn named(entries: &[(&str, &str)]) -> Option<String> {
        let mut name = X509Name::builder().unwrap();
        for (kind, value) in entries {
            name.append_entry_by_text(kind, value).unwrap();
        }
        plain_name(&name.build())
    }

    #[test]
    fn a_name_is_certain_where_java_writes_it_as_plainly() {
        let plain = [("DC", "example"), ("C", "DE"), ("O", "Purple Flea"), ("CN", "ops-1@example.com")];
        assert_eq!(named(&plain).as_deref(), Some("CN=ops-1@example.com,O=Purple Flea,C=DE,DC=example"));
        let long = "x".repeat(60);
        let many = [("OU", long.as_str()); 5];
        assert_eq!(named(&many).unwrap().matches("OU=x").count(), 5);
        for other in [
            ("emailAddress", "ops@example.com"),
            ("serialNumber", "7"),
            ("CN", "Flea, Purple"),
            ("CN", "#1"),
            ("CN", "jürgen"),
            ("O", " blank"),
        ] {
            assert_eq!(named(&[other, ("CN", "ops")]), None, "{other:?}");
        }
        // Two sets, of which the first has two entries: written with a plus.
        assert_eq!(parts_of(&[0x30, 8, 0x31, 4, 0x30, 0, 0x30, 0, 0x31, 0]), Some(2));
    }
}
