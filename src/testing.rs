//! Plans and reports for tests, built in a few lines.

use klerk_core::plan::{Change, Impact, Plan, Preflight, Risk, Step, StepId, TopicChange, Unmanaged};
use std::collections::BTreeSet;

/// A plan of one step with these risks.
pub(crate) fn plan_with_risks(risks: &[Risk]) -> Plan {
    let change = TopicChange::AddPartitions { topic: "orders".to_owned(), id: None, from: 4, to: 8 };
    let mut plan = plan_of(vec![Change::Topic(change)]);
    plan.steps[0].risks = risks.iter().copied().collect();
    plan
}

/// A plan of these changes, each a step of its own.
pub(crate) fn plan_of(changes: Vec<Change>) -> Plan {
    let steps = (1..).zip(changes).map(|(number, change)| step(number, change)).collect();
    Plan {
        command: "plan".to_owned(),
        cluster_id: "4L6g3nShT-eMCtK--X86sw".to_owned(),
        environment: None,
        steps,
        conflicts: Vec::new(),
        unmanaged: Unmanaged::default(),
        findings: Vec::new(),
        preflight: Preflight::Full,
        unchanged: BTreeSet::new(),
    }
}

/// A step without risks.
pub(crate) fn step(number: u32, change: Change) -> Step {
    Step {
        id: StepId(number),
        change,
        origin: None,
        risks: BTreeSet::new(),
        impact: Impact::default(),
        expects: Vec::new(),
        after: Vec::new(),
        preflighted: true,
    }
}
