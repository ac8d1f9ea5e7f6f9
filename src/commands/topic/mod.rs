//! `klerk topic`: deleting topics, and their first records.

mod delete;
mod names;
mod run;
mod truncate;

pub use run::run;
