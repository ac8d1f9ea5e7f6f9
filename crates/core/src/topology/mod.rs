//! The topology file: what should be. Texts are parsed into a draft that names the files it wants, and resolved with
//! them into a [`Topology`], or into all the [`Faults`] of all files at once.

mod code;
mod fault;
mod model;

pub use code::Code;
pub use fault::{Fault, Faults, Place, Severity};
pub use model::{
    ConfigWish, Contract, External, Isolation, Naming, Reference, Subject, Terms, Topic, TopicsOf, Topology,
};
