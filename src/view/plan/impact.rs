//! What is to be said of steps beyond what they change: risks, who is touched, what is lost, and who was not asked.

use super::UNMANAGED;
use crate::view::counting::some_of;
use crate::view::{Ink, Style, loss, moves, usage};
use klerk_core::plan::{AccessChange, Change, ClusterChange, Risk, Step, SubjectChange, TopicChange};
use std::collections::BTreeSet;

/// What the steps of a resource risk.
pub(super) fn risk_lines(steps: &[&Step], style: &Style) -> Vec<String> {
    let risks: BTreeSet<Risk> = steps.iter().flat_map(|step| &step.risks).copied().collect();
    risks
        .iter()
        .map(|risk| format!("{} {risk}: {}", style.paint(Ink::Attention, "risk"), risk.meaning()))
        .collect()
}

/// Who is touched, and what else is to be said of the steps of one resource, apart from what is lost.
pub(super) fn own_lines(steps: &[&Step]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let groups: BTreeSet<_> = steps.iter().flat_map(|step| &step.impact.groups).collect();
    if !groups.is_empty() {
        lines.push(format!("read by {}", some_of(groups.into_iter(), UNMANAGED)));
    }
    lines.extend(steps.iter().flat_map(|step| step.impact.notes.iter().map(ToString::to_string)));
    lines.extend(steps.iter().flat_map(|step| moves::impact(&step.impact)));
    once(lines)
}

/// What is lost, and who reads and writes what is changed.
pub(super) fn felt_by(steps: &[&Step]) -> Vec<String> {
    let lost = steps.iter().filter_map(|step| step.impact.loss.as_ref()).flat_map(loss::lines);
    let used = steps.iter().filter_map(|step| step.impact.usage.as_ref()).flat_map(usage::lines);
    lost.chain(used).collect()
}

/// That a server was not asked, where it could have been.
pub(super) fn unasked(steps: &[&Step], style: &Style) -> Option<String> {
    let unasked = steps.iter().any(|step| !step.preflighted && can_be_asked_about(&step.change));
    unasked.then(|| style.paint(Ink::Faint, "not put to the server beforehand"))
}

/// Each line once, in its order.
pub(super) fn once(mut lines: Vec<String>) -> Vec<String> {
    let mut said = BTreeSet::new();
    lines.retain(|line| said.insert(line.clone()));
    lines
}

/// Whether a server could have been asked. Nobody expects it of what neither Kafka nor a registry has a question for.
fn can_be_asked_about(change: &Change) -> bool {
    match change {
        Change::Topic(change) => match change {
            TopicChange::Create { .. }
            | TopicChange::AddPartitions { .. }
            | TopicChange::SetConfig { .. } => true,
            TopicChange::MoveReplicas { .. }
            | TopicChange::CancelMoves { .. }
            | TopicChange::Delete { .. } => false,
        },
        // A registry tells whether a schema is compatible, and of nothing else whether it would do it.
        Change::Subject(change) => matches!(change, SubjectChange::Register { .. }),
        Change::Cluster(change) => matches!(change, ClusterChange::SetConfig { .. }),
        Change::Access(change) => {
            matches!(change, AccessChange::SetQuota { .. } | AccessChange::DeleteQuota { .. })
        }
        Change::Group(_) | Change::Records(_) => false,
    }
}
