//! The ciphers of old stores (RC2, single DES), which OpenSSL keeps apart in a provider of its own.
//!
//! It is loaded when a store turns out to need it, and then stays for all of the process.

use openssl::error::ErrorStack;
use openssl::provider::Provider;
use std::sync::OnceLock;

static LEGACY: OnceLock<Option<Provider>> = OnceLock::new();

/// Does something a second time with the old ciphers where it failed for want of them. The second value tells whether they were
/// needed.
pub(super) fn with_old_ciphers<T>(
    attempt: impl Fn() -> Result<T, ErrorStack>,
) -> Result<(T, bool), ErrorStack> {
    match attempt() {
        Err(error) if is_unsupported(&error) && load() => attempt().map(|value| (value, true)),
        other => other.map(|value| (value, false)),
    }
}

fn load() -> bool {
    LEGACY.get_or_init(|| Provider::try_load(None, "legacy", true).ok()).is_some()
}

fn is_unsupported(error: &ErrorStack) -> bool {
    error.errors().iter().any(|error| error.reason() == Some("unsupported"))
}
