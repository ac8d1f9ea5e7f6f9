//! `klerk topic`: deleting topics, and their first records.

mod delete;
mod run;
mod truncate;

pub use run::run;
