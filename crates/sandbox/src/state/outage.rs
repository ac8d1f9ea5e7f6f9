//! Brokers stop and start, and partitions follow: leaders move within the ISR, and replicas come back into it.

use crate::state::{Partition, State};

impl State {
    /// A broker stops: it leads nothing any more, and is in the ISR only of partitions that have no other replica in
    /// sync, which are without a leader from now on.
    pub fn stop_broker(&mut self, id: i32) {
        self.set_alive(id, false);
        for partition in self.topics.values_mut().flat_map(|topic| &mut topic.partitions) {
            if partition.isr.len() > 1 {
                partition.isr.retain(|replica| *replica != id);
            }
            if partition.leader == Some(id) {
                partition.lead_by(partition.first_of_isr().filter(|leader| *leader != id));
            }
        }
        self.touch();
    }

    /// A broker starts: its replicas are in sync again, and it leads those partitions that only it can. Leaders that
    /// have moved stay where they are until they are elected.
    pub fn start_broker(&mut self, id: i32) {
        self.set_alive(id, true);
        let alive: Vec<i32> = self.alive().collect();
        let State { topics, moves, .. } = &mut *self;
        let partitions = topics.values_mut().flat_map(|topic| {
            let id = topic.id;
            topic.partitions.iter_mut().zip(0..).map(move |(partition, index)| (id, index, partition))
        });
        for (topic, index, partition) in partitions {
            if partition.leader.is_none() && partition.isr.contains(&id) {
                partition.lead_by(Some(id));
            }
            // Others that came back while there was no leader catch up now.
            if partition.leader.is_some() {
                let back = partition.replicas.iter().copied();
                let back: Vec<i32> = back
                    .filter(|one| alive.contains(one) && !partition.isr.contains(one))
                    .filter(|one| !moves.is_coming(topic, index, *one))
                    .collect();
                partition.isr.extend(back);
            }
        }
        self.touch();
    }

    fn set_alive(&mut self, id: i32, alive: bool) {
        if let Some(broker) = self.brokers.get_mut(&id) {
            broker.alive = alive;
        }
    }
}

impl Partition {
    /// The replica in sync that is the first in the order of replicas.
    pub(super) fn first_of_isr(&self) -> Option<i32> {
        self.replicas.iter().copied().find(|id| self.isr.contains(id))
    }

    /// Gives the partition a leader, or none; a change is counted by its epoch.
    pub(super) fn lead_by(&mut self, leader: Option<i32>) {
        if leader != self.leader {
            self.leader = leader;
            self.leader_epoch += 1;
        }
    }
}
