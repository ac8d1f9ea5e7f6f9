//! YAML as a tree in which every key and every scalar has its place. Scalars stay text: what `off`, `0777` or `~`
//! mean is for the reader of the key to say. Parsing never stops at the first fault where it can go on.

mod build;
mod node;
mod traps;

pub(super) use build::{Document, read};
pub(super) use node::{Entry, Node, Scalar, Value};
