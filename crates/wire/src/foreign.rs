//! Recognising bytes that no Kafka broker sends.

use std::fmt;

/// What answered in the place of a Kafka broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// TLS records (an alert or a handshake, RFC 8446 section 5.1): the port expects TLS.
    Tls,
    /// An HTTP server.
    Http,
    /// An SSH server, which speaks first.
    Ssh,
    /// Bytes that are no Kafka answer and that have no other known face.
    Unknown,
}

impl Foreign {
    /// Recognises the protocol by the first bytes that a server sent. Four are enough for every kind known here.
    /// `None` means that they may be the start of a Kafka frame.
    pub fn recognise(start: &[u8]) -> Option<Foreign> {
        match start {
            [0x15 | 0x16, 0x03, ..] => Some(Foreign::Tls),
            [b'H', b'T', b'T', b'P', ..] => Some(Foreign::Http),
            [b'S', b'S', b'H', b'-', ..] => Some(Foreign::Ssh),
            _ => None,
        }
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Foreign::Tls => "TLS",
            Foreign::Http => "HTTP",
            Foreign::Ssh => "SSH",
            Foreign::Unknown => "a protocol that is not Kafka's",
        })
    }
}

/// A TLS ClientHello (RFC 5246 section 7.4.1.2, without extensions) that every TLS server answers, be it with an
/// alert. Sending it tells whether a port that hung up on a plain request expects TLS; no connection is ever built on
/// it, so its random part is fixed.
pub fn tls_client_hello() -> Vec<u8> {
    const SUITES: [u8; 8] = [0xc0, 0x2f, 0xc0, 0x30, 0xc0, 0x2b, 0x00, 0x9c];
    let mut body = vec![0x03, 0x03];
    body.extend_from_slice(b"which protocol is spoken here???");
    body.push(0);
    body.extend_from_slice(&[0, SUITES.len() as u8]);
    body.extend_from_slice(&SUITES);
    body.extend_from_slice(&[1, 0]);
    let mut record = vec![0x16, 0x03, 0x01, 0, body.len() as u8 + 4, 0x01, 0, 0, body.len() as u8];
    record.extend_from_slice(&body);
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_protocols_are_recognised() {
        assert_eq!(Foreign::recognise(&[0x15, 0x03, 0x03, 0x00, 0x02]), Some(Foreign::Tls));
        assert_eq!(Foreign::recognise(&[0x16, 0x03, 0x01, 0x00]), Some(Foreign::Tls));
        assert_eq!(Foreign::recognise(b"HTTP/1.1 400 Bad Request"), Some(Foreign::Http));
        assert_eq!(Foreign::recognise(b"SSH-2.0-OpenSSH"), Some(Foreign::Ssh));
    }

    #[test]
    fn the_client_hello_states_its_own_lengths() {
        let hello = tls_client_hello();
        assert_eq!(usize::from(hello[4]), hello.len() - 5);
        assert_eq!(usize::from(hello[8]), hello.len() - 9);
        assert_eq!(hello.len(), 5 + 4 + 2 + 32 + 1 + 10 + 2);
        assert_eq!(Foreign::recognise(&hello), Some(Foreign::Tls));
    }

    #[test]
    fn a_frame_of_a_broker_is_not_foreign() {
        assert_eq!(Foreign::recognise(&[0x00, 0x00, 0x01, 0x9f]), None);
        assert_eq!(Foreign::recognise(&[]), None);
    }
}
