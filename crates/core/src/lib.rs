//! The pure part of klerk: what should be ([`topology`]), what is ([`world`]), the difference ([`plan`]), and the
//! fate of every step ([`apply`]). There is no I/O, clock, environment or terminal in this crate, so that a plan is
//! a function of its inputs and every law of the house can be tested in milliseconds.

pub mod access;
pub mod apply;
pub mod export;
pub mod group;
pub mod health;
pub mod placement;
pub mod plan;
pub mod schema;
#[cfg(test)]
mod testing;
pub mod topology;
pub mod values;
pub mod world;
