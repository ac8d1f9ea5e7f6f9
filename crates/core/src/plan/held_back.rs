//! Rates of throttles that were set before a plan, and hold for what it copies.

use std::collections::BTreeMap;

/// What holds copies of replicas back already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeldBack {
    /// These rates.
    By {
        /// Bytes a second, by broker, then by key.
        rates: BTreeMap<i32, BTreeMap<String, String>>,
        /// Whether runs of klerk have set all of them, as far as this machine knows, so that klerk takes them off again.
        by_klerk: bool,
    },
    /// Replicas are named for a throttle, and whether rates are set could not be read, for this reason.
    NotRead(String),
}
