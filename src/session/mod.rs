//! Loops over time: carrying out a plan wave by wave, looking again until what was written is visible,
//! following what goes on by itself.

mod carry_out;
mod contents;
mod follow;
mod moving;
mod ports;
mod quiet;
mod requests;
mod rights;
mod servers;
mod truncating;
mod under_way;
mod until_whole;

pub use carry_out::{CarriedOut, Run};
pub use ports::{Answering, Enact, Hear, Journal, Look, Watcher};
pub use quiet::{LookAtGroups, NotQuiet, Quiet, until_quiet};
pub use requests::Requests;
pub use rights::{Sight, Visible, hidden_topics, visible_only};
pub use servers::Servers;
pub use under_way::SeenMoves;
pub use until_whole::{NotSeen, Waited, until_whole};
