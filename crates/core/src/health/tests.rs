use super::*;
use crate::testing::{TopicBuilder, failure, topic};
use crate::values::{Known, TopicPartition};
use crate::world::{
    BrokerConfigView, ConfigSource, ConfigType, LogDirView, OngoingMove, QuorumReplica, QuorumView,
    RegisteredBroker, StatusView,
};
use std::collections::{BTreeMap, BTreeSet};

/// Three live brokers and these topics.
fn view(topics: &[(&str, TopicBuilder)]) -> StatusView {
    let broker = |id: i32| {
        let broker = RegisteredBroker {
            host: "kafka".to_owned(),
            port: 9090 + id,
            rack: None,
            fenced: false,
            metadata_versions: Known::NotAsked,
        };
        (id, broker)
    };
    let topics = topics
        .iter()
        .map(|(name, topic)| ((*name).to_owned(), Known::Known(topic.clone().build())))
        .collect();
    StatusView {
        id: "test".to_owned(),
        brokers: (1..=3).map(broker).collect(),
        listed: Known::Known(()),
        quorum: Known::NotAsked,
        features: Known::NotAsked,
        topics,
        disks: BTreeMap::new(),
        moves: Known::Known(BTreeMap::new()),
        throttles: BTreeMap::new(),
        hidden: Known::Known(BTreeSet::new()),
    }
}

fn led_by(mut topic: TopicBuilder, partition: usize, leader: Option<i32>) -> TopicBuilder {
    topic.0.partitions[partition].leader = leader;
    topic
}

fn messages(status: &ClusterStatus) -> Vec<String> {
    status.problems.iter().map(|problem| format!("{}: {}", problem.kind.as_str(), problem.message)).collect()
}

#[test]
fn a_cluster_that_lacks_nothing_has_no_problems() {
    let status = status(&view(&[("orders", topic(2, 3))]));
    assert_eq!(status.problems, []);
    assert_eq!((status.live(), status.partitions.counts.total), (3, 2));
    assert!(status.lacks(Awaited::default()).is_empty());
}

#[test]
fn every_condition_is_counted_and_the_worst_come_first() {
    let orders = topic(5, 3)
        .set("min.insync.replicas", "2")
        .replicas(1, &[1, 2, 3], &[1, 2])
        .replicas(2, &[1, 2, 3], &[1])
        .replicas(3, &[1, 2, 3], &[2]);
    let orders = led_by(led_by(orders, 3, None), 4, Some(3));
    let status = status(&view(&[("orders", orders)]));
    let counts = PartitionCounts {
        total: 5,
        offline: 1,
        under_min_isr: 2,
        at_min_isr: 1,
        under_replicated: 3,
        not_preferred: 1,
        min_isr_unknown: 0,
        under_min_isr_unknown: 0,
    };
    assert_eq!(status.partitions.counts, counts);
    let worst: Vec<i32> = status.partitions.unhealthy.iter().map(|one| one.partition.partition).collect();
    assert_eq!(worst, [3, 2, 1]);
    assert_eq!(status.partitions.unhealthy[1].missing(), [2, 3]);
    insta::assert_snapshot!(messages(&status).join("\n"), @r"
    offline-partitions: 1 partition without a leader: nobody can read or write
    under-min-isr: 2 partitions below min.insync.replicas: writes with acks=all fail
    under-replicated: 3 partitions with replicas that are not in sync
    ");
}

#[test]
fn min_isr_is_capped_at_the_replicas_and_a_whole_partition_at_it_is_healthy() {
    let single = topic(1, 1).set("min.insync.replicas", "2");
    let status = status(&view(&[("single", single)]));
    assert_eq!((status.partitions.counts.at_min_isr, status.partitions.counts.under_min_isr), (1, 0));
    assert!(status.problems.is_empty() && status.partitions.unhealthy.is_empty());
}

#[test]
fn a_replica_that_is_still_coming_is_not_missed() {
    let orders = topic(1, 3).replicas(0, &[1, 2, 3], &[1, 2]);
    let mut seen = view(&[("orders", orders)]);
    assert_eq!(status(&seen).partitions.counts.under_replicated, 1);
    let coming = OngoingMove { adding: vec![3], ..OngoingMove::default() };
    seen.moves = Known::Known(BTreeMap::from([(TopicPartition::new("orders", 0), coming)]));
    assert_eq!(status(&seen).partitions.counts.under_replicated, 0);
}

#[test]
fn configs_that_may_not_be_read_leave_min_isr_unknown_and_no_guess() {
    let hidden = topic(1, 3).configs(Known::Denied(failure(29, "TOPIC_AUTHORIZATION_FAILED", "")));
    let counts = status(&view(&[("orders", hidden)])).partitions.counts;
    assert_eq!((counts.min_isr_unknown, counts.at_min_isr, counts.under_min_isr), (1, 0, 0));
    assert_eq!(counts.under_min_isr_unknown, 0, "with all replicas in sync there are never too few");
    let hurt = topic(1, 3).configs(Known::Denied(failure(29, "DENIED", ""))).replicas(0, &[1, 2, 3], &[1]);
    assert_eq!(status(&view(&[("orders", hurt)])).partitions.counts.under_min_isr_unknown, 1);
}

#[test]
fn brokers_that_are_fenced_or_only_have_replicas_are_down() {
    let orders = topic(1, 3).replicas(0, &[1, 7], &[1]);
    let mut seen = view(&[("orders", orders)]);
    if let Some(broker) = seen.brokers.get_mut(&2) {
        broker.fenced = true;
    }
    let status = status(&seen);
    assert_eq!(status.live(), 2);
    insta::assert_snapshot!(messages(&status).join("\n"), @r"
    under-replicated: 1 partition with replicas that are not in sync
    brokers-down: broker 2 is registered and not live
    brokers-down: broker 7 has replicas and is not there
    ");
    assert_eq!(status.lacks(Awaited { brokers: Some(3) })[0], "2 of 3 brokers are live");
    let enough = status.lacks(Awaited { brokers: Some(2) });
    assert_eq!(
        enough,
        ["1 partition with replicas that are not in sync"],
        "who is down does not matter then"
    );
}

fn voter(end: Option<i64>, caught_up_ms: i64) -> QuorumReplica {
    QuorumReplica { end, caught_up_ms: Some(caught_up_ms), fetched_ms: None }
}

#[test]
fn lag_of_the_quorum_is_against_its_leader() {
    let mut seen = view(&[]);
    let quorum = QuorumView {
        leader: Some(1),
        leader_epoch: 4,
        high_watermark: 99,
        voters: BTreeMap::from([
            (1, voter(Some(100), 50_000)),
            (2, voter(Some(90), 38_000)),
            (3, voter(None, 0)),
        ]),
        observers: BTreeMap::from([(9, voter(Some(101), 50_100))]),
    };
    seen.quorum = Known::Known(quorum.clone());
    let judged = status(&seen);
    let quorum_status = judged.quorum.known().expect("known");
    let lags: Vec<_> =
        quorum_status.replicas.iter().map(|one| (one.id, one.role, one.lag, one.lag_ms)).collect();
    assert_eq!(
        lags,
        [
            (1, Role::Leader, Some(0), Some(0)),
            (2, Role::Voter, Some(10), Some(12_000)),
            (3, Role::Voter, None, Some(50_000)),
            (9, Role::Observer, Some(0), Some(0)),
        ]
    );
    insta::assert_snapshot!(messages(&judged).join("\n"), @r"
    voter-behind: voter 2 of the quorum is 12s behind
    voter-behind: voter 3 of the quorum is 50s behind
    ");
    let mut failed_over = quorum.clone();
    failed_over.voters.insert(3, QuorumReplica { end: None, caught_up_ms: None, fetched_ms: None });
    seen.quorum = Known::Known(failed_over);
    assert_eq!(
        messages(&status(&seen)).last().map(String::as_str),
        Some("voter-behind: voter 3 of the quorum has not been heard of by its leader")
    );
    seen.quorum = Known::Known(QuorumView { leader: None, ..quorum });
    assert_eq!(messages(&status(&seen)), ["no-controller: the quorum has no leader: nothing can be changed"]);
}

#[test]
fn folders_that_fail_are_problems_and_those_that_may_not_be_seen_are_not() {
    let mut seen = view(&[]);
    let folder = |failure| LogDirView {
        path: "/data".to_owned(),
        failure,
        total: None,
        usable: None,
        replicas: BTreeMap::from([(TopicPartition::new("a", 0), 70)]),
        coming: 0,
    };
    let broken = failure(56, "KAFKA_STORAGE_ERROR", "");
    seen.disks.insert(1, Known::Known(vec![folder(Some(broken)), folder(None)]));
    seen.disks.insert(2, Known::Denied(failure(31, "CLUSTER_AUTHORIZATION_FAILED", "")));
    seen.disks.insert(3, Known::Failed(failure(7, "REQUEST_TIMED_OUT", "")));
    let status = status(&seen);
    insta::assert_snapshot!(messages(&status).join("\n"), @r"
    log-dir-offline: broker 1: log folder /data: KAFKA_STORAGE_ERROR (56)
    unanswered: broker 3 did not tell its log folders: REQUEST_TIMED_OUT (7)
    ");
    assert_eq!(status.bytes, None, "a spread without one of the brokers would be a guess");
    assert_eq!(status.brokers[0].load.bytes, Known::Known(140));
}

#[test]
fn what_should_have_been_told_and_was_not_is_a_problem_and_what_may_not_be_told_is_none() {
    let late = || failure(7, "REQUEST_TIMED_OUT", "");
    let mut seen = view(&[("orders", topic(1, 3)), ("refunds", topic(1, 3))]);
    seen.listed = Known::Failed(late());
    seen.features = Known::Failed(late());
    seen.throttles.insert(1, Known::Failed(late()));
    seen.throttles.insert(2, Known::Denied(failure(31, "CLUSTER_AUTHORIZATION_FAILED", "")));
    if let Some(Known::Known(orders)) = seen.topics.get_mut("orders") {
        orders.configs = Known::Failed(late());
    }
    let told = status(&seen);
    insta::assert_snapshot!(messages(&told).join("\n"), @r"
    unanswered: brokers that are not live were not told: REQUEST_TIMED_OUT (7)
    unanswered: the features were not told: REQUEST_TIMED_OUT (7)
    unanswered: broker 1 did not tell its throttles: REQUEST_TIMED_OUT (7)
    unanswered: the configs of 1 topic were not told: REQUEST_TIMED_OUT (7)
    ");
    assert_eq!(told.lacks(Awaited::default()).len(), 4);
    seen.listed = Known::Unavailable("the brokers are too old".to_owned());
    assert_eq!(status(&seen).problems.len(), 3);
}

#[test]
fn skew_is_against_an_even_share() {
    let of = |loads: &[i64]| {
        Spread::of(loads.iter().copied()).map(|spread| (spread.mean(), spread.skew_percent()))
    };
    assert_eq!(of(&[10, 10, 10]), Some((10, 0)));
    assert_eq!(of(&[20, 10, 0]), Some((10, 100)));
    assert_eq!(of(&[3, 3, 2]), Some((2, 13)));
    assert_eq!(of(&[0, 0]), Some((0, 0)));
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[i64::MAX, 0]).map(|(_, skew)| skew), Some(100));
}

#[test]
fn throttles_are_those_that_somebody_set() {
    let config = |source, value: &str| BrokerConfigView {
        value: Some(value.to_owned()),
        kind: ConfigType::Long,
        source,
        sensitive: false,
        read_only: false,
        synonyms: Vec::new(),
    };
    let key = "leader.replication.throttled.replicas";
    let orders = topic(1, 3).set(key, "0:1");
    let mut seen = view(&[("orders", orders), ("events", topic(1, 3).set(key, ""))]);
    let configs = BTreeMap::from([
        ("a".to_owned(), config(ConfigSource::DynamicBroker, "100")),
        ("b".to_owned(), config(ConfigSource::Default, "9223372036854775807")),
    ]);
    seen.throttles.insert(1, Known::Known(configs));
    let expected = [
        Throttle::Rate { broker: 1, key: "a".to_owned(), value: "100".to_owned() },
        Throttle::Replicas { topic: "orders".to_owned(), key: key.to_owned(), value: "0:1".to_owned() },
    ];
    assert_eq!(status(&seen).throttles, expected);
}

#[test]
fn levels_have_their_releases() {
    let names = [1, 21, 25, 30].map(metadata_release);
    assert_eq!(names, [Some("3.0-IV1"), Some("3.9-IV0"), Some("4.0-IV3"), Some("4.3-IV0")]);
    assert_eq!((metadata_release(0), metadata_release(31), metadata_release(-1)), (None, None, None));
}

/// Whoever may describe the cluster is told of all replicas, and of no topic that it may not describe.
#[test]
fn a_cluster_whose_topics_are_hidden_is_not_called_healthy() {
    let hiding = |hidden: Known<BTreeSet<String>>, topics: &[(&str, TopicBuilder)]| StatusView {
        hidden,
        ..view(topics)
    };
    let two = || Known::Known(BTreeSet::from(["invoices".to_owned(), "payments".to_owned()]));
    let orders = &[("orders", topic(1, 3))][..];
    let lacks = |seen: &StatusView| status(seen).lacks(Awaited::default());
    let empty = view(&[]);
    assert!(status(&empty).partitions.is_whole() && lacks(&empty).is_empty(), "a new cluster has no topics");
    let blind = ["no topic is visible, so whether partitions are served cannot be told"];
    assert_eq!(lacks(&hiding(two(), &[])), blind);
    assert_eq!(lacks(&hiding(Known::Denied(failure(31, "CLUSTER_AUTHORIZATION_FAILED", "")), &[])), blind);
    let untold = hiding(Known::Unavailable("not offered".to_owned()), &[]);
    assert!(
        !status(&untold).partitions.is_whole() && lacks(&untold).is_empty(),
        "nothing says that there is a topic"
    );
    let some = hiding(two(), orders);
    assert!(!status(&some).partitions.is_whole() && !status(&some).is_healthy());
    insta::assert_snapshot!(lacks(&some).join("; "), @"whether all partitions are served cannot be told: 2 topics may not be described and are left out: invoices, payments");
    let denied = hiding(Known::Denied(failure(31, "CLUSTER_AUTHORIZATION_FAILED", "")), orders);
    assert!(lacks(&denied).is_empty(), "that may be so for everybody");
}
