//! `klerk topic`: deleting topics.

mod delete;
mod run;

pub use run::run;
