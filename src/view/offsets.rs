//! Committed offsets that move, as a table.

use super::counting::{counted, thousands};
use super::moves::about;
use super::table::{self, Side};
use klerk_core::plan::OffsetMove;
use klerk_core::values::Thousands;
use std::collections::BTreeMap;

/// Beyond this many partitions there is a row a topic instead.
const DETAILED: usize = 100;

/// A row for each partition, or for each topic when there are many; then what it comes to.
pub(super) fn listed(moves: &[OffsetMove]) -> String {
    let rows = if moves.len() <= DETAILED { by_partition(moves) } else { by_topic(moves) };
    let moving = moves.iter().filter(|planned| !planned.is_unchanged()).count();
    let mut total =
        format!("{}, {} of them moving", counted(moves.len(), "partition", "partitions"), thousands(moving));
    for (number, what) in [
        (sum(moves, |planned| planned.skips), "skipped"),
        (sum(moves, |planned| planned.repeats), "repeated"),
    ] {
        if number > 0 {
            total.push_str(&format!("; records {what}: {}", Thousands(number)));
        }
    }
    if let Some(longest) = longest(moves.iter()) {
        total.push_str(&format!("; time between old and new: {} at most", span(longest)));
    }
    let clamped = moves.iter().filter(|planned| planned.clamped).count();
    if clamped > 0 {
        total.push_str(&format!("; moved to the edge of the log: {}", thousands(clamped)));
    }
    format!("{rows}{total}")
}

/// The column of spans, where any is known.
fn time_column(is_known: bool) -> Option<(&'static str, Side)> {
    is_known.then_some(("TIME", Side::Right))
}

fn by_partition(moves: &[OffsetMove]) -> String {
    let is_known = longest(moves.iter()).is_some();
    let mut columns = vec![
        ("TOPIC", Side::Left),
        ("PARTITION", Side::Right),
        ("OLD", Side::Right),
        ("NEW", Side::Right),
        ("DELTA", Side::Right),
    ];
    columns.extend(time_column(is_known));
    columns.extend([("LAG AFTER", Side::Right), ("", Side::Left)]);
    let row = |planned: &OffsetMove| {
        let edge = planned.clamped && planned.note.is_none();
        let note = edge.then_some("moved to the edge of the log").or(planned.note.as_deref());
        let mut cells = vec![
            planned.partition.topic.to_string(),
            planned.partition.partition.to_string(),
            planned
                .from
                .as_ref()
                .map_or_else(|| "none".to_owned(), |from| Thousands(from.offset).to_string()),
            Thousands(planned.to).to_string(),
            planned.delta().map_or_else(|| "new".to_owned(), signed),
        ];
        cells.extend(is_known.then(|| planned.span_ms.map_or_else(|| "-".to_owned(), span)));
        cells.extend([Thousands(planned.lag_after()).to_string(), note.unwrap_or_default().to_owned()]);
        cells
    };
    table::table(&columns, moves.iter().map(row))
}

fn by_topic(moves: &[OffsetMove]) -> String {
    let mut topics: BTreeMap<String, Vec<&OffsetMove>> = BTreeMap::new();
    for planned in moves {
        topics.entry(planned.partition.topic.to_string()).or_default().push(planned);
    }
    let is_known = topics.values().any(|moves| longest(moves.iter().copied()).is_some());
    let mut columns = vec![
        ("TOPIC", Side::Left),
        ("PARTITIONS", Side::Right),
        ("MOVING", Side::Right),
        ("SKIPPED", Side::Right),
        ("REPEATED", Side::Right),
    ];
    columns.extend(time_column(is_known));
    columns.push(("LAG AFTER", Side::Right));
    let row = |(topic, moves): (String, Vec<&OffsetMove>)| {
        let sum = |of: fn(&OffsetMove) -> i64| {
            Thousands(moves.iter().map(|planned| of(planned)).fold(0, i64::saturating_add)).to_string()
        };
        let mut cells = vec![
            topic,
            thousands(moves.len()).to_string(),
            thousands(moves.iter().filter(|planned| !planned.is_unchanged()).count()).to_string(),
            sum(|planned| planned.skips),
            sum(|planned| planned.repeats),
        ];
        let longest = longest(moves.iter().copied());
        cells.extend(is_known.then(|| longest.map_or_else(|| "-".to_owned(), span)));
        cells.push(sum(OffsetMove::lag_after));
        cells
    };
    table::table(&columns, topics.into_iter().map(row))
}

fn sum(moves: &[OffsetMove], of: impl Fn(&OffsetMove) -> i64) -> i64 {
    moves.iter().map(of).fold(0, i64::saturating_add)
}

/// The longest span that is known.
fn longest<'m>(moves: impl Iterator<Item = &'m OffsetMove>) -> Option<i64> {
    moves.filter_map(|planned| planned.span_ms).max()
}

/// The time between two records.
fn span(millis: i64) -> String {
    if millis < 1_000 { "<1s".to_owned() } else { about(millis) }
}

/// Why it is not told how much time lies between old and new.
pub fn span_unknown(why: &str, partitions: usize) -> String {
    let counted = counted(partitions, "partition", "partitions");
    format!("the time between old and new offsets is not known for {counted}: {why}\n")
}

fn signed(number: i64) -> String {
    if number > 0 { format!("+{}", Thousands(number)) } else { Thousands(number).to_string() }
}
