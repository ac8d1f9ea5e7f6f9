//! Which quotas there can be: of whom, of what, and how much.

use crate::state::access::Entity;
use std::net::Ipv6Addr;

/// The largest whole number that a quota can be.
const LARGEST: f64 = i64::MAX as f64;

/// A quota that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuotaError {
    /// It is nobody's.
    #[error("Invalid empty client quota entity")]
    NoEntity,
    /// There is no such kind of entity.
    #[error("Unhandled client quota entity type: {0}")]
    Kind(String),
    /// An entity has an empty name.
    #[error("Empty {0} not supported")]
    Nameless(String),
    /// Kinds that do not go together.
    #[error("Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId")]
    Combination,
    /// No address, and nothing that resolves to one.
    #[error("{0} is not a valid IP or resolvable host.")]
    Address(String),
    /// There is no such quota, or not for these kinds of entity.
    #[error("Invalid configuration key {0}")]
    Key(String),
    /// A quota is named twice. The broker's words speak of the entity all the same.
    #[error("Ignoring duplicate entity ClientQuotaEntity(entries={{{0}}})")]
    Twice(String),
    /// A quota is more than nothing.
    #[error("Quota {0} must be greater than 0")]
    NotPositive(String),
    /// A quota of whole numbers.
    #[error("{0} cannot be a fractional value.")]
    Fraction(String),
    /// More than a whole number can be.
    #[error("Proposed value for {0} is too large for a LONG.")]
    TooLarge(String),
}

/// How a quota is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    /// In whole numbers.
    Whole,
    /// In any.
    Any,
}

/// Checks whom a quota is for.
pub(super) fn check_entity(entity: &Entity) -> Result<(), QuotaError> {
    if entity.is_empty() {
        return Err(QuotaError::NoEntity);
    }
    for (kind, name) in entity {
        if !matches!(kind.as_str(), "user" | "client-id" | "ip") {
            return Err(QuotaError::Kind(kind.clone()));
        }
        if name.as_deref() == Some("") {
            return Err(QuotaError::Nameless(kind.clone()));
        }
    }
    let Some(address) = entity.get("ip") else { return Ok(()) };
    if entity.len() > 1 {
        return Err(QuotaError::Combination);
    }
    match address {
        Some(address) if !is_address(address) => Err(QuotaError::Address(address.clone())),
        _ => Ok(()),
    }
}

/// An address as Java reads it, with one to four numbers for IPv4 of which the last one fills what is left. Of names,
/// which a broker resolves, only that of the machine itself is known.
fn is_address(text: &str) -> bool {
    let numbers: Option<Vec<u64>> = text.split('.').map(|part| part.parse().ok()).collect();
    let classic = numbers.is_some_and(|numbers| match &numbers[..] {
        [first @ .., last] if first.len() < 4 => {
            let room = 8 * (4 - u32::try_from(first.len()).unwrap_or_default());
            first.iter().all(|number| *number < 256) && *last < 1 << room
        }
        _ => false,
    });
    classic || text == "localhost" || text.parse::<Ipv6Addr>().is_ok()
}

/// Checks that no quota is named twice.
pub(super) fn check_once(entity: &Entity, keys: &[&str]) -> Result<(), QuotaError> {
    let twice =
        keys.iter().enumerate().any(|(place, key)| keys.iter().skip(place + 1).any(|other| other == key));
    if !twice {
        return Ok(());
    }
    let parts = entity.iter().map(|(kind, name)| format!("{kind}={}", name.as_deref().unwrap_or("null")));
    Err(QuotaError::Twice(parts.collect::<Vec<_>>().join(", ")))
}

/// Checks that there is such a quota for these kinds of entity.
pub(super) fn check_key(entity: &Entity, key: &str) -> Result<Count, QuotaError> {
    match (entity.contains_key("ip"), key) {
        (true, "connection_creation_rate") => Ok(Count::Whole),
        (false, "producer_byte_rate" | "consumer_byte_rate") => Ok(Count::Whole),
        (false, "request_percentage" | "controller_mutation_rate") => Ok(Count::Any),
        _ => Err(QuotaError::Key(key.to_owned())),
    }
}

/// Checks how much it is.
pub(super) fn check_value(count: Count, key: &str, value: f64) -> Result<(), QuotaError> {
    if value <= 0.0 || value.is_nan() {
        return Err(QuotaError::NotPositive(key.to_owned()));
    }
    match count {
        Count::Whole if value >= LARGEST => Err(QuotaError::TooLarge(key.to_owned())),
        Count::Whole if value.fract() > 1e-6 => Err(QuotaError::Fraction(key.to_owned())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_java_does() {
        let good = ["127.0.0.1", "1.2.3", "1.65535", "7", "::1", "localhost"];
        assert!(good.iter().all(|text| is_address(text)));
        let bad = ["", "no address", "1.2.3.256", "256.1", "1.2.3.4.5", "1..2", "-1.2.3.4"];
        assert_eq!(bad.iter().find(|text| is_address(text)), None);
    }
}
