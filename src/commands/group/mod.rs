//! `klerk group`: what there is, who is in it, how far behind it is, and moving its offsets. No command joins a group.

mod describe;
mod facts;
mod lag;
mod list;
pub(super) mod protection;
pub(super) mod reset;
mod run;
pub(super) mod spans;
pub(super) mod spec;

pub use run::run;
