//! The groups that there are, for people.

use super::table::{Side, table};
use klerk_core::values::Known;
use klerk_core::world::GroupsView;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The table, a summary by state, and what is left out of both.
pub fn human(view: &GroupsView, left_out: Option<&str>) -> String {
    let columns = [
        ("GROUP", Side::Left),
        ("TYPE", Side::Left),
        ("STATE", Side::Left),
        ("MEMBERS", Side::Right),
        ("COORDINATOR", Side::Right),
    ];
    let mut rows = Vec::new();
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    let mut notes = String::new();
    for (name, group) in &view.groups {
        match group {
            Known::Absent | Known::NotAsked => {}
            Known::Known(group) => {
                *states.entry(group.state.to_string()).or_default() += 1;
                let members =
                    group.members.known().map_or_else(|| "-".to_owned(), |one| one.len().to_string());
                if let Some(why) = group.members.missing_reason().filter(|_| group.members != Known::NotAsked)
                {
                    let _ = writeln!(notes, "{name}: {why}");
                }
                rows.push(vec![
                    name.clone(),
                    group.kind.to_string(),
                    group.state.to_string(),
                    members,
                    group.coordinator.to_string(),
                ]);
            }
            missing => {
                *states.entry("unknown".to_owned()).or_default() += 1;
                let _ = writeln!(notes, "{name}: {}", missing.missing_reason().unwrap_or_default());
                let dash = || "-".to_owned();
                rows.push(vec![name.clone(), dash(), "unknown".to_owned(), dash(), dash()]);
            }
        }
    }
    for (broker, failure) in &view.unlisted {
        let _ = writeln!(notes, "broker {broker} did not list its groups: {failure}");
    }
    let count = rows.len();
    let mut text = String::new();
    if count > 0 {
        text.push_str(&table(&columns, rows));
        text.push('\n');
    }
    if !notes.is_empty() {
        text.push_str(&notes);
        text.push('\n');
    }
    let states: Vec<String> = states.iter().map(|(state, count)| format!("{count} {state}")).collect();
    let noun = if count == 1 { "group" } else { "groups" };
    let states = if states.is_empty() { String::new() } else { format!(": {}", states.join(", ")) };
    let least = if view.unlisted.is_empty() && left_out.is_none() { "" } else { "at least " };
    let _ = writeln!(text, "{least}{count} {noun}{states}");
    text.push_str(left_out.unwrap_or_default());
    text
}
