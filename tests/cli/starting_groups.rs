//! Where groups begin that have no commit, on a simulated cluster.

use crate::scene::Scene;

const ESTATE: &str = "klerk: 1
topics:
  orders: { partitions: 2, replication: 3 }
groups:
  billing: { topics: [orders], start: earliest }
  audit: { topics: [orders], start: latest }
  idle: { topics: [orders] }
";

#[test]
fn a_group_begins_with_its_topic_and_never_again() {
    let scene = Scene::new(ESTATE);
    insta::assert_snapshot!(scene.told("apply --yes"), @r"
    status 0
    --- stdout
    + topic orders  (topology.yaml:3)
        partitions 2, replication 3
        read by audit, billing, idle
    ~ group audit  (topology.yaml:6)
        a new group
        TOPIC   PARTITION   OLD  NEW  DELTA  LAG AFTER
        orders          0  none    0    new          0  a new partition
        orders          1  none    0    new          0  a new partition
        2 partitions, 2 of them moving
    ~ group billing  (topology.yaml:5)
        a new group
        TOPIC   PARTITION   OLD  NEW  DELTA  LAG AFTER
        orders          0  none    0    new          0  a new partition
        orders          1  none    0    new          0  a new partition
        2 partitions, 2 of them moving

    info group/start-expires: the commits that 'audit' gets expire when no member comes within the broker's offsets.retention.minutes (7 days unless set); a later apply then makes them anew  (topology.yaml:6)
    info group/start-expires: the commits that 'billing' gets expire when no member comes within the broker's offsets.retention.minutes (7 days unless set); a later apply then makes them anew  (topology.yaml:5)

    1 to create, 2 to change, 0 blocked; 0 unchanged
    done           + create-topic orders
    done           ~ commit-offsets audit
    done           ~ commit-offsets billing
    Done: 3 steps: 3 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    for group in ["billing", "audit"] {
        assert_eq!(scene.cluster.committed(group, "orders"), [Some(0), Some(0)], "{group}");
    }
    assert_eq!(scene.cluster.committed("idle", "orders"), [None, None]);
    scene.cluster.fill("orders", 0, 10);
    assert_eq!(scene.run("plan --detailed-exitcode").status, 0, "what has begun stays where it is");

    // The way back takes away what was given, and the topic has records by now.
    let undone = scene.run("undo last --yes --settle 0s");
    assert_eq!(undone.status, 0, "{}", undone.all());
    assert_eq!(scene.cluster.committed("billing", "orders"), [None, None]);
}

#[test]
fn records_that_are_there_are_read_or_passed_over() {
    let topics = ESTATE.split("groups:").next().expect("the topics").to_owned();
    let scene = Scene::applied(&topics);
    scene.cluster.fill("orders", 0, 10);
    scene.cluster.fill("orders", 1, 4);
    scene.cluster.commit("billing", "orders", &[7]);
    let scene = scene.file("topology.yaml", ESTATE);
    insta::assert_snapshot!(scene.told("plan"), @r"
    status 0
    --- stdout
    ~ group audit  (topology.yaml:6)
        a new group
        TOPIC   PARTITION   OLD  NEW  DELTA  LAG AFTER
        orders          0  none   10    new          0
        orders          1  none    4    new          0
        2 partitions, 2 of them moving
    ~ group billing  (topology.yaml:5)
        classic group
        TOPIC   PARTITION   OLD  NEW  DELTA  LAG AFTER
        orders          1  none    0    new          4
        1 partition, 1 of them moving

    info group/start-expires: the commits that 'audit' gets expire when no member comes within the broker's offsets.retention.minutes (7 days unless set); a later apply then makes them anew  (topology.yaml:6)
    info group/start-expires: the commits that 'billing' gets expire when no member comes within the broker's offsets.retention.minutes (7 days unless set); a later apply then makes them anew  (topology.yaml:5)

    0 to create, 2 to change, 0 blocked; 1 unchanged
    --- stderr
    ");
    scene.apply();
    assert_eq!(scene.cluster.committed("billing", "orders"), [Some(7), Some(0)]);
    assert_eq!(scene.cluster.committed("audit", "orders"), [Some(10), Some(4)]);
}

#[test]
fn a_saved_plan_holds_while_nobody_commits() {
    let scene = Scene::new(ESTATE);
    assert_eq!(scene.run("plan --out plan.json").status, 0);
    assert_eq!(scene.run("apply plan.json --yes").status, 0);
    assert_eq!(scene.cluster.committed("audit", "orders"), [Some(0), Some(0)]);

    let scene = Scene::applied(ESTATE.split("groups:").next().expect("the topics"));
    let scene = scene.file("topology.yaml", ESTATE);
    assert_eq!(scene.run("plan --out plan.json").status, 0);
    scene.cluster.commit("audit", "orders", &[0]);
    let stale = scene.run("apply plan.json --yes");
    assert_eq!(stale.status, 5, "{}", stale.all());
    assert_eq!(scene.cluster.committed("billing", "orders"), [None, None], "nothing is done of it");
}

#[test]
fn where_a_group_begins_is_not_said_without_what_it_reads() {
    let scene = Scene::new("klerk: 1\ngroups: { g: { start: earliest } }\n");
    insta::assert_snapshot!(scene.run_alone("validate").all(), @r"
    status 1
    --- stdout
    error[topology/unknown-topic]: where group 'g' begins is said, and not what it reads
     --> topology.yaml:2:23
      |
    2 | groups: { g: { start: earliest } }
      |                       ^^^^^^^^
      |
      = help: topics: [the topics that it reads]

    1 fault in topology.yaml
    --- stderr
    ");
}
