//! Groups and how far they are behind, on a simulated cluster.

use crate::documents::{DescribedGroups, Groups, Lag};
use crate::scene::Scene;

const ORDERS: &str = "klerk: 1
topics:
  orders: { partitions: 3, replication: 3, retention.ms: 7d }
  events: { partitions: 1, replication: 3, retention.ms: 7d }
groups:
  late: { topics: [orders] }
";

/// Groups that are where they should be, late, lost, ahead, and one with a member.
fn scene() -> Scene {
    let scene = Scene::applied(ORDERS);
    let cluster = &scene.cluster;
    for (partition, count) in [(0, 12), (1, 6), (2, 8)] {
        cluster.fill("orders", partition, count);
    }
    cluster.fill("events", 0, 5);
    cluster.cut("orders", 2, 4);
    cluster.commit("done", "orders", &[12, 6, 8]);
    cluster.commit("late", "orders", &[2, 6]);
    cluster.commit("lost", "orders", &[12, 6, 1]);
    cluster.commit("over", "events", &[9]);
    cluster.commit("read", "events", &[3]);
    cluster.with(|state| state.hold_group("read", "reader-1", &["events"]));
    scene
}

#[test]
fn all_of_them() {
    let scene = scene();
    insta::assert_snapshot!(scene.told("group list"), @r"
    status 0
    --- stdout
    GROUP  TYPE     STATE   MEMBERS  COORDINATOR
    done   classic  empty         0            3
    late   classic  empty         0            1
    lost   classic  empty         0            1
    over   classic  empty         0            3
    read   classic  stable        1            1

    5 groups: 4 empty, 1 stable
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("group list --state stable --match r*"), @r"
    status 0
    --- stdout
    GROUP  TYPE     STATE   MEMBERS  COORDINATOR
    read   classic  stable        1            1

    1 group: 1 stable
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("group lag"), @r"
    status 0
    --- stdout
    GROUP  TYPE     STATE   MEMBERS  LAG  STATUS
    done   classic  empty         0    0  ok
    late   classic  empty         0   10  lagging
    lost   classic  empty         0    4  lost
    over   classic  empty         0    0  ahead
    read   classic  stable        1    2  lagging

    lost: the log begins after the commit: records are gone unread: lost orders-2 (3 gone)
    ahead: the commit lies above the log end: over events-0 (by 4)

    5 groups: 1 lost, 1 ahead, 2 lagging, 1 ok; 4 partitions; 16 records behind
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("group lag --by topic --top 2"), @r"
    status 0
    --- stdout
    GROUP  TOPIC   PARTITIONS  LAG  STATUS
    late   orders           2   10  lagging
    lost   orders           3    4  lost
    … and 3 rows more

    lost: the log begins after the commit: records are gone unread: lost orders-2 (3 gone)
    ahead: the commit lies above the log end: over events-0 (by 4)

    5 groups: 1 lost, 1 ahead, 2 lagging, 1 ok; 4 partitions; 16 records behind
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("group lag --match none-*"), @r"
    status 0
    --- stdout
    0 groups; 0 partitions; 0 records behind
    --- stderr
    no group that is visible matches 'none-*'
    ");
    let listed: Groups = scene.document("group list", 0);
    assert_eq!(listed.groups.len(), 5);
}

#[test]
fn one_by_its_partitions() {
    let scene = scene();
    insta::assert_snapshot!(scene.told("group lag late"), @r"
    status 0
    --- stdout
    GROUP  TOPIC   PARTITION  COMMITTED  START  END  LAG  STATUS   CLIENT  HOST
    late   orders          0          2      0   12   10  lagging  -       -
    late   orders          1          6      0    6    0  ok       -       -

    1 group: 1 lagging; 2 partitions; 10 records behind
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("group lag late -f topology.yaml"), @r"
    status 0
    --- stdout
    GROUP  TOPIC   PARTITION  COMMITTED  START  END  LAG  STATUS   CLIENT  HOST
    late   orders          0          2      0   12   10  lagging  -       -
    late   orders          1          6      0    6    0  ok       -       -
    late   orders          2          -      4    8    -  none     -       -

    none: no commit: late orders-2

    1 group: 1 lagging; 3 partitions; 10 records behind
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("group lag lost over"), @r"
    status 0
    --- stdout
    GROUP  TOPIC   PARTITION  COMMITTED  START  END  LAG  STATUS  CLIENT  HOST
    lost   orders          0         12      0   12    0  ok      -       -
    lost   orders          1          6      0    6    0  ok      -       -
    lost   orders          2          1      4    8    4  lost    -       -
    over   events          0          9      0    5    0  ahead   -       -

    lost: the log begins after the commit: records are gone unread: lost orders-2 (3 gone)
    ahead: the commit lies above the log end: over events-0 (by 4)

    2 groups: 1 lost, 1 ahead; 4 partitions; 4 records behind
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("group lag done --by group"), @r"
    status 0
    --- stdout
    GROUP  TYPE     STATE  MEMBERS  LAG  STATUS
    done   classic  empty        0    0  ok

    1 group: 1 ok; 3 partitions; 0 records behind
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("group describe read"), @r"
    status 0
    --- stdout
    group read: type classic, stable, coordinator broker 1

    MEMBER    INSTANCE  CLIENT    HOST       READS
    reader-1  -         reader-1  127.0.0.1  events:0

    GROUP  TOPIC   PARTITION  COMMITTED  START  END  LAG  STATUS   CLIENT    HOST
    read   events          0          3      0    5    2  lagging  reader-1  127.0.0.1

    1 group: 1 lagging; 1 partition; 2 records behind
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("group lag read --by member"), @r"
    status 0
    --- stdout
    GROUP  MEMBER    CLIENT    HOST       PARTITIONS  LAG  STATUS
    read   reader-1  reader-1  127.0.0.1           1    2  lagging

    1 group: 1 lagging; 1 partition; 2 records behind
    --- stderr
    ");
    let lag: Lag = scene.document("group lag late lost over -f topology.yaml", 0);
    let rows = lag.groups.iter().flat_map(|group| &group.partitions);
    let told: Vec<_> = rows.map(|row| (row.status.as_str(), row.lag, row.lost, row.ahead_by)).collect();
    let expected = [
        ("lagging", Some(10), None, None),
        ("ok", Some(0), None, None),
        ("none", None, None, None),
        ("ok", Some(0), None, None),
        ("ok", Some(0), None, None),
        ("lost", Some(4), Some(3), None),
        ("ahead", Some(0), None, Some(4)),
    ];
    assert_eq!(told, expected);
    let described: DescribedGroups = scene.document("group describe read", 0);
    assert_eq!(described.groups[0].members.as_ref().map(Vec::len), Some(1));
}

#[test]
fn one_that_is_not_there() {
    let scene = scene();
    insta::assert_snapshot!(scene.told("group lag latte"), @r"
    status 1
    --- stdout
    --- stderr
    error: group latte does not exist
      → did you mean late?
      → `klerk group list` shows what there is
    ");
    insta::assert_snapshot!(scene.told("group describe latte"), @r"
    status 1
    --- stdout
    --- stderr
    error: group latte does not exist
      → did you mean late?
      → `klerk group list` shows what there is
    ");
}

#[test]
fn for_other_programs() {
    let scene = scene();
    insta::assert_snapshot!(scene.told("group lag -o csv"), @r"
    status 0
    --- stdout
    group,topic,partition,committed,start,end,lag,status,ahead_by,lost,member,client_id,host,error,behind_ms,headroom_ms
    done,orders,0,12,0,12,0,ok,,,,,,,,
    done,orders,1,6,0,6,0,ok,,,,,,,,
    done,orders,2,8,4,8,0,ok,,,,,,,,
    late,orders,0,2,0,12,10,lagging,,,,,,,,
    late,orders,1,6,0,6,0,ok,,,,,,,,
    lost,orders,0,12,0,12,0,ok,,,,,,,,
    lost,orders,1,6,0,6,0,ok,,,,,,,,
    lost,orders,2,1,4,8,4,lost,,3,,,,,,
    over,events,0,9,0,5,0,ahead,4,,,,,,,
    read,events,0,3,0,5,2,lagging,,,reader-1,reader-1,127.0.0.1,,,
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("group lag late -o csv"), @r"
    status 0
    --- stdout
    group,topic,partition,committed,start,end,lag,status,ahead_by,lost,member,client_id,host,error,behind_ms,headroom_ms
    late,orders,0,2,0,12,10,lagging,,,,,,,,
    late,orders,1,6,0,6,0,ok,,,,,,,,
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("group lag --match l* -o prometheus"), @r#"
    status 0
    --- stdout
    # HELP klerk_group_lag Records left to read, all partitions.
    # TYPE klerk_group_lag gauge
    klerk_group_lag{group="late"} 10
    klerk_group_lag{group="lost"} 4
    # HELP klerk_group_members Members of the group.
    # TYPE klerk_group_members gauge
    klerk_group_members{group="late"} 0
    klerk_group_members{group="lost"} 0
    # HELP klerk_group_answers_missing Whether an answer about the group is missing.
    # TYPE klerk_group_answers_missing gauge
    klerk_group_answers_missing{group="late"} 0
    klerk_group_answers_missing{group="lost"} 0
    # HELP klerk_group_partition_lag Records left to read.
    # TYPE klerk_group_partition_lag gauge
    klerk_group_partition_lag{group="late",topic="orders",partition="0"} 10
    klerk_group_partition_lag{group="late",topic="orders",partition="1"} 0
    klerk_group_partition_lag{group="lost",topic="orders",partition="0"} 0
    klerk_group_partition_lag{group="lost",topic="orders",partition="1"} 0
    klerk_group_partition_lag{group="lost",topic="orders",partition="2"} 4
    # HELP klerk_group_partition_committed The committed offset.
    # TYPE klerk_group_partition_committed gauge
    klerk_group_partition_committed{group="late",topic="orders",partition="0"} 2
    klerk_group_partition_committed{group="late",topic="orders",partition="1"} 6
    klerk_group_partition_committed{group="lost",topic="orders",partition="0"} 12
    klerk_group_partition_committed{group="lost",topic="orders",partition="1"} 6
    klerk_group_partition_committed{group="lost",topic="orders",partition="2"} 1
    # HELP klerk_group_partition_end The log end offset.
    # TYPE klerk_group_partition_end gauge
    klerk_group_partition_end{group="late",topic="orders",partition="0"} 12
    klerk_group_partition_end{group="late",topic="orders",partition="1"} 6
    klerk_group_partition_end{group="lost",topic="orders",partition="0"} 12
    klerk_group_partition_end{group="lost",topic="orders",partition="1"} 6
    klerk_group_partition_end{group="lost",topic="orders",partition="2"} 8
    # HELP klerk_group_partition_lost Offsets gone unread below the log start.
    # TYPE klerk_group_partition_lost gauge
    klerk_group_partition_lost{group="lost",topic="orders",partition="2"} 3
    --- stderr
    "#);
}

#[test]
fn the_coordinator_goes_down_while_it_is_asked() {
    for api in ["OffsetFetch", "DescribeGroups"] {
        let scene = scene();
        let before = scene.document::<DescribedGroups>("group describe read late", 0);
        let fault = format!("{api} stop-before once").parse().expect("a fault");
        scene.cluster.with(|state| state.faults.arm(fault));
        let after = scene.document::<DescribedGroups>("group describe read late", 0);
        assert_eq!(scene.cluster.with(|state| state.alive().count()), 2, "{api}: a broker went down");
        assert_eq!(after.groups.len(), before.groups.len());
    }
}

#[test]
fn a_name_steers_no_terminal_and_begins_no_line() {
    let scene = Scene::applied("klerk: 1\ntopics: { orders: {} }\n");
    scene.cluster.commit("g\u{1b}[31mred\n- topic orders", "orders", &[0]);
    for line in ["group list", "group lag", "plan"] {
        let told = scene.run(line);
        assert!(told.stdout.contains("g\\u{1b}[31mred\\u{a}- topic orders"), "{}", told.all());
        assert!(!told.stdout.contains('\u{1b}') && !told.stdout.contains("\n- "), "{}", told.all());
    }
}

#[test]
fn groups_are_missing_only_where_nobody_has_taken_them_over() {
    let file = "klerk: 1\ntopics: { orders: { partitions: 1, replication: 3 }, bills: { partitions: 1, replication: 3 } }\n";
    let begun = || {
        let scene = Scene::applied(file);
        for group in ["a", "b", "c", "d", "e"] {
            scene.cluster.commit(group, "orders", &[0]);
        }
        scene
    };
    let scene = begun();
    scene.cluster.with(|state| state.stop_broker(2));
    for line in ["group list", "group lag", "plan"] {
        let told = scene.run(line);
        assert_eq!(told.status, 0, "{line}: {}", told.all());
        assert!(!told.stdout.contains("not list"), "{line}: {}", told.all());
    }
    // Nobody else has the groups of one broker.
    let scene = begun();
    scene.cluster.with(|state| {
        for partition in &mut state.topics.get_mut("__consumer_offsets").expect("who keeps groups").partitions
        {
            let keeper = partition.leader.expect("a leader");
            partition.replicas = vec![keeper];
            partition.isr = vec![keeper];
        }
        state.stop_broker(2);
    });
    let listed = scene.run("group list");
    assert_eq!(listed.status, 3, "{}", listed.all());
    assert!(listed.stdout.contains("broker 2 did not list its groups: NO_LEADER"), "{}", listed.all());
    assert!(listed.stdout.contains("at least "), "{}", listed.all());
    let planned = scene.run("plan");
    assert!(
        planned.stdout.contains(
            "group/not-listed: the groups that broker 2 coordinates could not be listed: NO_LEADER"
        ),
        "{}",
        planned.all()
    );
    let deleted = scene.run("topic delete orders --dry-run");
    assert!(
        deleted.stdout.contains(
            "readers may be missing: 1 could not be looked at, such as those of broker 2: NO_LEADER"
        ),
        "{}",
        deleted.all()
    );
    // Nobody is seen reading it, and somebody may.
    let deleted = scene.run("topic delete bills --dry-run");
    assert!(!deleted.stdout.contains("no group"), "{}", deleted.all());
    assert!(
        deleted.stdout.contains(
            "not available: who reads it: none is seen, and 1 could not be looked at, such as those of broker 2: NO_LEADER"
        ),
        "{}",
        deleted.all()
    );
}
