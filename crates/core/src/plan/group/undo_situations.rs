//! The way back of recorded resets on small worlds.

use super::situations::{carry_out, plan, show, topics, usual};
use crate::group::Strategy;
use crate::group::small_world::failure;
use crate::plan::{Answers, Basis, Plan, Risk, Undone, assess};
use crate::values::{Known, TopicPartition};
use crate::world::World;

pub(super) fn undo(plan: &Plan, world: &World) -> Plan {
    let done: Vec<Undone> = plan.steps.iter().map(|step| step.change.clone().into()).collect();
    let proposal = crate::plan::undo(&done, world);
    let basis = Basis { command: "undo", environment: None, topology: None, world };
    assess(proposal, &Answers::default(), &basis)
}

#[test]
fn undo_commits_back_and_deletes_what_was_not_there() {
    let reset = plan(&usual(), topics(&["t"]), Strategy::ToEarliest);
    let after = carry_out(usual(), &reset);
    let back = undo(&reset, &after);
    insta::assert_snapshot!(show(&back), @r"
    commit-offsets group g [skips-records]
      t-0 0 -> 10 delta 10 lag 90 skips 10 repeats 0
      t-1 0 -> 100 delta 100 lag 0 skips 100 repeats 0
      t-2 50 -> 20 delta -30 lag 50 skips 0 repeats 0 (lies before the log start)
    delete-offsets group g []
      t-3 0 -> -
    ");
    assert_eq!(carry_out(after, &back).commits("g"), usual().commits("g"));
}

#[test]
fn undo_after_the_group_has_moved_needs_its_risk_allowed() {
    let reset = plan(&usual(), topics(&["t:0-1"]), Strategy::ToEarliest);
    let after = carry_out(usual(), &reset).group("g", &[("t", 0, 8), ("t", 1, 0)]);
    let back = undo(&reset, &after);
    insta::assert_snapshot!(show(&back), @r"
    commit-offsets group g [skips-records, moved-since]
      t-0 8 -> 10 delta 2 lag 90 skips 2 repeats 0
      t-1 0 -> 100 delta 100 lag 0 skips 100 repeats 0
    * undo/moved-since group g: the group has moved since the change: t-0: 8 now, 0 when the change was done; going back starts from where it is now (--allow moved-since)
    ");
    assert!(back.requires().contains(&Risk::MovedSince.into()));
    // A reset of which one partition was never done has not moved: it goes back as far as it went.
    let half = usual().group("g", &[("t", 0, 0), ("t", 1, 100)]);
    assert_eq!(undo(&reset, &half).requires(), Default::default());
}

#[test]
fn undo_does_not_take_a_recreated_topic_for_the_old_one() {
    let reset = plan(&usual(), topics(&["u"]), Strategy::ToEarliest);
    let mut after = carry_out(usual(), &reset);
    if let Some(Known::Known(view)) = after.cluster.topics.get_mut("u") {
        view.id = Some(crate::values::TopicId([9; 16]));
    }
    insta::assert_snapshot!(show(&undo(&reset, &after)), @"! topic u: u-0 cannot go back: the topic was deleted and created again, so the old offset means nothing in it (other)");
    after.cluster.topics.insert("u".to_owned(), Known::Absent);
    insta::assert_snapshot!(show(&undo(&reset, &after)), @"! topic u: u-0 cannot go back: the topic does not exist any more (absent)");
}

/// OffsetFetch leaves out commits on topics that may not be described, in silence.
#[test]
fn undo_does_not_take_a_commit_that_may_not_be_seen_for_none() {
    let reset = plan(&usual(), topics(&["t:0-1,3", "u"]), Strategy::ToEarliest);
    let mut after = carry_out(usual(), &reset);
    after.cluster.topics.insert("t".to_owned(), Known::Denied(failure(29, "DENIED")));
    let after = after.change_group("g", |view| {
        view.committed = view.committed.clone().map(|mut commits| {
            commits.retain(|at, _| &*at.topic != "t");
            commits
        });
    });
    insta::assert_snapshot!(show(&undo(&reset, &after)), @r"
    commit-offsets group g [skips-records]
      u-0 10 -> 15 delta 5 lag 5 skips 5 repeats 0
    ! topic t: the topic could not be looked at: DENIED (29) (not-readable)
    ");
}

#[test]
fn undo_claims_nothing_of_a_log_that_was_not_read() {
    let reset = plan(&usual(), topics(&["t:0-1"]), Strategy::ToEarliest);
    let mut after = carry_out(usual(), &reset);
    let unread = Known::Failed(failure(6, "NOT_LEADER_OR_FOLLOWER"));
    after.cluster.logs.insert(TopicPartition::new("t", 0), unread);
    insta::assert_snapshot!(show(&undo(&reset, &after)), @r"
    commit-offsets group g [skips-records]
      t-1 0 -> 100 delta 100 lag 0 skips 100 repeats 0
    ! topic t: the log range of t-0 could not be read: NOT_LEADER_OR_FOLLOWER (6) (not-readable)
    ");
    if let Some(Known::Known(view)) = after.cluster.topics.get_mut("t") {
        view.partitions[0].leader = None;
    }
    insta::assert_snapshot!(show(&undo(&reset, &after)), @r"
    commit-offsets group g [skips-records]
      t-1 0 -> 100 delta 100 lag 0 skips 100 repeats 0
    ! topic t: t-0 has no leader, so its log cannot be read: bring its broker back, then undo (partition-unavailable)
    ");
    // What is back already does not need its log.
    let back = after.group("g", &[("t", 0, 10), ("t", 1, 0)]);
    insta::assert_snapshot!(show(&undo(&reset, &back)), @r"
    commit-offsets group g [skips-records]
      t-1 0 -> 100 delta 100 lag 0 skips 100 repeats 0
    ");
}

#[test]
fn undo_of_a_partition_that_is_gone_is_a_conflict() {
    let reset = plan(&usual(), topics(&["u"]), Strategy::ToEarliest);
    let mut after = carry_out(usual(), &reset);
    if let Some(Known::Known(view)) = after.cluster.topics.get_mut("u") {
        view.partitions.clear();
    }
    after.cluster.logs.clear();
    insta::assert_snapshot!(show(&undo(&reset, &after)), @"! topic u: u-0 cannot go back: the partition does not exist any more (partition-unavailable)");
}
