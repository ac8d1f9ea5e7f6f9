//! The situations of Kafka's own suites for resets, and klerk's own beyond them, on small worlds.

use super::undo_situations::undo;
use super::*;
use crate::apply::Settled;
use crate::group::small_world::{commit, failure, world};
use crate::group::{ResetSpec, Scope, Strategy, parse_offsets_file};
use crate::plan::{Change, Plan, Risk};
use crate::topology::{Terms, Topology};
use crate::values::{Known, Origin, Sourced, TopicPartition};
use crate::world::{GroupState, GroupType, HiddenTopics, World};
use proptest::prelude::*;
use proptest::strategy::Strategy as _;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn topics(scopes: &[&str]) -> Scope {
    Scope::Topics(scopes.iter().map(|scope| scope.parse().unwrap()).collect())
}

fn spec(scope: Scope, strategy: Strategy) -> ResetSpec {
    ResetSpec { groups: vec!["g".to_owned()], scope, strategy, new_group: false }
}

fn plan_with(world: &World, spec: &ResetSpec, by_time: &OffsetsByTime) -> Result<Plan, MissingGroups> {
    plan_reset(ResetInput { spec, world, by_time, contracts: None, environment: None })
}

pub(super) fn plan(world: &World, scope: Scope, strategy: Strategy) -> Plan {
    plan_with(world, &spec(scope, strategy), &BTreeMap::new()).unwrap()
}

fn change(plan: &Plan, step: usize) -> &GroupChange {
    match &plan.steps[step].change {
        Change::Group(change) => change,
        other => panic!("{other:?}"),
    }
}

pub(super) fn show(plan: &Plan) -> String {
    let mut lines = Vec::new();
    for step in &plan.steps {
        let risks: Vec<&str> = step.risks.iter().map(|risk| risk.as_str()).collect();
        lines.push(format!("{} {} [{}]", step.change.kind(), step.change.resource(), risks.join(", ")));
        match &step.change {
            Change::Group(GroupChange::CommitOffsets { partitions, .. }) => {
                for one in partitions {
                    lines.push(format!(
                        "  {} {} -> {} delta {} lag {} skips {} repeats {}{}",
                        one.partition,
                        one.from.as_ref().map_or("-".to_owned(), |from| from.offset.to_string()),
                        one.to,
                        one.delta().map_or("-".to_owned(), |delta| delta.to_string()),
                        one.lag_after(),
                        one.skips,
                        one.repeats,
                        one.note.as_ref().map_or(String::new(), |note| format!(" ({note})")),
                    ));
                }
            }
            Change::Group(GroupChange::DeleteOffsets { partitions, .. }) => {
                lines.extend(partitions.iter().map(|(at, commit)| format!("  {at} {} -> -", commit.offset)));
            }
            other => panic!("{other:?}"),
        }
    }
    for conflict in &plan.conflicts {
        lines.push(format!("! {}: {} ({})", conflict.resource, conflict.message, conflict.reason.as_str()));
    }
    for finding in &plan.findings {
        lines.push(format!("* {} {}: {}", finding.code, finding.resource, finding.message));
    }
    lines.join("\n")
}

/// `t` has four partitions: 0 and 1 with commits inside the log, 2 with one below its start, 3 without any.
pub(super) fn usual() -> World {
    world()
        .topic("t", &[(0, 100), (0, 100), (50, 100), (0, 100)])
        .topic("u", &[(10, 20)])
        .group("g", &[("t", 0, 10), ("t", 1, 100), ("t", 2, 20), ("u", 0, 15)])
}

#[test]
fn earliest_and_latest() {
    insta::assert_snapshot!(show(&plan(&usual(), topics(&["t"]), Strategy::ToEarliest)), @r"
    commit-offsets group g [repeats-records]
      t-0 10 -> 0 delta -10 lag 100 skips 0 repeats 10
      t-1 100 -> 0 delta -100 lag 100 skips 0 repeats 100
      t-2 20 -> 50 delta 30 lag 50 skips 0 repeats 0
      t-3 - -> 0 delta - lag 100 skips 0 repeats 0
    ");
    insta::assert_snapshot!(show(&plan(&usual(), Scope::AllTopics, Strategy::ToLatest)), @r"
    commit-offsets group g [skips-records]
      t-0 10 -> 100 delta 90 lag 0 skips 90 repeats 0
      t-1 100 -> 100 delta 0 lag 0 skips 0 repeats 0
      t-2 20 -> 100 delta 80 lag 0 skips 50 repeats 0
      u-0 15 -> 20 delta 5 lag 0 skips 5 repeats 0
    ");
}

#[test]
fn an_offset_past_either_end_is_moved_to_it() {
    insta::assert_snapshot!(show(&plan(&usual(), topics(&["t:0-2"]), Strategy::ToOffset { offset: 30 })), @r"
    commit-offsets group g [skips-records, repeats-records]
      t-0 10 -> 30 delta 20 lag 70 skips 20 repeats 0
      t-1 100 -> 30 delta -70 lag 70 skips 0 repeats 70
      t-2 20 -> 50 delta 30 lag 50 skips 0 repeats 0 (30 lies before the log start: moved to it)
    ");
    insta::assert_snapshot!(show(&plan(&usual(), topics(&["t:0", "u"]), Strategy::ToOffset { offset: 500 })), @r"
    commit-offsets group g [skips-records]
      t-0 10 -> 100 delta 90 lag 0 skips 90 repeats 0 (500 lies past the log end: moved to it)
      u-0 15 -> 20 delta 5 lag 0 skips 5 repeats 0 (500 lies past the log end: moved to it)
    ");
}

#[test]
fn shifts_both_ways_stop_at_the_ends() {
    insta::assert_snapshot!(show(&plan(&usual(), Scope::AllTopics, Strategy::ShiftBy { by: 7 })), @r"
    commit-offsets group g [skips-records]
      t-0 10 -> 17 delta 7 lag 83 skips 7 repeats 0
      t-1 100 -> 100 delta 0 lag 0 skips 0 repeats 0 (107 lies past the log end: moved to it)
      t-2 20 -> 50 delta 30 lag 50 skips 0 repeats 0 (27 lies before the log start: moved to it)
      u-0 15 -> 20 delta 5 lag 0 skips 5 repeats 0 (22 lies past the log end: moved to it)
    ");
    insta::assert_snapshot!(show(&plan(&usual(), Scope::AllTopics, Strategy::ShiftBy { by: -12 })), @r"
    commit-offsets group g [repeats-records]
      t-0 10 -> 0 delta -10 lag 100 skips 0 repeats 10 (-2 lies before the log start: moved to it)
      t-1 100 -> 88 delta -12 lag 12 skips 0 repeats 12
      t-2 20 -> 50 delta 30 lag 50 skips 0 repeats 0 (8 lies before the log start: moved to it)
      u-0 15 -> 10 delta -5 lag 10 skips 0 repeats 5 (3 lies before the log start: moved to it)
    ");
    insta::assert_snapshot!(show(&plan(&usual(), topics(&["t:3"]), Strategy::ShiftBy { by: 1 })), @"! group g: t-3 has no commit to shift from: leave the partition out, or choose another target for it (absent)");
    plan(&usual(), Scope::AllTopics, Strategy::ShiftBy { by: i64::MIN });
    plan(&usual(), Scope::AllTopics, Strategy::ShiftBy { by: i64::MAX });
}

#[test]
fn by_time_and_after_the_last_record() {
    let by_time = BTreeMap::from([
        (TopicPartition::new("t", 0), Known::Known(42)),
        (TopicPartition::new("t", 1), Known::Absent),
    ]);
    let ask = |scope: &str| {
        let spec = spec(topics(&[scope]), Strategy::ToDatetime { ms: 0 });
        show(&plan_with(&usual(), &spec, &by_time).unwrap())
    };
    insta::assert_snapshot!(ask("t:0-1"), @r"
    commit-offsets group g [skips-records]
      t-0 10 -> 42 delta 32 lag 58 skips 32 repeats 0
      t-1 100 -> 100 delta 0 lag 0 skips 0 repeats 0 (no record that late: the log end)
    ");
    insta::assert_snapshot!(ask("t:0,2"), @r"
    commit-offsets group g [skips-records]
      t-0 10 -> 42 delta 32 lag 58 skips 32 repeats 0
    ! group g: the offset of t-2 by time could not be read: no answer (not-readable)
    ");
    let spec = spec(Scope::AllTopics, Strategy::ByDuration { ms: 5_000 });
    assert_eq!(spec.lookup_ms(12_000), Some(7_000));
}

#[test]
fn current_pins_commits_and_gives_the_end_to_the_rest() {
    insta::assert_snapshot!(show(&plan(&usual(), topics(&["t"]), Strategy::ToCurrent)), @r"
    commit-offsets group g []
      t-0 10 -> 10 delta 0 lag 90 skips 0 repeats 0
      t-1 100 -> 100 delta 0 lag 0 skips 0 repeats 0
      t-2 20 -> 20 delta 0 lag 50 skips 0 repeats 0 (lies before the log start)
      t-3 - -> 100 delta - lag 0 skips 0 repeats 0 (no commit: the log end)
    ");
}

#[test]
fn nothing_moves_and_the_step_stands() {
    let plan = plan(&usual(), topics(&["t:1"]), Strategy::ToLatest);
    insta::assert_snapshot!(show(&plan), @r"
    commit-offsets group g []
      t-1 100 -> 100 delta 0 lag 0 skips 0 repeats 0
    ");
    assert!(plan.is_appliable());
}

#[test]
fn files_for_one_group_and_for_many() {
    let file = |text: &str| Strategy::FromFile { offsets: parse_offsets_file(text).unwrap() };
    let one = file("t,0,5\nt,3,1000\nu,0,0\n");
    insta::assert_snapshot!(show(&plan(&usual(), Scope::AllTopics, one.clone())), @r"
    commit-offsets group g [repeats-records]
      t-0 10 -> 5 delta -5 lag 95 skips 0 repeats 5
      t-3 - -> 100 delta - lag 0 skips 0 repeats 0 (1000 lies past the log end: moved to it)
      u-0 15 -> 10 delta -5 lag 10 skips 0 repeats 5 (0 lies before the log start: moved to it)
    ");
    insta::assert_snapshot!(show(&plan(&usual(), topics(&["u"]), one)), @r"
    commit-offsets group g [repeats-records]
      u-0 15 -> 10 delta -5 lag 10 skips 0 repeats 5 (0 lies before the log start: moved to it)
    ");
    let many = file("g,t,0,5\nother,t,0,6\n");
    insta::assert_snapshot!(show(&plan(&usual(), topics(&["t", "u"]), many)), @r"
    commit-offsets group g [repeats-records]
      t-0 10 -> 5 delta -5 lag 95 skips 0 repeats 5
    * reset/no-offset group g: the file has no offset for topic u: it is left as it is
    ");
    let wrong = file("t,9,5\nnowhere,0,1\n");
    insta::assert_snapshot!(show(&plan(&usual(), Scope::AllTopics, wrong)), @r"
    ! topic nowhere: the topic does not exist (absent)
    ! topic t: partition 9 does not exist (line 1 of the file names it): the topic has 4 partitions (partition-unavailable)
    ");
}

#[test]
fn another_groups_offsets_seed_a_new_one() {
    let world = usual().group("old", &[("t", 0, 33), ("u", 0, 400)]).change_group("old", |view| {
        if let Known::Known(commits) = &mut view.committed {
            let mut marked = commit(33);
            marked.leader_epoch = Some(4);
            marked.metadata = "m".to_owned();
            commits.insert(TopicPartition::new("t", 0), Known::Known(marked));
        }
    });
    let spec = ResetSpec {
        groups: vec!["fresh".to_owned()],
        new_group: true,
        ..spec(Scope::AllTopics, Strategy::FromGroup { group: "old".to_owned() })
    };
    let plan = plan_with(&world, &spec, &BTreeMap::new()).unwrap();
    insta::assert_snapshot!(show(&plan), @r"
    commit-offsets group fresh []
      t-0 - -> 33 delta - lag 67 skips 0 repeats 0
      u-0 - -> 20 delta - lag 0 skips 0 repeats 0 (400 lies past the log end: moved to it)
    * reset/new-group group fresh: the group does not exist and is made by its commits; they expire when no member comes within the broker's offsets.retention.minutes (7 days unless set)
    ");
    let GroupChange::CommitOffsets { kind, partitions, .. } = change(&plan, 0) else { panic!() };
    assert_eq!(*kind, None);
    assert_eq!((partitions[0].leader_epoch, partitions[0].metadata.as_str()), (Some(4), "m"));
    assert_eq!(partitions[1].leader_epoch, None, "a clamped offset has no epoch of its own");
}

#[test]
fn what_may_not_be_seen_of_another_group_is_not_taken_for_nothing() {
    let spec = |scope| spec(scope, Strategy::FromGroup { group: "old".to_owned() });
    let mut world = usual().group("old", &[("t", 0, 33)]);
    let old = world.groups.groups.get("old").cloned().unwrap();
    let denied = Known::Denied(failure(30, "GROUP_AUTHORIZATION_FAILED"));
    world.groups.groups.insert("old".to_owned(), denied);
    insta::assert_snapshot!(show(&plan_with(&world, &spec(topics(&["t"])), &BTreeMap::new()).unwrap()), @"! group old: the commits of the group could not be read: GROUP_AUTHORIZATION_FAILED (30) (not-readable)");
    world.groups.groups.insert("old".to_owned(), old);
    let denied = Known::Denied(failure(29, "TOPIC_AUTHORIZATION_FAILED"));
    world.cluster.topics.insert("u".to_owned(), denied);
    insta::assert_snapshot!(show(&plan_with(&world, &spec(topics(&["u"])), &BTreeMap::new()).unwrap()), @r"
    ! topic u: the topic could not be looked at: TOPIC_AUTHORIZATION_FAILED (29) (not-readable)
    * reset/no-offset group g: group old has no commit for topic u: it is left as it is
    ");
}

#[test]
fn the_text_of_a_commit_stays_and_its_epoch_goes_with_its_offset() {
    let world = usual().change_group("g", |view| {
        let Known::Known(commits) = &mut view.committed else { panic!() };
        for commit in commits.values_mut() {
            let Known::Known(commit) = commit else { panic!() };
            commit.leader_epoch = Some(3);
            commit.metadata = "partition time".to_owned();
        }
    });
    let plan = plan(&world, topics(&["t:0-1"]), Strategy::ToLatest);
    let GroupChange::CommitOffsets { partitions, .. } = change(&plan, 0) else { panic!() };
    let kept: Vec<_> = partitions.iter().map(|one| (one.leader_epoch, one.metadata.as_str())).collect();
    assert_eq!(kept, [(None, "partition time"), (Some(3), "partition time")]);
}

#[test]
fn a_group_that_does_not_exist_is_not_found() {
    let ask = |group: &str, new_group: bool| {
        let spec = ResetSpec {
            groups: vec![group.to_owned()],
            new_group,
            ..spec(topics(&["u"]), Strategy::ToLatest)
        };
        let world = usual().group("billing-eu", &[]).group("billing-us", &[]);
        plan_with(&world, &spec, &BTreeMap::new())
    };
    insta::assert_snapshot!(ask("biling-eu", false).unwrap_err(), @"group 'biling-eu' does not exist, did you mean 'billing-eu'?");
    insta::assert_snapshot!(ask("zzz", false).unwrap_err(), @"group 'zzz' does not exist");
    insta::assert_snapshot!(show(&ask("zzz", true).unwrap()), @r"
    commit-offsets group zzz []
      u-0 - -> 20 delta - lag 0 skips 0 repeats 0
    * reset/new-group group zzz: the group does not exist and is made by its commits; they expire when no member comes within the broker's offsets.retention.minutes (7 days unless set)
    ");
}

#[test]
fn what_does_not_exist_or_has_no_leader_is_a_conflict() {
    let world = usual().without_leader("t", 1);
    insta::assert_snapshot!(show(&plan(&world, topics(&["t:3-7", "uu", "t1", "u"]), Strategy::ToLatest)), @r"
    commit-offsets group g [skips-records]
      t-3 - -> 100 delta - lag 0 skips 0 repeats 0
      u-0 15 -> 20 delta 5 lag 0 skips 5 repeats 0
    ! topic t: no such partition: 4-7; the topic has 4 partitions, numbered from 0 (partition-unavailable)
    ! topic t1: the topic does not exist; did you mean 't'? (absent)
    ! topic uu: the topic does not exist; did you mean 'u'? (absent)
    ");
    insta::assert_snapshot!(show(&plan(&world, topics(&["t"]), Strategy::ToEarliest)), @r"
    commit-offsets group g [repeats-records]
      t-0 10 -> 0 delta -10 lag 100 skips 0 repeats 10
      t-2 20 -> 50 delta 30 lag 50 skips 0 repeats 0
      t-3 - -> 0 delta - lag 100 skips 0 repeats 0
    ! group g: t-1 has no leader, so its log cannot be read: leave it out or bring its broker back (partition-unavailable)
    ");
    let plan = plan(&world, topics(&["t:0,2"]), Strategy::ToEarliest);
    assert!(plan.is_appliable(), "an offline partition out of scope does not matter");
}

#[test]
fn all_topics_leaves_out_what_is_gone_and_says_so() {
    let world = usual().group("g", &[("gone", 0, 3), ("t", 0, 3), ("t", 8, 1)]);
    insta::assert_snapshot!(show(&plan(&world, Scope::AllTopics, Strategy::ToEarliest)), @r"
    commit-offsets group g [repeats-records]
      t-0 3 -> 0 delta -3 lag 100 skips 0 repeats 3
    * reset/gone group g: the commit on gone-0 is left as it is: the topic does not exist any more
    * reset/gone group g: the commit on t-8 is left as it is: the partition does not exist any more
    ");
    let world = usual().group("g", &[]);
    insta::assert_snapshot!(show(&plan(&world, Scope::AllTopics, Strategy::ToEarliest)), @"* reset/empty-scope group g: there is nothing in scope: --all-topics covers only partitions that have a commit; name the topics with --topic");
}

#[test]
fn planning_works_on_a_live_group_and_says_who_is_there() {
    let world = usual().member("g", "a", &[("t", 0)]).member("g", "b", &[("t", 1)]);
    insta::assert_snapshot!(show(&plan(&world, topics(&["t:0"]), Strategy::ToLatest)), @r"
    commit-offsets group g [skips-records]
      t-0 10 -> 100 delta 90 lag 0 skips 90 repeats 0
    * group/active group g: the group is stable with 2 members (client-a on 10.0.0.1, client-b on 10.0.0.1): Kafka takes the change only once they have stopped (--wait-empty waits for it)
    ");
}

#[test]
fn groups_of_other_kinds_are_refused_by_name() {
    for kind in [GroupType::Share, GroupType::Streams, GroupType::Other("swarm".to_owned())] {
        let world = usual().change_group("g", |view| view.kind = kind.clone());
        let plan = plan(&world, topics(&["t:1"]), Strategy::ToLatest);
        assert_eq!(plan.is_appliable(), kind == GroupType::Streams, "{}", show(&plan));
        assert!(show(&plan).contains(&kind.to_string()), "{}", show(&plan));
    }
}

#[test]
fn an_unreadable_commit_or_group_is_never_taken_for_none() {
    let world = usual().change_group("g", |view| {
        let Known::Known(commits) = &mut view.committed else { panic!() };
        commits.insert(TopicPartition::new("t", 0), Known::Failed(failure(88, "UNSTABLE_OFFSET_COMMIT")));
    });
    insta::assert_snapshot!(show(&plan(&world, topics(&["t:0-1"]), Strategy::ToLatest)), @r"
    commit-offsets group g []
      t-1 100 -> 100 delta 0 lag 0 skips 0 repeats 0
    ! group g: the present commit on t-0 could not be read: UNSTABLE_OFFSET_COMMIT (88) (not-readable)
    ");
    let mut world = usual();
    let denied = Known::Denied(failure(30, "GROUP_AUTHORIZATION_FAILED"));
    world.groups.groups.insert("g".to_owned(), denied);
    insta::assert_snapshot!(show(&plan(&world, topics(&["t"]), Strategy::ToLatest)), @"! group g: the group could not be looked at: GROUP_AUTHORIZATION_FAILED (30) (not-readable)");
}

#[test]
fn a_protected_group_needs_its_risk_allowed() {
    let origin = Origin { file: "topology.yaml".into(), line: 1, column: 1 };
    let terms = Terms { protected: Some(Sourced::new(true, origin)), ..Terms::default() };
    let topology = Topology { all_groups: terms, ..Topology::default() };
    let spec = spec(topics(&["t:1"]), Strategy::ToLatest);
    let needs = |world: &World| {
        let contracts = Some(&topology);
        let by_time = &BTreeMap::new();
        let plan = plan_reset(ResetInput { spec: &spec, world, by_time, contracts, environment: None });
        plan.unwrap().requires().into_iter().collect::<Vec<_>>()
    };
    assert_eq!(needs(&usual()), [Risk::Protected.into()]);
    // There is nothing to protect in a group without commits, which it may only seem to be.
    let without = |hidden: Known<BTreeSet<String>>| {
        let mut world = usual().change_group("g", |view| view.committed = Known::Known(BTreeMap::new()));
        world.groups.hidden_topics = HiddenTopics(hidden);
        world
    };
    let hiding =
        |names: &[&str]| without(Known::Known(names.iter().map(|name| (*name).to_owned()).collect()));
    for new in [without(Known::NotAsked), hiding(&[]), hiding(&["__consumer_offsets"])] {
        assert_eq!(needs(&new), []);
    }
    for unclear in [hiding(&["payments"]), without(Known::Unavailable("not offered".to_owned()))] {
        assert_eq!(needs(&unclear), [Risk::Protected.into()]);
    }
}

#[test]
fn old_offsets_are_expected_only_where_targets_rest_on_them() {
    let fields = |strategy| {
        let plan = plan(&usual(), topics(&["t:0"]), strategy);
        let fields: Vec<String> = plan.steps[0].expects.iter().map(|expects| expects.field.clone()).collect();
        fields.join(" ")
    };
    assert_eq!(fields(Strategy::ToLatest), "type id target-in-log.t-0");
    assert_eq!(fields(Strategy::ShiftBy { by: 1 }), "type id target-in-log.t-0 committed.t-0");
    assert_eq!(fields(Strategy::ToCurrent), "type id target-in-log.t-0 committed.t-0");
}

#[test]
fn facts_that_no_longer_hold_are_listed() {
    let plan = plan(&usual(), topics(&["t:0"]), Strategy::ShiftBy { by: 1 });
    let stale = |world: &World| {
        let stale = group_holds(change(&plan, 0), &plan.steps[0].expects, world);
        stale.into_iter().map(|stale| (stale.expected.field, stale.found)).collect::<Vec<_>>()
    };
    assert_eq!(stale(&usual()), []);
    let shorter = usual().topic("t", &[(60, 100)]);
    assert_eq!(stale(&shorter), [("target-in-log.t-0".to_owned(), Some("a log from 60 to 100".to_owned()))]);
    let moved = usual().group("g", &[("t", 0, 12)]);
    assert_eq!(stale(&moved), [("committed.t-0".to_owned(), Some("12".to_owned()))]);
    let other = usual().change_group("g", |view| view.kind = GroupType::Consumer);
    assert_eq!(stale(&other), [("type".to_owned(), Some("consumer".to_owned()))]);
}

/// Carries a plan out on a simulated world, as a broker would.
pub(super) fn carry_out(mut world: World, plan: &Plan) -> World {
    for step in &plan.steps {
        let Change::Group(change) = &step.change else { panic!() };
        let mut commits: BTreeMap<_, _> =
            if world.groups.groups.get(change.group()).is_some_and(|group| group.known().is_some()) {
                world.commits(change.group())
            } else {
                world = world.group(change.group(), &[]);
                BTreeMap::new()
            };
        match change {
            GroupChange::CommitOffsets { partitions, .. } => {
                for one in partitions.iter().filter(|one| !one.is_unchanged()) {
                    let mut commit = commit(one.to);
                    commit.leader_epoch = one.leader_epoch;
                    commit.metadata = one.metadata.clone();
                    commits.insert(one.partition.clone(), commit);
                }
            }
            GroupChange::DeleteOffsets { partitions, .. } => {
                commits.retain(|at, _| !partitions.iter().any(|(gone, _)| gone == at));
            }
        }
        world = world.change_group(change.group(), |view| {
            view.committed =
                Known::Known(commits.into_iter().map(|(at, commit)| (at, Known::Known(commit))).collect());
        });
    }
    world
}

#[test]
fn both_small_planners_are_assessed_like_any_plan() {
    let spec = ResetSpec {
        groups: vec!["z".to_owned(), "g".to_owned()],
        new_group: true,
        ..spec(topics(&["t:0"]), Strategy::ToLatest)
    };
    let reset = plan_with(&usual(), &spec, &BTreeMap::new()).unwrap();
    let of = |plan: &Plan| -> Vec<(u32, String)> {
        plan.steps.iter().map(|step| (step.id.0, step.change.resource().name)).collect()
    };
    let numbered = [(1, "g".to_owned()), (2, "z".to_owned())];
    assert_eq!(of(&reset), numbered, "in the order of names, whatever the order of the command line");
    let back = undo(&reset, &carry_out(usual(), &reset));
    assert_eq!(of(&back), numbered);
    for plan in [&reset, &back] {
        assert_eq!(plan.preflight, crate::plan::Preflight::None);
        assert!(plan.steps.iter().all(|step| !step.expects.is_empty()));
    }
    assert!(back.steps[0].expects.iter().any(|fact| fact.field == "committed.t-0"));
}

#[test]
fn the_look_afterwards_tells_not_as_asked_from_moved_on() {
    let reset = plan(&usual(), topics(&["t:0-1"]), Strategy::ToOffset { offset: 50 });
    let done = carry_out(usual(), &reset);
    let settle = |world: &World| settle_group(change(&reset, 0), world).settled;
    assert_eq!(settle(&done), Some(Settled::AsAsked));
    // t-0 was at 10, t-1 at 100; both were to be at 50.
    let at = |zero, one| usual().group("g", &[("t", 0, zero), ("t", 1, one)]);
    assert_eq!(settle(&at(52, 50)), Some(Settled::MovedOnSince));
    assert_eq!(settle(&at(10, 50)), Some(Settled::NotAsAsked));
    assert_eq!(settle(&at(50, 100)), Some(Settled::NotAsAsked), "a rewind that was ignored is not progress");
    assert_eq!(settle(&at(10, 50).member("g", "m", &[])), Some(Settled::MovedOnSince));
    let mut unread = done.clone();
    unread.groups.groups.insert("g".to_owned(), Known::Failed(failure(15, "COORDINATOR_NOT_AVAILABLE")));
    assert_eq!(settle(&unread), None);
    let dead = done.change_group("g", |view| view.state = GroupState::Dead);
    assert_eq!(settle(&dead), Some(Settled::AsAsked));
}

#[test]
fn nothing_is_changed_under_members_an_open_transaction_or_a_moving_commit() {
    let plan = plan(&usual(), topics(&["t:0"]), Strategy::ToLatest);
    let show = |found: Vec<Unready>| {
        found.iter().map(|one| format!("{one}: {}", one.details().join("; "))).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(unready(&plan, &usual().groups), []);
    let active = usual().member("g", "m-1", &[("t", 0)]);
    insta::assert_snapshot!(show(unready(&plan, &active.groups)), @"group g is active (stable) with 1 member: member client-m-1 (m-1) on 10.0.0.1");
    let open = usual().change_group("g", |view| {
        let Known::Known(commits) = &mut view.committed else { panic!() };
        commits.insert(TopicPartition::new("u", 0), Known::Failed(failure(88, "UNSTABLE_OFFSET_COMMIT")));
    });
    insta::assert_snapshot!(show(unready(&plan, &open.groups)), @"a transaction is open on 1 offset of group g: u-0");
    let mut hidden = usual();
    hidden.groups.groups.insert("g".to_owned(), Known::Failed(failure(15, "COORDINATOR_NOT_AVAILABLE")));
    insta::assert_snapshot!(show(unready(&plan, &hidden.groups)), @"group g could not be looked at: COORDINATOR_NOT_AVAILABLE (15):");
    let moved = usual().group("g", &[("t", 0, 11), ("t", 1, 100), ("t", 2, 20), ("u", 0, 15)]);
    insta::assert_snapshot!(show(moving(&plan, &usual().groups, &moved.groups)), @"group g has no members, and yet somebody commits for it: 1 offset moved while klerk looked on: t-0");
    assert_eq!(moving(&plan, &usual().groups, &usual().groups), []);
}

#[test]
fn the_record_tells_what_was_there_when_it_was_done() {
    let plan = plan(&usual(), topics(&["t:0,3"]), Strategy::ToOffset { offset: 10 });
    assert!(plan.steps[0].risks.is_empty());
    let later = usual().group("g", &[("t", 0, 90), ("t", 3, 4)]);
    insta::assert_snapshot!(show(&with_present(&plan, &later.groups)), @r"
    commit-offsets group g [skips-records, repeats-records]
      t-0 90 -> 10 delta -80 lag 90 skips 0 repeats 80
      t-3 4 -> 10 delta 6 lag 90 skips 6 repeats 0
    ");
}

fn any_strategy() -> impl proptest::strategy::Strategy<Value = Strategy> {
    prop_oneof![
        Just(Strategy::ToEarliest),
        Just(Strategy::ToLatest),
        Just(Strategy::ToCurrent),
        (0..200i64).prop_map(|offset| Strategy::ToOffset { offset }),
        (-150..150i64).prop_map(|by| Strategy::ShiftBy { by }),
        Just(Strategy::ToDatetime { ms: 0 }),
    ]
}

proptest! {
    #[test]
    fn resets_stay_in_the_log_and_undo_brings_everything_back(
        logs in prop::collection::vec((0..60i64, 0..60i64), 1..5),
        offsets in prop::collection::vec(prop::option::of(0..150i64), 5),
        strategy in any_strategy(),
        all: bool,
        found in prop::option::of(0..120i64),
    ) {
        let ranges: Vec<(i64, i64)> = logs.iter().map(|(start, len)| (*start, start + len)).collect();
        let commits: Vec<(&str, i32, i64)> = (0..)
            .zip(&offsets)
            .take(ranges.len())
            .filter_map(|(at, offset)| offset.map(|offset| ("t", at, offset)))
            .collect();
        let before = world().topic("t", &ranges).group("g", &commits);
        let by_time: OffsetsByTime = (0..)
            .zip(&ranges)
            .map(|(at, _)| (TopicPartition::new("t", at), found.map_or(Known::Absent, Known::Known)))
            .collect();
        let scope = if all { Scope::AllTopics } else { topics(&["t"]) };
        let plan = plan_with(&before, &spec(scope, strategy.clone()), &by_time).unwrap();
        for step in &plan.steps {
            let Change::Group(GroupChange::CommitOffsets { partitions, .. }) = &step.change else { panic!() };
            for one in partitions {
                prop_assert!((one.start..=one.end).contains(&one.to) || (strategy == Strategy::ToCurrent && one.is_unchanged()));
                prop_assert!(one.lag_after() >= 0 && (one.skips == 0 || one.repeats == 0));
            }
            prop_assert_eq!(partitions.len(), if all { commits.len() } else { ranges.len() - plan.conflicts.len() });
        }
        let after = carry_out(before.clone(), &plan);
        for step in 0..plan.steps.len() {
            prop_assert_eq!(settle_group(change(&plan, step), &after).settled, Some(Settled::AsAsked));
        }
        let back = undo(&plan, &after);
        prop_assert!(back.requires().is_empty());
        prop_assert_eq!(carry_out(after.clone(), &back).commits("g"), before.commits("g"));
        // And forth again: undoing the undo is the reset.
        let restored = carry_out(after.clone(), &back);
        let forth = undo(&back, &restored);
        prop_assert_eq!(carry_out(restored, &forth).commits("g"), after.commits("g"));
    }
}
