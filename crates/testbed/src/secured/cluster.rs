//! Brokers with all ways in at once.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::alter_user_scram_credentials_request::ScramCredentialUpsertion;
use kafka_protocol::messages::describe_user_scram_credentials_request::UserName;
use kafka_protocol::messages::{AlterUserScramCredentialsRequest, DescribeUserScramCredentialsRequest};
use kafka_protocol::protocol::StrBytes;
use openssl::hash::MessageDigest;
use openssl::pkcs5::pbkdf2_hmac;

use super::certificates::Certificates;
use super::listener::{self, As, Listener};
use super::tokens::TokenSigner;
use crate::client::Client;
use crate::cluster::{Cluster, ClusterOptions};
use crate::kit::Kit;
use crate::place::{Place, program};
use crate::tool::{Tool, ToolOutput};

/// The users that every secured cluster knows from its start, by PLAIN and both kinds of SCRAM. `admin` may do everything, the others
/// what ACLs allow them.
pub(super) const USERS: [&str; 4] = ["admin", "alice", "bob", "klerk"];

const PATIENCE: Duration = Duration::from_secs(60);
const ITERATIONS: usize = 4096;

/// The password of a user, and the secret of a client of the token endpoint.
pub fn password_of(user: &str) -> String {
    format!("{user}-password-9d2c")
}

/// A running cluster with TLS, logins and Kafka's standard authorizer, which refuses whatever no ACL allows.
///
/// `User:admin`, the certificate `operator`, and whoever comes in without a login or certificate may do everything.
#[derive(Debug)]
pub struct Secured {
    /// The brokers. Their plain listener is for the bed's own client and tools.
    pub cluster: Cluster,
    certificates: Certificates,
    signer: TokenSigner,
    key_set: PathBuf,
}

impl Secured {
    /// Starts brokers that are secured on top of `options`.
    pub fn start(options: ClusterOptions) -> Result<Secured> {
        Secured::start_as(options, &Place::owner())
    }

    fn start_as(options: ClusterOptions, owner: &str) -> Result<Secured> {
        let kit = Kit::locate()?;
        let certificates = Certificates::new()?;
        let signer = TokenSigner::new()?;
        let key_set = signer.write_key_set(certificates.folder())?;
        let mut options = options
            .property("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
            .property("super.users", "User:ANONYMOUS;User:admin;User:CN=operator,O=klerk")
            .property("ssl.keystore.type", "PEM")
            .property(
                "ssl.keystore.location",
                &certificates.folder().join("broker.keystore.pem").display().to_string(),
            )
            .property("ssl.truststore.type", "PEM")
            .property("ssl.truststore.location", &certificates.ca_pem().display().to_string())
            .java_argument(&format!(
                "-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://{}",
                key_set.display()
            ));
        for listener in Listener::PROTECTED {
            options = options.listener(listener.name(), listener.protocol());
            for (key, value) in listener.settings(&certificates, &key_set) {
                let prefix = listener.name().to_lowercase();
                options = options.property(&format!("listener.name.{prefix}.{key}"), &value);
            }
        }
        for user in USERS {
            for hash in ["256", "512"] {
                let password = password_of(user);
                options = options
                    .format_argument("--add-scram")
                    .format_argument(&format!("SCRAM-SHA-{hash}=[name={user},password={password}]"));
            }
        }
        let cluster = Cluster::start_as(&kit, &options, owner)?;
        Ok(Secured { cluster, certificates, signer, key_set })
    }

    /// The address of one way in, of all brokers, for `--bootstrap`.
    pub fn at(&self, listener: Listener) -> String {
        let brokers = 1..=self.cluster.size();
        let addresses: Vec<String> =
            brokers.map(|broker| self.cluster.listener_address(listener.name(), broker)).collect();
        addresses.join(",")
    }

    /// Logins over TLS, for `--bootstrap`.
    pub fn sasl_ssl(&self) -> String {
        self.at(Listener::SaslSsl)
    }

    /// Logins without encryption, for `--bootstrap`.
    pub fn sasl_plaintext(&self) -> String {
        self.at(Listener::SaslPlaintext)
    }

    /// Mutual TLS, for `--bootstrap`.
    pub fn mtls(&self) -> String {
        self.at(Listener::Mtls)
    }

    /// All certificates, keys and stores.
    pub fn certificates(&self) -> &Certificates {
        &self.certificates
    }

    /// The certificate of the authority that signed all servers, as a PEM file.
    pub fn ca_pem(&self) -> PathBuf {
        self.certificates.ca_pem()
    }

    /// Signs tokens that these brokers take.
    pub fn tokens(&self) -> &TokenSigner {
        &self.signer
    }

    /// Reads and writes as somebody who may do everything, without klerk.
    pub fn client(&self) -> Client {
        self.cluster.client()
    }

    /// The settings of a client in Java's spelling, as Kafka's own tools and an operator's `client.properties` have them.
    pub fn properties(&self, listener: Listener, who: As<'_>) -> Result<String> {
        listener::properties(listener, who, &self.certificates, &self.signer)
    }

    /// Runs one of Kafka's own tools through one of the ways in.
    pub fn tool(&self, listener: Listener, who: As<'_>, tool: Tool, args: &[&str]) -> Result<ToolOutput> {
        let file = tempfile::NamedTempFile::new().context("no temporary file")?;
        std::fs::write(file.path(), self.properties(listener, who)?).context("cannot write settings")?;
        let settings = file.path().display().to_string();
        let mut command = tool.command(
            &Kit::locate()?,
            &self.at(listener),
            &[&["--command-config", &settings], args].concat(),
        );
        if let As::Token(subject) = who {
            let token = self.certificates.folder().join(format!("{subject}.jwt"));
            command.env(
                "JDK_JAVA_OPTIONS",
                format!("-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://{}", token.display()),
            );
        }
        tool.collect(&mut command)
    }

    /// Makes a user, or gives one a new password, by both kinds of SCRAM; the password is [`password_of`] the name. Waits until the
    /// brokers know.
    pub fn add_user(&self, name: &str) -> Result<()> {
        let mut salt = vec![0; 16];
        openssl::rand::rand_bytes(&mut salt)?;
        // A controller takes one mechanism of a user in one request, and no second one.
        for (mechanism, hash, length) in [(1, MessageDigest::sha256(), 32), (2, MessageDigest::sha512(), 64)]
        {
            let mut salted = vec![0; length];
            pbkdf2_hmac(password_of(name).as_bytes(), &salt, ITERATIONS, hash, &mut salted)?;
            let upsertion = ScramCredentialUpsertion::default()
                .with_name(StrBytes::from_string(name.to_owned()))
                .with_mechanism(mechanism)
                .with_iterations(i32::try_from(ITERATIONS)?)
                .with_salt(Bytes::from(salt.clone()))
                .with_salted_password(salted.into());
            let request = AlterUserScramCredentialsRequest::default().with_upsertions(vec![upsertion]);
            for result in &self.client().call(&request, 0)?.results {
                if let Some(error) = ResponseError::try_from_code(result.error_code) {
                    bail!("making {name}: {error}: {:?}", result.error_message);
                }
            }
        }
        let deadline = Instant::now() + PATIENCE;
        while !self.all_know(name)? {
            if Instant::now() > deadline {
                bail!("not all brokers know {name} within {PATIENCE:?}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn all_know(&self, name: &str) -> Result<bool> {
        let asked = UserName::default().with_name(StrBytes::from_string(name.to_owned()));
        let request = DescribeUserScramCredentialsRequest::default().with_users(Some(vec![asked]));
        for broker in 1..=self.cluster.size() {
            let client = Client::new(vec![self.cluster.broker_address(broker)]);
            let answer = client.call(&request, 0)?;
            if answer.results.iter().any(|result| result.credential_infos.len() < 2) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The file that the brokers check tokens with.
    pub fn key_set(&self) -> &std::path::Path {
        &self.key_set
    }
}

/// One secured broker, started by the first caller of this process; it ends with the process, however that ends.
///
/// Tests keep apart by names and users of their own: see [`unique_name`](crate::unique_name) and [`Secured::add_user`].
pub fn secured() -> Result<&'static Secured> {
    static SECURED: OnceLock<Result<Secured, String>> = OnceLock::new();
    let found = SECURED.get_or_init(|| {
        Secured::start_as(ClusterOptions::one_broker(), &format!("{}-secured", program()))
            .map_err(|error| format!("{error:#}"))
    });
    found.as_ref().map_err(|error| anyhow!("the secured cluster did not start: {error}"))
}
