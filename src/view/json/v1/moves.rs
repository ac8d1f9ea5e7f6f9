use super::cluster::{NotAvailableV1, ThrottleV1};
use crate::view::moves::MovesShown;
use klerk_core::values::TopicPartition;
use klerk_core::world::OngoingMove;
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
    left_throttles: Vec<ThrottleV1>,
    /// What of throttles was not told, so that there may be more.
    not_available: Vec<NotAvailableV1>,
    /// Whether there are topics that may not be described, whose throttles nothing here tells; null where nobody can tell.
    visible_only: Option<bool>,
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
    stalled: Option<String>,
}

impl MovesDocument {
    /// Of what a look has seen.
    pub fn new(cluster_id: &str, shown: &MovesShown<'_>) -> Self {
        let progress = shown.tally.progress();
        let left = shown.throttles.iter().filter(|throttle| shown.is_left(throttle));
        MovesDocument {
            format: "klerk.moves",
            version: 1,
            cluster: ClusterIdV1 { id: cluster_id.to_owned() },
            moves: shown.moves.iter().map(|(at, ongoing)| one(at, ongoing, shown)).collect(),
            copied_bytes: progress.copied,
            of_bytes: progress.of,
            bytes_per_second: progress.bytes_per_second,
            left_ms: progress.left_ms,
            throttles: shown.throttles.iter().map(ThrottleV1::from).collect(),
            left_throttles: left.map(ThrottleV1::from).collect(),
            not_available: NotAvailableV1::of_throttles(shown.view).collect(),
            visible_only: shown.hidden.visible_only(),
        }
    }
}

fn one(at: &TopicPartition, ongoing: &OngoingMove, shown: &MovesShown<'_>) -> MoveV1 {
    let copied = shown.tally.of_partition(at);
    MoveV1 {
        topic: at.topic.to_string(),
        partition: at.partition,
        from: ongoing.before(),
        to: ongoing.target(),
        adding: ongoing.adding.clone(),
        removing: ongoing.removing.clone(),
        copied_bytes: copied.map(|(bytes, _)| bytes),
        of_bytes: copied.map(|(_, of)| of),
        stalled: shown.stall(at).map(|stall| stall.cause.to_string()),
    }
}
