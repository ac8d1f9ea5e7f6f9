use crate::cli::UsageError;
use crate::error::Error;
use klerk_core::values::{InvalidName, check_topic_name};

/// Refuses what cannot be a topic's name, before anybody is asked: no broker has such a topic, and some have a message of
/// their own for it.
///
/// # Errors
/// For the first such name.
pub(super) fn possible<'n>(names: impl IntoIterator<Item = &'n String>) -> Result<(), Error> {
    for name in names {
        let why = match check_topic_name(name) {
            // That klerk keeps its hands off these is said with the plan.
            Ok(()) | Err(InvalidName::Internal) => continue,
            Err(why) => why,
        };
        let is_pattern = name.contains(['*', '?', '[']);
        let hint = match is_pattern {
            true => "name each topic whole; a pattern might delete more than was meant",
            false => "check how it is written",
        };
        let message = format!("'{name}' cannot be a topic: {why}");
        return Err(UsageError::Arguments { message, hints: vec![hint.to_owned()] }.into());
    }
    Ok(())
}
