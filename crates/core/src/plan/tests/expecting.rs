use crate::plan::{Answer, Plan, Risk, Unsound, drifts, sound, wanted_for};
use crate::testing::{TopicBuilder, failure, plan, plan_with, topic, topology, wish, world};
use crate::topology::Topic;
use crate::values::{Known, TopicPartition};
use crate::world::{ConfigView, LogRange, Selection, World};
use insta::assert_snapshot;

fn drifted(plan: &Plan, now: &World) -> String {
    drifts(plan, &plan.steps, now).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn a(built: TopicBuilder) -> World {
    world(3).with("a", built)
}

#[test]
fn a_topic_that_appeared_makes_its_creation_stale() {
    let plan = plan(&topology([wish("a")]), &world(3).without(&["a"]));
    assert_snapshot!(drifted(&plan, &world(3).without(&["a"])), @"");
    assert_snapshot!(drifted(&plan, &a(topic(1, 1))), @"topic a: exists was absent and is true now");
    let hidden = world(3).with_seen("a", Known::Denied(failure(29, "TOPIC_AUTHORIZATION_FAILED", "")));
    assert_snapshot!(drifted(&plan, &hidden), @"topic a: exists was absent and cannot be read now: TOPIC_AUTHORIZATION_FAILED (29)");
    assert_snapshot!(drifted(&plan, &world(3)), @"topic a: exists was absent and cannot be read now: not asked for");
}

#[test]
fn a_topic_that_was_changed_replaced_or_deleted_makes_its_changes_stale() {
    let want = topology([wish("a").partitions(4).set("segment.ms", "7").unset("preallocate")]);
    let have = || topic(2, 3).set("segment.ms", "0005").set("preallocate", "true");
    let plan = plan(&want, &a(have()));
    assert_snapshot!(drifted(&plan, &a(have().set("segment.ms", "5").set("max.message.bytes", "9"))), @"");
    assert_snapshot!(drifted(&plan, &a(topic(3, 3).set("segment.ms", "6"))), @r"
    topic a: partitions was 2 and is 3 now
    topic a: config.preallocate was true and is absent now
    topic a: config.segment.ms was 0005 and is 6 now
    ");
    assert_snapshot!(drifted(&plan, &a(have().id(9))), @"topic a: id was BwcHBwcHBwcHBwcHBwcHBw and is CQkJCQkJCQkJCQkJCQkJCQ now");
    assert_snapshot!(drifted(&plan, &world(3).without(&["a"])), @"topic a: id was BwcHBwcHBwcHBwcHBwcHBw and is absent now");
    let closed = have().configs(Known::Failed(failure(7, "REQUEST_TIMED_OUT", "")));
    assert_snapshot!(drifted(&plan, &a(closed)), @r"
    topic a: config.preallocate was true and cannot be read now: REQUEST_TIMED_OUT (7)
    topic a: config.segment.ms was 0005 and cannot be read now: REQUEST_TIMED_OUT (7)
    topic a: preallocate of the brokers was false and cannot be read now: REQUEST_TIMED_OUT (7)
    ");
}

/// What is harmless for a compacted topic, or for one that keeps its records for ever, is not for another.
#[test]
fn values_that_a_change_was_judged_by_belong_to_what_it_rests_on() {
    let found = |wished: Topic, had: TopicBuilder, now: TopicBuilder| {
        let plan = plan(&topology([wished]), &a(had.clone()));
        assert!(plan.requires().is_empty(), "{plan:?}");
        assert_eq!(drifted(&plan, &a(had)), "");
        drifted(&plan, &a(now))
    };
    let compacted = || topic(1, 1).set("cleanup.policy", "compact");
    assert_snapshot!(found(wish("a").set("retention.ms", "1000"), compacted(), topic(1, 1)), @"topic a: cleanup.policy in effect was compact and is delete now");
    assert_snapshot!(found(wish("a").set("cleanup.policy", "delete"), compacted().set("retention.ms", "-1"), compacted().set("retention.ms", "1000")), @"topic a: retention.ms in effect was -1 and is 1000 now");
    let lowered = |view: &mut ConfigView| view.inherited = Some("1000".to_owned());
    let day = || topic(1, 1).set("retention.ms", "86400000");
    assert_snapshot!(found(wish("a").unset("retention.ms"), day(), day().editing("retention.ms", lowered)), @"topic a: retention.ms of the brokers was 604800000 and is 1000 now");
    // What a file raises above the present default it may cut once the default is another one.
    let raised =
        |view: &mut ConfigView| (view.value, view.inherited) = (Some("-1".to_owned()), Some("-1".to_owned()));
    assert_snapshot!(found(wish("a").set("retention.ms", "700000000"), topic(1, 1), topic(1, 1).editing("retention.ms", raised)), @"topic a: retention.ms in effect was 604800000 and is -1 now");
}

#[test]
fn a_plan_for_one_cluster_is_not_for_another() {
    let plan = plan(&topology([wish("a")]), &world(3).without(&["a"]));
    let mut other = world(3).without(&["a"]);
    other.cluster.id = "another".to_owned();
    assert_snapshot!(drifted(&plan, &other), @"cluster test-cluster: id was test-cluster and is another now: this is another cluster than that of the plan");
}

#[test]
fn a_look_at_steps_sees_their_topics_and_only_the_configs_that_they_touch() {
    let want = topology([wish("new"), wish("new-set").set("segment.ms", "1"), wish("grown").partitions(2)]);
    let have = world(1).without(&["new", "new-set"]).with("grown", topic(1, 1));
    let wanted = wanted_for(&plan(&want, &have).steps);
    let named = |names: &[&str]| Selection::Named(names.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(wanted.topics, named(&["grown", "new", "new-set"]));
    assert_eq!(wanted.configs, named(&["new-set"]));
    assert!(wanted.groups.is_none() && wanted.subjects.is_none());
}

#[test]
fn what_is_harmless_because_the_topic_is_empty_rests_on_that() {
    let want = topology([wish("a").partitions(2).set("retention.ms", "1000")]);
    let have = || a(topic(1, 1).set("retention.ms", "9000"));
    let holding = |records: i64| {
        let mut world = have();
        let range = LogRange { start: 5, end: 5 + records };
        world.cluster.logs.insert(TopicPartition::new("a", 0), Known::Known(range));
        world
    };
    let mut empty = plan_with(&want, &have(), |answers| {
        for answer in answers.values_mut().filter(|answer| matches!(answer, Answer::LogRanges(_))) {
            *answer = Answer::LogRanges([(0, LogRange { start: 5, end: 5 })].into());
        }
    });
    assert_eq!(empty.steps.len(), 2);
    assert!(empty.requires().is_empty());
    assert_eq!(wanted_for(&empty.steps).log_offsets, Selection::Named(["a".to_owned()].into()));
    assert_snapshot!(drifted(&empty, &holding(0)), @"");
    assert_snapshot!(drifted(&empty, &holding(3)), @"topic a: records was 0 and is 3 now");
    assert_snapshot!(drifted(&empty, &have()), @"topic a: records was 0 and cannot be read now: a-0: no answer");
    // Whoever has allowed a loss has allowed about what was told of it.
    let full = plan_with(&want, &have(), |answers| {
        for answer in answers.values_mut().filter(|answer| matches!(answer, Answer::LogRanges(_))) {
            *answer = Answer::LogRanges([(0, LogRange { start: 5, end: 1005 })].into());
        }
    });
    assert_eq!(full.requires().len(), 2);
    assert_snapshot!(drifted(&full, &holding(3)), @"");
    assert_snapshot!(drifted(&full, &holding(2000)), @"");
    assert_snapshot!(drifted(&full, &holding(2001)), @"topic a: records-up-to was 1000 and is 2001 now");
    assert_snapshot!(drifted(&full, &have()), @"");
    // And a stored plan that forgot either is not one of klerk's.
    assert_eq!(sound(&empty), Ok(()));
    for step in &mut empty.steps {
        step.expects.retain(|fact| fact.field != "records");
        step.risks.remove(&Risk::MovesKeys);
    }
    let fact = "records of topic a".to_owned();
    let step = empty.steps.iter().find(|step| step.change.kind() == "add-partitions").unwrap().id;
    assert_eq!(sound(&empty), Err(Unsound::Unfounded { step, fact }));
}
