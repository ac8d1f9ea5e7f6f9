//! How a broker shares partitions among the members of a KIP-848 group.

use crate::state::groups::consumer::{ConsumerMember, Partitions};
use std::collections::BTreeMap;

/// The assignors that members may ask for.
pub const ASSIGNORS: [&str; 2] = ["uniform", "range"];

/// What each member is to have; `topics` are those that exist, with their numbers of partitions.
pub(super) fn shares(
    assignor: &str,
    members: &BTreeMap<String, ConsumerMember>,
    topics: &BTreeMap<String, i32>,
) -> BTreeMap<String, Partitions> {
    if assignor == "range" { ranges(members, topics) } else { uniform(members, topics) }
}

fn ranges(
    members: &BTreeMap<String, ConsumerMember>,
    topics: &BTreeMap<String, i32>,
) -> BTreeMap<String, Partitions> {
    let mut shares = BTreeMap::<String, Partitions>::new();
    for (topic, count) in topics {
        let readers: Vec<&String> = members
            .iter()
            .filter(|(_, member)| member.subscribed.contains(topic))
            .map(|(id, _)| id)
            .collect();
        let number = i32::try_from(readers.len()).unwrap_or(i32::MAX);
        let mut from = 0;
        for (reader, place) in readers.into_iter().zip(0..) {
            // The first ones have one more when it does not come out even.
            let to = from + count / number + i32::from(place < count % number);
            if to > from {
                shares.entry(reader.clone()).or_default().insert(topic.clone(), (from..to).collect());
            }
            from = to;
        }
    }
    shares
}

// Everybody has as many as the others or one more, and keeps what it can of what it has.
fn uniform(
    members: &BTreeMap<String, ConsumerMember>,
    topics: &BTreeMap<String, i32>,
) -> BTreeMap<String, Partitions> {
    let mut loads: BTreeMap<&str, usize> = members.keys().map(|id| (id.as_str(), 0)).collect();
    let all = topics.iter().flat_map(|(topic, count)| (0..*count).map(move |index| (topic, index)));
    let wanted = all.filter(|(topic, _)| members.values().any(|member| member.subscribed.contains(*topic)));
    let mut left: Vec<(&String, i32)> = wanted.collect();
    let even = left.len().checked_div(members.len()).unwrap_or_default();
    let mut generous = left.len().checked_rem(members.len()).unwrap_or_default();
    let mut shares = BTreeMap::<String, Partitions>::new();
    let mut give = |id: &str, topic: &str, index: i32| {
        shares.entry(id.to_owned()).or_default().entry(topic.to_owned()).or_default().insert(index);
    };
    left.retain(|(topic, index)| {
        let owner = members.iter().find(|(_, member)| {
            let has = member.target.get(*topic).is_some_and(|indexes| indexes.contains(index));
            has && member.subscribed.contains(*topic)
        });
        let Some((id, load)) = owner.and_then(|(id, _)| Some((id, loads.get_mut(id.as_str())?))) else {
            return true;
        };
        let one_more = *load == even && generous > 0;
        if *load < even || one_more {
            generous -= usize::from(one_more);
            *load += 1;
            give(id, topic, *index);
            return false;
        }
        true
    });
    for (topic, index) in left {
        let readers = members.iter().filter(|(_, member)| member.subscribed.contains(topic));
        let lightest = readers.map(|(id, _)| id.as_str()).min_by_key(|id| loads.get(id).copied());
        let Some(id) = lightest else { continue };
        *loads.entry(id).or_default() += 1;
        give(id, topic, index);
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reading(topics: &[&str]) -> ConsumerMember {
        let subscribed = topics.iter().map(|topic| (*topic).to_owned()).collect();
        ConsumerMember { subscribed, ..ConsumerMember::default() }
    }

    #[test]
    fn ranges_are_contiguous() {
        let members = ["a", "b"].map(|id| (id.to_owned(), reading(&["orders"]))).into();
        let shares = shares("range", &members, &BTreeMap::from([("orders".to_owned(), 3)]));
        assert_eq!(shares["a"]["orders"].iter().copied().collect::<Vec<_>>(), [0, 1]);
        assert_eq!(shares["b"]["orders"].iter().copied().collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn nobody_gets_what_it_does_not_read() {
        let members =
            BTreeMap::from([("a".to_owned(), reading(&["orders"])), ("b".to_owned(), reading(&["other"]))]);
        let shares = shares("uniform", &members, &BTreeMap::from([("orders".to_owned(), 4)]));
        assert_eq!((shares["a"]["orders"].len(), shares.get("b")), (4, None));
    }

    proptest! {
        #[test]
        fn uniform_is_even_whole_and_moves_no_more_than_it_must(count in 1i32..20, before in 1usize..6, after in 1usize..6) {
            let topics = BTreeMap::from([("orders".to_owned(), count)]);
            let named = |number: usize| (0..number).map(|id| (format!("m{id}"), reading(&["orders"])));
            let mut members: BTreeMap<String, ConsumerMember> = named(before).collect();
            for (id, share) in shares("uniform", &members, &topics) {
                members.get_mut(&id).expect("a member").target = share;
            }
            let had = members.clone();
            members.retain(|id, _| named(after).any(|(name, _)| name == *id));
            for (id, member) in named(after) {
                members.entry(id).or_insert(member);
            }
            let shares = shares("uniform", &members, &topics);
            let sizes: Vec<usize> = members.keys().map(|id| shares.get(id).map_or(0, |share| share["orders"].len())).collect();
            prop_assert_eq!(sizes.iter().sum::<usize>(), usize::try_from(count).expect("small"));
            prop_assert!(sizes.iter().max().expect("one") - sizes.iter().min().expect("one") <= 1);
            if after >= before {
                let none = Partitions::new();
                for (id, member) in &had {
                    let now = shares.get(id).unwrap_or(&none);
                    let kept = now.get("orders").into_iter().flatten().filter(|index| member.target["orders"].contains(index)).count();
                    let size = now.get("orders").map_or(0, std::collections::BTreeSet::len);
                    prop_assert!(kept == size || kept == member.target["orders"].len());
                }
            }
        }
    }
}
