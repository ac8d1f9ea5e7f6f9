//! Certificates of authorities that nobody else trusts, made anew for each folder.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::symm::Cipher;
use openssl::x509::extension::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Name, X509NameBuilder, X509NameRef};
use tempfile::TempDir;

use super::stores::{self, STORE_PASSWORD, Store};
use crate::watchdog;

const DAY: i64 = 24 * 60 * 60;
const ORGANISATION: &str = "klerk";

/// The kinds of names that a server can have.
const LOCAL: &[&str] = &["localhost", "127.0.0.1"];
const ELSEWHERE: &[&str] = &["kafka.example", "10.0.0.9"];

/// An authority that signs certificates.
pub struct Authority {
    certificate: X509,
    key: PKey<Private>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("subject", &self.certificate.subject_name()).finish_non_exhaustive()
    }
}

impl Authority {
    /// A new authority that signs for itself.
    pub fn new(name: &str) -> Result<Authority> {
        let key = rsa()?;
        let subject = name_of(name)?;
        let mut builder = builder(&subject, &subject, &key, -DAY, 3650 * DAY)?;
        builder.append_extension(BasicConstraints::new().critical().ca().build()?)?;
        builder.append_extension(KeyUsage::new().critical().key_cert_sign().crl_sign().build()?)?;
        builder.sign(&key, MessageDigest::sha256())?;
        Ok(Authority { certificate: builder.build(), key })
    }

    /// A certificate for `name` (its common name; the organisation is `klerk`) and these hosts, names or addresses, that is good
    /// between two times, in seconds from now.
    pub fn issue(&self, name: &str, hosts: &[&str], from: i64, until: i64) -> Result<Certificate> {
        self.issue_for(rsa()?, name, hosts, from, until)
    }

    fn issue_for(
        &self,
        key: PKey<Private>,
        name: &str,
        hosts: &[&str],
        from: i64,
        until: i64,
    ) -> Result<Certificate> {
        let subject = name_of(name)?;
        let mut builder = builder(&subject, self.certificate.subject_name(), &key, from, until)?;
        builder.append_extension(BasicConstraints::new().build()?)?;
        builder.append_extension(ExtendedKeyUsage::new().server_auth().client_auth().build()?)?;
        if !hosts.is_empty() {
            let mut names = SubjectAlternativeName::new();
            for host in hosts {
                match host.parse::<std::net::IpAddr>() {
                    Ok(_) => names.ip(host),
                    Err(_) => names.dns(host),
                };
            }
            let names = names.build(&builder.x509v3_context(Some(&self.certificate), None))?;
            builder.append_extension(names)?;
        }
        builder.sign(&self.key, MessageDigest::sha256())?;
        Ok(Certificate { certificate: builder.build(), key, issuer: self.certificate.clone() })
    }

    pub(super) fn certificate(&self) -> &X509 {
        &self.certificate
    }

    /// The authority's own certificate.
    pub fn pem(&self) -> Result<String> {
        Ok(String::from_utf8(self.certificate.to_pem()?)?)
    }
}

/// A certificate with its key.
pub struct Certificate {
    pub(super) certificate: X509,
    pub(super) key: PKey<Private>,
    pub(super) issuer: X509,
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.certificate.subject_name())
            .finish_non_exhaustive()
    }
}

impl Certificate {
    /// The certificate alone.
    pub fn pem(&self) -> Result<String> {
        Ok(String::from_utf8(self.certificate.to_pem()?)?)
    }

    /// The certificate and that of its issuer.
    pub fn chain_pem(&self) -> Result<String> {
        Ok(self.pem()? + &String::from_utf8(self.issuer.to_pem()?)?)
    }

    /// The key as PKCS#8, readable by all.
    pub fn key_pem(&self) -> Result<String> {
        Ok(String::from_utf8(self.key.private_key_to_pem_pkcs8()?)?)
    }

    /// The key as PKCS#8, encrypted with [`STORE_PASSWORD`].
    pub fn encrypted_key_pem(&self) -> Result<String> {
        let pem =
            self.key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), STORE_PASSWORD.as_bytes())?;
        Ok(String::from_utf8(pem)?)
    }

    /// The key in the older form of OpenSSL (`BEGIN RSA PRIVATE KEY`), encrypted with [`STORE_PASSWORD`].
    pub fn traditional_key_pem(&self) -> Result<String> {
        let pem = self
            .key
            .rsa()?
            .private_key_to_pem_passphrase(Cipher::aes_128_cbc(), STORE_PASSWORD.as_bytes())?;
        Ok(String::from_utf8(pem)?)
    }
}

/// A folder of certificates: those of the servers, those of clients, and the stores that hold them.
///
/// | name | what it is |
/// |---|---|
/// | `broker` | for `localhost` and 127.0.0.1 |
/// | `wrong-host` | for other hosts only |
/// | `expired`, `future` | no longer good, and not yet |
/// | `operator`, `alice` | clients |
/// | `elliptic` | a client with an elliptic curve's key |
/// | `foreign` | a client of an authority that nobody trusts |
#[derive(Debug)]
pub struct Certificates {
    folder: TempDir,
    authority: Authority,
    other: Authority,
    all: Vec<(&'static str, Certificate)>,
}

impl Certificates {
    /// Makes all of them, in a temporary folder that goes with this value.
    pub fn new() -> Result<Certificates> {
        let folder = tempfile::Builder::new()
            .prefix("klerk-certificates-")
            .tempdir()
            .context("no temporary folder")?;
        watchdog::own(folder.path())?;
        let (authority, other) = (Authority::new("klerk-test-ca")?, Authority::new("other-ca")?);
        let year = 365 * DAY;
        let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
        let elliptic = PKey::from_ec_key(EcKey::generate(&curve)?)?;
        let all = vec![
            ("broker", authority.issue("broker", LOCAL, -DAY, year)?),
            ("wrong-host", authority.issue("wrong-host", ELSEWHERE, -DAY, year)?),
            ("expired", authority.issue("expired", LOCAL, -30 * DAY, -DAY)?),
            ("future", authority.issue("future", LOCAL, 30 * DAY, year)?),
            ("operator", authority.issue("operator", &[], -DAY, year)?),
            ("alice", authority.issue("alice", &[], -DAY, year)?),
            ("keeper", authority.issue("keeper", &[], -DAY, year)?),
            ("elliptic", authority.issue_for(elliptic, "elliptic", &[], -DAY, year)?),
            ("foreign", other.issue("foreign", &[], -DAY, year)?),
        ];
        let certificates = Certificates { folder, authority, other, all };
        certificates.write("ca.pem", &certificates.authority.pem()?)?;
        certificates.write("other-ca.pem", &certificates.other.pem()?)?;
        for (name, certificate) in &certificates.all {
            certificates.write(&format!("{name}.pem"), &certificate.pem()?)?;
            certificates.write(&format!("{name}.key"), &certificate.key_pem()?)?;
            // Kafka's own form: key and chain in one file.
            let both = certificate.key_pem()? + &certificate.chain_pem()?;
            certificates.write(&format!("{name}.keystore.pem"), &both)?;
        }
        Ok(certificates)
    }

    /// Where all of them are. Tests may put files of their own beside them.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The authority that signed all but `foreign`.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The authority that signed `foreign`.
    pub fn other_authority(&self) -> &Authority {
        &self.other
    }

    /// The certificate of the authority as a PEM file.
    pub fn ca_pem(&self) -> PathBuf {
        self.folder().join("ca.pem")
    }

    /// The certificate of an authority that signed none of the servers, as a PEM file.
    pub fn other_ca_pem(&self) -> PathBuf {
        self.folder().join("other-ca.pem")
    }

    /// The PEM file of a certificate alone.
    pub fn pem(&self, name: &str) -> PathBuf {
        self.folder().join(format!("{name}.pem"))
    }

    /// The PEM file of its key.
    pub fn key(&self, name: &str) -> PathBuf {
        self.folder().join(format!("{name}.key"))
    }

    /// A certificate by its name.
    pub fn get(&self, name: &str) -> Result<&Certificate> {
        let found = self.all.iter().find(|(known, _)| *known == name);
        Ok(&found.with_context(|| format!("there is no certificate `{name}`"))?.1)
    }

    /// A store with a certificate and its key, made when it is first asked for. Its password, and that of its key, is [`STORE_PASSWORD`];
    /// PEM has none.
    pub fn key_store(&self, name: &str, store: Store) -> Result<PathBuf> {
        let certificate = self.get(name)?;
        match store {
            Store::Pem => Ok(self.folder().join(format!("{name}.keystore.pem"))),
            store => stores::key_store(self.folder(), name, certificate, store),
        }
    }

    /// A store with the certificate of the authority, made when it is first asked for.
    pub fn trust_store(&self, store: Store) -> Result<PathBuf> {
        match store {
            Store::Pem => Ok(self.ca_pem()),
            store => stores::trust_store(self.folder(), "ca", &self.ca_pem(), store),
        }
    }

    /// Writes a file beside the certificates, which only its owner may read.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder().join(name);
        fs::write(&path, text)
            .and_then(|()| fs::set_permissions(&path, Permissions::from_mode(0o600)))
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}

impl Drop for Certificates {
    fn drop(&mut self) {
        // A watchdog that is gone has nothing left to do.
        watchdog::disown(self.folder.path()).ok();
    }
}

fn rsa() -> Result<PKey<Private>> {
    Ok(PKey::from_rsa(Rsa::generate(2048)?)?)
}

fn name_of(name: &str) -> Result<X509Name> {
    let mut builder = X509NameBuilder::new()?;
    // The widest first; Kafka then names its owner `User:CN=name,O=klerk`.
    builder.append_entry_by_nid(Nid::ORGANIZATIONNAME, ORGANISATION)?;
    builder.append_entry_by_nid(Nid::COMMONNAME, name)?;
    Ok(builder.build())
}

fn builder(
    subject: &X509NameRef,
    issuer: &X509NameRef,
    key: &PKey<Private>,
    from: i64,
    until: i64,
) -> Result<X509Builder> {
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    let mut serial = BigNum::new()?;
    serial.rand(127, MsbOption::MAYBE_ZERO, false)?;
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    builder.set_serial_number(Asn1Integer::from_bn(&serial)?.as_ref())?;
    builder.set_subject_name(subject)?;
    builder.set_issuer_name(issuer)?;
    builder.set_pubkey(key)?;
    builder.set_not_before(Asn1Time::from_unix(now + from)?.as_ref())?;
    builder.set_not_after(Asn1Time::from_unix(now + until)?.as_ref())?;
    Ok(builder)
}
