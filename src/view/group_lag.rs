//! How far groups are behind, for people.

use super::counting::some_of;
use super::moves::about;
use super::table::{Side, table};
use klerk_core::group::{GroupLag, LagReport, LagRow, LagStatus, LagTotal, NO_COMMITS};
use klerk_core::values::{Thousands, first_few};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What a row of the table stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A group.
    Group,
    /// A topic of a group.
    Topic,
    /// A partition of a group.
    Partition,
    /// A member of a group.
    Member,
}

/// What was asked for besides the lag itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    /// How old the next record is.
    pub behind: bool,
    /// How much of its retention is left.
    pub headroom: bool,
}

impl Asked {
    /// The columns of a table with those for what was asked, which go after the lag.
    fn columns(self, columns: &[(&'static str, Side)]) -> Vec<(&'static str, Side)> {
        let mut all = Vec::new();
        for column in columns {
            all.push(*column);
            if *column == LAG {
                all.extend(self.behind.then_some(("BEHIND", Side::Right)));
                all.extend(self.headroom.then_some(("HEADROOM", Side::Right)));
            }
        }
        all
    }

    /// The cells from the lag on that every table has.
    fn cells(self, total: &LagTotal) -> Vec<String> {
        let behind = match (total.behind_ms, total.behind_at_least_ms) {
            // What was lost was older than what is left.
            (Some(behind), _) if total.status == LagStatus::Lost => at_least(behind),
            (Some(behind), _) => about(behind),
            (None, Some(least)) => at_least(least),
            (None, None) => dash(None::<String>),
        };
        let mut cells = vec![lag(total)];
        cells.extend(self.behind.then_some(behind));
        cells.extend(self.headroom.then(|| dash(total.headroom_ms.map(about))));
        cells.push(total.status.to_string());
        cells
    }
}

/// What headroom does not tell of topics whose size is limited, too.
pub fn sooner_by_size(topics: &[&String]) -> String {
    let named = some_of(topics.iter().copied(), EXPLAINED);
    format!("headroom is by retention.ms alone; retention.bytes may delete records sooner on {named}\n")
}

fn at_least(millis: i64) -> String {
    format!("≥ {}", about(millis))
}

/// Explanations beyond this many are only counted.
const EXPLAINED: usize = 10;

/// The table, what is unusual in it, and a summary of all groups.
pub fn human(report: &LagReport, by: By, asked: Asked, top: Option<usize>) -> String {
    let mut lines = match by {
        By::Group => groups(report, asked),
        By::Topic => topics(report, asked),
        By::Partition => partitions(report, asked),
        By::Member => members(report, asked),
    };
    let all = lines.rows.len();
    if let Some(top) = top {
        // What has no number may be more than all the others: it comes first.
        lines.rows.sort_by_key(|(lag, _)| (lag.unknown_first(), std::cmp::Reverse(lag.0.lag.unwrap_or(0))));
        lines.rows.truncate(top);
    }
    let mut text = String::new();
    if all > 0 {
        let hidden = all - lines.rows.len();
        text.push_str(&table(&lines.columns, lines.rows.into_iter().map(|(_, cells)| cells)));
        if hidden > 0 {
            let _ = writeln!(text, "… and {} more", counted(hidden, "row"));
        }
        text.push('\n');
    }
    explain(report, &mut text);
    text.push_str(&summary(report));
    text
}

/// A row's number for sorting.
struct Weight(LagTotal);

impl Weight {
    fn unknown_first(&self) -> bool {
        self.0.status != LagStatus::Unknown
    }
}

struct Lines {
    columns: Vec<(&'static str, Side)>,
    rows: Vec<(Weight, Vec<String>)>,
}

const GROUP: (&str, Side) = ("GROUP", Side::Left);
const TOPIC: (&str, Side) = ("TOPIC", Side::Left);
const LAG: (&str, Side) = ("LAG", Side::Right);
const STATUS: (&str, Side) = ("STATUS", Side::Left);

fn groups(report: &LagReport, asked: Asked) -> Lines {
    let columns = [GROUP, ("TYPE", Side::Left), ("STATE", Side::Left), ("MEMBERS", Side::Right), LAG, STATUS];
    let row = |group: &GroupLag| {
        let mut cells = vec![
            group.group.clone(),
            dash(group.kind.as_ref()),
            dash(group.state.as_ref()),
            dash(group.members),
        ];
        cells.extend(asked.cells(&group.total));
        (Weight(group.total), cells)
    };
    Lines { columns: asked.columns(&columns), rows: report.groups.iter().map(row).collect() }
}

fn topics(report: &LagReport, asked: Asked) -> Lines {
    let columns = [GROUP, TOPIC, ("PARTITIONS", Side::Right), LAG, STATUS];
    let mut rows = Vec::new();
    for group in &report.groups {
        let mut by_topic: BTreeMap<&str, Vec<&LagRow>> = BTreeMap::new();
        for row in &group.rows {
            by_topic.entry(&row.partition.topic).or_default().push(row);
        }
        for (topic, of_topic) in by_topic {
            let total = LagTotal::of(of_topic.iter().copied());
            let partitions = of_topic.len().to_string();
            let mut cells = vec![group.group.clone(), topic.to_owned(), partitions];
            cells.extend(asked.cells(&total));
            rows.push((Weight(total), cells));
        }
    }
    Lines { columns: asked.columns(&columns), rows }
}

fn partitions(report: &LagReport, asked: Asked) -> Lines {
    let columns = [
        GROUP,
        TOPIC,
        ("PARTITION", Side::Right),
        ("COMMITTED", Side::Right),
        ("START", Side::Right),
        ("END", Side::Right),
        LAG,
        STATUS,
        ("CLIENT", Side::Left),
        ("HOST", Side::Left),
    ];
    let rows = report.groups.iter().flat_map(|group| {
        group.rows.iter().map(|row| {
            let total = LagTotal::of([row]);
            let mut cells = vec![
                group.group.clone(),
                row.partition.topic.to_string(),
                row.partition.partition.to_string(),
                number(row.committed),
                number(row.start),
                number(row.end),
            ];
            cells.extend(asked.cells(&LagTotal { lag_at_least: None, ..total }));
            cells.extend([dash(row.client_id.as_ref()), dash(row.host.as_ref())]);
            (Weight(total), cells)
        })
    });
    Lines { columns: asked.columns(&columns), rows: rows.collect() }
}

fn members(report: &LagReport, asked: Asked) -> Lines {
    let columns = [
        GROUP,
        ("MEMBER", Side::Left),
        ("CLIENT", Side::Left),
        ("HOST", Side::Left),
        ("PARTITIONS", Side::Right),
        LAG,
        STATUS,
    ];
    let mut rows = Vec::new();
    for group in &report.groups {
        let mut by_member: BTreeMap<Option<&str>, Vec<&LagRow>> = BTreeMap::new();
        for row in &group.rows {
            by_member.entry(row.member.as_deref()).or_default().push(row);
        }
        for (member, of_member) in by_member {
            let total = LagTotal::of(of_member.iter().copied());
            let first = of_member.first();
            let mut cells = vec![
                group.group.clone(),
                dash(member),
                dash(first.and_then(|row| row.client_id.as_ref())),
                dash(first.and_then(|row| row.host.as_ref())),
                of_member.len().to_string(),
            ];
            cells.extend(asked.cells(&total));
            rows.push((Weight(total), cells));
        }
    }
    Lines { columns: asked.columns(&columns), rows }
}

/// Says what stands behind every status that is not simply a number of records.
fn explain(report: &LagReport, text: &mut String) {
    let mut reasons: BTreeMap<(std::cmp::Reverse<LagStatus>, String), Vec<String>> = BTreeMap::new();
    for group in &report.groups {
        let whole = match (&group.reason, &group.error) {
            (Some(reason), Some(error)) => Some(format!("{reason}: {error}")),
            (None, Some(error)) => Some(error.to_string()),
            (reason, None) => reason.clone(),
        };
        if let Some(why) = whole {
            let status = if group.error.is_some() { LagStatus::Unknown } else { group.total.status };
            let place = reasons.entry((std::cmp::Reverse(status), why)).or_default();
            place.push(group.group.clone());
        }
        for row in &group.rows {
            let Some(reason) = &row.reason else { continue };
            let place = format!("{} {}", group.group, row.partition);
            let detail = match (row.lost, row.ahead_by) {
                (Some(lost), _) => format!("{place} ({} gone)", Thousands(lost)),
                (_, Some(by)) => format!("{place} (by {})", Thousands(by)),
                _ => place,
            };
            reasons.entry((std::cmp::Reverse(row.status), reason.clone())).or_default().push(detail);
        }
    }
    let any = !reasons.is_empty();
    for ((status, reason), places) in reasons {
        let named = first_few(places.iter(), EXPLAINED).join(", ");
        let _ = writeln!(text, "{}: {reason}: {named}", status.0);
    }
    for (broker, failure) in &report.unlisted {
        let _ = writeln!(text, "unknown: broker {broker} did not list its groups: {failure}");
    }
    if any || !report.unlisted.is_empty() {
        text.push('\n');
    }
}

/// What is left out, of the numbers or of the list: it belongs to the answer.
pub(super) fn left_out(report: &LagReport) -> &str {
    report.left_out.as_deref().unwrap_or_default()
}

fn summary(report: &LagReport) -> String {
    let mut by_status: BTreeMap<std::cmp::Reverse<LagStatus>, usize> = BTreeMap::new();
    for group in &report.groups {
        *by_status.entry(std::cmp::Reverse(group.total.status)).or_default() += 1;
    }
    let statuses: Vec<String> =
        by_status.iter().map(|(status, count)| format!("{count} {}", status.0)).collect();
    let known: i64 =
        report.groups.iter().filter_map(|group| group.total.lag.or(group.total.lag_at_least)).sum();
    let least = if report.lacks_an_answer()
        || report.left_out.is_some()
        || report.groups.iter().any(|group| group.total.lag_at_least.is_some())
    {
        "at least "
    } else {
        ""
    };
    let partitions: BTreeSet<_> =
        report.groups.iter().flat_map(|group| &group.rows).map(|row| &row.partition).collect();
    let unread = |group: &GroupLag| group.total.lag.is_none() && group.total.lag_at_least.is_none();
    let behind = match !report.groups.is_empty() && report.groups.iter().all(unread) {
        true => NO_COMMITS.to_owned(),
        false => format!("{least}{} behind", counted_records(known)),
    };
    let mut text = format!(
        "{}{}; {}; {behind}\n",
        counted(report.groups.len(), "group"),
        if statuses.is_empty() { String::new() } else { format!(": {}", statuses.join(", ")) },
        counted(partitions.len(), "partition"),
    );
    text.push_str(left_out(report));
    if report.lacks_an_answer() {
        text.push_str("some answers are missing: the numbers above are not the whole\n");
    }
    text
}

fn lag(total: &LagTotal) -> String {
    match (total.lag, total.lag_at_least) {
        (Some(lag), _) => Thousands(lag).to_string(),
        (None, Some(least)) => format!("≥ {}", Thousands(least)),
        (None, None) => "-".to_owned(),
    }
}

fn number(value: Option<i64>) -> String {
    dash(value.map(Thousands))
}

fn dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn counted(number: usize, what: &str) -> String {
    let shown = Thousands(i64::try_from(number).unwrap_or(i64::MAX));
    if number == 1 { format!("{shown} {what}") } else { format!("{shown} {what}s") }
}

fn counted_records(number: i64) -> String {
    if number == 1 { "1 record".to_owned() } else { format!("{} records", Thousands(number)) }
}

#[cfg(test)]
mod tests {
    use super::super::lag_for_programs::{csv, prometheus};
    use super::*;
    use klerk_core::values::{Failure, Known, TopicPartition};
    use klerk_core::world::{GroupState, GroupType};

    fn row(partition: i32, committed: i64, end: i64, status: LagStatus) -> LagRow {
        let reads = (partition < 2).then(|| "reader".into());
        LagRow {
            partition: TopicPartition::new("orders", partition),
            committed: Some(committed),
            start: Some(0),
            end: Some(end),
            lag: Some((end - committed).max(0)),
            behind: Known::NotAsked,
            headroom: Known::NotAsked,
            status,
            reason: None,
            ahead_by: None,
            lost: None,
            error: None,
            member: reads.clone(),
            client_id: reads.clone(),
            host: reads.map(|_| "10.0.0.1".into()),
        }
    }

    fn report() -> LagReport {
        let mut ahead = row(1, 12, 10, LagStatus::Ahead);
        ahead.reason = Some("the commit lies above the log end".to_owned());
        ahead.ahead_by = Some(2);
        let mut unknown = row(2, 4, 0, LagStatus::Unknown);
        (unknown.end, unknown.start, unknown.lag) = (None, None, None);
        unknown.reason = Some("the log end could not be read: LEADER_NOT_AVAILABLE (5)".to_owned());
        unknown.error = Some(Failure::without_reply("LEADER_NOT_AVAILABLE", ""));
        let group = |name: &str, rows: Vec<LagRow>| GroupLag {
            group: name.to_owned(),
            kind: Some(GroupType::Consumer),
            state: Some(GroupState::Stable),
            members: Some(1),
            coordinator: Some(1),
            total: LagTotal::of(&rows),
            rows,
            reason: None,
            error: None,
        };
        let billing = group("billing", vec![row(0, 1_000, 2_234_567, LagStatus::Lagging), ahead]);
        let groups = vec![billing, group("broken \"one\"", vec![row(0, 7, 10, LagStatus::Lagging), unknown])];
        LagReport { groups, ..LagReport::default() }
    }

    #[test]
    fn by_group_with_what_is_unusual_and_a_summary_that_does_not_round_unknowns_away() {
        insta::assert_snapshot!(human(&report(), By::Group, Asked::default(), None), @r#"
        GROUP         TYPE      STATE   MEMBERS        LAG  STATUS
        billing       consumer  stable        1  2,233,567  ahead
        broken "one"  consumer  stable        1        ≥ 3  unknown

        unknown: the log end could not be read: LEADER_NOT_AVAILABLE (5): broken "one" orders-2
        ahead: the commit lies above the log end: billing orders-1 (by 2)

        2 groups: 1 unknown, 1 ahead; 3 partitions; at least 2,233,570 records behind
        some answers are missing: the numbers above are not the whole
        "#);
    }

    #[test]
    fn by_partition_by_topic_and_by_member() {
        insta::assert_snapshot!(human(&report(), By::Partition, Asked::default(), None), @r#"
        GROUP         TOPIC   PARTITION  COMMITTED  START        END        LAG  STATUS   CLIENT  HOST
        billing       orders          0      1,000      0  2,234,567  2,233,567  lagging  reader  10.0.0.1
        billing       orders          1         12      0         10          0  ahead    reader  10.0.0.1
        broken "one"  orders          0          7      0         10          3  lagging  reader  10.0.0.1
        broken "one"  orders          2          4      -          -          -  unknown  -       -

        unknown: the log end could not be read: LEADER_NOT_AVAILABLE (5): broken "one" orders-2
        ahead: the commit lies above the log end: billing orders-1 (by 2)

        2 groups: 1 unknown, 1 ahead; 3 partitions; at least 2,233,570 records behind
        some answers are missing: the numbers above are not the whole
        "#);
        insta::assert_snapshot!(human(&report(), By::Topic, Asked::default(), None), @r#"
        GROUP         TOPIC   PARTITIONS        LAG  STATUS
        billing       orders           2  2,233,567  ahead
        broken "one"  orders           2        ≥ 3  unknown

        unknown: the log end could not be read: LEADER_NOT_AVAILABLE (5): broken "one" orders-2
        ahead: the commit lies above the log end: billing orders-1 (by 2)

        2 groups: 1 unknown, 1 ahead; 3 partitions; at least 2,233,570 records behind
        some answers are missing: the numbers above are not the whole
        "#);
        insta::assert_snapshot!(human(&report(), By::Member, Asked::default(), Some(1)), @r#"
        GROUP         MEMBER  CLIENT  HOST  PARTITIONS  LAG  STATUS
        broken "one"  -       -       -              1  ≥ 0  unknown
        … and 2 rows more

        unknown: the log end could not be read: LEADER_NOT_AVAILABLE (5): broken "one" orders-2
        ahead: the commit lies above the log end: billing orders-1 (by 2)

        2 groups: 1 unknown, 1 ahead; 3 partitions; at least 2,233,570 records behind
        some answers are missing: the numbers above are not the whole
        "#);
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        insta::assert_snapshot!(human(&LagReport::default(), By::Group, Asked::default(), None), @"0 groups; 0 partitions; 0 records behind");
    }

    #[test]
    fn tables_for_programs_quote_what_they_must() {
        insta::assert_snapshot!(csv(&report()), @r#"
        group,topic,partition,committed,start,end,lag,status,ahead_by,lost,member,client_id,host,error,behind_ms,headroom_ms
        billing,orders,0,1000,0,2234567,2233567,lagging,,,reader,reader,10.0.0.1,,,
        billing,orders,1,12,0,10,0,ahead,2,,reader,reader,10.0.0.1,,,
        "broken ""one""",orders,0,7,0,10,3,lagging,,,reader,reader,10.0.0.1,,,
        "broken ""one""",orders,2,4,,,,unknown,,,,,,LEADER_NOT_AVAILABLE,,
        "#);
        insta::assert_snapshot!(prometheus(&report(), Asked::default()), @r#"
        # HELP klerk_group_lag Records left to read, all partitions.
        # TYPE klerk_group_lag gauge
        klerk_group_lag{group="billing"} 2233567
        # HELP klerk_group_members Members of the group.
        # TYPE klerk_group_members gauge
        klerk_group_members{group="billing"} 1
        klerk_group_members{group="broken \"one\""} 1
        # HELP klerk_group_answers_missing Whether an answer about the group is missing.
        # TYPE klerk_group_answers_missing gauge
        klerk_group_answers_missing{group="billing"} 0
        klerk_group_answers_missing{group="broken \"one\""} 1
        # HELP klerk_group_partition_lag Records left to read.
        # TYPE klerk_group_partition_lag gauge
        klerk_group_partition_lag{group="billing",topic="orders",partition="0"} 2233567
        klerk_group_partition_lag{group="billing",topic="orders",partition="1"} 0
        klerk_group_partition_lag{group="broken \"one\"",topic="orders",partition="0"} 3
        # HELP klerk_group_partition_committed The committed offset.
        # TYPE klerk_group_partition_committed gauge
        klerk_group_partition_committed{group="billing",topic="orders",partition="0"} 1000
        klerk_group_partition_committed{group="billing",topic="orders",partition="1"} 12
        klerk_group_partition_committed{group="broken \"one\"",topic="orders",partition="0"} 7
        klerk_group_partition_committed{group="broken \"one\"",topic="orders",partition="2"} 4
        # HELP klerk_group_partition_end The log end offset.
        # TYPE klerk_group_partition_end gauge
        klerk_group_partition_end{group="billing",topic="orders",partition="0"} 2234567
        klerk_group_partition_end{group="billing",topic="orders",partition="1"} 10
        klerk_group_partition_end{group="broken \"one\"",topic="orders",partition="0"} 10
        # HELP klerk_group_partition_lost Offsets gone unread below the log start.
        # TYPE klerk_group_partition_lost gauge
        "#);
    }
}
