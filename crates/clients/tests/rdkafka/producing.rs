//! Records are put: where their keys belong, in every codec, and not into a topic that is missing.

use crate::stories;
use crate::world::{TIME, World, at, next, values};
use anyhow::{Context, Result, ensure};
use rdkafka::Offset;
use rdkafka::consumer::Consumer;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::FutureRecord;

stories![
    keys_land_where_java_puts_them,
    a_record_comes_back_as_it_was_sent,
    every_codec_is_read_back,
    a_topic_that_is_missing_is_not_made,
];

fn keys_land_where_java_puts_them(world: &World) -> Result<()> {
    let topic = world.topic("keys", 6, &[])?;
    let producer = world.producer(&[])?;
    // `Utils.toPositive(Utils.murmur2(key)) % 6` of Kafka's own client.
    let mut ends = [0; 6];
    for (key, partition) in [("a", 4), ("b", 2), ("c", 4), ("order-1", 4), ("order-2", 3), ("order-3", 3)] {
        let (found, offset) = world.send(&producer, FutureRecord::to(&topic).key(key).payload("value"))?;
        assert_eq!((key, found), (key, partition));
        let end = ends.get_mut(usize::try_from(partition)?).context("a partition")?;
        assert_eq!(offset, *end);
        *end += 1;
    }
    for (partition, end) in (0..).zip(ends) {
        assert_eq!(world.client().log_end(&topic, partition)?, end);
    }
    Ok(())
}

fn a_record_comes_back_as_it_was_sent(world: &World) -> Result<()> {
    let topic = world.topic("whole", 1, &[])?;
    let headers = OwnedHeaders::new().insert(Header { key: "trace", value: Some("1") });
    let headers = headers.insert(Header { key: "empty", value: None::<&str> });
    let record = FutureRecord::to(&topic).key("key").payload("value").timestamp(TIME).headers(headers);
    assert_eq!(world.send(&world.producer(&[])?, record)?, (0, 0));
    let tombstone: FutureRecord<'_, str, str> = FutureRecord::to(&topic).key("key").timestamp(TIME + 1);
    assert_eq!(world.send(&world.producer(&[])?, tombstone)?, (0, 1));

    let consumer = world.consumer(&world.name("readers"), &[])?;
    consumer.assign(&at(&topic, 0, Offset::Beginning)?)?;
    let first = next(&consumer)?;
    assert_eq!((first.key(), first.payload()), (Some(&b"key"[..]), Some(&b"value"[..])));
    assert_eq!((first.offset(), first.timestamp().to_millis()), (0, Some(TIME)));
    let headers = first.headers().context("headers")?;
    let found: Vec<_> = headers.iter().map(|header| (header.key, header.value)).collect();
    assert_eq!(found, [("trace", Some(&b"1"[..])), ("empty", None)]);
    let second = next(&consumer)?;
    assert_eq!((second.key(), second.payload()), (Some(&b"key"[..]), None));
    assert_eq!(consumer.fetch_watermarks(&topic, 0, crate::world::PATIENCE)?, (0, 2));
    Ok(())
}

fn every_codec_is_read_back(world: &World) -> Result<()> {
    let topic = world.topic("codecs", 1, &[])?;
    let codecs = ["none", "gzip", "snappy", "lz4", "zstd"];
    let long = "a value that is worth packing ".repeat(40);
    for codec in codecs {
        let producer = world.producer(&[("compression.codec", codec)])?;
        world.put(&producer, &topic, 0, &format!("{codec} {long}"))?;
    }
    let consumer = world.consumer(&world.name("readers"), &[])?;
    consumer.assign(&at(&topic, 0, Offset::Beginning)?)?;
    let expected: Vec<String> = codecs.iter().map(|codec| format!("{codec} {long}")).collect();
    assert_eq!(values(&consumer, codecs.len())?, expected);
    Ok(())
}

fn a_topic_that_is_missing_is_not_made(world: &World) -> Result<()> {
    let topic = world.name("missing");
    // How long librdkafka hopes that a topic was made just now; that is longer than a story wants to wait.
    let producer = world.producer(&[("topic.metadata.propagation.max.ms", "1000")])?;
    let error = world.put(&producer, &topic, 0, "value").err().context("a refusal")?;
    let error = error.downcast_ref::<KafkaError>().and_then(KafkaError::rdkafka_error_code);
    ensure!(
        matches!(error, Some(RDKafkaErrorCode::UnknownTopic | RDKafkaErrorCode::UnknownTopicOrPartition)),
        "{error:?}"
    );
    ensure!(!world.client().topics()?.contains_key(&topic), "it was made");
    Ok(())
}
