//! What somebody is told who may not see everything: nothing false, and which right would show it.

use crate::documents::{ClusterStatus, DescribedGroups, Lag};
use crate::scene::Scene;

const ESTATE: &str = "klerk: 1
topics:
  orders: { partitions: 1, replication: 3, retention.ms: 7d }
  events: { partitions: 1, replication: 3, retention.ms: 7d }
groups:
  billing: { topics: [orders, events] }
  audit: { topics: [orders, events] }
";

/// A group that is behind on two topics.
fn scene() -> Scene {
    let scene = Scene::applied(ESTATE);
    for topic in ["orders", "events"] {
        scene.cluster.fill(topic, 0, 5);
        scene.cluster.commit("billing", topic, &[2]);
    }
    scene.cluster.commit("audit", "events", &[5]);
    scene
}

#[test]
fn topics_that_are_in_no_list_are_not_counted_as_healthy() {
    let scene = scene();
    scene.cluster.arm("Metadata topic=orders deny always");
    insta::assert_snapshot!(scene.told("cluster status"), @r"
    status 0
    --- stdout
    cluster <cluster>: healthy as far as is visible; 3 of 3 brokers live, 2 visible topics, 51 partitions; metadata version 4.3-IV0
    1 more topic with replicas on the brokers may not be described: not counted

    BROKER  ADDRESS          RACK    STATE  LEADERS  REPLICAS    SIZE         DISK FREE
         1  <broker 1>  rack-1  live        18        51  1.7 kB  1.0 TB of 1.0 TB
         2  <broker 2>  rack-2  live        17        51  1.7 kB  1.0 TB of 1.0 TB
         3  <broker 3>  rack-3  live        16        51  1.7 kB  1.0 TB of 1.0 TB

    quorum: controller 1 (epoch 1); 1 voter; 2 observers, up to date
    partitions: 0 offline, 0 below min ISR, 0 at min ISR, 0 under-replicated, 0 not led by the preferred replica
    balance: leaders 16–18 (fullest 6 % above an even share), replicas 51 each, size 1.7 kB each
    --- stderr
    ");
    let document: ClusterStatus = scene.document("cluster status", 0);
    assert_eq!(document.visible_only, Some(true));
    scene.cluster.disarm();
    let document: ClusterStatus = scene.document("cluster status", 0);
    assert_eq!((document.healthy, document.visible_only), (true, Some(false)));
}

#[test]
fn whoever_sees_no_topic_is_told_of_no_health() {
    let scene = scene();
    for topic in ["orders", "events", "__consumer_offsets"] {
        scene.cluster.arm(&format!("Metadata topic={topic} deny always"));
    }
    insta::assert_snapshot!(scene.told("cluster status"), @r"
    status 0
    --- stdout
    cluster <cluster>: no topic is visible; 3 of 3 brokers live, 0 visible topics, 0 partitions; metadata version 4.3-IV0
    3 more topics with replicas on the brokers may not be described: not counted

    BROKER  ADDRESS          RACK    STATE  LEADERS  REPLICAS    SIZE         DISK FREE
         1  <broker 1>  rack-1  live         0         0  1.7 kB  1.0 TB of 1.0 TB
         2  <broker 2>  rack-2  live         0         0  1.7 kB  1.0 TB of 1.0 TB
         3  <broker 3>  rack-3  live         0         0  1.7 kB  1.0 TB of 1.0 TB

    quorum: controller 1 (epoch 1); 1 voter; 2 observers, up to date
    partitions: 0 offline, 0 below min ISR, 0 at min ISR, 0 under-replicated, 0 not led by the preferred replica
    balance: leaders 0 each, replicas 0 each, size 1.7 kB each
    --- stderr
    ");
    let document: ClusterStatus = scene.document("cluster status", 0);
    assert!(!document.healthy && document.visible_only == Some(true));
}

#[test]
fn a_group_is_not_up_to_date_on_topics_that_nobody_sees() {
    let scene = scene();
    scene.cluster.arm("Metadata topic=orders deny always");
    insta::assert_snapshot!(scene.told("group lag billing"), @r"
    status 3
    --- stdout
    GROUP    TOPIC   PARTITION  COMMITTED  START  END  LAG  STATUS   CLIENT  HOST
    billing  events          0          2      0    5    3  lagging  -       -
    billing  orders          0          2      -    -    -  unknown  -       -

    unknown: the log end could not be read: TOPIC_AUTHORIZATION_FAILED (29): it takes describe on topic orders: billing orders-0

    1 group: 1 unknown; 2 partitions; at least 3 records behind
    some answers are missing: the numbers above are not the whole
    --- stderr
    ");
    // Its commits on it would be left out in silence, so that nothing but the contract tells of them.
    insta::assert_snapshot!(scene.told("group lag audit -f topology.yaml"), @r"
    status 3
    --- stdout
    GROUP  TOPIC   PARTITION  COMMITTED  START  END  LAG  STATUS  CLIENT  HOST
    audit  events          0          5      0    5    0  ok      -       -

    unknown: topics of its contract may not be described: orders: TOPIC_AUTHORIZATION_FAILED (29): it takes describe on topic orders: audit

    1 group: 1 unknown; 1 partition; at least 0 records behind
    some answers are missing: the numbers above are not the whole
    --- stderr
    ");
    let lag: Lag = scene.document("group lag billing", 3);
    assert_eq!((lag.groups[0].lag, lag.groups[0].lag_at_least), (None, Some(3)));
}

#[test]
fn what_a_group_does_not_tell_names_the_right_that_lacks() {
    let scene = scene();
    scene.cluster.arm("OffsetFetch resource=billing refuse 30 always");
    scene.cluster.arm("DescribeGroups resource=billing refuse 30 always");
    insta::assert_snapshot!(scene.told("group describe billing"), @r"
    status 3
    --- stdout
    group billing: type classic, empty, coordinator broker 1
    no members

    unknown: GROUP_AUTHORIZATION_FAILED (30): it takes describe on group billing: billing

    1 group: 1 unknown; 0 partitions; at least 0 records behind
    some answers are missing: the numbers above are not the whole
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("group lag billing"), @r"
    status 3
    --- stdout
    unknown: GROUP_AUTHORIZATION_FAILED (30): it takes describe on group billing: billing

    1 group: 1 unknown; 0 partitions; at least 0 records behind
    some answers are missing: the numbers above are not the whole
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("group reset billing --all-topics --to-latest --dry-run"), @r"
    status 1
    --- stdout
    ! group billing
        not-readable: the group's commits could not be read: GROUP_AUTHORIZATION_FAILED (30): it takes describe on group billing

    0 to create, 0 to change, 1 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! could not be read.
    --- stderr
    protection by topology.yaml
    ");
    let described: DescribedGroups = scene.document("group describe billing", 3);
    assert_eq!(described.visible_only, None, "nobody has said who one is");
}

#[test]
fn a_topic_that_may_not_be_described_cannot_be_reset() {
    let scene = scene();
    scene.cluster.arm("Metadata topic=orders deny always");
    insta::assert_snapshot!(scene.told("group reset billing --topic orders --to-latest --dry-run"), @r"
    status 1
    --- stdout
    ! topic orders
        not-readable: the topic could not be looked at: TOPIC_AUTHORIZATION_FAILED (29): it takes describe on topic orders

    0 to create, 0 to change, 1 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! could not be read.
    --- stderr
    protection by topology.yaml
    ");
    scene.cluster.disarm();
    scene.cluster.arm("ListOffsets topic=orders refuse 29 always");
    insta::assert_snapshot!(scene.told("group reset billing --topic orders --to-latest --dry-run"), @r"
    status 1
    --- stdout
    ! group billing
        not-readable: the log range of orders-0 could not be read: TOPIC_AUTHORIZATION_FAILED (29): it takes describe on topic orders

    0 to create, 0 to change, 1 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! could not be read.
    --- stderr
    protection by topology.yaml
    ");
}

#[test]
fn configs_of_brokers_take_a_right_on_the_cluster() {
    let scene = scene();
    scene.cluster.arm("DescribeConfigs refuse 31 always");
    insta::assert_snapshot!(scene.told("cluster configs"), @r"
    status 3
    --- stdout
    not available: the configs of all brokers: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe-configs on the cluster
    not available: the configs of broker 1: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe-configs on the cluster
    not available: the configs of broker 2: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe-configs on the cluster
    not available: the configs of broker 3: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe-configs on the cluster
    --- stderr
    ");
}

#[test]
fn a_step_that_is_denied_names_the_right_that_it_takes() {
    let scene = scene();
    scene.cluster.arm("CreateTopics topic=payments refuse 29 always");
    scene.edit("topics:\n", "topics:\n  payments: { partitions: 1, replication: 3 }\n");
    insta::assert_snapshot!(scene.told("apply --yes"), @r"
    status 4
    --- stdout
    + topic payments  (topology.yaml:3)
        partitions 1, replication 3
        not put to the server beforehand

    info topic/pinned-default: 'events' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes  (topology.yaml:5)
    info topic/pinned-default: 'orders' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes  (topology.yaml:4)
    warning plan/denied: topic payments may not be changed: create-topic takes create on topic payments, or on the cluster: TOPIC_AUTHORIZATION_FAILED (29)  (topology.yaml:3)

    1 to create, 0 to change, 0 blocked; 2 unchanged
    error: a server has said that it does not allow this, so nothing of it is done
      → topic payments may not be changed: create-topic takes create on topic payments, or on the cluster: TOPIC_AUTHORIZATION_FAILED (29)
    Refused; nothing was changed.
    --- stderr
    ");
}
