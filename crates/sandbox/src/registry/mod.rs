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
//! Each shown by the contract case of that name in `tests/contract/schema_differences.rs`. In the manner of Apicurio, on
//! both sides:
//!
//! - `other_languages_are_not_compared`: compatibility is checked for Avro only; where a level other than NONE would have
//!   to compare PROTOBUF or JSON schemas, registering and checking is refused (42201) and never passed.
//! - `other_languages_are_kept_as_text`: a PROTOBUF schema is not parsed.
//! - `normalizing_heeds_documentation`: `normalize` compares canonical spellings with documentation and properties;
//!   Apicurio compares without them.
//! - `malformed_bodies_are_refused_alike`: with 400, also where Apicurio fails inside (500), says that there is no schema
//!   (422) or overlooks what is wrong.
//! - `lists_of_subjects_are_sorted`: they are in the order of their names.
//! - `there_are_no_contexts`: nor aliases, exporters, encryption and tags.
//!
//! On the sandbox alone, in the manner of Confluent:
//!
//! - `a_schema_is_kept_in_klerks_canonical_spelling`: full names and a fixed order of keys, and not that of Avro for
//!   Java. `normalize` does nothing more, as the canonical spelling is always what is compared.
//! - `the_root_is_an_empty_object`: `GET /` answers `{}` in every manner.

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
