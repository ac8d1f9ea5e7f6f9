//! Replication factors: replicas move, are followed, and may be left to themselves.

use crate::documents::{Moves, Report};
use crate::scene::Scene;
use std::thread;
use std::time::{Duration, Instant};

const ONE: &str = "klerk: 1\ntopics: { orders: { partitions: 2, replication: 1 } }\n";
const THREE: &str = "klerk: 1\ntopics: { orders: { partitions: 2, replication: 3 } }\n";
const TWO: &str = "klerk: 1\ntopics: { orders: { partitions: 2, replication: 2 } }\n";

/// A topic with one replica of each partition and some records, and the file that wants three.
fn scene() -> Scene {
    let scene = Scene::applied(ONE).file("topology.yaml", THREE);
    scene.cluster.alter("orders", "min.insync.replicas", Some("1"));
    for partition in 0..2 {
        scene.cluster.fill("orders", partition, 10);
    }
    scene
}

/// The replicas of each partition.
fn replicas(scene: &Scene) -> Vec<Vec<i32>> {
    let of = |state: &mut klerk_sandbox::State| {
        state.topics["orders"].partitions.iter().map(|partition| partition.replicas.clone()).collect()
    };
    scene.cluster.with(of)
}

/// Kafka makes a topic with replicas on brokers that are down, and takes moves onto them, which then wait for ever.
#[test]
fn brokers_that_are_down_are_named_where_replicas_are_wanted_on_them() {
    let scene = Scene::applied(TWO).file(
        "topology.yaml",
        "klerk: 1\ntopics: { orders: { partitions: 2, replication: 3 }, new: { partitions: 1, replication: 3 } }\n",
    );
    scene.cluster.alter("orders", "min.insync.replicas", Some("1"));
    scene.cluster.with(|state| state.stop_broker(3));
    let line = format!("plan -b {}", scene.cluster.first_broker());
    insta::assert_snapshot!(scene.told(&line), @r"
    status 1
    --- stdout
    + topic new  (topology.yaml:2)
        partitions 1, replication 3
    ! topic orders  (topology.yaml:2)
        replication-differs: 'orders' cannot have 3 replicas now: replication 3 needs 3 live brokers and there are 2; broker 3 is down: start it first

    warning topic/brokers-down: 'new' is to have 3 replicas, and 2 brokers are up: until the others are back, each partition lacks replicas from the start; broker 3 is down: start it first  (topology.yaml:2)
    info topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the topic has 1 of its own, so that an acknowledged record may be on one replica only  (topology.yaml:2)
    info topic/unlisted-configs: topic orders: 1 config set on the topic and not named by the file, left alone: min.insync.replicas=1  (topology.yaml:2)

    1 to create, 0 to change, 1 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    --- stderr
    ");
}

#[test]
fn more_replicas_and_fewer() {
    let scene = scene();
    insta::assert_snapshot!(scene.told("apply --yes --allow moves-replicas --only topics"), @r"
    status 0
    --- stdout
    ~ topic orders  (topology.yaml:2)
        replication  1 → 3
        partition 0  brokers 1 → 1,3,2
        partition 1  brokers 2 → 2,1,3
        risk moves-replicas: replicas are copied to other brokers, or given up
        estimate: 6.8 kB (6800) are copied (by what the leaders' log folders hold now)
        no --throttle: the copies take what network and disks give

    info topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the topic has 1 of its own, so that an acknowledged record may be on one replica only  (topology.yaml:2)
    info topic/unlisted-configs: topic orders: 1 config set on the topic and not named by the file, left alone: min.insync.replicas=1  (topology.yaml:2)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    done           ~ move-replicas orders
    Done: 1 step: 1 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    assert!(replicas(&scene).iter().all(|replicas| replicas.len() == 3));
    assert_eq!(scene.run("plan --detailed-exitcode").status, 0);
    let scene = scene.file("topology.yaml", TWO);
    insta::assert_snapshot!(scene.told("apply --yes --only topics"), @r"
    status 4
    --- stdout
    ~ topic orders  (topology.yaml:2)
        replication  3 → 2
        partition 0  brokers 1,3,2 → 1,3
        partition 1  brokers 2,1,3 → 2,1
        risk weakens-durability: an acknowledged record may be lost with fewer failures than before
        risk moves-replicas: replicas are copied to other brokers, or given up
        2 of 2 partitions give up replicas: 2 copies of a record are left

    info topic/min-isr-missing: 'orders' has replication factor 2 and says no min.insync.replicas: the topic has 1 of its own, so that an acknowledged record may be on one replica only  (topology.yaml:2)
    info topic/unlisted-configs: topic orders: 1 config set on the topic and not named by the file, left alone: min.insync.replicas=1  (topology.yaml:2)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    To apply it, --allow weakens-durability --allow moves-replicas is needed.
    error: the risks weakens-durability, moves-replicas are not allowed, and there is no terminal to ask at
      → add --allow weakens-durability --allow moves-replicas
      → weakens-durability: an acknowledged record may be lost with fewer failures than before
      → moves-replicas: replicas are copied to other brokers, or given up
    Refused; nothing was changed.
    --- stderr
    ");
    insta::assert_snapshot!(
        scene.told("apply --yes --allow moves-replicas,weakens-durability --only topics"), @r"
    status 0
    --- stdout
    ~ topic orders  (topology.yaml:2)
        replication  3 → 2
        partition 0  brokers 1,3,2 → 1,3
        partition 1  brokers 2,1,3 → 2,1
        risk weakens-durability: an acknowledged record may be lost with fewer failures than before
        risk moves-replicas: replicas are copied to other brokers, or given up
        2 of 2 partitions give up replicas: 2 copies of a record are left

    info topic/min-isr-missing: 'orders' has replication factor 2 and says no min.insync.replicas: the topic has 1 of its own, so that an acknowledged record may be on one replica only  (topology.yaml:2)
    info topic/unlisted-configs: topic orders: 1 config set on the topic and not named by the file, left alone: min.insync.replicas=1  (topology.yaml:2)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    done           ~ move-replicas orders
    Done: 1 step: 1 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    "
    );
    assert!(replicas(&scene).iter().all(|replicas| replicas.len() == 2));
    let back = scene.run("undo last --yes --allow moves-replicas");
    assert_eq!(back.status, 0, "{}", back.all());
    assert!(replicas(&scene).iter().all(|replicas| replicas.len() == 3));
}

#[test]
fn a_move_that_is_not_waited_for_goes_on_and_is_followed_by_the_next_apply() {
    let scene = scene();
    scene.cluster.with(|state| state.moves.bytes_per_second = None);
    insta::assert_snapshot!(scene.told("apply --yes --allow moves-replicas --no-wait --only topics"), @r"
    status 0
    --- stdout
    ~ topic orders  (topology.yaml:2)
        replication  1 → 3
        partition 0  brokers 1 → 1,3,2
        partition 1  brokers 2 → 2,1,3
        risk moves-replicas: replicas are copied to other brokers, or given up
        estimate: 6.8 kB (6800) are copied (by what the leaders' log folders hold now)
        no --throttle: the copies take what network and disks give

    info topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the topic has 1 of its own, so that an acknowledged record may be on one replica only  (topology.yaml:2)
    info topic/unlisted-configs: topic orders: 1 config set on the topic and not named by the file, left alone: min.insync.replicas=1  (topology.yaml:2)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    running        ~ move-replicas orders
    Done: 1 step: 1 running.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → running: the brokers go on by themselves; klerk cluster moves shows how far they are, klerk cluster moves --cancel takes back what is not done
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("plan --only topics"), @r"
    status 0
    --- stdout
    ~ topic orders  (topology.yaml:2)
        replication  1 → 3
        partition 0  brokers 1 → 1,3,2
        partition 1  brokers 2 → 2,1,3
        2 of 2 partitions are on their way there already, and are waited for

    info topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the topic has 1 of its own, so that an acknowledged record may be on one replica only  (topology.yaml:2)
    info topic/unlisted-configs: topic orders: 1 config set on the topic and not named by the file, left alone: min.insync.replicas=1  (topology.yaml:2)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    --- stderr
    ");
    scene.cluster.with(|state| state.moves.bytes_per_second = Some(100 << 20));
    insta::assert_snapshot!(scene.told("apply --yes --only topics"), @r"
    status 0
    --- stdout
    info topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the topic has 1 of its own, so that an acknowledged record may be on one replica only  (topology.yaml:2)
    info topic/unlisted-configs: topic orders: 1 config set on the topic and not named by the file, left alone: min.insync.replicas=1  (topology.yaml:2)

    0 to create, 0 to change, 0 blocked; 1 unchanged
    Nothing to do.
    --- stderr
    ");
    assert_eq!(scene.run("plan --detailed-exitcode --only topics").status, 0);
}

#[test]
fn a_throttle_is_set_shown_and_taken_off_by_whoever_comes_later() {
    let scene = scene();
    scene.cluster.with(|state| state.moves.bytes_per_second = None);
    let apply = "apply --yes --allow moves-replicas --throttle 1MB/s --no-wait --only topics";
    insta::assert_snapshot!(scene.told(apply), @r"
    status 0
    --- stdout
    ~ topic orders  (topology.yaml:2)
        replication  1 → 3, at most 1MB/s a broker
        partition 0  brokers 1 → 1,3,2
        partition 1  brokers 2 → 2,1,3
        throttle  1MB/s is set on brokers 1,2,3
        throttle  of replicas (partition:broker) that send 0:1,1:2, that copy 0:2,0:3,1:1,1:3
        risk moves-replicas: replicas are copied to other brokers, or given up
        estimate: 6.8 kB (6800) are copied (by what the leaders' log folders hold now)
        estimate: it takes 1s (the busiest broker at the throttle)

    info topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the topic has 1 of its own, so that an acknowledged record may be on one replica only  (topology.yaml:2)
    info topic/unlisted-configs: topic orders: 1 config set on the topic and not named by the file, left alone: min.insync.replicas=1  (topology.yaml:2)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    running        ~ move-replicas orders
    Done: 1 step: 1 running.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → running: the brokers go on by themselves; klerk cluster moves shows how far they are, klerk cluster moves --cancel takes back what is not done
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    note: the throttle of 1MB/s stays on while replicas are on their way; the next klerk apply takes it off, or klerk cluster moves --remove-throttle
    ");
    insta::assert_snapshot!(scene.told("cluster moves"), @r"
    status 0
    --- stdout
    ~ orders-0  brokers 1 → 1,3,2  0 B of 3.4 kB
    ~ orders-1  brokers 2 → 2,1,3  0 B of 3.4 kB
    moving replicas of 2 partitions: 0 B of 6.8 kB (0%)
    throttle: broker 1  follower.replication.throttled.rate=1000000
    throttle: broker 1  leader.replication.throttled.rate=1000000
    throttle: broker 2  follower.replication.throttled.rate=1000000
    throttle: broker 2  leader.replication.throttled.rate=1000000
    throttle: broker 3  follower.replication.throttled.rate=1000000
    throttle: broker 3  leader.replication.throttled.rate=1000000
    throttle: topic orders  follower.replication.throttled.replicas=0:2,0:3,1:1,1:3
    throttle: topic orders  leader.replication.throttled.replicas=0:1,1:2
    --- stderr
    ");
    scene.cluster.with(|state| state.moves.bytes_per_second = Some(100 << 20));
    insta::assert_snapshot!(scene.told("cluster moves --wait"), @r"
    status 0
    --- stdout
    No replica is on its way.
    throttle: broker 1  follower.replication.throttled.rate=1000000  (left: no move needs it)
    throttle: broker 1  leader.replication.throttled.rate=1000000  (left: no move needs it)
    throttle: broker 2  follower.replication.throttled.rate=1000000  (left: no move needs it)
    throttle: broker 2  leader.replication.throttled.rate=1000000  (left: no move needs it)
    throttle: broker 3  follower.replication.throttled.rate=1000000  (left: no move needs it)
    throttle: broker 3  leader.replication.throttled.rate=1000000  (left: no move needs it)
    throttle: topic orders  follower.replication.throttled.replicas=0:2,0:3,1:1,1:3  (left: no move needs it)
    throttle: topic orders  leader.replication.throttled.replicas=0:1,1:2  (left: no move needs it)
      → klerk cluster moves --remove-throttle takes off what is left, after consent
    --- stderr
    ");
    let applied = scene.run("apply --yes --only topics");
    assert_eq!(applied.status, 0, "{}", applied.all());
    let moves: Moves = scene.document("cluster moves", 0);
    assert!(moves.moves.is_empty() && moves.throttles.is_empty(), "{moves:?}");
}

#[test]
fn a_throttle_is_off_again_once_the_move_is_done() {
    let scene = scene();
    let report: Report =
        scene.document("apply --yes --allow moves-replicas --throttle 1MB/s --only topics", 0);
    assert_eq!(report.outcome, "done");
    let moves: Moves = scene.document("cluster moves", 0);
    assert!(moves.throttles.is_empty(), "{moves:?}");
}

#[test]
fn a_move_is_taken_back_after_consent() {
    let scene = scene();
    let before = replicas(&scene);
    scene.cluster.with(|state| state.moves.bytes_per_second = None);
    let apply = "apply --yes --allow moves-replicas --throttle 1MB/s --no-wait --only topics";
    let report: Report = scene.document(apply, 0);
    assert_eq!(report.steps[0].outcome, "running");
    insta::assert_snapshot!(scene.told("cluster moves --cancel"), @r"
    status 4
    --- stdout
    ~ topic orders
        partition 0  not to brokers 1,3,2, back to 1
        partition 1  not to brokers 2,1,3, back to 2
        replicas stay where they were before the move; what was copied so far is dropped

    0 to create, 1 to change, 0 blocked; 0 unchanged
    error: consent is missing, and there is no terminal to ask at
      → add --yes
    Refused; nothing was changed.
    --- stderr
    protection by topology.yaml
    ");
    insta::assert_snapshot!(scene.told("cluster moves --cancel --match order* --yes"), @r"
    status 0
    --- stdout
    ~ topic orders
        partition 0  not to brokers 1,3,2, back to 1
        partition 1  not to brokers 2,1,3, back to 2
        replicas stay where they were before the move; what was copied so far is dropped

    0 to create, 1 to change, 0 blocked; 0 unchanged
    done           ~ cancel-moves orders
    taken off: the throttle of 1MB/s that an earlier run of klerk had left (rates of brokers 1, 2, 3; replicas of topic orders)
    Done: 1 step: 1 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
    --- stderr
    protection by topology.yaml
    ");
    assert_eq!(replicas(&scene), before);
    let moves: Moves = scene.document("cluster moves", 0);
    assert!(moves.moves.is_empty() && moves.throttles.is_empty(), "{moves:?}");
    insta::assert_snapshot!(scene.told("cluster moves --cancel --yes"), @r"
    status 0
    --- stdout
    0 to create, 0 to change, 0 blocked; 0 unchanged
    Nothing to do.
    --- stderr
    protection by topology.yaml
    ");
}

#[test]
fn a_move_of_somebody_else_is_taken_back_only_once_that_is_allowed() {
    let scene = scene();
    let before = replicas(&scene);
    scene.cluster.with(|state| state.moves.bytes_per_second = None);
    assert_eq!(scene.run("apply --yes --allow moves-replicas --no-wait --only topics").status, 0);
    // Nobody here knows any more who has sent it.
    std::fs::remove_dir_all(scene.path().join(".local/state/klerk")).expect("records");
    insta::assert_snapshot!(scene.told("cluster moves --cancel --yes"), @r"
    status 4
    --- stdout
    ~ topic orders
        partition 0  not to brokers 1,3,2, back to 1
        partition 1  not to brokers 2,1,3, back to 2
        risk moves-replicas: replicas are copied to other brokers, or given up
        replicas stay where they were before the move; what was copied so far is dropped

    warning topic/move-of-others: klerk did not begin the moves of partitions 0, 1 of 'orders', as far as the records on this machine tell; whoever did may begin again

    0 to create, 1 to change, 0 blocked; 0 unchanged
    To apply it, --allow moves-replicas is needed.
    error: the risk moves-replicas is not allowed, and there is no terminal to ask at
      → add --allow moves-replicas
      → moves-replicas: replicas are copied to other brokers, or given up
    Refused; nothing was changed.
    --- stderr
    protection by topology.yaml
    ");
    assert_eq!(
        scene.json("cluster moves --cancel --dry-run", 0)["requires"],
        serde_json::json!(["moves-replicas"])
    );
    let report: Report = scene.document("cluster moves --cancel --yes --allow moves-replicas", 0);
    assert_eq!(report.outcome, "done");
    assert_eq!(replicas(&scene), before);
}

#[test]
fn a_run_that_follows_a_move_ends_when_somebody_takes_it_back() {
    let scene = scene();
    scene.cluster.with(|state| state.moves.bytes_per_second = None);
    let follows = scene.start("apply --yes --allow moves-replicas --only topics -o json");
    let begun = Instant::now();
    while !scene.run("cluster moves").stdout.contains("orders") {
        assert!(begun.elapsed() < Duration::from_secs(60), "the move does not begin");
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(scene.run("cluster moves --cancel --yes").status, 0);
    let ended = follows.wait_with_output().expect("it ends");
    let report: Report = serde_json::from_slice(&ended.stdout).expect("its report");
    assert_eq!((ended.status.code(), report.steps[0].outcome.as_str()), (Some(3), "accepted"));
    assert!(replicas(&scene).iter().all(|replicas| replicas.len() == 1));
}

#[test]
fn a_saved_plan_holds_where_replicas_go_and_how_fast() {
    let scene = scene();
    let planned = scene.run("plan --only topics --throttle 2MB/s --out plan.json");
    assert_eq!(planned.status, 0, "{}", planned.all());
    let applied: Report = scene.document("apply plan.json --yes --allow moves-replicas", 0);
    assert_eq!(applied.steps[0].throttle_bytes_per_second, Some(2_000_000));
    assert!(replicas(&scene).iter().all(|replicas| replicas.len() == 3));
    let stale = scene.run("apply plan.json --yes --allow moves-replicas");
    assert_eq!(stale.status, 5, "{}", stale.all());
}

#[test]
fn a_batch_bounds_the_topics_whose_replicas_one_request_moves() {
    let both = |replication: u8| {
        format!(
            "klerk: 1\ndefaults: {{ partitions: 1, replication: {replication} }}\ntopics: {{ a: {{}}, b: {{}} }}\n"
        )
    };
    let scene = Scene::applied(&both(1)).file("topology.yaml", &both(3));
    let line = "apply --yes --allow moves-replicas,stops-writes --only topics --batch 1 --explain-requests";
    let ran = scene.run(line);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(ran.stderr.contains("AlterPartitionReassignments 2"), "{}", ran.stderr);
}
