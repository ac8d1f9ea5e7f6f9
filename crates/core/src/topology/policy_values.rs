use super::caps::compare;
use crate::values::{describe_config_value, same_value};
use crate::world::ConfigType;
use std::cmp::Ordering;

/// What a policy lets a key be: a value, or anything from one number to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Allowed {
    /// This value, in any spelling, as it is sent to Kafka.
    Value(String),
    /// A number between these two, both included, where −1 is without end.
    Between(String, String),
}

impl Allowed {
    /// Whether a value of the key is one of these.
    pub fn takes(&self, key: &str, value: &str) -> bool {
        match self {
            Allowed::Value(allowed) => same_value(key, ConfigType::Unknown, allowed, value),
            Allowed::Between(from, to) => {
                compare(from, value).is_some_and(Ordering::is_le)
                    && compare(value, to).is_some_and(Ordering::is_le)
            }
        }
    }

    /// For people.
    pub fn described(&self, key: &str) -> String {
        match self {
            Allowed::Value(value) => describe_config_value(key, value),
            Allowed::Between(from, to) => {
                format!("{} to {}", describe_config_value(key, from), describe_config_value(key, to))
            }
        }
    }
}
