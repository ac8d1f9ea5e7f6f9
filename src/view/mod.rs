//! What people and programs read: one file a document. Everything here returns text and knows no terminal.

mod counting;
pub mod error;
pub mod faults;
pub mod json;
mod offsets;
pub mod plan;
pub mod report;
pub mod requests;
mod style;

pub use style::{Ink, Style};
