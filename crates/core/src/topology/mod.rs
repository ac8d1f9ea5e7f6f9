//! The topology file: what should be. Texts are parsed into a draft that names the files it wants, and resolved with
//! them into a [`Topology`], or into all the [`Faults`] of all files at once. A file with environments is resolved for
//! one of them: `layers` lays what it says over what the file says for all.

mod access;
mod caps;
mod clients;
mod code;
mod compare;
mod contracts;
mod draft;
mod environment;
mod fault;
mod format;
mod layers;
mod lineage;
mod model;
mod naming;
mod parse;
mod place;
mod policy;
mod policy_values;
mod read;
mod resolve;
mod said_by;
mod schemas;
mod strictest;
mod within;
mod yaml;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

pub use code::Code;
pub use compare::{About, Difference, FieldDifference, HeldBy, compare};
pub use draft::Draft;
pub use environment::{ClusterPlace, Environment, RegistryPlace};
pub use fault::{Fault, Faults, Place, Severity};
pub use format::format_schema;
pub use model::{
    Absent, AbsentSubject, AbsentTopic, Access, AskedAcl, ConfigWish, Contract, External, Isolation, Naming,
    Quota, Reference, StartAt, Subject, Terms, Topic, TopicsOf, Topology, User,
};
pub use parse::parse;
pub use policy::{Policy, UnlistedConfigs};
pub(crate) use read::KAFKA_CONFIGS;
pub use resolve::{Files, resolve, resolve_all, resolve_in};
pub use said_by::{SaidBy, Section};
pub use strictest::strictest;
