//! Plans of small worlds, as people would read them.

mod laws;
mod planning;
mod preflight;
mod risking;

use crate::plan::{Answers, Basis, DiffOptions, Plan, assess, diff};
use crate::testing::accept_all;
use crate::topology::Topology;
use crate::world::World;

/// The plan when the brokers accept everything and topics hold records.
fn plan(want: &Topology, have: &World) -> Plan {
    plan_with(want, have, |_| {})
}

/// The plan with some answers changed.
fn plan_with(want: &Topology, have: &World, change: impl FnOnce(&mut Answers)) -> Plan {
    let proposal = diff(want, have, &DiffOptions::default());
    let mut answers = accept_all(&proposal.questions, have);
    change(&mut answers);
    let basis = Basis { command: "plan", environment: None, topology: Some(want), world: have };
    assess(proposal, &answers, &basis)
}
