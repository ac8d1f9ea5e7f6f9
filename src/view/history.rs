//! What was changed, by its records, for people.

use super::counting::counted;
use super::table::{Side, table};
use crate::store::{History, Recorded};
use std::fmt::Write;

/// The table, what could not be read, and how many there are. With all clusters each row says which.
pub fn human(cluster_id: Option<&str>, history: &History) -> String {
    let mut columns = vec![
        ("RECORD", Side::Left),
        ("WHEN", Side::Left),
        ("WHO", Side::Left),
        ("COMMAND", Side::Left),
        ("ENVIRONMENT", Side::Left),
        ("OUTCOME", Side::Left),
        ("STEPS", Side::Left),
    ];
    if cluster_id.is_none() {
        columns.insert(0, ("CLUSTER", Side::Left));
    }
    let rows = history.records.iter().map(|record| {
        let mut row = row(record);
        if cluster_id.is_none() {
            row.insert(0, record.plan.cluster_id.clone());
        }
        row
    });
    let mut text = String::new();
    if !history.records.is_empty() {
        text.push_str(&table(&columns, rows));
        text.push('\n');
    }
    for path in &history.not_begun {
        let _ = writeln!(text, "ended before anything was sent: {}", path.display());
    }
    for error in &history.unreadable {
        let _ = writeln!(text, "cannot be listed: {error}");
    }
    let of = cluster_id.map_or_else(|| "all clusters".to_owned(), |id| format!("cluster {id}"));
    let shown = match history.records.len() {
        all if all == history.total => String::new(),
        some => format!(", {some} listed"),
    };
    let _ = writeln!(text, "{} of {of}{shown}", counted(history.total, "record", "records"));
    text
}

fn row(record: &Recorded) -> Vec<String> {
    let dash = |text: Option<&String>| text.cloned().unwrap_or_else(|| "-".to_owned());
    vec![
        record.id.clone(),
        record.at.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
        dash(record.user.as_ref()),
        record.plan.command.clone(),
        dash(record.plan.environment.as_ref()),
        record.footer.as_ref().map_or("ended early", |footer| footer.outcome.as_str()).to_owned(),
        steps(record),
    ]
}

/// `3 changed, 1 unknown`, without what there is none of.
fn steps(record: &Recorded) -> String {
    let fates = record.fates();
    let counts = [(fates.changed, "changed"), (fates.perhaps, "unknown"), (fates.unchanged, "not changed")];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if counts.is_empty() { "none".to_owned() } else { counts.join(", ") }
}
