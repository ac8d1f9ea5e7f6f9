//! Small worlds and topologies in a few lines, plans as short texts, and a simulated cluster that carries plans out.
//! For tests only.

mod planning;
mod simulate;
mod text;
mod topologies;
mod worlds;

pub(crate) use planning::{plan, plan_undo, plan_undo_of, plan_undo_with, plan_with};
pub(crate) use simulate::{accept_all, carry_out};
pub(crate) use text::{plan_text, settlement_text};
pub(crate) use topologies::{topology, wish};
pub(crate) use worlds::{TopicBuilder, broker_defaults, failure, topic, world};
