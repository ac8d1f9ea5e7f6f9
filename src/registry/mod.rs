//! The schema registry, over the HTTP API that Confluent's Schema Registry defined and others speak.
//!
//! A thin client: it asks, keeps what was said word for word, and holds no opinion. Registries differ in their answers
//! (Confluent, Apicurio, Karapace); what they differ in is told where it is read.

mod address;
mod body;
mod check;
mod client;
mod enact;
mod error;
#[cfg(test)]
mod fake;
mod look;
mod protected;
#[cfg(test)]
mod tests;

pub use address::{InvalidAddress, check_address};
pub use check::{CheckScope, Checked};
pub use client::{Counts, Credentials, RegistryClient, RegistryOptions};
pub use enact::Registered;
pub use error::{Answered, RegistryError};
