//! The fates of steps of small plans.

mod scheduling;
mod settling;

use crate::plan::{Basis, DiffOptions, Plan, assess, diff};
use crate::testing::accept_all;
use crate::topology::Topology;
use crate::world::World;

fn plan(want: &Topology, have: &World) -> Plan {
    let proposal = diff(want, have, &DiffOptions::default());
    let answers = accept_all(&proposal.questions, have);
    assess(
        proposal,
        &answers,
        &Basis { command: "apply", environment: None, topology: Some(want), world: have },
    )
}
