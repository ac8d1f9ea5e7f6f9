//! Documents for programs.

pub mod v1;
