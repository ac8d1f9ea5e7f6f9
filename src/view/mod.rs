//! What people and programs read: one file a document. Everything here returns text and knows no terminal.

mod access;
pub mod acl_list;
mod alike;
mod bytes;
pub mod checks;
pub mod client_list;
pub mod cluster_configs;
pub mod cluster_status;
pub mod config;
mod counting;
pub mod demo;
pub mod diff;
pub mod error;
pub mod export;
pub mod faults;
pub mod findings;
pub mod group_describe;
pub mod group_lag;
pub mod group_list;
pub mod history;
pub mod json;
pub mod lag_for_programs;
mod loss;
mod markdown;
pub mod moves;
mod offsets;
pub mod plan;
pub mod report;
pub mod requests;
pub mod sandbox;
mod style;
mod table;
mod truncation;
mod usage;

pub use style::{Ink, Style};
