//! The narrated tour: klerk's whole job on a sandbox, from a file to a plan, to a group that is moved and moved back.
//!
//! Each command is this very program, run as a process of its own in a folder of its own. So it goes the way that it would
//! go when typed, from its arguments to its exit status, and nothing of what the demo does reaches into it. What a step
//! has brought about is then looked up in the sandbox, not in klerk's own words.

mod estate;
mod play;
mod scenes;
mod stage;

pub use play::play;
