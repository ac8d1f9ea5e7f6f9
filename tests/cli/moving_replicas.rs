//! Replication factors: replicas move, are followed, and may be left to themselves.

use crate::scene::Scene;

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
        not put to the server beforehand

    info topic/unlisted-configs: 1 config set on the topic and not named by the file, left alone: min.insync.replicas=1  (topology.yaml:2)

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
        not put to the server beforehand

    info topic/unlisted-configs: 1 config set on the topic and not named by the file, left alone: min.insync.replicas=1  (topology.yaml:2)

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
        not put to the server beforehand

    info topic/unlisted-configs: 1 config set on the topic and not named by the file, left alone: min.insync.replicas=1  (topology.yaml:2)

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
        not put to the server beforehand

    info topic/unlisted-configs: 1 config set on the topic and not named by the file, left alone: min.insync.replicas=1  (topology.yaml:2)

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
        not put to the server beforehand

    info topic/unlisted-configs: 1 config set on the topic and not named by the file, left alone: min.insync.replicas=1  (topology.yaml:2)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    --- stderr
    ");
    scene.cluster.with(|state| state.moves.bytes_per_second = Some(100 << 20));
    insta::assert_snapshot!(scene.told("apply --yes --only topics"), @r"
    status 0
    --- stdout
    info topic/unlisted-configs: 1 config set on the topic and not named by the file, left alone: min.insync.replicas=1  (topology.yaml:2)

    0 to create, 0 to change, 0 blocked; 1 unchanged
    Nothing to do.
    --- stderr
    ");
    assert_eq!(scene.run("plan --detailed-exitcode --only topics").status, 0);
}
