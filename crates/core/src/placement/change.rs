use super::Brokers;

/// A partition as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its number.
    pub partition: i32,
    /// Who leads it now; `None` while nobody does.
    pub leader: Option<i32>,
    /// The brokers that hold a replica, the preferred leader first.
    pub replicas: Vec<i32>,
    /// The replicas that are in sync.
    pub isr: Vec<i32>,
}

/// Where the replicas of a partition shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The partition's number.
    pub partition: i32,
    /// The brokers, the preferred leader first.
    pub replicas: Vec<i32>,
    /// Those of them that have to copy the partition.
    pub adding: Vec<i32>,
    /// Those that give theirs up.
    pub removing: Vec<i32>,
}

/// A replication factor that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    /// More replicas than there are live brokers.
    #[error("replication {wanted} needs {wanted} live brokers and there are {live}")]
    TooFewBrokers {
        /// The replication factor.
        wanted: usize,
        /// How many brokers are live.
        live: usize,
    },
    /// A partition without a leader has nobody to copy from.
    #[error("partition {partition} has no leader, so there is nobody to copy it from")]
    NoLeader {
        /// Its number.
        partition: i32,
    },
}

/// Gives each partition that has another number of replicas the wanted one, and leaves the others alone.
///
/// The present leader stays and comes first. What is there stays where it is, so that only what is added is copied;
/// additions go where the partition's racks are fewest and then to the broker that carries least, removals come from
/// where they are most. `brokers` counts along, so that one topic after another spreads the load.
///
/// # Errors
/// When there are not enough live brokers, or when a partition that would have to be copied has no leader.
pub fn replicate(held: &[Held], wanted: usize, brokers: &mut Brokers) -> Result<Vec<Assignment>, Impossible> {
    let mut changed = held.iter().filter(|partition| partition.replicas.len() != wanted).peekable();
    if changed.peek().is_some() && wanted > brokers.len() {
        return Err(Impossible::TooFewBrokers { wanted, live: brokers.len() });
    }
    let mut counted = brokers.clone();
    let assignments =
        changed.map(|partition| assign(partition, wanted, &mut counted)).collect::<Result<_, _>>()?;
    *brokers = counted;
    Ok(assignments)
}

fn assign(held: &Held, wanted: usize, brokers: &mut Brokers) -> Result<Assignment, Impossible> {
    let leader = held.leader.ok_or(Impossible::NoLeader { partition: held.partition })?;
    let mut replicas = held.replicas.clone();
    // The leader comes first, so that no election follows and the drop of a replica cannot hit it.
    if let Some(place) = replicas.iter().position(|id| *id == leader) {
        replicas[..=place].rotate_right(1);
    }
    while replicas.len() > wanted.max(1) {
        let Some(dropped) = brokers.best_removal(&replicas, &held.isr) else { break };
        replicas.retain(|id| *id != dropped);
        brokers.freed(dropped);
    }
    while replicas.len() < wanted {
        let Some(added) = brokers.best_addition(&replicas) else { break };
        replicas.push(added);
        brokers.taken(added);
    }
    let adding = replicas.iter().filter(|id| !held.replicas.contains(id)).copied().collect();
    let removing = held.replicas.iter().filter(|id| !replicas.contains(id)).copied().collect();
    Ok(Assignment { partition: held.partition, replicas, adding, removing })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three_racks() -> Brokers {
        Brokers::new(
            [(1, "a"), (2, "a"), (3, "b"), (4, "b"), (5, "c")].map(|(id, rack)| (id, Some(rack.to_owned()))),
        )
    }

    fn held(partition: i32, replicas: &[i32]) -> Held {
        Held {
            partition,
            leader: replicas.first().copied(),
            replicas: replicas.to_vec(),
            isr: replicas.to_vec(),
        }
    }

    fn replicas(assignments: &[Assignment]) -> Vec<&[i32]> {
        assignments.iter().map(|assignment| assignment.replicas.as_slice()).collect()
    }

    #[test]
    fn additions_go_to_racks_that_have_none_and_spread_over_their_brokers() {
        let held: Vec<Held> = (0..4).map(|partition| held(partition, &[1])).collect();
        let mut brokers = three_racks();
        brokers.carry(held.iter().flat_map(|partition| &partition.replicas));
        let assignments = replicate(&held, 3, &mut brokers).expect("possible");
        assert_eq!(replicas(&assignments), [[1, 3, 5], [1, 4, 5], [1, 3, 5], [1, 4, 5]]);
        assert_eq!(assignments[0].adding, [3, 5]);
        assert_eq!(brokers.loads(), [(1, 4), (5, 4), (3, 2), (4, 2), (2, 0)]);
    }

    #[test]
    fn a_removal_takes_from_the_rack_that_has_two() {
        let assignments = replicate(&[held(0, &[1, 3, 4])], 2, &mut three_racks()).expect("possible");
        assert_eq!(replicas(&assignments), [[1, 3]]);
        assert_eq!(assignments[0].removing, [4]);
        assert!(assignments[0].adding.is_empty());
    }

    #[test]
    fn what_is_dead_or_behind_goes_first() {
        let mut behind = held(0, &[1, 3, 5]);
        behind.isr = vec![1, 5];
        let dead = held(1, &[1, 9, 5]);
        let assignments = replicate(&[behind, dead], 2, &mut three_racks()).expect("possible");
        assert_eq!(replicas(&assignments), [[1, 5], [1, 5]]);
    }

    #[test]
    fn the_present_leader_stays_even_where_another_is_preferred() {
        let mut moved = held(0, &[1, 3, 5]);
        moved.leader = Some(5);
        let assignments = replicate(&[moved], 1, &mut three_racks()).expect("possible");
        assert_eq!(replicas(&assignments), [[5]]);
    }

    #[test]
    fn partitions_that_are_as_wanted_are_left_alone() {
        let assignments =
            replicate(&[held(0, &[2, 1]), held(1, &[3])], 2, &mut three_racks()).expect("possible");
        assert_eq!(assignments.iter().map(|assignment| assignment.partition).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn what_cannot_be_had_is_said_and_nothing_is_counted() {
        let mut brokers = three_racks();
        let many = [1, 2, 3, 4, 5, 9];
        assert_eq!(replicate(&[held(0, &many)], 6, &mut brokers), Ok(Vec::new()), "one of them is dead");
        let error = replicate(&[held(0, &[1])], 6, &mut brokers).expect_err("too many");
        assert_eq!(error.to_string(), "replication 6 needs 6 live brokers and there are 5");
        let mut orphan = held(1, &[9]);
        orphan.leader = None;
        let error = replicate(&[held(0, &[1]), orphan], 2, &mut brokers).expect_err("no leader");
        assert_eq!(error, Impossible::NoLeader { partition: 1 });
        assert_eq!(brokers, three_racks());
    }
}
