//! What records a change makes deletable: how many, how large, how old, and who has not read them yet.

use std::collections::BTreeMap;

/// A figure that was made up from what could be read, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Estimate<T> {
    /// About this much.
    About {
        /// The figure.
        value: T,
        /// How it was made, in words.
        how: String,
    },
    /// It is not available, for this reason.
    NotAvailable(String),
}

impl<T> Estimate<T> {
    /// The figure, where there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Estimate::About { value, .. } => Some(value),
            Estimate::NotAvailable(_) => None,
        }
    }

    pub(super) fn about(value: T, how: impl Into<String>) -> Self {
        Estimate::About { value, how: how.into() }
    }

    pub(super) fn of(value: Result<T, String>, how: impl Into<String>) -> Self {
        match value {
            Ok(value) => Estimate::about(value, how),
            Err(why) => Estimate::NotAvailable(why),
        }
    }
}

/// Times of records, in milliseconds since 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The time of the first record.
    pub from_ms: i64,
    /// The time of the last one.
    pub to_ms: i64,
}

/// What becomes deletable. Every figure is an estimate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// How many records.
    pub records: Estimate<i64>,
    /// How many bytes of one replica.
    pub bytes: Estimate<i64>,
    /// From when to when they are.
    pub span: Estimate<Span>,
    /// When the topic was last written to, in milliseconds since 1970 in UTC; `None` when it holds no record.
    pub last_write_ms: Estimate<Option<i64>>,
    /// For each group with commits on the topic that has not read all of what goes: how many of these records.
    pub unread: Estimate<BTreeMap<String, i64>>,
}
