//! What a file or a setting holds: its format by its content, and the certificates and the key within.

use super::fault::{MaterialError, MaterialFault, Role};
use super::jks::{self, Entry, JksFault};
use super::legacy::with_old_ciphers;
use super::pem::{self, Block};
use super::wanted::Material;
use klerk_core::values::Secret;
use openssl::error::ErrorStack;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use std::fs;
use std::path::Path;

/// What was found, in the order in which it stands there.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub certificates: Vec<X509>,
    pub key: Option<PKey<Private>>,
    /// Whether the ciphers of its first days were needed to read it.
    pub old_ciphers: bool,
    /// How many keys the store has beyond the first one.
    pub further_keys: usize,
}

/// The formats that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Empty,
    Pem,
    Pkcs12,
    Jks,
    Jceks,
    /// A single certificate or key as DER.
    Der,
    Unknown,
}

impl Format {
    /// By content alone: a store named `.jks` is PKCS#12 as often as not, since Java writes that for it.
    fn of(bytes: &[u8]) -> Format {
        const JCEKS: [u8; 4] = [0xce, 0xce, 0xce, 0xce];
        if bytes.iter().all(u8::is_ascii_whitespace) {
            Format::Empty
        } else if bytes.starts_with(&jks::MAGIC) {
            Format::Jks
        } else if bytes.starts_with(&JCEKS) {
            Format::Jceks
        } else if bytes.starts_with(&[0x30]) {
            // PKCS#12 (RFC 7292) begins with its version 3, a certificate with a sequence, a key with its version 0.
            match version(bytes) {
                Some(3) => Format::Pkcs12,
                _ => Format::Der,
            }
        } else if bytes.windows(11).any(|window| window == b"-----BEGIN ") {
            Format::Pem
        } else {
            Format::Unknown
        }
    }
}

/// The number that an ASN.1 sequence begins with, if it begins with one. Its length may be left open (`80`), as BER allows.
fn version(bytes: &[u8]) -> Option<u8> {
    let first = *bytes.get(1)?;
    let skipped = if first > 0x80 { 2 + usize::from(first & 0x7f) } else { 2 };
    match bytes.get(skipped..skipped + 3)? {
        [0x02, 0x01, number] => Some(*number),
        _ => None,
    }
}

/// The bytes of a material, and how to call it in messages.
pub(super) struct Read<'a> {
    pub place: String,
    pub role: Role,
    bytes: Vec<u8>,
    password: Option<&'a Secret>,
    key_password: Option<&'a Secret>,
}

impl<'a> Read<'a> {
    /// Reads a file, or takes the text of a setting.
    pub(super) fn new(
        material: &Material,
        role: Role,
        password: Option<&'a Secret>,
        key_password: Option<&'a Secret>,
    ) -> Result<Read<'a>, MaterialError> {
        let (place, bytes) = match material {
            Material::File(path) => (path.display().to_string(), bytes_of(path, role)?),
            Material::Pem { setting, text } => (setting.clone(), text.expose().as_bytes().to_vec()),
        };
        Ok(Read { place, role, bytes, password, key_password })
    }

    pub(super) fn fault(&self, fault: MaterialFault) -> MaterialError {
        MaterialError { place: self.place.clone(), role: self.role, fault }
    }

    /// All certificates and, when `with_key` is wanted, the key. No key is no fault here.
    pub(super) fn held(&self, with_key: bool) -> Result<Held, MaterialError> {
        let held = match Format::of(&self.bytes) {
            Format::Empty => Err(MaterialFault::Empty),
            Format::Unknown => Err(MaterialFault::Unknown),
            Format::Jceks => Err(MaterialFault::Jceks),
            Format::Pem => self.pem(with_key),
            Format::Pkcs12 => self.pkcs12(),
            Format::Jks => self.jks(with_key),
            Format::Der => self.der(with_key),
        };
        held.map_err(|fault| self.fault(fault))
    }

    fn pem(&self, with_key: bool) -> Result<Held, MaterialFault> {
        let blocks = pem::blocks(&String::from_utf8_lossy(&self.bytes));
        let mut held = Held::default();
        for block in blocks.iter().filter(|block| block.is_certificate()) {
            held.certificates.push(X509::from_pem(block.text.as_bytes()).map_err(|error| damaged(&error))?);
        }
        let mut keys = blocks.iter().filter(|block| block.is_key());
        if let Some(block) = keys.next().filter(|_| with_key) {
            let (key, old_ciphers) = self.key_of(block)?;
            held.key = Some(key);
            held.old_ciphers = old_ciphers;
            held.further_keys = keys.count();
        } else if blocks.is_empty() {
            return Err(MaterialFault::Damaged("a block of PEM has no end".to_owned()));
        }
        Ok(held)
    }

    fn key_of(&self, block: &Block) -> Result<(PKey<Private>, bool), MaterialFault> {
        let password = self.key_password.or(self.password);
        if block.encrypted && password.is_none() {
            return Err(MaterialFault::KeyPasswordMissing);
        }
        let password = password.map_or(&[][..], |password| password.expose().as_bytes());
        let read = with_old_ciphers(|| {
            // Without an answer of its own OpenSSL would ask at the terminal.
            PKey::private_key_from_pem_callback(block.text.as_bytes(), |buffer| {
                let length = password.len().min(buffer.len());
                buffer[..length].copy_from_slice(&password[..length]);
                Ok(length)
            })
        });
        read.map_err(|error| if block.encrypted { MaterialFault::KeyPasswordWrong } else { damaged(&error) })
    }

    fn pkcs12(&self) -> Result<Held, MaterialFault> {
        let store = Pkcs12::from_der(&self.bytes).map_err(|error| damaged(&error))?;
        let password = self.password.map_or("", Secret::expose);
        if password.contains('\0') {
            return Err(MaterialFault::PasswordWrong);
        }
        let parsed = with_old_ciphers(|| store.parse2(password));
        let (parsed, old_ciphers) =
            parsed.map_err(|error| match (password_fault(&error), self.password) {
                (Some(_), None) => MaterialFault::PasswordMissing,
                (Some(PasswordOf::Store), Some(_)) => MaterialFault::PasswordWrong,
                (Some(PasswordOf::Key), _) => MaterialFault::KeyPasswordWrong,
                (None, _) => damaged(&error),
            })?;
        let mut certificates: Vec<X509> = parsed.cert.into_iter().collect();
        certificates.extend(parsed.ca.into_iter().flatten());
        Ok(Held { certificates, key: parsed.pkey, old_ciphers, further_keys: 0 })
    }

    fn jks(&self, with_key: bool) -> Result<Held, MaterialFault> {
        let password = self.password.map(Secret::expose);
        let entries = jks::read(&self.bytes, password).map_err(|fault| match fault {
            JksFault::Damaged => {
                MaterialFault::Damaged("its entries do not end where the file does".to_owned())
            }
            JksFault::Password => MaterialFault::PasswordWrong,
        })?;
        let mut held = Held::default();
        let mut certificates = Vec::new();
        for entry in entries {
            match entry {
                Entry::Trusted { certificate, .. } if !with_key => certificates.push(certificate),
                Entry::Trusted { .. } => {}
                Entry::Key { chain, .. } if !with_key => certificates.extend(chain),
                Entry::Key { .. } if held.key.is_some() => held.further_keys += 1,
                Entry::Key { protected, chain, .. } => {
                    held.key = Some(self.jks_key(&protected)?);
                    certificates = chain;
                }
            }
        }
        for certificate in certificates {
            held.certificates.push(X509::from_der(&certificate).map_err(|error| damaged(&error))?);
        }
        Ok(held)
    }

    fn jks_key(&self, protected: &[u8]) -> Result<PKey<Private>, MaterialFault> {
        let password = self.key_password.or(self.password).ok_or(MaterialFault::KeyPasswordMissing)?;
        let key = jks::unprotect(protected, password.expose()).map_err(|fault| match fault {
            JksFault::Damaged => {
                MaterialFault::Damaged("its key is protected in another way than Java's".to_owned())
            }
            JksFault::Password => MaterialFault::KeyPasswordWrong,
        })?;
        PKey::private_key_from_pkcs8(&key).map_err(|error| damaged(&error))
    }

    fn der(&self, with_key: bool) -> Result<Held, MaterialFault> {
        if let Ok(certificate) = X509::from_der(&self.bytes) {
            return Ok(Held { certificates: vec![certificate], ..Held::default() });
        }
        let password = self.key_password.or(self.password);
        let plain = PKey::private_key_from_der(&self.bytes);
        let key = match (plain, password) {
            (Ok(key), _) => key,
            (Err(_), Some(password)) if with_key => {
                let opened = with_old_ciphers(|| {
                    PKey::private_key_from_pkcs8_passphrase(&self.bytes, password.expose().as_bytes())
                });
                opened.map_err(|_| MaterialFault::Unknown)?.0
            }
            (Err(_), _) => return Err(MaterialFault::Unknown),
        };
        Ok(Held { key: Some(key), ..Held::default() })
    }
}

/// The most that a store may have: far above any bundle of roots, far below a machine's memory.
const LARGEST: u64 = 16 << 20;

fn bytes_of(path: &Path, role: Role) -> Result<Vec<u8>, MaterialError> {
    let unreadable = |reason: String| MaterialError {
        place: path.display().to_string(),
        role,
        fault: MaterialFault::Unreadable(reason),
    };
    let found = fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
    if found.is_dir() {
        return Err(unreadable("it is a folder".to_owned()));
    }
    if found.len() > LARGEST {
        return Err(unreadable(format!("it is larger than {} MiB", LARGEST >> 20)));
    }
    fs::read(path).map_err(|error| unreadable(error.to_string()))
}

enum PasswordOf {
    Store,
    Key,
}

/// Whether a failure to read PKCS#12 comes from the password. The store's own digest is looked at first; a wrong password that it lets
/// pass (or that a store without one cannot tell) leaves what does not decrypt.
fn password_fault(error: &ErrorStack) -> Option<PasswordOf> {
    let said = |words: &str| error.errors().iter().any(|error| error.reason() == Some(words));
    if said("mac verify failure") {
        Some(PasswordOf::Store)
    } else if said("pkcs12 cipherfinal error") || said("bad decrypt") {
        Some(PasswordOf::Key)
    } else {
        None
    }
}

fn damaged(error: &ErrorStack) -> MaterialFault {
    MaterialFault::Damaged(said(error))
}

/// OpenSSL's own words for the first of what went wrong, without its places in code.
pub(super) fn said(error: &ErrorStack) -> String {
    error.errors().iter().find_map(|error| error.reason()).unwrap_or("OpenSSL gives no reason").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_content() {
        for (bytes, format) in [
            (&b" \n"[..], Format::Empty),
            (b"# mine\n-----BEGIN CERTIFICATE-----", Format::Pem),
            (&[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2], Format::Jks),
            (&[0xce, 0xce, 0xce, 0xce, 0, 0, 0, 2], Format::Jceks),
            (&[0x30, 0x82, 0x0a, 0x00, 0x02, 0x01, 0x03], Format::Pkcs12),
            (&[0x30, 0x80, 0x02, 0x01, 0x03], Format::Pkcs12),
            (&[0x30, 0x82, 0x03, 0x00, 0x30, 0x82, 0x02], Format::Der),
            (&[0x30, 0x82, 0x03, 0x00, 0x02, 0x01, 0x00], Format::Der),
            (b"bootstrap.servers=a:1", Format::Unknown),
        ] {
            assert_eq!(Format::of(bytes), format, "{bytes:?}");
        }
    }
}
