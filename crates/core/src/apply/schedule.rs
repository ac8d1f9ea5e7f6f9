use crate::plan::{Step, StepId};
use std::collections::{BTreeMap, BTreeSet};

/// What may be sent next.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wave {
    /// Steps whose predecessors are all done, in the order of the plan.
    pub ready: Vec<StepId>,
    /// Steps that will never be sent, each with the step that it was waiting for and that did not succeed.
    pub barred: BTreeMap<StepId, StepId>,
}

/// The steps that may go now. A step whose predecessor failed is barred, with all that wait for it in turn;
/// independent ones go on, and so they do beside a step that is `under_way` by itself.
pub fn ready(
    steps: &[Step],
    done: &BTreeSet<StepId>,
    failed: &BTreeSet<StepId>,
    under_way: &BTreeSet<StepId>,
) -> Wave {
    let mut wave = Wave::default();
    let is_begun = |id: &StepId| done.contains(id) || failed.contains(id) || under_way.contains(id);
    for step in steps.iter().filter(|step| !is_begun(&step.id)) {
        let failed = |id: &&StepId| failed.contains(id) || wave.barred.contains_key(id);
        if let Some(cause) = step.after.iter().find(failed) {
            wave.barred.insert(step.id, *cause);
        } else if step.after.iter().all(|id| done.contains(id)) {
            wave.ready.push(step.id);
        }
    }
    wave
}
