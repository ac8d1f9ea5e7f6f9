//! One file a subcommand: load, connect, look, plan, show, act.

mod act;
mod apply;
mod dispatch;
mod plan;
mod planning;

pub use dispatch::dispatch;
