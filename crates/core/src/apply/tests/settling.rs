use crate::apply::{ItemFailure, StepEvent, Told, patience_ms, settle, settle_unseen, still_waiting};
use crate::plan::Step;
use crate::testing::{TopicBuilder, failure, plan, settlement_text, topic, topology, wish, world};
use crate::topology::Topic;
use crate::values::{Failure, Known};
use crate::world::World;
use insta::assert_snapshot;

/// The only step of the plan for one topic.
fn step(want: Topic, have: &World) -> Step {
    plan(&topology([want]), have).steps.remove(0)
}

/// A line with the settlement, and whether more looking might change it.
fn fate(step: &Step, told: &Told, after: &World) -> String {
    let waiting = if still_waiting(step, told, after) { " …" } else { "" };
    settlement_text(&settle(step, told, after)) + waiting
}

fn fates(step: &Step, told: &Told, worlds: &[World]) -> String {
    worlds.iter().map(|after| fate(step, told, after)).collect::<Vec<_>>().join("\n")
}

fn with(built: TopicBuilder) -> World {
    world(3).with("a", built)
}

fn none() -> World {
    world(3).without(&["a"])
}

fn silence() -> Told {
    Told::once(StepEvent::NoReply(Failure::without_reply("CONNECTION_CLOSED", "the broker went away")))
}

fn creation() -> Step {
    step(wish("a").partitions(2).replication(3).set("retention.ms", "0005"), &none())
}

#[test]
fn an_accepted_creation_is_done_only_when_it_is_seen() {
    let worlds = [
        with(topic(2, 3).set("retention.ms", "5")),
        none(),
        world(3).with_seen("a", Known::Failed(failure(3, "UNKNOWN_TOPIC_OR_PARTITION", ""))),
        with(topic(2, 3)),
        with(topic(4, 1).set("retention.ms", "6")),
        with(topic(2, 3).configs(Known::Failed(failure(3, "UNKNOWN_TOPIC_OR_PARTITION", "")))),
        world(3).with_seen("a", Known::Denied(failure(29, "TOPIC_AUTHORIZATION_FAILED", ""))),
    ];
    assert_snapshot!(fates(&creation(), &Told::once(StepEvent::Accepted), &worlds), @r"
    done as-asked
    accepted [exists: asked true, found -] accepted, and not visible yet when the time to look was over …
    accepted [exists: asked true, found -] accepted, and not visible yet when the time to look was over …
    accepted [config.retention.ms: asked 0005, found -] accepted, and not visible yet when the time to look was over …
    done not-as-asked [config.retention.ms: asked 0005, found 6] [partitions: asked 2, found 4] [replication: asked 3, found 1]
    accepted [exists: asked true, found -] accepted, and not visible yet when the time to look was over …
    accepted (TOPIC_AUTHORIZATION_FAILED (29)) accepted; the look afterwards could not read it
    ");
}

#[test]
fn a_deletion_is_done_when_the_topic_that_was_seen_is_gone() {
    let seen = || with(topic(2, 3).id(1));
    let deletion = plan(&topology([]).without_topic("a", false), &seen()).steps.remove(0);
    let worlds = [
        none(),
        seen(),
        with(topic(2, 3).id(2)),
        world(3).with_seen("a", Known::Failed(failure(5, "LEADER_NOT_AVAILABLE", ""))),
        world(3).with_seen("a", Known::Denied(failure(29, "TOPIC_AUTHORIZATION_FAILED", ""))),
    ];
    assert_snapshot!(fates(&deletion, &Told::once(StepEvent::Accepted), &worlds), @r"
    done as-asked
    accepted [exists: asked -, found true] accepted, and not visible yet when the time to look was over …
    done moved-on-since [id: asked AQEBAQEBAQEBAQEBAQEBAQ, found AgICAgICAgICAgICAgICAg]
    accepted [exists: asked -, found true] accepted, and not visible yet when the time to look was over …
    accepted (TOPIC_AUTHORIZATION_FAILED (29)) accepted; the look afterwards could not read it
    ");
    assert_snapshot!(fates(&deletion, &silence(), &worlds), @r"
    done as-asked (CONNECTION_CLOSED: the broker went away) no reply came; it is as asked now, which does not prove that this run did it
    unknown [exists: asked -, found true] (CONNECTION_CLOSED: the broker went away) no reply came, and nothing of it is to be seen; it may still be carried out …
    unknown moved-on-since [id: asked AQEBAQEBAQEBAQEBAQEBAQ, found AgICAgICAgICAgICAgICAg] (CONNECTION_CLOSED: the broker went away)
    unknown [exists: asked -, found true] (CONNECTION_CLOSED: the broker went away) no reply came, and nothing of it is to be seen; it may still be carried out …
    unknown (CONNECTION_CLOSED: the broker went away) no reply came, and the look afterwards could not read it
    ");
    let gone = Told::once(StepEvent::Refused(failure(100, "UNKNOWN_TOPIC_ID", "")));
    assert_snapshot!(fates(&deletion, &gone, &worlds), @r"
    done as-asked (UNKNOWN_TOPIC_ID (100)) it was gone when the request came, which does not prove that this run deleted it
    accepted [exists: asked -, found true] (UNKNOWN_TOPIC_ID (100)) the controller says that it is gone, and brokers still show it …
    rejected (UNKNOWN_TOPIC_ID (100)) it was deleted and created anew in the meantime; plan again to see what is there
    accepted [exists: asked -, found true] (UNKNOWN_TOPIC_ID (100)) the controller says that it is gone, and brokers still show it …
    unknown (UNKNOWN_TOPIC_ID (100)) the controller says that it is gone, and the look afterwards could not read it
    ");
    let disabled = Told::once(StepEvent::Refused(failure(73, "TOPIC_DELETION_DISABLED", "")));
    assert_snapshot!(fates(&deletion, &disabled, &worlds[..2]), @r"
    rejected (TOPIC_DELETION_DISABLED (73))
    rejected (TOPIC_DELETION_DISABLED (73))
    ");
}

#[test]
fn a_creation_without_a_reply_is_settled_by_looking_and_never_claimed() {
    let worlds = [
        with(topic(2, 3).set("retention.ms", "5")),
        none(),
        with(topic(9, 3).set("retention.ms", "5")),
        world(3).with_seen("a", Known::Failed(Failure::without_reply("TIMEOUT", ""))),
    ];
    assert_snapshot!(fates(&creation(), &silence(), &worlds), @r"
    done as-asked (CONNECTION_CLOSED: the broker went away) no reply came; it is as asked now, which does not prove that this run did it
    unknown [exists: asked true, found -] (CONNECTION_CLOSED: the broker went away) no reply came, and nothing of it is to be seen; it may still be carried out …
    unknown not-as-asked [partitions: asked 2, found 9] (CONNECTION_CLOSED: the broker went away)
    unknown (CONNECTION_CLOSED: the broker went away) no reply came, and the look afterwards could not read it …
    ");
    let timed_out = Told::once(StepEvent::Refused(failure(7, "REQUEST_TIMED_OUT", "")));
    assert_snapshot!(fates(&creation(), &timed_out, &worlds[..2]), @r"
    done as-asked (REQUEST_TIMED_OUT (7)) no reply came; it is as asked now, which does not prove that this run did it
    unknown [exists: asked true, found -] (REQUEST_TIMED_OUT (7)) no reply came, and nothing of it is to be seen; it may still be carried out …
    ");
}

#[test]
fn a_creation_refused_because_it_exists_depends_on_whether_it_was_sent_twice() {
    let refused = StepEvent::Refused(failure(36, "TOPIC_ALREADY_EXISTS", "Topic 'a' already exists."));
    let worlds = [with(topic(2, 3).set("retention.ms", "5")), with(topic(1, 1))];
    assert_snapshot!(fates(&creation(), &Told { event: refused.clone(), resent: true }, &worlds), @r"
    done as-asked (TOPIC_ALREADY_EXISTS (36): Topic 'a' already exists.) the request was sent again for want of a reply and then refused; it is as asked now, which does not prove that this run did it
    rejected (TOPIC_ALREADY_EXISTS (36): Topic 'a' already exists.) somebody else has created the topic in the meantime; plan again to see what differs
    ");
    assert_snapshot!(fates(&creation(), &Told::once(refused), &worlds), @r"
    rejected (TOPIC_ALREADY_EXISTS (36): Topic 'a' already exists.) somebody else has created the topic in the meantime, just as asked
    rejected (TOPIC_ALREADY_EXISTS (36): Topic 'a' already exists.) somebody else has created the topic in the meantime; plan again to see what differs
    ");
}

#[test]
fn what_is_refused_or_not_sent_at_the_second_time_may_have_been_done_at_the_first() {
    let step = step(wish("a").partitions(4), &with(topic(2, 3)));
    let worlds = [with(topic(4, 3)), with(topic(2, 3))];
    let why = failure(29, "TOPIC_AUTHORIZATION_FAILED", "");
    for event in [StepEvent::Refused(why.clone()), StepEvent::NotSent(why)] {
        let resent = fates(&step, &Told { event: event.clone(), resent: true }, &worlds);
        let words: Vec<&str> = resent.lines().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(words, ["done", "unknown"], "{resent}");
        assert!(resent.ends_with('…'), "lag is waited for: {resent}");
        let once = fates(&step, &Told::once(event), &worlds);
        assert!(!once.contains("done") && !once.contains("unknown") && !once.contains('…'), "{once}");
    }
}

#[test]
fn added_partitions_are_counted() {
    let step = step(wish("a").partitions(4), &with(topic(2, 3)));
    let worlds = [
        with(topic(4, 3)),
        with(topic(2, 3)),
        with(topic(3, 3)),
        with(topic(6, 3)),
        with(topic(4, 3).id(9)),
        none(),
    ];
    assert_snapshot!(fates(&step, &Told::once(StepEvent::Accepted), &worlds), @r"
    done as-asked
    accepted [partitions: asked 4, found 2] accepted, and not visible yet when the time to look was over …
    done not-as-asked [partitions: asked 4, found 3]
    done moved-on-since [partitions: asked 4, found 6]
    done moved-on-since [id: asked BwcHBwcHBwcHBwcHBwcHBw, found CQkJCQkJCQkJCQkJCQkJCQ]
    done moved-on-since [exists: asked true, found -]
    ");
    assert_snapshot!(fates(&step, &silence(), &worlds), @r"
    done as-asked (CONNECTION_CLOSED: the broker went away) no reply came; it is as asked now, which does not prove that this run did it
    unknown [partitions: asked 4, found 2] (CONNECTION_CLOSED: the broker went away) no reply came, and nothing of it is to be seen; it may still be carried out …
    unknown not-as-asked [partitions: asked 4, found 3] (CONNECTION_CLOSED: the broker went away)
    unknown moved-on-since [partitions: asked 4, found 6] (CONNECTION_CLOSED: the broker went away)
    unknown moved-on-since [id: asked BwcHBwcHBwcHBwcHBwcHBw, found CQkJCQkJCQkJCQkJCQkJCQ] (CONNECTION_CLOSED: the broker went away)
    unknown moved-on-since [exists: asked true, found -] (CONNECTION_CLOSED: the broker went away)
    ");
}

#[test]
fn configs_are_compared_by_type_and_what_was_ignored_is_named() {
    let have = topic(1, 3).set("segment.ms", "1");
    let want = wish("a")
        .set("min.cleanable.dirty.ratio", "5e-1")
        .set("cleanup.policy", "delete, compact")
        .unset("segment.ms");
    let step = step(want, &with(have.clone()));
    let done = topic(1, 3).set("min.cleanable.dirty.ratio", "0.5").set("cleanup.policy", "delete,compact");
    let worlds = [
        with(done.clone()),
        with(have),
        with(done.clone().set("segment.ms", "1")),
        with(done.set("cleanup.policy", "compact")),
    ];
    assert_snapshot!(fates(&step, &Told::once(StepEvent::Accepted), &worlds), @r"
    done as-asked
    accepted [config.cleanup.policy: asked delete, compact, found -] [config.min.cleanable.dirty.ratio: asked 5e-1, found -] [config.segment.ms: asked -, found 1] accepted, and not visible yet when the time to look was over …
    done not-as-asked [config.segment.ms: asked -, found 1]
    done not-as-asked [config.cleanup.policy: asked delete, compact, found compact]
    ");
}

#[test]
fn a_refusal_is_a_refusal_and_what_was_never_sent_was_never_tried() {
    let policy = StepEvent::Refused(failure(44, "POLICY_VIOLATION", "no"));
    assert_snapshot!(fate(&creation(), &Told::once(policy), &none()), @"rejected (POLICY_VIOLATION (44): no)");
    assert_snapshot!(fate(&creation(), &Told::once(StepEvent::NotSent(Failure::without_reply("STOPPED", "the run was stopped before its turn"))), &none()), @"not-attempted the run was stopped before its turn");
    assert_snapshot!(fate(&creation(), &Told::once(StepEvent::Sent), &none()), @"unknown [exists: asked true, found -] (NO_REPLY: the run ended before a reply came) no reply came, and nothing of it is to be seen; it may still be carried out …");
}

#[test]
fn without_any_look_only_what_was_told_counts() {
    let broken = Failure::without_reply("NO_BROKER", "no broker answers");
    let item = ItemFailure { item: "a-1".to_owned(), failure: failure(25, "UNKNOWN_MEMBER_ID", "") };
    let events = [
        StepEvent::Accepted,
        StepEvent::Sent,
        StepEvent::NoReply(Failure::without_reply("TIMEOUT", "")),
        StepEvent::Refused(failure(44, "POLICY_VIOLATION", "no")),
        StepEvent::PartlyAccepted { done: 1, of: 2, failures: vec![item.clone()] },
        StepEvent::PartlyAccepted { done: 0, of: 1, failures: vec![item] },
        StepEvent::NotSent(Failure::without_reply("STOPPED", "the run was stopped before its turn")),
    ];
    let fates = events.map(|event| settlement_text(&settle_unseen(&Told::once(event), &broken)));
    assert_snapshot!(fates.join("\n"), @r"
    accepted (NO_BROKER: no broker answers) accepted; the look afterwards could not read it
    unknown (NO_REPLY: the run ended before a reply came) no reply came, and the look afterwards could not read it
    unknown (TIMEOUT) no reply came, and the look afterwards could not read it
    rejected (POLICY_VIOLATION (44): no)
    partial (UNKNOWN_MEMBER_ID (25))
    rejected (UNKNOWN_MEMBER_ID (25))
    not-attempted the run was stopped before its turn
    ");
}

#[test]
fn the_time_to_look_grows_with_the_partitions() {
    assert_eq!(patience_ms([]), 10_000);
    assert_eq!(patience_ms([&creation()]), 10_020);
    let grown = step(wish("a").partitions(502), &with(topic(2, 3)));
    assert_eq!(patience_ms([&creation(), &grown]), 15_020);
}
