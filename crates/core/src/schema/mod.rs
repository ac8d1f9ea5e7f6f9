//! Schemas as values: levels, spelling and identity.

mod level;

pub use level::{CompatibilityLevel, UnknownLevel};
