//! What the file format means, seen from outside.

mod meaning;
mod refusal;
mod texts;
