//! Replication factors: where replicas go, what that risks, and moves that are under way already.

use crate::plan::TopicChange;
use crate::plan::{
    Answer, Answers, Basis, Change, DiffOptions, Plan, Question, Sight, assess, diff, drifts, sight, wanted,
};
use crate::testing::*;
use crate::topology::Topology;
use crate::values::{Known, TopicPartition};
use crate::world::{ConfigSource, OngoingMove, TopicView, World};
use insta::assert_snapshot;
use std::collections::BTreeMap;

/// Six brokers in three racks.
fn racked() -> World {
    let mut world = world(6);
    for (id, broker) in &mut world.cluster.brokers {
        broker.rack = Some(["a", "b", "c"][(*id as usize - 1) / 2].to_owned());
    }
    world.cluster.moves = Known::Known(BTreeMap::new());
    world
}

pub(super) trait Moving {
    fn moving(self, partition: i32, replicas: &[i32], adding: &[i32], removing: &[i32]) -> Self;
}

impl Moving for World {
    fn moving(mut self, partition: i32, replicas: &[i32], adding: &[i32], removing: &[i32]) -> Self {
        if let Known::Known(topic) = self.cluster.topics.get_mut("orders").expect("a topic") {
            topic.partitions[partition as usize].replicas = replicas.to_vec();
        }
        let ongoing =
            OngoingMove { replicas: replicas.to_vec(), adding: adding.to_vec(), removing: removing.to_vec() };
        if let Known::Known(moves) = &mut self.cluster.moves {
            moves.insert(TopicPartition::new("orders", partition), ongoing);
        }
        self
    }
}

pub(super) fn throttled(
    want: &Topology,
    have: &World,
    rate: i64,
    answers: impl FnOnce(&mut Answers),
) -> Plan {
    let mut proposal = diff(want, have, &DiffOptions::default());
    proposal.throttle(Some(rate), have);
    let mut told = accept_all(&proposal.questions, have);
    answers(&mut told);
    assess(proposal, &told, &Basis { command: "plan", environment: None, topology: Some(want), world: have })
}

/// Kafka makes such a topic, and moves onto brokers that are down wait for ever.
#[test]
fn brokers_that_are_down_are_named_where_more_replicas_are_wanted_than_brokers_are_up() {
    let mut have = world(3).with("orders", topic(1, 2)).with("held", topic(1, 3)).without(&["new"]);
    have.cluster.moves = Known::Known(BTreeMap::new());
    have.cluster.brokers.remove(&3);
    let want = topology([
        wish("orders").replication(3),
        wish("new").partitions(2).replication(3),
        wish("held").replication(3),
    ]);
    assert_snapshot!(plan_text(&throttled(&want, &have, 500, |_| {})), @r"
    1 create-topic new partitions=Some(2) replication=Some(3) {}
    ! topic orders replication-differs topology.yaml:3:1
        'orders' cannot have 3 replicas now: replication 3 needs 3 live brokers and there are 2; broker 3 is down: start it first
    ? topic held topic/min-isr-missing: 'held' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    ? topic new topic/brokers-down: 'new' is to have 3 replicas, and 2 brokers are up: until the others are back, each partition lacks replicas from the start; broker 3 is down: start it first
    ? topic new topic/min-isr-missing: 'new' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    ? topic orders topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    preflight full, Summary { create: 1, change: 0, delete: 0, blocked: 1, unchanged: 1 }
    ");
    let refused = plan_with(&topology([wish("new").partitions(1).replication(4)]), &have, |answers| {
        let words = "only 3 broker(s) are registered.";
        for answer in answers.values_mut() {
            *answer = Answer::Refused(failure(38, "INVALID_REPLICATION_FACTOR", words));
        }
    });
    assert_snapshot!(plan_text(&refused), @r#"
    ! topic new refused-by-broker topology.yaml:3:1
        the broker would not create 'new': INVALID_REPLICATION_FACTOR (38): only 3 broker(s) are registered. Ask for a replication factor that the cluster has brokers for (2 are alive now; broker 3 is down)
    ? topic new topic/min-isr-missing: 'new' has replication factor 4 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    unmanaged topics {"held", "orders"}
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    "#);
    have.cluster.brokers.remove(&2);
    assert_snapshot!(plan_text(&throttled(&want, &have, 500, |_| {})), @r"
    1 create-topic new partitions=Some(2) replication=Some(3) {}
    ! topic orders replication-differs topology.yaml:3:1
        'orders' cannot have 3 replicas now: replication 3 needs 3 live brokers and there are 1; brokers 2 and 3 are down: start them first
    ? topic held topic/min-isr-missing: 'held' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    ? topic new topic/brokers-down: 'new' is to have 3 replicas, and 1 broker is up: until the others are back, each partition lacks replicas from the start; brokers 2 and 3 are down: start them first
    ? topic new topic/min-isr-missing: 'new' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    ? topic orders topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    preflight full, Summary { create: 1, change: 0, delete: 0, blocked: 1, unchanged: 1 }
    ");
}

#[test]
fn more_replicas_go_to_other_racks_and_the_leader_stays() {
    let want = topology([wish("orders").replication(3)]);
    let have = racked().with("orders", topic(3, 1));
    let plan = throttled(&want, &have, 500, |_| {});
    assert_snapshot!(plan_text(&plan), @r"
    1 move-replicas orders 0: [1] -> [1, 3, 5] 1: [1] -> [1, 4, 6] 2: [1] -> [1, 3, 5] at 500 (not preflighted)
        risk moves-replicas
    ? topic orders topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    let copying = plan.steps[0].impact.copying.as_ref().expect("it copies");
    // Partition by partition leaves the one leader, 6 replicas of 1,000 bytes at 500 bytes a second.
    assert_eq!((copying.bytes.value(), copying.takes_ms.value()), (Some(&6_000), Some(&12_000)));
}

#[test]
fn fewer_replicas_weaken_durability_and_copy_nothing() {
    let want = topology([wish("orders").replication(2)]);
    let have = racked().with("orders", topic(2, 3));
    let plan = plan(&want, &have);
    assert_snapshot!(plan_text(&plan), @r"
    1 move-replicas orders 0: [1, 2, 3] -> [1, 3] 1: [1, 2, 3] -> [1, 3] unthrottled (not preflighted)
        risk weakens-durability
        risk moves-replicas
        2 of 2 partitions give up replicas: 2 copies of a record are left
    ? topic orders topic/min-isr-missing: 'orders' has replication factor 2 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    assert_eq!(plan.steps[0].impact.copying, None);
}

#[test]
fn a_step_that_was_carried_out_leaves_nothing_to_do() {
    let want = topology([wish("orders").replication(3), wish("payments").replication(2)]);
    let mut have = racked()
        .with("orders", topic(3, 1).replicas(1, &[2, 4, 6, 1], &[2, 4, 6, 1]))
        .with("payments", topic(2, 1));
    let first = plan(&want, &have);
    assert_eq!(first.steps.len(), 2);
    carry_out(&first.steps, &mut have);
    assert!(plan(&want, &have).is_empty());
    let back = plan_undo(&first, &have);
    carry_out(&back.steps, &mut have);
    assert_eq!(plan(&want, &have).steps.len(), 2);
}

#[test]
fn what_is_capped_today_stops_writes_while_replicas_are_copied() {
    let want = topology([wish("orders").replication(3)]);
    let have = racked().with("orders", topic(1, 1).set("min.insync.replicas", "2"));
    assert_snapshot!(plan_text(&plan(&want, &have)), @r"
    1 move-replicas orders 0: [1] -> [1, 3, 5] unthrottled (not preflighted)
        risk stops-writes
        risk moves-replicas
        min.insync.replicas is 2, and of 1 of 1 partitions fewer replicas are in sync until the copies are complete: writes with acks=all are refused there meanwhile. Lower it first, and raise it again afterwards
    ? topic orders topic/unlisted-configs: 1 config set on the topic and not named by the file, left alone: min.insync.replicas=2
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

#[test]
fn min_isr_is_raised_after_a_move_and_lowered_before_and_partitions_come_last() {
    let raised = topology([wish("orders").partitions(4).replication(3).set("min.insync.replicas", "2")]);
    let have = racked().with("orders", topic(2, 1).set("min.insync.replicas", "1"));
    assert_snapshot!(plan_text(&plan(&raised, &have)), @r"
    1 move-replicas orders 0: [1] -> [1, 3, 5] 1: [1] -> [1, 4, 6] unthrottled (not preflighted)
        risk moves-replicas
    2 add-partitions orders 2 -> 4 after [1]
        risk moves-keys
        the topic holds up to 20 records, by its offsets
    3 set-config orders min.insync.replicas: 1 -> 2 after [1]
    preflight partial, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    let lowered = topology([wish("orders").replication(1).set("min.insync.replicas", "1")]);
    let have = racked().with("orders", topic(2, 3).set("min.insync.replicas", "2"));
    assert_snapshot!(plan_text(&plan(&lowered, &have)), @r"
    1 set-config orders min.insync.replicas: 2 -> 1
        risk weakens-durability
        min.insync.replicas is lowered from 2 to 1: an acknowledged record may be on that few replicas
        each partition has at least 3 in-sync replicas now
    2 move-replicas orders 0: [1, 2, 3] -> [1] 1: [1, 2, 3] -> [1] unthrottled after [1] (not preflighted)
        risk weakens-durability
        risk moves-replicas
        2 of 2 partitions give up replicas: 1 copy of a record is left
    ? topic orders topic/pinned-default: 'orders' pins min.insync.replicas to 1, which the broker gives anyhow: it does not follow when the broker's default changes
    preflight partial, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

#[test]
fn a_move_that_leads_there_is_waited_for_and_needs_no_risk_allowed() {
    let want = topology([wish("orders").replication(3)]);
    let have = racked().with("orders", topic(2, 1)).moving(0, &[1, 3, 5], &[3, 5], &[]);
    assert_snapshot!(plan_text(&plan(&want, &have)), @r"
    1 move-replicas orders 0: [1] -> [1, 3, 5] (under way) 1: [1] -> [1, 4, 6] unthrottled (not preflighted)
        risk moves-replicas
        1 of 2 partitions are on their way there already, and are waited for
    ? topic orders topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    let have = have.moving(1, &[1, 3, 5], &[3, 5], &[]);
    let plan = plan(&want, &have);
    assert_snapshot!(plan_text(&plan), @r"
    1 move-replicas orders 0: [1] -> [1, 3, 5] (under way) 1: [1] -> [1, 3, 5] (under way) unthrottled (not preflighted)
        2 of 2 partitions are on their way there already, and are waited for
    ? topic orders topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    assert_eq!(sight(&plan.steps[0], &have), Sight::UnderWay);
    assert!(plan.requires().is_empty());
}

#[test]
fn a_move_of_somebody_else_is_left_alone_and_named() {
    let want = topology([wish("orders").replication(3)]);
    let balanced = racked().with("orders", topic(2, 3)).moving(1, &[1, 2, 5, 3], &[5], &[3]);
    assert_snapshot!(plan_text(&plan(&want, &balanced)), @r"
    ? topic orders topic/being-moved: replicas are being moved by somebody, and klerk leaves them to it: partition 1 (adding 5, removing 3)
    ? topic orders topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 1 }
    ");
    let elsewhere = racked().with("orders", topic(2, 3)).moving(1, &[1, 2, 3], &[], &[2, 3]);
    assert_snapshot!(plan_text(&plan(&want, &elsewhere)), @r"
    ! topic orders being-moved topology.yaml:3:1
        the file wants 3 replicas of each partition of 'orders', and a move that is under way leads elsewhere: partition 1 (removing 2 and 3). klerk does not interfere with it: wait for it (klerk cluster moves --wait), or cancel it (klerk cluster moves --cancel --match orders)
    ? topic orders topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
}

#[test]
fn a_move_that_cannot_be_seen_is_not_interfered_with() {
    let want = topology([wish("orders").replication(3)]);
    let mut have = racked().with("orders", topic(1, 1));
    have.cluster.moves = Known::Failed(failure(7, "REQUEST_TIMED_OUT", "no answer"));
    assert_snapshot!(plan_text(&plan(&want, &have)), @r"
    ! topic orders not-readable topology.yaml:3:1
        whether replicas of 'orders' are on their way already could not be read, so none is moved: REQUEST_TIMED_OUT (7): no answer
    ? topic orders topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
    have.cluster.moves = Known::Denied(failure(31, "CLUSTER_AUTHORIZATION_FAILED", ""));
    assert_snapshot!(plan_text(&plan(&want, &have)), @r"
    1 move-replicas orders 0: [1] -> [1, 3, 5] unthrottled (not preflighted)
        risk moves-replicas
    ? topic orders plan/denied: topic orders may not be changed: seeing what moves takes describe on the cluster: CLUSTER_AUTHORIZATION_FAILED (31)
    ? topic orders topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

#[test]
fn brokers_without_a_rack_and_partitions_without_a_leader_are_named() {
    let want = topology([wish("orders").replication(2)]);
    let mut have = racked().with("orders", topic(1, 1));
    for id in [3, 4] {
        have.cluster.brokers.get_mut(&id).expect("a broker").rack = None;
    }
    assert_snapshot!(plan_text(&plan(&want, &have)), @r"
    1 move-replicas orders 0: [1] -> [1, 3] unthrottled (not preflighted)
        risk moves-replicas
    ? topic orders topic/broker-without-rack: brokers 3, 4 have no rack while others have one; each counts as a rack of its own, which may put two replicas where one failure takes both: set broker.rack there
    ? topic orders topic/min-isr-missing: 'orders' has replication factor 2 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    if let Known::Known(topic) = have.cluster.topics.get_mut("orders").expect("a topic") {
        topic.partitions[0].leader = None;
    }
    assert_snapshot!(plan_text(&plan(&want, &have)), @r"
    ! topic orders replication-differs topology.yaml:3:1
        'orders' cannot have 2 replicas now: partition 0 has no leader, so there is nobody to copy it from
    ? topic orders topic/min-isr-missing: 'orders' has replication factor 2 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
}

#[test]
fn a_plan_is_stale_once_a_replica_is_elsewhere() {
    let want = topology([wish("orders").replication(3)]);
    let have = racked().with("orders", topic(2, 1));
    let plan = plan(&want, &have);
    assert!(drifts(&plan, &plan.steps, &have).is_empty());
    let moved = have.with("orders", topic(2, 1).replicas(1, &[4], &[4]));
    let told: Vec<String> = drifts(&plan, &plan.steps, &moved).iter().map(ToString::to_string).collect();
    assert_snapshot!(told.join("\n"), @"topic orders: assignment was 0:1 1:1 and is 0:1 1:4 now");
}

#[test]
fn how_far_a_move_is_tells_before_under_way_arrived_and_taken_elsewhere() {
    let want = topology([wish("orders").replication(3)]);
    let have = racked().with("orders", topic(1, 1));
    let plan = plan(&want, &have);
    let step = &plan.steps[0];
    assert!(matches!(sight(step, &have), Sight::NotYet(_)));
    let Change::Topic(TopicChange::MoveReplicas { to, .. }) = &step.change else { panic!("a move") };
    let target = to[&0].clone();
    let under_way = have.clone().moving(0, &target, &target[1..], &[]);
    assert_eq!(sight(step, &under_way), Sight::UnderWay);
    let other = have.clone().moving(0, &[1, 2], &[2], &[]);
    assert!(matches!(sight(step, &other), Sight::MovedOn(_)));
    let arrived = have.clone().with("orders", topic(1, 1).replicas(0, &target, &target));
    assert_eq!(sight(step, &arrived), Sight::AsAsked);
    let mut unseen = arrived;
    unseen.cluster.moves = Known::NotAsked;
    assert_eq!(sight(step, &unseen), Sight::AsAsked);
}

#[test]
fn a_way_back_waits_for_a_move_and_needs_live_brokers() {
    let want = topology([wish("orders").replication(1)]);
    let have = racked().with("orders", topic(1, 3));
    let done = plan(&want, &have);
    let mut now = have.clone();
    carry_out(&done.steps, &mut now);
    let moving = now.clone().moving(0, &[1, 5], &[5], &[]);
    assert_snapshot!(plan_text(&plan_undo(&done, &moving)), @r"
    ! topic orders being-moved 
        replicas of 1 of its partitions are still being moved; cancel that first (klerk cluster moves --cancel --match orders), which leaves them where they were, or wait for it (klerk cluster moves --wait)
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
    now.cluster.brokers.remove(&3);
    assert_snapshot!(plan_text(&plan_undo(&done, &now)), @r"
    ! topic orders replication-differs 
        broker 3, which held a replica before the change, is not alive
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
    let elsewhere = have.with("orders", topic(1, 1).replicas(0, &[5], &[5]));
    assert_snapshot!(plan_text(&plan_undo(&done, &elsewhere)), @r"
    1 move-replicas orders 0: [5] -> [1, 2, 3] unthrottled (not preflighted)
        risk moves-replicas
        risk moved-since
    ? topic orders undo/moved-since: its replicas have been moved since: partition 0 is on brokers [5] now; going back starts from what is there now (--allow moved-since)
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

#[test]
fn partitions_that_a_run_added_have_the_old_replication_after_its_undo() {
    let want = topology([wish("orders").partitions(4).replication(3)]);
    let before = racked().with("orders", topic(2, 1));
    let done = plan(&want, &before);
    let mut now = before.clone();
    carry_out(&done.steps, &mut now);
    let back = plan_undo(&done, &now);
    assert_snapshot!(plan_text(&back), @r"
    1 move-replicas orders 0: [1, 3, 5] -> [1] 1: [1, 4, 6] -> [1] 2: [1, 3, 5] -> [1] 3: [1, 3, 5] -> [1] unthrottled (not preflighted)
        risk weakens-durability
        risk moves-replicas
        4 of 4 partitions give up replicas: 1 copy of a record is left
    ? topic orders undo/not-reversible: its 4 partitions stay, 2 before: Kafka removes none
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    carry_out(&back.steps, &mut now);
    let replication = now.cluster.topics["orders"].known().and_then(TopicView::replication);
    assert_eq!(replication, Some(1));
    assert_eq!(plan_undo(&done, &now).steps, vec![], "a second time there is nothing left to take back");

    // Fewer replicas have a way back, too.
    let want = topology([wish("orders").partitions(4).replication(1)]);
    let mut now = racked().with("orders", topic(2, 3));
    let done = plan(&want, &now);
    carry_out(&done.steps, &mut now);
    assert_snapshot!(plan_text(&plan_undo(&done, &now)), @r"
    1 move-replicas orders 0: [1] -> [1, 2, 3] 1: [1] -> [1, 2, 3] 2: [1] -> [1, 4, 5] 3: [1] -> [1, 6, 4] unthrottled (not preflighted)
        risk moves-replicas
    ? topic orders undo/not-reversible: its 4 partitions stay, 2 before: Kafka removes none
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    let led = |leader: Option<i32>| {
        let mut now = now.clone();
        if let Some(Known::Known(topic)) = now.cluster.topics.get_mut("orders") {
            topic.partitions[3].leader = leader;
        }
        now
    };
    assert_snapshot!(plan_text(&plan_undo(&done, &led(None))), @r"
    ! topic orders replication-differs 
        'orders' cannot have 3 replicas now: partition 3 has no leader, so there is nobody to copy it from
    ? topic orders undo/not-reversible: its 4 partitions stay, 2 before: Kafka removes none
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
}

#[test]
fn partitions_that_others_added_keep_their_replication_at_an_undo_and_are_named() {
    let want = topology([wish("orders").replication(3)]);
    let mut now = racked().with("orders", topic(2, 1));
    let done = plan(&want, &now);
    carry_out(&done.steps, &mut now);
    let now = now.with("orders", topic(3, 3));
    let findings = plan_undo(&done, &now).findings;
    let told: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
    let uneven = "partitions that the run did not move keep replication 3, and the others go back to 1: 2; a file with \
                  one replication evens them out";
    assert!(told.contains(&uneven), "{told:?}");
    assert!(findings.iter().all(|finding| finding.code.starts_with("undo/")));
}

#[test]
fn moves_are_read_only_where_a_replication_factor_is_declared() {
    let options = DiffOptions::default();
    assert!(!wanted(&topology([wish("orders").partitions(3)]), &options).moves);
    assert!(wanted(&topology([wish("orders").replication(3)]), &options).moves);
    let questions =
        diff(&topology([wish("orders").replication(3)]), &racked().with("orders", topic(1, 1)), &options)
            .questions;
    assert!(questions.contains(&Question::Sizes { topic: "orders".to_owned() }));
}

#[test]
fn a_throttle_that_outlives_its_move_is_named() {
    let want = topology([wish("orders").replication(3)]);
    let left = topic(2, 3).set("leader.replication.throttled.replicas", "0:1,0:2");
    let have = racked().with("orders", left);
    assert_snapshot!(plan_text(&plan(&want, &have)), @r"
    ? topic orders topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    ? topic orders topic/throttle-left: leader.replication.throttled.replicas is set on 'orders' and no replica of it is on its way, so that it only slows down replicas that fall behind; klerk cluster moves --remove-throttle takes it off, and so does leader.replication.throttled.replicas: unset in the file
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 1 }
    ");
    let moving = have.moving(1, &[1, 2, 5, 3], &[5], &[3]);
    assert!(!plan_text(&plan(&want, &moving)).contains("throttle-left"));
}

#[test]
fn min_isr_that_becomes_lower_than_what_holds_is_lowered_before_a_move_and_stops_no_writes() {
    let want = topology([wish("orders").replication(3).set("min.insync.replicas", "1")]);
    let mut follows = topic(1, 1).set("min.insync.replicas", "2");
    follows.edit("min.insync.replicas", |view| view.source = ConfigSource::StaticBroker);
    assert_snapshot!(plan_text(&plan(&want, &racked().with("orders", follows))), @r"
    1 set-config orders min.insync.replicas: unset -> 1
    2 move-replicas orders 0: [1] -> [1, 3, 5] unthrottled after [1] (not preflighted)
        risk moves-replicas
    ? topic orders topic/pinned-default: 'orders' pins min.insync.replicas to 1, which the broker gives anyhow: it does not follow when the broker's default changes
    preflight partial, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    let own = racked().with("orders", topic(1, 1).set("min.insync.replicas", "2"));
    assert_snapshot!(plan_text(&plan(&want, &own)), @r"
    1 set-config orders min.insync.replicas: 2 -> 1
    2 move-replicas orders 0: [1] -> [1, 3, 5] unthrottled after [1] (not preflighted)
        risk moves-replicas
    ? topic orders topic/pinned-default: 'orders' pins min.insync.replicas to 1, which the broker gives anyhow: it does not follow when the broker's default changes
    preflight partial, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    let further = topology([wish("orders").replication(4).set("min.insync.replicas", "2")]);
    let have = racked().with("orders", topic(1, 1).set("min.insync.replicas", "3"));
    assert_snapshot!(plan_text(&plan(&further, &have)), @r"
    1 set-config orders min.insync.replicas: 3 -> 2
    2 move-replicas orders 0: [1] -> [1, 3, 5, 2] unthrottled after [1] (not preflighted)
        risk stops-writes
        risk moves-replicas
        min.insync.replicas will be 2, and of 1 of 1 partitions fewer replicas are in sync until the copies are complete: writes with acks=all are refused there meanwhile. Lower it further first, and raise it again afterwards
    preflight partial, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
}
