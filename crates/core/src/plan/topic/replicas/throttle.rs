use super::super::TopicChange;
use super::held_back::listed;
use crate::placement::{MoveThrottle, Throttle};
use crate::plan::{Answer, Answers, Change, Conflict, ConflictReason, Drift, Proposal, Proposed, Question};
use crate::values::{Known, Resource, ResourceType};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};

/// The rates that are set on brokers, by broker and by key.
pub type SetRates = BTreeMap<i32, BTreeMap<String, String>>;

impl Proposal {
    /// Bounds every copy of replicas: bytes that each broker may send, and that it may receive, in a second. What is set
    /// on the brokers already has to be asked for, and so have rates that may hold for copies as it is. A broker that is
    /// not live copies nothing, and could not be told. Copies that are on their way already are bounded, too: who gives a
    /// rate means it for what is copied from now on.
    pub fn throttle(&mut self, rate: Option<i64>, world: &World) {
        let is_live = |broker: &i32| world.cluster.brokers.contains_key(broker);
        for proposed in &mut self.changes {
            if let Change::Topic(change) = &proposed.change
                && let Some(view) = world.cluster.topics.get(change.topic()).and_then(Known::known)
            {
                let brokers = listed(change, view).into_keys().filter(is_live);
                self.questions.extend(brokers.map(|broker| Question::Rates { broker }));
            }
            let Change::Topic(TopicChange::MoveReplicas { from, to, throttle, .. }) = &mut proposed.change
            else {
                continue;
            };
            *throttle = rate.map(|rate| MoveThrottle::new(rate, from, to, &BTreeSet::new()));
            if let Some(throttle) = throttle {
                throttle.sets.retain(|broker, _| is_live(broker));
                self.questions.extend(throttle.sets.keys().map(|broker| Question::Rates { broker: *broker }));
            }
        }
    }
}

/// Decides which rates are set for a move, which of klerk's own are changed, and which stay.
///
/// # Errors
/// When a broker does not tell what is set on it.
pub(in crate::plan) fn decide_rates(
    proposed: &mut Proposed,
    answers: &Answers,
    of_klerk: &[Throttle],
) -> Result<(), Conflict> {
    let resource = proposed.change.resource();
    let Change::Topic(TopicChange::MoveReplicas { throttle: Some(throttle), .. }) = &mut proposed.change
    else {
        return Ok(());
    };
    let brokers: Vec<i32> = throttle.sets.keys().copied().collect();
    for broker in brokers {
        let why = match answers.get(&Question::Rates { broker }) {
            Some(Answer::Rates(set)) => {
                throttle.leave(broker, set, of_klerk);
                continue;
            }
            Some(Answer::NotAsked(_)) => continue,
            Some(Answer::Denied(why) | Answer::Failed(why) | Answer::Refused(why)) => why.to_string(),
            Some(_) | None => "the question got no answer".to_owned(),
        };
        return Err(Conflict {
            resource,
            reason: ConflictReason::NotReadable,
            message: format!(
                "the throttle cannot be planned: whether one is set on broker {broker} already could not be read: \
                 {why}. Try again, or leave --throttle out"
            ),
            origin: proposed.origin.clone(),
        });
    }
    Ok(())
}

/// The brokers whose rates these moves rest on.
pub fn throttled_brokers<'a>(changes: impl IntoIterator<Item = &'a TopicChange>) -> Vec<i32> {
    let mut brokers: Vec<i32> = changes
        .into_iter()
        .filter_map(throttle_of)
        .flat_map(|throttle| {
            throttle.sets.keys().chain(throttle.changes.keys()).chain(throttle.stays.keys()).copied()
        })
        .collect();
    brokers.sort_unstable();
    brokers.dedup();
    brokers
}

/// Rates that are no longer as these moves were planned on. One that is set to what the moves set it to is their own.
pub fn rate_drifts<'a>(changes: impl IntoIterator<Item = &'a TopicChange>, set: &SetRates) -> Vec<Drift> {
    let mut drifts = Vec::new();
    for throttle in changes.into_iter().filter_map(throttle_of) {
        let unset = throttle
            .sets
            .iter()
            .flat_map(|(broker, keys)| keys.iter().map(move |key| (*broker, key.as_str(), None)));
        let seen = |rates: &'a BTreeMap<i32, BTreeMap<String, String>>| {
            rates.iter().flat_map(|(broker, keys)| {
                keys.iter().map(move |(key, value)| (*broker, key.as_str(), Some(value.clone())))
            })
        };
        let written = unset.chain(seen(&throttle.changes)).map(|one| (one, true));
        let stays = seen(&throttle.stays).map(|one| (one, false));
        for ((broker, key, expected), is_written) in written.chain(stays) {
            let found = set.get(&broker).and_then(|keys| keys.get(key)).cloned();
            let is_ours = is_written && found.as_deref() == Some(throttle.rate.to_string().as_str());
            if found == expected || is_ours {
                continue;
            }
            let drift = Drift {
                resource: Resource { kind: ResourceType::Broker, name: broker.to_string() },
                field: format!("config.{key}"),
                expected,
                found,
                unreadable: None,
            };
            if !drifts.contains(&drift) {
                drifts.push(drift);
            }
        }
    }
    drifts
}

fn throttle_of(change: &TopicChange) -> Option<&MoveThrottle> {
    Throttle::of([change])?;
    match change {
        TopicChange::MoveReplicas { throttle, .. } => throttle.as_ref(),
        _ => None,
    }
}
