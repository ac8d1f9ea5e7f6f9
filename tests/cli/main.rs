//! The real program, without a cluster or with a simulated one: its words, its status, and what goes to which stream.

// A test ends where it cannot go on.
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod asking_for_help;
mod connecting;
mod deleting;
mod demo;
mod environments;
mod estate;
mod explaining;
mod history;
mod resetting;
mod run;
mod sandbox;
mod settings;
mod simulated;
mod stopping;
mod streams;
mod undoing;
mod usage;
mod validating;
