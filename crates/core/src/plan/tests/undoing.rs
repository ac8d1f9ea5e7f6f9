//! The way back of an apply, from the present.

use super::laws::{moves_replicas, wishes, worlds};
use crate::plan::{Answer, Answers, Change, Plan, Risk, TopicChange, Undone, drifts};
use crate::testing::{
    TopicBuilder, carry_out, failure, plan, plan_text, plan_undo, plan_undo_of, plan_undo_with, topic,
    topology, wish, world,
};
use crate::values::{Known, Resource, TopicId, TopicPartition};
use crate::world::{LogRange, World};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// `orders` with its retention raised and its policy set, as an apply found it, left it, and planned it.
fn applied() -> (World, World, Plan) {
    let want = topology([wish("orders").set("retention.ms", "900000000").set("cleanup.policy", "compact")]);
    let before = world(3).with("orders", topic(3, 3).set("retention.ms", "700000000"));
    let recorded = plan(&want, &before);
    let mut after = before.clone();
    carry_out(&recorded.steps, &mut after);
    (before, after, recorded)
}

#[test]
fn configs_go_back_to_the_values_before_and_to_none_where_there_was_none() {
    let (before, mut world, recorded) = applied();
    let back = plan_undo(&recorded, &world);
    insta::assert_snapshot!(plan_text(&back), @r"
    1 set-config orders cleanup.policy: compact -> unset retention.ms: 900000000 -> 700000000
        risk loses-data
        retention.ms is lowered from 10d10h (900000000) to 8d2h26m40s (700000000)
        records past the topic's retention become deletable
        the topic holds up to 30 records, by its offsets
        cleanup.policy follows the broker: delete
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    carry_out(&back.steps, &mut world);
    assert_eq!(world, before);
}

#[test]
fn what_is_as_before_already_is_left_out() {
    let (_, mut world, recorded) = applied();
    world =
        world.with("orders", topic(3, 3).set("retention.ms", "700000000").set("cleanup.policy", "compact"));
    let back = plan_undo(&recorded, &world);
    insta::assert_snapshot!(plan_text(&back), @r"
    1 set-config orders cleanup.policy: compact -> unset
        risk loses-data
        records past the topic's retention become deletable
        the topic holds up to 30 records, by its offsets
        cleanup.policy follows the broker: delete
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    carry_out(&back.steps, &mut world);
    let again = plan_undo(&recorded, &world);
    assert_eq!((again.steps.len(), again.unchanged.contains(&Resource::topic("orders"))), (0, true));
}

#[test]
fn what_has_moved_since_is_named_and_needs_its_risk_allowed() {
    let (_, _, recorded) = applied();
    let moved =
        world(3).with("orders", topic(3, 3).set("retention.ms", "5").set("cleanup.policy", "compact"));
    let back = plan_undo(&recorded, &moved);
    insta::assert_snapshot!(plan_text(&back), @r"
    1 set-config orders cleanup.policy: compact -> unset retention.ms: 5 -> 700000000
        risk loses-data
        risk moved-since
        records past the topic's retention become deletable
        the topic holds up to 30 records, by its offsets
        cleanup.policy follows the broker: delete
    ? topic orders undo/moved-since: the topic has been changed since: retention.ms: 5 now, 900000000 when the change was done; going back starts from what is there now (--allow moved-since)
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    assert!(back.requires().contains(&Risk::MovedSince.into()));
    assert_eq!(drifts(&back, &back.steps, &moved), []);
}

#[test]
fn a_topic_that_is_gone_or_another_one_is_let_alone() {
    let (_, _, recorded) = applied();
    let gone = plan_undo(&recorded, &world(3).without(&["orders"]));
    insta::assert_snapshot!(plan_text(&gone), @r"
    ? topic orders undo/not-reversible: the topic does not exist any more, so its set-config needs no way back
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 0 }
    ");
    let anew = world(3).with("orders", topic(3, 3).id(9).set("retention.ms", "900000000"));
    insta::assert_snapshot!(plan_text(&plan_undo(&recorded, &anew)), @r"
    ? topic orders undo/not-reversible: the topic was deleted and created again since, so nothing of the change is left in it
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

#[test]
fn partitions_and_topics_stay_and_are_named() {
    let want = topology([wish("new").partitions(2), wish("orders").partitions(6).set("retention.ms", "1")]);
    let mut have = world(3).without(&["new"]).with("orders", topic(3, 3));
    let recorded = plan(&want, &have);
    let untouched = plan_undo(&recorded, &have);
    assert!(untouched.is_empty() && untouched.findings.is_empty(), "{untouched:?}");
    carry_out(&recorded.steps, &mut have);
    insta::assert_snapshot!(plan_text(&plan_undo(&recorded, &have)), @r"
    1 set-config orders retention.ms: 1 -> unset
        retention.ms follows the broker: 7d (604800000)
    ? topic new undo/not-reversible: the topic stays: the record does not hold the id of what was created, so this may be another one
    ? topic orders undo/not-reversible: its 6 partitions stay, 3 before: Kafka removes none
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

/// `new` as an apply created it, with logs of these ranges.
fn created(id: Option<u8>, ranges: &[(i64, i64)]) -> (Vec<Undone>, World) {
    let mut have = world(3).without(&["new"]);
    let recorded = plan(&topology([wish("new").partitions(2).set("retention.ms", "5")]), &have);
    carry_out(&recorded.steps, &mut have);
    let made = topic(2, 1).id(7).set("retention.ms", "5");
    have = have.with("new", made);
    for (number, (start, end)) in (0..).zip(ranges) {
        let range = LogRange { start: *start, end: *end };
        have.cluster.logs.insert(TopicPartition::new("new", number), Known::Known(range));
    }
    let created = id.map(|byte| TopicId([byte; 16]));
    (vec![Undone { change: recorded.steps[0].change.clone(), created }], have)
}

#[test]
fn a_created_topic_goes_only_by_its_id_and_only_while_it_is_empty() {
    let (done, have) = created(Some(7), &[(0, 0), (4, 4)]);
    let empty = |answers: &mut Answers| {
        let ranges = [(0, LogRange { start: 0, end: 0 }), (1, LogRange { start: 4, end: 4 })];
        for answer in answers.values_mut() {
            *answer = Answer::LogRanges(ranges.into());
        }
    };
    let back = plan_undo_with(&done, &have, empty);
    insta::assert_snapshot!(plan_text(&back), @r#"
    1 delete-topic new partitions=2 replication=Some(1) Some({"retention.ms": "5"}) (not preflighted)
        the topic holds no records
    preflight none, Summary { create: 0, change: 0, delete: 1, blocked: 0, unchanged: 0 }
    "#);
    assert!(back.requires().is_empty());
    assert_eq!(drifts(&back, &back.steps, &have), []);
    // Records that came since make the plan stale.
    let (_, written) = created(Some(7), &[(0, 3), (4, 4)]);
    let stale: Vec<String> = drifts(&back, &back.steps, &written).iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(stale.join("\n"), @"topic new: records was 0 and is 3 now");
    // Records that came between the look and the question are in the way.
    insta::assert_snapshot!(plan_text(&plan_undo_of(&done, &have)), @r"
    ! topic new other 
        it goes only while it is empty: the topic holds up to 20 records, by its offsets
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");

    let text = |(done, have): (Vec<Undone>, World)| plan_text(&plan_undo_of(&done, &have));
    let told = [
        text(created(Some(7), &[(0, 1200), (4, 4)])),
        text(created(Some(7), &[(0, 0)])),
        text(created(Some(9), &[(0, 0), (4, 4)])),
        text(created(None, &[(0, 0), (4, 4)])),
    ];
    insta::assert_snapshot!(told.join(""), @r"
    ? topic new undo/not-reversible: the topic stays: it goes only while it is empty, and it holds up to 1,200 records; klerk topic delete deletes it with them
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 0 }
    ? topic new undo/not-reversible: the topic stays: a topic goes only while it is empty, and that could not be read: new-1: no answer
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 0 }
    ? topic new undo/not-reversible: another topic bears the name now, so nothing of what was created is left
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 0 }
    ? topic new undo/not-reversible: the topic stays: the record does not hold the id of what was created, so this may be another one
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 0 }
    ");
    let gone = plan_undo_of(&done, &world(3).without(&["new"]));
    assert!(gone.is_empty() && gone.findings.is_empty(), "{gone:?}");
}

#[test]
fn a_created_topic_that_was_changed_since_goes_only_with_consent() {
    let made_now = |now: TopicBuilder| {
        let (done, have) = created(Some(7), &[(0, 0), (0, 0), (0, 0)]);
        let ranges = |answers: &mut Answers| {
            let empty = (0..3).map(|number| (number, LogRange { start: 0, end: 0 })).collect();
            answers.values_mut().for_each(|answer| *answer = Answer::LogRanges(BTreeMap::clone(&empty)));
        };
        let have = have.with("new", now);
        let back = plan_undo_with(&done, &have, ranges);
        assert_eq!(drifts(&back, &back.steps, &have), []);
        back
    };
    let by_hand = topic(3, 1).id(7).set("cleanup.policy", "compact");
    let back = made_now(by_hand);
    insta::assert_snapshot!(plan_text(&back), @r#"
    1 delete-topic new partitions=3 replication=Some(1) Some({"cleanup.policy": "compact"}) (not preflighted)
        risk moved-since
        the topic holds no records
    ? topic new undo/moved-since: the topic has been changed since: partitions: 3 now, 2 when it was created; cleanup.policy: compact now, not set when it was created; retention.ms: not set now, 5 when it was created; it goes with what it is now (--allow moved-since)
    preflight none, Summary { create: 0, change: 0, delete: 1, blocked: 0, unchanged: 0 }
    "#);
    assert_eq!(back.requires(), [Risk::MovedSince.into()].into());
    // What is changed between the plan and its apply makes it stale.
    let (_, later) = created(Some(7), &[(0, 0), (0, 0), (0, 0)]);
    let later = later.with("new", topic(4, 1).id(7).set("cleanup.policy", "delete"));
    let later: Vec<String> = drifts(&back, &back.steps, &later).iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(later.join("\n"), @r"
    topic new: records was 0 and cannot be read now: new-3: no answer
    topic new: partitions was 3 and is 4 now
    topic new: configs was cleanup.policy=compact and is cleanup.policy=delete now
    ");
    // What was left to the broker is not known, and a throttle of a move is nobody's wish.
    let throttled =
        topic(2, 3).id(7).set("retention.ms", "5").set("leader.replication.throttled.replicas", "*");
    assert!(made_now(throttled).requires().is_empty());
    // A value that cannot be read may be another one.
    let unread = Known::Denied(failure(29, "TOPIC_AUTHORIZATION_FAILED", ""));
    insta::assert_snapshot!(plan_text(&made_now(topic(2, 1).id(7).configs(unread))), @r"
    ! topic new not-readable 
        the configs of the topic could not be read: TOPIC_AUTHORIZATION_FAILED (29)
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
}

#[test]
fn what_cannot_be_read_stands_in_the_way() {
    let (_, _, recorded) = applied();
    let denied = Known::Denied(failure(29, "TOPIC_AUTHORIZATION_FAILED", ""));
    let unseen = world(3).with_seen("orders", denied.clone());
    insta::assert_snapshot!(plan_text(&plan_undo(&recorded, &unseen)), @r"
    ! topic orders not-readable 
        the topic could not be read: TOPIC_AUTHORIZATION_FAILED (29)
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
    let unread = world(3)
        .with("orders", topic(3, 3).configs(Known::Denied(failure(29, "TOPIC_AUTHORIZATION_FAILED", ""))));
    insta::assert_snapshot!(plan_text(&plan_undo(&recorded, &unread)), @r"
    ! topic orders not-readable 
        the configs of the topic could not be read: TOPIC_AUTHORIZATION_FAILED (29)
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
}

#[test]
fn a_value_that_the_broker_hides_is_not_guessed() {
    let hide = |secret: &mut crate::world::ConfigView| (secret.sensitive, secret.value) = (true, None);
    let want = topology([wish("orders").unset("secret")]);
    let mut have = world(3).with("orders", topic(3, 3).set("secret", "x").editing("secret", hide));
    let recorded = plan(&want, &have);
    carry_out(&recorded.steps, &mut have);
    insta::assert_snapshot!(plan_text(&plan_undo(&recorded, &have)), @r"
    ? topic orders undo/not-reversible: the broker hides the value of secret, so it stays as it is
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

/// The config changes of a plan, each with what it sets.
fn configs(plan: &Plan) -> Vec<TopicChange> {
    let all = plan.steps.iter().filter_map(|step| match &step.change {
        Change::Topic(TopicChange::SetConfig { topic, id, to, .. }) => Some(TopicChange::SetConfig {
            topic: topic.clone(),
            id: *id,
            from: Default::default(),
            to: to.clone(),
        }),
        _ => None,
    });
    all.collect()
}

proptest! {
    #[test]
    fn after_the_way_back_the_file_wants_exactly_what_was_taken_back(wishes in wishes(), mut have in worlds()) {
        let want = topology(wishes);
        let first = plan(&want, &have);
        carry_out(&first.steps, &mut have);
        let back = plan_undo(&first, &have);
        prop_assert_eq!(&back.conflicts, &[]);
        prop_assert!(!back.requires().contains(&Risk::MovedSince.into()));
        prop_assert_eq!(drifts(&back, &back.steps, &have), vec![]);
        carry_out(&back.steps, &mut have);
        let anew = plan(&want, &have);
        prop_assert_eq!(configs(&anew), configs(&first));
        let moves = |plan: &Plan| plan.steps.iter().filter(|step| moves_replicas(&step.change)).count();
        prop_assert_eq!(moves(&anew), moves(&first));
        prop_assert_eq!(anew.steps.len(), configs(&first).len() + moves(&first));
        // A second time there is nothing left to take back.
        prop_assert_eq!(plan_undo(&first, &have).steps, vec![]);
        // And the way back has a way back of its own.
        let forth = plan_undo(&back, &have);
        carry_out(&forth.steps, &mut have);
        prop_assert_eq!(plan(&want, &have).steps, vec![]);
    }
}

#[test]
fn a_deletion_has_no_way_back_and_is_named() {
    let want = topology([]).without_topic("orders", false);
    let have = world(3).with("orders", topic(3, 3));
    let recorded = plan(&want, &have);
    let still_there = plan_undo(&recorded, &have);
    assert!(still_there.is_empty() && still_there.findings.is_empty(), "{still_there:?}");
    insta::assert_snapshot!(plan_text(&plan_undo(&recorded, &world(3).without(&["orders"]))), @r"
    ? topic orders undo/not-reversible: its records are gone for good; the record of the run holds its partitions and configs
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 0 }
    ");
    insta::assert_snapshot!(plan_text(&plan_undo(&recorded, &world(3).with("orders", topic(3, 3).id(9)))), @r"
    ? topic orders undo/not-reversible: its records are gone for good, and another topic bears the name now
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

/// The undo of a creation deletes a topic that has never held a record, so nothing stands against making it anew.
#[test]
fn a_topic_that_went_while_it_was_empty_comes_again() {
    let deletion = |replication: Option<i16>| {
        let configs = [("retention.ms", "5"), ("follower.replication.throttled.replicas", "*")];
        let configs = configs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        Change::Topic(TopicChange::Delete {
            topic: "orders".to_owned(),
            id: None,
            partitions: 3,
            replication,
            configs: Some(configs.into()),
            while_empty: true,
        })
    };
    let undone = |replication: Option<i16>, have: &World| {
        let mut recorded =
            plan(&topology([]).without_topic("orders", false), &world(3).with("orders", topic(3, 3)));
        recorded.steps[0].change = deletion(replication);
        plan_text(&plan_undo(&recorded, have))
    };
    let gone = world(3).without(&["orders"]);
    insta::assert_snapshot!(undone(Some(3), &gone), @r#"
    1 create-topic orders partitions=Some(3) replication=Some(3) {"retention.ms": "5"}
    preflight full, Summary { create: 1, change: 0, delete: 0, blocked: 0, unchanged: 0 }
    "#);
    insta::assert_snapshot!(undone(None, &gone), @r"
    ? topic orders undo/not-reversible: the topic was empty; what it takes to make it anew is not in the record
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 0 }
    ");
    insta::assert_snapshot!(undone(Some(3), &world(3).with("orders", topic(3, 3).id(9))), @"preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 1 }");
}
