//! What somebody is told who may not see everything: nothing false, and which right would show it.

use crate::documents::{ClusterStatus, DescribedGroups, Lag, Moves};
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
    1 topic may not be described and is left out: orders

    BROKER  ADDRESS          RACK    STATE  LEADERS  REPLICAS    SIZE         DISK FREE
         1  <broker 1>  rack-1  live        18        51  1.7 kB  1.0 TB of 1.0 TB
         2  <broker 2>  rack-2  live        17        51  1.7 kB  1.0 TB of 1.0 TB
         3  <broker 3>  rack-3  live        16        51  1.7 kB  1.0 TB of 1.0 TB

    quorum: controller 1 (epoch 1); 1 voter; 2 observers, up to date
    visible partitions: 0 offline, 0 below min ISR, 0 at min ISR, 0 under-replicated, 0 not led by the preferred replica
    balance: visible leaders 16–18 (fullest 6 % above an even share), visible replicas 51 each, size 1.7 kB each
    --- stderr
    ");
    let document: ClusterStatus = scene.document("cluster status", 0);
    assert_eq!((document.healthy, document.visible_only), (false, Some(true)));
    assert_eq!(document.hidden_topics.as_deref(), Some(&["orders".to_owned()][..]));
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
    3 topics may not be described and are left out: __consumer_offsets, events, orders

    BROKER  ADDRESS          RACK    STATE  LEADERS  REPLICAS    SIZE         DISK FREE
         1  <broker 1>  rack-1  live         -         -  1.7 kB  1.0 TB of 1.0 TB
         2  <broker 2>  rack-2  live         -         -  1.7 kB  1.0 TB of 1.0 TB
         3  <broker 3>  rack-3  live         -         -  1.7 kB  1.0 TB of 1.0 TB

    quorum: controller 1 (epoch 1); 1 voter; 2 observers, up to date
    balance: size 1.7 kB each
    not available: partitions, leaders and replicas: no topic is visible, so whether partitions are served cannot be told
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
      → whoever runs the servers can allow it, by an ACL of the cluster or a role of the registry; then run this again
    Refused; nothing was changed.
    --- stderr
    ");
}

#[test]
fn throttles_that_are_not_told_are_never_none() {
    let scene = scene();
    scene.cluster.arm("DescribeConfigs resource=1 refuse 31 always");
    insta::assert_snapshot!(scene.told("cluster moves"), @r"
    status 3
    --- stdout
    No replica is on its way.
    not available: throttles of broker 1: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe-configs on the cluster
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("cluster moves --remove-throttle --yes"), @r"
    status 1
    --- stdout
    ! broker 1
        not-readable: which throttles are set on it could not be read: CLUSTER_AUTHORIZATION_FAILED (31): it takes describe-configs on the cluster

    0 to create, 0 to change, 1 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! could not be read.
    error: the plan has conflicts, so nothing of it is carried out
      → see to what could not be read, and run the command again; it is no fault of what was asked for
    Refused; nothing was changed.
    --- stderr
    protection by topology.yaml
    ");
    let moves: Moves = scene.document("cluster moves", 3);
    assert!(!moves.not_available.is_empty() && moves.left_throttles.is_empty(), "{moves:?}");
    scene.cluster.disarm();
    scene.cluster.arm("Metadata topic=orders deny always");
    insta::assert_snapshot!(scene.told("cluster moves"), @r"
    status 0
    --- stdout
    No replica is on its way.
    1 topic may not be described and is left out: orders
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("cluster moves --remove-throttle --yes"), @r"
    status 1
    --- stdout
    ! topic orders
        not-readable: which of its replicas are throttled could not be read: TOPIC_AUTHORIZATION_FAILED (29): it takes describe on topic orders

    warning plan/visible-only: 1 topic may not be described and is left out: orders

    0 to create, 0 to change, 1 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! could not be read.
    error: the plan has conflicts, so nothing of it is carried out
      → see to what could not be read, and run the command again; it is no fault of what was asked for
    Refused; nothing was changed.
    --- stderr
    protection by topology.yaml
    ");
}

/// An authorizer that lets klerk's principal describe the cluster, and hides a topic with the commits on it.
fn without_orders() -> Scene {
    let scene = scene();
    for line in
        ["DescribeCluster resource=alter deny", "Metadata topic=orders deny", "OffsetFetch topic=orders deny"]
    {
        scene.cluster.arm(&format!("{line} always"));
    }
    scene
}

/// The same without the right to describe the cluster, and without the groups.
fn without_groups() -> Scene {
    let scene = without_orders();
    for line in
        ["DescribeCluster resource=describe deny", "DescribeLogDirs refuse-request 31", "ListGroups deny"]
    {
        scene.cluster.arm(&format!("{line} always"));
    }
    scene
}

#[test]
fn what_a_list_leaves_out_belongs_to_the_answer() {
    let scene = without_groups();
    insta::assert_snapshot!(scene.told("group list -q"), @r"
    status 0
    --- stdout
    at least 0 groups
    User:ANONYMOUS lacks describe on the cluster, and there may be more than is shown: it takes describe on a topic or group to see it
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("group lag -q"), @r"
    status 0
    --- stdout
    0 groups; 0 partitions; at least 0 records behind
    User:ANONYMOUS lacks describe on the cluster, and there may be more than is shown: it takes describe on a topic or group to see it
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("group list -o json -q").lines().next().unwrap_or_default(), @"status 0");
    let scene = without_orders();
    insta::assert_snapshot!(scene.told("group lag -q"), @r"
    status 0
    --- stdout
    GROUP    TYPE     STATE  MEMBERS  LAG  STATUS
    audit    classic  empty        0    0  ok
    billing  classic  empty        0    3  lagging

    2 groups: 1 lagging, 1 ok; 1 partition; at least 3 records behind
    1 topic may not be described and is left out: orders
    --- stderr
    ");
    let lag: Lag = scene.document("group lag -q", 0);
    assert_eq!(lag.visible_only, Some(true));
}

#[test]
fn a_group_whose_commits_may_not_be_seen_is_not_one_without_commits() {
    let scene = without_orders();
    scene.cluster.commit("shipping", "orders", &[2]);
    insta::assert_snapshot!(scene.told("group lag shipping"), @r"
    status 3
    --- stdout
    unknown: no commits that may be seen: 1 topic may not be described and is left out: orders: shipping

    1 group: 1 unknown; 0 partitions; at least 0 records behind
    1 topic may not be described and is left out: orders
    some answers are missing: the numbers above are not the whole
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("group lag shipping billing -o csv"), @r"
    status 3
    --- stdout
    group,topic,partition,committed,start,end,lag,status,ahead_by,lost,member,client_id,host,error,behind_ms,headroom_ms
    billing,events,0,2,0,5,3,lagging,,,,,,,,
    shipping,,,,,,,unknown,,,,,,no commits that may be seen: 1 topic may not be described and is left out: orders,,
    --- stderr
    1 topic may not be described and is left out: orders
    ");
    insta::assert_snapshot!(scene.told("group lag -o prometheus"), @r#"
    status 3
    --- stdout
    # HELP klerk_group_lag Records left to read, all partitions.
    # TYPE klerk_group_lag gauge
    klerk_group_lag{group="audit"} 0
    klerk_group_lag{group="billing"} 3
    # HELP klerk_group_members Members of the group.
    # TYPE klerk_group_members gauge
    klerk_group_members{group="audit"} 0
    klerk_group_members{group="billing"} 0
    klerk_group_members{group="shipping"} 0
    # HELP klerk_group_answers_missing Whether an answer about the group is missing.
    # TYPE klerk_group_answers_missing gauge
    klerk_group_answers_missing{group="audit"} 0
    klerk_group_answers_missing{group="billing"} 0
    klerk_group_answers_missing{group="shipping"} 1
    # HELP klerk_lag_visible_only Whether groups, or commits of them, may be left out because they may not be seen.
    # TYPE klerk_lag_visible_only gauge
    klerk_lag_visible_only 1
    # HELP klerk_group_partition_lag Records left to read.
    # TYPE klerk_group_partition_lag gauge
    klerk_group_partition_lag{group="audit",topic="events",partition="0"} 0
    klerk_group_partition_lag{group="billing",topic="events",partition="0"} 3
    # HELP klerk_group_partition_committed The committed offset.
    # TYPE klerk_group_partition_committed gauge
    klerk_group_partition_committed{group="audit",topic="events",partition="0"} 5
    klerk_group_partition_committed{group="billing",topic="events",partition="0"} 2
    # HELP klerk_group_partition_end The log end offset.
    # TYPE klerk_group_partition_end gauge
    klerk_group_partition_end{group="audit",topic="events",partition="0"} 5
    klerk_group_partition_end{group="billing",topic="events",partition="0"} 5
    # HELP klerk_group_partition_lost Offsets gone unread below the log start.
    # TYPE klerk_group_partition_lost gauge
    --- stderr
    1 topic may not be described and is left out: orders
    "#);
    insta::assert_snapshot!(scene.told("group describe shipping"), @r"
    status 3
    --- stdout
    group shipping: type classic, empty, coordinator broker 3
    no members

    unknown: no commits that may be seen: 1 topic may not be described and is left out: orders: shipping

    1 group: 1 unknown; 0 partitions; at least 0 records behind
    some answers are missing: the numbers above are not the whole
    1 topic may not be described and is left out: orders
    --- stderr
    ");
    let lag: Lag = scene.document("group lag shipping", 3);
    assert_eq!(
        (lag.groups[0].lag, lag.groups[0].lag_at_least, lag.groups[0].status.as_str()),
        (None, Some(0), "unknown")
    );
    scene.cluster.disarm();
    let lag: Lag = scene.document("group lag shipping", 0);
    assert_eq!((lag.groups[0].lag, lag.visible_only), (Some(3), None), "nothing is limited");
}

#[test]
fn an_export_names_the_topics_that_it_and_its_groups_are_without() {
    let scene = without_orders();
    insta::assert_snapshot!(scene.told("export --only groups -q"), @r"
    status 0
    --- stdout
    # Exported by klerk from cluster <cluster>: what is set there, without what the brokers give anyhow,
    # and without topics, subjects and groups that may not be seen.
    # Only groups.
    # 1 topic may not be described and is left out: orders
    klerk: 1

    # Topics that groups read and that are not part of this export.
    external:
      topics: [events]

    groups:
      audit: { topics: [events] }
      billing: { topics: [events] }
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("export --only topics --match events"), @r"
    status 0
    --- stdout
    # Exported by klerk from cluster <cluster>: what is set there, without what the brokers give anyhow,
    # and without topics, subjects and groups that may not be seen.
    # Only topics.
    # Only names that match events.
    klerk: 1

    topics:
      events: { partitions: 1, replication: 3, retention.ms: 7d }
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("export --only topics"), @r"
    status 0
    --- stdout
    # Exported by klerk from cluster <cluster>: what is set there, without what the brokers give anyhow,
    # and without topics, subjects and groups that may not be seen.
    # Only topics.
    # 1 topic may not be described and is left out: orders
    klerk: 1

    topics:
      events: { partitions: 1, replication: 3, retention.ms: 7d }
    --- stderr
    1 topic may not be described and is left out: orders
    ");
}

#[test]
fn an_undo_does_not_take_a_commit_that_may_not_be_seen_for_none() {
    let scene = scene();
    assert_eq!(scene.run("group reset billing --topic orders --to-latest --yes --settle 0s").status, 0);
    for line in ["Metadata topic=orders deny", "OffsetFetch topic=orders deny"] {
        scene.cluster.arm(&format!("{line} always"));
    }
    insta::assert_snapshot!(scene.told("undo last --yes"), @r"
    status 1
    --- stdout
    ! topic orders
        not-readable: the topic could not be looked at: TOPIC_AUTHORIZATION_FAILED (29): it takes describe on topic orders

    0 to create, 0 to change, 1 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! could not be read.
    error: the plan has conflicts, so nothing of it is carried out
      → see to what could not be read, and run the command again; it is no fault of what was asked for
    Refused; nothing was changed.
    --- stderr
    protection by topology.yaml
    ");
}

#[test]
fn counts_that_rest_on_what_is_not_told_say_so() {
    let scene = scene();
    scene.cluster.arm("DescribeConfigs resource=orders refuse 29 always");
    insta::assert_snapshot!(scene.told("cluster status"), @r"
    status 0
    --- stdout
    cluster <cluster>: healthy; 3 of 3 brokers live, 3 topics, 52 partitions; metadata version 4.3-IV0

    BROKER  ADDRESS          RACK    STATE  LEADERS  REPLICAS    SIZE         DISK FREE
         1  <broker 1>  rack-1  live        18        52  1.7 kB  1.0 TB of 1.0 TB
         2  <broker 2>  rack-2  live        18        52  1.7 kB  1.0 TB of 1.0 TB
         3  <broker 3>  rack-3  live        16        52  1.7 kB  1.0 TB of 1.0 TB

    quorum: controller 1 (epoch 1); 1 voter; 2 observers, up to date
    partitions: 0 offline, 0 below min ISR, at least 0 at min ISR, 0 under-replicated, 0 not led by the preferred replica
    balance: leaders 16–18 (fullest 4 % above an even share), replicas 52 each, size 1.7 kB each
    not available: min.insync.replicas of 1 partition: TOPIC_AUTHORIZATION_FAILED (29): it takes describe-configs on topic orders
    --- stderr
    ");
    for topic in ["events", "__consumer_offsets"] {
        scene.cluster.arm(&format!("DescribeConfigs resource={topic} refuse 29 always"));
    }
    insta::assert_snapshot!(scene.told("cluster status"), @r"
    status 0
    --- stdout
    cluster <cluster>: healthy; 3 of 3 brokers live, 3 topics, 52 partitions; metadata version 4.3-IV0

    BROKER  ADDRESS          RACK    STATE  LEADERS  REPLICAS    SIZE         DISK FREE
         1  <broker 1>  rack-1  live        18        52  1.7 kB  1.0 TB of 1.0 TB
         2  <broker 2>  rack-2  live        18        52  1.7 kB  1.0 TB of 1.0 TB
         3  <broker 3>  rack-3  live        16        52  1.7 kB  1.0 TB of 1.0 TB

    quorum: controller 1 (epoch 1); 1 voter; 2 observers, up to date
    partitions: 0 offline, 0 below min ISR, an unknown number at min ISR, 0 under-replicated, 0 not led by the preferred replica
    balance: leaders 16–18 (fullest 4 % above an even share), replicas 52 each, size 1.7 kB each
    not available: min.insync.replicas of 52 partitions: TOPIC_AUTHORIZATION_FAILED (29): it takes describe-configs on topic __consumer_offsets
    --- stderr
    ");
    scene.cluster.disarm();
    scene.cluster.arm("Metadata topic=orders deny always");
    insta::assert_snapshot!(scene.told("cluster status --wait 0s -q"), @r"
    status 3
    --- stdout
    cluster <cluster>: healthy as far as is visible; 3 of 3 brokers live, 2 visible topics, 51 partitions; metadata version 4.3-IV0
    1 topic may not be described and is left out: orders

    BROKER  ADDRESS          RACK    STATE  LEADERS  REPLICAS    SIZE         DISK FREE
         1  <broker 1>  rack-1  live        18        51  1.7 kB  1.0 TB of 1.0 TB
         2  <broker 2>  rack-2  live        17        51  1.7 kB  1.0 TB of 1.0 TB
         3  <broker 3>  rack-3  live        16        51  1.7 kB  1.0 TB of 1.0 TB

    quorum: controller 1 (epoch 1); 1 voter; 2 observers, up to date
    visible partitions: 0 offline, 0 below min ISR, 0 at min ISR, 0 under-replicated, 0 not led by the preferred replica
    balance: visible leaders 16–18 (fullest 6 % above an even share), visible replicas 51 each, size 1.7 kB each
    --- stderr
    the cluster is not whole: whether all partitions are served cannot be told: 1 topic may not be described and is left out: orders
    ");
}
