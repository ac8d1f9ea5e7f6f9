//! Records that go, partition by partition, as a table.

use super::counting::{counted, thousands};
use super::loss::time;
use super::table::{self, Side};
use klerk_core::plan::{RecordsChange, Truncation};
use klerk_core::values::Thousands;

/// Beyond this many partitions there is only what it comes to.
const DETAILED: usize = 100;

/// A row for each partition unless there are many; then what it comes to.
pub(super) fn listed(change: &RecordsChange) -> String {
    let RecordsChange::Delete { partitions, before_ms, id, .. } = change;
    let rows = if partitions.len() <= DETAILED { by_partition(partitions) } else { String::new() };
    let losing = change.losing().count();
    let gone = partitions.iter().map(Truncation::goes).fold(0, i64::saturating_add);
    let mut total = format!(
        "{}, {} of them losing records; records that go: {}",
        counted(partitions.len(), "partition", "partitions"),
        thousands(losing),
        Thousands(gone)
    );
    if let Some(before) = before_ms {
        total.push_str(&format!(", older than {}", time(*before)));
    }
    if let Some(id) = id {
        total.push_str(&format!("; topic id {id}"));
    }
    format!("{rows}{total}")
}

fn by_partition(partitions: &[Truncation]) -> String {
    let columns = [
        ("PARTITION", Side::Right),
        ("START", Side::Right),
        ("NEW START", Side::Right),
        ("END", Side::Right),
        ("GO", Side::Right),
        ("", Side::Left),
    ];
    let row = |one: &Truncation| {
        vec![
            one.partition.to_string(),
            Thousands(one.from).to_string(),
            Thousands(one.to).to_string(),
            Thousands(one.end).to_string(),
            Thousands(one.goes()).to_string(),
            one.note.clone().unwrap_or_default(),
        ]
    };
    table::table(&columns, partitions.iter().map(row))
}
