use super::facts::{held_up_to, judged_by};
use super::impact::Cut;
use super::refusal::{describe, explain, sentence};
use super::risks::{ConfigMove, Records, Value, about, config_risks};
use super::{TopicChange, emptiness, expectations, removal, replicas};
use crate::plan::assess::Standing;
use crate::plan::beside::Beside;
use crate::plan::question::Ruling;
use crate::plan::{
    Answers, Basis, Change, Conflict, ConflictReason, Finding, Question, Risk, Severity, Usage, usage,
};
use crate::topology::Topic;
use crate::values::{Known, Origin, Resource, THROTTLED_REPLICAS, describe_config_value};
use crate::world::{GroupType, TopicView};
use std::collections::BTreeMap;

/// What a change of a topic risks and rests on, or why it cannot be made.
pub(in crate::plan) fn judge(
    change: &TopicChange,
    origin: Option<&Origin>,
    beside: &Beside,
    answers: &Answers,
    basis: &Basis<'_>,
) -> Result<Standing, Conflict> {
    if let TopicChange::Delete { .. } = change {
        return removal::judge(change, origin, answers, basis);
    }
    if let TopicChange::CancelMoves { .. } = change {
        return Ok(replicas::judge_cancel(change, basis));
    }
    if let TopicChange::MoveReplicas { .. } = change {
        return replicas::judge(change, origin, beside, answers, basis);
    }
    let mut denied = None;
    let preflighted = match Ruling::of(answers.get(&Question::Accepts(change.clone()))) {
        Ruling::Accepted => true,
        Ruling::NotAsked => false,
        Ruling::Denied(failure) => {
            denied = Some(failure);
            false
        }
        Ruling::Refused(failure) => return Err(explain(change, failure, origin, basis)),
        Ruling::Open(failure) => return Err(no_verdict(change, &failure.to_string(), origin)),
        Ruling::Unanswered => return Err(no_verdict(change, "the question got no answer", origin)),
    };
    let mut standing = Standing { preflighted, expects: expectations(change), ..Standing::default() };
    standing
        .findings
        .extend(denied.map(|failure| Finding::denied(&Change::Topic(change.clone()), failure, origin)));
    let topic = basis.topology.and_then(|topology| topology.topics.get(change.topic()));
    standing.impact.groups = readers(change.topic(), basis);
    if let TopicChange::Create { replication, .. } = change {
        let origin = topic.and_then(|topic| topic.replication.as_ref()).map(|wish| &wish.origin).or(origin);
        standing.findings.extend(too_few_brokers(change.topic(), *replication, origin, basis));
        return Ok(standing);
    }
    if topic.is_some_and(|topic| topic.protected) {
        standing.risks.insert(Risk::Protected);
    }
    let Some(view) = basis.world.cluster.topics.get(change.topic()).and_then(|seen| seen.known()) else {
        return Err(no_verdict(change, "the topic was not seen", origin));
    };
    judge_existing(change, view, topic, answers, basis, &mut standing);
    Ok(standing)
}

/// Kafka counts the brokers that are registered, so that it makes topics with replicas on brokers that are down.
fn too_few_brokers(
    topic: &str,
    replication: Option<i16>,
    origin: Option<&Origin>,
    basis: &Basis<'_>,
) -> Option<Finding> {
    let cluster = &basis.world.cluster;
    let live = cluster.brokers.len();
    let wanted = usize::try_from(replication?).ok().filter(|wanted| *wanted > live && cluster.was_seen())?;
    let up = if live == 1 { "broker is" } else { "brokers are" };
    let message = format!(
        "'{topic}' is to have {wanted} replicas, and {live} {up} up: until the others are back, each partition lacks \
         replicas from the start{}",
        replicas::start(&cluster.brokers_down())
    );
    Some(Finding {
        severity: Severity::Warning,
        code: "topic/brokers-down",
        message,
        resource: Resource::topic(topic),
        origin: origin.cloned(),
    })
}

/// The groups whose contracts name the topic.
pub(in crate::plan) fn readers(topic: &str, basis: &Basis<'_>) -> Vec<String> {
    let contracts = basis.topology.iter().flat_map(|topology| topology.groups.values());
    contracts
        .filter(|contract| contract.topics.as_ref().is_some_and(|topics| topics.covers(topic)))
        .map(|contract| contract.group.clone())
        .collect()
}

fn judge_existing(
    change: &TopicChange,
    view: &TopicView,
    topic: Option<&Topic>,
    answers: &Answers,
    basis: &Basis<'_>,
    standing: &mut Standing,
) {
    let records = Records::of(change.topic(), view, answers);
    match change {
        TopicChange::AddPartitions { .. } => {
            if !records.are_absent() {
                standing.risks.insert(Risk::MovesKeys);
                standing.impact.notes.extend(moved_keys(topic, view, &records));
            } else {
                standing.expects.push(emptiness(change.topic()));
            }
            let usage = usage::usage(change.topic(), false, answers, basis);
            standing.impact.notes.extend(bound_to_count(change.topic(), &usage, basis));
            standing.impact.usage = Some(usage);
        }
        TopicChange::SetConfig { from, to, .. } => {
            let none = BTreeMap::new();
            let moved = ConfigMove { configs: view.configs.known().unwrap_or(&none), to };
            standing.expects.extend(judged_by(change.topic(), from, &moved));
            let (risks, notes) = config_risks(&moved, view, &records);
            if records.are_absent() && !moved.data_losses().is_empty() {
                standing.expects.push(emptiness(change.topic()));
            }
            if let (true, Records::UpTo(held)) = (risks.contains(&Risk::LosesData), &records) {
                standing.expects.push(held_up_to(change.topic(), *held));
            }
            let cut = Cut::of(change, view).filter(|_| risks.contains(&Risk::LosesData));
            standing.impact.loss = cut.map(|cut| cut.loss(change.topic(), view, answers));
            standing.risks.extend(risks);
            standing.impact.notes.extend(notes);
            standing.impact.notes.extend(notes_on_unset(&moved));
            if basis.world.cluster.was_seen() {
                standing.impact.notes.extend(moved.in_sync_now(view));
            }
        }
        TopicChange::Create { .. }
        | TopicChange::MoveReplicas { .. }
        | TopicChange::CancelMoves { .. }
        | TopicChange::Delete { .. } => {}
    }
}

/// What is to be known of the risk that keys move, beyond the risk itself.
fn moved_keys(topic: Option<&Topic>, view: &TopicView, records: &Records) -> Vec<String> {
    let keyed = topic.and_then(|topic| topic.key_by.as_ref());
    let mut notes: Vec<String> =
        keyed.map(|key| format!("records are keyed by {}", key.value)).into_iter().collect();
    match &view.configs {
        Known::Known(configs) => {
            let none = BTreeMap::new();
            if (ConfigMove { configs, to: &none }).is_compacted() == Some(true) {
                notes.push(
                    "the topic is compacted: the last value of a key that moves stays in its old partition, beside \
                     the new one, and no compaction ever removes it"
                        .to_owned(),
                );
            }
        }
        missing => {
            let why = missing.missing_reason().unwrap_or_else(|| "no answer".to_owned());
            notes.push(format!("whether the topic is compacted could not be read: {why}"));
        }
    }
    notes.extend(about(records));
    notes
}

/// Applications of Kafka Streams that stop when a topic has more partitions than those that they have made for
/// themselves.
fn bound_to_count(topic: &str, used: &Usage, basis: &Basis<'_>) -> Vec<String> {
    let readers = used.readers.value().into_iter().flatten();
    let mut notes: Vec<String> = readers
        .filter_map(|(group, reader)| {
            let of_streams = reader.seen.kind == GroupType::Streams;
            let made = match &reader.streams {
                Some(internal) => format!("by its topic {internal}"),
                None => of_streams.then(|| "by the type of its group".to_owned())?,
            };
            Some(format!(
                "{group} looks like a Kafka Streams application, {made}: it stops when the number of partitions is not that of \
                 its internal topics, until it is reset"
            ))
        })
        .collect();
    if let Some(owner) = usage::made_for(topic, basis.world) {
        notes.push(format!(
            "the topic looks like one that Kafka Streams has made for {owner}, which stops when its number of partitions \
             is not that of what it reads"
        ));
    }
    notes
}

/// What a key that is unset will be from now on, and what could not be restored.
fn notes_on_unset(moved: &ConfigMove<'_>) -> Vec<String> {
    // What a mover of replicas has left has nothing to follow.
    let followed = |key: &str| !THROTTLED_REPLICAS.contains(&key);
    let unset = moved.to.iter().filter(|(key, value)| value.is_none() && followed(key));
    unset
        .flat_map(|(key, _)| {
            let follows = match moved.after(key) {
                Value::Known(value) => {
                    format!("{key} follows the broker: {}", describe_config_value(key, value))
                }
                Value::NotKnown => format!("{key} follows the broker, whose value was not told"),
            };
            let hidden = moved.configs.get(key).is_some_and(|view| view.sensitive).then(|| {
                format!("the broker hides the present value of {key}, so that it cannot be restored")
            });
            std::iter::once(follows).chain(hidden)
        })
        .collect()
}

/// A check that could not run is not a pass.
pub(super) fn no_verdict(change: &TopicChange, why: &str, origin: Option<&Origin>) -> Conflict {
    Conflict {
        resource: Resource::topic(change.topic()),
        reason: ConflictReason::NotReadable,
        message: format!(
            "whether the broker would {} could not be found out: {} Try again",
            describe(change),
            sentence(why)
        ),
        origin: origin.cloned(),
    }
}
