//! Java's own format of stores, read to its end: `FEEDFEED`, a version, entries of keys and of trusted certificates, and a digest
//! over all of it and the password. The format is that of OpenJDK's `sun.security.provider.JavaKeyStore`; keys in it are
//! protected by that of its `KeyProtector`.

use openssl::sha::Sha1;

/// What a store begins with.
pub(super) const MAGIC: [u8; 4] = [0xfe, 0xed, 0xfe, 0xed];

/// What is hashed between the password and the store; every Java has it so.
const WHITENER: &[u8] = b"Mighty Aphrodite";
const DIGEST: usize = 20;
/// 1.3.6.1.4.1.42.2.17.1.1, the only protection of keys that this format has, as DER writes it.
const KEY_PROTECTOR: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x2a, 0x02, 0x11, 0x01, 0x01];

/// An entry: its certificates as DER.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// A certificate that is trusted.
    Trusted { alias: String, certificate: Vec<u8> },
    /// A key, still protected, with the chain of its certificate, the certificate itself first.
    Key { alias: String, protected: Vec<u8>, chain: Vec<Vec<u8>> },
}

/// Why a store, or a key in it, cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JksFault {
    /// It ends too early, or holds what no Java writes.
    Damaged,
    /// The digest says that the password is another one, or that the store was changed by somebody without it.
    Password,
}

/// Reads a store. Without a password its digest is not looked at, as Java does it; the certificates can be read all the same.
pub(super) fn read(store: &[u8], password: Option<&str>) -> Result<Vec<Entry>, JksFault> {
    let end = store.len().checked_sub(DIGEST).ok_or(JksFault::Damaged)?;
    let (body, digest) = store.split_at(end);
    let mut reader = Reader(body);
    if reader.take(MAGIC.len())? != MAGIC {
        return Err(JksFault::Damaged);
    }
    let version = reader.number()?;
    if !matches!(version, 1 | 2) {
        return Err(JksFault::Damaged);
    }
    // The structure first: a file that is cut off must not pass for a wrong password.
    let count = reader.number()?;
    let mut entries = Vec::new();
    for _ in 0..count {
        entries.push(reader.entry(version)?);
    }
    if !reader.0.is_empty() {
        return Err(JksFault::Damaged);
    }
    if let Some(password) = password {
        let mut hash = Sha1::new();
        hash.update(&utf16(password));
        hash.update(WHITENER);
        hash.update(body);
        if hash.finish() != digest {
            return Err(JksFault::Password);
        }
    }
    Ok(entries)
}

/// Takes the protection off a key and returns it as PKCS#8.
pub(super) fn unprotect(protected: &[u8], password: &str) -> Result<Vec<u8>, JksFault> {
    let sealed = sealed(protected).ok_or(JksFault::Damaged)?;
    let middle = sealed.len().checked_sub(2 * DIGEST).ok_or(JksFault::Damaged)?;
    let (salt, rest) = sealed.split_at(DIGEST);
    let (covered, check) = rest.split_at(middle);
    let password = utf16(password);
    let digest_of = |with: &[u8]| {
        let mut hash = Sha1::new();
        hash.update(&password);
        hash.update(with);
        hash.finish()
    };
    let mut mask = digest_of(salt);
    let mut key = Vec::with_capacity(covered.len());
    for piece in covered.chunks(DIGEST) {
        key.extend(piece.iter().zip(mask).map(|(byte, mask)| byte ^ mask));
        mask = digest_of(&mask);
    }
    if digest_of(&key) == *check { Ok(key) } else { Err(JksFault::Password) }
}

/// The protected bytes within `EncryptedPrivateKeyInfo` (RFC 5208, section 6).
fn sealed(protected: &[u8]) -> Option<&[u8]> {
    const SEQUENCE: u8 = 0x30;
    const OBJECT: u8 = 0x06;
    const OCTETS: u8 = 0x04;
    let (info, rest) = element(protected, SEQUENCE)?;
    let (algorithm, data) = element(info, SEQUENCE)?;
    let (name, _) = element(algorithm, OBJECT)?;
    let (sealed, beyond) = element(data, OCTETS)?;
    (rest.is_empty() && beyond.is_empty() && name == KEY_PROTECTOR).then_some(sealed)
}

/// The contents of a DER element with this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if bytes.len() > 4 {
            return None;
        }
        (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
    };
    (found == tag).then(|| rest.split_at_checked(length)).flatten()
}

/// A password as Java hashes it.
fn utf16(password: &str) -> Vec<u8> {
    password.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], JksFault> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(JksFault::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u32, JksFault> {
        let bytes = self.take(4)?.try_into().map_err(|_| JksFault::Damaged)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn bytes(&mut self) -> Result<Vec<u8>, JksFault> {
        let length = usize::try_from(self.number()?).map_err(|_| JksFault::Damaged)?;
        Ok(self.take(length)?.to_vec())
    }

    /// A text after its length in two bytes. Java's own variant of UTF-8 differs for characters beyond the basic plane, and for
    /// these alone a sign stands in.
    fn text(&mut self) -> Result<String, JksFault> {
        let length = self.take(2)?.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn certificate(&mut self, version: u32) -> Result<Vec<u8>, JksFault> {
        if version == 2 {
            // Its type, which is `X.509` for all that there are.
            self.text()?;
        }
        self.bytes()
    }

    fn entry(&mut self, version: u32) -> Result<Entry, JksFault> {
        const KEY: u32 = 1;
        const TRUSTED: u32 = 2;
        const DATE: usize = 8;
        let tag = self.number()?;
        let alias = self.text()?;
        self.take(DATE)?;
        match tag {
            TRUSTED => Ok(Entry::Trusted { alias, certificate: self.certificate(version)? }),
            KEY => {
                let protected = self.bytes()?;
                let count = self.number()?;
                let mut chain = Vec::new();
                for _ in 0..count {
                    chain.push(self.certificate(version)?);
                }
                Ok(Entry::Key { alias, protected, chain })
            }
            _ => Err(JksFault::Damaged),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn put(out: &mut Vec<u8>, bytes: &[u8]) {
        out.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
        out.extend(bytes);
    }

    fn put_text(out: &mut Vec<u8>, text: &str) {
        out.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
        out.extend(text.as_bytes());
    }

    fn put_certificate(out: &mut Vec<u8>, version: u32, certificate: &[u8]) {
        if version == 2 {
            put_text(out, "X.509");
        }
        put(out, certificate);
    }

    /// A store as Java writes it.
    fn written(version: u32, entries: &[Entry], password: &str) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(version.to_be_bytes());
        out.extend(u32::try_from(entries.len()).unwrap().to_be_bytes());
        for entry in entries {
            let (tag, alias) = match entry {
                Entry::Key { alias, .. } => (1_u32, alias),
                Entry::Trusted { alias, .. } => (2, alias),
            };
            out.extend(tag.to_be_bytes());
            put_text(&mut out, alias);
            out.extend([0; 8]);
            match entry {
                Entry::Trusted { certificate, .. } => put_certificate(&mut out, version, certificate),
                Entry::Key { protected, chain, .. } => {
                    put(&mut out, protected);
                    out.extend(u32::try_from(chain.len()).unwrap().to_be_bytes());
                    for certificate in chain {
                        put_certificate(&mut out, version, certificate);
                    }
                }
            }
        }
        let mut hash = Sha1::new();
        hash.update(&utf16(password));
        hash.update(WHITENER);
        hash.update(&out);
        out.extend(hash.finish());
        out
    }

    fn der(tag: u8, contents: &[u8]) -> Vec<u8> {
        let length = contents.len();
        let mut out = vec![tag];
        match u8::try_from(length) {
            Ok(short @ 0..=0x7f) => out.push(short),
            _ => {
                out.push(0x84);
                out.extend(u32::try_from(length).unwrap().to_be_bytes());
            }
        }
        out.extend(contents);
        out
    }

    fn protected(key: &[u8], salt: [u8; DIGEST], password: &str) -> Vec<u8> {
        let digest_of = |with: &[u8]| openssl::sha::sha1(&[&utf16(password), with].concat());
        let mut sealed = salt.to_vec();
        let mut mask = salt.to_vec();
        for piece in key.chunks(DIGEST) {
            mask = digest_of(&mask).to_vec();
            sealed.extend(piece.iter().zip(&mask).map(|(byte, mask)| byte ^ mask));
        }
        sealed.extend(digest_of(key));
        let algorithm = der(0x30, &[der(0x06, KEY_PROTECTOR), der(0x05, &[])].concat());
        der(0x30, &[algorithm, der(0x04, &sealed)].concat())
    }

    fn entries() -> impl Strategy<Value = Vec<Entry>> {
        let bytes = || prop::collection::vec(any::<u8>(), 0..40);
        let trusted =
            ("[a-zé]{0,8}", bytes()).prop_map(|(alias, certificate)| Entry::Trusted { alias, certificate });
        let key = ("[a-zé]{0,8}", bytes(), prop::collection::vec(bytes(), 0..3))
            .prop_map(|(alias, protected, chain)| Entry::Key { alias, protected, chain });
        prop::collection::vec(prop_oneof![trusted, key], 0..5)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(version in 1_u32..=2, entries in entries(), password in "\\PC{0,12}") {
            let store = written(version, &entries, &password);
            prop_assert_eq!(read(&store, Some(&password)), Ok(entries.clone()));
            prop_assert_eq!(read(&store, None), Ok(entries));
        }

        #[test]
        fn another_password_is_told_from_damage(entries in entries(), cut in 1_usize..60) {
            let store = written(2, &entries, "right");
            prop_assert_eq!(read(&store, Some("wrong")), Err(JksFault::Password));
            prop_assert!(read(&store[..store.len().saturating_sub(cut)], Some("right")).is_err());
        }

        #[test]
        fn no_bytes_make_it_panic_or_take_much(bytes in prop::collection::vec(any::<u8>(), 0..200), version in 0_u8..4) {
            let start = [&MAGIC[..], &[0, 0, 0, version]].concat();
            let _any = read(&bytes, Some("x"));
            let _any = read(&[start, bytes.clone()].concat(), None);
            let _any = unprotect(&bytes, "x");
        }

        #[test]
        fn a_protected_key_comes_back(key in prop::collection::vec(any::<u8>(), 0..300), salt: [u8; DIGEST]) {
            let sealed = protected(&key, salt, "geheim");
            prop_assert_eq!(unprotect(&sealed, "geheim"), Ok(key));
            prop_assert_eq!(unprotect(&sealed, "other"), Err(JksFault::Password));
            prop_assert_eq!(unprotect(&sealed[..sealed.len() - 1], "geheim"), Err(JksFault::Damaged));
        }
    }
}
