//! What the file format means, seen from outside.

mod access;
mod clients;
mod environments;
mod meaning;
mod policy;
mod refusal;
mod texts;
