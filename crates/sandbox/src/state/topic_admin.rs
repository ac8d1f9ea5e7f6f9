//! Topics come, grow and go: what a broker checks, and what becomes of it.

use crate::state::configs::{self, Scope};
use crate::state::placement::place;
use crate::state::topic_name::{self, CLUSTER_METADATA, Collisions};
use crate::state::{Partition, Refusal, State, Topic};
use kafka_protocol::error::ResponseError;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A topic that somebody wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NewTopic {
    pub(crate) name: String,
    /// How many partitions; −1 for the brokers' default, or where assignments say it.
    pub(crate) partitions: i32,
    /// The replicas of each partition; −1 for the brokers' default, or where assignments say it.
    pub(crate) replication: i16,
    /// Partitions by index with their replicas, in the order of the request; empty to leave the choice to the broker.
    pub(crate) assignments: Vec<(i32, Vec<i32>)>,
    pub(crate) configs: Vec<(String, Option<String>)>,
}

impl State {
    /// What a new topic will be; nothing is created. `turn` shifts the placement of replicas.
    ///
    /// # Errors
    /// In the order in which a broker checks: 42 for KRaft's own topic, 17, 36, 40, then 42, 38, 37 and 39.
    pub(crate) fn design_topic(
        &self,
        wanted: &NewTopic,
        collisions: &Collisions<'_>,
        turn: usize,
    ) -> Result<Topic, Refusal> {
        let name = wanted.name.as_str();
        if name == CLUSTER_METADATA {
            let words = format!("Creation of internal topic {name} is prohibited.");
            return Err(Refusal::new(ResponseError::InvalidRequest, words));
        }
        topic_name::check(name)?;
        if self.topics.contains_key(name) {
            let words = format!("Topic '{name}' already exists.");
            return Err(Refusal::new(ResponseError::TopicAlreadyExists, words));
        }
        collisions.check(name)?;
        let configs = new_configs(&wanted.configs)?;
        let partitions =
            if wanted.assignments.is_empty() { self.placed(wanted, turn)? } else { self.assigned(wanted)? };
        Ok(Topic { id: Uuid::new_v4(), partitions, configs })
    }

    /// Adds a topic, with a new log in every partition.
    pub fn add_topic(&mut self, name: &str, topic: Topic) {
        self.placements += topic.partitions.len();
        self.topics.insert(name.to_owned(), topic);
        self.touch();
    }

    /// Removes a topic with its records and what groups have committed for it.
    pub fn remove_topic(&mut self, name: &str) -> Option<Topic> {
        let topic = self.topics.remove(name)?;
        self.groups.forget_topic(name);
        self.touch();
        Some(topic)
    }

    /// The partitions that a topic would gain; nothing is added.
    ///
    /// # Errors
    /// 3 for a topic that is not there, 37 when there are not more than before, 39 for assignments and 38.
    pub(crate) fn design_growth(
        &self,
        name: &str,
        count: i32,
        assignments: Option<&[Vec<i32>]>,
        turn: usize,
    ) -> Result<Vec<Partition>, Refusal> {
        let Some(topic) = self.topics.get(name) else {
            return Err(Refusal::bare(ResponseError::UnknownTopicOrPartition));
        };
        let now = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        let refused = |words: String| Err(Refusal::new(ResponseError::InvalidPartitions, words));
        if count == now {
            return refused(format!("Topic already has {now} partition(s)."));
        }
        if count < now {
            return refused(format!(
                "The topic {name} currently has {now} partition(s); {count} would not be an increase."
            ));
        }
        let more = usize::try_from(count - now).unwrap_or_default();
        let replication = topic.partitions.first().map_or(1, |partition| partition.replicas.len());
        let Some(assignments) = assignments else {
            let placed = place(self, turn, more, replication)?;
            return Ok(placed.into_iter().map(|replicas| self.partition_on(replicas)).collect());
        };
        if assignments.len() != more {
            let words = format!(
                "Attempted to add {more} additional partition(s), but only {} assignment(s) were specified.",
                assignments.len()
            );
            return Err(Refusal::new(ResponseError::InvalidReplicaAssignment, words));
        }
        let assigned = assignments.iter().zip(now..);
        assigned
            .map(|(replicas, index)| self.assigned_partition(index, replicas, Some(replication)))
            .collect()
    }

    fn placed(&self, wanted: &NewTopic, turn: usize) -> Result<Vec<Partition>, Refusal> {
        let replication = match wanted.replication {
            -1 => self.default_replication(),
            given if given > 0 => usize::try_from(given).unwrap_or_default(),
            _ => {
                let words = "Replication factor must be larger than 0, or -1 to use the default value.";
                return Err(Refusal::new(ResponseError::InvalidReplicationFactor, words));
            }
        };
        let partitions = match wanted.partitions {
            -1 => self.default_partitions(),
            given if given > 0 => usize::try_from(given).unwrap_or_default(),
            _ => {
                let words = "Number of partitions was set to an invalid non-positive value.";
                return Err(Refusal::new(ResponseError::InvalidPartitions, words));
            }
        };
        let placed = place(self, turn, partitions, replication)?;
        Ok(placed.into_iter().map(|replicas| self.partition_on(replicas)).collect())
    }

    fn assigned(&self, wanted: &NewTopic) -> Result<Vec<Partition>, Refusal> {
        let refused = |given: &str| {
            let words =
                format!("A manual partition assignment was specified, but {given} was not set to -1.");
            Err(Refusal::new(ResponseError::InvalidRequest, words))
        };
        if wanted.replication != -1 {
            return refused("replication factor");
        }
        if wanted.partitions != -1 {
            return refused("numPartitions");
        }
        let mut replication = None;
        let mut partitions = BTreeMap::new();
        for (index, replicas) in &wanted.assignments {
            if partitions.contains_key(index) {
                let words = format!("Found multiple manual partition assignments for partition {index}");
                return Err(Refusal::new(ResponseError::InvalidReplicaAssignment, words));
            }
            partitions.insert(*index, self.assigned_partition(*index, replicas, replication)?);
            replication = Some(replicas.len());
        }
        if !partitions.keys().copied().eq((0..).take(partitions.len())) {
            let words = "partitions should be a consecutive 0-based integer sequence";
            return Err(Refusal::new(ResponseError::InvalidReplicaAssignment, words));
        }
        Ok(partitions.into_values().collect())
    }

    fn assigned_partition(
        &self,
        index: i32,
        replicas: &[i32],
        replication: Option<usize>,
    ) -> Result<Partition, Refusal> {
        let refused = |words: String| Err(Refusal::new(ResponseError::InvalidReplicaAssignment, words));
        if replicas.is_empty() {
            return refused("The manual partition assignment includes an empty replica list.".to_owned());
        }
        let mut sorted = replicas.to_vec();
        sorted.sort_unstable();
        let mut seen = BTreeSet::new();
        for id in sorted {
            if !self.brokers.contains_key(&id) {
                return refused(format!(
                    "The manual partition assignment includes broker {id}, but no such broker is registered."
                ));
            }
            if !seen.insert(id) {
                return refused(format!(
                    "The manual partition assignment includes the broker {id} more than once."
                ));
            }
        }
        if let Some(replication) = replication.filter(|replication| *replication != replicas.len()) {
            return refused(format!(
                "The manual partition assignment includes a partition with {} replica(s), but this is not \
                 consistent with previous partitions, which have {replication} replica(s).",
                replicas.len()
            ));
        }
        let partition = self.partition_on(replicas.to_vec());
        if partition.leader.is_none() {
            return refused(format!(
                "All brokers specified in the manual partition assignment for partition {index} are fenced or \
                 in controlled shutdown."
            ));
        }
        Ok(partition)
    }

    fn partition_on(&self, replicas: Vec<i32>) -> Partition {
        let up = |id: &i32| self.brokers.get(id).is_some_and(|broker| broker.alive);
        let isr = replicas.iter().copied().filter(up).collect();
        Partition::new(replicas, isr)
    }

    /// How many partitions a topic gets that asks for the default.
    pub(crate) fn default_partitions(&self) -> usize {
        1
    }

    /// How many replicas a partition gets that asks for the default: three, or as many as there are brokers.
    pub(crate) fn default_replication(&self) -> usize {
        self.brokers.len().min(3)
    }
}

/// A new topic's configs in normal form; the last of several values for a key holds.
fn new_configs(wanted: &[(String, Option<String>)]) -> Result<BTreeMap<String, String>, Refusal> {
    let mut configs = BTreeMap::new();
    for (key, value) in wanted {
        let Some(value) = value else {
            let words = format!("Null value not supported for topic configs: {key}");
            return Err(Refusal::new(ResponseError::InvalidConfig, words));
        };
        configs.insert(key.clone(), value.clone());
    }
    configs::check_all(Scope::Topic, &configs)
}
