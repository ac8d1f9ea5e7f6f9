//! The first version of the documents. Types are copied from the core, never derived on it, so that a change of the
//! core cannot change a document; within this version they only gain fields.

mod validation;

pub use validation::ValidationDocument;
