//! Avro schemas, after the Avro specification 1.12.
//!
//! [`parse`] reads a schema that somebody wants to register and [`parse_registered`] one that a registry already holds;
//! each has a sibling (`_with`) for schemas that refer to those of other subjects.
//! Both accept what registries accept, which is wider than the specification here and there; each such place says so.

mod default;
mod definitions;
mod fault;
mod model;
mod name;
mod parse;
#[cfg(test)]
mod parse_tests;

pub use fault::SchemaFault;
pub use model::{
    Array, Enumeration, Field, Fixed, Map, Order, Primitive, PrimitiveKind, Properties, Record, Schema,
};
pub use name::{InvalidName, Name};
pub use parse::{parse, parse_registered, parse_registered_with, parse_with};

pub(in crate::schema) use definitions::{Definitions, definitions};
