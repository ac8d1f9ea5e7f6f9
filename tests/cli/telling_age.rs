//! How old the records are that groups have to read next, and how much of their retention is left: read as records, on a
//! simulated cluster.

use crate::documents::{Lag, LagRow};
use crate::scene::Scene;
use regex::Regex;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

const TOPICS: &str = "klerk: 1
topics:
  orders: { partitions: 3, replication: 3, retention.ms: 7d }
  events: { partitions: 1, replication: 3, retention.ms: forever }
  sized: { partitions: 1, replication: 3, retention.ms: 1h, retention.bytes: 1GiB }
";

/// Records a minute apart, the last one of each partition now.
fn scene() -> Scene {
    let scene = Scene::applied(TOPICS);
    let cluster = &scene.cluster;
    for (topic, partition, count) in
        [("orders", 0, 60), ("orders", 1, 6), ("orders", 2, 60), ("events", 0, 20), ("sized", 0, 180)]
    {
        cluster.fill(topic, partition, count);
    }
    cluster.cut("orders", 2, 50);
    cluster.commit("late", "orders", &[20, 6, 12]);
    cluster.commit("tidy", "events", &[5]);
    cluster.commit("tidy", "sized", &[100]);
    scene
}

fn rows(lag: &Lag) -> Vec<(&str, &LagRow)> {
    lag.groups
        .iter()
        .flat_map(|group| group.partitions.iter().map(|row| (group.group.as_str(), row)))
        .collect()
}

/// Between what it was when it was written and a quarter of an hour later, for machines that are slow.
fn is_about(found: Option<i64>, expected: i64) -> bool {
    found.is_some_and(|found| (expected..expected + 15 * MINUTE).contains(&found))
}

#[test]
fn in_a_document() {
    let scene = scene();
    let lag: Lag = scene.document("group lag --time --headroom", 0);
    let rows = rows(&lag);
    let told: Vec<_> = rows
        .iter()
        .map(|(group, row)| (*group, row.topic.as_str(), row.partition, row.status.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("late", "orders", 0, "lagging"),
            ("late", "orders", 1, "ok"),
            ("late", "orders", 2, "lost"),
            ("tidy", "events", 0, "lagging"),
            ("tidy", "sized", 0, "lagging"),
        ]
    );
    let behind = [39 * MINUTE, 0, 9 * MINUTE, 14 * MINUTE, 79 * MINUTE];
    for ((_, row), expected) in rows.iter().zip(behind) {
        assert!(is_about(row.behind_ms, expected), "{row:?}");
    }
    assert_eq!(rows[1].1.behind_ms, Some(0));
    let headroom: Vec<_> = rows.iter().map(|(_, row)| row.headroom_ms).collect();
    let [Some(late), None, Some(0), None, Some(0)] = headroom[..] else { panic!("{headroom:?}") };
    assert!((7 * DAY - 54 * MINUTE..=7 * DAY - 39 * MINUTE).contains(&late), "{late}");
    let [late, tidy] = &lag.groups[..] else { panic!("{:?}", lag.groups) };
    assert!(is_about(late.behind_ms, 39 * MINUTE) && is_about(tidy.behind_ms, 79 * MINUTE));
    assert_eq!((late.behind_at_least_ms, late.headroom_ms, tidy.headroom_ms), (None, Some(0), Some(0)));
}

#[test]
fn nobody_asks_unless_told_to() {
    let scene = scene();
    let lag: Lag = scene.document("group lag", 0);
    assert!(rows(&lag).iter().all(|(_, row)| row.behind_ms.is_none() && row.headroom_ms.is_none()));
    let lag: Lag = scene.document("group lag --headroom", 0);
    assert!(rows(&lag).iter().all(|(_, row)| row.behind_ms.is_none()));
    assert_eq!(lag.groups[0].headroom_ms, Some(0));
    // Nobody joins a group for it, and none is left behind.
    let groups =
        scene.cluster.with(|state| state.groups.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>());
    assert_eq!(groups, ["late", "tidy"]);
}

#[test]
fn for_people_and_for_monitoring() {
    let scene = scene();
    let ages = Regex::new(r"\d+(d|h|m|s)( \d+[hms])?").expect("a pattern");
    let blanks = Regex::new(" {2,}").expect("a pattern");
    let told = |line: &str| {
        let told = ages.replace_all(&scene.told(line), "<age>").into_owned();
        // How wide a column is depends on the ages in it.
        blanks.replace_all(&told, "  ").into_owned()
    };
    insta::assert_snapshot!(told("group lag --time --headroom"), @r"
    status 0
    --- stdout
    GROUP  TYPE  STATE  MEMBERS  LAG  BEHIND  HEADROOM  STATUS
    late  classic  empty  0  50  ≥ <age>  <age>  lost
    tidy  classic  empty  0  95  <age>  <age>  lagging

    lost: the log begins after the commit: records are gone unread: late orders-2 (38 gone)

    2 groups: 1 lost, 1 lagging; 5 partitions; 145 records behind
    --- stderr
    headroom is by retention.ms alone; retention.bytes may delete records sooner on sized
    ");
    insta::assert_snapshot!(told("group lag late --time"), @r"
    status 0
    --- stdout
    GROUP  TOPIC  PARTITION  COMMITTED  START  END  LAG  BEHIND  STATUS  CLIENT  HOST
    late  orders  0  20  0  60  40  <age>  lagging  -  -
    late  orders  1  6  0  6  0  <age>  ok  -  -
    late  orders  2  12  50  60  10  ≥ <age>  lost  -  -

    lost: the log begins after the commit: records are gone unread: late orders-2 (38 gone)

    1 group: 1 lost; 3 partitions; 50 records behind
    --- stderr
    ");
    insta::assert_snapshot!(told("group lag late --by topic --time --headroom"), @r"
    status 0
    --- stdout
    GROUP  TOPIC  PARTITIONS  LAG  BEHIND  HEADROOM  STATUS
    late  orders  3  50  ≥ <age>  <age>  lost

    lost: the log begins after the commit: records are gone unread: late orders-2 (38 gone)

    1 group: 1 lost; 3 partitions; 50 records behind
    --- stderr
    ");
    let seconds = Regex::new(r"_seconds(\{[^}]*\}) [0-9.]+").expect("a pattern");
    let monitored = scene.run("group lag late --time --headroom -o prometheus").stdout;
    let monitored: String =
        monitored.lines().filter(|line| line.contains("_seconds")).map(|line| format!("{line}\n")).collect();
    insta::assert_snapshot!(seconds.replace_all(&monitored, "_seconds$1 <seconds>"), @r#"
    # HELP klerk_group_behind_seconds Age of the oldest record that is next to be read, all partitions.
    # TYPE klerk_group_behind_seconds gauge
    klerk_group_behind_seconds{group="late"} <seconds>
    # HELP klerk_group_partition_behind_seconds Age of the record that is next to be read.
    # TYPE klerk_group_partition_behind_seconds gauge
    klerk_group_partition_behind_seconds{group="late",topic="orders",partition="0"} <seconds>
    klerk_group_partition_behind_seconds{group="late",topic="orders",partition="1"} <seconds>
    klerk_group_partition_behind_seconds{group="late",topic="orders",partition="2"} <seconds>
    # HELP klerk_group_headroom_seconds Time until retention.ms overtakes a record that is next to be read, all partitions.
    # TYPE klerk_group_headroom_seconds gauge
    klerk_group_headroom_seconds{group="late"} <seconds>
    # HELP klerk_group_partition_headroom_seconds Time until retention.ms overtakes the record that is next to be read.
    # TYPE klerk_group_partition_headroom_seconds gauge
    klerk_group_partition_headroom_seconds{group="late",topic="orders",partition="0"} <seconds>
    klerk_group_partition_headroom_seconds{group="late",topic="orders",partition="2"} <seconds>
    "#);
}

#[test]
fn a_time_that_is_not_told_is_a_named_gap() {
    let scene = scene();
    scene.cluster.arm("Fetch topic=orders refuse 29 always");
    let lag: Lag = scene.document("group lag --time --headroom", 3);
    let [late, tidy] = &lag.groups[..] else { panic!("{:?}", lag.groups) };
    assert_eq!((late.behind_ms, late.behind_at_least_ms, late.headroom_ms), (None, Some(0), None));
    assert!(is_about(tidy.behind_ms, 79 * MINUTE));
    let row = &late.partitions[0];
    assert_eq!((row.lag, row.status.as_str()), (Some(40), "lagging"));
    assert_eq!(row.error.as_ref().map(|error| error.name.as_str()), Some("TOPIC_AUTHORIZATION_FAILED"));
}

#[test]
fn silence_ends_with_the_time_for_it() {
    let scene = scene();
    scene.cluster.arm("Fetch silence always");
    let lag: Lag = scene.document("group lag late --time -X request.timeout.ms=3000", 3);
    let row = &lag.groups[0].partitions[0];
    assert_eq!((row.lag, row.behind_ms), (Some(40), None));
    assert_eq!(row.error.as_ref().map(|error| error.name.as_str()), Some("TIMEOUT"));
}

#[test]
fn a_thousand_partitions_are_read_together() {
    let scene = Scene::applied("klerk: 1\ntopics: { wide: { partitions: 1000, replication: 1 } }\n");
    for partition in 0..1_000 {
        scene.cluster.fill("wide", partition, 3);
    }
    scene.cluster.commit("late", "wide", &[1; 1_000]);
    let lag: Lag = scene.document("group lag late --time", 0);
    let rows = rows(&lag);
    assert_eq!(rows.len(), 1_000);
    assert!(rows.iter().all(|(_, row)| is_about(row.behind_ms, MINUTE)));
}
