//! Throttles of moves: what they set, what stays, what is left of them.

use super::moving::{Moving, throttled};
use crate::placement::{MoveThrottle, Throttle};
use crate::plan::{
    Answer, Basis, Change, DiffOptions, HeldBack, Plan, Question, SetRates, TopicChange, assess, diff,
    propose_unthrottling, rate_drifts, throttled_brokers,
};
use crate::testing::*;
use crate::values::{
    FOLLOWER_RATE, FOLLOWER_REPLICAS, Failure, Known, LEADER_RATE, LEADER_REPLICAS, Pattern,
};
use crate::world::{BrokerConfigView, ConfigSource, ConfigTarget, ConfigType, World};
use insta::assert_snapshot;
use std::collections::BTreeMap;

/// As many brokers, between which nothing moves.
fn still(count: i32) -> World {
    let mut world = world(count);
    world.cluster.moves = Known::Known(BTreeMap::new());
    world
}

#[test]
fn a_throttle_says_what_it_sets_and_what_stays() {
    let want = topology([wish("orders").replication(2)]);
    let have = still(2).with("orders", topic(1, 1));
    let rate = LEADER_RATE.to_owned();
    let plan = throttled(&want, &have, 500, |answers| {
        answers
            .insert(Question::Rates { broker: 1 }, Answer::Rates([(rate.clone(), "100".to_owned())].into()));
    });
    let Change::Topic(change @ TopicChange::MoveReplicas { throttle: Some(throttle), .. }) =
        &plan.steps[0].change
    else {
        panic!("{plan:?}");
    };
    assert_eq!(throttle.replicas.follower, [(0, 2)].into());
    assert_eq!(throttle.sets[&1].len(), 1);
    assert_eq!(throttle.sets[&2].len(), 2);
    assert_eq!(throttle.stays[&1][LEADER_RATE], "100");
    // 1,000 bytes leave broker 1 at the rate that stays there.
    let copying = plan.steps[0].impact.copying.as_ref().expect("it copies");
    assert_eq!(copying.takes_ms.value(), Some(&10_000));

    assert_eq!(throttled_brokers([change]), [1, 2]);
    let as_planned: SetRates = [(1, [(rate.clone(), "100".to_owned())].into())].into();
    assert_eq!(rate_drifts([change], &as_planned), []);
    let gone = rate_drifts([change], &SetRates::new());
    assert_eq!(
        gone.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["broker 1: config.leader.replication.throttled.rate was 100 and is absent now"]
    );
    let mut ours = as_planned.clone();
    ours.insert(2, [(rate.clone(), "500".to_owned())].into());
    assert_eq!(rate_drifts([change], &ours), [], "an earlier step of the run has set it");
    ours.insert(2, [(rate, "700".to_owned())].into());
    assert_eq!(rate_drifts([change], &ours).len(), 1);
}

/// `orders` on its way from broker 1 to broker 2, as the file wants it, with these rates on both brokers.
fn on_its_way(set: &str, of_klerk: &[Throttle]) -> Plan {
    let want = topology([wish("orders").replication(2)]);
    let lists = |topic: TopicBuilder| topic.set(LEADER_REPLICAS, "0:1").set(FOLLOWER_REPLICAS, "0:2");
    let have = still(2).with("orders", lists(topic(1, 2))).moving(0, &[1, 2], &[2], &[]);
    let mut proposal = diff(&want, &have, &DiffOptions::default());
    proposal.throttle(Some(900_000), &have);
    proposal.standing_throttles = of_klerk.to_vec();
    let mut answers = accept_all(&proposal.questions, &have);
    for broker in [1, 2] {
        let rates = [LEADER_RATE, FOLLOWER_RATE].map(|key| (key.to_owned(), set.to_owned()));
        answers.insert(Question::Rates { broker }, Answer::Rates(rates.into()));
    }
    let basis = Basis { command: "plan", environment: None, topology: Some(&want), world: &have };
    assess(proposal, &answers, &basis)
}

fn throttle_of(plan: &Plan) -> (&TopicChange, &MoveThrottle) {
    let Some(Change::Topic(change @ TopicChange::MoveReplicas { throttle: Some(throttle), .. })) =
        plan.steps.first().map(|step| &step.change)
    else {
        panic!("{plan:?}");
    };
    (change, throttle)
}

#[test]
fn the_rate_of_a_move_that_is_under_way_is_changed_where_klerk_has_set_it() {
    let keys = || [LEADER_RATE, FOLLOWER_RATE].map(str::to_owned).into();
    let of_klerk =
        Throttle { rate: 500_000, topics: BTreeMap::new(), brokers: [(1, keys()), (2, keys())].into() };
    let of_klerk = std::slice::from_ref(&of_klerk);
    let plan = on_its_way("500000", of_klerk);
    let (change, throttle) = throttle_of(&plan);
    assert_eq!((throttle.sets.len(), throttle.stays.len()), (0, 0));
    assert_eq!(throttle.changes[&2][FOLLOWER_RATE], "500000");
    assert_eq!(throttle.replicas.follower, [(0, 2)].into());
    assert!(plan.requires().is_empty() && plan.steps[0].impact.held_back.is_none(), "{plan:?}");
    // It is this run's to take off, once the copies are done.
    let set = Throttle::of([change]).expect("a throttle");
    assert_eq!((set.rate, set.brokers, set.topics.len()), (900_000, [(1, keys()), (2, keys())].into(), 1));
    assert_eq!(throttled_brokers([change]), [1, 2]);
    let rates = |value: &str| -> SetRates {
        let rates = || [LEADER_RATE, FOLLOWER_RATE].map(|key| (key.to_owned(), value.to_owned())).into();
        [(1, rates()), (2, rates())].into()
    };
    assert_eq!(rate_drifts([change], &rates("500000")), []);
    assert_eq!(rate_drifts([change], &rates("900000")), [], "an earlier step of the run has set it");
    assert_eq!(rate_drifts([change], &rates("700000")).len(), 4);
    assert_eq!(rate_drifts([change], &SetRates::new()).len(), 4, "somebody has taken it off");

    // What somebody else has set stays, and what is as wanted already.
    for (set, of_klerk) in [("500000", &[][..]), ("700000", of_klerk), ("900000", of_klerk)] {
        let plan = on_its_way(set, of_klerk);
        let (_, throttle) = throttle_of(&plan);
        assert_eq!((throttle.changes.len(), throttle.stays.len()), (0, 2), "{set}");
    }
}

#[test]
fn a_throttle_is_not_planned_on_what_could_not_be_read() {
    let want = topology([wish("orders").replication(2)]);
    let have = still(2).with("orders", topic(1, 1));
    let plan = throttled(&want, &have, 500, |answers| {
        let denied = Failure::without_reply("TIMEOUT", "no answer");
        answers.insert(Question::Rates { broker: 2 }, Answer::Failed(denied));
    });
    assert!(plan.steps.is_empty());
    assert_snapshot!(plan.conflicts[0].message, @"the throttle cannot be planned: whether one is set on broker 2 already could not be read: TIMEOUT: no answer. Try again, or leave --throttle out");
}

#[test]
fn a_broker_that_is_not_live_gets_no_rate() {
    let want = topology([wish("orders").replication(2)]);
    let mut have = still(3).with("orders", topic(1, 1));
    if let Some(Known::Known(orders)) = have.cluster.topics.get_mut("orders") {
        orders.partitions[0].replicas = vec![1, 9, 8];
    }
    let plan = throttled(&want, &have, 500, |_| {});
    let Some(Change::Topic(TopicChange::MoveReplicas { throttle: Some(throttle), .. })) =
        plan.steps.first().map(|step| &step.change)
    else {
        panic!("{plan:?}");
    };
    assert!(throttle.sets.keys().all(|broker| [1, 2, 3].contains(broker)), "{throttle:?}");
}

#[test]
fn what_throttles_left_behind_is_taken_off_as_a_plan() {
    let list = |topic: TopicBuilder, value| topic.set(FOLLOWER_REPLICAS, value);
    let mut have =
        still(2).with("orders", list(topic(2, 1), "0:1,1:2")).with("refunds", list(topic(1, 1), "0:1"));
    let rate = BrokerConfigView {
        value: Some("500".to_owned()),
        kind: ConfigType::Long,
        source: ConfigSource::DynamicBroker,
        sensitive: false,
        read_only: false,
        synonyms: Vec::new(),
    };
    for broker in [1, 2] {
        let configs = [(FOLLOWER_RATE.to_owned(), rate.clone())].into();
        have.cluster.broker_configs.insert(ConfigTarget::Broker(broker), Known::Known(configs));
    }
    let mut have = have.moving(1, &[1, 2], &[2], &[]);
    let proposal = propose_unthrottling(None, &[], &have);
    let answers = accept_all(&proposal.questions, &have);
    let basis = Basis { command: "cluster moves", environment: None, topology: None, world: &have };
    assert_snapshot!(plan_text(&assess(proposal, &answers, &basis)), @r"
    1 set-config orders follower.replication.throttled.replicas: 0:1,1:2 -> 1:2
    2 set-config refunds follower.replication.throttled.replicas: 0:1 -> unset
    3 set-config 1 follower.replication.throttled.rate: 500 -> unset
        follower.replication.throttled.rate follows what holds for all brokers, which was not told
    preflight full, Summary { create: 0, change: 3, delete: 0, blocked: 0, unchanged: 0 }
    ");
    have.cluster.moves = Known::Failed(Failure::without_reply("TIMEOUT", "no answer"));
    assert_eq!(propose_unthrottling(None, &[], &have).conflicts.len(), 1);
}

/// What holds the copies of `orders` back, with three replicas wanted, where `rates` is what each broker tells.
fn held_back(have: &World, of_klerk: &[Throttle], rates: &Answer) -> Option<HeldBack> {
    let want = topology([wish("orders").replication(3)]);
    let mut proposal = diff(&want, have, &DiffOptions::default());
    proposal.throttle(None, have);
    proposal.standing_throttles = of_klerk.to_vec();
    let mut answers = accept_all(&proposal.questions, have);
    for (question, answer) in &mut answers {
        if matches!(question, Question::Rates { .. }) {
            *answer = rates.clone();
        }
    }
    let basis = Basis { command: "plan", environment: None, topology: Some(&want), world: have };
    assess(proposal, &answers, &basis).steps.remove(0).impact.held_back
}

#[test]
fn rates_that_stand_already_are_told_where_they_hold_for_what_is_copied() {
    let keys = || [LEADER_RATE.to_owned(), FOLLOWER_RATE.to_owned()];
    let set = Answer::Rates(keys().map(|key| (key, "500".to_owned())).into());
    let ours = Throttle {
        rate: 500,
        topics: BTreeMap::new(),
        brokers: (1..=3).map(|broker| (broker, keys().into())).collect(),
    };
    let lists = |sending: &str, receiving: &str| {
        let orders = topic(2, 1).set(LEADER_REPLICAS, sending).set(FOLLOWER_REPLICAS, receiving);
        still(3).with("orders", orders)
    };
    let rate = |key: &str| BTreeMap::from([(key.to_owned(), "500".to_owned())]);
    let all = |by_klerk| {
        let rates = [(1, rate(LEADER_RATE)), (2, rate(FOLLOWER_RATE)), (3, rate(FOLLOWER_RATE))];
        Some(HeldBack::By { rates: rates.into(), by_klerk })
    };

    // A run was killed before it had sent its moves, or after.
    let named = lists("0:1,1:1", "0:2,0:3,1:2,1:3");
    assert_eq!(held_back(&named, std::slice::from_ref(&ours), &set), all(true));
    let under_way = named.clone().moving(0, &[1, 2, 3], &[2, 3], &[]).moving(1, &[1, 2, 3], &[2, 3], &[]);
    assert_eq!(held_back(&under_way, std::slice::from_ref(&ours), &set), all(true));
    assert_eq!(held_back(&lists("*", "*"), &[], &set), all(false));
    assert_eq!(held_back(&named, &[Throttle { rate: 600, ..ours.clone() }], &set), all(false));

    // Neither a rate without a list, nor a list without a rate, nor one of what is not copied holds anything back.
    assert_eq!(held_back(&still(3).with("orders", topic(2, 1)), &[], &set), None);
    assert_eq!(held_back(&named, &[], &Answer::Rates(BTreeMap::new())), None);
    assert_eq!(held_back(&lists("0:2", "0:1"), &[], &set), None);

    let silent = Answer::Failed(Failure::without_reply("TIMEOUT", "no answer"));
    let not_read = HeldBack::NotRead("broker 1: TIMEOUT: no answer".to_owned());
    assert_eq!(held_back(&named, &[], &silent), Some(not_read));
}

#[test]
fn throttles_that_are_not_told_are_not_taken_for_none() {
    let denied = || Failure::without_reply("DENIED", "it takes describe-configs");
    let mut have = still(2).with("orders", topic(1, 1)).with("refunds", topic(1, 1));
    have.cluster.broker_configs.insert(ConfigTarget::Broker(2), Known::Denied(denied()));
    if let Some(Known::Known(refunds)) = have.cluster.topics.get_mut("refunds") {
        refunds.configs = Known::Denied(denied());
    }
    let conflicts = |matching: Option<&str>| {
        let proposal = propose_unthrottling(matching.map(Pattern::new).as_ref(), &[], &have);
        let told = proposal.conflicts.iter().map(|one| format!("{}: {}", one.resource.name, one.message));
        told.collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(conflicts(None), @r"
    refunds: which of its replicas are throttled could not be read: DENIED: it takes describe-configs
    2: which throttles are set on it could not be read: DENIED: it takes describe-configs
    ");
    assert_snapshot!(conflicts(Some("orders")), @"2: which throttles are set on it could not be read: DENIED: it takes describe-configs");
}
