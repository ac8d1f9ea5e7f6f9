//! `klerk explain`: what a code means.

mod command;
mod entries;
mod words;

pub use command::run;
