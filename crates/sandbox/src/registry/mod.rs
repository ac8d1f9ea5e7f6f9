//! A simulated schema registry that speaks the Confluent API.
//!
//! | room | holds |
//! |---|---|
//! | `state` | what the registry is: subjects, versions, schemas, levels and modes; plain values |
//! | `content`, `register`, `remove`, `judge`, `settings` | the rules, a concern each, on the state alone |
//! | `manner`, `refusal` | what differs between the registries that it can imitate, each difference in one place |
//! | `request`, `routes`, `answers` | which request asks for what, and the JSON of the answers; no sockets |
//! | `access`, `faults` | who is let in, and what shall go wrong |
//! | `server`, `line` | HTTP on a loopback port |
//!
//! # What it does differently
//!
//! - Compatibility is checked for Avro only. Schemas of other languages are kept as text; where a level other than NONE
//!   would have to compare them, registering and checking is refused (42201) and never passed.
//! - In the manner of Confluent a schema is kept in klerk's canonical spelling (full names, fixed order of keys), not in
//!   that of Avro for Java. `normalize` does nothing more, as the canonical spelling is always what is compared.
//! - In the manner of Apicurio `normalize` compares canonical spellings with documentation and properties; Apicurio
//!   compares without them. Its texts of errors that come from the Java platform have words of their own here.
//! - Lists of subjects are in the order of their names. Contexts, aliases, exporters, encryption and tags are not there.

mod access;
mod answers;
mod content;
mod faults;
mod judge;
mod line;
mod manner;
mod refusal;
mod register;
mod remove;
mod request;
mod routes;
mod server;
mod settings;
mod state;
#[cfg(test)]
mod tests;

pub use access::{Access, User};
pub use content::Content;
pub use faults::{HttpFault, HttpHarm};
pub use manner::Manner;
pub use state::{Mode, Registry, Subject, Version};

pub(crate) use server::{Desk, serve};
