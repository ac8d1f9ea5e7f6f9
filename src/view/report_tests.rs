use super::*;
use crate::testing::{create, plan_of, plan_of_every_kind, report_of};
use klerk_core::apply::{Difference, ItemFailure, ReportError};
use klerk_core::values::Failure;

#[test]
fn a_report_of_every_fate() {
    let mut report = report_of(&plan_of_every_kind(), Outcome::Done);
    let refused =
        Failure { code: Some(44), name: "POLICY_VIOLATION".to_owned(), message: "not today".to_owned() };
    report.outcome = ReportOutcome::Partial;
    report.steps[1].outcome = Outcome::Rejected;
    report.steps[1].settled = None;
    report.steps[1].failure = Some(refused.clone());
    report.steps[2].settled = Some(Settled::NotAsAsked);
    report.steps[2].differences.push(Difference {
        field: "config.retention.ms".to_owned(),
        asked: Some("2592000000".to_owned()),
        found: Some("604800000".to_owned()),
    });
    report.steps[3].outcome = Outcome::Unknown;
    report.steps[3].failure = Some(Failure::without_reply("TIMEOUT", "no answer within 30 s"));
    report.steps[4].outcome = Outcome::NotAttempted;
    report.steps[4].note = Some("it comes after step 4".to_owned());
    report.steps[5].outcome = Outcome::Partial { done: 1, of: 2 };
    report.steps[5].items.push(ItemFailure { item: "orders-1".to_owned(), failure: refused });
    report.steps[6].outcome = Outcome::Accepted;
    insta::assert_snapshot!(human(&report, false, &Style::plain()), @r"
    done           + create-topic escrow.released
    rejected       ~ add-partitions orders
        POLICY_VIOLATION (44): not today
    done           ~ set-config trades
        the server accepted it; changed by somebody else meanwhile, or made so by the server:
        config.retention.ms: asked for 30d (2592000000), found 7d (604800000)
    unknown        ~ register-schema trades-value
        TIMEOUT: no answer within 30 s
    not-attempted  ~ set-compatibility trades-value
        it comes after step 4
    partial        ~ commit-offsets settlement  1 of 2
        orders-1: POLICY_VIOLATION (44): not today
    accepted       ~ delete-offsets settlement
    done           ~ delete-records audit
    Partly done: 8 steps: 3 done, 1 rejected, 1 unknown, 1 not-attempted, 1 partial, 1 accepted; 1 not as asked.
    record: records/20261121T100000Z-1f2e3d4c.jsonl
      → unknown: no reply came, and looking did not settle it; plan again to see what is there
      → accepted: the server said yes, and the change is not visible yet; look again in a while
      → the same command again does what is left
      → klerk undo records/20261121T100000Z-1f2e3d4c.jsonl plans the way back
    ");
}

#[test]
fn what_is_done_is_counted_when_there_is_much_of_it() {
    let plan = plan_of((0..1000).map(|number| create(&format!("t{number}"), &[])).collect());
    insta::assert_snapshot!(human(&report_of(&plan, Outcome::Done), false, &Style::plain()), @r"
    done           1,000 steps create-topic
    Done: 1,000 steps: 1,000 done.
    record: records/20261121T100000Z-1f2e3d4c.jsonl
      → klerk undo records/20261121T100000Z-1f2e3d4c.jsonl plans the way back
    ");
}

#[test]
fn a_refusal_says_why_after_the_plan_was_shown() {
    let plan = plan_of_every_kind();
    let mut report = report_of(&plan, Outcome::NotAttempted);
    report.outcome = ReportOutcome::Refused;
    report.conflicts = plan.conflicts;
    report.record = None;
    report.error = Some(ReportError {
        kind: "conflict".to_owned(),
        message: "the plan cannot be applied".to_owned(),
        hints: vec!["change what the file asks for".to_owned()],
    });
    insta::assert_snapshot!(human(&report, false, &Style::plain()), @r"
    error: the plan cannot be applied
      → change what the file asks for
    Refused; nothing was changed.
    ");
}

#[test]
fn nothing_to_do_is_said() {
    let mut report = report_of(&plan_of(Vec::new()), Outcome::Done);
    report.record = None;
    assert_eq!(human(&report, false, &Style::plain()), "Nothing to do.\n");
}

#[test]
fn what_met_the_same_fate_for_the_same_reason_is_told_once_where_there_is_much_of_it() {
    let plan = plan_of((0..1000).map(|number| create(&format!("t{number}"), &[])).collect());
    let mut report = report_of(&plan, Outcome::Done);
    report.outcome = ReportOutcome::Partial;
    for (number, step) in (0..).zip(&mut report.steps).skip(100) {
        step.settled = None;
        match number {
            100..300 => {
                step.outcome = Outcome::Unknown;
                step.failure =
                    Some(Failure::without_reply("CONNECTION_LOST", format!("no answer about 't{number}'")));
            }
            300 => {
                step.outcome = Outcome::Rejected;
                let message = "not today".to_owned();
                step.failure = Some(Failure { code: Some(44), name: "POLICY_VIOLATION".to_owned(), message });
            }
            _ => {
                step.outcome = Outcome::NotAttempted;
                step.note = Some("nothing was sent any more".to_owned());
            }
        }
    }
    insta::assert_snapshot!(human(&report, false, &Style::plain()), @r"
    unknown        + create-topic t100
        CONNECTION_LOST: no answer about 't100'
        likewise 199 steps more: t101, t102, t103, t104, t105, t106, t107, t108, t109, t110, and 189 more  (--full tells of each by itself)
    rejected       + create-topic t300
        POLICY_VIOLATION (44): not today
    not-attempted  + create-topic t301
        nothing was sent any more
        likewise 698 steps more: t302, t303, t304, t305, t306, t307, t308, t309, t310, t311, and 688 more  (--full tells of each by itself)
    done           100 steps create-topic
    Partly done: 1,000 steps: 100 done, 200 unknown, 1 rejected, 699 not-attempted.
    record: records/20261121T100000Z-1f2e3d4c.jsonl
      → unknown: no reply came, and looking did not settle it; plan again to see what is there
      → the same command again does what is left
      → klerk undo records/20261121T100000Z-1f2e3d4c.jsonl plans the way back
    ");
    let full = human(&report, true, &Style::plain());
    let told = |text: &str| full.lines().filter(|line| line.contains(text)).count();
    assert_eq!(
        (told("done           + create-topic"), told("no answer about"), told("likewise")),
        (100, 200, 0)
    );
}
