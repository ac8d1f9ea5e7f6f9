//! Transactions: what is committed is read, what is aborted is not, and offsets go with the records.

use crate::stories;
use crate::world::{PATIENCE, World, assigned, at, next, until, values};
use anyhow::{Context, Result, ensure};
use rdkafka::Offset;
use rdkafka::consumer::Consumer;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::producer::Producer;

stories![
    who_reads_committed_sees_nothing_aborted,
    an_open_transaction_holds_readers_back,
    offsets_go_with_the_records,
    a_newer_producer_fences_the_older,
];

fn who_reads_committed_sees_nothing_aborted(world: &World) -> Result<()> {
    let topic = world.topic("ledger", 2, &[])?;
    let producer = world.producer(&[("transactional.id", &world.name("clerk"))])?;
    producer.init_transactions(PATIENCE)?;
    for (number, commits) in [(0, true), (1, false), (2, true), (3, false)] {
        producer.begin_transaction()?;
        for partition in 0..2 {
            world.put(&producer, &topic, partition, &format!("transaction {number}"))?;
        }
        match commits {
            true => producer.commit_transaction(PATIENCE)?,
            false => producer.abort_transaction(PATIENCE)?,
        }
    }
    producer.begin_transaction()?;
    world.put(&producer, &topic, 0, "the end")?;
    producer.commit_transaction(PATIENCE)?;

    // Every transaction has a marker behind its records, and all replicas have the last one a moment later.
    until("the last marker is shown", &[], || Ok(world.client().log_end(&topic, 0)? == 10))?;
    for (level, expected) in [
        ("read_committed", &["transaction 0", "transaction 2", "the end"][..]),
        (
            "read_uncommitted",
            &["transaction 0", "transaction 1", "transaction 2", "transaction 3", "the end"][..],
        ),
    ] {
        let consumer = world.consumer(&world.name(level), &[("isolation.level", level)])?;
        consumer.assign(&at(&topic, 0, Offset::Beginning)?)?;
        assert_eq!(values(&consumer, expected.len())?, expected, "{level}");
    }
    Ok(())
}

fn an_open_transaction_holds_readers_back(world: &World) -> Result<()> {
    let topic = world.topic("open", 1, &[])?;
    let producer = world.producer(&[("transactional.id", &world.name("clerk"))])?;
    producer.init_transactions(PATIENCE)?;
    producer.begin_transaction()?;
    world.put(&producer, &topic, 0, "under way")?;
    world.put(&world.producer(&[])?, &topic, 0, "by another")?;

    let settings = [("isolation.level", "read_committed"), ("enable.partition.eof", "true")];
    let consumer = world.consumer(&world.name("readers"), &settings)?;
    consumer.assign(&at(&topic, 0, Offset::Beginning)?)?;
    let end = consumer.poll(PATIENCE).context("the end of what may be read")?;
    ensure!(matches!(end, Err(KafkaError::PartitionEOF(0))), "{end:?}");
    producer.commit_transaction(PATIENCE)?;
    assert_eq!(next(&consumer)?.payload(), Some(&b"under way"[..]));
    assert_eq!(next(&consumer)?.payload(), Some(&b"by another"[..]));
    Ok(())
}

fn offsets_go_with_the_records(world: &World) -> Result<()> {
    let (input, output) = (world.topic("input", 1, &[])?, world.topic("output", 1, &[])?);
    world.put(&world.producer(&[])?, &input, 0, "to be copied")?;
    let group = world.name("copiers");
    let consumer = world.consumer(&group, &[("isolation.level", "read_committed")])?;
    consumer.subscribe(&[&input])?;
    assert_eq!(values(&consumer, 1)?, ["to be copied"]);
    let producer = world.producer(&[("transactional.id", &world.name("clerk"))])?;
    producer.init_transactions(PATIENCE)?;
    for (offset, commits) in [(7, false), (1, true)] {
        producer.begin_transaction()?;
        world.put(&producer, &output, 0, "copied")?;
        let metadata = consumer.group_metadata().context("the group")?;
        producer.send_offsets_to_transaction(&at(&input, 0, Offset::Offset(offset))?, &metadata, PATIENCE)?;
        match commits {
            true => producer.commit_transaction(PATIENCE)?,
            false => producer.abort_transaction(PATIENCE)?,
        }
    }
    // A group shows them a moment after the transaction has ended.
    let wanted = Some(1);
    until("the offset is committed", &[&consumer], || {
        Ok(world.client().committed(&group)?.get(&(input.clone(), 0)).copied() == wanted)
    })?;
    assert_eq!(assigned(&consumer)?.len(), 1);
    Ok(())
}

fn a_newer_producer_fences_the_older(world: &World) -> Result<()> {
    let topic = world.topic("fenced", 1, &[])?;
    let id = world.name("clerk");
    let older = world.producer(&[("transactional.id", &id)])?;
    older.init_transactions(PATIENCE)?;
    older.begin_transaction()?;
    world.put(&older, &topic, 0, "by the older")?;
    let newer = world.producer(&[("transactional.id", &id)])?;
    newer.init_transactions(PATIENCE)?;
    let error = older.commit_transaction(PATIENCE).err().context("a refusal")?;
    assert_eq!(error.rdkafka_error_code(), Some(RDKafkaErrorCode::Fenced), "{error}");
    newer.begin_transaction()?;
    world.put(&newer, &topic, 0, "by the newer")?;
    newer.commit_transaction(PATIENCE)?;
    let consumer = world.consumer(&world.name("readers"), &[("isolation.level", "read_committed")])?;
    consumer.assign(&at(&topic, 0, Offset::Beginning)?)?;
    assert_eq!(values(&consumer, 1)?, ["by the newer"]);
    Ok(())
}
