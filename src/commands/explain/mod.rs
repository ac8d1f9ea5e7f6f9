//! `klerk explain`: what a code means.

mod command;
mod connections;
mod entries;
mod words;

pub use command::run;
pub(super) use entries::codes;
