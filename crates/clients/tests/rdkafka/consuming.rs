//! Records are read alone: from a time, and from where a seek leads.

use crate::stories;
use crate::world::{PATIENCE, TIME, World, at, next, until, values};
use anyhow::{Context, Result};
use rdkafka::Offset;
use rdkafka::consumer::Consumer;
use rdkafka::message::Message;
use rdkafka::producer::FutureRecord;
use rdkafka::topic_partition_list::TopicPartitionList;

stories![
    a_time_leads_to_the_first_record_at_or_after_it,
    what_is_sought_is_read_next,
    a_log_that_was_cut_is_read_from_its_start
];

const MINUTE: i64 = 60_000;

/// A topic of one partition with a record a minute.
fn a_record_a_minute(world: &World, count: i64) -> Result<String> {
    let topic = world.topic("minutes", 1, &[])?;
    let producer = world.producer(&[])?;
    for number in 0..count {
        let value = format!("minute {number}");
        let record = FutureRecord::<str, str>::to(&topic).payload(&value).timestamp(TIME + number * MINUTE);
        world.send(&producer, record)?;
    }
    Ok(topic)
}

fn a_time_leads_to_the_first_record_at_or_after_it(world: &World) -> Result<()> {
    let topic = a_record_a_minute(world, 5)?;
    let consumer = world.consumer(&world.name("readers"), &[])?;
    for (time, offset) in [
        (TIME - MINUTE, Offset::Offset(0)),
        (TIME + 2 * MINUTE, Offset::Offset(2)),
        (TIME + 2 * MINUTE + 1, Offset::Offset(3)),
        (TIME + 10 * MINUTE, Offset::End),
    ] {
        let found = consumer.offsets_for_times(at(&topic, 0, Offset::Offset(time))?, PATIENCE)?;
        let found = found.find_partition(&topic, 0).context("the partition")?;
        found.error()?;
        assert_eq!((time, found.offset()), (time, offset));
    }
    consumer
        .assign(&consumer.offsets_for_times(at(&topic, 0, Offset::Offset(TIME + 3 * MINUTE))?, PATIENCE)?)?;
    assert_eq!(values(&consumer, 2)?, ["minute 3", "minute 4"]);
    Ok(())
}

fn what_is_sought_is_read_next(world: &World) -> Result<()> {
    let topic = a_record_a_minute(world, 5)?;
    let consumer = world.consumer(&world.name("readers"), &[("enable.partition.eof", "false")])?;
    consumer.assign(&at(&topic, 0, Offset::Beginning)?)?;
    assert_eq!(values(&consumer, 1)?, ["minute 0"]);
    consumer.seek(&topic, 0, Offset::Offset(3), PATIENCE)?;
    assert_eq!(values(&consumer, 2)?, ["minute 3", "minute 4"]);
    let back = consumer.seek_partitions(at(&topic, 0, Offset::Offset(1))?, PATIENCE)?;
    back.find_partition(&topic, 0).context("the partition")?.error()?;
    assert_eq!(values(&consumer, 1)?, ["minute 1"]);

    let mut partition = TopicPartitionList::new();
    partition.add_partition(&topic, 0);
    consumer.pause(&partition)?;
    consumer.resume(&partition)?;
    consumer.seek(&topic, 0, Offset::OffsetTail(1), PATIENCE)?;
    assert_eq!(next(&consumer)?.offset(), 4);
    Ok(())
}

fn a_log_that_was_cut_is_read_from_its_start(world: &World) -> Result<()> {
    let topic = a_record_a_minute(world, 5)?;
    world.cut(&at(&topic, 0, Offset::Offset(2))?)?;
    let consumer = world.consumer(&world.name("readers"), &[])?;
    assert_eq!(consumer.fetch_watermarks(&topic, 0, PATIENCE)?, (2, 5));
    // The offset is gone, and `auto.offset.reset` says where to go on.
    consumer.assign(&at(&topic, 0, Offset::Offset(0))?)?;
    assert_eq!(values(&consumer, 1)?, ["minute 2"]);
    until("the position follows", &[], || {
        let position = consumer.position()?;
        let found = position.find_partition(&topic, 0).context("the partition")?;
        Ok(found.offset() == Offset::Offset(3))
    })
}
