//! Schemas as values: levels, the Avro model, spelling and identity.

pub mod avro;
mod json;
mod level;
mod spelling;

pub use level::{CompatibilityLevel, UnknownLevel};
pub use spelling::{Sameness, canonical, same_schema};
