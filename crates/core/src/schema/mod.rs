//! Schemas as values: levels, the Avro model, spelling and identity, compatibility.

pub mod avro;
pub mod compatibility;
mod json;
mod level;
mod spelling;

pub use level::{CompatibilityLevel, UnknownLevel};
pub use spelling::{Sameness, canonical, same_schema, sorted};
