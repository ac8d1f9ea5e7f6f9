//! What librdkafka says to klerk: its log lines, its troubles, and that it wants a token.

use crate::kafka::Logins;
use crate::secure::{Login, TokenSource};
use klerk_core::values::{Failure, Secret};
use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::runtime::Handle;

/// Hears librdkafka, and answers it from the thread that polls it.
pub(super) struct Context {
    secrets: Vec<Secret>,
    tokens: Option<(TokenSource, Arc<Logins>)>,
    runtime: Handle,
    /// Set once nobody waits for records any more.
    stop: Arc<AtomicBool>,
    trouble: Mutex<Option<Trouble>>,
}

/// What stands in the way of all partitions at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// TLS does not come about.
    Tls,
    /// A broker refuses the login.
    Login,
    /// No token is to be had, in the words of its source.
    Token(String),
    /// Brokers cannot be reached; it may pass.
    Unreachable,
}

impl Trouble {
    /// Whether trying on will not help.
    pub(super) fn is_final(&self) -> bool {
        !matches!(self, Trouble::Unreachable)
    }

    /// The same as what a partition failed of. librdkafka's own words go to the trace alone: its text on TLS is the same for a
    /// wrong authority, a wrong name and a certificate that has expired.
    pub(super) fn failure(&self) -> Failure {
        match self {
            Trouble::Tls => Failure::without_reply(
                "TLS_FAILED",
                "reading records got no TLS from a broker; -v shows what librdkafka says of it",
            ),
            Trouble::Login => Failure::without_reply(
                "LOGIN_REFUSED",
                "a broker refused the login of the connection that reads records; -v shows its words",
            ),
            Trouble::Token(why) => Failure::without_reply("NO_TOKEN", why.clone()),
            Trouble::Unreachable => Failure::without_reply(
                "TIMEOUT",
                "a broker could not be reached for reading records; -v shows what was tried",
            ),
        }
    }
}

impl Context {
    /// Takes tokens from where the login of the control plane takes them.
    pub(super) fn new(
        secrets: Vec<Secret>,
        login: Option<&Login>,
        logins: Arc<Logins>,
        runtime: Handle,
        stop: Arc<AtomicBool>,
    ) -> Self {
        let tokens = match login {
            Some(Login::Oauth { source, .. }) => Some((source.clone(), logins)),
            _ => None,
        };
        Context { secrets, tokens, runtime, stop, trouble: Mutex::new(None) }
    }

    /// What stands in the way, as last heard.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.trouble.lock().ok()?.clone()
    }

    fn meet(&self, met: Trouble) {
        if let Ok(mut trouble) = self.trouble.lock()
            // What is final is not forgotten for what follows from it.
            && !trouble.as_ref().is_some_and(Trouble::is_final)
        {
            *trouble = Some(met);
        }
    }

    /// A text without passwords and keys.
    fn masked(&self, text: &str) -> String {
        masked(text, &self.secrets)
    }
}

fn masked(text: &str, secrets: &[Secret]) -> String {
    let hidden = secrets.iter().map(Secret::expose).filter(|secret| !secret.is_empty());
    hidden.fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
}

impl ClientContext for Context {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        let message = self.masked(message);
        match level {
            RDKafkaLogLevel::Debug => tracing::trace!("librdkafka {facility}: {message}"),
            _ => tracing::debug!("librdkafka {facility}: {message}"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let KafkaError::Global(code) = error else { return };
        match code {
            RDKafkaErrorCode::SSL => self.meet(Trouble::Tls),
            RDKafkaErrorCode::Authentication => self.meet(Trouble::Login),
            RDKafkaErrorCode::AllBrokersDown
            | RDKafkaErrorCode::BrokerTransportFailure
            | RDKafkaErrorCode::Resolve
            | RDKafkaErrorCode::OperationTimedOut => self.meet(Trouble::Unreachable),
            // One partition's own, or the coordinator of the group that nobody joins.
            _ => {}
        }
        tracing::trace!("librdkafka {code:?}: {}", self.masked(reason));
    }

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        let Some((source, logins)) = &self.tokens else { return Err("no token is needed".into()) };
        if self.stop.load(Ordering::Relaxed) {
            return Err("it is over".into());
        }
        match self.runtime.block_on(logins.token_and_end(source)) {
            Ok((token, end)) => Ok(OAuthToken {
                token: token.expose().to_owned(),
                // librdkafka wants a name and tells it nobody.
                principal_name: "klerk".to_owned(),
                lifetime_ms: end.as_millisecond(),
            }),
            Err(error) => {
                self.meet(Trouble::Token(error.to_string()));
                // Its words would reach librdkafka's log.
                Err("no token is to be had".into())
            }
        }
    }
}

impl ConsumerContext for Context {}
