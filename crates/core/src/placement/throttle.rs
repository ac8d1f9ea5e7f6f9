use crate::plan::TopicChange;
use std::collections::{BTreeMap, BTreeSet};

/// The config of a broker that bounds what it sends to throttled replicas, in bytes a second.
pub const LEADER_RATE: &str = "leader.replication.throttled.rate";
/// The config of a broker that bounds what it receives for throttled replicas, in bytes a second.
pub const FOLLOWER_RATE: &str = "follower.replication.throttled.rate";
/// The config of a topic that names the replicas whose sending is bounded.
pub const LEADER_REPLICAS: &str = "leader.replication.throttled.replicas";
/// The config of a topic that names the replicas whose receiving is bounded.
pub const FOLLOWER_REPLICAS: &str = "follower.replication.throttled.replicas";

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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ThrottledReplicas {
    /// Those that send: all that there are, for each of them may come to lead.
    pub leader: Replicas,
    /// Those that copy.
    pub follower: Replicas,
}

impl Throttle {
    /// What these changes want throttled; `None` where they want nothing.
    pub fn of<'a>(changes: impl IntoIterator<Item = &'a TopicChange>) -> Option<Throttle> {
        let mut throttle = Throttle::default();
        for change in changes {
            let TopicChange::MoveReplicas { topic, from, to, under_way, throttle: Some(rate), .. } = change
            else {
                continue;
            };
            let mut replicas = ThrottledReplicas::default();
            for (number, to) in to.iter().filter(|(number, _)| !under_way.contains(number)) {
                let from = from.get(number).map(Vec::as_slice).unwrap_or_default();
                let adding: Vec<i32> = to.iter().copied().filter(|id| !from.contains(id)).collect();
                if adding.is_empty() {
                    continue;
                }
                replicas.leader.extend(from.iter().map(|id| (*number, *id)));
                replicas.follower.extend(adding.iter().map(|id| (*number, *id)));
                for id in from.iter().chain(&adding) {
                    let keys = [LEADER_RATE, FOLLOWER_RATE].map(str::to_owned);
                    throttle.brokers.insert(*id, keys.into());
                }
            }
            if !replicas.follower.is_empty() {
                throttle.rate = *rate;
                throttle.topics.insert(topic.clone(), replicas);
            }
        }
        (!throttle.topics.is_empty()).then_some(throttle)
    }
}

/// The value of a topic's list with these replicas in it; `None` where it names them already.
pub fn with_replicas(present: Option<&str>, replicas: &Replicas) -> Option<String> {
    let mut named = read_replicas(present)?;
    let before = named.len();
    named.extend(replicas);
    (named.len() > before).then(|| written(&named))
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
        false => (named.len() < before).then(|| Some(written(&named))),
    }
}

/// The replicas of a list; `None` for one that names all, or that cannot be read.
fn read_replicas(list: Option<&str>) -> Option<Replicas> {
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

fn written(replicas: &Replicas) -> String {
    replicas.iter().map(|(partition, broker)| format!("{partition}:{broker}")).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(from: &[i32], to: &[i32], throttle: Option<i64>) -> TopicChange {
        TopicChange::MoveReplicas {
            topic: "orders".to_owned(),
            id: None,
            from: [(0, from.to_vec()), (1, vec![1])].into(),
            to: [(0, to.to_vec()), (1, vec![1, 9])].into(),
            under_way: [1].into(),
            throttle,
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
