//! Users of SCRAM: all that there are, and setting and removing their credentials.

use super::batch::{Carrier, Outcome, Verdicts, Watch, carry_all};
use super::call_error::{CallError, failure};
use super::cluster::Cluster;
use super::enact_topics::{Mode, Way, text, verdict};
use super::route::{Retry, To};
use bytes::Bytes;
use kafka_protocol::messages::alter_user_scram_credentials_request::{
    ScramCredentialDeletion, ScramCredentialUpsertion,
};
use kafka_protocol::messages::describe_user_scram_credentials_response::DescribeUserScramCredentialsResult;
use kafka_protocol::messages::{AlterUserScramCredentialsRequest, DescribeUserScramCredentialsRequest};
use klerk_core::access::ScramMechanism;
use klerk_core::values::{Failure, Known, Secret};
use openssl::hash::MessageDigest;
use openssl::pkcs5::pbkdf2_hmac;
use openssl::rand::rand_bytes;
use std::collections::{BTreeMap, BTreeSet};

/// The bytes of a salt, as many as Kafka's own tool takes.
const SALT: usize = 24;
/// RESOURCE_NOT_FOUND: there is no such user any more.
const ABSENT: i16 = 91;

/// Users by name, with the iterations of each mechanism.
pub type Users = BTreeMap<String, BTreeMap<ScramMechanism, i32>>;

impl Cluster {
    /// All users of SCRAM; `Unavailable` where the cluster does not know the question (before Kafka 2.7).
    ///
    /// # Errors
    /// When no broker answers.
    pub async fn users(&self) -> Result<Known<Users>, CallError> {
        // An empty list means all of them, as null does. Over null a broker (Kafka 4.3 for one) stumbles where it has to refuse,
        // and never answers.
        let build = |_| DescribeUserScramCredentialsRequest::default().with_users(Some(Vec::new()));
        match self.call(To::Any, Retry::Safe, build).await {
            Ok(answer) => Ok(read(&answer.body.results)),
            Err(error @ (CallError::Refused(_) | CallError::Version { .. })) => Ok(error.unknown()),
            Err(error) => Err(error),
        }
    }

    /// Changes credentials; one outcome for each, in their order. A request names no user twice, for brokers refuse that.
    pub(super) async fn alter_users(&self, ops: &[UserOp], watch: &mut impl Watch<()>) -> Vec<Outcome<()>> {
        carry_all(&Alteration(Way::new(self, Mode::Apply)), ops, watch).await
    }
}

fn read(results: &[DescribeUserScramCredentialsResult]) -> Known<Users> {
    let mut users = Users::new();
    for result in results {
        match result.error_code {
            0 => {}
            ABSENT => continue,
            code => {
                let words = result.error_message.as_ref().map_or("", |words| words.as_str());
                return Known::Failed(failure(code, words));
            }
        }
        let infos = result.credential_infos.iter();
        let known =
            infos.filter_map(|info| Some((ScramMechanism::from_code(info.mechanism)?, info.iterations)));
        users.insert(result.user.to_string(), known.collect());
    }
    Known::Known(users)
}

/// A change of the credentials of a user for one mechanism.
pub(super) struct UserOp {
    pub user: String,
    pub mechanism: ScramMechanism,
    /// The credentials; `None` removes those that there are.
    pub set: Option<Credentials>,
}

/// What a broker keeps of a password. No password can be had back from it, and still nobody is to see it.
#[derive(Clone)]
pub(super) struct Credentials {
    iterations: i32,
    salt: Vec<u8>,
    salted: Vec<u8>,
}

impl Credentials {
    /// Hashes a password with a new salt (`SaltedPassword` of RFC 5802). Like Kafka itself, it takes the bytes of the
    /// password as they are.
    pub fn new(password: &Secret, mechanism: ScramMechanism, iterations: i32) -> Result<Self, Failure> {
        let mut salt = vec![0; SALT];
        let made = rand_bytes(&mut salt).and_then(|()| hashed(password, &salt, mechanism, iterations));
        let salted = made.map_err(|error| {
            Failure::without_reply("NOT_HASHED", format!("the password cannot be hashed: {error}"))
        })?;
        Ok(Credentials { iterations, salt, salted })
    }
}

fn hashed(
    password: &Secret,
    salt: &[u8],
    mechanism: ScramMechanism,
    iterations: i32,
) -> Result<Vec<u8>, openssl::error::ErrorStack> {
    let (digest, length) = match mechanism {
        ScramMechanism::Sha256 => (MessageDigest::sha256(), 32),
        ScramMechanism::Sha512 => (MessageDigest::sha512(), 64),
    };
    let mut salted = vec![0; length];
    let rounds = usize::try_from(iterations).unwrap_or(1);
    pbkdf2_hmac(password.expose().as_bytes(), salt, rounds, digest, &mut salted)?;
    Ok(salted)
}

/// Changes in rounds, in none of which a user comes twice, by their places.
pub(super) fn rounds<'a>(users: impl IntoIterator<Item = &'a str>) -> Vec<Vec<usize>> {
    let mut rounds: Vec<(BTreeSet<&str>, Vec<usize>)> = Vec::new();
    for (place, user) in users.into_iter().enumerate() {
        match rounds.iter_mut().find(|(named, _)| !named.contains(user)) {
            Some((named, places)) => {
                named.insert(user);
                places.push(place);
            }
            None => rounds.push((BTreeSet::from([user]), vec![place])),
        }
    }
    rounds.into_iter().map(|(_, places)| places).collect()
}

struct Alteration<'a>(Way<'a>);

impl Carrier for Alteration<'_> {
    type Item = UserOp;
    type Value = ();

    async fn carry(&self, items: &[&UserOp]) -> Result<Verdicts<()>, CallError> {
        let Alteration(way) = self;
        let mut upsertions = Vec::new();
        let mut deletions = Vec::new();
        for item in items {
            let (name, mechanism) = (text(&item.user), item.mechanism.code());
            match &item.set {
                Some(set) => upsertions.push(
                    ScramCredentialUpsertion::default()
                        .with_name(name)
                        .with_mechanism(mechanism)
                        .with_iterations(set.iterations)
                        .with_salt(Bytes::copy_from_slice(&set.salt))
                        .with_salted_password(Bytes::copy_from_slice(&set.salted)),
                ),
                None => {
                    deletions
                        .push(ScramCredentialDeletion::default().with_name(name).with_mechanism(mechanism));
                }
            }
        }
        let answer = way
            .cluster
            .call(way.to(), way.retry(), |_| {
                AlterUserScramCredentialsRequest::default()
                    .with_upsertions(upsertions.clone())
                    .with_deletions(deletions.clone())
            })
            .await?;
        // Brokers answer in an order of their own.
        let verdicts: BTreeMap<&str, Result<(), Failure>> = answer
            .body
            .results
            .iter()
            .map(|result| (result.user.as_str(), verdict(result.error_code, &result.error_message, || ())))
            .collect();
        Ok(items.iter().map(|item| verdicts.get(item.user.as_str()).cloned()).collect())
    }

    async fn find_controller(&self) {
        self.0.find_controller().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_request_names_a_user_twice() {
        assert_eq!(rounds(["a", "a", "b", "c", "b"]), [vec![0, 2, 3], vec![1, 4]]);
        assert_eq!(rounds([]), Vec::<Vec<usize>>::new());
    }

    /// The example of RFC 7677, section 3: with its salt the client key of `pencil` gives the proof that stands there.
    #[test]
    fn passwords_are_hashed_as_the_rfc_says() {
        let salt = openssl::base64::decode_block("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap_or_default();
        let salted = hashed(&Secret::new("pencil"), &salt, ScramMechanism::Sha256, 4096).unwrap_or_default();
        let hex: String = salted.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "c4a49510323ab4f952cac1fa99441939e78ea74d6be81ddf7096e87513dc615d");
        let one = Credentials::new(&Secret::new("a"), ScramMechanism::Sha512, 4096);
        let other = Credentials::new(&Secret::new("a"), ScramMechanism::Sha512, 4096);
        let salts = [one, other].map(|made| made.map(|made| made.salt).unwrap_or_default());
        assert!(salts[0] != salts[1] && salts[0].len() == SALT, "each has a salt of its own");
    }
}
