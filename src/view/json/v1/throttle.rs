use super::InvalidDocument;
use klerk_core::placement::{MoveThrottle, Replicas, ThrottledReplicas, read_replicas, written_replicas};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a move is throttled by: what is set on the topic and on the brokers, and what stays there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveThrottleV1 {
    /// What each broker may send, and may receive, where no rate of somebody else stays.
    pub bytes_per_second: i64,
    /// The replicas that send, as configs of topics have them: `0:1,1:2`.
    pub leader_replicas: String,
    /// The replicas that copy.
    pub follower_replicas: String,
    /// The brokers, by node id.
    pub brokers: Vec<ThrottledBrokerV1>,
}

/// The rates on one broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThrottledBrokerV1 {
    /// The broker.
    pub broker: i32,
    /// The keys that are set.
    pub sets: BTreeSet<String>,
    /// The rates that runs of klerk have set before, and that are set to this one instead, with what they were.
    #[serde(default)]
    pub changes: BTreeMap<String, String>,
    /// The rates that somebody else has set, which stay and hold instead.
    pub stays: BTreeMap<String, String>,
}

impl From<&MoveThrottle> for MoveThrottleV1 {
    fn from(throttle: &MoveThrottle) -> Self {
        let ids = throttle.sets.keys().chain(throttle.changes.keys()).chain(throttle.stays.keys());
        let ids: BTreeSet<i32> = ids.copied().collect();
        let broker = |broker: i32| ThrottledBrokerV1 {
            broker,
            sets: throttle.sets.get(&broker).cloned().unwrap_or_default(),
            changes: throttle.changes.get(&broker).cloned().unwrap_or_default(),
            stays: throttle.stays.get(&broker).cloned().unwrap_or_default(),
        };
        MoveThrottleV1 {
            bytes_per_second: throttle.rate,
            leader_replicas: written_replicas(&throttle.replicas.leader),
            follower_replicas: written_replicas(&throttle.replicas.follower),
            brokers: ids.into_iter().map(broker).collect(),
        }
    }
}

impl MoveThrottleV1 {
    pub(super) fn to_core(&self) -> Result<MoveThrottle, InvalidDocument> {
        let mut throttle = MoveThrottle {
            rate: self.bytes_per_second,
            replicas: ThrottledReplicas {
                leader: replicas(&self.leader_replicas, "throttle.leader_replicas")?,
                follower: replicas(&self.follower_replicas, "throttle.follower_replicas")?,
            },
            ..MoveThrottle::default()
        };
        for ThrottledBrokerV1 { broker, sets, changes, stays } in &self.brokers {
            if !sets.is_empty() {
                throttle.sets.insert(*broker, sets.clone());
            }
            if !changes.is_empty() {
                throttle.changes.insert(*broker, changes.clone());
            }
            if !stays.is_empty() {
                throttle.stays.insert(*broker, stays.clone());
            }
        }
        Ok(throttle)
    }
}

fn replicas(list: &str, field: &'static str) -> Result<Replicas, InvalidDocument> {
    read_replicas(Some(list)).ok_or_else(|| InvalidDocument::Word { field, found: list.to_owned() })
}
