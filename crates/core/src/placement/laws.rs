//! The laws of placement, on any cluster.

use super::{Brokers, Held, replicate};
use proptest::prelude::*;
use std::collections::BTreeSet;

const BROKERS: i32 = 9;

fn brokers() -> impl Strategy<Value = Brokers> {
    let racks = proptest::collection::vec(proptest::option::of(0u8..4), BROKERS as usize);
    racks.prop_map(|racks| {
        Brokers::new((1..).zip(racks).map(|(id, rack)| (id, rack.map(|rack| format!("rack {rack}")))))
    })
}

fn topic() -> impl Strategy<Value = Vec<Held>> {
    let replicas = proptest::sample::subsequence((1..=BROKERS).collect::<Vec<_>>(), 1..=5).prop_shuffle();
    let partition = (replicas, any::<proptest::sample::Index>());
    proptest::collection::vec(partition, 1..20).prop_map(|partitions| {
        let held = (0..).zip(partitions).map(|(partition, (replicas, leader))| {
            let leader = replicas.get(leader.index(replicas.len())).copied();
            Held { partition, leader, isr: replicas.clone(), replicas }
        });
        held.collect()
    })
}

proptest! {
    #[test]
    fn replicas_are_as_many_as_wanted_distinct_live_and_led_as_before(
        mut brokers in brokers(), held in topic(), wanted in 1usize..=5,
    ) {
        let assignments = replicate(&held, wanted, &mut brokers).expect("nine brokers are enough");
        for assignment in &assignments {
            let before = &held[assignment.partition as usize];
            let distinct: BTreeSet<_> = assignment.replicas.iter().collect();
            prop_assert_eq!(distinct.len(), wanted);
            prop_assert_eq!(assignment.replicas.first().copied(), before.leader);
            prop_assert!(assignment.replicas.iter().all(|id| brokers.holds(*id)));
        }
    }

    #[test]
    fn no_more_is_copied_than_is_missing(mut brokers in brokers(), held in topic(), wanted in 1usize..=5) {
        for assignment in replicate(&held, wanted, &mut brokers).expect("possible") {
            let before = held[assignment.partition as usize].replicas.len();
            prop_assert_eq!(assignment.adding.len(), wanted.saturating_sub(before));
            prop_assert_eq!(assignment.removing.len(), before.saturating_sub(wanted));
        }
    }

    #[test]
    fn additions_leave_no_rack_empty_that_could_have_one(
        mut brokers in brokers(), held in topic(), wanted in 1usize..=5,
    ) {
        for assignment in replicate(&held, wanted, &mut brokers).expect("possible") {
            let before = &held[assignment.partition as usize];
            let racks = |ids: &[i32]| ids.iter().filter_map(|id| brokers.rack_of(*id)).collect::<BTreeSet<_>>();
            let (old, new) = (racks(&before.replicas), racks(&assignment.replicas));
            let fresh = assignment.adding.len().min(brokers.racks().len() - old.len());
            if !assignment.adding.is_empty() {
                prop_assert_eq!(new.len(), old.len() + fresh);
            }
        }
    }

    #[test]
    fn what_was_assigned_needs_no_change(mut brokers in brokers(), mut held in topic(), wanted in 1usize..=5) {
        for assignment in replicate(&held, wanted, &mut brokers).expect("possible") {
            held[assignment.partition as usize].replicas = assignment.replicas;
        }
        prop_assert_eq!(replicate(&held, wanted, &mut brokers), Ok(Vec::new()));
    }

    #[test]
    fn one_replica_more_each_spreads_evenly_without_racks(partitions in 1usize..60) {
        let mut brokers = Brokers::new((1..=BROKERS).map(|id| (id, None)));
        let held: Vec<Held> = (0..partitions).map(|partition| {
            let replicas = vec![partition as i32 % BROKERS + 1];
            Held { partition: partition as i32, leader: replicas.first().copied(), isr: replicas.clone(), replicas }
        }).collect();
        brokers.carry(held.iter().flat_map(|partition| &partition.replicas));
        replicate(&held, 3, &mut brokers).expect("possible");
        let (fewest, most) = brokers.spread().expect("brokers");
        prop_assert!(most - fewest <= 2, "{fewest} to {most}");
    }
}
