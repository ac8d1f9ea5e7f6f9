use crate::plan::TopicChange;
use crate::values::THROTTLED_RATES;
use std::collections::{BTreeMap, BTreeSet};

/// What `*` names: every replica of the topic.
const ALL: &str = "*";

/// Replicas, each by its partition and its broker.
pub type Replicas = BTreeSet<(i32, i32)>;

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
    /// The rates that somebody else has set: they stay, and hold instead. By broker, then by key.
    pub stays: BTreeMap<i32, BTreeMap<String, String>>,
}

impl MoveThrottle {
    /// What slows down exactly those copies that begin with a move from these brokers to those, where nobody has set
    /// any rate.
    pub fn new(
        rate: i64,
        from: &BTreeMap<i32, Vec<i32>>,
        to: &BTreeMap<i32, Vec<i32>>,
        under_way: &BTreeSet<i32>,
    ) -> Self {
        let mut throttle = MoveThrottle { rate, ..MoveThrottle::default() };
        for (number, to) in to.iter().filter(|(number, _)| !under_way.contains(number)) {
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

    /// Leaves the rates of a broker as they are that somebody has set there.
    pub fn leave(&mut self, broker: i32, set: &BTreeMap<String, String>) {
        let Some(keys) = self.sets.get_mut(&broker) else { return };
        let stays: BTreeMap<String, String> =
            keys.iter().filter_map(|key| Some((key.clone(), set.get(key)?.clone()))).collect();
        keys.retain(|key| !stays.contains_key(key));
        if keys.is_empty() {
            self.sets.remove(&broker);
        }
        if !stays.is_empty() {
            self.stays.insert(broker, stays);
        }
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
            for (broker, keys) in &throttle.sets {
                all.brokers.entry(*broker).or_default().extend(keys.iter().cloned());
            }
        }
        (!all.topics.is_empty()).then_some(all)
    }
}

/// The value of a topic's list with these replicas in it; `None` where it names them already.
pub fn with_replicas(present: Option<&str>, replicas: &Replicas) -> Option<String> {
    let mut named = read_replicas(present)?;
    let before = named.len();
    named.extend(replicas);
    (named.len() > before).then(|| written_replicas(&named))
}

/// The value of a topic's list without these replicas: `None` for no value at all. The outer `None` stands for a list
/// that stays as it is.
pub fn without_replicas(present: Option<&str>, replicas: &Replicas) -> Option<Option<String>> {
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
        throttle.leave(1, &[(LEADER_RATE.to_owned(), "100".to_owned())].into());
        throttle.leave(2, &[("another.key".to_owned(), "1".to_owned())].into());
        throttle.leave(3, &[(LEADER_RATE.to_owned(), "1".to_owned())].into());
        assert_eq!(throttle.sets[&1], [FOLLOWER_RATE.to_owned()].into());
        assert_eq!(throttle.sets[&2].len(), 2);
        assert_eq!(throttle.stays, [(1, [(LEADER_RATE.to_owned(), "100".to_owned())].into())].into());
        assert_eq!((throttle.rate_of(1, LEADER_RATE), throttle.rate_of(1, FOLLOWER_RATE)), (100, 500));
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
