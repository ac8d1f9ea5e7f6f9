use super::impact::Cut;
use super::refusal::{describe, explain, sentence};
use super::risks::{ConfigMove, Records, Value, about, config_risks};
use super::{TopicChange, expectations, removal, replicas};
use crate::plan::assess::Standing;
use crate::plan::{Answer, Answers, Basis, Conflict, ConflictReason, Finding, Question, Risk};
use crate::topology::Topic;
use crate::values::{Failure, Origin, Resource, describe_config_value};
use crate::world::TopicView;
use std::collections::BTreeMap;

/// TOPIC_AUTHORIZATION_FAILED and CLUSTER_AUTHORIZATION_FAILED: this principal may not even ask.
const NOT_ALLOWED: [i32; 2] = [29, 31];
/// REQUEST_TIMED_OUT and THROTTLING_QUOTA_EXCEEDED: the broker did not come to a verdict.
const NO_VERDICT: [i32; 2] = [7, 89];

/// What a change of a topic risks and rests on, or why it cannot be made.
pub(in crate::plan) fn judge(
    change: &TopicChange,
    origin: Option<&Origin>,
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
        return replicas::judge(change, origin, answers, basis);
    }
    let mut denied = None;
    let preflighted = match answers.get(&Question::Accepts(change.clone())) {
        Some(Answer::Accepted) => true,
        Some(Answer::NotAsked(_)) => false,
        Some(Answer::Denied(failure)) => {
            denied = Some(failure);
            false
        }
        Some(Answer::Refused(failure)) if has_code(failure, &NOT_ALLOWED) => {
            denied = Some(failure);
            false
        }
        Some(Answer::Refused(failure)) if !has_code(failure, &NO_VERDICT) => {
            return Err(explain(change, failure, origin, basis));
        }
        Some(Answer::Refused(failure) | Answer::Failed(failure)) => {
            return Err(no_verdict(change, &failure.to_string(), origin));
        }
        Some(_) | None => return Err(no_verdict(change, "the question got no answer", origin)),
    };
    let mut standing = Standing { preflighted, expects: expectations(change), ..Standing::default() };
    standing
        .findings
        .extend(denied.map(|failure| Finding::denied(Resource::topic(change.topic()), failure, origin)));
    let topic = basis.topology.and_then(|topology| topology.topics.get(change.topic()));
    standing.impact.groups = readers(change.topic(), basis);
    if let TopicChange::Create { .. } = change {
        return Ok(standing);
    }
    if topic.is_some_and(|topic| topic.protected) {
        standing.risks.insert(Risk::Protected);
    }
    let Some(view) = basis.world.cluster.topics.get(change.topic()).and_then(|seen| seen.known()) else {
        return Err(no_verdict(change, "the topic was not seen", origin));
    };
    judge_existing(change, view, topic, answers, &mut standing);
    Ok(standing)
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
    standing: &mut Standing,
) {
    let records = Records::of(change.topic(), view, answers);
    match change {
        TopicChange::AddPartitions { .. } => {
            if !records.are_absent() {
                standing.risks.insert(Risk::MovesKeys);
                standing.impact.notes.extend(moved_keys(topic, &records));
            }
        }
        TopicChange::SetConfig { to, .. } => {
            let none = BTreeMap::new();
            let moved = ConfigMove { configs: view.configs.known().unwrap_or(&none), to };
            let (risks, notes) = config_risks(&moved, view, &records);
            let cut = Cut::of(change, view).filter(|_| risks.contains(&Risk::LosesData));
            standing.impact.loss = cut.map(|cut| cut.loss(change.topic(), view, answers));
            standing.risks.extend(risks);
            standing.impact.notes.extend(notes);
            standing.impact.notes.extend(notes_on_unset(&moved));
        }
        TopicChange::Create { .. }
        | TopicChange::MoveReplicas { .. }
        | TopicChange::CancelMoves { .. }
        | TopicChange::Delete { .. } => {}
    }
}

/// What is to be known of the risk that keys move, beyond the risk itself.
fn moved_keys(topic: Option<&Topic>, records: &Records) -> Vec<String> {
    let keyed = topic.and_then(|topic| topic.key_by.as_ref());
    keyed.map(|key| format!("records are keyed by {}", key.value)).into_iter().chain(about(records)).collect()
}

/// What a key that is unset will be from now on, and what could not be restored.
fn notes_on_unset(moved: &ConfigMove<'_>) -> Vec<String> {
    let unset = moved.to.iter().filter(|(_, value)| value.is_none());
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

fn has_code(failure: &Failure, codes: &[i32]) -> bool {
    failure.code.is_some_and(|code| codes.contains(&code))
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
