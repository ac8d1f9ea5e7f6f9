//! What people and programs read: one file a document. Everything here returns text and knows no terminal.

pub mod error;
pub mod faults;
pub mod json;
pub mod requests;
mod style;

pub use style::{Ink, Style};
