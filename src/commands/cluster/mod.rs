//! `klerk cluster`: how the cluster is, who leads, which replicas are on their way, and the dynamic configs of its brokers.

mod configs;
mod elect;
mod moves;
mod reading;
mod run;
mod status;

pub use run::run;
