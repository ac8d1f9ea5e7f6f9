use super::RecordsChange;
use crate::apply::Difference;
use crate::plan::assess::Standing;
use crate::plan::topic::{Cut, readers};
use crate::plan::undo::not_reversible;
use crate::plan::{
    Answers, Basis, Conflict, ConflictReason, Drift, Expectation, Proposal, Risk, Sight, topic, usage,
};
use crate::values::{Failure, Known, Resource, Thousands, TopicPartition};
use crate::world::{LogRange, Wanted, World};

const TARGET: &str = "target-in-log.";

/// What a deletion of records risks and rests on. No broker can be asked beforehand whether it would do it.
pub(in crate::plan) fn judge(
    change: &RecordsChange,
    answers: &Answers,
    basis: &Basis<'_>,
) -> Result<Standing, Conflict> {
    let name = change.topic();
    let Some(view) = basis.world.cluster.topics.get(name).and_then(Known::known) else {
        return Err(Conflict {
            resource: Resource::topic(name),
            reason: ConflictReason::NotReadable,
            message: "the topic was not seen".to_owned(),
            origin: None,
        });
    };
    let mut standing = Standing { expects: expectations(change), ..Standing::default() };
    if change.is_unchanged() {
        standing.impact.notes.push("no record in scope goes".to_owned());
        return Ok(standing);
    }
    standing.risks.insert(Risk::LosesData);
    if basis.topology.is_some_and(|topology| topology.protects_topic(name)) {
        standing.risks.insert(Risk::Protected);
    }
    standing.impact.groups = readers(name, basis);
    standing.impact.loss = Some(Cut::of_records(change).loss(name, view, answers));
    standing.impact.usage = Some(usage::usage(name, true, answers, basis));
    Ok(standing)
}

/// The topic's id, and that every target lies no further than the log's end. What is gone by then already is as asked.
pub(in crate::plan) fn expectations(change: &RecordsChange) -> Vec<Expectation> {
    let RecordsChange::Delete { topic, id, .. } = change;
    let target = |one: &super::Truncation| Expectation {
        resource: Resource::topic(topic),
        field: format!("{TARGET}{}", one.partition),
        value: Some(one.to.to_string()),
    };
    std::iter::once(topic::same_topic(topic, *id)).chain(change.losing().map(target)).collect()
}

/// A fact as it is now, where it no longer stands. One that cannot be read does not stand.
pub(in crate::plan) fn drift(expectation: &Expectation, world: &World) -> Option<Drift> {
    let Some(number) = expectation.field.strip_prefix(TARGET) else {
        return topic::drift(expectation, world);
    };
    let topic = &expectation.resource.name;
    // One line says that the topic is gone, or cannot be read.
    world.cluster.topics.get(topic).and_then(Known::known)?;
    let target = expectation.value.as_ref().and_then(|target| target.parse::<i64>().ok());
    let at = number.parse().ok().map(|number: i32| TopicPartition::new(topic.as_str(), number));
    match (at.and_then(|at| world.cluster.logs.get(&at)), target) {
        (Some(Known::Known(range)), Some(target)) if target <= range.end => None,
        (Some(Known::Known(LogRange { start, end })), _) => {
            Some(Drift::found(expectation, Some(format!("a log from {start} to {end}"))))
        }
        (missing, _) => {
            let why = missing.and_then(Known::missing_reason).unwrap_or_else(|| "no answer".to_owned());
            Some(Drift::unreadable(expectation, why))
        }
    }
}

/// What has to be seen to check the facts of a change and to settle it.
pub(in crate::plan) fn wanted_for(change: &RecordsChange, wanted: &mut Wanted) {
    wanted.topics.add(change.topic());
    wanted.log_offsets.add(change.topic());
}

/// What a look shows of a deletion of records: the log starts. They may be further than asked, for retention goes on.
pub(in crate::plan) fn sight(change: &RecordsChange, world: &World) -> Sight {
    let RecordsChange::Delete { topic, id, .. } = change;
    let unreadable = |why: Option<String>| {
        Sight::Unreadable(Failure::without_reply("NOT_READABLE", why.unwrap_or_default()))
    };
    match world.cluster.topics.get(topic) {
        Some(Known::Known(view)) => {
            if let Some(replaced) = topic::replaced(*id, view) {
                return replaced;
            }
        }
        Some(Known::Absent) => {
            let (asked, field) = (Some("true".to_owned()), "exists".to_owned());
            return Sight::MovedOn(vec![Difference { field, asked, found: None }]);
        }
        Some(Known::Denied(failure) | Known::Failed(failure)) => return Sight::Unreadable(failure.clone()),
        missing => return unreadable(missing.and_then(Known::missing_reason)),
    }
    let mut differences = Vec::new();
    let mut losing = 0;
    for one in change.losing() {
        losing += 1;
        let at = TopicPartition::new(topic.as_str(), one.partition);
        let start = match world.cluster.logs.get(&at) {
            Some(Known::Known(range)) => range.start,
            Some(Known::Denied(failure) | Known::Failed(failure)) => {
                return Sight::Unreadable(failure.clone());
            }
            missing => return unreadable(missing.and_then(Known::missing_reason)),
        };
        if start < one.to {
            let (asked, found) = (Some(one.to.to_string()), Some(start.to_string()));
            differences.push(Difference { field: format!("log-start.{}", one.partition), asked, found });
        }
    }
    match differences.len() {
        0 => Sight::AsAsked,
        left if left == losing => Sight::NotYet(differences),
        _ => Sight::Otherwise(differences),
    }
}

/// There is no way back: records that were deleted are gone.
pub(in crate::plan) fn undo(change: &RecordsChange, proposal: &mut Proposal) {
    let gone: i64 = change.partitions().iter().map(super::Truncation::goes).sum();
    let resource = Resource::topic(change.topic());
    if gone == 0 {
        proposal.unchanged.insert(resource);
        return;
    }
    let message = format!("the records that were deleted, up to {}, are gone for good", Thousands(gone));
    proposal.findings.push(not_reversible(resource, message));
}
