//! Truncations by situation, each a small world and what comes of it.

use super::{RecordsChange, TruncateInput, TruncateSpec, TruncateTo, plan_truncation};
use crate::apply::{StepEvent, Told, settle};
use crate::group::TopicScope;
use crate::plan::{
    Answer, Answers, Basis, Change, Estimate, HeldPartition, Holding, MissingTopics, OffsetsByTime, Plan,
    Risk, Sight, Undone, assess, drifts, sight, undo,
};
use crate::testing::{settlement_text, topic, topology, world};
use crate::topology::Topology;
use crate::values::{Known, TopicPartition};
use crate::world::{LogRange, World};
use std::collections::BTreeMap;

/// `orders` with the logs 5..15, 0..100 and 7..7.
fn usual() -> World {
    logs(world(3).with("orders", topic(3, 3).id(1)), &[(5, 15), (0, 100), (7, 7)])
}

fn logs(mut world: World, ranges: &[(i64, i64)]) -> World {
    for (number, (start, end)) in (0..).zip(ranges) {
        let range = LogRange { start: *start, end: *end };
        world.cluster.logs.insert(TopicPartition::new("orders", number), Known::Known(range));
    }
    world
}

fn scopes(words: &str) -> Vec<TopicScope> {
    words.split(' ').map(|word| word.parse().expect("a scope")).collect()
}

fn held(world: &World) -> Answer {
    let partition = |(at, range): (&TopicPartition, &Known<LogRange>)| {
        let range = range.known()?;
        let has = range.end > range.start;
        let time = |ms| if has { Known::Known(ms) } else { Known::Absent };
        let held = HeldPartition {
            start: Known::Known(range.start),
            end: Known::Known(range.end),
            oldest_ms: time(1_000),
            newest_ms: time(9_000),
            kept_from: Known::NotAsked,
            bytes: Known::Known((range.end - range.start) * 10),
        };
        Some((at.partition, held))
    };
    let slow = BTreeMap::from([("slow".to_owned(), BTreeMap::from([(0, 6), (1, 100)]))]);
    Answer::Holding(Holding {
        asked_at_ms: 10_000,
        partitions: world.cluster.logs.iter().filter_map(partition).collect(),
        committed: Known::Known(slow),
        untold: BTreeMap::new(),
    })
}

struct Asked<'a> {
    topics: &'a str,
    to: TruncateTo,
    by_time: OffsetsByTime,
    first: OffsetsByTime,
    contracts: Option<Topology>,
}

fn asked(topics: &str, to: TruncateTo) -> Asked<'_> {
    Asked { topics, to, by_time: OffsetsByTime::new(), first: OffsetsByTime::new(), contracts: None }
}

fn plan_of(world: &World, asked: &Asked<'_>) -> Result<Plan, MissingTopics> {
    let spec = TruncateSpec { topics: scopes(asked.topics), to: asked.to };
    let (by_time, first) = (&asked.by_time, &asked.first);
    let proposal = plan_truncation(TruncateInput { spec: &spec, world, by_time, first })?;
    let answers: Answers =
        proposal.questions.iter().map(|question| (question.clone(), held(world))).collect();
    let topology = asked.contracts.as_ref();
    let basis = Basis { command: "topic truncate", environment: None, topology, world };
    Ok(assess(proposal, &answers, &basis))
}

fn plan(world: &World, topics: &str, to: TruncateTo) -> Plan {
    plan_of(world, &asked(topics, to)).expect("the topics are there")
}

fn change(plan: &Plan) -> &RecordsChange {
    match &plan.steps[0].change {
        Change::Records(change) => change,
        other => panic!("{other:?}"),
    }
}

/// From, to and note of each partition.
fn rows(plan: &Plan) -> Vec<(i64, i64, Option<&str>)> {
    let rows = change(plan).partitions().iter();
    rows.map(|one| (one.from, one.to, one.note.as_deref())).collect()
}

fn risks(plan: &Plan) -> Vec<Risk> {
    plan.steps[0].risks.iter().copied().collect()
}

fn conflict(plan: &Plan) -> String {
    assert!(plan.steps.is_empty(), "{:?}", plan.steps);
    let conflict = &plan.conflicts[0];
    format!("{}: {}", conflict.reason.as_str(), conflict.message)
}

#[test]
fn to_the_end_takes_what_is_there() {
    let plan = plan(&usual(), "orders", TruncateTo::Latest);
    assert_eq!(rows(&plan), [(5, 15, None), (0, 100, None), (7, 7, None)]);
    assert_eq!(risks(&plan), [Risk::LosesData]);
    let loss = plan.steps[0].impact.loss.as_ref().expect("a loss");
    assert_eq!((loss.records.value(), loss.bytes.value()), (Some(&110), Some(&1100)));
    let span = loss.span.value().expect("a span");
    assert_eq!((span.from_ms, span.to_ms), (1_000, 9_000));
    assert_eq!(loss.unread.value(), Some(&BTreeMap::from([("slow".to_owned(), 9)])));
    assert_eq!(plan.summary().change, 1);
}

#[test]
fn a_target_outside_the_log_is_moved_to_its_edge_and_says_so() {
    let plan = plan(&usual(), "orders", TruncateTo::Offset(12));
    insta::assert_debug_snapshot!(rows(&plan), @r#"
    [
        (
            5,
            12,
            None,
        ),
        (
            0,
            12,
            None,
        ),
        (
            7,
            7,
            Some(
                "12 lies past the log end: moved to it",
            ),
        ),
    ]
    "#);
    let loss = plan.steps[0].impact.loss.as_ref().expect("a loss");
    assert_eq!(loss.records.value(), Some(&19));
    let Estimate::About { how, .. } = &loss.span else { panic!("{loss:?}") };
    assert!(how.ends_with("as if they were written evenly in between"), "nobody tells the time of an offset");
}

#[test]
fn a_time_takes_what_is_older_and_nothing_younger() {
    let at = |number| TopicPartition::new("orders", number);
    let by_time =
        OffsetsByTime::from([(at(0), Known::Known(11)), (at(1), Known::Absent), (at(2), Known::Absent)]);
    let asked = Asked { by_time, ..asked("orders", TruncateTo::Before { ms: 5_000 }) };
    let plan = plan_of(&usual(), &asked).expect("is there");
    assert_eq!(
        rows(&plan),
        [(5, 11, None), (0, 100, Some("every record is older: the log end")), (7, 7, None)]
    );
    let loss = plan.steps[0].impact.loss.as_ref().expect("a loss");
    assert_eq!(loss.span.value().map(|span| span.to_ms), Some(5_000));
    let unasked = Asked { by_time: OffsetsByTime::new(), ..asked };
    let plan = plan_of(&usual(), &unasked).expect("is there");
    insta::assert_snapshot!(conflict(&plan), @"not-readable: the offset by time of orders-0 could not be read: no answer");
}

#[test]
fn what_compaction_has_taken_away_does_not_go_again() {
    let compacted = world(3).with("orders", topic(2, 3).set("cleanup.policy", "compact,delete"));
    let at = |number| TopicPartition::new("orders", number);
    let by_time = OffsetsByTime::from([(at(0), Known::Known(90)), (at(1), Known::Known(90))]);
    let first = OffsetsByTime::from([(at(0), Known::Known(90)), (at(1), Known::Known(40))]);
    let asked = Asked { by_time, first, ..asked("orders", TruncateTo::Before { ms: 5_000 }) };
    let plan = plan_of(&logs(compacted, &[(0, 100), (0, 100)]), &asked).expect("is there");
    let some = "at most, as compaction may have taken some away";
    assert_eq!(rows(&plan), [(0, 0, None), (0, 90, Some(some))]);
}

#[test]
fn only_what_is_named_goes() {
    let plan = plan(&usual(), "orders:1", TruncateTo::Latest);
    assert_eq!(change(&plan).partitions().iter().map(|one| one.partition).collect::<Vec<_>>(), [1]);
    let loss = plan.steps[0].impact.loss.as_ref().expect("a loss");
    assert_eq!(loss.records.value(), Some(&100));
}

#[test]
fn what_has_nothing_to_lose_risks_nothing() {
    let plan = plan(&usual(), "orders:2", TruncateTo::Latest);
    assert!(plan.requires().is_empty() && plan.steps[0].change.is_unchanged());
    assert_eq!(plan.summary().unchanged, 1);
}

#[test]
fn what_cannot_be_truncated_is_said_before_the_first_write() {
    let compacted = logs(
        world(3).with("orders", topic(1, 1).set("cleanup.policy", "compact")).with("fine", topic(1, 1)),
        &[(0, 9)],
    );
    insta::assert_snapshot!(conflict(&plan(&compacted, "orders", TruncateTo::Latest)), @"refused-by-broker: 'orders' is compacted (cleanup.policy compact), and brokers delete no records of such a topic. Add delete to its cleanup.policy, or write tombstones for the keys that shall go");
    let both = logs(world(3).with("orders", topic(1, 1).set("cleanup.policy", "compact,delete")), &[(0, 9)]);
    assert!(plan(&both, "orders", TruncateTo::Latest).is_appliable());

    let own = world(3).with("__consumer_offsets", topic(1, 1).internal());
    insta::assert_snapshot!(conflict(&plan(&own, "__consumer_offsets", TruncateTo::Latest)), @"internal: '__consumer_offsets' is Kafka's own topic; klerk deletes none of its records");
    insta::assert_snapshot!(conflict(&plan(&usual(), "orders:1,5-7", TruncateTo::Latest)), @"partition-unavailable: no such partition: 5-7; the topic has 3 partitions, numbered from 0");

    let mut leaderless = topic(1, 1).build();
    leaderless.partitions[0].leader = None;
    let leaderless = world(3).with_seen("orders", Known::Known(leaderless));
    insta::assert_snapshot!(conflict(&plan(&leaderless, "orders", TruncateTo::Latest)), @"partition-unavailable: orders-0 has no leader, so nobody can delete its records: bring its broker back");

    let missing = plan_of(&usual().without(&["order"]), &asked("order", TruncateTo::Latest));
    assert_eq!(missing, Err(MissingTopics(vec![("order".to_owned(), Some("orders".to_owned()))])));
}

#[test]
fn a_protected_topic_wants_its_own_word() {
    let contracts =
        Some(topology([crate::testing::wish("orders").protect()]).with_group("reader", &["orders"]));
    let asked = Asked { contracts, ..asked("orders", TruncateTo::Latest) };
    let plan = plan_of(&usual(), &asked).expect("is there");
    assert_eq!(risks(&plan), [Risk::LosesData, Risk::Protected]);
    assert_eq!(plan.steps[0].impact.groups, ["reader"]);
}

#[test]
fn a_plan_holds_while_the_topic_is_the_same_and_its_log_reaches_the_targets() {
    let plan = plan(&usual(), "orders", TruncateTo::Latest);
    let drift = |world: &World| -> Vec<String> {
        drifts(&plan, &plan.steps, world).iter().map(ToString::to_string).collect()
    };
    assert!(drift(&usual()).is_empty());
    let moved_on = logs(usual(), &[(15, 40), (3, 200), (7, 9)]);
    assert!(drift(&moved_on).is_empty(), "records that came or went by themselves change nothing");
    let shorter = logs(usual(), &[(0, 4), (0, 100), (7, 7)]);
    insta::assert_snapshot!(drift(&shorter).join("\n"), @"topic orders: target-in-log.0 was 15 and is a log from 0 to 4 now");
    let anew = logs(world(3).with("orders", topic(3, 3).id(2)), &[(0, 200), (0, 200), (0, 200)]);
    insta::assert_snapshot!(drift(&anew).join("\n"), @"topic orders: id was AQEBAQEBAQEBAQEBAQEBAQ and is AgICAgICAgICAgICAgICAg now");
    insta::assert_snapshot!(drift(&world(3).without(&["orders"])).join("\n"), @"topic orders: id was AQEBAQEBAQEBAQEBAQEBAQ and is absent now");
}

#[test]
fn log_starts_tell_what_was_done() {
    let plan = plan(&usual(), "orders", TruncateTo::Latest);
    let step = &plan.steps[0];
    assert_eq!(sight(step, &logs(usual(), &[(15, 15), (120, 130), (7, 7)])), Sight::AsAsked);
    assert!(matches!(sight(step, &usual()), Sight::NotYet(_)));
    let half = logs(usual(), &[(15, 15), (0, 100), (7, 7)]);
    let told = |event| settlement_text(&settle(step, &Told::once(event), &half));
    let failures = vec![crate::apply::ItemFailure {
        item: "orders-1".to_owned(),
        failure: crate::testing::failure(5, "LEADER_NOT_AVAILABLE", ""),
    }];
    insta::assert_snapshot!(told(StepEvent::PartlyAccepted { done: 1, of: 2, failures }), @"partial not-as-asked [log-start.1: asked 100, found 0] (LEADER_NOT_AVAILABLE (5))");
    let silence = crate::values::Failure::without_reply("TIMEOUT", "no answer");
    insta::assert_snapshot!(told(StepEvent::NoReply(silence)), @"unknown not-as-asked [log-start.1: asked 100, found 0] (TIMEOUT: no answer)");
    let anew = logs(world(3).with("orders", topic(3, 3).id(2)), &[(0, 0), (0, 0), (0, 0)]);
    assert!(matches!(sight(step, &anew), Sight::MovedOn(_)));
}

#[test]
fn no_way_leads_back() {
    let plan = plan(&usual(), "orders", TruncateTo::Latest);
    let done = [Undone::from(plan.steps[0].change.clone())];
    let proposal = undo(&done, &usual());
    assert!(proposal.changes.is_empty());
    insta::assert_snapshot!(proposal.findings[0].message, @"the records that were deleted, up to 110, are gone for good");
}
