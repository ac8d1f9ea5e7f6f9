//! The ciphers of old stores (RC2, single DES), which OpenSSL keeps apart in a provider of its own.
//!
//! It is loaded when a store turns out to need it, and goes again once that is read: so the next store says for itself what it needs.

use openssl::error::ErrorStack;
use openssl::provider::Provider;
use std::sync::{Mutex, PoisonError};

/// One store at a time, for what is loaded for one counts for all of the process.
static TURN: Mutex<()> = Mutex::new(());

/// Does something a second time with the old ciphers where it failed for want of them. The second value tells whether they were
/// needed.
pub(super) fn with_old_ciphers<T>(
    attempt: impl Fn() -> Result<T, ErrorStack>,
) -> Result<(T, bool), ErrorStack> {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    match attempt() {
        Err(error) if is_unsupported(&error) => match Provider::try_load(None, "legacy", true) {
            Ok(_loaded) => attempt().map(|value| (value, true)),
            Err(_) => Err(error),
        },
        other => other.map(|value| (value, false)),
    }
}

fn is_unsupported(error: &ErrorStack) -> bool {
    error.errors().iter().any(|error| error.reason() == Some("unsupported"))
}
