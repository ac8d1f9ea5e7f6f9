//! Members of a group share partitions, pass them on, and go on where the group has committed.

use crate::stories;
use crate::world::{PATIENCE, World, assigned, at, until, values};
use anyhow::{Context, Result};
use rdkafka::Offset;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use std::collections::BTreeSet;

stories![
    members_of_a_classic_group_share_and_pass_on,
    cooperative_members_share_and_pass_on,
    members_that_the_broker_assigns_share_and_pass_on,
    a_group_goes_on_where_it_has_committed,
    a_member_that_is_known_comes_back_without_a_rebalance,
];

const PARTITIONS: i32 = 4;

fn members_of_a_classic_group_share_and_pass_on(world: &World) -> Result<()> {
    share_and_pass_on(world, &[("partition.assignment.strategy", "range")])
}

fn cooperative_members_share_and_pass_on(world: &World) -> Result<()> {
    share_and_pass_on(world, &[("partition.assignment.strategy", "cooperative-sticky")])
}

fn members_that_the_broker_assigns_share_and_pass_on(world: &World) -> Result<()> {
    share_and_pass_on(world, &[("group.protocol", "consumer")])
}

/// One member has all, a second one takes half, and what it had goes back when it leaves.
fn share_and_pass_on(world: &World, settings: &[(&str, &str)]) -> Result<()> {
    let topic = world.topic("shared", PARTITIONS, &[])?;
    let group = world.name("readers");
    let first = world.consumer(&group, settings)?;
    first.subscribe(&[&topic])?;
    has(&first, &[&first], 4)?;

    let second = world.consumer(&group, settings)?;
    second.subscribe(&[&topic])?;
    until("they share", &[&first, &second], || {
        let (one, other) = (assigned(&first)?, assigned(&second)?);
        let together: BTreeSet<i32> = one.union(&other).copied().collect();
        Ok(one.len() == 2 && other.len() == 2 && together.len() == 4)
    })?;

    let producer = world.producer(&[])?;
    for partition in 0..PARTITIONS {
        world.put(&producer, &topic, partition, &format!("for {partition}"))?;
    }
    for member in [&first, &second] {
        let mut read = values(member, 2)?;
        read.sort_unstable();
        let mine: Vec<String> =
            assigned(member)?.iter().map(|partition| format!("for {partition}")).collect();
        assert_eq!(read, mine);
        member.commit_consumer_state(CommitMode::Sync)?;
    }
    drop(second);
    has(&first, &[&first], 4)?;
    let committed = world.client().committed(&group)?;
    let committed: Vec<_> =
        committed.into_iter().map(|((_, partition), offset)| (partition, offset)).collect();
    assert_eq!(committed, [(0, 1), (1, 1), (2, 1), (3, 1)]);
    Ok(())
}

fn has(consumer: &BaseConsumer, serve: &[&BaseConsumer], count: usize) -> Result<()> {
    until(&format!("it has {count} partitions"), serve, || Ok(assigned(consumer)?.len() == count))
}

fn a_group_goes_on_where_it_has_committed(world: &World) -> Result<()> {
    let topic = world.topic("read", 1, &[])?;
    let producer = world.producer(&[])?;
    for number in 0..4 {
        world.put(&producer, &topic, 0, &format!("value {number}"))?;
    }
    let group = world.name("readers");
    let first = world.consumer(&group, &[])?;
    first.subscribe(&[&topic])?;
    assert_eq!(values(&first, 3)?, ["value 0", "value 1", "value 2"]);
    let list = at(&topic, 0, Offset::Offset(2))?;
    list.find_partition(&topic, 0).context("the partition")?.set_metadata("by hand");
    first.commit(&list, CommitMode::Sync)?;
    drop(first);

    let second = world.consumer(&group, &[])?;
    let committed = second.committed_offsets(at(&topic, 0, Offset::Invalid)?, PATIENCE)?;
    let found = committed.find_partition(&topic, 0).context("the partition")?;
    assert_eq!((found.offset(), found.metadata()), (Offset::Offset(2), "by hand"));
    second.subscribe(&[&topic])?;
    assert_eq!(values(&second, 2)?, ["value 2", "value 3"]);

    let groups = second.fetch_group_list(Some(&group), PATIENCE)?;
    let listed = groups.groups().first().context("the group")?;
    assert_eq!((listed.name(), listed.state(), listed.members().len()), (group.as_str(), "Stable", 1));
    Ok(())
}

fn a_member_that_is_known_comes_back_without_a_rebalance(world: &World) -> Result<()> {
    let topic = world.topic("known", PARTITIONS, &[])?;
    let group = world.name("readers");
    let settings = |id| [("group.instance.id", id), ("partition.assignment.strategy", "range")];
    let first = world.consumer(&group, &settings("one"))?;
    first.subscribe(&[&topic])?;
    has(&first, &[&first], 4)?;
    let second = world.consumer(&group, &settings("two"))?;
    second.subscribe(&[&topic])?;
    until("they share", &[&first, &second], || {
        Ok(assigned(&first)?.len() == 2 && assigned(&second)?.len() == 2)
    })?;
    let had = assigned(&second)?;
    drop(second);
    let second = world.consumer(&group, &settings("two"))?;
    second.subscribe(&[&topic])?;
    has(&second, &[&first, &second], 2)?;
    assert_eq!(assigned(&second)?, had);
    assert_eq!(assigned(&first)?.len(), 2);
    Ok(())
}
