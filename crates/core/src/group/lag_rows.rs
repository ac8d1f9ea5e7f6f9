use super::{LagInput, LagRow, LagStatus};
use crate::topology::TopicsOf;
use crate::values::{Failure, Known, TopicPartition};
use crate::world::{Committed, GroupState, GroupType, GroupView, LogRange, Member};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Who reads a partition.
#[derive(Clone)]
struct Reader {
    member: Arc<str>,
    client_id: Arc<str>,
    host: Arc<str>,
}

/// The rows of one group: a row for each partition with a commit, each assigned to a member, and each of the
/// contract's topics.
pub(super) fn rows(name: &str, view: &GroupView, input: LagInput<'_>) -> Vec<LagRow> {
    let none = BTreeMap::new();
    let committed = view.committed.known().unwrap_or(&none);
    let readers = readers(view);
    let read_topics = subscribed_topics(view);

    let mut extra: BTreeSet<TopicPartition> =
        readers.keys().filter(|at| !committed.contains_key(at)).map(|at| (*at).clone()).collect();
    let contract = input.contracts.and_then(|topology| topology.groups.get(name));
    if let Some(promised) = contract.and_then(|contract| contract.topics.as_ref()) {
        extra.extend(promised_partitions(promised, input).filter(|at| !committed.contains_key(at)));
    }

    let absent = Known::Absent;
    let mut rows: Vec<LagRow> = committed
        .iter()
        .chain(extra.iter().map(|at| (at, &absent)))
        .filter(|(at, _)| input.topics.is_none_or(|pattern| pattern.matches(&at.topic)))
        .map(|(at, commit)| {
            let mut row = row(at, commit, input);
            if let Some(reader) = readers.get(at) {
                row.member = Some(reader.member.clone());
                row.client_id = Some(reader.client_id.clone());
                row.host = Some(reader.host.clone());
            }
            let quiet = matches!(row.status, LagStatus::Ok | LagStatus::Lagging);
            if quiet && read_topics.as_ref().is_some_and(|topics| !topics.contains(&*at.topic)) {
                row.status = LagStatus::Unsubscribed;
                row.reason = Some("the group has members and none of them reads this topic".to_owned());
            }
            row
        })
        .collect();
    if !extra.is_empty() {
        rows.sort_by(|a, b| a.partition.cmp(&b.partition));
    }
    rows
}

fn readers(view: &GroupView) -> BTreeMap<&TopicPartition, Reader> {
    let mut readers = BTreeMap::new();
    for Member { id, client_id, host, assignment, .. } in view.members.known().into_iter().flatten() {
        let reader = Reader {
            member: Arc::from(id.as_str()),
            client_id: Arc::from(client_id.as_str()),
            host: Arc::from(host.as_str()),
        };
        for at in assignment {
            // While a KIP-848 group reconciles, a partition may be listed with its old and its new member.
            readers.entry(at).or_insert_with(|| reader.clone());
        }
    }
    readers
}

/// The topics that the members read; `None` where that cannot be told: no members, a rebalance under way, or a
/// protocol whose assignments are not partitions.
fn subscribed_topics(view: &GroupView) -> Option<BTreeSet<&str>> {
    let members = view.members.known()?;
    let decoded = view.kind == GroupType::Consumer || view.protocol_type == "consumer";
    if members.is_empty() || !decoded || view.state != GroupState::Stable {
        return None;
    }
    Some(members.iter().flat_map(|member| &member.assignment).map(|at| &*at.topic).collect())
}

fn promised_partitions<'a>(
    promised: &'a TopicsOf,
    input: LagInput<'a>,
) -> impl Iterator<Item = TopicPartition> + 'a {
    input
        .cluster
        .topics
        .iter()
        .filter(|(topic, _)| promised.covers(topic))
        .filter_map(|(topic, view)| view.known().map(|view| (Arc::<str>::from(topic.as_str()), view)))
        .flat_map(|(topic, view)| {
            view.partitions
                .iter()
                .map(move |partition| TopicPartition::new(topic.clone(), partition.partition))
        })
}

fn row(at: &TopicPartition, commit: &Known<Committed>, input: LagInput<'_>) -> LagRow {
    let mut row = LagRow {
        partition: at.clone(),
        committed: commit.known().map(|commit| commit.offset),
        start: None,
        end: None,
        lag: None,
        behind: Known::NotAsked,
        headroom: Known::NotAsked,
        status: LagStatus::Unknown,
        reason: None,
        ahead_by: None,
        lost: None,
        error: None,
        member: None,
        client_id: None,
        host: None,
    };
    if let Some(reason) = gone(at, input) {
        row.status = LagStatus::Deleted;
        row.reason = Some(reason);
        return row;
    }
    let (range, high_watermark) = match range(at, input) {
        Ok(range) => range,
        Err((reason, failure)) => {
            row.reason = Some(reason);
            row.error = Some(failure);
            return row;
        }
    };
    row.start = Some(range.start);
    row.end = Some(range.end);
    let offset = match commit {
        Known::Known(commit) => commit.offset,
        Known::Absent => {
            row.status = LagStatus::None;
            row.reason = Some("no commit".to_owned());
            return row;
        }
        missing => {
            row.reason = missing.missing_reason().map(|why| format!("the commit could not be read: {why}"));
            row.error = Some(failure_of(missing));
            return row;
        }
    };
    row.lag = Some((range.end - offset.max(range.start)).max(0));
    if offset < range.start {
        row.status = LagStatus::Lost;
        row.lost = Some(range.start - offset);
        row.reason = Some("the log begins after the commit: records are gone unread".to_owned());
    } else if offset > high_watermark {
        row.status = LagStatus::Ahead;
        row.ahead_by = Some(offset - high_watermark);
        row.reason = Some("the commit lies above the log end".to_owned());
    } else if range.end < high_watermark {
        row.status = LagStatus::OpenTransaction;
        row.reason = Some("a transaction is open: committed readers cannot pass it".to_owned());
    } else if row.lag == Some(0) {
        row.status = LagStatus::Ok;
    } else {
        row.status = LagStatus::Lagging;
    }
    row
}

/// Why the partition does not exist any more; `None` when it does, or when that is not known.
fn gone(at: &TopicPartition, input: LagInput<'_>) -> Option<String> {
    match input.cluster.topics.get(&*at.topic) {
        Some(Known::Absent) => Some("the topic does not exist any more".to_owned()),
        Some(Known::Known(view)) => {
            let count = view.partitions.len();
            let exists = usize::try_from(at.partition).is_ok_and(|number| number < count);
            (!exists).then(|| format!("the topic has only {count} partitions"))
        }
        _ => None,
    }
}

/// The range that lag is measured against, with the high watermark.
fn range(at: &TopicPartition, input: LagInput<'_>) -> Result<(LogRange, i64), (String, Failure)> {
    let missing = |why: Option<String>, failure: Failure| {
        let why = why.unwrap_or_else(|| failure.to_string());
        (format!("the log end could not be read: {why}"), failure)
    };
    if let Some(topic) = input.cluster.topics.get(&*at.topic)
        && topic.known().is_none()
    {
        return Err(missing(topic.missing_reason(), failure_of(topic)));
    }
    let range = match input.cluster.logs.get(at) {
        Some(Known::Known(range)) => *range,
        Some(other) => return Err(missing(other.missing_reason(), failure_of(other))),
        None => return Err(missing(None, failure_of(&Known::<()>::NotAsked))),
    };
    match input.stable_ends.map(|ends| ends.get(at)) {
        None => Ok((range, range.end)),
        Some(Some(Known::Known(stable))) => Ok((LogRange { end: *stable, ..range }, range.end)),
        Some(Some(other)) => Err(missing(other.missing_reason(), failure_of(other))),
        Some(None) => Err(missing(None, failure_of(&Known::<()>::NotAsked))),
    }
}

/// A missing answer as a failure, so that it always has a name.
fn failure_of<T>(missing: &Known<T>) -> Failure {
    match missing {
        Known::Denied(failure) | Known::Failed(failure) => failure.clone(),
        other => Failure::without_reply(
            "NO_ANSWER",
            other.missing_reason().unwrap_or_else(|| "no answer".to_owned()),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::small_world::{failure, world};
    use super::super::{LagReport, LagTotal, lag, log_partitions};
    use super::*;
    use crate::values::Pattern;
    use crate::world::{HiddenTopics, World};
    use proptest::prelude::*;

    fn input(world: &World) -> LagInput<'_> {
        LagInput {
            cluster: &world.cluster,
            groups: &world.groups,
            contracts: None,
            stable_ends: None,
            topics: None,
        }
    }

    fn show(report: &LagReport) -> String {
        let dash = |number: Option<i64>| number.map_or("-".to_owned(), |number| number.to_string());
        let mut lines = Vec::new();
        for group in &report.groups {
            let least =
                group.total.lag_at_least.map_or(String::new(), |least| format!(" (at least {least})"));
            lines.push(format!("{}: {}{least} {}", group.group, dash(group.total.lag), group.total.status));
            for row in &group.rows {
                lines.push(format!(
                    "  {} {} of {}..{} lag {} {}{}",
                    row.partition,
                    dash(row.committed),
                    dash(row.start),
                    dash(row.end),
                    dash(row.lag),
                    row.status,
                    row.host.as_ref().map_or(String::new(), |host| format!(" @{host}"))
                ));
            }
        }
        lines.join("\n")
    }

    #[test]
    fn every_status_that_one_look_tells() {
        let mut world = world()
            .topic("t", &[(0, 10), (0, 10), (5, 10), (0, 10), (0, 10), (0, 10)])
            .topic("quiet", &[(0, 4)])
            .group(
                "g",
                &[
                    ("gone", 0, 3),
                    ("quiet", 0, 1),
                    ("t", 0, 10),
                    ("t", 1, 4),
                    ("t", 2, 2),
                    ("t", 3, 12),
                    ("t", 9, 1),
                ],
            )
            .member("g", "m1", &[("t", 0), ("t", 1), ("t", 4)]);
        world.cluster.topics.insert("gone".to_owned(), Known::Absent);
        let report = lag(input(&world));
        insta::assert_snapshot!(show(&report), @r"
        g: 14 lost
          gone-0 3 of -..- lag - deleted
          quiet-0 1 of 0..4 lag 3 unsubscribed
          t-0 10 of 0..10 lag 0 ok @10.0.0.1
          t-1 4 of 0..10 lag 6 lagging @10.0.0.1
          t-2 2 of 5..10 lag 5 lost
          t-3 12 of 0..10 lag 0 ahead
          t-4 - of 0..10 lag - none @10.0.0.1
          t-9 1 of -..- lag - deleted
        ");
        let row = |index: usize| &report.groups[0].rows[index];
        assert_eq!(row(4).lost, Some(3));
        assert_eq!(row(5).ahead_by, Some(2));
        assert!(!report.lacks_an_answer());
    }

    #[test]
    fn a_missing_answer_is_an_error_with_a_name_and_never_a_zero() {
        let world = world()
            .topic("t", &[(0, 10), (0, 10), (0, 10)])
            .group("g", &[("t", 0, 7), ("t", 1, 7), ("t", 2, 7)])
            .without_leader("t", 1);
        let report = lag(input(&world));
        insta::assert_snapshot!(show(&report), @r"
        g: - (at least 6) unknown
          t-0 7 of 0..10 lag 3 lagging
          t-1 7 of -..- lag - unknown
          t-2 7 of 0..10 lag 3 lagging
        ");
        assert!(report.lacks_an_answer());
        assert_eq!(report.groups[0].rows[1].error.as_ref().unwrap().name, "NO_ANSWER");

        let world = world.change_group("g", |view| view.committed = Known::Failed(failure(14, "LOADING")));
        let report = lag(input(&world));
        insta::assert_snapshot!(show(&report), @"g: - (at least 0) unknown");
        assert!(report.lacks_an_answer());
    }

    #[test]
    fn a_group_of_which_no_commit_is_seen_is_not_one_without_commits() {
        let connect = |view: &mut GroupView| view.protocol_type = "connect".to_owned();
        let share = |view: &mut GroupView| view.kind = GroupType::Share;
        let world = world().topic("t", &[(0, 10)]).group("bare", &[]).group("seen", &[("t", 0, 4)]);
        let world = world.group("connect", &[]).change_group("connect", connect);
        let world = world.group("share", &[]).change_group("share", share);
        let beside = |hidden| lag(input(&world)).beside(&HiddenTopics(hidden), &world.groups);
        let nothing = beside(Known::Known(BTreeSet::new()));
        assert!(!nothing.lacks_an_answer() && nothing.visible_only == Some(false));
        let one = beside(Known::Known(BTreeSet::from(["secret".to_owned()])));
        insta::assert_snapshot!(show(&one), @r"
        bare: - (at least 0) unknown
        connect: - none
        seen: 6 lagging
          t-0 4 of 0..10 lag 6 lagging
        share: - none
        ");
        insta::assert_snapshot!(one.groups[0].reason.as_deref().unwrap_or_default(), @"no commits that may be seen: 1 topic may not be described and is left out: secret");
        assert!(one.lacks_an_answer() && one.visible_only == Some(true));
        let denied = beside(Known::Denied(failure(31, "DENIED")));
        assert!(denied.groups[0].lacks_an_answer() && denied.visible_only == Some(true));
        let silent = beside(Known::Unavailable("not offered".to_owned()));
        assert!(!silent.lacks_an_answer() && silent.visible_only.is_none());
    }

    #[test]
    fn a_group_that_commits_nothing_lacks_no_answer() {
        let share = |view: &mut GroupView| {
            view.kind = GroupType::Share;
            view.committed = Known::Unavailable("it commits nothing".to_owned());
        };
        let world = world().topic("t", &[(0, 10)]).group("s", &[]).change_group("s", share);
        let report = lag(input(&world));
        insta::assert_snapshot!(show(&report), @"s: - none");
        assert_eq!(report.groups[0].reason.as_deref(), Some("it commits nothing"));
        assert!(!report.lacks_an_answer());
        // It is another matter where its members were not told.
        let world = world.change_group("s", |view| view.members = Known::Failed(failure(15, "GONE")));
        assert!(lag(input(&world)).lacks_an_answer());
    }

    /// OffsetFetch leaves out commits on topics that may not be described, in silence.
    #[test]
    fn topics_of_a_contract_that_may_not_be_described_are_never_a_zero() {
        let mut world = world().topic("t", &[(0, 10)]).group("g", &[("t", 0, 7)]).group("bare", &[]);
        world.cluster.topics.insert("hidden".to_owned(), Known::Denied(failure(29, "DENIED")));
        let contracts = crate::testing::topology([]).with_group("g", &["t", "hidden"]);
        let report = lag(LagInput { contracts: Some(&contracts), ..input(&world) });
        let told = |index: usize| report.groups[index].reason.as_deref();
        assert_eq!((report.groups[0].group.as_str(), told(0)), ("bare", Some("no commits that may be seen")));
        assert_eq!(told(1), Some("topics of its contract may not be described: hidden"));
        let total = report.groups[1].total;
        assert_eq!((total.lag, total.lag_at_least, total.status), (None, Some(3), LagStatus::Unknown));
        assert!(report.lacks_an_answer());
    }

    #[test]
    fn groups_are_kept_apart_and_none_is_not_counted() {
        let world = world()
            .topic("t", &[(0, 10), (0, 20)])
            .group("a", &[("t", 0, 1)])
            .group("b", &[("t", 1, 1)])
            .member("b", "m", &[("t", 0), ("t", 1)])
            .group("c", &[]);
        insta::assert_snapshot!(show(&lag(input(&world))), @r"
        a: 9 lagging
          t-0 1 of 0..10 lag 9 lagging
        b: 19 lagging
          t-0 - of 0..10 lag - none @10.0.0.1
          t-1 1 of 0..20 lag 19 lagging @10.0.0.1
        c: - none
        ");
    }

    #[test]
    fn a_topic_filter_narrows_rows_and_totals() {
        let world =
            world().topic("a", &[(0, 10)]).topic("b", &[(0, 20)]).group("g", &[("a", 0, 1), ("b", 0, 1)]);
        let pattern = Pattern::new("a*");
        let input = LagInput { topics: Some(&pattern), ..input(&world) };
        insta::assert_snapshot!(show(&lag(input)), @r"
        g: 9 lagging
          a-0 1 of 0..10 lag 9 lagging
        ");
        let needed = log_partitions(&world.groups, &world.cluster.topics, None, Some(&pattern));
        assert_eq!(needed.keys().map(|topic| &**topic).collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn an_open_transaction_is_told_from_mere_lag() {
        let world = world().topic("t", &[(0, 10), (0, 10)]).group("g", &[("t", 0, 6), ("t", 1, 10)]);
        let stable = BTreeMap::from([
            (TopicPartition::new("t", 0), Known::Known(6)),
            (TopicPartition::new("t", 1), Known::Known(10)),
        ]);
        let input = LagInput { stable_ends: Some(&stable), ..input(&world) };
        insta::assert_snapshot!(show(&lag(input)), @r"
        g: 0 open-transaction
          t-0 6 of 0..6 lag 0 open-transaction
          t-1 10 of 0..10 lag 0 ok
        ");
    }

    #[test]
    fn a_rebalance_unsubscribes_nobody() {
        let world = world()
            .topic("t", &[(0, 10)])
            .topic("u", &[(0, 10)])
            .group("g", &[("u", 0, 3)])
            .member("g", "m", &[("t", 0)])
            .change_group("g", |view| view.state = GroupState::PreparingRebalance);
        assert_eq!(lag(input(&world)).groups[0].rows[1].status, LagStatus::Lagging);
    }

    proptest! {
        #[test]
        fn totals_are_the_sums_of_rows(commits in prop::collection::vec((0..4i32, 0..30i64), 0..6), hole: bool) {
            let commits: BTreeMap<i32, i64> = commits.into_iter().collect();
            let list: Vec<(&str, i32, i64)> = commits.iter().map(|(at, offset)| ("t", *at, *offset)).collect();
            let mut world = world().topic("t", &[(0, 20), (5, 20), (10, 10), (0, 0)]).group("g", &list);
            if hole {
                world = world.without_leader("t", 0);
            }
            let report = lag(input(&world));
            let group = &report.groups[0];
            prop_assert_eq!(group.rows.len(), commits.len());
            for row in &group.rows {
                prop_assert!(row.lag.is_none_or(|lag| lag >= 0));
                prop_assert_eq!(row.lag.is_none(), row.status == LagStatus::Unknown);
            }
            let known: i64 = group.rows.iter().filter_map(|row| row.lag).sum();
            let unknown = hole && commits.contains_key(&0);
            prop_assert_eq!(group.total.lag_at_least, unknown.then_some(known));
            prop_assert_eq!(group.total.lag, (!unknown && !commits.is_empty()).then_some(known));
            prop_assert_eq!(group.total, LagTotal::of(&group.rows));
        }
    }
}
