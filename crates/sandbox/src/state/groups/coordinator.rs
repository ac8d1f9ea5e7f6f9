//! Which broker coordinates a group or a transactional id: the leader of the partition of an internal topic that the
//! id falls into, as on a real cluster.

use crate::state::{Partition, State, Topic};
use kafka_protocol::error::ResponseError;
use std::collections::BTreeMap;

/// The topic in whose partitions a real cluster keeps its groups.
pub const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// The topic in whose partitions a real cluster keeps its transactions.
pub const TRANSACTIONS_TOPIC: &str = "__transaction_state";

/// `offsets.topic.num.partitions` and `transaction.state.log.num.partitions` of a broker that sets neither.
const INTERNAL_PARTITIONS: i32 = 50;

/// Replicas of an internal topic, as far as there are brokers.
const INTERNAL_REPLICATION: usize = 3;

/// What a coordinator is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoordinatorOf {
    /// A group of any type.
    Group,
    /// A transactional id.
    Transaction,
}

/// There is no coordinator: the internal topic is absent, or the partition in question has no leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no broker coordinates it at the moment")]
pub struct NoCoordinator;

impl CoordinatorOf {
    fn topic(self) -> &'static str {
        match self {
            CoordinatorOf::Group => OFFSETS_TOPIC,
            CoordinatorOf::Transaction => TRANSACTIONS_TOPIC,
        }
    }

    /// The configs with which a broker creates the internal topic.
    fn configs(self) -> &'static [(&'static str, &'static str)] {
        match self {
            CoordinatorOf::Group => &[
                ("cleanup.policy", "compact"),
                ("compression.type", "producer"),
                ("segment.bytes", "104857600"),
            ],
            CoordinatorOf::Transaction => &[
                ("cleanup.policy", "compact"),
                ("compression.type", "uncompressed"),
                ("min.insync.replicas", "2"),
                ("segment.bytes", "104857600"),
                ("unclean.leader.election.enable", "false"),
            ],
        }
    }
}

impl State {
    /// The broker that coordinates a group or a transactional id.
    ///
    /// # Errors
    /// When the internal topic is not there yet ([`State::found_internal_topic`]) or the partition has no leader.
    pub fn coordinator(&self, of: CoordinatorOf, id: &str) -> Result<i32, NoCoordinator> {
        let topic = self.topics.get(of.topic()).ok_or(NoCoordinator)?;
        let place = partition_of(id, topic.partitions.len());
        let partition = topic.partitions.get(place).ok_or(NoCoordinator)?;
        partition.leader.ok_or(NoCoordinator)
    }

    /// The partition of the internal topic that the id falls into; the first one while the topic is absent.
    pub fn place_of(&self, of: CoordinatorOf, id: &str) -> (String, i32) {
        let partitions = self.topics.get(of.topic()).map_or(0, |topic| topic.partitions.len());
        (of.topic().to_owned(), i32::try_from(partition_of(id, partitions)).unwrap_or_default())
    }

    /// Whether this broker coordinates the group or the transactional id; `Err` is the code with which it refuses.
    ///
    /// # Errors
    /// NOT_COORDINATOR, also on a new cluster whose internal topic nobody has asked for yet.
    pub fn must_coordinate(&self, of: CoordinatorOf, id: &str, node: i32) -> Result<(), ResponseError> {
        match self.coordinator(of, id) {
            Ok(coordinator) if coordinator == node => Ok(()),
            _ => Err(ResponseError::NotCoordinator),
        }
    }

    /// Creates the internal topic if it is absent, as a broker does when a coordinator is first looked for.
    pub fn found_internal_topic(&mut self, of: CoordinatorOf) {
        if self.topics.contains_key(of.topic()) {
            return;
        }
        let brokers: Vec<i32> = self.alive().collect();
        let partitions = (0..INTERNAL_PARTITIONS).map(|index| {
            let first = usize::try_from(index).unwrap_or_default() % brokers.len().max(1);
            let count = brokers.len().min(INTERNAL_REPLICATION);
            let replicas: Vec<i32> = brokers.iter().copied().cycle().skip(first).take(count).collect();
            Partition {
                leader: replicas.first().copied(),
                leader_epoch: 0,
                isr: replicas.clone(),
                replicas,
                log: Default::default(),
            }
        });
        let configs = of.configs().iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let topic = Topic {
            id: uuid::Uuid::new_v4(),
            partitions: partitions.collect(),
            configs: configs.collect::<BTreeMap<_, _>>(),
        };
        self.topics.insert(of.topic().to_owned(), topic);
        self.touch();
    }
}

/// The partition of an internal topic that an id falls into: Java's hash of the string, modulo the partitions.
fn partition_of(id: &str, partitions: usize) -> usize {
    let hash = id.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    // Kafka takes the smallest integer, which has no absolute value, as 0.
    let positive = usize::try_from(hash.checked_abs().unwrap_or(0)).unwrap_or_default();
    positive.checked_rem(partitions).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_fall_into_partitions_as_on_a_real_broker() {
        // "orders" hashes to -1008770331 and "" to 0.
        assert_eq!(partition_of("orders", 50), 31);
        assert_eq!(partition_of("", 50), 0);
        assert_eq!(partition_of("polygenelubricants", 50), 0);
    }

    #[test]
    fn a_coordinator_is_the_leader_of_its_partition_and_moves_with_it() {
        let mut state = State::of_brokers(3);
        assert_eq!(state.coordinator(CoordinatorOf::Group, "orders"), Err(NoCoordinator));
        assert_eq!(
            state.must_coordinate(CoordinatorOf::Group, "orders", 1),
            Err(ResponseError::NotCoordinator)
        );
        state.found_internal_topic(CoordinatorOf::Group);
        assert_eq!(state.topics[OFFSETS_TOPIC].partitions.len(), 50);
        let coordinator = state.coordinator(CoordinatorOf::Group, "orders").expect("a coordinator");
        assert_eq!(state.must_coordinate(CoordinatorOf::Group, "orders", coordinator), Ok(()));
        let partition = &mut state.topics.get_mut(OFFSETS_TOPIC).expect("founded").partitions[31];
        assert_eq!(partition.leader, Some(coordinator));
        partition.leader = Some(3);
        assert_eq!(state.coordinator(CoordinatorOf::Group, "orders"), Ok(3));
    }
}
