//! What records a change makes deletable, by what servers told of a topic.

use crate::plan::{
    Answer, Answers, DiffOptions, Estimate, HeldPartition, Holding, Loss, Plan, Question, Risk, Span, diff,
};
use crate::testing::{TopicBuilder, failure, plan_with, topic, topology, wish, world};
use crate::topology::Topology;
use crate::values::Known;
use crate::world::World;
use std::collections::BTreeMap;

const NOW: i64 = 1_000_000;

/// A partition with offsets from `start` to `end`, ten bytes a record, one record a second up to now.
fn held(start: i64, end: i64) -> HeldPartition {
    let time = |ago: i64| if start < end { Known::Known(NOW - ago * 1000) } else { Known::Absent };
    HeldPartition {
        start: Known::Known(start),
        end: Known::Known(end),
        oldest_ms: time(end - start),
        newest_ms: time(0),
        kept_from: Known::NotAsked,
        bytes: Known::Known((end - start) * 10),
    }
}

fn kept_from(offset: Known<i64>, held: HeldPartition) -> HeldPartition {
    HeldPartition { kept_from: offset, ..held }
}

fn holding(partitions: impl IntoIterator<Item = HeldPartition>) -> Holding {
    Holding {
        asked_at_ms: NOW,
        partitions: (0..).zip(partitions).collect(),
        committed: Known::Known(BTreeMap::new()),
        untold: BTreeMap::new(),
    }
}

fn committed(holding: Holding, commits: &[(&str, i32, i64)]) -> Holding {
    let mut groups: BTreeMap<String, BTreeMap<i32, i64>> = BTreeMap::new();
    for (group, partition, next) in commits {
        groups.entry((*group).to_owned()).or_default().insert(*partition, *next);
    }
    Holding { committed: Known::Known(groups), ..holding }
}

fn loss_of(want: Topology, have: TopicBuilder, answer: Answer) -> Option<Loss> {
    planned(&want, &world(3).with("a", have), answer).steps.remove(0).impact.loss
}

fn planned(want: &Topology, have: &World, answer: Answer) -> Plan {
    let tell = |answers: &mut Answers| {
        for (_, told) in
            answers.iter_mut().filter(|(question, _)| matches!(question, Question::Holding { .. }))
        {
            *told = answer.clone();
        }
    };
    plan_with(want, have, tell)
}

fn deleted(holding: Holding) -> Loss {
    let partitions = holding.partitions.len() as i32;
    loss_of(topology([]).without_topic("a", false), topic(partitions, 1), Answer::Holding(holding))
        .expect("a loss")
}

fn set(key: &str, value: &str, have: TopicBuilder, holding: Holding) -> Option<Loss> {
    loss_of(topology([wish("a").set(key, value)]), have, Answer::Holding(holding))
}

/// Records and bytes.
fn much(loss: &Loss) -> (Option<i64>, Option<i64>) {
    (loss.records.value().copied(), loss.bytes.value().copied())
}

#[test]
fn a_deletion_takes_everything_and_names_who_has_not_read_it() {
    let held = holding([held(5, 15), held(0, 100), held(7, 7)]);
    let loss =
        deleted(committed(held, &[("slow", 0, 0), ("slow", 1, 90), ("done", 0, 15), ("done", 1, 100)]));
    assert_eq!(much(&loss), (Some(110), Some(1100)));
    assert_eq!(loss.span.value(), Some(&Span { from_ms: NOW - 100_000, to_ms: NOW }));
    assert_eq!(loss.last_write_ms.value(), Some(&Some(NOW)));
    // What was gone before is not taken from anybody.
    assert_eq!(loss.unread.value(), Some(&BTreeMap::from([("slow".to_owned(), 20)])));
}

#[test]
fn a_shorter_retention_takes_what_is_older() {
    let old = || topic(2, 1).set("retention.ms", "604800000");
    let answer = holding([kept_from(Known::Known(60), held(10, 100)), kept_from(Known::Absent, held(0, 10))]);
    let answer = committed(answer, &[("slow", 0, 50), ("done", 0, 60), ("none", 1, 10)]);
    let loss = set("retention.ms", "40000", old(), answer).expect("a loss");
    assert_eq!(much(&loss), (Some(50 + 10), Some(500 + 100)));
    assert_eq!(loss.span.value(), Some(&Span { from_ms: NOW - 90_000, to_ms: NOW - 40_000 }));
    assert_eq!(loss.unread.value(), Some(&BTreeMap::from([("slow".to_owned(), 10)])));
}

#[test]
fn what_compaction_has_taken_away_does_not_go_again() {
    let old = || topic(2, 1).set("cleanup.policy", "compact");
    let want = || topology([wish("a").set("cleanup.policy", "delete").set("retention.ms", "40000")]);
    let told = |first: HeldPartition| {
        let answer = holding([first, kept_from(Known::Known(0), held(0, 30))]);
        loss_of(want(), old(), Answer::Holding(answer)).expect("a loss")
    };
    // The record at 90 is the first that is there, and ten seconds old.
    let young = HeldPartition { oldest_ms: Known::Known(NOW - 10_000), ..held(0, 100) };
    let loss = told(kept_from(Known::Known(90), young));
    assert_eq!(much(&loss), (Some(0), Some(0)));
    let loss = told(kept_from(Known::Known(60), held(0, 100)));
    assert_eq!(loss.records.value(), Some(&60));
    let Estimate::About { how, .. } = &loss.records else { panic!("{loss:?}") };
    assert!(how.starts_with("at most, as compaction may have taken some away: "), "{how}");
}

#[test]
fn a_smaller_size_takes_the_share_that_is_past_it() {
    let loss =
        set("retention.bytes", "250", topic(2, 1), holding([held(0, 100), held(0, 25)])).expect("a loss");
    assert_eq!(much(&loss), (Some(75), Some(750)));
    // Three quarters of the first partition, which was written over a hundred seconds.
    let Estimate::About { value, how } = &loss.span else { panic!("{loss:?}") };
    assert_eq!(value, &Span { from_ms: NOW - 100_000, to_ms: NOW - 25_000 });
    assert!(how.ends_with("as if they were written evenly in between"), "{how}");
}

#[test]
fn both_limits_together_take_what_either_takes() {
    let want = topology([wish("a").set("retention.ms", "40000").set("retention.bytes", "250")]);
    let answer = Answer::Holding(holding([kept_from(Known::Known(90), held(0, 100))]));
    let loss = loss_of(want, topic(1, 1), answer).expect("a loss");
    assert_eq!(much(&loss), (Some(90), Some(900)));
}

#[test]
fn what_compaction_drops_is_not_guessed() {
    let held = committed(holding([held(0, 100)]), &[("slow", 0, 40), ("done", 0, 100)]);
    let loss = set("cleanup.policy", "compact", topic(1, 1), held).expect("a loss");
    assert_eq!((much(&loss), loss.span.value()), ((None, None), None));
    assert_eq!(loss.last_write_ms.value(), Some(&Some(NOW)));
    // Who has not read everything is known, and how much of it goes is not.
    let Estimate::About { value, how } = &loss.unread else { panic!("{loss:?}") };
    assert_eq!(value, &BTreeMap::from([("slow".to_owned(), 60)]));
    assert!(how.ends_with("; of these records the latest of each key stays"), "{how}");
}

#[test]
fn a_figure_that_is_missing_says_why_and_takes_no_other_with_it() {
    let denied = Known::Denied(failure(31, "CLUSTER_AUTHORIZATION_FAILED", ""));
    let loss = deleted(holding([HeldPartition { bytes: denied, ..held(0, 10) }]));
    assert_eq!(loss.records.value(), Some(&10));
    assert_eq!(
        loss.bytes,
        Estimate::NotAvailable("partition 0: CLUSTER_AUTHORIZATION_FAILED (31)".to_owned())
    );
    let commits = Known::Failed(failure(15, "COORDINATOR_NOT_AVAILABLE", ""));
    let loss = deleted(Holding { committed: commits, ..holding([held(0, 10)]) });
    assert_eq!((loss.records.value(), loss.unread.value()), (Some(&10), None));
    let untold = BTreeMap::from([("g".to_owned(), "denied".to_owned())]);
    let loss = deleted(Holding { untold, ..holding([held(0, 10)]) });
    let Estimate::About { how, .. } = &loss.unread else { panic!("{:?}", loss.unread) };
    assert!(how.ends_with("without 1 whose commits could not be read, such as g: denied"), "{how}");
}

#[test]
fn without_an_answer_nothing_is_made_up() {
    let want = || topology([]).without_topic("a", false);
    let silence = Answer::Failed(failure(7, "REQUEST_TIMED_OUT", ""));
    for loss in [loss_of(want(), topic(1, 1), silence), loss_of(want(), topic(1, 1), Answer::Accepted)] {
        let loss = loss.expect("a loss");
        assert_eq!(much(&loss), (None, None));
    }
    let gap = loss_of(want(), topic(2, 1), Answer::Holding(holding([held(0, 10)]))).expect("a loss");
    assert_eq!(gap.records, Estimate::NotAvailable("partition 1 gave no answer".to_owned()));
}

#[test]
fn only_what_may_lose_records_asks_what_there_is() {
    let asked = |want: Topology, have: TopicBuilder| {
        let proposal = diff(&want, &world(3).with("a", have), &DiffOptions::default());
        proposal.questions.into_iter().find(|question| matches!(question, Question::Holding { .. }))
    };
    let age = |age| Some(Question::Holding { topic: "a".to_owned(), older_than_ms: age });
    assert_eq!(asked(topology([]).without_topic("a", false), topic(1, 1)), age(None));
    assert_eq!(asked(topology([wish("a").set("retention.ms", "5")]), topic(1, 1)), age(Some(5)));
    assert_eq!(asked(topology([wish("a").set("retention.bytes", "5")]), topic(1, 1)), age(None));
    for (key, value) in [("retention.ms", "-1"), ("segment.ms", "5"), ("min.insync.replicas", "2")] {
        assert_eq!(asked(topology([wish("a").set(key, value)]), topic(1, 3)), None, "{key}");
    }
    assert_eq!(asked(topology([wish("a").partitions(2)]), topic(1, 1)), None);
}

#[test]
fn a_change_that_loses_nothing_has_no_loss() {
    let loss = set("retention.ms", "-1", topic(1, 1), holding([held(0, 10)]));
    assert_eq!(loss, None);
    assert!(Risk::ALL.contains(&Risk::LosesData));
}

/// Records that were too young when a plan was saved are not any more, and nobody has changed anything.
#[test]
fn what_grows_old_after_a_plan_was_saved_is_told_before_it_is_carried_out() {
    let have = world(3).with("a", topic(1, 1).set("retention.ms", "604800000"));
    let up_to = |gone: i64, read: i64| {
        let answer = holding([kept_from(Known::Known(gone), held(0, 100))]);
        Answer::Holding(committed(answer, &[("slow", 0, read)]))
    };
    let saved = |told: Answer| planned(&topology([wish("a").set("retention.ms", "40000")]), &have, told);
    let anew = |plan: Plan, now: Answer| {
        let answers = plan.losses_wanted(&have).into_iter().map(|question| (question, now.clone())).collect();
        let (plan, drifts) = plan.with_losses_anew(&answers, &have);
        let told = plan.steps[0].impact.loss.as_ref().and_then(|loss| loss.records.value().copied());
        (told, drifts.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    assert_eq!(saved(up_to(0, 0)).losses_wanted(&have).len(), 1);
    assert_eq!(anew(saved(up_to(0, 100)), up_to(0, 100)), (Some(0), vec![]));
    assert_eq!(
        anew(saved(up_to(0, 100)), up_to(60, 100)),
        (Some(60), vec!["topic a: records that go was 0 and is 60 now".to_owned()])
    );
    // About what was consented to.
    assert_eq!(anew(saved(up_to(30, 100)), up_to(60, 100)), (Some(60), vec![]));
    assert_eq!(
        anew(saved(up_to(30, 30)), up_to(60, 40)).1,
        ["topic a: records that go and that group 'slow' has not read was 0 and is 20 now"]
    );
    let untold = Answer::Failed(failure(7, "REQUEST_TIMED_OUT", ""));
    assert_eq!(anew(saved(up_to(30, 30)), untold), (Some(30), vec![]), "what was told stays");
    // Only what goes by age or size becomes more by itself.
    let compaction = planned(&topology([wish("a").set("cleanup.policy", "compact")]), &have, up_to(0, 0));
    assert!(compaction.losses_wanted(&have).is_empty());
}
