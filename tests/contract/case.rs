//! What a case is.

use crate::bed::Bed;
use anyhow::Result;

/// A case: one story, told on both.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// `room::name`.
    pub name: &'static str,
    /// What is done and told.
    pub story: fn(&Bed) -> Result<()>,
    /// What must come of the two accounts.
    pub accounts: Accounts,
}

/// How the accounts of a case compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accounts {
    /// Word for word the same.
    Same,
    /// Not the same: the sandbox differs on purpose, and its documentation says so.
    Different,
    /// There is only that of the sandbox: these servers cannot show what Kafka does instead.
    Alone,
}

/// The list of a file's cases, by how their accounts compare.
macro_rules! cases {
    ($($accounts:ident: $($story:ident),+ $(,)?);+) => {
        pub const CASES: &[$crate::case::Case] = &[$($($crate::case::Case {
            name: concat!(module_path!(), "::", stringify!($story)),
            story: $story,
            accounts: $crate::case::Accounts::$accounts,
        }),+),+];
    };
}
pub(crate) use cases;
