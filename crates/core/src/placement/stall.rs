use crate::values::{Known, TopicPartition};
use crate::world::World;
use std::fmt;

/// A partition whose replicas are on their way and cannot arrive as things are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stall {
    /// The partition.
    pub at: TopicPartition,
    /// What it waits for.
    pub cause: StallCause,
}

/// What a move waits for that brokers do not bring about by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StallCause {
    /// Brokers that are to have a replica are not live.
    NotLive(Vec<i32>),
    /// Nobody leads the partition, so that there is nothing to copy from.
    NoLeader,
}

impl fmt::Display for StallCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StallCause::NotLive(brokers) => match brokers.as_slice() {
                [one] => write!(f, "it waits for broker {one}, which is not live"),
                several => {
                    let ids: Vec<String> = several.iter().map(i32::to_string).collect();
                    write!(f, "it waits for brokers {}, which are not live", ids.join(", "))
                }
            },
            StallCause::NoLeader => f.write_str("it has no leader to copy from"),
        }
    }
}

impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the move of {} does not go on: {}", self.at, self.cause)
    }
}

/// The moves of topics that were seen which cannot go on, by who is live and who leads.
pub fn stalls(world: &World) -> Vec<Stall> {
    let moves = world.cluster.moves.known().into_iter().flatten();
    let seen = |at: &TopicPartition| {
        let topic = world.cluster.topics.get(&*at.topic).and_then(Known::known)?;
        topic.partitions.iter().find(|seen| seen.partition == at.partition)
    };
    let stall = |(at, ongoing): (&TopicPartition, &crate::world::OngoingMove)| {
        let seen = seen(at)?;
        let is_dead = |id: &i32| !world.cluster.brokers.contains_key(id);
        let dead: Vec<i32> = ongoing.adding.iter().copied().filter(is_dead).collect();
        let cause = match dead.is_empty() {
            false => StallCause::NotLive(dead),
            true if seen.leader.is_none() && !ongoing.adding.is_empty() => StallCause::NoLeader,
            true => return None,
        };
        Some(Stall { at: at.clone(), cause })
    };
    moves.filter_map(stall).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{topic, world};
    use crate::world::OngoingMove;

    #[test]
    fn a_move_to_a_broker_that_is_gone_and_one_without_a_leader_do_not_go_on() {
        let mut world = world(2).with("orders", topic(4, 1));
        if let Some(Known::Known(orders)) = world.cluster.topics.get_mut("orders") {
            orders.partitions[1].leader = None;
        }
        let moving = |adding: &[i32]| OngoingMove { adding: adding.to_vec(), ..OngoingMove::default() };
        let at = |number| TopicPartition::new("orders", number);
        let moves = [
            (at(0), moving(&[2, 7, 8])),
            (at(1), moving(&[2])),
            (at(2), moving(&[2])),
            (at(3), moving(&[])),
            (TopicPartition::new("unseen", 0), moving(&[9])),
        ];
        world.cluster.moves = Known::Known(moves.into());
        let told: Vec<String> = stalls(&world).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "the move of orders-0 does not go on: it waits for brokers 7, 8, which are not live",
                "the move of orders-1 does not go on: it has no leader to copy from",
            ]
        );
    }
}
