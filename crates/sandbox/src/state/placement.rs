//! Where replicas go: striped over racks and brokers, as KRaft's placer does it, but without its dice, so that a
//! demonstration looks the same twice.

use crate::state::{Refusal, State};
use kafka_protocol::error::ResponseError;
use std::collections::BTreeMap;

/// The brokers of one rack: those that are up, and all.
#[derive(Debug, Default)]
struct Rack {
    up: Vec<i32>,
    down: Vec<i32>,
}

impl Rack {
    /// The `turn`-th broker of the rack that is not taken, those that are up before those that are not.
    fn pick(&self, turn: usize, taken: &[i32]) -> Option<i32> {
        let free = |brokers: &[i32]| {
            let start = turn.checked_rem(brokers.len())?;
            let (after, before) = (brokers.get(start..)?, brokers.get(..start)?);
            after.iter().chain(before).copied().find(|id| !taken.contains(id))
        };
        free(&self.up).or_else(|| free(&self.down))
    }
}

/// Places `partitions` partitions with `replication` replicas each; `first` says at which rack the stripes begin.
///
/// The leader is a broker that is up. Then the racks take turns, each with a broker that holds no replica of the
/// partition yet.
///
/// # Errors
/// 38 when there are fewer brokers, live or not, than replicas, or none is up.
pub(crate) fn place(
    state: &State,
    first: usize,
    partitions: usize,
    replication: usize,
) -> Result<Vec<Vec<i32>>, Refusal> {
    let mut racks: BTreeMap<&str, Rack> = BTreeMap::new();
    for (id, broker) in &state.brokers {
        let rack = racks.entry(&broker.rack).or_default();
        if broker.alive { rack.up.push(*id) } else { rack.down.push(*id) }
    }
    let refused = |why: String| {
        let words = format!("Unable to replicate the partition {replication} time(s): {why}");
        Refusal::new(ResponseError::InvalidReplicationFactor, words)
    };
    if replication > state.brokers.len() {
        return Err(refused(format!(
            "The target replication factor of {replication} cannot be reached because only {} broker(s) are \
             registered or some brokers have all their log directories cordoned.",
            state.brokers.len()
        )));
    }
    let racks: Vec<Rack> = racks.into_values().collect();
    if racks.iter().all(|rack| rack.up.is_empty()) {
        let why = "All brokers are currently fenced, or have all their log directories cordoned.";
        return Err(refused(why.to_owned()));
    }
    Ok((first..first + partitions).map(|stripe| stripe_of(&racks, stripe, replication)).collect())
}

fn stripe_of(racks: &[Rack], stripe: usize, replication: usize) -> Vec<i32> {
    let count = racks.len();
    let order = (0..count).map(|step| (stripe + step) % count);
    let turn = stripe / count;
    let rack_at = |place: usize| racks.get(place).filter(|rack| !rack.up.is_empty());
    let mut replicas = Vec::with_capacity(replication);
    let leading = order.clone().find(|place| rack_at(*place).is_some());
    replicas.extend(leading.and_then(|place| rack_at(place)?.pick(turn, &[])));
    // The leader's rack has had its turn, so the first round leaves it out. There are enough brokers, so each of the
    // later rounds finds one.
    let first_round = order.clone().filter(|place| Some(*place) != leading);
    for place in first_round.chain((0..replication).flat_map(|_| order.clone())) {
        if replicas.len() == replication {
            break;
        }
        replicas.extend(racks.get(place).and_then(|rack| rack.pick(turn, &replicas)));
    }
    replicas
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Broker;
    use proptest::prelude::*;

    fn cluster(racks: &[&str]) -> State {
        let broker = |rack: &&str| Broker { port: 0, rack: (*rack).to_owned(), alive: true };
        State::new((1..).zip(racks.iter().map(broker)).collect())
    }

    #[test]
    fn leaders_take_turns_and_replicas_stand_in_different_racks() {
        let state = cluster(&["a", "a", "b", "b"]);
        let placed = place(&state, 0, 4, 2).expect("placed");
        assert_eq!(placed, [[1, 3], [3, 1], [2, 4], [4, 2]]);
    }

    #[test]
    fn a_broker_that_is_down_counts_but_does_not_lead() {
        let mut state = cluster(&["a", "b"]);
        state.brokers.get_mut(&1).expect("a broker").alive = false;
        assert_eq!(place(&state, 0, 2, 2), Ok(vec![vec![2, 1], vec![2, 1]]));
        let refusal = place(&state, 0, 1, 3).expect_err("too many");
        insta::assert_snapshot!(refusal.words.unwrap_or_default(), @"Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached because only 2 broker(s) are registered or some brokers have all their log directories cordoned.");
        state.brokers.get_mut(&2).expect("a broker").alive = false;
        assert_eq!(place(&state, 0, 1, 1).expect_err("none is up").code, 38);
    }

    proptest! {
        #[test]
        fn every_partition_has_its_replicas_on_different_brokers(
            racks in proptest::collection::vec(0u8..4, 1..9),
            first in 0usize..50,
            partitions in 1usize..20,
            replication in 1usize..9,
        ) {
            let names: Vec<String> = racks.iter().map(|rack| format!("r{rack}")).collect();
            let state = cluster(&names.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assume!(replication <= racks.len());
            for replicas in place(&state, first, partitions, replication).expect("placed") {
                let mut distinct = replicas.clone();
                distinct.sort_unstable();
                distinct.dedup();
                prop_assert_eq!(distinct.len(), replication);
                let of = |id: &i32| state.brokers.get(id).map(|broker| broker.rack.clone());
                let used: std::collections::BTreeSet<_> = replicas.iter().filter_map(of).collect();
                let there: std::collections::BTreeSet<_> = names.iter().collect();
                prop_assert_eq!(used.len(), replication.min(there.len()));
            }
        }
    }
}
