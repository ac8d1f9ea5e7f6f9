use crate::plan::TopicChange;
use crate::values::{FOLLOWER_REPLICAS, LEADER_REPLICAS, THROTTLED_RATES, TopicPartition};
use crate::world::{BrokerConfigView, ConfigSource, OngoingMove, OngoingMoves};
use std::collections::{BTreeMap, BTreeSet};

/// What `*` names: every replica of the topic.
const ALL: &str = "*";

/// Replicas, each by its partition and its broker.
pub type Replicas = BTreeSet<(i32, i32)>;

/// The replicas that topics have throttled: by topic and key the value, where it has one.
pub type ThrottledLists = BTreeMap<String, BTreeMap<String, Option<String>>>;

/// New values by key; `None` unsets.
pub type NewValues = BTreeMap<String, Option<String>>;

/// What is set for copies of replicas to be slow, and taken off again once they are done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Throttle {
    /// Bytes a second, for what a broker sends and for what it receives.
    pub rate: i64,
    /// The replicas to throttle, by topic.
    pub topics: BTreeMap<String, ThrottledReplicas>,
    /// The keys that are set on each broker; those which somebody else has set are not among them.
    pub brokers: BTreeMap<i32, BTreeSet<String>>,
}

/// The throttled replicas of one topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ThrottledReplicas {
    /// Those that send: all that there are, for each of them may come to lead.
    pub leader: Replicas,
    /// Those that copy.
    pub follower: Replicas,
}

/// What one move of a topic's replicas is throttled by. It is part of the plan: which rates are set and which stay is
/// decided before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct MoveThrottle {
    /// Bytes a second, for what a broker sends and for what it receives.
    pub rate: i64,
    /// The replicas of the topic that are throttled; none where nothing begins to copy.
    pub replicas: ThrottledReplicas,
    /// The rates that are set, by broker.
    pub sets: BTreeMap<i32, BTreeSet<String>>,
    /// The rates that runs of klerk have set for moves before, and that are set to this rate instead. By broker, then by
    /// key, with what they were.
    pub changes: BTreeMap<i32, BTreeMap<String, String>>,
    /// The rates that somebody else has set: they stay, and hold instead. By broker, then by key.
    pub stays: BTreeMap<i32, BTreeMap<String, String>>,
}

impl MoveThrottle {
    /// What slows down exactly those copies that a move from these brokers to those makes, where nobody has set any rate;
    /// without those partitions that are left out.
    pub fn new(
        rate: i64,
        from: &BTreeMap<i32, Vec<i32>>,
        to: &BTreeMap<i32, Vec<i32>>,
        left_out: &BTreeSet<i32>,
    ) -> Self {
        let mut throttle = MoveThrottle { rate, ..MoveThrottle::default() };
        for (number, to) in to.iter().filter(|(number, _)| !left_out.contains(number)) {
            let from = from.get(number).map(Vec::as_slice).unwrap_or_default();
            let adding: Vec<i32> = to.iter().copied().filter(|id| !from.contains(id)).collect();
            if adding.is_empty() {
                continue;
            }
            throttle.replicas.leader.extend(from.iter().map(|id| (*number, *id)));
            throttle.replicas.follower.extend(adding.iter().map(|id| (*number, *id)));
            for id in from.iter().chain(&adding) {
                throttle.sets.insert(*id, THROTTLED_RATES.map(str::to_owned).into());
            }
        }
        throttle
    }

    /// Leaves the rates of a broker as they are that somebody has set there. One that klerk has set for the moves of these
    /// throttles, and that is another one, is changed.
    pub fn leave(&mut self, broker: i32, set: &BTreeMap<String, String>, of_klerk: &[Throttle]) {
        let Some(keys) = self.sets.get_mut(&broker) else { return };
        let seen: BTreeMap<String, String> =
            keys.iter().filter_map(|key| Some((key.clone(), set.get(key)?.clone()))).collect();
        keys.retain(|key| !seen.contains_key(key));
        if keys.is_empty() {
            self.sets.remove(&broker);
        }
        let rate = self.rate.to_string();
        let is_changed = |(key, value): &(String, String)| {
            *value != rate && of_klerk.iter().any(|throttle| throttle.has_set(broker, key, value))
        };
        let (changes, stays): (BTreeMap<_, _>, BTreeMap<_, _>) = seen.into_iter().partition(is_changed);
        for (all, rates) in [(&mut self.changes, changes), (&mut self.stays, stays)] {
            if !rates.is_empty() {
                all.insert(broker, rates);
            }
        }
    }

    /// The keys that it gives its rate on each broker.
    pub fn written(&self) -> BTreeMap<i32, BTreeSet<String>> {
        let mut written = self.sets.clone();
        for (broker, keys) in &self.changes {
            written.entry(*broker).or_default().extend(keys.keys().cloned());
        }
        written
    }

    /// The rate that holds for one direction on a broker, in bytes a second.
    pub fn rate_of(&self, broker: i32, key: &str) -> i64 {
        let stays = self.stays.get(&broker).and_then(|keys| keys.get(key)?.parse().ok());
        stays.unwrap_or(self.rate)
    }
}

impl Throttle {
    /// What these changes want throttled, taken together; `None` where they want nothing.
    pub fn of<'a>(changes: impl IntoIterator<Item = &'a TopicChange>) -> Option<Throttle> {
        let mut all = Throttle::default();
        for change in changes {
            let TopicChange::MoveReplicas { topic, throttle: Some(throttle), .. } = change else { continue };
            if throttle.replicas.follower.is_empty() {
                continue;
            }
            all.rate = throttle.rate;
            all.topics.insert(topic.clone(), throttle.replicas.clone());
            for (broker, keys) in throttle.written() {
                all.brokers.entry(broker).or_default().extend(keys);
            }
        }
        (!all.topics.is_empty()).then_some(all)
    }

    /// Whether replicas that it holds for are still on their way.
    pub fn is_needed(&self, moves: &OngoingMoves) -> bool {
        let holds_for = |at: &TopicPartition| {
            let replicas = self.topics.get(&*at.topic);
            replicas
                .is_some_and(|replicas| replicas.follower.iter().any(|(number, _)| *number == at.partition))
        };
        moves.iter().any(|(at, ongoing)| !ongoing.adding.is_empty() && holds_for(at))
    }

    /// The topics of which replicas are on their way to or from its brokers, whose rates they may need.
    pub fn topics_beside(&self, moves: &OngoingMoves) -> BTreeSet<String> {
        let shares = |ongoing: &OngoingMove| ongoing.replicas.iter().any(|id| self.brokers.contains_key(id));
        moves.iter().filter(|(_, ongoing)| shares(ongoing)).map(|(at, _)| at.topic.to_string()).collect()
    }

    /// What lists of topics become with its replicas in them; those that name them already are left out.
    pub fn lists_with(&self, present: &ThrottledLists) -> BTreeMap<String, NewValues> {
        self.lists(|topic, key, replicas| {
            let list = present.get(topic).and_then(|lists| lists.get(key)?.as_deref());
            with_replicas(list, replicas).map(Some)
        })
    }

    /// What lists of topics become without its replicas; those that stay as they are are left out, and so are those of
    /// topics that do not exist any more.
    pub fn lists_without(&self, present: &ThrottledLists) -> BTreeMap<String, NewValues> {
        self.lists(|topic, key, replicas| {
            without_replicas(present.get(topic)?.get(key)?.as_deref(), replicas)
        })
    }

    fn lists(
        &self,
        value: impl Fn(&str, &str, &Replicas) -> Option<Option<String>>,
    ) -> BTreeMap<String, NewValues> {
        let of_topic = |(topic, replicas): (&String, &ThrottledReplicas)| {
            let both = [(LEADER_REPLICAS, &replicas.leader), (FOLLOWER_REPLICAS, &replicas.follower)];
            let values: NewValues = both
                .into_iter()
                .filter_map(|(key, replicas)| Some((key.to_owned(), value(topic, key, replicas)?)))
                .collect();
            (!values.is_empty()).then(|| (topic.clone(), values))
        };
        self.topics.iter().filter_map(of_topic).collect()
    }

    /// Its rates on a broker, to be taken off: those which are there as it has set them. What somebody has set otherwise
    /// since is left as it is.
    pub fn rates_off(&self, broker: i32, seen: &BTreeMap<String, BrokerConfigView>) -> NewValues {
        let rate = self.rate.to_string();
        let is_ours = |key: &&String| {
            let view = seen.get(*key).filter(|view| view.source == ConfigSource::DynamicBroker);
            view.is_some_and(|view| view.value.as_deref() == Some(rate.as_str()))
        };
        let keys = self.brokers.get(&broker).into_iter().flatten();
        keys.filter(is_ours).map(|key| (key.clone(), None)).collect()
    }

    /// Whether it is what has set this rate on a broker.
    pub fn has_set(&self, broker: i32, key: &str, value: &str) -> bool {
        self.brokers.get(&broker).is_some_and(|keys| keys.contains(key)) && self.rate.to_string() == value
    }
}

/// The value of a topic's list with these replicas in it; `None` where it names them already.
fn with_replicas(present: Option<&str>, replicas: &Replicas) -> Option<String> {
    let mut named = read_replicas(present)?;
    let before = named.len();
    named.extend(replicas);
    (named.len() > before).then(|| written_replicas(&named))
}

/// The value of a topic's list without these replicas: `None` for no value at all. The outer `None` stands for a list
/// that stays as it is.
fn without_replicas(present: Option<&str>, replicas: &Replicas) -> Option<Option<String>> {
    present?;
    let mut named = read_replicas(present)?;
    let before = named.len();
    named.retain(|replica| !replicas.contains(replica));
    match named.is_empty() {
        true => Some(None),
        false => (named.len() < before).then(|| Some(written_replicas(&named))),
    }
}

/// The replicas that a list names; `None` for one that names all, or that cannot be read.
pub fn read_replicas(list: Option<&str>) -> Option<Replicas> {
    let list = list.unwrap_or_default().trim();
    if list == ALL {
        return None;
    }
    let items = list.split(',').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| {
            let (partition, broker) = item.split_once(':')?;
            Some((partition.parse().ok()?, broker.parse().ok()?))
        })
        .collect()
}

/// A list as configs hold it.
pub fn written_replicas(replicas: &Replicas) -> String {
    replicas.iter().map(|(partition, broker)| format!("{partition}:{broker}")).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::{FOLLOWER_RATE, LEADER_RATE};
    use crate::world::ConfigType;

    fn change(from: &[i32], to: &[i32], throttle: Option<i64>) -> TopicChange {
        let from = [(0, from.to_vec()), (1, vec![1])].into();
        let to = [(0, to.to_vec()), (1, vec![1, 9])].into();
        TopicChange::MoveReplicas {
            topic: "orders".to_owned(),
            id: None,
            throttle: throttle.map(|rate| MoveThrottle::new(rate, &from, &to, &[1].into())),
            from,
            to,
            under_way: [1].into(),
        }
    }

    #[test]
    fn exactly_what_begins_to_copy_is_throttled() {
        let throttle = Throttle::of([&change(&[1], &[1, 2, 3], Some(500))]).expect("a throttle");
        let replicas = &throttle.topics["orders"];
        assert_eq!(replicas.leader, [(0, 1)].into());
        assert_eq!(replicas.follower, [(0, 2), (0, 3)].into());
        assert_eq!(throttle.brokers.keys().copied().collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(Throttle::of([&change(&[1], &[1, 2], None)]), None);
        assert_eq!(Throttle::of([&change(&[1, 2], &[1], Some(500))]), None, "nothing is copied");
    }

    #[test]
    fn a_rate_that_somebody_else_has_set_stays_and_holds() {
        let (from, to) = ([(0, vec![1])].into(), [(0, vec![1, 2])].into());
        let mut throttle = MoveThrottle::new(500, &from, &to, &BTreeSet::new());
        throttle.leave(1, &[(LEADER_RATE.to_owned(), "100".to_owned())].into(), &[]);
        throttle.leave(2, &[("another.key".to_owned(), "1".to_owned())].into(), &[]);
        throttle.leave(3, &[(LEADER_RATE.to_owned(), "1".to_owned())].into(), &[]);
        assert_eq!(throttle.sets[&1], [FOLLOWER_RATE.to_owned()].into());
        assert_eq!(throttle.sets[&2].len(), 2);
        assert_eq!(throttle.stays, [(1, [(LEADER_RATE.to_owned(), "100".to_owned())].into())].into());
        assert_eq!((throttle.rate_of(1, LEADER_RATE), throttle.rate_of(1, FOLLOWER_RATE)), (100, 500));
    }

    fn on_its_way(topic: &str, partition: i32, replicas: &[i32], adding: &[i32]) -> OngoingMoves {
        let ongoing =
            OngoingMove { replicas: replicas.to_vec(), adding: adding.to_vec(), removing: Vec::new() };
        [(TopicPartition { topic: topic.into(), partition }, ongoing)].into()
    }

    #[test]
    fn a_throttle_is_needed_while_one_of_its_replicas_copies() {
        let throttle = Throttle::of([&change(&[1], &[1, 2], Some(500))]).expect("a throttle");
        assert!(throttle.is_needed(&on_its_way("orders", 0, &[1, 2], &[2])));
        assert!(!throttle.is_needed(&on_its_way("orders", 0, &[1, 2], &[])), "it only goes from somewhere");
        assert!(!throttle.is_needed(&on_its_way("orders", 1, &[1, 9], &[9])), "not one of its partitions");
        assert!(!throttle.is_needed(&on_its_way("trades", 0, &[1, 2], &[2])));
        assert_eq!(
            throttle.topics_beside(&on_its_way("trades", 0, &[2, 7], &[7])),
            ["trades".to_owned()].into()
        );
        assert!(throttle.topics_beside(&on_its_way("trades", 0, &[7, 8], &[8])).is_empty());
    }

    #[test]
    fn lists_change_by_its_own_replicas_alone() {
        let throttle = Throttle::of([&change(&[1], &[1, 2], Some(500))]).expect("a throttle");
        let lists = |leader: Option<&str>, follower: Option<&str>| -> ThrottledLists {
            let of = |key: &str, list: Option<&str>| (key.to_owned(), list.map(str::to_owned));
            [("orders".to_owned(), [of(LEADER_REPLICAS, leader), of(FOLLOWER_REPLICAS, follower)].into())]
                .into()
        };
        assert_eq!(throttle.lists_with(&ThrottledLists::new()), lists(Some("0:1"), Some("0:2")));
        assert!(throttle.lists_with(&lists(Some("0:1"), Some("*"))).is_empty());
        assert_eq!(throttle.lists_without(&lists(Some("0:1"), Some("0:2,1:3"))), lists(None, Some("1:3")));
        assert!(throttle.lists_without(&lists(None, Some("1:3"))).is_empty());
        assert!(throttle.lists_without(&ThrottledLists::new()).is_empty(), "the topic is gone");
    }

    #[test]
    fn rates_are_taken_off_only_as_they_were_set() {
        let throttle = Throttle::of([&change(&[1], &[1, 2], Some(500))]).expect("a throttle");
        let view = |value: &str, source| BrokerConfigView {
            value: Some(value.to_owned()),
            kind: ConfigType::Unknown,
            source,
            sensitive: false,
            read_only: false,
            synonyms: Vec::new(),
        };
        let off =
            |value, source| throttle.rates_off(1, &[(LEADER_RATE.to_owned(), view(value, source))].into());
        assert_eq!(off("500", ConfigSource::DynamicBroker), [(LEADER_RATE.to_owned(), None)].into());
        assert!(off("600", ConfigSource::DynamicBroker).is_empty(), "somebody has set another one");
        assert!(off("500", ConfigSource::DynamicDefaultBroker).is_empty(), "it is not the broker's own");
        assert!(throttle.rates_off(9, &BTreeMap::new()).is_empty());
    }

    #[test]
    fn a_rate_that_klerk_has_set_is_changed() {
        let (from, to) = ([(0, vec![1])].into(), [(0, vec![1, 2])].into());
        let of_klerk = Throttle {
            rate: 100,
            brokers: [(1, [LEADER_RATE.to_owned()].into())].into(),
            ..Throttle::default()
        };
        let leaving = |rate: i64, set: &str| {
            let mut throttle = MoveThrottle::new(rate, &from, &to, &BTreeSet::new());
            let set =
                [(LEADER_RATE.to_owned(), set.to_owned()), (FOLLOWER_RATE.to_owned(), "100".to_owned())];
            throttle.leave(1, &set.into(), std::slice::from_ref(&of_klerk));
            let keys = |rates: &BTreeMap<i32, BTreeMap<String, String>>| {
                rates.get(&1).map(|keys| keys.keys().cloned().collect::<Vec<_>>()).unwrap_or_default()
            };
            assert_eq!(throttle.written().get(&1).map_or(0, BTreeSet::len), keys(&throttle.changes).len());
            (keys(&throttle.changes), keys(&throttle.stays))
        };
        let (leader, follower) = (vec![LEADER_RATE.to_owned()], vec![FOLLOWER_RATE.to_owned()]);
        assert_eq!(leaving(500, "100"), (leader.clone(), follower.clone()));
        let both = vec![FOLLOWER_RATE.to_owned(), LEADER_RATE.to_owned()];
        assert_eq!(leaving(500, "101"), (vec![], both.clone()), "somebody has set it otherwise since");
        assert_eq!(leaving(100, "100"), (vec![], both), "it is so already");
    }

    #[test]
    fn lists_of_others_stay_beside_ours() {
        let ours: Replicas = [(0, 2), (1, 3)].into();
        assert_eq!(with_replicas(None, &ours).as_deref(), Some("0:2,1:3"));
        assert_eq!(with_replicas(Some("0:1,0:2"), &ours).as_deref(), Some("0:1,0:2,1:3"));
        assert_eq!(with_replicas(Some("*"), &ours), None);
        assert_eq!(with_replicas(Some("1:3, 0:2"), &ours), None);
        assert_eq!(without_replicas(Some("0:2,1:3"), &ours), Some(None));
        assert_eq!(without_replicas(Some("0:1,0:2,1:3"), &ours), Some(Some("0:1".to_owned())));
        assert_eq!(without_replicas(Some("0:1"), &ours), None);
        assert_eq!(without_replicas(Some("*"), &ours), None);
        assert_eq!(without_replicas(None, &ours), None);
        assert_eq!(without_replicas(Some(""), &ours), Some(None), "an empty list is of no use to anybody");
    }
}
