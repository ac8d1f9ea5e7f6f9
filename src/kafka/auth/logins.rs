use super::claims::subject;
use super::token_error::TokenError;
use super::tokens::{Token, fetch};
use crate::clock::Clock;
use crate::secure::TokenSource;
use jiff::Timestamp;
use klerk_core::values::Secret;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Mutex, MutexGuard};

/// What all logins at one cluster share.
#[derive(Default)]
pub struct Logins {
    /// Whether a broker has taken the login once.
    proven: AtomicBool,
    turn: Mutex<()>,
    token: Mutex<Option<Token>>,
}

impl fmt::Debug for Logins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logins").field("proven", &self.proven).finish_non_exhaustive()
    }
}

impl Logins {
    /// Waits for the turn to log in. Until one login was taken they are made one after the other, so that a wrong password is
    /// not tried at many brokers at once.
    pub(super) async fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        if self.proven.load(Ordering::Acquire) {
            return None;
        }
        let guard = self.turn.lock().await;
        (!self.proven.load(Ordering::Acquire)).then_some(guard)
    }

    /// A login was taken.
    pub(super) fn prove(&self) {
        self.proven.store(true, Ordering::Release);
    }

    /// The token to log in with: the one at hand, or the next one where that is about to expire.
    pub(super) async fn token(&self, source: &TokenSource) -> Result<Secret, TokenError> {
        self.token_and_end(source).await.map(|(token, _)| token)
    }

    /// The same, with the time at which it expires as far as that is known.
    ///
    /// # Errors
    /// When the source gives none.
    pub async fn token_and_end(&self, source: &TokenSource) -> Result<(Secret, Timestamp), TokenError> {
        let mut held = self.token.lock().await;
        let now = Clock::System.now();
        if let Some(token) = held.as_ref().filter(|token| token.serves(now)) {
            return Ok((token.text.clone(), token.expires));
        }
        *held = None;
        let token = held.insert(fetch(source, now).await?);
        Ok((token.text.clone(), token.expires))
    }

    /// Whom the token at hand is for, as far as it says so; `None` too where there is none.
    pub async fn subject(&self, source: &TokenSource) -> Option<String> {
        let (token, _) = self.token_and_end(source).await.ok()?;
        subject(token.expose())
    }

    /// A token was refused, so the next login gets another one.
    pub(super) async fn forget_token(&self) {
        *self.token.lock().await = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_token_is_kept_until_it_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("token");
        let source = TokenSource::File(path.clone());
        let logins = Logins::default();
        std::fs::write(&path, "first").expect("written");
        assert_eq!(logins.token(&source).await.expect("a token").expose(), "first");
        std::fs::write(&path, "second").expect("written");
        assert_eq!(logins.token(&source).await.expect("a token").expose(), "first");
        logins.forget_token().await;
        assert_eq!(logins.token(&source).await.expect("a token").expose(), "second");
        assert!(!format!("{logins:?}").contains("second"));
    }

    #[tokio::test]
    async fn once_proven_nobody_waits_for_a_turn() {
        let logins = Logins::default();
        let first = logins.turn().await.expect("a turn");
        assert!(futures::FutureExt::now_or_never(logins.turn()).is_none());
        logins.prove();
        drop(first);
        assert!(logins.turn().await.is_none());
    }
}
