//! The exchange with a broker: SaslHandshake names the mechanism, SaslAuthenticate carries its messages (KIP-43, KIP-152), and the
//! last answer says how long the login lasts (KIP-368).

use super::bearer::{self, Challenge};
use super::login_error::{LoginError, Who};
use super::logins::Logins;
use super::plain;
use super::scram::{Scram, nonce};
use crate::kafka::call_error::CallError;
use crate::kafka::conn::Connection;
use crate::secure::Login;
use kafka_protocol::messages::{
    SaslAuthenticateRequest, SaslAuthenticateResponse, SaslHandshakeRequest, SaslHandshakeResponse,
};
use kafka_protocol::protocol::{Request, StrBytes};
use klerk_core::values::Secret;
use klerk_wire::{Reply, api_name};
use std::time::Duration;
use tokio::time::Instant;

/// What a broker answers when it knows the mechanism and does not offer it.
const NOT_ENABLED: i16 = 33;
/// What a broker answers on a port without logins.
const NOT_HERE: i16 = 34;
/// What a broker answers to a wrong password or token.
const REFUSED: i16 = 58;

/// A login that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::kafka) struct Session {
    /// When to log in anew, on another connection: the broker closes this one at the first request after its end.
    pub(in crate::kafka) renew_at: Option<Instant>,
}

impl Session {
    /// Five sixths of the time are used, as Java's clients do at the earliest: an answer may be long on its way.
    fn of(began: Instant, lifetime_ms: i64) -> Session {
        let lifetime =
            u64::try_from(lifetime_ms).ok().filter(|millis| *millis > 0).map(Duration::from_millis);
        Session { renew_at: lifetime.and_then(|lifetime| began.checked_add(lifetime * 5 / 6)) }
    }
}

impl Logins {
    /// Logs in on a connection that has seen nothing but ApiVersions. Each answer is waited for until `limit` is over.
    pub(in crate::kafka) async fn log_in(
        &self,
        connection: &Connection,
        login: &Login,
        limit: Duration,
    ) -> Result<Session, LoginError> {
        let _turn = self.turn().await;
        let who = Who { user: login.user().map(str::to_owned), mechanism: login.mechanism() };
        let exchange = Exchange { connection, who, limit };
        let session = match login {
            Login::Plain { user, password } => exchange.plain(user, password).await,
            Login::Scram { hash, user, password, token } => {
                let nonce = nonce().map_err(|error| exchange.unsendable(error.to_string()))?;
                let (user, password) = (user.clone(), password.clone());
                exchange.scram(Scram { hash: *hash, user, password, token: *token, nonce }).await
            }
            Login::Oauth { source, extensions } => {
                // The token comes first: a broker gives a connection that says nothing only so much time.
                let token = self.token(source).await?;
                let result = exchange.bearer(&token, extensions).await;
                if matches!(result, Err(LoginError::TokenRefused { .. } | LoginError::Refused { .. })) {
                    self.forget_token().await;
                }
                result
            }
        }?;
        self.prove();
        tracing::debug!(broker = %connection.address(), mechanism = exchange.who.mechanism, "logged in");
        Ok(session)
    }
}

/// The mechanisms that a port offers, where it is one that takes logins: asked for by a name that none has.
pub(in crate::kafka) async fn mechanisms(connection: &Connection, limit: Duration) -> Option<Vec<String>> {
    let request =
        |_| SaslHandshakeRequest::default().with_mechanism(StrBytes::from_static_str("WHICH-ARE-THERE"));
    let (answer, _) = connection.call(request, Instant::now() + limit).await.ok()?;
    (answer.error_code == NOT_ENABLED).then(|| names(&answer))
}

fn names(answer: &SaslHandshakeResponse) -> Vec<String> {
    let printable = |name: &StrBytes| name.chars().filter(|c| !c.is_control()).take(60).collect();
    answer.mechanisms.iter().take(20).map(printable).collect()
}

/// One login on one connection.
struct Exchange<'a> {
    connection: &'a Connection,
    who: Who,
    limit: Duration,
}

impl Exchange<'_> {
    async fn plain(&self, user: &str, password: &Secret) -> Result<Session, LoginError> {
        let message = plain::message(user, password.expose()).ok_or_else(|| {
            self.unsendable("name and password have to be there, and to have no NUL in them".to_owned())
        })?;
        self.handshake().await?;
        let began = Instant::now();
        let answer = self.say(message).await?;
        Ok(Session::of(began, answer.session_lifetime_ms))
    }

    async fn scram(&self, scram: Scram) -> Result<Session, LoginError> {
        let fault = |fault| LoginError::Server { who: self.who.clone(), fault };
        self.handshake().await?;
        let first = self.say(scram.first().into_bytes()).await?;
        let proof = scram.prove(&first.auth_bytes).map_err(fault)?;
        let began = Instant::now();
        let last = self.say(proof.message.clone().into_bytes()).await?;
        proof.check(&last.auth_bytes).map_err(fault)?;
        Ok(Session::of(began, last.session_lifetime_ms))
    }

    async fn bearer(&self, token: &Secret, extensions: &[(String, String)]) -> Result<Session, LoginError> {
        let message = bearer::message(token.expose(), extensions).map_err(|name| {
            self.unsendable(format!(
                "'{name}' is no extension: a name of letters with a printable value is one"
            ))
        })?;
        self.handshake().await?;
        let began = Instant::now();
        let answer = self.say(message).await?;
        if answer.auth_bytes.is_empty() {
            return Ok(Session::of(began, answer.session_lifetime_ms));
        }
        // A refusal comes as a challenge, and the verdict only after the client has said that it has nothing more to say.
        let challenge = Challenge::read(&answer.auth_bytes);
        let message = match self.say(bearer::NOTHING_MORE.to_vec()).await {
            // Kafka's own verdict is the challenge once more.
            Err(LoginError::Refused { message, .. } | LoginError::Code { message, .. })
                if !message.starts_with('{') =>
            {
                message
            }
            Ok(_) | Err(_) => String::new(),
        };
        let status = challenge.status.unwrap_or_else(|| "no reason given".to_owned());
        Err(LoginError::TokenRefused { status, scope: challenge.scope, message })
    }

    /// Names the mechanism.
    async fn handshake(&self) -> Result<(), LoginError> {
        let mechanism = StrBytes::from_static_str(self.who.mechanism);
        let request = |_| SaslHandshakeRequest::default().with_mechanism(mechanism);
        let (answer, version) = self.call(request).await?;
        if version == 0 {
            return Err(self.unable("the broker takes logins only as they were before Kafka 1.0".to_owned()));
        }
        match answer.error_code {
            0 => Ok(()),
            NOT_ENABLED => {
                Err(LoginError::NotEnabled { mechanism: self.who.mechanism, offers: names(&answer) })
            }
            NOT_HERE => Err(LoginError::NotHere { who: self.who.clone() }),
            code => Err(LoginError::Code { who: self.who.clone(), code, message: String::new() }),
        }
    }

    /// Sends one message of the mechanism.
    async fn say(&self, message: Vec<u8>) -> Result<SaslAuthenticateResponse, LoginError> {
        let request = |_| SaslAuthenticateRequest::default().with_auth_bytes(message.into());
        let (answer, _) = self.call(request).await?;
        let who = self.who.clone();
        let message = || answer.error_message.as_deref().map(printable).unwrap_or_default();
        match answer.error_code {
            0 => Ok(answer),
            REFUSED => Err(LoginError::Refused { who, message: message() }),
            code => Err(LoginError::Code { who, code, message: message() }),
        }
    }

    async fn call<R>(&self, build: impl FnOnce(i16) -> R) -> Result<(R::Response, i16), LoginError>
    where
        R: Request,
        R::Response: Reply,
    {
        let (who, api) = (|| self.who.clone(), api_name(R::KEY));
        self.connection.call(build, Instant::now() + self.limit).await.map_err(|error| match error {
            CallError::TimedOut { after, .. } => LoginError::Silent { who: who(), api, after },
            CallError::Closed { reason, .. } => LoginError::Ended { who: who(), api, reason },
            error => self.unable(error.to_string()),
        })
    }

    fn unsendable(&self, reason: String) -> LoginError {
        LoginError::Unsendable { who: self.who.clone(), reason }
    }

    fn unable(&self, reason: String) -> LoginError {
        LoginError::Unable { who: self.who.clone(), reason }
    }
}

fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_left_before_it_ends() {
        let now = Instant::now();
        assert_eq!(Session::of(now, 0).renew_at, None);
        assert_eq!(Session::of(now, -1).renew_at, None);
        assert_eq!(Session::of(now, 6_000).renew_at, Some(now + Duration::from_secs(5)));
        assert!(Session::of(now, i64::MAX).renew_at.is_none_or(|at| at > now));
    }
}
