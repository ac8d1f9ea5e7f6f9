use super::super::TopicChange;
use crate::placement::{Throttle, read_replicas};
use crate::plan::{Answer, Answers, HeldBack, Question};
use crate::values::{FOLLOWER_RATE, FOLLOWER_REPLICAS, LEADER_RATE, LEADER_REPLICAS};
use crate::world::TopicView;
use std::collections::{BTreeMap, BTreeSet};

/// The rates that hold for what a move copies, where they are set: by broker, those keys whose list on the topic names a
/// replica that is copied there, or from there.
pub(in crate::plan) fn listed(
    change: &TopicChange,
    view: &TopicView,
) -> BTreeMap<i32, BTreeSet<&'static str>> {
    let mut listed: BTreeMap<i32, BTreeSet<&'static str>> = BTreeMap::new();
    let TopicChange::MoveReplicas { from, to, .. } = change else { return listed };
    let list = |key: &str| {
        let seen = view.configs.known()?.get(key).filter(|seen| seen.is_override())?;
        Some(read_replicas(seen.value.as_deref()))
    };
    let (sending, receiving) = (list(LEADER_REPLICAS), list(FOLLOWER_REPLICAS));
    for (number, to) in to {
        let from = from.get(number).map(Vec::as_slice).unwrap_or_default();
        let adding: Vec<i32> = to.iter().copied().filter(|id| !from.contains(id)).collect();
        let senders = if adding.is_empty() { &[] } else { from };
        for (brokers, named, rate) in
            [(senders, &sending, LEADER_RATE), (adding.as_slice(), &receiving, FOLLOWER_RATE)]
        {
            let Some(named) = named else { continue };
            let is_named =
                |id: &&i32| named.as_ref().is_none_or(|replicas| replicas.contains(&(*number, **id)));
            for id in brokers.iter().filter(is_named) {
                listed.entry(*id).or_default().insert(rate);
            }
        }
    }
    listed
}

/// What holds the copies of a move back already. With a throttle of its own, those rates that it leaves as they are hold, too.
pub(super) fn held_back(
    change: &TopicChange,
    view: &TopicView,
    answers: &Answers,
    of_klerk: &[Throttle],
) -> Option<HeldBack> {
    let TopicChange::MoveReplicas { from, to, throttle, .. } = change else { return None };
    let copies = |(number, to): (&i32, &Vec<i32>)| {
        to.iter().any(|id| !from.get(number).is_some_and(|from| from.contains(id)))
    };
    if !to.iter().any(copies) {
        return None;
    }
    if view.configs.known().is_none() {
        let why = view.configs.missing_reason().unwrap_or_else(|| "the configs were not read".to_owned());
        return Some(HeldBack::NotRead(format!("the configs of the topic: {why}")));
    }
    let mut rates: BTreeMap<i32, BTreeMap<String, String>> = BTreeMap::new();
    for (broker, keys) in listed(change, view) {
        let set = match answers.get(&Question::Rates { broker }) {
            Some(Answer::Rates(set)) => set,
            Some(Answer::Denied(why) | Answer::Failed(why) | Answer::Refused(why)) => {
                return Some(HeldBack::NotRead(format!("broker {broker}: {why}")));
            }
            Some(_) | None => continue,
        };
        for key in keys {
            if let Some(value) = set.get(key) {
                rates.entry(broker).or_default().insert(key.to_owned(), value.clone());
            }
        }
    }
    // What the move itself changes holds no longer.
    for (broker, keys) in throttle.iter().flat_map(|throttle| &throttle.changes) {
        if let Some(rates) = rates.get_mut(broker) {
            rates.retain(|key, _| !keys.contains_key(key));
        }
    }
    rates.retain(|_, keys| !keys.is_empty());
    for (broker, stays) in throttle.iter().flat_map(|throttle| &throttle.stays) {
        rates.entry(*broker).or_default().extend(stays.clone());
    }
    let is_of_klerk = |broker: &i32, key: &String, value: &String| {
        of_klerk.iter().any(|throttle| throttle.has_set(*broker, key, value))
    };
    let by_klerk =
        rates.iter().all(|(broker, keys)| keys.iter().all(|(key, value)| is_of_klerk(broker, key, value)));
    (!rates.is_empty()).then_some(HeldBack::By { rates, by_klerk })
}
