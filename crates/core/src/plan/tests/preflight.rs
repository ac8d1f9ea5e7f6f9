use crate::plan::{Answer, Answers, DiffOptions, Question, contradicted, diff};
use crate::testing::{accept_all, failure, plan_text, plan_with, topic, topology, wish, world};
use crate::values::{Failure, Resource};
use insta::assert_snapshot;

/// Changes the broker's answer to the change of one topic.
fn answer(answers: &mut Answers, topic: &str, answer: Answer) {
    let asked = answers
        .iter_mut()
        .find(|(question, _)| matches!(question, Question::Accepts(change) if change.topic() == topic));
    *asked.expect("the question was asked").1 = answer;
}

#[test]
fn one_impossible_topic_of_five_makes_the_plan_unappliable_and_all_five_are_explained() {
    let names = ["a", "b", "c", "d", "e"];
    let want =
        topology(names.map(|name| wish(name).partitions(1).replication(if name == "c" { 9 } else { 1 })));
    let plan = plan_with(&want, &world(3).without(&names), |answers| {
        let words = "Unable to replicate the partition 9 time(s): The target replication factor of 9 cannot be \
                     reached because only 3 broker(s) are registered.";
        answer(answers, "c", Answer::Refused(failure(38, "INVALID_REPLICATION_FACTOR", words)));
    });
    assert!(!plan.is_appliable());
    assert_snapshot!(plan_text(&plan), @r"
    1 create-topic a partitions=Some(1) replication=Some(1) {}
    2 create-topic b partitions=Some(1) replication=Some(1) {}
    3 create-topic d partitions=Some(1) replication=Some(1) {}
    4 create-topic e partitions=Some(1) replication=Some(1) {}
    ! topic c refused-by-broker topology.yaml:3:1
        the broker would not create 'c': INVALID_REPLICATION_FACTOR (38): Unable to replicate the partition 9 time(s): The target replication factor of 9 cannot be reached because only 3 broker(s) are registered. Ask for a replication factor that the cluster has brokers for (3 are alive now)
    preflight full, Summary { create: 4, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
}

#[test]
fn a_misspelt_key_is_refused_with_the_line_and_the_likely_word() {
    let want = topology([wish("orders").set("preallocate", "true").set("retension.ms", "1")]);
    let plan = plan_with(&want, &world(3).with("orders", topic(1, 1)), |answers| {
        let words = "Unknown topic config name: retension.ms";
        answer(answers, "orders", Answer::Refused(failure(40, "INVALID_CONFIG", words)));
    });
    assert_snapshot!(plan_text(&plan), @r"
    ! topic orders refused-by-broker topology.yaml:5:1
        the broker would not change the configs of 'orders': INVALID_CONFIG (40): Unknown topic config name: retension.ms. Did you mean retention.ms?
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
}

#[test]
fn on_an_empty_cluster_keys_are_guessed_from_those_that_kafka_has() {
    let want = topology([
        wish("orders").set("cleanup.polcy", "compact"),
        wish("paid").set("colour", "red").set("shape", "round"),
    ]);
    let plan = plan_with(&want, &world(3).without(&["orders", "paid"]), |answers| {
        let words = |key| failure(40, "INVALID_CONFIG", &format!("Unknown topic config name: {key}"));
        answer(answers, "orders", Answer::Refused(words("cleanup.polcy")));
        answer(answers, "paid", Answer::Refused(words("colour")));
    });
    assert_snapshot!(plan_text(&plan), @r"
    ! topic orders refused-by-broker topology.yaml:4:1
        the broker would not create 'orders': INVALID_CONFIG (40): Unknown topic config name: cleanup.polcy. Did you mean cleanup.policy?
    ! topic paid refused-by-broker topology.yaml:4:1
        the broker would not create 'paid': INVALID_CONFIG (40): Unknown topic config name: colour. This broker knows no colour; check its spelling, or remove it. Look also at shape, which it seems not to know either
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 2, unchanged: 0 }
    ");
}

#[test]
fn a_bad_value_is_refused_with_its_line() {
    let want = topology([wish("orders").partitions(1).set("cleanup.policy", "shred")]);
    let have = world(3).without(&["orders"]).with("known", topic(1, 1));
    let plan = plan_with(&want, &have, |answers| {
        let words =
            "Invalid value shred for configuration cleanup.policy: String must be one of: compact, delete";
        answer(answers, "orders", Answer::Refused(failure(40, "INVALID_CONFIG", words)));
    });
    assert_snapshot!(plan_text(&plan), @r#"
    ! topic orders refused-by-broker topology.yaml:4:1
        the broker would not create 'orders': INVALID_CONFIG (40): Invalid value shred for configuration cleanup.policy: String must be one of: compact, delete. Correct the value of cleanup.policy
    unmanaged topics {"known"}
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    "#);
}

#[test]
fn policies_and_invisible_topics_are_told_in_the_brokers_words() {
    let want = topology([wish("a").partitions(1), wish("b")]);
    let plan = plan_with(&want, &world(3).without(&["a", "b"]), |answers| {
        answer(answers, "a", Answer::Refused(failure(44, "POLICY_VIOLATION", "No topic without an owner.")));
        answer(
            answers,
            "b",
            Answer::Refused(failure(36, "TOPIC_ALREADY_EXISTS", "Topic 'b' already exists.")),
        );
    });
    assert_snapshot!(plan_text(&plan), @r"
    ! topic a refused-by-broker topology.yaml:1:1
        the broker would not create 'a': POLICY_VIOLATION (44): No topic without an owner. The cluster's own policy forbids it; ask for what it allows, or talk to those who run the cluster
    ! topic b refused-by-broker topology.yaml:1:1
        the broker would not create 'b': TOPIC_ALREADY_EXISTS (36): Topic 'b' already exists. A topic of this name exists though this principal does not see it; allow it to describe the topic, or plan again if somebody has just created or deleted it
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 2, unchanged: 0 }
    ");
}

#[test]
fn who_may_not_ask_still_gets_a_plan_that_says_so() {
    let want = topology([wish("a"), wish("b")]);
    let denied = || failure(29, "TOPIC_AUTHORIZATION_FAILED", "");
    let plan = plan_with(&want, &world(3).without(&["a", "b"]), |answers| {
        answer(answers, "a", Answer::Denied(denied()));
    });
    assert_snapshot!(plan_text(&plan), @r"
    1 create-topic a partitions=None replication=None {} (not preflighted)
    2 create-topic b partitions=None replication=None {}
    ? topic a plan/denied: topic a may not be changed: create-topic takes create on topic a, or on the cluster: TOPIC_AUTHORIZATION_FAILED (29)
    preflight partial, Summary { create: 2, change: 0, delete: 0, blocked: 0, unchanged: 0 }
    ");
    let plan = plan_with(&want, &world(3).without(&["a", "b"]), |answers| {
        answer(answers, "a", Answer::Denied(denied()));
        answer(answers, "b", Answer::Refused(denied()));
    });
    assert_eq!(plan.preflight.as_str(), "none");
    assert!(plan.is_appliable());
}

#[test]
fn a_check_that_could_not_run_is_not_a_pass() {
    let want = topology([wish("a"), wish("b"), wish("c")]);
    let plan = plan_with(&want, &world(3).without(&["a", "b", "c"]), |answers| {
        answer(answers, "a", Answer::Failed(Failure::without_reply("TIMEOUT", "no reply within 30 s")));
        answer(answers, "b", Answer::Refused(failure(89, "THROTTLING_QUOTA_EXCEEDED", "")));
        answers.retain(|question, _| !matches!(question, Question::Accepts(change) if change.topic() == "c"));
    });
    assert_snapshot!(plan_text(&plan), @r"
    ! topic a not-readable topology.yaml:1:1
        whether the broker would create 'a' could not be found out: TIMEOUT: no reply within 30 s. Try again
    ! topic b not-readable topology.yaml:1:1
        whether the broker would create 'b' could not be found out: THROTTLING_QUOTA_EXCEEDED (89). Try again
    ! topic c not-readable topology.yaml:1:1
        whether the broker would create 'c' could not be found out: the question got no answer. Try again
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 3, unchanged: 0 }
    ");
}

#[test]
fn answers_that_contradict_the_look_ask_for_another_one() {
    let want = topology([wish("new"), wish("seen").partitions(2).set("segment.ms", "1"), wish("bad")]);
    let have = world(3).without(&["new", "bad"]).with("seen", topic(1, 1));
    let proposal = diff(&want, &have, &DiffOptions::default());
    let mut answers = accept_all(&proposal.questions, &have);
    assert!(contradicted(&answers).is_empty());
    answer(&mut answers, "bad", Answer::Refused(failure(44, "POLICY_VIOLATION", "")));
    assert!(contradicted(&answers).is_empty());
    answer(&mut answers, "new", Answer::Refused(failure(36, "TOPIC_ALREADY_EXISTS", "")));
    answer(&mut answers, "seen", Answer::Refused(failure(3, "UNKNOWN_TOPIC_OR_PARTITION", "")));
    assert_eq!(contradicted(&answers), [Resource::topic("new"), Resource::topic("seen")].into());
}
