//! What was wished for, as OpenSSL has it: loaded once, and shared by every connection of every plane.

use super::described::{Described, plain_name};
use super::fault::{MaterialError, MaterialFault, Role};
use super::store::{Read, said};
use super::wanted::{Identity, Material, Tls, Trust};
use openssl::pkey::{PKey, Private};
use openssl::x509::{X509, X509VerifyResult};
use std::io;
use std::path::{Path, PathBuf};

/// Certificates and keys, read and found to belong together.
#[derive(Debug)]
pub struct Loaded {
    pub(super) trusted: Trusted,
    pub(super) own: Option<Own>,
    notes: Vec<String>,
}

/// Whose signature counts.
#[derive(Debug)]
pub(super) enum Trusted {
    /// What the system trusts: a file of all roots, and folders of them.
    System { file: Option<PathBuf>, folders: Vec<PathBuf> },
    /// These, out of the place that is named.
    Only { place: String, certificates: Vec<X509> },
    /// Anyone's.
    Anyone,
}

/// The client's own certificate.
pub(super) struct Own {
    pub place: String,
    pub certificate: X509,
    /// Those that signed it, nearest first.
    pub chain: Vec<X509>,
    pub key: PKey<Private>,
}

impl std::fmt::Debug for Own {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Own").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Loaded {
    /// Reads all that is wished for.
    ///
    /// # Errors
    /// With the first file or setting that does not hold what it should.
    pub fn new(tls: &Tls) -> Result<Loaded, MaterialError> {
        let mut notes = Vec::new();
        let trusted = trusted(&tls.trust, &mut notes)?;
        let own = tls.identity.as_ref().map(|identity| own(identity, &mut notes)).transpose()?;
        Ok(Loaded { trusted, own, notes })
    }

    /// What is worth knowing of what was read, a sentence each.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The trusted certificates as PEM; `None` where those of the system count, or anyone's.
    pub fn trusted_pem(&self) -> Option<Vec<u8>> {
        let Trusted::Only { certificates, .. } = &self.trusted else { return None };
        Some(certificates.iter().filter_map(|certificate| certificate.to_pem().ok()).flatten().collect())
    }

    /// Whether one of the trusted certificates has signed itself. Without one there is no chain for those who want a whole one.
    pub fn trusts_a_root(&self) -> bool {
        let Trusted::Only { certificates, .. } = &self.trusted else { return true };
        certificates.iter().any(|one| one.issued(one) == X509VerifyResult::OK)
    }

    /// What the system trusts, for libraries that take one file or folder and PEM beside it: the file where there is one, else the
    /// first folder; and what further folders hold.
    pub fn system_roots(&self) -> (Option<&Path>, Vec<u8>) {
        let Trusted::System { file, folders } = &self.trusted else { return (None, Vec::new()) };
        let mut places = file.iter().chain(folders);
        let first = places.next().map(PathBuf::as_path);
        (first, places.flat_map(|folder| pem_of(folder)).collect())
    }

    /// Whether anyone's certificate will do.
    pub fn trusts_anyone(&self) -> bool {
        matches!(self.trusted, Trusted::Anyone)
    }

    /// The subject of the client's own certificate as Java writes it (RFC 2253), where that is certain.
    pub fn own_name(&self) -> Option<String> {
        plain_name(self.own.as_ref()?.certificate.subject_name())
    }

    /// The client's own certificate with its chain, and its key as PKCS#8, both as PEM.
    pub fn own_pem(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        let own = self.own.as_ref()?;
        let all = std::iter::once(&own.certificate).chain(&own.chain);
        let chain = all.filter_map(|certificate| certificate.to_pem().ok()).flatten().collect();
        Some((chain, own.key.private_key_to_pem_pkcs8().ok()?))
    }
}

fn trusted(trust: &Trust, notes: &mut Vec<String>) -> Result<Trusted, MaterialError> {
    match trust {
        Trust::Anyone => Ok(Trusted::Anyone),
        Trust::System => {
            // The OpenSSL that is built in knows no system's places; the probe does, and honours SSL_CERT_FILE and SSL_CERT_DIR.
            let found = openssl_probe::probe();
            if found.cert_file.is_none() && found.cert_dir.is_empty() {
                let place = "the system's roots".to_owned();
                return Err(MaterialError { place, role: Role::Trust, fault: MaterialFault::NoRoots });
            }
            Ok(Trusted::System { file: found.cert_file, folders: found.cert_dir })
        }
        Trust::Only { store: Material::File(folder), .. } if folder.is_dir() => of_folder(folder),
        Trust::Only { store, password } => {
            let read = Read::new(store, Role::Trust, password.as_ref(), None)?;
            let held = read.held(false)?;
            if held.certificates.is_empty() {
                return Err(read.fault(MaterialFault::NoCertificate));
            }
            note_old_ciphers(held.old_ciphers, &read.place, notes);
            Ok(Trusted::Only { place: read.place, certificates: held.certificates })
        }
    }
}

fn own(identity: &Identity, notes: &mut Vec<String>) -> Result<Own, MaterialError> {
    let (password, key_password) = (identity.password.as_ref(), identity.key_password.as_ref());
    let read = Read::new(&identity.store, Role::Own, password, key_password)?;
    let apart = identity.key.as_ref();
    let held = read.held(apart.is_none())?;
    if held.certificates.is_empty() {
        return Err(read.fault(MaterialFault::NoCertificate));
    }
    note_old_ciphers(held.old_ciphers, &read.place, notes);
    let (key, at) = match apart {
        None => (held.key.ok_or_else(|| read.fault(MaterialFault::NoKey))?, read),
        Some(material) => {
            let read = Read::new(material, Role::Key, password, key_password)?;
            let apart = read.held(true)?;
            note_old_ciphers(apart.old_ciphers, &read.place, notes);
            (apart.key.ok_or_else(|| read.fault(MaterialFault::NoKey))?, read)
        }
    };
    if held.further_keys > 0 {
        notes.push(format!("{} holds more than one key; the first one is used", at.place));
    }
    let mut chain = held.certificates;
    // The own certificate comes first as a rule, but nothing makes it.
    let position = chain.iter().position(|certificate| belongs(certificate, &key));
    let position = position.ok_or_else(|| {
        let first = chain.first().map(|certificate| Described::of(certificate).to_string());
        at.fault(MaterialFault::OtherKey(first.unwrap_or_default()))
    })?;
    let certificate = chain.remove(position);
    Ok(Own { place: at.place, certificate, chain, key })
}

fn belongs(certificate: &X509, key: &PKey<Private>) -> bool {
    certificate.public_key().is_ok_and(|public| public.public_eq(key))
}

/// Whom a folder trusts, as librdkafka takes one for `ssl.ca.location`: the same certificates and no others, whatever else lies
/// there.
fn of_folder(folder: &Path) -> Result<Trusted, MaterialError> {
    let place = folder.display().to_string();
    let certificates = certificates_in(folder).map_err(|error| MaterialFault::Unreadable(error.to_string()));
    let certificates = certificates.and_then(|found| match found.is_empty() {
        true => Err(MaterialFault::NoHashes),
        false => Ok(found),
    });
    match certificates {
        Ok(certificates) => Ok(Trusted::Only { place, certificates }),
        Err(fault) => Err(MaterialError { place, role: Role::Trust, fault }),
    }
}

fn pem_of(folder: &Path) -> Vec<u8> {
    let certificates = certificates_in(folder).unwrap_or_default();
    certificates.iter().filter_map(|certificate| certificate.to_pem().ok()).flatten().collect()
}

/// The certificates in a folder that have the names by which OpenSSL finds them: eight digits of a hash, and a number.
fn certificates_in(folder: &Path) -> io::Result<Vec<X509>> {
    let is_hash = |name: &str| {
        let (hash, number) = name.split_once('.').unwrap_or_default();
        hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) && number.parse::<u32>().is_ok()
    };
    let entries = std::fs::read_dir(folder)?.flatten();
    let named = entries.filter(|entry| entry.file_name().to_str().is_some_and(is_hash));
    let mut paths: Vec<PathBuf> = named.map(|entry| entry.path()).collect();
    paths.sort();
    let (mut found, mut failed) = (Vec::new(), None);
    for path in paths {
        let read = std::fs::read(&path).and_then(|text| Ok(X509::stack_from_pem(&text)?));
        match read {
            Ok(certificates) => found.extend(certificates),
            Err(error) => {
                let place = |kind| io::Error::new(kind, format!("{}: {error}", path.display()));
                failed = failed.or_else(|| Some(place(error.kind())));
            }
        }
    }
    // As for OpenSSL, one file that is no good is passed over for the sake of the others.
    failed.filter(|_| found.is_empty()).map_or(Ok(found), Err)
}

fn note_old_ciphers(needed: bool, place: &str, notes: &mut Vec<String>) {
    if needed {
        notes.push(format!(
            "{place} is protected by ciphers that are no longer safe (RC2 or DES); make it anew, as by \
             `keytool -importkeystore` of a current Java"
        ));
    }
}

/// A fault of OpenSSL itself in taking what was read.
pub(super) fn refused(place: &str, role: Role, error: &openssl::error::ErrorStack) -> MaterialError {
    MaterialError { place: place.to_owned(), role, fault: MaterialFault::Refused(said(error)) }
}
