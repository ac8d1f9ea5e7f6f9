//! `klerk acl`: who may do what, and which entry decides.

mod list;
mod run;

pub use run::run;
