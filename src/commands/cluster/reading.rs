use crate::cli::{Consent, UsageError};
use crate::error::Error;

/// Flags of consent mean nothing where nothing changes, and a script that gives them has forgotten something.
pub(super) fn refuse_consent(consent: &Consent, hint: &str) -> Result<(), Error> {
    if consent.yes || !consent.allow.is_empty() || consent.only_plans() || consent.record.is_some() {
        let message = "there is nothing to consent to".to_owned();
        return Err(UsageError::Arguments { message, hints: vec![hint.to_owned()] }.into());
    }
    Ok(())
}
