//! Moves of replicas in words: from which brokers to which, and what is copied.

use super::bytes::{bytes, exact_bytes};
use super::counting::{counted, thousands};
use klerk_core::health::Throttle;
use klerk_core::placement::{
    LeftThrottles, MoveProgress, MoveThrottle, Replicas, SetThrottles, Stall, Tally, written_replicas,
};
use klerk_core::plan::{Copying, Estimate, HeldBack, Impact};
use klerk_core::values::{ByteSize, LEADER_RATE, TopicPartition, first_few_of};
use klerk_core::world::{HiddenTopics, OngoingMoves, StatusView};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;

/// How many partitions are shown one by one.
const SHOWN: usize = 8;
const PARTITIONS: (&str, &str) = ("partition", "partitions");

/// What a move changes: the number of replicas, and where they go.
pub(super) fn lines(
    from: &BTreeMap<i32, Vec<i32>>,
    to: &BTreeMap<i32, Vec<i32>>,
    throttle: Option<&MoveThrottle>,
) -> Vec<String> {
    let mut lines = vec![in_number(from, to, throttle)];
    let moved = |(number, replicas): (&i32, &Vec<i32>)| {
        let before = from.get(number).map(Vec::as_slice).unwrap_or_default();
        format!("partition {number}  brokers {} → {}", ids(before), ids(replicas))
    };
    lines.extend(first_few_of(to.iter().map(moved), SHOWN, PARTITIONS));
    lines.extend(throttle.into_iter().flat_map(throttled));
    lines
}

/// The same without what is the topic's own: from where to where its replicas go.
pub(super) fn in_common(
    from: &BTreeMap<i32, Vec<i32>>,
    to: &BTreeMap<i32, Vec<i32>>,
    throttle: Option<&MoveThrottle>,
) -> Vec<String> {
    let mut lines = vec![in_number(from, to, throttle)];
    lines.extend(throttle.into_iter().flat_map(rates));
    lines
}

/// How many replicas there are and will be, and how fast they are copied.
fn in_number(
    from: &BTreeMap<i32, Vec<i32>>,
    to: &BTreeMap<i32, Vec<i32>>,
    throttle: Option<&MoveThrottle>,
) -> String {
    let copies = throttle.filter(|throttle| !throttle.replicas.follower.is_empty());
    let rate = copies.map(|throttle| format!(", at most {} a broker", rate(throttle.rate)));
    format!("replication  {} → {}{}", factor(from), factor(to), rate.unwrap_or_default())
}

/// What a throttle sets, and what stays that somebody else has set.
fn throttled(throttle: &MoveThrottle) -> Vec<String> {
    let MoveThrottle { replicas, .. } = throttle;
    if replicas.follower.is_empty() {
        return rates(throttle);
    }
    let named = |replicas: &Replicas| match replicas.len() {
        few if few <= SHOWN => written_replicas(replicas),
        many => format!("{} replicas", thousands(many)),
    };
    let mut lines = rates(throttle);
    let written = lines.len() - throttle.stays.len();
    let of_replicas = format!(
        "throttle  of replicas (partition:broker) that send {}, that copy {}",
        named(&replicas.leader),
        named(&replicas.follower)
    );
    lines.insert(written, of_replicas);
    lines
}

/// Which rates a throttle sets on brokers, which it changes, and which stay.
fn rates(throttle: &MoveThrottle) -> Vec<String> {
    let MoveThrottle { rate, replicas, sets, changes, stays } = throttle;
    let mut lines = Vec::new();
    if replicas.follower.is_empty() {
        lines.push(format!("throttle  {} is set nowhere: nothing is copied", self::rate(*rate)));
        return lines;
    }
    if !sets.is_empty() {
        let brokers: Vec<i32> = sets.keys().copied().collect();
        let word = if brokers.len() == 1 { "broker" } else { "brokers" };
        lines.push(format!("throttle  {} is set on {word} {}", self::rate(*rate), ids(&brokers)));
    }
    let mut before: BTreeMap<&str, BTreeSet<i32>> = BTreeMap::new();
    for (broker, keys) in changes {
        for value in keys.values() {
            before.entry(value).or_default().insert(*broker);
        }
    }
    for (value, brokers) in before {
        let brokers: Vec<i32> = brokers.into_iter().collect();
        let word = if brokers.len() == 1 { "broker" } else { "brokers" };
        let was = value.parse().map_or_else(|_| value.to_owned(), self::rate);
        lines.push(format!(
            "throttle  {was} → {} on {word} {}, where klerk has set it before",
            self::rate(*rate),
            ids(&brokers)
        ));
    }
    for (broker, keys) in stays {
        let keys: Vec<String> = keys.iter().map(|(key, value)| format!("{key}={value}")).collect();
        lines.push(format!("throttle  broker {broker} keeps {}, which was set before", keys.join(", ")));
    }
    lines
}

/// What taking moves back changes.
pub(super) fn cancelled(from: &BTreeMap<i32, Vec<i32>>, to: &BTreeMap<i32, Vec<i32>>) -> Vec<String> {
    let back = |(number, before): (&i32, &Vec<i32>)| {
        let target = from.get(number).map(Vec::as_slice).unwrap_or_default();
        format!("partition {number}  not to brokers {}, back to {}", ids(target), ids(before))
    };
    first_few_of(to.iter().map(back), SHOWN, PARTITIONS)
}

/// What is copied, for how long, and what holds it back already.
pub(super) fn impact(impact: &Impact) -> Vec<String> {
    let held_back = impact.held_back.as_ref();
    let copying = impact.copying.iter().flat_map(|copying| self::copying(copying, held_back.is_some()));
    copying.chain(held_back.map(self::held_back)).collect()
}

fn copying(copying: &Copying, is_held_back: bool) -> Vec<String> {
    let copied = match &copying.bytes {
        Estimate::About { value, how } => format!("estimate: {} are copied ({how})", exact_bytes(*value)),
        Estimate::NotAvailable(why) => format!("not available: bytes to copy: {why}"),
    };
    let takes = match (&copying.takes_ms, copying.throttle) {
        (_, None) if is_held_back => None,
        (_, None) => Some("no --throttle: the copies take what network and disks give".to_owned()),
        (Estimate::About { value, how }, Some(_)) => {
            Some(format!("estimate: it takes {} ({how})", about(*value)))
        }
        // The reason stands in the line before.
        (Estimate::NotAvailable(_), Some(_)) => None,
    };
    std::iter::once(copied).chain(takes).collect()
}

/// The rates that hold for copies already, and what becomes of them.
fn held_back(held_back: &HeldBack) -> String {
    let (rates, by_klerk) = match held_back {
        HeldBack::By { rates, by_klerk } => (rates, *by_klerk),
        HeldBack::NotRead(why) => {
            return format!(
                "not available: whether a throttle that was set before holds the copies back: {why}"
            );
        }
    };
    let mut brokers: BTreeMap<(bool, &str), Vec<i32>> = BTreeMap::new();
    for (broker, keys) in rates {
        for (key, value) in keys {
            brokers.entry((key != LEADER_RATE, value)).or_default().push(*broker);
        }
    }
    let told: Vec<String> = brokers
        .iter()
        .map(|((receives, value), brokers)| {
            let (word, verb) = match (brokers.len(), receives) {
                (1, false) => ("broker", "sends"),
                (1, true) => ("broker", "receives"),
                (_, false) => ("brokers", "send"),
                (_, true) => ("brokers", "receive"),
            };
            let rate = value.parse().map_or_else(|_| (*value).to_owned(), rate);
            format!("{word} {} {verb} at most {rate}", ids(brokers))
        })
        .collect();
    let fate = match by_klerk {
        true => "an earlier run of klerk has set that, and klerk takes it off once these copies are done",
        false => {
            "klerk has not set that, as far as this machine knows, and leaves it: klerk cluster moves --remove-throttle \
             takes it off once no copy needs it"
        }
    };
    format!("held back by rates that were set before: {}; {fate}", told.join(", "))
}

/// What is told of replicas on their way.
#[derive(Debug)]
pub struct MovesShown<'a> {
    /// The moves.
    pub moves: &'a OngoingMoves,
    /// What they have copied.
    pub tally: &'a Tally,
    /// Those that cannot go on as things are.
    pub stalls: &'a [Stall],
    /// What slows replicas down.
    pub throttles: &'a [Throttle],
    /// What of that no move needs any more.
    pub left: &'a LeftThrottles,
    /// What all of it was read from.
    pub view: &'a StatusView,
    /// Topics that may not be described, whose throttles nobody tells.
    pub hidden: &'a HiddenTopics,
}

impl MovesShown<'_> {
    /// What a move waits for that does not come by itself.
    pub fn stall(&self, at: &TopicPartition) -> Option<&Stall> {
        self.stalls.iter().find(|stall| stall.at == *at)
    }

    /// Whether no move needs a throttle, or not all of it.
    pub fn is_left(&self, throttle: &Throttle) -> bool {
        match throttle {
            Throttle::Rate { broker, key, .. } => {
                self.left.rates.get(broker).is_some_and(|keys| keys.contains(key))
            }
            Throttle::Replicas { topic, key, .. } => {
                self.left.lists.get(topic).is_some_and(|keys| keys.contains_key(key))
            }
        }
    }
}

/// Replicas on their way, a line a partition, and what slows them down.
pub fn human(shown: &MovesShown<'_>) -> String {
    let MovesShown { moves, tally, throttles, left, .. } = shown;
    let mut text = String::new();
    for (at, ongoing) in *moves {
        let _ = write!(text, "~ {at}  brokers {} → {}", ids(&ongoing.before()), ids(&ongoing.target()));
        if let Some((copied, of)) = tally.of_partition(at) {
            let _ = write!(text, "  {} of {}", bytes(copied), bytes(of));
        }
        text.push('\n');
        if let Some(stall) = shown.stall(at) {
            let _ = writeln!(text, "    {}", stall.cause);
        }
    }
    match moves.is_empty() {
        true => text.push_str("No replica is on its way.\n"),
        false => {
            let _ = writeln!(text, "{}", progress(&tally.progress()));
        }
    }
    if !shown.stalls.is_empty() {
        text.push_str("  → klerk cluster moves --cancel takes back what cannot arrive\n");
    }
    for throttle in *throttles {
        let _ = match throttle {
            Throttle::Rate { broker, key, value } => write!(text, "throttle: broker {broker}  {key}={value}"),
            Throttle::Replicas { topic, key, value } => {
                write!(text, "throttle: topic {topic}  {key}={value}")
            }
        };
        text.push_str(if shown.is_left(throttle) { "  (left: no move needs it)\n" } else { "\n" });
    }
    if !left.is_empty() {
        text.push_str("  → klerk cluster moves --remove-throttle takes off what is left, after consent\n");
    }
    text.push_str(&untold(&SetThrottles::from(shown.view)));
    if let Some(note) = shown.hidden.note() {
        let _ = writeln!(text, "{note}");
    }
    text
}

/// What of throttles was not told, what has the same reason together.
fn untold(set: &SetThrottles) -> String {
    let mut text = String::new();
    let mut rates: Vec<(&str, Vec<i32>)> = Vec::new();
    for (broker, why) in &set.unread_rates {
        match rates.iter_mut().find(|(known, _)| known == why) {
            Some((_, brokers)) => brokers.push(*broker),
            None => rates.push((why, vec![*broker])),
        }
    }
    for (why, brokers) in rates {
        let word = if brokers.len() == 1 { "broker" } else { "brokers" };
        let _ = writeln!(text, "not available: throttles of {word} {}: {why}", ids(&brokers));
    }
    if let Some((topic, why)) = set.unread.first_key_value() {
        let _ = match set.unread.len() {
            1 => writeln!(text, "not available: throttled replicas of topic {topic}: {why}"),
            count => writeln!(
                text,
                "not available: throttled replicas of {} topics: {topic}: {why}",
                thousands(count)
            ),
        };
    }
    text
}

/// What has changed among the moves that cannot go on, since the last time it was told.
pub fn standing_still(before: &[Stall], now: &[Stall]) -> Option<String> {
    let new: Vec<&Stall> = now.iter().filter(|stall| !before.contains(stall)).collect();
    if new.is_empty() {
        return (now.is_empty() && !before.is_empty()).then(|| "note: every move goes on again\n".to_owned());
    }
    let mut text = String::new();
    for stall in new.iter().take(SHOWN) {
        let _ = writeln!(text, "warning: {stall}");
    }
    if new.len() > SHOWN {
        let more = counted(new.len() - SHOWN, "more move does", "more moves do");
        let _ = writeln!(text, "warning: {more} not go on");
    }
    text.push_str("  → klerk cluster moves --cancel takes back what cannot arrive\n");
    Some(text)
}

/// How far replicas on their way have come, in a line.
pub fn progress(progress: &MoveProgress) -> String {
    let MoveProgress { partitions, copied, of, untold, bytes_per_second, left_ms } = *progress;
    let partitions = counted(partitions, "partition", "partitions");
    let mut line = format!("moving replicas of {partitions}: {} of {}", bytes(copied), bytes(of));
    if of > 0 {
        let _ = write!(line, " ({}%)", copied.saturating_mul(100) / of);
    }
    if let Some(pace) = bytes_per_second.filter(|pace| *pace > 0) {
        let _ = write!(line, ", {}/s", bytes(pace));
    }
    if let Some(left) = left_ms {
        let _ = write!(line, ", about {} left", about(left));
    }
    if untold > 0 {
        let _ = write!(line, "; {} did not tell", counted(untold, "replica", "replicas"));
    }
    line
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
    use std::collections::BTreeSet;

    #[test]
    fn times_are_told_as_exactly_as_they_are_worth() {
        let told = [0, 300, 44_000, 200_000, 3_600_000, 7_500_000, 273_600_000].map(about);
        assert_eq!(told, ["0s", "1s", "44s", "3m 20s", "1h", "2h 5m", "3d 4h"]);
    }

    #[test]
    fn what_does_not_go_on_is_told_once() {
        let stall = |number, broker| Stall {
            at: TopicPartition::new("orders", number),
            cause: klerk_core::placement::StallCause::NotLive(vec![broker]),
        };
        let all: Vec<Stall> = (0..10).map(|number| stall(number, 3)).collect();
        assert_eq!(standing_still(&[], &[]), None);
        assert_eq!(standing_still(&all, &all), None);
        insta::assert_snapshot!(standing_still(&[], &all[..1]).unwrap_or_default(), @r"
        warning: the move of orders-0 does not go on: it waits for broker 3, which is not live
          → klerk cluster moves --cancel takes back what cannot arrive
        ");
        let told = standing_still(&all[..1], &all).unwrap_or_default();
        assert!(told.contains("orders-8") && told.contains("warning: 1 more move does not go on"), "{told}");
        assert_eq!(standing_still(&all, &[]).as_deref(), Some("note: every move goes on again\n"));
    }

    #[test]
    fn a_long_list_is_cut_and_uneven_replication_is_told() {
        let from: BTreeMap<i32, Vec<i32>> =
            (0..10).map(|number| (number, vec![1; 1 + number as usize % 2])).collect();
        let to: BTreeMap<i32, Vec<i32>> = (0..10).map(|number| (number, vec![1, 2, 3])).collect();
        let throttle = MoveThrottle::new(50_000_000, &from, &to, &BTreeSet::new());
        let told = lines(&from, &to, Some(&throttle));
        assert_eq!(told[0], "replication  1 or 2 → 3, at most 50MB/s a broker");
        assert_eq!((told.len(), told[9].as_str()), (12, "and 2 more partitions"));
        assert_eq!(told[10], "throttle  50MB/s is set on brokers 1,2,3");
        let told = lines(&to, &from, Some(&throttle.clone()));
        assert!(told[11].ends_with("that send 10 replicas, that copy 20 replicas"), "{told:?}");
    }
}
