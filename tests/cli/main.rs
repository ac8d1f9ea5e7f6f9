//! The real program, for everything that needs no cluster: its words, its status, and what goes to which stream.

// A test ends where it cannot go on.
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod asking_for_help;
mod connecting;
mod demo;
mod environments;
mod explaining;
mod resetting;
mod run;
mod sandbox;
mod settings;
mod stopping;
mod streams;
mod usage;
mod validating;
