//! Where the partitions of a request are: topics by name or id, and who leads when another broker was asked.

use crate::state::State;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::TopicName;
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

/// The address of every broker.
pub(super) const HOST: StrBytes = StrBytes::from_static_str("127.0.0.1");

/// The topic's name, from the id in the versions of an API that carry one.
pub(super) fn topic(state: &State, name: &TopicName, id: Uuid, by_id: bool) -> Result<String, ResponseError> {
    if !by_id {
        return Ok(name.to_string());
    }
    let found = state.topics.iter().find(|(_, topic)| topic.id == id);
    found.map(|(name, _)| name.clone()).ok_or(ResponseError::UnknownTopicId)
}

/// Compares the leader epoch that a client knows with the partition's (KIP-320). −1 is not compared.
pub(super) fn same_epoch(known: i32, now: i32) -> Result<(), ResponseError> {
    match known {
        -1 => Ok(()),
        old if old < now => Err(ResponseError::FencedLeaderEpoch),
        new if new > now => Err(ResponseError::UnknownLeaderEpoch),
        _ => Ok(()),
    }
}

/// A leader that a client should have asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hint {
    /// Its id.
    pub(super) id: i32,
    /// The partition's leader epoch.
    pub(super) epoch: i32,
    /// Its port.
    pub(super) port: i32,
    /// Its rack.
    pub(super) rack: StrBytes,
}

/// The present leader of a partition that another broker was asked about.
pub(super) fn hint(state: &State, topic: &str, index: i32) -> Option<Hint> {
    let partitions = &state.topics.get(topic)?.partitions;
    let partition = partitions.get(usize::try_from(index).ok()?)?;
    let id = partition.leader?;
    let broker = state.brokers.get(&id)?;
    let rack = StrBytes::from_string(broker.rack.clone());
    Some(Hint { id, epoch: partition.leader_epoch, port: i32::from(broker.port), rack })
}
