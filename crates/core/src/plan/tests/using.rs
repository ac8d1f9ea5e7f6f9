//! Who is touched by more partitions, a deletion, and another limit of replicas in sync.

use crate::plan::{
    Answer, Answers, DiffOptions, Estimate, Plan, Question, Reader, SeenReader, TopicUse, Writers, diff,
};
use crate::testing::{failure, plan_text, plan_with, topic, topology, wish, world};
use crate::topology::Topology;
use crate::values::{Known, TopicPartition};
use crate::world::{Committed, GroupState, GroupType, GroupView, GroupsView, Member, World};
use insta::assert_snapshot;
use std::collections::BTreeMap;

fn group(state: GroupState, commits: &[(&str, i32)], members: &[&[(&str, i32)]]) -> GroupView {
    let at = |(topic, number): &(&str, i32)| TopicPartition::new(*topic, *number);
    let member = |(index, assigned): (usize, &&[(&str, i32)])| Member {
        id: format!("member-{index}"),
        instance_id: None,
        client_id: "client".to_owned(),
        host: "127.0.0.1".to_owned(),
        assignment: assigned.iter().map(at).collect(),
    };
    let commit = Committed { offset: 5, leader_epoch: None, metadata: String::new() };
    GroupView {
        kind: GroupType::Classic,
        state,
        protocol_type: "consumer".to_owned(),
        coordinator: 1,
        members: Known::Known(members.iter().enumerate().map(member).collect()),
        committed: Known::Known(commits.iter().map(|one| (at(one), Known::Known(commit.clone()))).collect()),
    }
}

fn groups<const N: usize>(groups: [(&str, GroupView); N]) -> GroupsView {
    let groups = groups.into_iter().map(|(name, view)| (name.to_owned(), Known::Known(view)));
    GroupsView { groups: groups.collect(), ..GroupsView::default() }
}

fn used_by(seen: &GroupsView) -> TopicUse {
    TopicUse::of_groups(["a"], seen).remove("a").expect("it was asked for")
}

/// The plan when servers tell this of the use of a topic.
fn planned(want: &Topology, have: &World, told: Answer) -> Plan {
    plan_with(want, have, |answers: &mut Answers| {
        for (question, answer) in answers.iter_mut() {
            if matches!(question, Question::Usage { .. }) {
                *answer = told.clone();
            }
        }
    })
}

fn grown(have: World, told: TopicUse) -> Plan {
    planned(&topology([wish("a").partitions(4)]), &have, Answer::Usage(told))
}

#[test]
fn a_reader_has_commits_or_members_on_the_topic() {
    let seen = used_by(&groups([
        ("late", group(GroupState::Empty, &[("a", 0)], &[])),
        ("new", group(GroupState::Stable, &[], &[&[("a", 0), ("a", 1)], &[("a", 2)], &[("b", 0)]])),
        ("gone-elsewhere", group(GroupState::Stable, &[("a", 0)], &[&[("b", 0)]])),
        ("other", group(GroupState::Stable, &[("b", 0)], &[&[("b", 0)]])),
    ]));
    let members: Vec<(&str, Option<usize>)> =
        seen.readers.known().expect("known").iter().map(|(name, one)| (name.as_str(), one.members)).collect();
    assert_eq!(members, [("gone-elsewhere", Some(0)), ("late", Some(0)), ("new", Some(2))]);
    assert!(seen.untold.is_empty());
}

#[test]
fn what_groups_do_not_tell_is_named_and_no_reader_is_made_up() {
    let denied = || failure(30, "GROUP_AUTHORIZATION_FAILED", "");
    let half = GroupView { members: Known::Denied(denied()), ..group(GroupState::Stable, &[("a", 0)], &[]) };
    let mut seen = groups([("half", half)]);
    seen.groups.insert("secret".to_owned(), Known::Denied(denied()));
    seen.groups.insert("absent".to_owned(), Known::Absent);
    seen.unlisted.insert(3, failure(15, "COORDINATOR_NOT_AVAILABLE", ""));
    let used = used_by(&seen);
    assert_eq!(used.readers.known().expect("known")["half"].members, None);
    let untold: Vec<&str> = used.untold.keys().map(String::as_str).collect();
    assert_eq!(untold, ["half", "secret", "those of broker 3"]);
    let plan = grown(world(3).with("a", topic(2, 3)), used);
    let usage = plan.steps[0].impact.usage.as_ref().expect("usage");
    let Estimate::About { how, .. } = &usage.readers else { panic!("{usage:?}") };
    assert!(how.ends_with(
        "readers may be missing: 3 could not be looked at, such as half: its members: GROUP_AUTHORIZATION_FAILED (30)"
    ), "{how}");

    // Nobody is seen, and somebody may be there.
    seen.groups.remove("half");
    let plan = grown(world(3).with("a", topic(2, 3)), used_by(&seen));
    let usage = plan.steps[0].impact.usage.as_ref().expect("usage");
    let Estimate::NotAvailable(why) = &usage.readers else { panic!("{usage:?}") };
    assert_eq!(
        why,
        "none is seen, and 2 could not be looked at, such as secret: GROUP_AUTHORIZATION_FAILED (30)"
    );
}

#[test]
fn more_partitions_tell_of_keys_compaction_and_streams() {
    let seen = groups([
        ("app", group(GroupState::Empty, &[("a", 0)], &[])),
        ("app-two", group(GroupState::Stable, &[("a", 0)], &[&[("a", 0)]])),
        ("plain", group(GroupState::Stable, &[("a", 0)], &[&[("a", 1)]])),
    ]);
    let mut have = world(3)
        .with("a", topic(2, 3).set("cleanup.policy", "compact,delete"))
        .with("app-two-counts-changelog", topic(2, 3))
        .with("app-by-key-repartition", topic(2, 3))
        .with("plain-changelogs", topic(2, 3));
    have.groups = seen.clone();
    let plan = grown(have, used_by(&seen));
    assert_snapshot!(plan_text(&plan), @r#"
    1 add-partitions a 2 -> 4
        risk moves-keys
        the topic is compacted: the last value of a key that moves stays in its old partition, beside the new one, and no compaction ever removes it
        the topic holds up to 20 records, by its offsets
        app looks like a Kafka Streams application, by its topic app-by-key-repartition: it stops when the number of partitions is not that of its internal topics, until it is reset
        app-two looks like a Kafka Streams application, by its topic app-two-counts-changelog: it stops when the number of partitions is not that of its internal topics, until it is reset
    ? topic a topic/min-isr-missing: 'a' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    ? topic a topic/unlisted-configs: 1 config set on the topic and not named by the file, left alone: cleanup.policy=compact,delete
    unmanaged topics {"app-by-key-repartition", "app-two-counts-changelog", "plain-changelogs"}
    unmanaged groups {"app", "app-two", "plain"}
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    "#);
    let usage = plan.steps[0].impact.usage.as_ref().expect("usage");
    assert!(usage.writers.is_none(), "nobody asked who writes");
    let readers = usage.readers.value().expect("readers");
    let streams: Vec<Option<&str>> = readers.values().map(|reader| reader.streams.as_deref()).collect();
    assert_eq!(streams, [Some("app-by-key-repartition"), Some("app-two-counts-changelog"), None]);
}

#[test]
fn a_topic_that_streams_made_for_itself_is_told_of() {
    let seen = groups([("app", group(GroupState::Stable, &[], &[]))]);
    let mut have = world(3).with("app-counts-changelog", topic(2, 3));
    have.groups = seen;
    let want = topology([wish("app-counts-changelog").partitions(4)]);
    let none = TopicUse {
        readers: Known::Known(BTreeMap::new()),
        untold: BTreeMap::new(),
        writers: Known::NotAsked,
    };
    assert_snapshot!(plan_text(&planned(&want, &have, Answer::Usage(none))), @r#"
    1 add-partitions app-counts-changelog 2 -> 4
        risk moves-keys
        the topic holds up to 20 records, by its offsets
        the topic looks like one that Kafka Streams has made for app, which stops when its number of partitions is not that of what it reads
    ? topic app-counts-changelog topic/min-isr-missing: 'app-counts-changelog' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    unmanaged groups {"app"}
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    "#);
}

#[test]
fn a_deletion_tells_who_writes_and_reads_without_a_contract() {
    let seen = groups([
        ("known", group(GroupState::Stable, &[], &[&[("a", 0)]])),
        ("unknown", group(GroupState::Empty, &[("a", 0)], &[])),
    ]);
    let writers = Writers { producers: 2, last_ms: Some(1_000) };
    let told = TopicUse { writers: Known::Known(writers), ..used_by(&seen) };
    let have = world(3).with("a", topic(2, 3));
    let want = topology([]).without_topic("a", false);
    let plan = planned(&want, &have, Answer::Usage(told));
    let usage = plan.steps[0].impact.usage.as_ref().expect("usage");
    assert_eq!(usage.writers.as_ref().and_then(Estimate::value), Some(&writers));
    let readers = usage.readers.value().expect("readers");
    let one = |members, state| SeenReader { kind: GroupType::Classic, state, members: Some(members) };
    let reader = |seen| Reader { seen, declared: false, streams: None };
    assert_eq!(
        readers,
        &BTreeMap::from([
            ("known".to_owned(), reader(one(1, GroupState::Stable))),
            ("unknown".to_owned(), reader(one(0, GroupState::Empty))),
        ])
    );
}

#[test]
fn without_an_answer_nobody_is_made_up() {
    let want = topology([]).without_topic("a", false);
    let have = world(3).with("a", topic(1, 1));
    for told in [Answer::Failed(failure(7, "REQUEST_TIMED_OUT", "")), Answer::NotAsked("no".to_owned())] {
        let plan = planned(&want, &have, told);
        let usage = plan.steps[0].impact.usage.as_ref().expect("usage");
        assert!(usage.readers.value().is_none());
        assert!(matches!(usage.writers, Some(Estimate::NotAvailable(_))));
    }
}

#[test]
fn only_what_its_users_feel_asks_for_them() {
    let asked = |want: Topology| {
        let proposal = diff(&want, &world(3).with("a", topic(1, 3)), &DiffOptions::default());
        proposal.questions.into_iter().find_map(|question| match question {
            Question::Usage { writers, .. } => Some(writers),
            _ => None,
        })
    };
    assert_eq!(asked(topology([wish("a").partitions(2)])), Some(false));
    assert_eq!(asked(topology([]).without_topic("a", false)), Some(true));
    assert_eq!(asked(topology([wish("a").set("retention.ms", "5")])), None);
    assert_eq!(asked(topology([wish("new")])), None);
}

/// Three partitions: all in sync, one of three, two of three.
fn uneven() -> World {
    let have = topic(3, 3).replicas(1, &[1, 2, 3], &[1]).replicas(2, &[1, 2, 3], &[1, 2]);
    world(3).with("a", have.set("min.insync.replicas", "2"))
}

fn limited(have: &World, least: &str) -> String {
    let want = topology([wish("a").set("min.insync.replicas", least)]);
    plan_text(&plan_with(&want, have, |_| {}))
}

#[test]
fn a_higher_limit_names_the_partitions_under_it() {
    assert_snapshot!(limited(&uneven(), "3"), @r"
    1 set-config a min.insync.replicas: 2 -> 3
        risk stops-writes
        min.insync.replicas 3 is above the in-sync replicas of 2 of 3 partitions: writes with acks=all are refused there: 1 (1 in sync), 2 (2 in sync)
        each partition has at least 1 in-sync replica now
        partitions under the present 2, which take no writes with acks=all: 1 (1 in sync)
    ? topic a topic/min-isr-equals-replication: min.insync.replicas 3 of 'a' equals its replication factor: as soon as one replica is behind, writes with acks=all are refused; 2 leaves room for one
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

#[test]
fn a_lower_limit_names_the_partitions_that_it_lets_go() {
    assert_snapshot!(limited(&uneven(), "1"), @r"
    1 set-config a min.insync.replicas: 2 -> 1
        risk weakens-durability
        min.insync.replicas is lowered from 2 to 1: an acknowledged record may be on that few replicas
        each partition has at least 1 in-sync replica now
        partitions under the present 2, which take no writes with acks=all: 1 (1 in sync); with 1 they take them again
    ? topic a topic/pinned-default: 'a' pins min.insync.replicas to 1, which the broker gives anyhow: it does not follow when the broker's default changes
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

#[test]
fn a_limit_that_all_meet_says_how_many_are_in_sync() {
    assert_snapshot!(limited(&world(3).with("a", topic(3, 3)), "2"), @r"
    1 set-config a min.insync.replicas: unset -> 2
        each partition has at least 3 in-sync replicas now
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
}
