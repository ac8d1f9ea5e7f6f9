use jiff::Timestamp;
use jiff::tz::TimeZone;
use openssl::asn1::{Asn1Time, Asn1TimeRef};
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
