//! Stores as Java and OpenSSL write them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use openssl::pkcs12::Pkcs12;
use openssl::stack::Stack;

use super::certificates::Certificate;
use crate::kit::keytool;

/// The password of every store and of every encrypted key. A test can look for it in what must not tell it.
pub const STORE_PASSWORD: &str = "store-password-6f1b";

/// The kinds of files that certificates come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Store {
    /// Text; a key store holds key and chain.
    Pem,
    /// PKCS#12 with today's ciphers, as `openssl` and `keytool` make it without being told.
    Pkcs12,
    /// PKCS#12 with the ciphers of its first days (RC2, 3DES), as Java up to 8u301 made it.
    LegacyPkcs12,
    /// Java's own format.
    Jks,
    /// The format of Java's cryptography extension, which klerk refuses.
    Jceks,
}

impl Store {
    fn suffix(self) -> &'static str {
        match self {
            Store::Pem => "pem",
            Store::Pkcs12 => "p12",
            Store::LegacyPkcs12 => "legacy.p12",
            Store::Jks => "jks",
            Store::Jceks => "jceks",
        }
    }

    fn flags(self) -> &'static [&'static str] {
        match self {
            Store::LegacyPkcs12 => &["-J-Dkeystore.pkcs12.legacy", "-deststoretype", "PKCS12"],
            Store::Jks => &["-deststoretype", "JKS"],
            Store::Jceks => &["-deststoretype", "JCEKS"],
            Store::Pem | Store::Pkcs12 => &["-deststoretype", "PKCS12"],
        }
    }
}

/// One at a time: two tests may ask for the same file.
static TURN: Mutex<()> = Mutex::new(());

pub(super) fn key_store(folder: &Path, name: &str, held: &Certificate, store: Store) -> Result<PathBuf> {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let modern = folder.join(format!("{name}.p12"));
    if !modern.exists() {
        let mut chain = Stack::new()?;
        chain.push(held.issuer.clone())?;
        let built = Pkcs12::builder()
            .name(name)
            .pkey(&held.key)
            .cert(&held.certificate)
            .ca(chain)
            .build2(STORE_PASSWORD)?;
        fs::write(&modern, built.to_der()?).with_context(|| format!("cannot write {}", modern.display()))?;
    }
    convert(folder, name, &modern, store)
}

pub(super) fn trust_store(folder: &Path, name: &str, pem: &Path, store: Store) -> Result<PathBuf> {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let modern = folder.join(format!("{name}.p12"));
    if !modern.exists() {
        let pem = pem.display().to_string();
        let at = modern.display().to_string();
        // Java trusts a certificate of a PKCS#12 store only by an attribute that its own tool sets.
        run(
            &["-importcert", "-noprompt", "-alias", name, "-file", &pem, "-keystore", &at, "-storepass"],
            &[STORE_PASSWORD, "-storetype", "PKCS12"],
        )?;
    }
    convert(folder, name, &modern, store)
}

fn convert(folder: &Path, name: &str, modern: &Path, store: Store) -> Result<PathBuf> {
    let wanted = folder.join(format!("{name}.{}", store.suffix()));
    if !wanted.exists() {
        let (from, to) = (modern.display().to_string(), wanted.display().to_string());
        let line = ["-importkeystore", "-noprompt", "-srckeystore", &from, "-destkeystore", &to];
        let passwords = ["-srcstorepass", STORE_PASSWORD, "-deststorepass", STORE_PASSWORD];
        run(&[&line[..], &passwords[..]].concat(), store.flags())?;
    }
    Ok(wanted)
}

fn run(args: &[&str], more: &[&str]) -> Result<()> {
    let output = Command::new(keytool()?).args(args).args(more).stdin(Stdio::null()).output();
    let output = output.context("keytool does not run")?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("keytool refused {args:?}:\n{}", String::from_utf8_lossy(&said).trim());
    }
    Ok(())
}
