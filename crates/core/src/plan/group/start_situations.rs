//! Where groups begin, by situation.

use crate::group::small_world::{failure, world};
use crate::plan::{
    Answer, Answers, Basis, Change, DiffOptions, Families, GroupChange, Plan, Question, StepId, assess, diff,
    drifts, undo, wanted, wanted_for,
};
use crate::testing::{accept_all, plan_text};
use crate::topology::{Files, Topology, parse, resolve};
use crate::values::{Known, Pattern, TopicPartition};
use crate::world::{Committed, GroupType, World};

fn file(text: &str) -> Topology {
    let draft = parse([("topology.yaml".to_owned(), format!("klerk: 1\n{text}"))]);
    resolve(draft, &Files::default()).expect("it is sound")
}

const ORDERS: &str = "topics: { orders: { partitions: 2, replication: 1 } }\n";

fn starting(at: &str) -> Topology {
    file(&format!("{ORDERS}groups: {{ g: {{ topics: [orders], start: {at} }} }}\n"))
}

fn planned(want: &Topology, have: &World, options: &DiffOptions) -> Plan {
    let proposal = diff(want, have, options);
    let answers: Answers = accept_all(&proposal.questions, have);
    assess(
        proposal,
        &answers,
        &Basis { command: "plan", environment: None, topology: Some(want), world: have },
    )
}

fn plan(want: &Topology, have: &World) -> Plan {
    planned(want, have, &DiffOptions::default())
}

/// Two partitions with records, and a group that is not there.
fn fresh() -> World {
    let mut world = world().topic("orders", &[(3, 10), (0, 4)]);
    world.groups.groups.insert("g".to_owned(), Known::Absent);
    world
}

/// Where each partition is begun at.
fn begun(plan: &Plan) -> Vec<(String, i64)> {
    plan.steps
        .iter()
        .filter_map(|step| match &step.change {
            Change::Group(GroupChange::CommitOffsets { partitions, .. }) => Some(partitions),
            _ => None,
        })
        .flatten()
        .map(|one| {
            assert_eq!(one.from, None, "no commit is ever moved");
            (one.partition.to_string(), one.to)
        })
        .collect()
}

fn at(first: i64, second: i64) -> Vec<(String, i64)> {
    vec![("orders-0".to_owned(), first), ("orders-1".to_owned(), second)]
}

#[test]
fn a_group_without_commits_begins_where_its_contract_says() {
    assert_eq!(begun(&plan(&starting("earliest"), &fresh())), at(3, 0));
    assert_eq!(begun(&plan(&starting("latest"), &fresh())), at(10, 4));
    insta::assert_snapshot!(plan_text(&plan(&starting("earliest"), &fresh())), @r"
    1 commit-offsets g (not preflighted)
    ? group g group/start-expires: the commits that 'g' gets expire when no member comes within the broker's offsets.retention.minutes (7 days unless set); a later apply then makes them anew
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 1 }
    ");
    let facts: Vec<String> = plan(&starting("earliest"), &fresh()).steps[0]
        .expects
        .iter()
        .map(|fact| format!("{} {}: {:?}", fact.resource, fact.field, fact.value))
        .collect();
    insta::assert_snapshot!(facts.join("\n"), @r#"
    group g type: None
    topic orders id: Some("BgYGBgYGBgYGBgYGBgYGBg")
    group g target-in-log.orders-0: Some("3")
    group g committed.orders-0: None
    group g target-in-log.orders-1: Some("0")
    group g committed.orders-1: None
    "#);
}

#[test]
fn a_commit_that_exists_is_never_moved() {
    let have = world().topic("orders", &[(3, 10), (0, 4)]).group("g", &[("orders", 0, 7)]);
    assert_eq!(begun(&plan(&starting("earliest"), &have)), [("orders-1".to_owned(), 0)]);
    let have = world().topic("orders", &[(3, 10), (0, 4)]).group("g", &[("orders", 0, 7), ("orders", 1, 0)]);
    let done = plan(&starting("earliest"), &have);
    assert!(done.steps.is_empty() && done.findings.is_empty(), "{}", plan_text(&done));
    assert!(done.unchanged.iter().any(|resource| resource.name == "g"));
}

#[test]
fn a_protected_group_is_begun_without_consent_while_it_has_no_commit() {
    let want =
        file(&format!("{ORDERS}groups: {{ g: {{ topics: [orders], start: earliest, protected: true }} }}\n"));
    let requires = |have: &World| {
        let plan = plan(&want, have);
        assert!(!begun(&plan).is_empty(), "{}", plan_text(&plan));
        plan.requires().iter().map(|risk| risk.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(requires(&fresh()), [] as [&str; 0], "nothing is there to protect");
    let seen_and_bare = world().topic("orders", &[(3, 10), (0, 4)]).group("g", &[]);
    assert_eq!(requires(&seen_and_bare), [] as [&str; 0], "a group that has committed nothing");
    let read = world().topic("orders", &[(3, 10), (0, 4)]).group("g", &[("orders", 0, 7)]);
    assert_eq!(requires(&read), ["protected"], "it has read something");
}

#[test]
fn members_are_left_to_begin_by_themselves() {
    let have = world().topic("orders", &[(3, 10), (0, 4)]).group("g", &[("orders", 0, 7)]);
    let have = have.member("g", "m", &[("orders", 0), ("orders", 1)]);
    insta::assert_snapshot!(plan_text(&plan(&starting("earliest"), &have)), @r"
    ? group g group/start-active: 'g' has members, from whom alone Kafka takes commits, and none on some partitions of orders (1): there they begin where their own auto.offset.reset says
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 2 }
    ");
    // Where there is nothing to read nothing is missed.
    let have = world().topic("orders", &[(3, 10), (4, 4)]).group("g", &[("orders", 0, 7)]);
    assert!(plan(&starting("earliest"), &have.member("g", "m", &[("orders", 0)])).findings.is_empty());
}

#[test]
fn partitions_that_the_plan_makes_begin_at_zero_once_they_are_there() {
    let mut none = world();
    none.cluster.topics.insert("orders".to_owned(), Known::Absent);
    none.groups.groups.insert("g".to_owned(), Known::Absent);
    let created = plan(&starting("latest"), &none);
    assert_eq!(begun(&created), at(0, 0));
    assert_eq!(created.steps[1].after, [StepId(1)]);
    assert!(created.steps[1].expects.iter().all(|fact| !fact.field.starts_with("target-in-log.")));
    assert!(drifts(&created, &created.steps, &none).is_empty(), "a saved plan of both still holds");

    let one = world().topic("orders", &[(3, 10)]).group("g", &[("orders", 0, 7)]);
    let grown = plan(&starting("latest"), &one);
    assert_eq!(begun(&grown), [("orders-1".to_owned(), 0)]);
    assert_eq!(grown.steps[1].after, [StepId(1)]);
    let blocked = {
        let mut blocked = grown;
        let resource = blocked.steps[0].change.resource();
        let conflict = crate::plan::Conflict {
            resource,
            reason: crate::plan::ConflictReason::Other,
            message: String::new(),
            origin: None,
        };
        blocked.conflicts.push(conflict);
        blocked.without_blocked()
    };
    assert!(blocked.steps.is_empty(), "no commit without its partition");
}

#[test]
fn what_rests_on_a_topic_that_was_refused_is_left_out_with_it_and_named() {
    let one = world().topic("orders", &[(3, 10)]).group("g", &[("orders", 0, 7)]);
    let proposal = diff(&starting("latest"), &one, &DiffOptions::default());
    let refused = |question: &Question| matches!(question, Question::Accepts(_));
    let mut answers: Answers = accept_all(&proposal.questions, &one);
    let mut asked = 0;
    for (_, answer) in answers.iter_mut().filter(|(question, _)| refused(question)) {
        *answer = Answer::Refused(failure(37, "INVALID_PARTITIONS"));
        asked += 1;
    }
    assert_eq!(asked, 1);
    let want = starting("latest");
    let basis = Basis { command: "apply", environment: None, topology: Some(&want), world: &one };
    let whole = assess(proposal, &answers, &basis);
    assert_eq!(begun(&whole), [("orders-1".to_owned(), 0)], "the refused topic has no step to wait for");
    let rest = whole.without_blocked();
    assert!(rest.steps.is_empty(), "{rest:?}");
    let told: Vec<String> = rest
        .conflicts
        .iter()
        .map(|one| format!("{} {}: {}", one.resource, one.reason.as_str(), one.message))
        .collect();
    assert_eq!(
        told[1], "group g depends-on-blocked: it depends on topic orders, which is blocked",
        "{told:?}"
    );
}

#[test]
fn what_is_not_known_is_left_or_stands_in_the_way() {
    let left_to_broker = file("topics: { orders: {} }\ngroups: { g: { topics: [orders], start: latest } }\n");
    let mut none = world();
    none.cluster.topics.insert("orders".to_owned(), Known::Absent);
    none.groups.groups.insert("g".to_owned(), Known::Absent);
    insta::assert_snapshot!(plan_text(&plan(&left_to_broker, &none)), @r#"
    1 create-topic orders partitions=None replication=None {}
        groups ["g"]
    ? group g group/start-later: 'orders' gets as many partitions as the broker has it, so that where 'g' begins in them is for the next apply
    preflight full, Summary { create: 1, change: 0, delete: 0, blocked: 0, unchanged: 1 }
    "#);

    let mut denied = fresh();
    let refused = Known::Denied(failure(30, "GROUP_AUTHORIZATION_FAILED"));
    denied.groups.groups.insert("g".to_owned(), refused);
    insta::assert_snapshot!(plan_text(&plan(&starting("latest"), &denied)), @r"
    ! group g not-readable topology.yaml:3:41
        whether the group has commits could not be read: GROUP_AUTHORIZATION_FAILED (30)
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 1 }
    ");

    let leaderless = fresh().without_leader("orders", 1);
    assert!(!plan(&starting("latest"), &leaderless).is_appliable());
    let share = fresh().group("g", &[]).change_group("g", |view| view.kind = GroupType::Share);
    assert!(!plan(&starting("latest"), &share).is_appliable());
}

#[test]
fn filters_and_external_groups_are_left_alone() {
    let want = starting("latest");
    let only_topics = Families { topics: true, ..Families::NONE };
    let other = DiffOptions { matching: Some(Pattern::new("orders")), ..DiffOptions::default() };
    for options in [DiffOptions { families: only_topics, ..DiffOptions::default() }, other] {
        assert!(planned(&want, &fresh(), &options).steps.is_empty());
        assert!(wanted(&want, &options).committed.is_none());
    }
    let only_groups =
        DiffOptions { families: Families { groups: true, ..Families::NONE }, ..DiffOptions::default() };
    assert_eq!(begun(&planned(&want, &fresh(), &only_groups)), at(10, 4));
    let seen = wanted(&want, &only_groups);
    assert!(seen.topics.names().any(|name| name == "orders") && seen.log_offsets.names().count() == 1);
    let nobody = file(&format!("{ORDERS}groups: {{ g: {{ topics: [orders] }} }}\n"));
    assert!(wanted(&nobody, &DiffOptions::default()).committed.is_none(), "nobody is asked for nothing");
}

#[test]
fn the_way_back_takes_the_commits_away_and_a_later_one_makes_it_stale() {
    let planned = plan(&starting("earliest"), &fresh());
    let done: Vec<Change> = planned.steps.iter().map(|step| step.change.clone()).collect();
    let after = world().topic("orders", &[(3, 10), (0, 4)]).group("g", &[("orders", 0, 3), ("orders", 1, 0)]);
    let back = undo(&done, &after);
    let [one] = back.changes.as_slice() else { panic!("{back:?}") };
    let Change::Group(GroupChange::DeleteOffsets { partitions, .. }) = &one.change else { panic!("{one:?}") };
    let at: Vec<(&TopicPartition, &Committed)> = partitions.iter().map(|(at, commit)| (at, commit)).collect();
    assert_eq!(at.len(), 2);
    assert!(!drifts(&planned, &planned.steps, &after).is_empty(), "somebody has committed since");
    assert!(drifts(&planned, &planned.steps, &fresh()).is_empty());
    assert!(wanted_for(&planned.steps).committed.names().any(|name| name == "g"));
}
