use super::Side;
use super::described::{Described, minute};
use std::fmt;

/// Why no TLS connection came about, or why the server ended it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsFailure {
    /// Nobody who is trusted signed the server's certificate.
    Untrusted {
        /// The server's certificate.
        certificate: Box<Described>,
        /// Who signed the last certificate of the chain that the server showed.
        signer: String,
        /// Which certificates are trusted, for people.
        trusted: String,
        /// Whether one of these has the signer's name, and is another one all the same.
        namesake: bool,
    },
    /// A certificate of the chain is no longer good.
    Expired(Box<Described>),
    /// A certificate of the chain is not good yet.
    NotYetValid(Box<Described>),
    /// The certificate is for others.
    OtherName {
        /// The name or address that was connected to.
        host: String,
        /// The server's certificate.
        certificate: Box<Described>,
    },
    /// The certificate is refused for another reason, in OpenSSL's words.
    Distrusted {
        /// Why.
        reason: String,
        /// The certificate.
        certificate: Box<Described>,
    },
    /// The server ended the connection with an alert.
    Alert(Alert),
    /// What answers does not speak TLS.
    NotTls,
    /// The server closed the connection during the handshake.
    Closed,
    /// No answer in time.
    Silent,
    /// Anything else, in the words of OpenSSL or of the system.
    Broken(String),
}

/// The alerts that end a connection for a reason that somebody can do something about: number, name in RFC 8446, and what it means.
pub const ALERTS: [(u8, &str, &str); 16] = [
    (
        40,
        "handshake_failure",
        "The server found no way to go on: no version or cipher is shared, or it wants a certificate of the client.",
    ),
    (
        42,
        "bad_certificate",
        "The server finds the client's certificate faulty, or, as brokers on TLS 1.2 say it, misses one.",
    ),
    (
        43,
        "unsupported_certificate",
        "The client's certificate is of a kind that the server does not take, such as one for servers only.",
    ),
    (44, "certificate_revoked", "The client's certificate was taken back by who had signed it."),
    (45, "certificate_expired", "The client's certificate is no longer good, or not yet."),
    (
        46,
        "certificate_unknown",
        "The server refuses the client's certificate for a reason that its log says; with brokers, as a rule nobody whom they trust has signed it.",
    ),
    (47, "illegal_parameter", "The server refuses a value of the handshake."),
    (48, "unknown_ca", "Nobody whom the server trusts has signed the client's certificate."),
    (49, "access_denied", "The client's certificate is good, and its owner is not let in."),
    (
        50,
        "decode_error",
        "The server cannot read a message of the handshake; what stands in between may have changed it.",
    ),
    (
        51,
        "decrypt_error",
        "A signature in the handshake is not right, as where a key does not belong to its certificate.",
    ),
    (70, "protocol_version", "The server speaks no version of TLS that is allowed here."),
    (71, "insufficient_security", "The server wants safer ciphers than those that it was offered."),
    (80, "internal_error", "The server failed for a reason of its own, which its log says."),
    (112, "unrecognized_name", "The server is not known by the name that it was asked for."),
    (116, "certificate_required", "The server wants a certificate of the client, and none was sent."),
];

/// An alert (RFC 8446, section 6) with which a server ended a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Its number.
    pub number: u8,
    /// Whether it is about the client's certificate, or the lack of one.
    pub about_client: bool,
    /// The client's own certificate, where it has one.
    pub shown: Option<Box<Described>>,
}

impl Alert {
    /// Its name in RFC 8446.
    pub fn name(&self) -> &'static str {
        let known = ALERTS.iter().find(|(number, ..)| *number == self.number);
        known.map_or("an alert without a name", |(_, name, _)| name)
    }

    /// An alert with this number. Once the server has shown its certificate, ciphers are agreed on, and a handshake that fails fails for
    /// that of the client.
    pub(super) fn new(number: u8, server_shown: bool, shown: Option<Box<Described>>) -> Alert {
        let about_client = matches!(number, 42..=46 | 48 | 116) || (number == 40 && server_shown);
        Alert { number, about_client, shown }
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = format!("TLS alert {}, {}", self.number, self.name());
        match &self.shown {
            None if self.about_client => {
                write!(f, "the server wants a certificate of the client, and none is set ({told})")
            }
            Some(shown) if self.about_client => {
                write!(f, "the server refuses the client's certificate {shown} ({told})")
            }
            _ if matches!(self.number, 70 | 71) => {
                write!(f, "the server speaks no version or cipher of TLS that is allowed here ({told})")
            }
            _ => write!(f, "the server ended the handshake ({told})"),
        }
    }
}

impl fmt::Display for TlsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TlsFailure::Untrusted { certificate, signer, trusted, namesake } => {
                write!(f, "the server's certificate cannot be trusted: ")?;
                if certificate.subject == certificate.issuer && *signer == certificate.issuer {
                    write!(f, "{} signed it for itself, and it is not among {trusted}", certificate.subject)
                } else if *namesake {
                    write!(
                        f,
                        "{} is signed by {signer}, and that is another {signer} than the one among {trusted}",
                        certificate.subject
                    )
                } else {
                    write!(f, "{} is signed by {signer}, who is not among {trusted}", certificate.subject)
                }
            }
            TlsFailure::Expired(certificate) => {
                write!(
                    f,
                    "a certificate of the server expired on {}: {certificate}",
                    minute(certificate.until)
                )
            }
            TlsFailure::NotYetValid(certificate) => write!(
                f,
                "a certificate of the server is good only from {} on: {certificate}",
                minute(certificate.from)
            ),
            TlsFailure::OtherName { host, certificate } => write!(
                f,
                "the server's certificate is not for {host}: {} is for {}",
                certificate.subject,
                certificate.meant_for()
            ),
            TlsFailure::Distrusted { reason, certificate } => {
                write!(f, "the server's certificate is refused: {reason}: {certificate}")
            }
            TlsFailure::Alert(alert) => alert.fmt(f),
            TlsFailure::NotTls => f.write_str("what answers does not speak TLS"),
            TlsFailure::Closed => f.write_str("the server closed the connection in the TLS handshake"),
            TlsFailure::Silent => f.write_str("the port takes connections and does not answer in TLS"),
            TlsFailure::Broken(reason) => write!(f, "the TLS handshake failed: {reason}"),
        }
    }
}

impl TlsFailure {
    /// What the reader can do about it, most likely first, in the keys of the side that was connected to.
    pub fn hints(&self, side: Side) -> Vec<String> {
        match self {
            TlsFailure::Alert(Alert { about_client: true, shown: Some(shown), .. }) => {
                let hint = match shown.until {
                    Some(until) if until < jiff::Timestamp::now() => {
                        format!("it expired on {}: have it renewed", minute(Some(until)))
                    }
                    _ => format!(
                        "have it signed by an authority that the server trusts; {} signed it, and the server's log says more",
                        shown.issuer
                    ),
                };
                vec![hint]
            }
            _ => hints_for(self.name(), side),
        }
    }

    /// Whether it is about who the client is, rather than about the server.
    pub fn concerns_the_client(&self) -> bool {
        matches!(self, TlsFailure::Alert(alert) if alert.about_client)
    }

    /// A word for the kind of failure, in the style of Kafka's own names.
    pub fn name(&self) -> &'static str {
        match self {
            TlsFailure::Untrusted { namesake: true, .. } => "TLS_OTHER_AUTHORITY",
            TlsFailure::Untrusted { .. } => "TLS_UNTRUSTED",
            TlsFailure::Expired(_) => "TLS_EXPIRED",
            TlsFailure::NotYetValid(_) => "TLS_NOT_YET_VALID",
            TlsFailure::OtherName { .. } => "TLS_OTHER_NAME",
            TlsFailure::Distrusted { .. } => "TLS_DISTRUSTED",
            failure if failure.concerns_the_client() => "TLS_CLIENT_CERTIFICATE",
            TlsFailure::Alert(Alert { number: 70 | 71, .. }) => "TLS_NOTHING_SHARED",
            TlsFailure::Alert(Alert { number: 112, .. }) => "TLS_UNKNOWN_NAME",
            TlsFailure::Alert(_) => "TLS_ALERT",
            TlsFailure::NotTls => "NO_TLS",
            TlsFailure::Closed => "TLS_CLOSED",
            TlsFailure::Silent => "TLS_SILENT",
            TlsFailure::Broken(_) => "TLS_BROKEN",
        }
    }
}

/// What can be done about a failure of TLS that is known by its [name](TlsFailure::name) alone; nothing for any other name.
pub fn hints_for(name: &str, side: Side) -> Vec<String> {
    let hints: &[&str] = match name {
        "TLS_OTHER_AUTHORITY" => &[
            "the authority's certificate was probably made anew: get the current one from who runs the server",
        ],
        "TLS_UNTRUSTED" => &[
            "name the certificate of that authority in {trust}; who runs the server has it",
            "where it is the authority that was expected, the server shows no complete chain",
        ],
        "TLS_EXPIRED" => &["who runs the server has to renew it; check this machine's clock too (`date -u`)"],
        "TLS_NOT_YET_VALID" => &["check the clock of this machine (`date -u`)"],
        "TLS_OTHER_NAME" if side == Side::Brokers => &[
            "connect by a name that the certificate is for; brokers say theirs in advertised.listeners",
            "or have the certificate made anew with this name among its subject alternative names",
        ],
        "TLS_OTHER_NAME" => &[
            "use a name that the certificate is for in the address",
            "or have the certificate made anew with this name among its subject alternative names",
        ],
        "TLS_DISTRUSTED" => &["have the certificate made anew by today's rules"],
        "TLS_CLIENT_CERTIFICATE" => {
            &["set {own} to the client's own certificate and key, which the server has to trust"]
        }
        "TLS_NOTHING_SHARED" => {
            &["check {versions} here and the versions at the server; klerk speaks TLS 1.2 and 1.3"]
        }
        "TLS_UNKNOWN_NAME" => &["connect by the name that the server is known under"],
        "TLS_ALERT" => &["the server's log says why"],
        "NO_TLS" if side == Side::Brokers => {
            &["check the port; without TLS, security.protocol is PLAINTEXT or SASL_PLAINTEXT"]
        }
        "NO_TLS" => &["check the port; without TLS the address begins with http://"],
        "TLS_CLOSED" => {
            &["check that the port is one with TLS; a proxy between here and there may also close it"]
        }
        "TLS_SILENT" => {
            &["check that the port is one with TLS; behind a proxy, that the server behind it is up"]
        }
        "TLS_BROKEN" => &["check the network between here and there, and the server's log"],
        _ => &[],
    };
    let said = |hint: &&str| {
        hint.replace("{trust}", &side.trust())
            .replace("{own}", &side.key("ssl.keystore.location"))
            .replace("{versions}", &side.key("ssl.enabled.protocols"))
    };
    hints.iter().map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broker() -> Box<Described> {
        Box::new(Described {
            subject: "CN=broker,O=example".to_owned(),
            issuer: "CN=ca,O=example".to_owned(),
            names: vec!["kafka.example".to_owned(), "10.0.0.9".to_owned()],
            from: "2026-01-01T00:00:00Z".parse().ok(),
            until: "2026-02-01T12:30:00Z".parse().ok(),
        })
    }

    fn untrusted(namesake: bool, certificate: Box<Described>) -> TlsFailure {
        let signer = certificate.issuer.clone();
        let trusted = "the certificates in ca.pem (CN=other)".to_owned();
        TlsFailure::Untrusted { certificate, signer, trusted, namesake }
    }

    #[test]
    fn each_failure_says_what_differs() {
        let mut own = broker();
        own.issuer.clone_from(&own.subject);
        let shown =
            |failure: TlsFailure| format!("{}\n  {}", failure, failure.hints(Side::Brokers).join("\n  "));
        insta::assert_snapshot!(shown(untrusted(false, broker())), @r"
        the server's certificate cannot be trusted: CN=broker,O=example is signed by CN=ca,O=example, who is not among the certificates in ca.pem (CN=other)
          name the certificate of that authority in ssl.truststore.location (or ssl.ca.location); who runs the server has it
          where it is the authority that was expected, the server shows no complete chain
        ");
        insta::assert_snapshot!(shown(untrusted(true, broker())), @r"
        the server's certificate cannot be trusted: CN=broker,O=example is signed by CN=ca,O=example, and that is another CN=ca,O=example than the one among the certificates in ca.pem (CN=other)
          the authority's certificate was probably made anew: get the current one from who runs the server
        ");
        insta::assert_snapshot!(shown(untrusted(false, own)), @r"
        the server's certificate cannot be trusted: CN=broker,O=example signed it for itself, and it is not among the certificates in ca.pem (CN=other)
          name the certificate of that authority in ssl.truststore.location (or ssl.ca.location); who runs the server has it
          where it is the authority that was expected, the server shows no complete chain
        ");
        insta::assert_snapshot!(shown(TlsFailure::Expired(broker())), @r"
        a certificate of the server expired on 2026-02-01 12:30 UTC: CN=broker,O=example, signed by CN=ca,O=example
          who runs the server has to renew it; check this machine's clock too (`date -u`)
        ");
        insta::assert_snapshot!(shown(TlsFailure::NotYetValid(broker())), @r"
        a certificate of the server is good only from 2026-01-01 00:00 UTC on: CN=broker,O=example, signed by CN=ca,O=example
          check the clock of this machine (`date -u`)
        ");
        insta::assert_snapshot!(
            shown(TlsFailure::OtherName { host: "127.0.0.1".to_owned(), certificate: broker() }), @r"
        the server's certificate is not for 127.0.0.1: CN=broker,O=example is for kafka.example, 10.0.0.9
          connect by a name that the certificate is for; brokers say theirs in advertised.listeners
          or have the certificate made anew with this name among its subject alternative names
        ");
        let alert = |number, shown| TlsFailure::Alert(Alert::new(number, true, shown));
        insta::assert_snapshot!(shown(alert(116, None)), @r"
        the server wants a certificate of the client, and none is set (TLS alert 116, certificate_required)
          set ssl.keystore.location to the client's own certificate and key, which the server has to trust
        ");
        insta::assert_snapshot!(shown(alert(46, Some(broker()))), @r"
        the server refuses the client's certificate CN=broker,O=example, signed by CN=ca,O=example (TLS alert 46, certificate_unknown)
          it expired on 2026-02-01 12:30 UTC: have it renewed
        ");
        insta::assert_snapshot!(shown(alert(40, None)), @r"
        the server wants a certificate of the client, and none is set (TLS alert 40, handshake_failure)
          set ssl.keystore.location to the client's own certificate and key, which the server has to trust
        ");
        insta::assert_snapshot!(shown(alert(70, None)), @r"
        the server speaks no version or cipher of TLS that is allowed here (TLS alert 70, protocol_version)
          check ssl.enabled.protocols here and the versions at the server; klerk speaks TLS 1.2 and 1.3
        ");
    }
}
