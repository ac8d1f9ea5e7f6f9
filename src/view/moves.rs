//! Moves of replicas in words: from which brokers to which, and what is copied.

use super::counting::{counted, thousands};
use super::loss::size;
use klerk_core::health::Throttle;
use klerk_core::placement::{MoveProgress, Tally};
use klerk_core::plan::{Copying, Estimate};
use klerk_core::values::ByteSize;
use klerk_core::world::OngoingMoves;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

/// How many partitions are shown one by one.
const SHOWN: usize = 8;

/// What a move changes: the number of replicas, and where they go.
pub(super) fn lines(
    from: &BTreeMap<i32, Vec<i32>>,
    to: &BTreeMap<i32, Vec<i32>>,
    throttle: Option<i64>,
) -> Vec<String> {
    let rate = throttle.map(|rate| format!(", at most {} a broker", self::rate(rate))).unwrap_or_default();
    let mut lines = vec![format!("replication  {} → {}{rate}", factor(from), factor(to))];
    for (number, replicas) in to.iter().take(SHOWN) {
        let before = from.get(number).map(Vec::as_slice).unwrap_or_default();
        lines.push(format!("partition {number}  brokers {} → {}", ids(before), ids(replicas)));
    }
    if to.len() > SHOWN {
        lines.push(format!("and {} more partitions", thousands(to.len() - SHOWN)));
    }
    lines
}

/// What taking moves back changes.
pub(super) fn cancelled(from: &BTreeMap<i32, Vec<i32>>, to: &BTreeMap<i32, Vec<i32>>) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, before) in to.iter().take(SHOWN) {
        let target = from.get(number).map(Vec::as_slice).unwrap_or_default();
        lines.push(format!("partition {number}  not to brokers {}, back to {}", ids(target), ids(before)));
    }
    if to.len() > SHOWN {
        lines.push(format!("and {} more partitions", thousands(to.len() - SHOWN)));
    }
    lines
}

/// What is copied, and for how long.
pub(super) fn copying(copying: &Copying) -> Vec<String> {
    let bytes = match &copying.bytes {
        Estimate::About { value, how } => format!("estimate: {} are copied ({how})", size(*value)),
        Estimate::NotAvailable(why) => format!("not available: bytes to copy: {why}"),
    };
    let takes = match (&copying.takes_ms, copying.throttle) {
        (_, None) => Some("no --throttle: the copies take what network and disks give".to_owned()),
        (Estimate::About { value, how }, Some(_)) => {
            Some(format!("estimate: it takes {} ({how})", about(*value)))
        }
        // The reason stands in the line before.
        (Estimate::NotAvailable(_), Some(_)) => None,
    };
    std::iter::once(bytes).chain(takes).collect()
}

/// Replicas on their way, a line a partition, and what slows them down.
pub fn human(moves: &OngoingMoves, tally: &Tally, throttles: &[Throttle]) -> String {
    let mut text = String::new();
    for (at, ongoing) in moves {
        let _ = write!(text, "~ {at}  brokers {} → {}", ids(&ongoing.before()), ids(&ongoing.target()));
        if let Some((copied, of)) = tally.of_partition(at) {
            let _ = write!(text, "  {} of {}", short(copied), short(of));
        }
        text.push('\n');
    }
    match moves.is_empty() {
        true => text.push_str("No replica is on its way.\n"),
        false => {
            let _ = writeln!(text, "{}", progress(&tally.progress()));
        }
    }
    for throttle in throttles {
        let _ = match throttle {
            Throttle::Rate { broker, key, value } => {
                writeln!(text, "throttle: broker {broker}  {key}={value}")
            }
            Throttle::Replicas { topic, key, value } => {
                writeln!(text, "throttle: topic {topic}  {key}={value}")
            }
        };
    }
    text
}

/// How far replicas on their way have come, in a line.
pub fn progress(progress: &MoveProgress) -> String {
    let MoveProgress { partitions, copied, of, untold, bytes_per_second, left_ms } = *progress;
    let partitions = counted(partitions, "partition", "partitions");
    let mut line = format!("moving replicas of {partitions}: {} of {}", short(copied), short(of));
    if of > 0 {
        let _ = write!(line, " ({}%)", copied.saturating_mul(100) / of);
    }
    if let Some(pace) = bytes_per_second.filter(|pace| *pace > 0) {
        let _ = write!(line, ", {}/s", short(pace));
    }
    if let Some(left) = left_ms {
        let _ = write!(line, ", about {} left", about(left));
    }
    if untold > 0 {
        let _ = write!(line, "; {} did not tell", counted(untold, "replica", "replicas"));
    }
    line
}

/// `1.2 MB`.
fn short(bytes: i64) -> String {
    let told = size(bytes);
    told.split(" (").next().unwrap_or(&told).to_owned()
}

/// `50MB/s`.
pub fn rate(bytes_per_second: i64) -> String {
    format!("{}/s", ByteSize(bytes_per_second))
}

/// The number of replicas, where all partitions have the same.
fn factor(assignment: &BTreeMap<i32, Vec<i32>>) -> String {
    let mut counts: Vec<usize> = assignment.values().map(Vec::len).collect();
    counts.sort_unstable();
    counts.dedup();
    match counts.as_slice() {
        [one] => one.to_string(),
        several => several.iter().map(usize::to_string).collect::<Vec<_>>().join(" or "),
    }
}

fn ids(brokers: &[i32]) -> String {
    brokers.iter().map(i32::to_string).collect::<Vec<_>>().join(",")
}

/// `44s`, `3m 20s`, `2h 5m`, `3d 4h`: as exact as an estimate is worth.
pub(super) fn about(millis: i64) -> String {
    let seconds = Duration::from_millis(millis.unsigned_abs()).as_secs_f64().ceil() as u64;
    let parts = match seconds {
        0..60 => return format!("{seconds}s"),
        60..3_600 => [(seconds / 60, "m"), (seconds % 60, "s")],
        3_600..86_400 => [(seconds / 3_600, "h"), (seconds % 3_600 / 60, "m")],
        _ => [(seconds / 86_400, "d"), (seconds % 86_400 / 3_600, "h")],
    };
    let told = parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}"));
    told.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_exactly_as_they_are_worth() {
        let told = [0, 300, 44_000, 200_000, 3_600_000, 7_500_000, 273_600_000].map(about);
        assert_eq!(told, ["0s", "1s", "44s", "3m 20s", "1h", "2h 5m", "3d 4h"]);
    }

    #[test]
    fn a_long_list_is_cut_and_uneven_replication_is_told() {
        let from = (0..10).map(|number| (number, vec![1; 1 + number as usize % 2])).collect();
        let to = (0..10).map(|number| (number, vec![1, 2, 3])).collect();
        let told = lines(&from, &to, Some(50_000_000));
        assert_eq!(told[0], "replication  1 or 2 → 3, at most 50MB/s a broker");
        assert_eq!((told.len(), told.last().map(String::as_str)), (10, Some("and 2 more partitions")));
    }
}
