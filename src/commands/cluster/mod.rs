//! `klerk cluster`: how the cluster is, who leads, and the dynamic configs of its brokers.

mod configs;
mod elect;
mod run;
mod status;

pub use run::run;
