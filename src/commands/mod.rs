//! One file a subcommand: load, connect, look, plan, show, act.

mod acl;
mod act;
mod apply;
mod bar;
mod cluster;
mod complete;
mod completions;
mod config;
mod demo;
mod diff;
mod dispatch;
mod explain;
mod export;
mod group;
mod history;
mod man;
mod missing_topics;
mod plan;
mod planning;
mod quota;
mod sandbox;
mod saved;
mod throttles;
mod topic;
mod undo;
mod user;
mod validate;

pub use dispatch::dispatch;
