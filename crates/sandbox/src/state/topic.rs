//! Topics and their partitions.

use crate::state::Log;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A topic.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Topic {
    /// Its id; a topic that is created again under the same name gets another.
    pub id: Uuid,
    /// Its partitions, by index.
    pub partitions: Vec<Partition>,
    /// The configs set on the topic itself, in Kafka's normal form.
    pub configs: BTreeMap<String, String>,
}

/// A partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// The broker that leads it; `None` while there is none.
    pub leader: Option<i32>,
    /// Counts the changes of its leader.
    pub leader_epoch: i32,
    /// The brokers that hold a replica; the first one is the preferred leader.
    pub replicas: Vec<i32>,
    /// The replicas that are in sync.
    pub isr: Vec<i32>,
    /// Its records. All replicas share it.
    pub log: Log,
}

impl Partition {
    /// A new and empty partition; the first of those in sync leads it.
    pub fn new(replicas: Vec<i32>, isr: Vec<i32>) -> Partition {
        Partition { leader: isr.first().copied(), leader_epoch: 0, replicas, isr, log: Log::default() }
    }
}
