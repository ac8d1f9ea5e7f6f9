use super::login::Login;
use klerk_core::values::Secret;
use std::path::PathBuf;

/// How connections to one server are protected.
///
/// Neither of the two is `security.protocol=PLAINTEXT`, TLS alone is `SSL`, a login alone is `SASL_PLAINTEXT`, and both are
/// `SASL_SSL`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Security {
    /// Encryption, and whom to take for the server.
    pub tls: Option<Tls>,
    /// The SASL login.
    pub login: Option<Login>,
}

/// The TLS of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Whose signature a server's certificate needs.
    pub trust: Trust,
    /// The client's own certificate, for mutual TLS.
    pub identity: Option<Identity>,
    /// Whether the certificate has to be for the name (or address) that was connected to. Off only where
    /// `ssl.endpoint.identification.algorithm` is set to nothing.
    pub check_name: bool,
    /// The versions of the protocol that may be agreed on.
    pub versions: Versions,
}

/// The versions of TLS that may be agreed on (`ssl.enabled.protocols`). None is older than 1.2: RFC 8996 took those away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// The oldest.
    pub oldest: Version,
    /// The newest.
    pub newest: Version,
}

impl Default for Versions {
    fn default() -> Self {
        Versions { oldest: Version::Tls12, newest: Version::Tls13 }
    }
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// 1.2 (RFC 5246).
    Tls12,
    /// 1.3 (RFC 8446).
    Tls13,
}

impl Default for Tls {
    fn default() -> Self {
        Tls { trust: Trust::System, identity: None, check_name: true, versions: Versions::default() }
    }
}

/// Whose signature a server's certificate needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// The roots that the system trusts; `SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured.
    System,
    /// These certificates and no others: PEM, PKCS#12 or JKS, told apart by content; or a folder of PEM files by their hashes.
    Only {
        /// Where they are.
        store: Material,
        /// The password of the store, where it has one.
        password: Option<Secret>,
    },
    /// Anyone's: `enable.ssl.certificate.verification=false`.
    Anyone,
}

/// A client's own certificate and key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The certificate, and with it its key unless that stands in `key`.
    pub store: Material,
    /// The password of the store, where it has one.
    pub password: Option<Secret>,
    /// The key, where it stands apart from the certificate.
    pub key: Option<Material>,
    /// The password of the key, where it has one of its own.
    pub key_password: Option<Secret>,
}

/// Where certificates or keys come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Material {
    /// A file. What it holds is told by its content, never by its name.
    File(PathBuf),
    /// PEM that stands in the settings themselves (`ssl.keystore.key`, `ssl.truststore.certificates`).
    Pem {
        /// The key that it stands under, for messages.
        setting: String,
        /// The text.
        text: Secret,
    },
}
