//! Listeners and connections: frames in, frames out, and waiting for the state to change.

mod conn;
mod listen;
mod shared;

pub(crate) use conn::respond;
pub(crate) use listen::{Door, listen};
pub(crate) use shared::Shared;
