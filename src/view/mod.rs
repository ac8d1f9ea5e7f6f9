//! What people and programs read: one file a document. Everything here returns text and knows no terminal.

pub mod faults;
pub mod json;
