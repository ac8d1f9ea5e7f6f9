//! Plans that are saved and carried out later, on a simulated cluster.

use crate::scene::Scene;

const BEFORE: &str = "klerk: 1\ntopics: { orders: { partitions: 2, replication: 3, retention.ms: 7d } }\n";
const AFTER: &str = "klerk: 1
topics:
  orders: { partitions: 2, replication: 3, retention.ms: 14d }
  events: { partitions: 1, replication: 3 }
";

/// A plan that has been saved.
fn saved() -> Scene {
    let scene = Scene::applied(BEFORE).file("topology.yaml", AFTER);
    let ran = scene.run("plan --out plan.json");
    assert_eq!(ran.status, 0, "{}", ran.all());
    scene
}

#[test]
fn what_was_saved_is_what_is_carried_out() {
    let scene = Scene::applied(BEFORE).file("topology.yaml", AFTER);
    insta::assert_snapshot!(scene.told("plan --out plan.json"), @r"
    status 0
    --- stdout
    + topic events  (topology.yaml:4)
        partitions 1, replication 3
    ~ topic orders  (topology.yaml:3)
        retention.ms  7d (604800000) → 14d (1209600000)

    1 to create, 1 to change, 0 blocked; 0 unchanged
    --- stderr
    saved: klerk apply plan.json carries it out
    ");
    assert_eq!(scene.cluster.topics(), ["orders"]);
    // The file says something else by now.
    let scene = scene.file("topology.yaml", BEFORE);
    insta::assert_snapshot!(scene.told("apply plan.json --yes -q"), @r"
    status 0
    --- stdout
    + topic events  (topology.yaml:4)
        partitions 1, replication 3
    ~ topic orders  (topology.yaml:3)
        retention.ms  7d (604800000) → 14d (1209600000)

    1 to create, 1 to change, 0 blocked; 0 unchanged
    done           + create-topic events
    done           ~ set-config orders
    Done: 2 steps: 2 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    assert_eq!(scene.cluster.topics(), ["events", "orders"]);
    insta::assert_snapshot!(scene.told("apply plan.json --yes"), @r"
    status 5
    --- stdout
    + topic events  (topology.yaml:4)
        partitions 1, replication 3
    ~ topic orders  (topology.yaml:3)
        retention.ms  7d (604800000) → 14d (1209600000)

    1 to create, 1 to change, 0 blocked; 0 unchanged
    error: things have changed since the plan was made
      → topic events: exists was absent and is true now
      → topic orders: config.retention.ms was 604800000 and is 1209600000 now
    Refused; nothing was changed.
    --- stderr
    ");
}

#[test]
fn what_it_rests_on_has_changed() {
    let scene = saved();
    scene.cluster.alter("orders", "retention.ms", Some("1000000"));
    insta::assert_snapshot!(scene.told("apply plan.json --yes -q"), @r"
    status 5
    --- stdout
    + topic events  (topology.yaml:4)
        partitions 1, replication 3
    ~ topic orders  (topology.yaml:3)
        retention.ms  7d (604800000) → 14d (1209600000)

    1 to create, 1 to change, 0 blocked; 0 unchanged
    error: things have changed since the plan was made
      → topic orders: config.retention.ms was 604800000 and is 1000000 now
    Refused; nothing was changed.
    --- stderr
    ");
    assert_eq!(scene.cluster.topics(), ["orders"], "nothing of it is done");
}

#[test]
fn it_is_for_one_cluster() {
    let (scene, other) = (saved(), Scene::new(BEFORE));
    let elsewhere = format!("apply plan.json --yes -q -b {}", other.cluster.bootstrap());
    let told = scene.told(&elsewhere);
    let other_id = other.cluster.with(|state| state.cluster_id.clone());
    insta::assert_snapshot!(told.replace(&other_id, "<other cluster>"), @r"
    status 5
    --- stdout
    + topic events  (topology.yaml:4)
        partitions 1, replication 3
    ~ topic orders  (topology.yaml:3)
        retention.ms  7d (604800000) → 14d (1209600000)

    1 to create, 1 to change, 0 blocked; 0 unchanged
    error: things have changed since the plan was made
      → cluster <cluster>: id was <cluster> and is <other cluster> now
      → topic orders: id was <id> and is absent now
    Refused; nothing was changed.
    --- stderr
    ");
    assert!(other.cluster.topics().is_empty());
}

#[test]
fn a_reset_can_be_saved_too() {
    let scene = Scene::applied(BEFORE);
    scene.cluster.fill("orders", 0, 10);
    scene.cluster.commit("billing", "orders", &[4]);
    insta::assert_snapshot!(scene.told("group reset billing --topic orders:0 --to-latest --out reset.json"), @r"
    status 0
    --- stdout
    ~ group billing
        classic group
        TOPIC   PARTITION  OLD  NEW  DELTA  LAG AFTER
        orders          0    4   10     +6          0
        1 partition, 1 of them moving; records skipped: 6
        risk skips-records: the group will not read some records

    0 to create, 1 to change, 0 blocked; 0 unchanged
    --- stderr
    protection by topology.yaml
    saved: klerk apply reset.json carries it out
    ");
    assert_eq!(scene.cluster.committed("billing", "orders")[0], Some(4));
    insta::assert_snapshot!(scene.told("apply reset.json --yes -q"), @r"
    status 0
    --- stdout
    ~ group billing
        classic group
        TOPIC   PARTITION  OLD  NEW  DELTA  LAG AFTER
        orders          0    4   10     +6          0
        1 partition, 1 of them moving; records skipped: 6
        risk skips-records: the group will not read some records

    0 to create, 1 to change, 0 blocked; 0 unchanged
    done           ~ commit-offsets billing
    Done: 1 step: 1 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    assert_eq!(scene.cluster.committed("billing", "orders")[0], Some(10));
}
