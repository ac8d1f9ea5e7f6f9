use crate::apply::Settlement;
use crate::plan::{AccessChange, Change, ClusterChange, Plan, Step, TopicChange};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A plan in a few lines, for snapshots.
pub(crate) fn plan_text(plan: &Plan) -> String {
    let mut text = String::new();
    for step in &plan.steps {
        write_step(&mut text, step);
    }
    for conflict in &plan.conflicts {
        let reason = conflict.reason.as_str();
        let origin = conflict.origin.as_ref().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(text, "! {} {reason} {origin}\n    {}", conflict.resource, conflict.message);
    }
    for finding in &plan.findings {
        let _ = writeln!(text, "? {} {}: {}", finding.resource, finding.code, finding.message);
    }
    for (kind, names) in [
        ("topics", &plan.unmanaged.topics),
        ("subjects", &plan.unmanaged.subjects),
        ("groups", &plan.unmanaged.groups),
        ("acls", &plan.unmanaged.acls),
        ("quotas", &plan.unmanaged.quotas),
        ("users", &plan.unmanaged.users),
    ] {
        if !names.is_empty() {
            let _ = writeln!(text, "unmanaged {kind} {names:?}");
        }
    }
    let _ = writeln!(text, "preflight {}, {:?}", plan.preflight.as_str(), plan.summary());
    text
}

fn write_step(text: &mut String, step: &Step) {
    let _ = write!(text, "{} {} {}", step.id.0, step.change.kind(), step.change.resource().name);
    match &step.change {
        Change::Topic(TopicChange::Create { partitions, replication, configs, .. }) => {
            let _ = write!(text, " partitions={partitions:?} replication={replication:?} {configs:?}");
        }
        Change::Topic(TopicChange::AddPartitions { from, to, .. }) => {
            let _ = write!(text, " {from} -> {to}");
        }
        Change::Topic(TopicChange::SetConfig { from, to, .. })
        | Change::Cluster(ClusterChange::SetConfig { from, to, .. }) => {
            let show = |value: Option<&String>| value.cloned().unwrap_or_else(|| "unset".to_owned());
            for (key, value) in to {
                let before = show(from.get(key).and_then(Option::as_ref));
                let _ = write!(text, " {key}: {before} -> {}", show(value.as_ref()));
            }
        }
        Change::Topic(TopicChange::MoveReplicas { from, to, under_way, throttle, .. }) => {
            for (number, to) in to {
                let before = from.get(number).cloned().unwrap_or_default();
                let moving = if under_way.contains(number) { " (under way)" } else { "" };
                let _ = write!(text, " {number}: {before:?} -> {to:?}{moving}");
            }
            let _ = write!(
                text,
                " {}",
                throttle
                    .as_ref()
                    .map_or_else(|| "unthrottled".to_owned(), |throttle| format!("at {}", throttle.rate))
            );
        }
        Change::Topic(TopicChange::CancelMoves { from, to, .. }) => {
            for (number, to) in to {
                let _ =
                    write!(text, " {number}: {:?} -> {to:?}", from.get(number).cloned().unwrap_or_default());
            }
        }
        Change::Topic(TopicChange::Delete { partitions, replication, configs, .. }) => {
            let _ = write!(text, " partitions={partitions} replication={replication:?} {configs:?}");
        }
        Change::Cluster(ClusterChange::ElectLeaders { partitions, .. }) => {
            for one in partitions {
                let _ = write!(text, " {}: {:?} -> {}", one.partition, one.from, one.to);
            }
        }
        Change::Access(AccessChange::CreateAcl { acl } | AccessChange::DeleteAcl { acl }) => {
            let _ = write!(text, " {}", acl.rule());
        }
        Change::Access(AccessChange::SetQuota { from, to, .. }) => {
            let _ = write!(text, " {from:?} -> {to:?}");
        }
        Change::Access(AccessChange::DeleteQuota { from, .. }) => {
            let _ = write!(text, " {from:?}");
        }
        Change::Access(AccessChange::SetUser { mechanism, from, iterations, password_file, .. }) => {
            let _ = write!(text, " {mechanism} {from:?} -> {iterations} by {password_file}");
        }
        Change::Access(AccessChange::DeleteUser { mechanism, from, .. }) => {
            let _ = write!(text, " {mechanism} {from}");
        }
        Change::Subject(_) | Change::Group(_) | Change::Records(_) => {}
    }
    if !step.after.is_empty() {
        let _ = write!(text, " after {:?}", step.after.iter().map(|id| id.0).collect::<Vec<_>>());
    }
    if !step.preflighted {
        let _ = write!(text, " (not preflighted)");
    }
    let _ = writeln!(text);
    for risk in &step.risks {
        let _ = writeln!(text, "    risk {risk}");
    }
    for note in &step.impact.notes {
        let _ = writeln!(text, "    {note}");
    }
    if !step.impact.groups.is_empty() {
        let _ = writeln!(text, "    groups {:?}", step.impact.groups);
    }
}

/// A settlement in a line, for snapshots.
pub(crate) fn settlement_text(settlement: &Settlement) -> String {
    let mut text = settlement.outcome.as_str().to_owned();
    if let Some(settled) = settlement.settled {
        let _ = write!(text, " {}", settled.as_str());
    }
    let differences: BTreeMap<_, _> =
        settlement.differences.iter().map(|seen| (&seen.field, (&seen.asked, &seen.found))).collect();
    for (field, (asked, found)) in differences {
        let word = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        let _ = write!(text, " [{field}: asked {}, found {}]", word(asked), word(found));
    }
    if let Some(failure) = &settlement.failure {
        let _ = write!(text, " ({failure})");
    }
    if let Some(note) = &settlement.note {
        let _ = write!(text, " {note}");
    }
    text
}
