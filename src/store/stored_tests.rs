//! Records that an earlier klerk has written, as they lie on somebody's disk. They are never written anew: what version 1
//! has written, every later klerk reads.

use super::*;
use klerk_core::apply::{Outcome, ReportOutcome, Settled, StepEvent};
use klerk_core::plan::{Change, GroupChange, Plan, StepId, TopicChange};
use klerk_core::values::TopicId;
use std::path::Path;

/// A record of `tests/records/v1`.
fn stored(name: &str) -> Recorded {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1").join(name)).unwrap()
}

/// A line for each partition, with everything that is needed to go back.
fn moves(plan: &Plan) -> String {
    let [step] = plan.steps.as_slice() else { panic!("{plan:?}") };
    let Change::Group(GroupChange::CommitOffsets { group, kind, partitions }) = &step.change else {
        panic!("{step:?}")
    };
    let mut lines = vec![format!("{group} {}", kind.as_ref().unwrap())];
    lines.extend(partitions.iter().map(|one| format!("{} {:?} -> {}", one.partition, one.from, one.to)));
    lines.join("\n")
}

#[test]
fn a_complete_reset_is_read() {
    let record = stored("reset_complete.jsonl");
    assert_eq!((record.plan.command.as_str(), record.user.as_deref()), ("group reset", Some("ann")));
    assert_eq!(record.plan.cluster_id, "4L6g3nShT-eMCtK--X86sw");
    assert_eq!(record.plan.steps[0].expects.len(), 5);
    insta::assert_snapshot!(moves(&record.plan), @r#"
    shop.billing classic
    shop.orders-0 Some(Committed { offset: 300, leader_epoch: Some(0), metadata: "by hand" }) -> 0
    shop.orders-1 Some(Committed { offset: 0, leader_epoch: None, metadata: "" }) -> 0
    shop.orders-2 None -> 0
    "#);
    let footer = record.footer.as_ref().unwrap();
    assert_eq!(footer.outcome, ReportOutcome::Done);
    assert_eq!((footer.steps[0].outcome, footer.steps[0].settled), (Outcome::Done, Some(Settled::AsAsked)));
    assert_eq!((record.fate(StepId(1)), record.torn), (Fate::Changed, false));
}

#[test]
fn a_reset_that_was_killed_midway_may_have_been_done() {
    let record = stored("reset_killed_midway.jsonl");
    assert!(record.torn && record.footer.is_none());
    assert_eq!(record.events.iter().map(|event| &event.event).collect::<Vec<_>>(), [&StepEvent::Sent]);
    assert_eq!(record.fate(StepId(1)), Fate::Perhaps);
    assert_eq!(moves(&record.plan), moves(&stored("reset_complete.jsonl").plan));
}

#[test]
fn a_reset_whose_outcome_stayed_unknown_may_have_been_done() {
    let record = stored("reset_outcome_unknown.jsonl");
    let StepEvent::NoReply(failure) = &record.events[1].event else { panic!("{record:?}") };
    assert_eq!((failure.code, failure.name.as_str()), (None, "TIMEOUT"));
    let footer = record.footer.as_ref().unwrap();
    assert_eq!((footer.outcome, footer.steps[0].outcome), (ReportOutcome::Partial, Outcome::Unknown));
    assert_eq!(record.fate(StepId(1)), Fate::Perhaps);
    assert_eq!(moves(&record.plan), moves(&stored("reset_complete.jsonl").plan));
}

#[test]
fn a_complete_apply_is_read() {
    let record = stored("apply_complete.jsonl");
    let [more, config] = record.plan.steps.as_slice() else { panic!("{record:?}") };
    let Change::Topic(TopicChange::AddPartitions { topic, id, from: 3, to: 6 }) = &more.change else {
        panic!("{more:?}")
    };
    assert_eq!((topic.as_str(), *id), ("shop.orders", "eNs2d7hhRK6H-SN0C9KKNQ".parse::<TopicId>().ok()));
    assert!(matches!(&config.change, Change::Topic(TopicChange::SetConfig { .. })), "{config:?}");
    assert_eq!(config.origin.as_ref().map(|origin| (&*origin.file, origin.line)), Some(("topology.yaml", 3)));
    assert_eq!([StepId(1), StepId(2)].map(|step| record.fate(step)), [Fate::Changed, Fate::Changed]);
}
