//! Committed offsets that move, as a table.

use super::counting::{counted, thousands};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use klerk_core::plan::OffsetMove;
use klerk_core::values::Thousands;
use std::collections::BTreeMap;

/// Beyond this many partitions there is a row a topic instead.
const DETAILED: usize = 100;

/// A row for each partition, or for each topic when there are many; then what it comes to.
pub(super) fn table(moves: &[OffsetMove]) -> String {
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
    let clamped = moves.iter().filter(|planned| planned.clamped).count();
    if clamped > 0 {
        total.push_str(&format!("; moved to the edge of the log: {}", thousands(clamped)));
    }
    format!("{rows}\n{total}")
}

fn by_partition(moves: &[OffsetMove]) -> String {
    let mut table = new_table(&["topic", "partition", "old", "new", "delta", "lag after", ""], 5);
    for planned in moves {
        let mut notes: Vec<&str> = Vec::new();
        if planned.clamped && planned.note.is_none() {
            notes.push("moved to the edge of the log");
        }
        notes.extend(planned.note.as_deref());
        table.add_row(vec![
            planned.partition.topic.to_string(),
            planned.partition.partition.to_string(),
            planned
                .from
                .as_ref()
                .map_or_else(|| "none".to_owned(), |from| Thousands(from.offset).to_string()),
            Thousands(planned.to).to_string(),
            planned.delta().map_or_else(|| "new".to_owned(), signed),
            Thousands(planned.lag_after()).to_string(),
            notes.join("; "),
        ]);
    }
    trimmed(&table)
}

fn by_topic(moves: &[OffsetMove]) -> String {
    let mut topics: BTreeMap<String, Vec<&OffsetMove>> = BTreeMap::new();
    for planned in moves {
        topics.entry(planned.partition.topic.to_string()).or_default().push(planned);
    }
    let mut table = new_table(&["topic", "partitions", "moving", "skipped", "repeated", "lag after"], 5);
    for (topic, moves) in &topics {
        let sum = |of: fn(&OffsetMove) -> i64| {
            Thousands(moves.iter().map(|planned| of(planned)).fold(0, i64::saturating_add)).to_string()
        };
        table.add_row(vec![
            topic.clone(),
            thousands(moves.len()).to_string(),
            thousands(moves.iter().filter(|planned| !planned.is_unchanged()).count()).to_string(),
            sum(|planned| planned.skips),
            sum(|planned| planned.repeats),
            sum(OffsetMove::lag_after),
        ]);
    }
    trimmed(&table)
}

fn sum(moves: &[OffsetMove], of: impl Fn(&OffsetMove) -> i64) -> i64 {
    moves.iter().map(of).fold(0, i64::saturating_add)
}

fn signed(number: i64) -> String {
    if number > 0 { format!("+{}", Thousands(number)) } else { Thousands(number).to_string() }
}

/// A table without lines, the columns after the first aligned to the right up to `numbers`.
fn new_table(header: &[&str], numbers: usize) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if (1..=numbers).contains(&at) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn trimmed(table: &Table) -> String {
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}
