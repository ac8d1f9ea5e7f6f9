use super::throttle::{Replicas, Throttle, read_replicas, written_replicas};
use crate::values::{Known, Pattern, THROTTLED_RATES, THROTTLED_REPLICAS, TopicPartition};
use crate::world::{BrokerConfigView, ConfigTarget, ConfigView, OngoingMoves, StatusView, TopicView, World};
use std::collections::{BTreeMap, BTreeSet};

/// The throttles of replication that are set, whoever has set them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SetThrottles {
    /// The lists of replicas: by topic, then by key.
    pub lists: BTreeMap<String, BTreeMap<String, String>>,
    /// Topics whose lists could not be read, with the reason.
    pub unread: BTreeMap<String, String>,
    /// Brokers whose rates could not be read, with the reason.
    pub unread_rates: BTreeMap<i32, String>,
    /// The rates that are set on one broker alone: by broker, then by key.
    pub rates: BTreeMap<i32, BTreeMap<String, String>>,
}

/// What of throttles no running move needs any more.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeftThrottles {
    /// What is left of lists without the replicas that nothing copies to or from: by topic, then by key. `None` where
    /// nothing of a list is.
    pub lists: BTreeMap<String, BTreeMap<String, Option<String>>>,
    /// Rates that hold for no replica: keys by broker.
    pub rates: BTreeMap<i32, BTreeSet<String>>,
}

impl LeftThrottles {
    /// Whether there is nothing of it.
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty() && self.rates.is_empty()
    }

    /// Takes out what a run has set that is alive and may be about to send its moves.
    pub fn keep(&mut self, throttle: &Throttle) {
        self.lists.retain(|topic, _| !throttle.topics.contains_key(topic));
        self.rates.retain(|broker, _| !throttle.brokers.contains_key(broker));
    }
}

impl From<&StatusView> for SetThrottles {
    fn from(view: &StatusView) -> Self {
        let mut set = SetThrottles::default();
        set.read_topics(&view.topics);
        for (broker, configs) in &view.throttles {
            set.read_rates(*broker, configs);
        }
        set
    }
}

impl From<&World> for SetThrottles {
    fn from(world: &World) -> Self {
        let mut set = SetThrottles::default();
        set.read_topics(&world.cluster.topics);
        for (target, configs) in &world.cluster.broker_configs {
            if let ConfigTarget::Broker(broker) = target {
                set.read_rates(*broker, configs);
            }
        }
        set
    }
}

impl SetThrottles {
    /// What of them no running move needs. Lists are those of topics that match, or all; a rate goes only where no list
    /// that stays names its broker, and as long as a list could not be read every rate stays.
    pub fn left(&self, moves: &OngoingMoves, matching: Option<&Pattern>) -> LeftThrottles {
        let mut left = LeftThrottles::default();
        let mut needed = Needed::default();
        for (topic, keys) in &self.lists {
            let may_go = matching.is_none_or(|matching| matching.matches(topic));
            for list in THROTTLED_REPLICAS {
                let Some(value) = keys.get(list) else { continue };
                let stays = if may_go { still_needed(topic, value, moves) } else { Some(value.clone()) };
                if let Some(stays) = &stays {
                    needed.add(stays);
                }
                if stays.as_ref() != Some(value) {
                    left.lists.entry(topic.clone()).or_default().insert(list.to_owned(), stays);
                }
            }
        }
        if !self.unread.is_empty() {
            return left;
        }
        // Both rates of a broker stay while one is needed: what copies may come to send.
        for (broker, keys) in self.rates.iter().filter(|(broker, _)| !needed.holds_for(**broker)) {
            left.rates.insert(*broker, keys.keys().cloned().collect());
        }
        left
    }

    fn read_topics(&mut self, topics: &BTreeMap<String, Known<TopicView>>) {
        for (name, topic) in topics {
            let configs = match topic.as_ref().map(|topic| &topic.configs) {
                Known::Known(Known::Known(configs)) => configs,
                Known::Absent => continue,
                Known::Known(missing) => {
                    self.unread.insert(name.clone(), missing.missing_reason().unwrap_or_default());
                    continue;
                }
                missing => {
                    self.unread.insert(name.clone(), missing.missing_reason().unwrap_or_default());
                    continue;
                }
            };
            let set = THROTTLED_REPLICAS.into_iter().filter_map(|list| {
                let view: &ConfigView = configs.get(list).filter(|view| view.is_override())?;
                Some((list.to_owned(), view.value.clone().unwrap_or_default()))
            });
            let set: BTreeMap<String, String> = set.collect();
            if !set.is_empty() {
                self.lists.insert(name.clone(), set);
            }
        }
    }

    fn read_rates(&mut self, broker: i32, configs: &Known<BTreeMap<String, BrokerConfigView>>) {
        if let Some(why) = configs.missing_reason() {
            self.unread_rates.insert(broker, why);
        }
        let configs = configs.known();
        let at = ConfigTarget::Broker(broker);
        let set = THROTTLED_RATES.into_iter().filter_map(|rate| {
            let value = configs?.get(rate)?.set_at(at)?;
            Some((rate.to_owned(), value.to_owned()))
        });
        let set: BTreeMap<String, String> = set.collect();
        if !set.is_empty() {
            self.rates.insert(broker, set);
        }
    }
}

/// What of a list running moves need; `None` where that is nothing. A list that names all replicas, or that cannot be
/// read, is needed as it is while any replica of the topic is on its way.
fn still_needed(topic: &str, list: &str, moves: &OngoingMoves) -> Option<String> {
    let is_moving = |partition: i32| moves.contains_key(&TopicPartition::new(topic, partition));
    match read_replicas(Some(list)) {
        None => moves.keys().any(|at| *at.topic == *topic).then(|| list.to_owned()),
        Some(named) => {
            let stays: Replicas =
                named.iter().copied().filter(|(partition, _)| is_moving(*partition)).collect();
            match stays == named {
                true if named.is_empty() => None,
                true => Some(list.to_owned()),
                false if stays.is_empty() => None,
                false => Some(written_replicas(&stays)),
            }
        }
    }
}

/// The brokers that lists name.
#[derive(Debug, Default)]
struct Needed {
    all: bool,
    brokers: BTreeSet<i32>,
}

impl Needed {
    fn add(&mut self, list: &str) {
        match read_replicas(Some(list)) {
            Some(replicas) => self.brokers.extend(replicas.into_iter().map(|(_, broker)| broker)),
            None => self.all = true,
        }
    }

    fn holds_for(&self, broker: i32) -> bool {
        self.all || self.brokers.contains(&broker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::{FOLLOWER_RATE, FOLLOWER_REPLICAS};
    use crate::world::OngoingMove;

    fn set(lists: &[(&str, &str)], rates: &[i32]) -> SetThrottles {
        let list = |value: &str| [(FOLLOWER_REPLICAS.to_owned(), value.to_owned())].into();
        let rate = || [(FOLLOWER_RATE.to_owned(), "500".to_owned())].into();
        SetThrottles {
            lists: lists.iter().map(|(topic, value)| ((*topic).to_owned(), list(value))).collect(),
            rates: rates.iter().map(|broker| (*broker, rate())).collect(),
            ..SetThrottles::default()
        }
    }

    fn moving(topic: &str, partition: i32) -> OngoingMoves {
        [(TopicPartition::new(topic, partition), OngoingMove::default())].into()
    }

    fn lists(left: &LeftThrottles) -> Vec<(&str, Option<&str>)> {
        left.lists.iter().map(|(topic, keys)| (topic.as_str(), keys[FOLLOWER_REPLICAS].as_deref())).collect()
    }

    fn rates(left: &LeftThrottles) -> Vec<i32> {
        left.rates.keys().copied().collect()
    }

    #[test]
    fn what_no_move_needs_is_left_and_what_one_needs_is_not() {
        let set = set(&[("a", "0:1,1:2"), ("b", "*"), ("c", "0:3")], &[1, 2, 3]);
        let none = set.left(&OngoingMoves::new(), None);
        assert_eq!(lists(&none), [("a", None), ("b", None), ("c", None)]);
        assert_eq!(rates(&none), [1, 2, 3]);
        let one = set.left(&moving("a", 1), None);
        assert_eq!(lists(&one), [("a", Some("1:2")), ("b", None), ("c", None)]);
        assert_eq!(rates(&one), [1, 3], "the rate of broker 2 holds for a move");
        let all = set.left(&moving("b", 0), None);
        assert_eq!((lists(&all), rates(&all)), (vec![("a", None), ("c", None)], vec![]));
    }

    #[test]
    fn what_does_not_match_stays_and_keeps_its_rates() {
        let set = set(&[("a", "0:1"), ("b", "0:2")], &[1, 2, 3]);
        let left = set.left(&OngoingMoves::new(), Some(&Pattern::new("a*")));
        assert_eq!((lists(&left), rates(&left)), (vec![("a", None)], vec![1, 3]));
    }

    #[test]
    fn rates_stay_while_a_list_cannot_be_read() {
        let mut set = set(&[("a", "0:1")], &[1]);
        set.unread.insert("b".to_owned(), "denied".to_owned());
        let left = set.left(&OngoingMoves::new(), None);
        assert_eq!((lists(&left), rates(&left)), (vec![("a", None)], vec![]));
    }

    #[test]
    fn a_throttle_that_is_needed_as_it_is_is_not_left() {
        assert!(set(&[("a", "0:1")], &[1]).left(&moving("a", 0), None).is_empty());
    }
}
