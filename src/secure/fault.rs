use super::Side;
use std::fmt;

/// What a file or a setting was to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The certificates that are trusted.
    Trust,
    /// The client's own certificate, as a rule with its key.
    Own,
    /// The client's own key, apart from its certificate.
    Key,
}

impl Role {
    fn contents(self) -> &'static str {
        match self {
            Role::Trust => "trusted certificates",
            Role::Own => "the client's own certificate",
            Role::Key => "the client's own key",
        }
    }

    /// The keys of the password of the store, in Java's spelling and in that of librdkafka.
    fn password_keys(self) -> &'static str {
        match self {
            Role::Trust => "ssl.truststore.password",
            Role::Own | Role::Key => "ssl.keystore.password",
        }
    }
}

/// Why certificates or keys could not be taken from where they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct MaterialError {
    /// The file, or the key of the setting.
    pub place: String,
    /// What it was to give.
    pub role: Role,
    /// What is wrong with it.
    pub fault: MaterialFault,
}

/// What is wrong with a file or a setting that should hold certificates or keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MaterialFault {
    /// The file cannot be read, in the system's words.
    Unreadable(String),
    /// Nothing is in it.
    Empty,
    /// It is of no format that is known.
    Unknown,
    /// It is a JCEKS store.
    Jceks,
    /// It is of a known format, and not whole, in OpenSSL's words where it has some.
    Damaged(String),
    /// No certificate is in it.
    NoCertificate,
    /// It is a folder, and no certificate in it has a name by which OpenSSL finds it.
    NoHashes,
    /// No private key is in it.
    NoKey,
    /// It is protected, and no password was given.
    PasswordMissing,
    /// The password is another one.
    PasswordWrong,
    /// The key in it is protected, and no password was given.
    KeyPasswordMissing,
    /// The password of the key in it is another one.
    KeyPasswordWrong,
    /// The key is that of another certificate; which one is had instead.
    OtherKey(String),
    /// The system has no roots at any place that is known.
    NoRoots,
    /// OpenSSL does not take what was read, in its words.
    Refused(String),
}

impl fmt::Display for MaterialFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MaterialFault::Unreadable(reason) => write!(f, "cannot be read: {reason}"),
            MaterialFault::Empty => f.write_str("is empty"),
            MaterialFault::Unknown => f.write_str("holds neither PEM nor a PKCS#12 or JKS store"),
            MaterialFault::Jceks => f.write_str("is a JCEKS store, a format that klerk does not read"),
            MaterialFault::Damaged(reason) => write!(f, "is damaged or cut off: {reason}"),
            MaterialFault::NoCertificate => f.write_str("holds no certificate"),
            MaterialFault::NoHashes => f.write_str(
                "is a folder, and no certificate in it has a name by which OpenSSL finds it, such as 9d66eef0.0",
            ),
            MaterialFault::NoKey => f.write_str("holds no private key"),
            MaterialFault::PasswordMissing => f.write_str("is protected by a password, and none is set"),
            MaterialFault::PasswordWrong => f.write_str("the password of the store is not right"),
            MaterialFault::KeyPasswordMissing => {
                f.write_str("the private key is encrypted, and no password is set")
            }
            MaterialFault::KeyPasswordWrong => f.write_str("the password of the private key is not right"),
            MaterialFault::OtherKey(certificate) => {
                write!(f, "the private key does not belong to the certificate {certificate}")
            }
            MaterialFault::NoRoots => {
                f.write_str("no certificates of public authorities were found on this system")
            }
            MaterialFault::Refused(reason) => write!(f, "OpenSSL does not take it: {reason}"),
        }
    }
}

impl MaterialError {
    /// What the reader can do about it, most likely first, in the keys of the side that they were for.
    pub fn hints(&self, side: Side) -> Vec<String> {
        let hint = match &self.fault {
            MaterialFault::Unreadable(_) => {
                format!("check the path and who may read it; it has to hold {}", self.role.contents())
            }
            MaterialFault::Empty | MaterialFault::Unknown => format!(
                "it has to hold {} as PEM, PKCS#12 or JKS; which of them is told by what is in it, not by its name",
                self.role.contents()
            ),
            MaterialFault::Jceks => "convert it: keytool -importkeystore -srckeystore OLD -srcstoretype JCEKS \
                                     -destkeystore NEW.p12 -deststoretype PKCS12"
                .to_owned(),
            MaterialFault::Damaged(_) => "get the file again from where it came from, and compare the sizes".to_owned(),
            MaterialFault::NoCertificate => match self.role {
                Role::Trust => "name a file with the certificate of the authority that signed the server's".to_owned(),
                Role::Own | Role::Key => {
                    format!(
                        "put the certificate that belongs to the key into it ({}, {})",
                        side.key("ssl.keystore.location"),
                        side.key("ssl.certificate.location")
                    )
                }
            },
            MaterialFault::NoHashes => {
                format!("`openssl rehash {}` makes these names; or name a file with the certificates", self.place)
            }
            MaterialFault::NoKey => format!(
                "put the key into the same file, or name it by itself ({}, {})",
                side.key("ssl.keystore.key"),
                side.key("ssl.key.location")
            ),
            MaterialFault::PasswordMissing => format!("set {}", side.key(self.role.password_keys())),
            MaterialFault::PasswordWrong => format!(
                "check {}; `keytool -list -keystore FILE` or `openssl pkcs12 -in FILE -info` tries a password",
                side.key(self.role.password_keys())
            ),
            MaterialFault::KeyPasswordMissing => format!("set {}", side.key("ssl.key.password")),
            MaterialFault::KeyPasswordWrong => format!("check {}, which may differ from that of the store", side.key("ssl.key.password")),
            MaterialFault::OtherKey(_) => {
                "take the key that the certificate was asked for with, or the certificate that was made for this key".to_owned()
            }
            MaterialFault::NoRoots => format!(
                "name the authority's certificate in {}, or set SSL_CERT_FILE",
                side.trust()
            ),
            MaterialFault::Refused(_) => "the key or certificate may be too weak for today's OpenSSL: have it made anew".to_owned(),
        };
        vec![hint]
    }
}
