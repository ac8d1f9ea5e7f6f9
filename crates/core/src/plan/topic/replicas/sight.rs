use super::super::facts::assignment_text;
use super::super::sight::difference;
use crate::apply::Difference;
use crate::plan::Sight;
use crate::values::{Known, TopicPartition};
use crate::world::{OngoingMoves, TopicView};
use std::collections::{BTreeMap, BTreeSet};

/// What a look shows of a move. A partition that is not on its way any more and shows the replicas of both ends has
/// arrived, and the broker that was asked has not heard of it yet.
pub(in crate::plan::topic) fn sight(
    topic: &str,
    view: &TopicView,
    moves: &Known<OngoingMoves>,
    from: &BTreeMap<i32, Vec<i32>>,
    to: &BTreeMap<i32, Vec<i32>>,
) -> Sight {
    let (mut under_way, mut not_yet, mut otherwise) = (false, Vec::new(), Vec::new());
    for (number, target) in to {
        let Some(seen) = view.partitions.iter().find(|seen| seen.partition == *number) else {
            not_yet.push(differing(*number, target, &[]));
            continue;
        };
        let ongoing = moves.known().and_then(|moves| moves.get(&TopicPartition::new(topic, *number)));
        if let Some(ongoing) = ongoing {
            match ongoing.target() == *target {
                true => under_way = true,
                false => otherwise.push(differing(*number, target, &ongoing.target())),
            }
            continue;
        }
        let found = &seen.replicas;
        let set = |ids: &[i32]| ids.iter().copied().collect::<BTreeSet<i32>>();
        let before = from.get(number).map(Vec::as_slice).unwrap_or_default();
        let both: BTreeSet<i32> = before.iter().chain(target).copied().collect();
        if found == target {
            continue;
        }
        match set(found) == both {
            // Nobody can tell what is under way, and what Metadata shows is just that.
            true if moves.known().is_none() && both != set(before) => under_way = true,
            true => not_yet.push(differing(*number, target, found)),
            false if found == before => not_yet.push(differing(*number, target, found)),
            false => otherwise.push(differing(*number, target, found)),
        }
    }
    match (otherwise.is_empty(), not_yet.is_empty()) {
        (false, _) => Sight::MovedOn(otherwise),
        (true, _) if under_way => Sight::UnderWay,
        (true, false) => Sight::NotYet(not_yet),
        (true, true) => Sight::AsAsked,
    }
}

fn differing(partition: i32, asked: &[i32], found: &[i32]) -> Difference {
    let ids = |ids: &[i32]| {
        let text = assignment_text(std::iter::once((partition, ids)));
        text.split_once(':').map(|(_, ids)| ids.to_owned()).filter(|ids| !ids.is_empty())
    };
    difference(&format!("replicas of partition {partition}"), ids(asked), ids(found))
}
