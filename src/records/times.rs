//! When the record at an offset was written, of many partitions at once.

use super::Unfit;
use super::context::Context;
use super::properties::{Properties, properties};
use crate::kafka::{Wiring, known};
use klerk_core::values::{Failure, Known, TopicPartition};
use klerk_core::world::{RecordTime, RecordTimes};
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::base_consumer::PartitionQueue;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Partitions that are read at once: it bounds what their first batches may take of the memory.
const AT_ONCE: usize = 1_000;
/// How long librdkafka's own events are waited for before the partitions are looked at again.
const PAUSE: Duration = Duration::from_millis(5);
/// How long closing is waited for.
const CLOSE: Duration = Duration::from_millis(300);
/// How long a partition is not believed that it is not there: brokers learn of new topics one by one.
const PATIENCE: Duration = Duration::from_secs(2);

/// An offset of a partition.
type Place = (TopicPartition, i64);

/// Reads the first record at or after each place, within `limit` and the bound of the whole command. Every place has an
/// answer of its own.
///
/// It takes part in no group and commits nothing. It needs `Read` on the topics.
pub async fn record_times(
    wiring: &Wiring,
    places: impl IntoIterator<Item = Place>,
    limit: Duration,
) -> RecordTimes {
    let places: BTreeSet<Place> = places.into_iter().collect();
    if places.is_empty() {
        return RecordTimes::new();
    }
    let properties = match properties(wiring) {
        Ok(properties) => properties,
        Err(unfit) => return all(&places, &Known::Unavailable(unfit.to_string())),
    };
    // What is known has still to be told within the time for the whole command.
    let left = wiring.deadline.map(|end| end.saturating_duration_since(tokio::time::Instant::now()) * 2 / 3);
    let deadline = Instant::now() + left.map_or(limit, |left| left.min(limit));
    let stop = Arc::new(AtomicBool::new(false));
    // Whoever is not interested any more ends it, or the process would wait for it in vain.
    let _until_dropped = StopOnDrop(Arc::clone(&stop));
    let reader = Reader { wiring: wiring.clone(), properties, runtime: Handle::current(), deadline, stop };
    let rounds = rounds(places.clone());
    let (tell, told) = oneshot::channel();
    let (end, ended) = oneshot::channel::<()>();
    // librdkafka blocks whoever polls it, and closing waits for requests that a broker may leave without an answer.
    let thread = std::thread::Builder::new().name("records".to_owned()).spawn(move || {
        let (times, last) = reader.read_all(rounds);
        let _nobody_waits = tell.send(times);
        drop(last);
        drop(end);
    });
    let times = match thread {
        Ok(_) => told.await.map_err(|gone| gone.to_string()),
        Err(error) => Err(error.to_string()),
    };
    // As a rule it has closed by then, and nothing of it is left when the process ends.
    let _closed = tokio::time::timeout(CLOSE, ended).await;
    times.unwrap_or_else(|why| all(&places, &Known::Failed(Failure::without_reply("NO_ANSWER", why))))
}

struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn all<'p>(places: impl IntoIterator<Item = &'p Place>, why: &Known<RecordTime>) -> RecordTimes {
    places.into_iter().map(|place| (place.clone(), why.clone())).collect()
}

/// The places in rounds, none with more than [`AT_ONCE`] of them, and none with two of one partition.
fn rounds(places: BTreeSet<Place>) -> Vec<Vec<Place>> {
    let mut turns: Vec<Vec<Place>> = Vec::new();
    let mut turn = 0;
    let mut before: Option<TopicPartition> = None;
    for place in places {
        // They come sorted by partition.
        turn = if before.as_ref() == Some(&place.0) { turn + 1 } else { 0 };
        before = Some(place.0.clone());
        if turns.len() == turn {
            turns.push(Vec::new());
        }
        turns[turn].push(place);
    }
    turns.iter().flat_map(|turn| turn.chunks(AT_ONCE)).map(<[Place]>::to_vec).collect()
}

/// What every round of reading is done with.
struct Reader {
    wiring: Wiring,
    properties: Properties,
    runtime: Handle,
    deadline: Instant,
    stop: Arc<AtomicBool>,
}

/// The partitions of a round that have not answered, each with its own queue: an error that comes by the consumer's does
/// not tell whose it is.
type Open = Vec<(Place, PartitionQueue<Context>)>;

impl Reader {
    /// Reads round after round. The last consumer comes back open. Each round has one of its own, so that nothing is left in it
    /// of other offsets.
    fn read_all(&self, rounds: Vec<Vec<Place>>) -> (RecordTimes, Option<Arc<BaseConsumer<Context>>>) {
        let mut times = RecordTimes::new();
        let mut last = None;
        for round in rounds {
            if self.is_over() {
                times.extend(all(&round, &Known::Failed(no_record_in_time())));
                continue;
            }
            drop(last.take());
            match self.consumer() {
                Ok(consumer) => {
                    let consumer = last.insert(Arc::new(consumer));
                    times.extend(self.read(consumer, &round));
                }
                Err(why) => times.extend(all(&round, &why)),
            }
        }
        (times, last)
    }

    fn is_over(&self) -> bool {
        Instant::now() >= self.deadline || self.stop.load(Ordering::Relaxed)
    }

    /// Reads one record of each place.
    fn read(&self, consumer: &Arc<BaseConsumer<Context>>, round: &[Place]) -> RecordTimes {
        match assign(consumer, round) {
            Ok(open) => self.follow(consumer, open),
            Err(error) => {
                let failure = Failure::without_reply("NO_ANSWER", error.to_string());
                all(round, &Known::Failed(failure))
            }
        }
    }

    fn consumer(&self) -> Result<BaseConsumer<Context>, Known<RecordTime>> {
        let mut config = ClientConfig::new();
        for (key, value) in self.properties.exposed() {
            config.set(key, value);
        }
        config.set_log_level(RDKafkaLogLevel::Info);
        let login = self.wiring.security.login.as_ref();
        let logins = Arc::clone(&self.wiring.logins);
        let (secrets, stop) = (self.properties.secrets(), Arc::clone(&self.stop));
        let context = Context::new(secrets, login, logins, self.runtime.clone(), stop);
        config.create_with_context(context).map_err(|error| match error {
            // Its text holds the value, which may be a key.
            KafkaError::ClientConfig(_, _, key, _) => Known::Unavailable(Unfit::Property(key).to_string()),
            error => Known::Failed(Failure::without_reply("NO_ANSWER", error.to_string())),
        })
    }

    /// Polls until every partition has answered or the time is over.
    fn follow(&self, consumer: &BaseConsumer<Context>, mut open: Open) -> RecordTimes {
        let mut times = RecordTimes::new();
        let begun = Instant::now();
        while !open.is_empty() {
            // Errors that come here are of no partition; the context has heard them.
            let of_no_queue = consumer.poll(PAUSE);
            drop(of_no_queue);
            let mut answered = TopicPartitionList::new();
            open.retain(|(place, queue)| {
                let Some(answer) = first_answer(place.1, queue, begun.elapsed() < PATIENCE) else {
                    return true;
                };
                answered.add_partition(&place.0.topic, place.0.partition);
                times.insert(place.clone(), answer);
                false
            });
            if answered.count() > 0 && !open.is_empty() {
                // What it has fetched ahead is given back, and no more of it is fetched.
                if let Err(error) = consumer.pause(&answered) {
                    tracing::trace!("librdkafka does not pause: {error}");
                }
            }
            let trouble = consumer.context().trouble();
            if self.is_over() || trouble.as_ref().is_some_and(|trouble| trouble.is_final()) {
                let failure = trouble.map_or_else(no_record_in_time, |trouble| trouble.failure());
                times.extend(all(open.iter().map(|(place, _)| place), &Known::Failed(failure)));
                break;
            }
        }
        times
    }
}

fn no_record_in_time() -> Failure {
    Failure::without_reply("TIMEOUT", "no record came within the time for it")
}

/// Has the partitions read from the places.
fn assign(consumer: &Arc<BaseConsumer<Context>>, round: &[Place]) -> KafkaResult<Open> {
    let mut list = TopicPartitionList::with_capacity(round.len());
    for (partition, offset) in round {
        list.add_partition_offset(&partition.topic, partition.partition, Offset::Offset(*offset))?;
    }
    consumer.assign(&list)?;
    let queue = |place: &Place| {
        let queue = consumer.split_partition_queue(&place.0.topic, place.0.partition);
        queue.map(|queue| (place.clone(), queue)).ok_or(KafkaError::NoMessageReceived)
    };
    round.iter().map(queue).collect()
}

/// The answer of a partition that is read from `offset`, once it has one.
fn first_answer(offset: i64, queue: &PartitionQueue<Context>, is_early: bool) -> Option<Known<RecordTime>> {
    loop {
        match queue.poll(Duration::ZERO)? {
            Ok(record) => return Some(answer(offset, &record)),
            Err(KafkaError::PartitionEOF(_)) => return Some(Known::Absent),
            Err(KafkaError::MessageConsumption(code) | KafkaError::MessageConsumptionFatal(code)) => {
                if let Some(failed) = failed(code, is_early) {
                    return Some(failed);
                }
            }
            Err(error) => {
                return Some(Known::Failed(Failure::without_reply("NO_ANSWER", error.to_string())));
            }
        }
    }
}

fn answer(offset: i64, record: &BorrowedMessage<'_>) -> Known<RecordTime> {
    // An offset above the log end is read from the log start, and has no record.
    if record.offset() < offset {
        return Known::Absent;
    }
    Known::Known(RecordTime { offset: record.offset(), millis: record.timestamp().to_millis() })
}

/// What a partition's error comes to; `None` while it may pass.
fn failed(code: RDKafkaErrorCode, is_early: bool) -> Option<Known<RecordTime>> {
    match code {
        RDKafkaErrorCode::UnknownTopicOrPartition
        | RDKafkaErrorCode::UnknownTopic
        | RDKafkaErrorCode::UnknownPartition
            if is_early =>
        {
            None
        }
        // Its own numbers are negative, and Kafka's are not.
        code => Some(match i16::try_from(code as i32).ok().filter(|code| *code > 0) {
            Some(code) => known(code, "", &[], || RecordTime { offset: -1, millis: None }),
            None => Known::Failed(Failure::without_reply("NO_ANSWER", code.to_string())),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(partition: i32, offset: i64) -> Place {
        (TopicPartition::new("orders", partition), offset)
    }

    #[test]
    fn no_round_reads_a_partition_twice_or_more_partitions_than_may_be() {
        let rounds =
            rounds(BTreeSet::from([place(0, 5), place(0, 9), place(1, 5), place(2, 7), place(2, 8)]));
        assert_eq!(rounds, [vec![place(0, 5), place(1, 5), place(2, 7)], vec![place(0, 9), place(2, 8)]]);
        let many = (0..2_500).map(|partition| place(partition, 0)).collect();
        let sizes: Vec<usize> = super::rounds(many).iter().map(Vec::len).collect();
        assert_eq!(sizes, [1_000, 1_000, 500]);
    }

    #[test]
    fn denied_is_told_from_failed_and_what_may_pass_is_waited_for() {
        assert!(matches!(failed(RDKafkaErrorCode::TopicAuthorizationFailed, true), Some(Known::Denied(_))));
        assert_eq!(failed(RDKafkaErrorCode::UnknownTopicOrPartition, true), None);
        let Some(Known::Failed(gone)) = failed(RDKafkaErrorCode::UnknownTopicOrPartition, false) else {
            panic!("it has failed")
        };
        assert_eq!((gone.code, gone.name.as_str()), (Some(3), "UNKNOWN_TOPIC_OR_PARTITION"));
    }
}
