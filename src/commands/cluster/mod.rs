//! `klerk cluster`: how the cluster is.

mod run;
mod status;

pub use run::run;
