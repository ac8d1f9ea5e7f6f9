//! Groups in full, for people: who is in them, what each member reads, where they are.

use super::group_lag::{self, Asked, By};
use super::table::{Side, table};
use klerk_core::group::LagReport;
use klerk_core::values::{Known, TopicPartition};
use klerk_core::world::{GroupsView, Member};
use std::collections::BTreeMap;
use std::fmt::Write;

/// One block a group: its facts, its members, its partitions.
pub fn human(view: &GroupsView, lag: &LagReport) -> String {
    let mut text = String::new();
    for group in &lag.groups {
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = write!(text, "group {}", group.group);
        let Some(Known::Known(seen)) = view.groups.get(&group.group) else {
            let why = group.error.as_ref().map(ToString::to_string).or_else(|| group.reason.clone());
            let _ = writeln!(text, ": {}", why.unwrap_or_default());
            continue;
        };
        let _ =
            writeln!(text, ": type {}, {}, coordinator broker {}", seen.kind, seen.state, seen.coordinator);
        match &seen.members {
            Known::Known(members) if members.is_empty() => text.push_str("no members\n"),
            Known::Known(members) => {
                let _ = write!(text, "\n{}", member_table(members));
            }
            missing => {
                let _ = writeln!(text, "members: {}", missing.missing_reason().unwrap_or_default());
            }
        }
        let alone = LagReport { groups: vec![group.clone()], ..LagReport::default() };
        let _ = write!(text, "\n{}", group_lag::human(&alone, By::Partition, Asked::default(), None));
    }
    text.push_str(group_lag::left_out(lag));
    text
}

fn member_table(members: &[Member]) -> String {
    let columns = [
        ("MEMBER", Side::Left),
        ("INSTANCE", Side::Left),
        ("CLIENT", Side::Left),
        ("HOST", Side::Left),
        ("READS", Side::Left),
    ];
    let rows = members.iter().map(|member| {
        vec![
            member.id.clone(),
            member.instance_id.clone().unwrap_or_else(|| "-".to_owned()),
            member.client_id.clone(),
            member.host.clone(),
            reads(&member.assignment),
        ]
    });
    table(&columns, rows)
}

/// `orders:0-2,5 payments:1`
fn reads(partitions: &[TopicPartition]) -> String {
    let mut by_topic: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for at in partitions {
        by_topic.entry(&at.topic).or_default().push(at.partition);
    }
    if by_topic.is_empty() {
        return "nothing".to_owned();
    }
    let topic = |(topic, numbers): (&str, Vec<i32>)| format!("{topic}:{}", ranges(numbers));
    by_topic.into_iter().map(topic).collect::<Vec<_>>().join(" ")
}

fn ranges(mut numbers: Vec<i32>) -> String {
    numbers.sort_unstable();
    let mut runs: Vec<(i32, i32)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if number == *last + 1 => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let run = |(first, last): &(i32, i32)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    runs.iter().map(run).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_told_in_ranges() {
        let at = |topic: &str, number| TopicPartition::new(topic, number);
        assert_eq!(reads(&[at("b", 1), at("a", 2), at("a", 0), at("a", 1), at("a", 7)]), "a:0-2,7 b:1");
        assert_eq!(reads(&[]), "nothing");
    }
}
