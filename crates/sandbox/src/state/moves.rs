//! Replicas on their way from broker to broker (KIP-455): a move takes as long as its bytes do.
//!
//! While a move is under way, the partition's replicas are the wanted ones and after them those that will go. A replica
//! that has copied everything joins the ISR; once all have, the others go.

use crate::state::{Partition, State};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The moves that are under way, and how fast they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moves {
    /// How many bytes each new replica copies in a second of the cluster's clock; `None` holds all moves where they
    /// are until [`State::advance_moves`].
    pub bytes_per_second: Option<u64>,
    under_way: BTreeMap<(Uuid, i32), Move>,
    /// Until when bytes have been counted, in milliseconds since 1970.
    counted_ms: i64,
}

/// One partition's replicas on their way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The replicas that are wanted in the end.
    pub target: Vec<i32>,
    /// The replicas that come with the move, with the bytes that each has copied so far.
    pub adding: BTreeMap<i32, u64>,
    /// The replicas that will go.
    pub removing: Vec<i32>,
}

/// A move that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoveError {
    /// There is no such topic.
    #[error("Unable to find a topic named {0}.")]
    NoTopic(String),
    /// There is no such partition of the topic.
    #[error("Unable to find partition {0}:{1}.")]
    NoPartition(String, i32),
    /// No replicas are wanted.
    #[error("The manual partition assignment includes an empty replica list.")]
    Empty,
    /// A broker is wanted twice.
    #[error("The manual partition assignment includes the broker {0} more than once.")]
    Twice(i32),
    /// There is no such broker.
    #[error("The manual partition assignment includes broker {0}, but no such broker is registered.")]
    NoBroker(i32),
    /// The number of replicas would be another, and it may not.
    #[error("The replication factor is changed from {0} to {1}")]
    Replication(usize, usize),
    /// There is no move to be cancelled.
    #[error("No partition reassignment is in progress.")]
    NotMoving,
}

impl Default for Moves {
    fn default() -> Moves {
        Moves { bytes_per_second: Some(100 << 20), under_way: BTreeMap::new(), counted_ms: 0 }
    }
}

impl Moves {
    /// The move of a partition, by its topic's id and its index.
    pub fn of(&self, topic: Uuid, index: i32) -> Option<&Move> {
        self.under_way.get(&(topic, index))
    }

    /// Whether this replica of the partition comes with a move, so that only the move brings it into the ISR.
    pub(crate) fn is_coming(&self, topic: Uuid, index: i32, broker: i32) -> bool {
        self.of(topic, index).is_some_and(|one| one.adding.contains_key(&broker))
    }
}

impl State {
    /// Begins to move a partition to other brokers, in place of a move that is under way.
    ///
    /// # Errors
    /// When there is no such partition, or there can be no such replicas.
    pub fn reassign(
        &mut self,
        topic: &str,
        index: i32,
        target: &[i32],
        replication_may_change: bool,
    ) -> Result<(), MoveError> {
        self.settle_moves();
        let known = self.brokers.keys().copied().collect::<Vec<_>>();
        let (id, now) = (self.moved(topic, index)?.0, self.clock.now_ms());
        for (place, broker) in target.iter().enumerate() {
            if target.iter().skip(place + 1).any(|other| other == broker) {
                return Err(MoveError::Twice(*broker));
            }
            if !known.contains(broker) {
                return Err(MoveError::NoBroker(*broker));
            }
        }
        if target.is_empty() {
            return Err(MoveError::Empty);
        }
        let before = self.moves.under_way.get(&(id, index)).cloned();
        let partition = self.moved(topic, index)?.1;
        let original = partition.without_coming(before.as_ref());
        if !replication_may_change && original.len() != target.len() {
            return Err(MoveError::Replication(original.len(), target.len()));
        }
        let removing: Vec<i32> = original.iter().copied().filter(|one| !target.contains(one)).collect();
        let copied = |broker| before.as_ref().and_then(|old| old.adding.get(broker)).copied().unwrap_or(0);
        let coming = target.iter().filter(|one| !original.contains(one));
        let adding = coming.map(|broker| (*broker, copied(broker))).collect();
        partition.replicas = target.iter().chain(&removing).copied().collect();
        partition.isr.retain(|one| partition.replicas.contains(one));
        if self.moves.under_way.is_empty() {
            self.moves.counted_ms = now;
        }
        let under_way = Move { target: target.to_vec(), adding, removing };
        self.moves.under_way.insert((id, index), under_way);
        self.complete_moves(false);
        self.touch();
        Ok(())
    }

    /// Takes a move back: the partition stays where it was.
    ///
    /// # Errors
    /// When there is no such partition, or it does not move.
    pub fn cancel_move(&mut self, topic: &str, index: i32) -> Result<(), MoveError> {
        self.settle_moves();
        let id = self.moved(topic, index)?.0;
        let under_way = self.moves.under_way.remove(&(id, index)).ok_or(MoveError::NotMoving)?;
        let partition = self.moved(topic, index)?.1;
        partition.replicas = partition.without_coming(Some(&under_way));
        partition.isr.retain(|one| partition.replicas.contains(one));
        partition.keep_a_leader();
        self.touch();
        Ok(())
    }

    /// Each new replica copies this many bytes more, whatever the clock says.
    pub fn advance_moves(&mut self, bytes: u64) {
        let sizes: BTreeMap<Uuid, Vec<u64>> = self
            .topics
            .values()
            .map(|topic| (topic.id, topic.partitions.iter().map(|one| one.log.bytes()).collect()))
            .collect();
        let alive: Vec<i32> = self.alive().collect();
        for ((id, index), one) in &mut self.moves.under_way {
            let place = usize::try_from(*index).unwrap_or_default();
            let size = sizes.get(id).and_then(|sizes| sizes.get(place)).copied().unwrap_or_default();
            for (_, copied) in one.adding.iter_mut().filter(|(broker, _)| alive.contains(broker)) {
                *copied = copied.saturating_add(bytes).min(size);
            }
        }
        self.complete_moves(true);
    }

    /// Brings all moves where the time has brought them.
    pub(crate) fn settle_moves(&mut self) {
        if self.moves.under_way.is_empty() {
            return;
        }
        let Some(rate) = self.moves.bytes_per_second else { return };
        let now = self.clock.now_ms();
        let passed = u64::try_from(now - self.moves.counted_ms).unwrap_or_default();
        self.moves.counted_ms = now;
        self.advance_moves(rate.saturating_mul(passed) / 1000);
    }

    /// Replicas that have everything join the ISR, and moves of which all have are done. Where moves are held, a replica
    /// of an empty partition has everything only once moves have advanced.
    fn complete_moves(&mut self, advanced: bool) {
        let alive: Vec<i32> = self.alive().collect();
        let going_on = advanced || self.moves.bytes_per_second.is_some();
        let mut changed = false;
        let State { moves, topics, .. } = self;
        moves.under_way.retain(|(id, index), one| {
            let topic = topics.values_mut().find(|topic| topic.id == *id);
            let place = usize::try_from(*index).unwrap_or_default();
            let Some(partition) = topic.and_then(|topic| topic.partitions.get_mut(place)) else {
                return false;
            };
            let size = partition.log.bytes();
            let able = going_on && partition.leader.is_some();
            for (broker, copied) in &one.adding {
                let in_sync = able && *copied >= size && alive.contains(broker);
                if in_sync && !partition.isr.contains(broker) {
                    partition.isr.push(*broker);
                    changed = true;
                }
            }
            let arrived = one.adding.keys().all(|id| partition.isr.contains(id))
                && one.target.iter().any(|id| partition.isr.contains(id));
            if arrived {
                partition.replicas.clone_from(&one.target);
                partition.isr.retain(|id| one.target.contains(id));
                partition.keep_a_leader();
                changed = true;
            }
            !arrived
        });
        if changed {
            self.touch();
        }
    }

    /// The partition that moves, with its topic's id.
    fn moved(&mut self, topic: &str, index: i32) -> Result<(Uuid, &mut Partition), MoveError> {
        let found = self.topics.get_mut(topic).ok_or_else(|| MoveError::NoTopic(topic.to_owned()))?;
        let id = found.id;
        let place = usize::try_from(index).ok();
        let partition = place.and_then(|place| found.partitions.get_mut(place));
        Ok((id, partition.ok_or_else(|| MoveError::NoPartition(topic.to_owned(), index))?))
    }
}

impl Partition {
    /// The replicas without those that come with a move.
    fn without_coming(&self, under_way: Option<&Move>) -> Vec<i32> {
        let coming = |id: &i32| under_way.is_some_and(|one| one.adding.contains_key(id));
        self.replicas.iter().copied().filter(|id| !coming(id)).collect()
    }

    /// A leader that is no replica in sync any more gives way to the first that is.
    fn keep_a_leader(&mut self) {
        if self.leader.is_none_or(|leader| !self.isr.contains(&leader)) {
            self.lead_by(self.first_of_isr());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::log::Record;
    use crate::state::{Log, Topic};
    use std::time::Duration;

    /// A cluster of four with one topic of one partition, and the bytes in it.
    fn cluster(replicas: &[i32]) -> (State, u64) {
        let mut state = State::of_brokers(4);
        let partition = Partition {
            leader: replicas.first().copied(),
            leader_epoch: 0,
            replicas: replicas.to_vec(),
            isr: replicas.to_vec(),
            log: Log::default(),
        };
        let topic = Topic { id: Uuid::from_u128(1), partitions: vec![partition], configs: BTreeMap::new() };
        state.topics.insert("a".to_owned(), topic);
        state.append("a", 0, &[Record::new(1, None, Some(vec![7; 1000].into()))]).expect("appends");
        let bytes = state.topics["a"].partitions[0].log.bytes();
        (state, bytes)
    }

    fn placed(state: &State) -> (Vec<i32>, Vec<i32>, Option<i32>) {
        let partition = &state.topics["a"].partitions[0];
        (partition.replicas.clone(), partition.isr.clone(), partition.leader)
    }

    #[test]
    fn a_move_takes_as_long_as_its_bytes() {
        let (mut state, bytes) = cluster(&[1, 2]);
        state.moves.bytes_per_second = None;
        state.reassign("a", 0, &[3, 2], true).expect("moves");
        assert_eq!(placed(&state), (vec![3, 2, 1], vec![1, 2], Some(1)));
        state.advance_moves(bytes - 1);
        assert_eq!(state.moves.of(Uuid::from_u128(1), 0).expect("moves").adding[&3], bytes - 1);
        assert_eq!(placed(&state), (vec![3, 2, 1], vec![1, 2], Some(1)));
        state.advance_moves(1);
        assert_eq!(placed(&state), (vec![3, 2], vec![2, 3], Some(3)));
        assert_eq!(state.moves.of(Uuid::from_u128(1), 0), None);
    }

    #[test]
    fn the_clusters_clock_moves_them_too() {
        let (mut state, bytes) = cluster(&[1]);
        state.moves.bytes_per_second = Some(bytes / 10);
        state.reassign("a", 0, &[2], true).expect("moves");
        state.clock.advance(Duration::from_secs(5));
        state.settle_moves();
        assert_eq!(placed(&state), (vec![2, 1], vec![1], Some(1)));
        state.clock.advance(Duration::from_secs(6));
        state.settle_moves();
        assert_eq!(placed(&state), (vec![2], vec![2], Some(2)));
    }

    #[test]
    fn a_move_onto_a_broker_that_is_down_waits_for_it_or_is_cancelled() {
        let (mut state, bytes) = cluster(&[1]);
        state.stop_broker(4);
        state.reassign("a", 0, &[4, 1], true).expect("is accepted");
        state.advance_moves(bytes);
        assert_eq!(placed(&state), (vec![4, 1], vec![1], Some(1)));
        state.cancel_move("a", 0).expect("moves");
        assert_eq!(placed(&state), (vec![1], vec![1], Some(1)));
        assert_eq!(state.cancel_move("a", 0), Err(MoveError::NotMoving));
        state.reassign("a", 0, &[4], true).expect("is accepted");
        state.start_broker(4);
        assert_eq!(placed(&state).1, [1], "it has nothing yet");
        state.advance_moves(bytes);
        assert_eq!(placed(&state), (vec![4], vec![4], Some(4)));
    }

    #[test]
    fn a_move_takes_the_place_of_another() {
        let (mut state, bytes) = cluster(&[1, 2]);
        state.moves.bytes_per_second = None;
        state.reassign("a", 0, &[3, 4], true).expect("moves");
        state.advance_moves(bytes / 2);
        state.reassign("a", 0, &[3, 1], true).expect("moves");
        assert_eq!(placed(&state), (vec![3, 1, 2], vec![1, 2], Some(1)));
        state.advance_moves(bytes.div_ceil(2));
        assert_eq!(placed(&state), (vec![3, 1], vec![1, 3], Some(1)));
    }
}
