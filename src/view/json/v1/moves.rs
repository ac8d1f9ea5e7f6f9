use super::cluster::ThrottleV1;
use klerk_core::health::Throttle;
use klerk_core::placement::Tally;
use klerk_core::values::TopicPartition;
use klerk_core::world::{OngoingMove, OngoingMoves};
use serde::Serialize;

/// `klerk.moves`: replicas on their way between brokers.
#[derive(Debug, Clone, Serialize)]
pub struct MovesDocument {
    format: &'static str,
    version: u32,
    cluster: ClusterIdV1,
    moves: Vec<MoveV1>,
    copied_bytes: i64,
    of_bytes: i64,
    bytes_per_second: Option<i64>,
    left_ms: Option<i64>,
    throttles: Vec<ThrottleV1>,
}

#[derive(Debug, Clone, Serialize)]
struct ClusterIdV1 {
    id: String,
}

/// One partition. Bytes are null where brokers did not tell them.
#[derive(Debug, Clone, Serialize)]
struct MoveV1 {
    topic: String,
    partition: i32,
    from: Vec<i32>,
    to: Vec<i32>,
    adding: Vec<i32>,
    removing: Vec<i32>,
    copied_bytes: Option<i64>,
    of_bytes: Option<i64>,
}

impl MovesDocument {
    /// Of what a look has seen.
    pub fn new(cluster_id: &str, moves: &OngoingMoves, tally: &Tally, throttles: &[Throttle]) -> Self {
        let progress = tally.progress();
        MovesDocument {
            format: "klerk.moves",
            version: 1,
            cluster: ClusterIdV1 { id: cluster_id.to_owned() },
            moves: moves.iter().map(|(at, ongoing)| one(at, ongoing, tally)).collect(),
            copied_bytes: progress.copied,
            of_bytes: progress.of,
            bytes_per_second: progress.bytes_per_second,
            left_ms: progress.left_ms,
            throttles: throttles.iter().map(ThrottleV1::from).collect(),
        }
    }
}

fn one(at: &TopicPartition, ongoing: &OngoingMove, tally: &Tally) -> MoveV1 {
    let copied = tally.of_partition(at);
    MoveV1 {
        topic: at.topic.to_string(),
        partition: at.partition,
        from: ongoing.before(),
        to: ongoing.target(),
        adding: ongoing.adding.clone(),
        removing: ongoing.removing.clone(),
        copied_bytes: copied.map(|(bytes, _)| bytes),
        of_bytes: copied.map(|(_, of)| of),
    }
}
