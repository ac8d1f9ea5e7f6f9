//! klerk

pub mod kafka;
pub mod registry;
