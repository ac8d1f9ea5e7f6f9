//! How far groups are behind, for other programs: CSV and the text format of Prometheus.

use super::group_lag::Asked;
use klerk_core::group::{GroupLag, LagReport, LagRow, LagStatus};
use std::fmt::Write;

/// One line for each partition of each group.
pub fn csv(report: &LagReport) -> String {
    let mut text = String::from(
        "group,topic,partition,committed,start,end,lag,status,ahead_by,lost,member,client_id,host,error,behind_ms,headroom_ms\n",
    );
    for group in &report.groups {
        // What is missing of the group as a whole has no partition to stand at.
        let is_told = group.rows.iter().any(|row| row.status == LagStatus::Unknown);
        if group.total.status == LagStatus::Unknown && !is_told {
            let why = group.error.as_ref().map(ToString::to_string).or_else(|| group.reason.clone());
            let why = quoted(&why.unwrap_or_default());
            let _ = writeln!(text, "{},,,,,,,{},,,,,,{why},,", quoted(&group.group), group.total.status);
        }
        for row in &group.rows {
            let number = |value: Option<i64>| value.map_or_else(String::new, |value| value.to_string());
            let cells = [
                group.group.clone(),
                row.partition.topic.to_string(),
                row.partition.partition.to_string(),
                number(row.committed),
                number(row.start),
                number(row.end),
                number(row.lag),
                row.status.to_string(),
                number(row.ahead_by),
                number(row.lost),
                row.member.as_deref().unwrap_or_default().to_owned(),
                row.client_id.as_deref().unwrap_or_default().to_owned(),
                row.host.as_deref().unwrap_or_default().to_owned(),
                row.error.as_ref().map(ToString::to_string).unwrap_or_default(),
                number(row.behind.known().copied()),
                number(row.headroom.known().copied()),
            ];
            let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
            text.push_str(&cells.join(","));
            text.push('\n');
        }
    }
    text
}

/// A CSV field (RFC 4180).
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// The text format of Prometheus, version 0.0.4. What is not known is left out, and counted by its own gauge.
pub fn prometheus(report: &LagReport, asked: Asked) -> String {
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, samples: Vec<(String, i64)>| {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in samples {
            // Prometheus counts time in seconds.
            let _ = match name.ends_with("_seconds") {
                _ if labels.is_empty() => writeln!(text, "{name} {value}"),
                true => writeln!(text, "{name}{{{labels}}} {}.{:03}", value / 1_000, value % 1_000),
                false => writeln!(text, "{name}{{{labels}}} {value}"),
            };
        }
    };
    let per_group = |value: fn(&GroupLag) -> Option<i64>| -> Vec<(String, i64)> {
        report.groups.iter().filter_map(|group| Some((label("group", &group.group), value(group)?))).collect()
    };
    let per_row = |value: fn(&LagRow) -> Option<i64>| -> Vec<(String, i64)> {
        report
            .groups
            .iter()
            .flat_map(|group| group.rows.iter().map(move |row| (group, row)))
            .filter_map(|(group, row)| {
                let labels = format!(
                    "{},{},{}",
                    label("group", &group.group),
                    label("topic", &row.partition.topic),
                    label("partition", &row.partition.partition.to_string())
                );
                Some((labels, value(row)?))
            })
            .collect()
    };
    gauge("klerk_group_lag", "Records left to read, all partitions.", per_group(|group| group.total.lag));
    gauge(
        "klerk_group_members",
        "Members of the group.",
        per_group(|group| group.members.and_then(|count| i64::try_from(count).ok())),
    );
    gauge(
        "klerk_group_answers_missing",
        "Whether an answer about the group is missing.",
        per_group(|group| Some(i64::from(group.lacks_an_answer()))),
    );
    if let Some(only) = report.visible_only {
        let help = "Whether groups, or commits of them, may be left out because they may not be seen.";
        gauge("klerk_lag_visible_only", help, vec![(String::new(), i64::from(only))]);
    }
    gauge("klerk_group_partition_lag", "Records left to read.", per_row(|row| row.lag));
    gauge("klerk_group_partition_committed", "The committed offset.", per_row(|row| row.committed));
    gauge("klerk_group_partition_end", "The log end offset.", per_row(|row| row.end));
    gauge("klerk_group_partition_lost", "Offsets gone unread below the log start.", per_row(|row| row.lost));
    if asked.behind {
        let help = "Age of the oldest record that is next to be read, all partitions.";
        gauge("klerk_group_behind_seconds", help, per_group(|group| group.total.behind_ms));
        let help = "Age of the record that is next to be read.";
        gauge("klerk_group_partition_behind_seconds", help, per_row(|row| row.behind.known().copied()));
    }
    if asked.headroom {
        let help = "Time until retention.ms overtakes a record that is next to be read, all partitions.";
        gauge("klerk_group_headroom_seconds", help, per_group(|group| group.total.headroom_ms));
        let help = "Time until retention.ms overtakes the record that is next to be read.";
        gauge("klerk_group_partition_headroom_seconds", help, per_row(|row| row.headroom.known().copied()));
    }
    text
}

fn label(name: &str, value: &str) -> String {
    format!("{name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
