//! Resets of committed offsets and the way back, on a simulated cluster.

use crate::documents::{Plan, Report};
use crate::scene::Scene;

const ORDERS: &str = "klerk: 1
topics:
  orders: { partitions: 3, replication: 3, retention.ms: 7d }
";

/// A group in the middle of its logs, of which one begins at 4 and one is empty.
fn scene() -> Scene {
    let scene = Scene::applied(ORDERS);
    scene.cluster.fill("orders", 0, 12);
    scene.cluster.fill("orders", 1, 6);
    scene.cluster.cut("orders", 1, 4);
    scene.cluster.commit("billing", "orders", &[5, 5, 0]);
    scene
}

/// Moves the group, or shows how it would be.
fn reset(scene: &Scene, rest: &str) -> String {
    scene.told(&format!("group reset billing {rest}"))
}

fn billing(scene: &Scene) -> Vec<Option<i64>> {
    scene.cluster.committed("billing", "orders")
}

#[test]
fn it_is_shown_asked_for_done_and_taken_back() {
    let scene = scene();
    insta::assert_snapshot!(reset(&scene, "--topic orders --to-earliest --dry-run"), @r"
    status 0
    --- stdout
    ~ group billing
        classic group
        TOPIC   PARTITION  OLD  NEW  DELTA  TIME  LAG AFTER
        orders          0    5    0     -5    5m         12
        orders          1    5    4     -1    1m          2
        orders          2    0    0      0     -          0
        3 partitions, 2 of them moving; records repeated: 6; time between old and new: 5m at most
        risk repeats-records: the group will read some records again

    0 to create, 1 to change, 0 blocked; 0 unchanged
    --- stderr
    protection by topology.yaml
    ");
    insta::assert_snapshot!(reset(&scene, "--topic orders --to-earliest -q"), @r"
    status 4
    --- stdout
    ~ group billing
        classic group
        TOPIC   PARTITION  OLD  NEW  DELTA  TIME  LAG AFTER
        orders          0    5    0     -5    5m         12
        orders          1    5    4     -1    1m          2
        orders          2    0    0      0     -          0
        3 partitions, 2 of them moving; records repeated: 6; time between old and new: 5m at most
        risk repeats-records: the group will read some records again

    0 to create, 1 to change, 0 blocked; 0 unchanged
    error: consent is missing, and there is no terminal to ask at
      → add --yes
    Refused; nothing was changed.
    --- stderr
    ");
    assert_eq!(billing(&scene), [Some(5), Some(5), Some(0)], "nobody has consented");
    insta::assert_snapshot!(reset(&scene, "--topic orders --to-earliest --yes --settle 0s -q"), @r"
    status 0
    --- stdout
    ~ group billing
        classic group
        TOPIC   PARTITION  OLD  NEW  DELTA  TIME  LAG AFTER
        orders          0    5    0     -5    5m         12
        orders          1    5    4     -1    1m          2
        orders          2    0    0      0     -          0
        3 partitions, 2 of them moving; records repeated: 6; time between old and new: 5m at most
        risk repeats-records: the group will read some records again

    0 to create, 1 to change, 0 blocked; 0 unchanged
    done           ~ commit-offsets billing
    Done: 1 step: 1 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    assert_eq!(billing(&scene), [Some(0), Some(4), Some(0)]);
    insta::assert_snapshot!(reset(&scene, "--topic orders --to-earliest --yes --settle 0s"), @r"
    status 0
    --- stdout
    = group billing
        classic group
        TOPIC   PARTITION  OLD  NEW  DELTA  LAG AFTER
        orders          0    0    0      0         12
        orders          1    4    4      0          2
        orders          2    0    0      0          0
        3 partitions, 0 of them moving

    0 to create, 0 to change, 0 blocked; 1 unchanged
    not-attempted  = commit-offsets billing
        there is nothing to do
    Nothing to do.
    --- stderr
    protection by topology.yaml
    ");
    insta::assert_snapshot!(scene.told("undo last --dry-run"), @r"
    status 0
    --- stdout
    ~ group billing
        classic group
        TOPIC   PARTITION  OLD  NEW  DELTA  TIME  LAG AFTER
        orders          0    0    5     +5    5m          7
        orders          1    4    5     +1    1m          1
        2 partitions, 2 of them moving; records skipped: 6; time between old and new: 5m at most
        risk skips-records: the group will not read some records

    0 to create, 1 to change, 0 blocked; 0 unchanged
    --- stderr
    protection by topology.yaml
    ");
    insta::assert_snapshot!(scene.told("undo last --yes -q"), @r"
    status 0
    --- stdout
    ~ group billing
        classic group
        TOPIC   PARTITION  OLD  NEW  DELTA  TIME  LAG AFTER
        orders          0    0    5     +5    5m          7
        orders          1    4    5     +1    1m          1
        2 partitions, 2 of them moving; records skipped: 6; time between old and new: 5m at most
        risk skips-records: the group will not read some records

    0 to create, 1 to change, 0 blocked; 0 unchanged
    done           ~ commit-offsets billing
    Done: 1 step: 1 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    assert_eq!(billing(&scene), [Some(5), Some(5), Some(0)]);
}

#[test]
fn the_way_back_is_not_over_what_has_moved_since() {
    let scene = scene();
    let reset = "group reset billing --topic orders:0 --to-latest --yes --settle 0s --record r.jsonl";
    let done: Report = scene.document(reset, 0);
    assert_eq!((done.outcome.as_str(), billing(&scene)[0]), ("done", Some(12)));
    scene.cluster.commit("billing", "orders", &[7]);
    insta::assert_snapshot!(scene.told("undo r.jsonl --yes"), @r"
    status 4
    --- stdout
    ~ group billing
        classic group
        TOPIC   PARTITION  OLD  NEW  DELTA  TIME  LAG AFTER
        orders          0    7    5     -2    2m          7
        1 partition, 1 of them moving; records repeated: 2; time between old and new: 2m at most
        risk repeats-records: the group will read some records again
        risk moved-since: things have moved since the record was made

    warning undo/moved-since: group billing: the group has moved since the change: orders-0: 7 now, 12 when the change was done; going back starts from where it is now (--allow moved-since)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    To apply it, --allow moved-since is needed.
    error: the risk moved-since is not allowed, and there is no terminal to ask at
      → add --allow moved-since
      → moved-since: things have moved since the record was made
    Refused; nothing was changed.
    --- stderr
    protection by topology.yaml
    ");
    assert_eq!(billing(&scene)[0], Some(7));
    insta::assert_snapshot!(scene.told("undo r.jsonl --yes --allow moved-since -q"), @r"
    status 0
    --- stdout
    ~ group billing
        classic group
        TOPIC   PARTITION  OLD  NEW  DELTA  TIME  LAG AFTER
        orders          0    7    5     -2    2m          7
        1 partition, 1 of them moving; records repeated: 2; time between old and new: 2m at most
        risk repeats-records: the group will read some records again
        risk moved-since: things have moved since the record was made

    warning undo/moved-since: group billing: the group has moved since the change: orders-0: 7 now, 12 when the change was done; going back starts from where it is now (--allow moved-since)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    done           ~ commit-offsets billing
    Done: 1 step: 1 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    assert_eq!(billing(&scene)[0], Some(5));
    insta::assert_snapshot!(scene.told("undo nothing.jsonl --yes"), @r"
    status 1
    --- stdout
    --- stderr
    protection by topology.yaml
    error: the record nothing.jsonl cannot be read: No such file or directory (os error 2)
      → klerk history lists the records that there are
    ");
}

#[test]
fn a_group_with_members_keeps_its_offsets() {
    let scene = scene();
    scene.cluster.with(|state| state.hold_group("billing", "settler-7", &["orders"]));
    insta::assert_snapshot!(reset(&scene, "--topic orders --to-earliest --yes --settle 0s"), @r"
    status 4
    --- stdout
    ~ group billing
        classic group
        TOPIC   PARTITION  OLD  NEW  DELTA  TIME  LAG AFTER
        orders          0    5    0     -5    5m         12
        orders          1    5    4     -1    1m          2
        orders          2    0    0      0     -          0
        3 partitions, 2 of them moving; records repeated: 6; time between old and new: 5m at most
        risk repeats-records: the group will read some records again

    warning group/active: group billing: the group is stable with 1 member (settler-7 on 127.0.0.1): Kafka takes the change only once they have stopped (--wait-empty waits for it)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    error: group billing is active (stable) with 1 member
      → member settler-7 (settler-7) on 127.0.0.1
      → stop its consumers, or wait for them with --wait-empty=10m
    Refused; nothing was changed.
    --- stderr
    protection by topology.yaml
    ");
    assert_eq!(billing(&scene), [Some(5), Some(5), Some(0)]);
    scene.cluster.with(|state| state.release_group("billing", "settler-7"));
    assert_eq!(scene.run("group reset billing --topic orders --to-earliest --yes --settle 0s").status, 0);
}

#[test]
fn targets_outside_of_a_log_are_moved_to_its_edge() {
    let scene = scene();
    insta::assert_snapshot!(reset(&scene, "--topic orders --to-offset 8 --dry-run"), @r"
    status 0
    --- stdout
    ~ group billing
        classic group
        TOPIC   PARTITION  OLD  NEW  DELTA  TIME  LAG AFTER
        orders          0    5    8     +3    3m          4
        orders          1    5    6     +1   <1s          0  8 lies past the log end: moved to it
        orders          2    0    0      0     -          0  8 lies past the log end: moved to it
        3 partitions, 2 of them moving; records skipped: 4; time between old and new: 3m at most; moved to the edge of the log: 2
        risk skips-records: the group will not read some records

    0 to create, 1 to change, 0 blocked; 0 unchanged
    --- stderr
    protection by topology.yaml
    ");
    insta::assert_snapshot!(reset(&scene, "--topic orders --shift-by -10 --dry-run"), @r"
    status 0
    --- stdout
    ~ group billing
        classic group
        TOPIC   PARTITION  OLD  NEW  DELTA  TIME  LAG AFTER
        orders          0    5    0     -5    5m         12  -5 lies before the log start: moved to it
        orders          1    5    4     -1    1m          2  -5 lies before the log start: moved to it
        orders          2    0    0      0     -          0  -10 lies before the log start: moved to it
        3 partitions, 2 of them moving; records repeated: 6; time between old and new: 5m at most; moved to the edge of the log: 3
        risk repeats-records: the group will read some records again

    0 to create, 1 to change, 0 blocked; 0 unchanged
    --- stderr
    protection by topology.yaml
    ");
    insta::assert_snapshot!(reset(&scene, "--topic orders --to-offset 8 --strict --yes --settle 0s"), @r"
    status 4
    --- stdout
    ~ group billing
        classic group
        TOPIC   PARTITION  OLD  NEW  DELTA  TIME  LAG AFTER
        orders          0    5    8     +3    3m          4
        orders          1    5    6     +1   <1s          0  8 lies past the log end: moved to it
        orders          2    0    0      0     -          0  8 lies past the log end: moved to it
        3 partitions, 2 of them moving; records skipped: 4; time between old and new: 3m at most; moved to the edge of the log: 2
        risk skips-records: the group will not read some records

    0 to create, 1 to change, 0 blocked; 0 unchanged
    error: --strict: some targets cannot be met exactly
      → billing orders-1: 8 lies past the log end: moved to it
      → billing orders-2: 8 lies past the log end: moved to it
    Refused; nothing was changed.
    --- stderr
    protection by topology.yaml
    ");
    let plan: Plan = scene.document("group reset billing --all-topics --to-offset 8 --dry-run", 0);
    let partitions = plan.steps[0].partitions.as_ref().expect("partitions");
    let targets: Vec<_> = partitions.iter().map(|one| (one.to, one.clamped)).collect();
    assert_eq!(targets, [(Some(8), false), (Some(6), true), (Some(0), true)]);
}

#[test]
fn every_strategy_leads_where_it_says() {
    let scene = scene().file("offsets.csv", "orders,0,3\norders,1,5\n");
    scene.cluster.commit("model", "orders", &[9, 5, 0]);
    let targets = |strategy: &str| -> Vec<Option<i64>> {
        let plan: Plan =
            scene.document(&format!("group reset billing --topic orders {strategy} --dry-run"), 0);
        plan.steps.iter().flat_map(|step| step.partitions.iter().flatten()).map(|one| one.to).collect()
    };
    for (strategy, expected) in [
        ("--to-earliest", vec![0, 4, 0]),
        ("--to-latest", vec![12, 6, 0]),
        ("--to-offset 5", vec![5, 5, 0]),
        ("--shift-by 2", vec![7, 6, 0]),
        // One record a minute, and the last one is the newest.
        ("--by-duration 150s", vec![9, 4, 0]),
        ("--to-datetime 2001-01-01T00:00:00Z", vec![0, 4, 0]),
        ("--to-current", vec![5, 5, 0]),
        ("--from-file offsets.csv", vec![3, 5]),
        ("--from-group model", vec![9, 5, 0]),
    ] {
        assert_eq!(targets(strategy), expected.into_iter().map(Some).collect::<Vec<_>>(), "{strategy}");
    }
}

#[test]
fn what_is_not_there() {
    let scene = scene();
    insta::assert_snapshot!(scene.told("group reset biling --topic orders --to-latest --yes"), @r"
    status 1
    --- stdout
    --- stderr
    protection by topology.yaml
    error: group biling does not exist
      → did you mean billing?
      → --new-group seeds a group that does not exist yet
    ");
    insta::assert_snapshot!(reset(&scene, "--topic order --topic orders:7 --to-latest --yes"), @r"
    status 1
    --- stdout
    ! topic order
        absent: the topic does not exist; did you mean 'orders'?
    ! topic orders
        partition-unavailable: no such partition: 7; the topic has 3 partitions, numbered from 0

    0 to create, 0 to change, 2 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    error: the plan has conflicts, so nothing of it is carried out
      → ask for something else, or change what stands in the way, and run the command again
    Refused; nothing was changed.
    --- stderr
    protection by topology.yaml
    ");
    let fresh = "group reset fresh --topic orders --to-latest --new-group --yes --settle 0s -q";
    insta::assert_snapshot!(scene.told(fresh), @r"
    status 0
    --- stdout
    ~ group fresh
        a new group
        TOPIC   PARTITION   OLD  NEW  DELTA  LAG AFTER
        orders          0  none   12    new          0
        orders          1  none    6    new          0
        orders          2  none    0    new          0
        3 partitions, 3 of them moving

    info reset/new-group: group fresh: the group does not exist and is made by its commits; they expire when no member comes within the broker's offsets.retention.minutes (7 days unless set)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    done           ~ commit-offsets fresh
    Done: 1 step: 1 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    assert_eq!(scene.cluster.committed("fresh", "orders"), [Some(12), Some(6), Some(0)]);
}

#[test]
fn a_protected_group_needs_a_word_of_its_own() {
    let scene = scene().file("topology.yaml", "klerk: 1\ngroups: { billing: { protected: true } }\n");
    insta::assert_snapshot!(reset(&scene, "--topic orders:0 --to-earliest --yes --settle 0s -q"), @r"
    status 4
    --- stdout
    ~ group billing
        classic group
        TOPIC   PARTITION  OLD  NEW  DELTA  TIME  LAG AFTER
        orders          0    5    0     -5    5m         12
        1 partition, 1 of them moving; records repeated: 5; time between old and new: 5m at most
        risk protected: the resource is marked as protected
        risk repeats-records: the group will read some records again

    0 to create, 1 to change, 0 blocked; 0 unchanged
    To apply it, --allow protected is needed.
    error: the risk protected is not allowed, and there is no terminal to ask at
      → add --allow protected
      → protected: the resource is marked as protected
    Refused; nothing was changed.
    --- stderr
    ");
    let allowed =
        scene.run("group reset billing --topic orders:0 --to-earliest --yes --settle 0s --allow protected");
    assert_eq!((allowed.status, billing(&scene)[0]), (0, Some(0)), "{}", allowed.all());
}
