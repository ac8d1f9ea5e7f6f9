//! klerk

pub mod kafka;
