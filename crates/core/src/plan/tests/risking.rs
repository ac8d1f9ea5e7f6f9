use crate::plan::{Answer, Answers, Question, Risk};
use crate::testing::{TopicBuilder, failure, plan, plan_text, plan_with, topic, topology, wish, world};
use crate::topology::Topic;
use crate::world::LogRange;
use insta::assert_snapshot;

fn risks(want: Topic, have: TopicBuilder) -> Vec<&'static str> {
    let name = want.name.clone();
    let plan = plan(&topology([want]), &world(3).with(&name, have));
    plan.steps.iter().flat_map(|step| &step.risks).map(|risk| risk.as_str()).collect()
}

fn empty(answers: &mut Answers) {
    let none = LogRange { start: 40, end: 40 };
    for (question, answer) in answers.iter_mut() {
        if matches!(question, Question::LogRanges { .. }) {
            *answer = Answer::LogRanges((0..9).map(|number| (number, none)).collect());
        }
    }
}

#[test]
fn what_makes_existing_records_deletable() {
    let a = || wish("a");
    let t = || topic(1, 3);
    let cases = [
        (a().set("retention.ms", "3600000"), t(), true),
        (a().set("retention.ms", "604800001"), t(), false),
        (a().set("retention.ms", "-1"), t(), false),
        (a().set("retention.ms", "1000"), t().set("retention.ms", "-1"), true),
        (a().unset("retention.ms"), t().set("retention.ms", "604800001"), true),
        (a().unset("retention.ms"), t().set("retention.ms", "1"), false),
        (a().set("retention.bytes", "1000"), t(), true),
        (a().set("retention.bytes", "2000"), t().set("retention.bytes", "1000"), false),
        (a().set("cleanup.policy", "compact"), t(), true),
        (a().set("cleanup.policy", "compact,delete"), t(), true),
        (a().set("cleanup.policy", "delete,compact"), t().set("cleanup.policy", "compact"), true),
        (a().set("cleanup.policy", "delete"), t().set("cleanup.policy", "compact,delete"), false),
        (a().set("cleanup.policy", "delete"), t().set("cleanup.policy", "compact"), true),
        (
            a().set("cleanup.policy", "compact,delete"),
            t().set("cleanup.policy", "compact").set("retention.ms", "-1"),
            false,
        ),
        (a().set("retention.ms", "1"), t().set("cleanup.policy", "compact"), false),
        (a().set("segment.ms", "1"), t(), false),
        (a().set("remote.storage.enable", "false"), t().set("remote.storage.enable", "true"), true),
    ];
    for (want, have, loses) in cases {
        let wished = format!("{:?}", want.configs);
        let found = risks(want, have);
        assert_eq!(found, if loses { vec!["loses-data"] } else { vec![] }, "{wished}");
    }
}

#[test]
fn an_unknown_inherited_value_is_taken_for_the_worst() {
    let have = topic(1, 3).set("retention.ms", "1").editing("retention.ms", |view| view.inherited = None);
    let plan = plan(&topology([wish("a").unset("retention.ms")]), &world(3).with("a", have));
    assert_snapshot!(plan_text(&plan), @r"
    1 set-config a retention.ms: 1 -> unset
        risk loses-data
        retention.ms is lowered from 1ms (1) to what was not told
        the topic holds up to 10 records, by its offsets
        retention.ms follows the broker, whose value was not told
    ? topic a topic/min-isr-missing: 'a' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

#[test]
fn nothing_can_be_lost_of_an_empty_topic() {
    let want =
        topology([wish("a").partitions(3).set("retention.ms", "1").set("cleanup.policy", "compact,delete")]);
    let have = world(3).with("a", topic(1, 3));
    assert_eq!(plan(&want, &have).requires(), [Risk::LosesData.into(), Risk::MovesKeys.into()].into());
    let plan = plan_with(&want, &have, empty);
    assert!(plan.requires().is_empty(), "{}", plan_text(&plan));
}

#[test]
fn a_topic_counts_as_empty_only_when_every_partition_has_said_so() {
    let want = topology([wish("a").partitions(12).key_by("agent_id")]);
    let have = world(3).with("a", topic(10, 3));
    let plan = plan_with(&want, &have, empty);
    assert_snapshot!(plan_text(&plan), @r"
    1 add-partitions a 10 -> 12
        risk moves-keys
        records are keyed by agent_id
        whether the topic holds records could not be read: 1 partition gave no answer
    ? topic a topic/min-isr-missing: 'a' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    let plan = plan_with(&want, &have, |answers| {
        for (question, answer) in answers.iter_mut() {
            if matches!(question, Question::LogRanges { .. }) {
                *answer = Answer::Denied(failure(29, "TOPIC_AUTHORIZATION_FAILED", ""));
            }
        }
    });
    assert_snapshot!(plan_text(&plan), @r"
    1 add-partitions a 10 -> 12
        risk moves-keys
        records are keyed by agent_id
        whether the topic holds records could not be read: TOPIC_AUTHORIZATION_FAILED (29)
    ? topic a topic/min-isr-missing: 'a' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

#[test]
fn what_may_stop_producers() {
    let a = || wish("a");
    let short = || topic(2, 3).replicas(1, &[1, 2, 3], &[1]);
    let cases = [
        (a().set("min.insync.replicas", "2"), short(), vec!["stops-writes"]),
        (a().set("min.insync.replicas", "2"), topic(2, 3), vec![]),
        (a().set("min.insync.replicas", "9"), topic(2, 1), vec![]),
        (a().set("max.message.bytes", "1000"), topic(1, 3), vec!["stops-writes"]),
        (a().set("max.message.bytes", "9000000"), topic(1, 3), vec![]),
        (a().set("message.timestamp.before.max.ms", "1000"), topic(1, 3), vec!["stops-writes"]),
        (a().set("message.timestamp.after.max.ms", "3600001"), topic(1, 3), vec![]),
        (a().set("message.timestamp.type", "LogAppendTime"), topic(1, 3), vec![]),
        (
            a().set("message.timestamp.type", "CreateTime"),
            topic(1, 3).set("message.timestamp.type", "LogAppendTime"),
            vec!["stops-writes"],
        ),
    ];
    for (want, have, expected) in cases {
        let wished = format!("{:?}", want.configs);
        assert_eq!(risks(want, have), expected, "{wished}");
    }
}

#[test]
fn what_weakens_durability() {
    let two = || topic(1, 3).set("min.insync.replicas", "2");
    assert_eq!(risks(wish("a").set("min.insync.replicas", "1"), two()), ["weakens-durability"]);
    assert_eq!(risks(wish("a").unset("min.insync.replicas"), two()), ["weakens-durability"]);
    let capped = topic(1, 1).set("min.insync.replicas", "3");
    assert_eq!(risks(wish("a").set("min.insync.replicas", "2"), capped), Vec::<&str>::new());
    let key = "unclean.leader.election.enable";
    assert_eq!(risks(wish("a").set(key, "TRUE"), topic(1, 3)), ["weakens-durability"]);
    assert_eq!(risks(wish("a").set(key, "false"), topic(1, 3).set(key, "true")), Vec::<&str>::new());
}

#[test]
fn a_protected_topic_says_so_on_every_change_but_its_creation() {
    assert_eq!(risks(wish("a").set("segment.ms", "1").protect(), topic(1, 1)), ["protected"]);
    let created = plan(&topology([wish("a").protect()]), &world(1).without(&["a"]));
    assert!(created.requires().is_empty());
}

#[test]
fn min_isr_above_the_replication_factor_is_a_finding() {
    let want = topology([wish("a").replication(1).set("min.insync.replicas", "2")]);
    assert_snapshot!(plan_text(&plan(&want, &world(1).without(&["a"]))), @r#"
    1 create-topic a partitions=None replication=Some(1) {"min.insync.replicas": "2"}
    ? topic a topic/min-isr-above-replication: min.insync.replicas 2 of 'a' is above its replication factor 1, which caps it
    preflight full, Summary { create: 1, change: 0, delete: 0, blocked: 0, unchanged: 0 }
    "#);
}
