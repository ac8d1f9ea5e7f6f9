//! klerk

pub mod kafka;
pub mod registry;
pub mod sources;
pub mod view;
