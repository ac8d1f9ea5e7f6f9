//! One file a subcommand: load, connect, look, plan, show, act.

mod dispatch;

pub use dispatch::dispatch;
