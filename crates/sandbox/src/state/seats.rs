//! Who leads: the controller, and the leaders of partitions, as they move.

use crate::state::State;

impl State {
    /// The broker that a client is told to be the controller: the first that is up, until it moves.
    pub fn controller(&self) -> Option<i32> {
        let seated = self.controller_seat.filter(|id| self.is_alive(*id));
        seated.or_else(|| self.alive().next())
    }

    /// The controller becomes the next broker that is up.
    pub fn move_controller(&mut self) {
        let Some(now) = self.controller() else { return };
        let next = self.alive().find(|id| *id > now).or_else(|| self.alive().next());
        self.controller_seat = next;
        self.touch();
    }

    /// Each partition of a topic gets another leader out of its ISR, where there is one. With the internal topics of
    /// groups and transactions, their coordinators move.
    pub fn move_leaders(&mut self, topic: &str) {
        let State { topics, brokers, .. } = self;
        for partition in topics.get_mut(topic).into_iter().flat_map(|topic| &mut topic.partitions) {
            let up: Vec<i32> =
                partition.isr.iter().copied().filter(|id| brokers.get(id).is_some_and(|b| b.alive)).collect();
            let place = up.iter().position(|id| Some(*id) == partition.leader);
            let next = place.and_then(|place| up.iter().cycle().nth(place + 1).copied());
            partition.lead_by(next.or(partition.leader));
        }
        self.touch();
    }

    /// Whether there is a broker of this id and it is up.
    pub fn is_alive(&self, id: i32) -> bool {
        self.brokers.get(&id).is_some_and(|broker| broker.alive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Log, Partition, Topic};
    use std::collections::BTreeMap;

    #[test]
    fn the_controller_moves_round() {
        let mut state = State::of_brokers(3);
        let mut seen = Vec::new();
        for _ in 0..4 {
            seen.extend(state.controller());
            state.move_controller();
        }
        assert_eq!(seen, [1, 2, 3, 1]);
    }

    #[test]
    fn leaders_move_within_the_isr_only() {
        let mut state = State::of_brokers(3);
        let partition = |isr: &[i32]| Partition {
            log: Log::default(),
            leader: isr.first().copied(),
            leader_epoch: 4,
            replicas: vec![1, 2, 3],
            isr: isr.to_vec(),
        };
        let partitions = vec![partition(&[1, 3]), partition(&[2])];
        let topic = Topic { id: uuid::Uuid::nil(), partitions, configs: BTreeMap::new() };
        state.topics.insert("a".to_owned(), topic);
        state.move_leaders("a");
        let led: Vec<_> =
            state.topics["a"].partitions.iter().map(|part| (part.leader, part.leader_epoch)).collect();
        assert_eq!(led, [(Some(3), 5), (Some(2), 4)]);
    }
}
