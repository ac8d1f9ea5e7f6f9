//! The client's side of SCRAM (RFC 5802; SHA-256 by RFC 7677, SHA-512 alike), without channel binding, which Kafka has none of.
//!
//! Names and passwords go into it as they are: Kafka's own tools store what was typed, without the preparation of RFC 4013
//! (SASLprep), and its own clients and librdkafka send it so. A prepared password would be refused.

use crate::secure::Hash;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use klerk_core::values::Secret;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkcs5::pbkdf2_hmac;
use openssl::pkey::PKey;
use openssl::sign::Signer;

/// Fewer rounds than RFC 7677 asks for would give the password away to whoever pretends to be the server.
const FEWEST_ROUNDS: u32 = 4_096;
/// More rounds than this would keep the client busy for seconds; Kafka stores 16,384 at most.
const MOST_ROUNDS: u32 = 1_000_000;
/// The header that says "no channel binding", as it is repeated in the last message.
const NO_BINDING: &str = "c=biws";

/// What is wrong with a server's message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScramFault {
    /// It is not what RFC 5802 has there.
    #[error("its {message} message is not as RFC 5802 has it: {fault}")]
    Malformed {
        /// `first` or `last`.
        message: &'static str,
        /// What is wrong.
        fault: &'static str,
    },
    /// The nonce is not that of this exchange.
    #[error("its nonce is not that of this login, as if an older exchange were played back")]
    ForeignNonce,
    /// The number of rounds is out of bounds.
    #[error("it asks for {0} iterations, and between {FEWEST_ROUNDS} and {MOST_ROUNDS} are taken")]
    Rounds(u32),
    /// The server says no in SCRAM's own words.
    #[error("it says {0}")]
    Error(String),
    /// The signature is not one that can be made from the password.
    #[error("it does not prove that it knows the password, so it is not the server that the password is for")]
    Unproven,
    /// The proof cannot be computed.
    #[error("the proof for it cannot be computed: {0}")]
    Computing(String),
}

impl From<ErrorStack> for ScramFault {
    fn from(fault: ErrorStack) -> Self {
        ScramFault::Computing(fault.to_string())
    }
}

/// Who logs in.
#[derive(Debug, Clone)]
pub(super) struct Scram {
    pub(super) hash: Hash,
    pub(super) user: String,
    pub(super) password: Secret,
    /// Whether the name is that of a delegation token (KIP-48).
    pub(super) token: bool,
    /// What makes this exchange one of its kind: printable, without a comma.
    pub(super) nonce: String,
}

/// The last message of the client, and the signature that the server has to answer with.
pub(super) struct Proof {
    pub(super) message: String,
    signature: Vec<u8>,
}

/// A nonce of 192 random bits.
pub(super) fn nonce() -> Result<String, ErrorStack> {
    let mut bytes = [0; 24];
    openssl::rand::rand_bytes(&mut bytes)?;
    Ok(STANDARD.encode(bytes))
}

impl Scram {
    fn first_bare(&self) -> String {
        let name = self.user.replace('=', "=3D").replace(',', "=2C");
        let extension = if self.token { ",tokenauth=true" } else { "" };
        format!("n={name},r={}{extension}", self.nonce)
    }

    /// The first message: who logs in.
    pub(super) fn first(&self) -> String {
        format!("n,,{}", self.first_bare())
    }

    /// Answers the server's first message. It computes for milliseconds, and for up to a second where the server asks for many
    /// rounds.
    pub(super) fn prove(&self, server_first: &[u8]) -> Result<Proof, ScramFault> {
        let malformed = |fault| ScramFault::Malformed { message: "first", fault };
        let server_first = std::str::from_utf8(server_first).map_err(|_| malformed("it is no UTF-8"))?;
        if let Some(error) = server_first.strip_prefix("e=") {
            return Err(ScramFault::Error(printable(error)));
        }
        let mut fields = server_first.split(',');
        let mut field = |name: &str, fault| {
            fields.next().and_then(|field| field.strip_prefix(name)).ok_or_else(|| malformed(fault))
        };
        let nonce = field("r=", "no nonce")?;
        let salt = field("s=", "no salt")?;
        let rounds = field("i=", "no iteration count")?;
        let salt = STANDARD.decode(salt).map_err(|_| malformed("the salt is no base64"))?;
        if salt.is_empty() {
            return Err(malformed("the salt is empty"));
        }
        let rounds: u32 = rounds.parse().map_err(|_| malformed("the iteration count is no number"))?;
        if !nonce.starts_with(&self.nonce) || nonce.len() == self.nonce.len() {
            return Err(ScramFault::ForeignNonce);
        }
        if !(FEWEST_ROUNDS..=MOST_ROUNDS).contains(&rounds) {
            return Err(ScramFault::Rounds(rounds));
        }
        let salted = salted(self.hash, self.password.expose(), &salt, rounds)?;
        let client_key = mac(self.hash, &salted, b"Client Key")?;
        let server_key = mac(self.hash, &salted, b"Server Key")?;
        let without_proof = format!("{NO_BINDING},r={nonce}");
        let signed = format!("{},{server_first},{without_proof}", self.first_bare());
        let signature =
            mac(self.hash, &openssl::hash::hash(algorithm(self.hash), &client_key)?, signed.as_bytes())?;
        let proof: Vec<u8> = client_key.iter().zip(&signature).map(|(key, mask)| key ^ mask).collect();
        Ok(Proof {
            message: format!("{without_proof},p={}", STANDARD.encode(proof)),
            signature: mac(self.hash, &server_key, signed.as_bytes())?,
        })
    }
}

impl Proof {
    /// Checks the server's last message: only who knows the password, or what was stored of it, can sign it.
    pub(super) fn check(&self, server_last: &[u8]) -> Result<(), ScramFault> {
        let malformed = |fault| ScramFault::Malformed { message: "last", fault };
        let last = std::str::from_utf8(server_last).map_err(|_| malformed("it is no UTF-8"))?;
        if let Some(error) = last.strip_prefix("e=") {
            return Err(ScramFault::Error(printable(error)));
        }
        let signature = last.strip_prefix("v=").ok_or_else(|| malformed("no signature"))?;
        let signature = signature.split(',').next().unwrap_or_default();
        let signature = STANDARD.decode(signature).map_err(|_| malformed("the signature is no base64"))?;
        if signature == self.signature { Ok(()) } else { Err(ScramFault::Unproven) }
    }
}

fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

fn algorithm(hash: Hash) -> MessageDigest {
    match hash {
        Hash::Sha256 => MessageDigest::sha256(),
        Hash::Sha512 => MessageDigest::sha512(),
    }
}

/// `Hi` of RFC 5802.
fn salted(hash: Hash, password: &str, salt: &[u8], rounds: u32) -> Result<Vec<u8>, ErrorStack> {
    let algorithm = algorithm(hash);
    let mut salted = vec![0; algorithm.size()];
    pbkdf2_hmac(password.as_bytes(), salt, rounds as usize, algorithm, &mut salted)?;
    Ok(salted)
}

fn mac(hash: Hash, key: &[u8], message: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    Signer::new(algorithm(hash), PKey::hmac(key)?.as_ref())?.sign_oneshot_to_vec(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7677, section 3.
    const NONCE: &str = "rOprNGfwEbeRWgbNEkqO";
    const SERVER_FIRST: &str =
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    const SERVER_LAST: &str = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    fn example() -> Scram {
        Scram {
            hash: Hash::Sha256,
            user: "user".to_owned(),
            password: Secret::new("pencil"),
            token: false,
            nonce: NONCE.to_owned(),
        }
    }

    #[test]
    fn the_example_of_rfc_7677() {
        let scram = example();
        assert_eq!(scram.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let proof = scram.prove(SERVER_FIRST.as_bytes()).expect("a good message");
        assert_eq!(
            proof.message,
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
             p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        assert_eq!(proof.check(SERVER_LAST.as_bytes()), Ok(()));
        assert_eq!(proof.check(format!("{SERVER_LAST},x=later").as_bytes()), Ok(()));
    }

    /// The same exchange with SHA-512, for which no RFC has an example: the expected texts were computed with Python's hashlib.
    #[test]
    fn the_same_with_sha_512() {
        let scram = Scram { hash: Hash::Sha512, ..example() };
        let proof = scram.prove(SERVER_FIRST.as_bytes()).expect("a good message");
        assert_eq!(
            proof.message,
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv\
             +xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ=="
        );
        let last =
            "v=ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw==";
        assert_eq!(proof.check(last.as_bytes()), Ok(()));
        assert_eq!(proof.check(SERVER_LAST.as_bytes()), Err(ScramFault::Unproven));
    }

    #[test]
    fn names_are_escaped_and_tokens_are_told() {
        let scram = Scram { user: "a=b,c".to_owned(), token: true, ..example() };
        assert_eq!(scram.first(), "n,,n=a=3Db=2Cc,r=rOprNGfwEbeRWgbNEkqO,tokenauth=true");
    }

    fn refused(server_first: &str) -> ScramFault {
        example().prove(server_first.as_bytes()).err().expect("refused")
    }

    #[test]
    fn a_first_message_is_not_taken_as_it_comes() {
        let extended = "r=rOprNGfwEbeRWgbNEkqOx";
        assert_eq!(refused("r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"), ScramFault::ForeignNonce);
        assert_eq!(refused(&format!("r={NONCE},s=W22Z,i=4096")), ScramFault::ForeignNonce);
        assert_eq!(refused(&format!("{extended},s=W22Z,i=4095")), ScramFault::Rounds(4095));
        assert_eq!(refused(&format!("{extended},s=W22Z,i=1000001")), ScramFault::Rounds(1_000_001));
        assert_eq!(refused("e=unknown-user\n"), ScramFault::Error("unknown-user".to_owned()));
        for text in [
            "",
            "nonsense",
            "m=mandatory,r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=4096",
            &format!("{extended},s=W22Z"),
            &format!("{extended},s=,i=4096"),
            &format!("{extended},s=!,i=4096"),
            &format!("{extended},s=W22Z,i=many"),
            &format!("{extended},s=W22Z,i=-1"),
            &format!("{extended},i=4096,s=W22Z"),
        ] {
            assert!(matches!(refused(text), ScramFault::Malformed { message: "first", .. }), "{text}");
        }
        assert!(example().prove(&[0xff]).is_err());
    }

    #[test]
    fn a_server_has_to_prove_itself() {
        let proof = example().prove(SERVER_FIRST.as_bytes()).expect("a good message");
        let checked = |text: &str| proof.check(text.as_bytes()).expect_err("unproven");
        assert_eq!(checked("v=AAAA"), ScramFault::Unproven);
        assert_eq!(checked("v="), ScramFault::Unproven);
        assert_eq!(checked("e=invalid-proof"), ScramFault::Error("invalid-proof".to_owned()));
        assert!(matches!(checked(""), ScramFault::Malformed { message: "last", .. }));
        assert!(matches!(checked("v=?"), ScramFault::Malformed { message: "last", .. }));
    }

    #[test]
    fn nonces_differ_and_have_no_comma() {
        let (one, other) = (nonce().expect("random"), nonce().expect("random"));
        assert_ne!(one, other);
        assert!(one.len() == 32 && one.chars().all(|c| c.is_ascii_graphic() && c != ','), "{one}");
    }

    #[test]
    fn a_password_is_not_printed() {
        assert!(!format!("{:?}", example()).contains("pencil"));
    }
}
