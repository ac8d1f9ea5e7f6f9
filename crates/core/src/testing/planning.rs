use super::accept_all;
use crate::plan::{Answers, Basis, DiffOptions, Plan, Undone, assess, diff, undo};
use crate::topology::Topology;
use crate::world::World;

/// The plan when the brokers accept everything and topics hold records.
pub(crate) fn plan(want: &Topology, have: &World) -> Plan {
    plan_with(want, have, |_| {})
}

/// The plan with some answers changed.
pub(crate) fn plan_with(want: &Topology, have: &World, change: impl FnOnce(&mut Answers)) -> Plan {
    let proposal = diff(want, have, &DiffOptions::default());
    let mut answers = accept_all(&proposal.questions, have);
    change(&mut answers);
    let basis = Basis { command: "plan", environment: None, topology: Some(want), world: have };
    assess(proposal, &answers, &basis)
}

/// The plan of the way back of every step of a plan, when the brokers accept everything and topics hold records.
pub(crate) fn plan_undo(recorded: &Plan, have: &World) -> Plan {
    let done: Vec<Undone> = recorded.steps.iter().map(|step| step.change.clone().into()).collect();
    plan_undo_of(&done, have)
}

/// The plan of the way back of these changes.
pub(crate) fn plan_undo_of(done: &[Undone], have: &World) -> Plan {
    plan_undo_with(done, have, |_| {})
}

/// The same with some answers changed.
pub(crate) fn plan_undo_with(done: &[Undone], have: &World, change: impl FnOnce(&mut Answers)) -> Plan {
    let proposal = undo(done, have);
    let mut answers = accept_all(&proposal.questions, have);
    change(&mut answers);
    assess(proposal, &answers, &Basis { command: "undo", environment: None, topology: None, world: have })
}
