//! Throttles of moves: planned, told, left, and taken off again; and moves that cannot go on.

use crate::documents::{Moves, Plan, Report};
use crate::scene::Scene;
use crate::stopping::send;
use std::io::{BufRead, BufReader, Read};
use std::thread;
use std::time::{Duration, Instant};

const ONE: &str = "klerk: 1\ntopics: { orders: { partitions: 2, replication: 1 } }\n";
const THREE: &str = "klerk: 1\ntopics: { orders: { partitions: 2, replication: 3 } }\n";
const RATES: [&str; 2] = ["leader.replication.throttled.rate", "follower.replication.throttled.rate"];

/// A topic with one replica of each partition, the file that wants three, and moves that stay where they are.
fn scene() -> Scene {
    let scene = Scene::applied(ONE).file("topology.yaml", THREE);
    scene.cluster.alter("orders", "min.insync.replicas", Some("1"));
    for partition in 0..2 {
        scene.cluster.fill("orders", partition, 10);
    }
    scene.cluster.with(|state| state.moves.bytes_per_second = None);
    scene
}

/// Sets a rate on a broker by hand.
fn set_rate(scene: &Scene, broker: i32, key: &str, value: &str) {
    let ran = scene.run(&format!("cluster configs {broker} --set {key}={value} --yes"));
    assert_eq!(ran.status, 0, "{}", ran.all());
}

#[test]
fn a_plan_tells_what_it_sets_and_which_rates_stay() {
    let scene = scene();
    set_rate(&scene, 2, RATES[0], "500000");
    let plan: Plan = scene.document("plan --only topics --throttle 1MB/s", 0);
    let throttle = plan.steps[0].throttle.as_ref().expect("a throttle");
    assert_eq!((throttle.bytes_per_second, throttle.leader_replicas.as_str()), (1_000_000, "0:1,1:2"));
    assert_eq!(throttle.follower_replicas, "0:2,0:3,1:1,1:3");
    let broker = &throttle.brokers[1];
    assert_eq!((broker.broker, broker.sets.as_slice()), (2, [RATES[1].to_owned()].as_slice()));
    assert_eq!(broker.stays[RATES[0]], "500000");
    let told = scene.run("plan --only topics --throttle 1MB/s").stdout;
    let kept = "throttle  broker 2 keeps leader.replication.throttled.rate=500000, which was set before";
    assert!(told.contains(kept), "{told}");
    let report: Report =
        scene.document("apply --yes --allow moves-replicas --only topics --throttle 1MB/s --no-wait", 0);
    assert_eq!(report.steps[0].outcome, "running");
    let moves: Moves = scene.document("cluster moves", 0);
    let set = |throttle: &&crate::documents::Throttle| throttle.broker == Some(2);
    let values: Vec<&str> = moves.throttles.iter().filter(set).map(|one| one.value.as_str()).collect();
    assert_eq!(values, ["1000000", "500000"]);
    assert!(moves.left_throttles.is_empty(), "{moves:?}");
}

#[test]
fn a_plan_whose_rates_somebody_has_set_since_is_stale() {
    let scene = scene();
    assert_eq!(scene.run("plan --only topics --throttle 1MB/s --out plan.json").status, 0);
    set_rate(&scene, 3, RATES[1], "7000");
    let report: Report = scene.document("apply plan.json --yes --allow moves-replicas", 5);
    assert_eq!(report.steps[0].outcome, "not-attempted");
    let error = report.error.expect("why");
    assert_eq!(
        (error.kind.as_str(), error.hints.as_slice()),
        (
            "stale",
            ["broker 3: config.follower.replication.throttled.rate was absent and is 7000 now".to_owned()]
                .as_slice()
        )
    );
    let moves: Moves = scene.document("cluster moves", 0);
    assert_eq!((moves.moves.len(), moves.throttles.len()), (0, 1), "{moves:?}");
}

#[test]
fn what_a_lost_run_has_left_is_named_and_taken_off_after_consent() {
    let scene = scene();
    let none: Report = scene.document("cluster moves --remove-throttle --yes", 0);
    assert_eq!(none.outcome, "nothing-to-do");
    let apply = "apply --yes --allow moves-replicas --throttle 1MB/s --no-wait --only topics -q";
    assert_eq!(scene.run(apply).status, 0);
    // The machine that noted the throttle is another one.
    std::fs::remove_dir_all(scene.path().join(".local/state/klerk")).expect("the state goes");
    assert!(scene.document::<Moves>("cluster moves", 0).left_throttles.is_empty());
    let running = scene.document::<Report>("cluster moves --remove-throttle --yes", 0);
    assert_eq!(running.outcome, "nothing-to-do", "a running move needs it");
    scene.cluster.with(|state| state.moves.bytes_per_second = Some(100 << 20));
    assert_eq!(scene.run("cluster moves --wait").status, 0);
    insta::assert_snapshot!(scene.told("cluster moves"), @r"
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
    assert_eq!(scene.document::<Moves>("cluster moves", 0).left_throttles.len(), 8);
    insta::assert_snapshot!(scene.told("cluster moves --remove-throttle"), @r"
    status 4
    --- stdout
    ~ topic orders
        follower.replication.throttled.replicas  0:2,0:3,1:1,1:3 → unset, as the broker has it
        leader.replication.throttled.replicas  0:1,1:2 → unset, as the broker has it
    ~ broker 1
        follower.replication.throttled.rate  1000000 → not set
        leader.replication.throttled.rate  1000000 → not set
        follower.replication.throttled.rate follows what holds for all brokers, which was not told
        leader.replication.throttled.rate follows what holds for all brokers, which was not told
    ~ broker 2
        follower.replication.throttled.rate  1000000 → not set
        leader.replication.throttled.rate  1000000 → not set
        follower.replication.throttled.rate follows what holds for all brokers, which was not told
        leader.replication.throttled.rate follows what holds for all brokers, which was not told
    ~ broker 3
        follower.replication.throttled.rate  1000000 → not set
        leader.replication.throttled.rate  1000000 → not set
        follower.replication.throttled.rate follows what holds for all brokers, which was not told
        leader.replication.throttled.rate follows what holds for all brokers, which was not told

    0 to create, 4 to change, 0 blocked; 0 unchanged
    error: consent is missing, and there is no terminal to ask at
      → add --yes
    Refused; nothing was changed.
    --- stderr
    protection by topology.yaml
    ");
    let report: Report = scene.document("cluster moves --remove-throttle --yes", 0);
    assert_eq!((report.outcome.as_str(), report.steps.len()), ("done", 4));
    assert!(scene.document::<Moves>("cluster moves", 0).throttles.is_empty());
}

#[test]
fn looking_at_moves_changes_nothing_and_takes_no_consent() {
    let scene = scene();
    let apply = "apply --yes --allow moves-replicas --throttle 1MB/s --no-wait --only topics -q";
    assert_eq!(scene.run(apply).status, 0);
    scene.cluster.with(|state| state.moves.bytes_per_second = Some(100 << 20));
    let looked = scene.run("cluster moves --wait --explain-requests");
    assert_eq!(looked.status, 0, "{}", looked.all());
    assert!(!looked.stderr.contains("IncrementalAlterConfigs"), "{}", looked.stderr);
    assert_eq!(scene.document::<Moves>("cluster moves", 0).left_throttles.len(), 8);
    insta::assert_snapshot!(scene.told("cluster moves --yes"), @r"
    status 64
    --- stdout
    --- stderr
    error: there is nothing to consent to
      → --cancel takes moves back, and --remove-throttle takes off throttles that no move needs
    ");
    // What a run of this machine has set, the next apply takes off.
    insta::assert_snapshot!(scene.told("apply --yes --only topics"), @r"
    status 0
    --- stdout
    info topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the topic has 1 of its own, so that an acknowledged record may be on one replica only  (topology.yaml:2)
    warning topic/throttle-left: leader.replication.throttled.replicas and follower.replication.throttled.replicas are set on 'orders' and no replica of it is on its way, so that it only slows down replicas that fall behind; klerk cluster moves --remove-throttle takes it off, and so does leader.replication.throttled.replicas: unset in the file  (topology.yaml:2)
    info topic/unlisted-configs: topic orders: 1 config set on the topic and not named by the file, left alone: min.insync.replicas=1  (topology.yaml:2)

    0 to create, 0 to change, 0 blocked; 1 unchanged
    taken off: the throttle of 1MB/s that an earlier run of klerk had left (rates of brokers 1, 2, 3; replicas of topic orders)
    Nothing else to do.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
    --- stderr
    ");
    let records = scene.json("history", 0);
    let last =
        std::fs::read_to_string(records["records"][0]["file"].as_str().expect("a file")).expect("a record");
    assert!(
        last.contains(r#""lifted_throttles":[{"bytes_per_second":1000000,"topics":["orders"]"#),
        "{last}"
    );
    // What changes nothing is not what undo takes back.
    assert_eq!(scene.json("undo last --dry-run", 0)["steps"][0]["kind"], "move-replicas");
    assert!(scene.document::<Moves>("cluster moves", 0).throttles.is_empty());
}

#[test]
fn a_throttle_is_taken_off_by_a_run_of_which_there_is_a_record_already() {
    let scene = scene();
    let apply = "apply --yes --allow moves-replicas --throttle 1MB/s --no-wait --only topics -q";
    assert_eq!(scene.run(apply).status, 0);
    let records = || scene.json("history", 0)["records"].as_array().expect("records").clone();
    let before = records().len();
    // What a move still needs stays, and a run that changes nothing leaves no record.
    let idle = scene.run("apply --yes --only groups");
    assert_eq!(idle.status, 0, "{}", idle.all());
    assert!(idle.stderr.contains("the throttle of 1MB/s stays on"), "{}", idle.all());
    assert_eq!(records().len(), before);
    scene.cluster.with(|state| state.moves.bytes_per_second = Some(100 << 20));
    assert_eq!(scene.run("cluster moves --wait").status, 0);
    scene.cluster.arm("IncrementalAlterConfigs silence once");
    let mut child = scene.start("apply --yes --only topics");
    scene.cluster.await_faults();
    child.kill().expect("it is killed");
    child.wait().expect("it ends");
    scene.cluster.disarm();
    let told = records();
    assert_eq!(told.len(), before + 1, "{told:?}");
    assert_ne!(told[0]["outcome"], "nothing-to-do", "it did not come to its end: {told:?}");
    let report: Report = scene.document("apply --yes --only topics", 0);
    assert_eq!((report.outcome.as_str(), report.lifted_throttles.len()), ("nothing-to-do", 1));
    assert!(scene.document::<Moves>("cluster moves", 0).throttles.is_empty());
    assert_eq!(records().len(), before + 2);
}

#[test]
fn a_move_to_a_broker_that_dies_is_said_not_to_go_on() {
    let scene = scene();
    let mut child = scene.start("apply --yes --allow moves-replicas --only topics -o json");
    let begun = Instant::now();
    while scene.document::<Moves>("cluster moves", 0).moves.is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(60), "the move does not begin");
        thread::sleep(Duration::from_millis(50));
    }
    scene.cluster.with(|state| state.stop_broker(3));
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut told = String::new();
    while !told.contains("orders-1 does not go on") {
        let read = stderr.read_line(&mut told).expect("a line");
        assert!(read > 0, "it ends and says: {told}");
    }
    assert!(told.contains("it waits for broker 3, which is not live"), "{told}");
    let seen: Moves = scene.document("cluster moves", 0);
    assert_eq!(seen.moves[0].stalled.as_deref(), Some("it waits for broker 3, which is not live"));
    send("INT", &child);
    let mut document = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut document).expect("a report");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    let report: Report = serde_json::from_str(&document).expect("a report");
    assert_eq!((report.outcome.as_str(), report.steps[0].outcome.as_str()), ("interrupted", "running"));
    assert_eq!(
        report.steps[0].note.as_deref(),
        Some("the move of orders-0 does not go on: it waits for broker 3, which is not live")
    );
}

#[test]
fn a_rate_that_is_left_without_any_topic_goes_too() {
    let scene = scene();
    set_rate(&scene, 1, "follower.replication.throttled.rate", "1000000");
    let left = scene.document::<Moves>("cluster moves", 0).left_throttles;
    assert_eq!(left.len(), 1, "{left:?}");
    let report = scene.document::<Report>("cluster moves --remove-throttle --yes", 0);
    assert_eq!((report.outcome.as_str(), report.steps.len()), ("done", 1));
    assert!(scene.document::<Moves>("cluster moves", 0).left_throttles.is_empty());
}

#[test]
fn rates_that_still_hold_are_told_with_what_becomes_of_them() {
    let scene = scene();
    let apply = "apply --yes --allow moves-replicas --throttle 1MB/s --no-wait --only topics -q";
    assert_eq!(scene.run(apply).status, 0);
    // Its moves are under way, and it is not there any more.
    insta::assert_snapshot!(scene.told("plan --only topics"), @r"
    status 0
    --- stdout
    ~ topic orders  (topology.yaml:2)
        replication  1 → 3
        partition 0  brokers 1 → 1,3,2
        partition 1  brokers 2 → 2,1,3
        2 of 2 partitions are on their way there already, and are waited for
        held back by rates that were set before: brokers 1,2 send at most 1MB/s, brokers 1,2,3 receive at most 1MB/s; an earlier run of klerk has set that, and klerk takes it off once these copies are done

    info topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the topic has 1 of its own, so that an acknowledged record may be on one replica only  (topology.yaml:2)
    info topic/unlisted-configs: topic orders: 1 config set on the topic and not named by the file, left alone: min.insync.replicas=1  (topology.yaml:2)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    --- stderr
    ");
    let plan: Plan = scene.document("plan --only topics", 0);
    let held_back = plan.steps[0].impact.held_back.as_ref().expect("what holds it back");
    assert_eq!(
        (&held_back["by_klerk"], &held_back["brokers"]["2"][RATES[0]]),
        (&true.into(), &"1000000".into())
    );
    // What a plan that was saved says of it is read back.
    assert_eq!(scene.run("plan --only topics --out plan.json").status, 0);
    scene.cluster.with(|state| state.moves.bytes_per_second = Some(100 << 20));
    let told = scene.run("apply plan.json --yes");
    assert_eq!(told.status, 0, "{}", told.all());
    assert!(told.stdout.contains("an earlier run of klerk has set that"), "{}", told.stdout);
    assert!(scene.document::<Moves>("cluster moves", 0).throttles.is_empty());
}

#[test]
fn rates_of_others_that_hold_for_a_move_without_a_throttle_are_told_and_stay() {
    let scene = scene();
    set_rate(&scene, 1, RATES[0], "500000");
    set_rate(&scene, 2, RATES[1], "2000000");
    scene.cluster.alter("orders", "leader.replication.throttled.replicas", Some("0:1"));
    scene.cluster.alter("orders", "follower.replication.throttled.replicas", Some("*"));
    insta::assert_snapshot!(scene.told("plan --only topics"), @r"
    status 0
    --- stdout
    ~ topic orders  (topology.yaml:2)
        replication  1 → 3
        partition 0  brokers 1 → 1,3,2
        partition 1  brokers 2 → 2,1,3
        risk moves-replicas: replicas are copied to other brokers, or given up
        estimate: 6.8 kB (6800) are copied (by what the leaders' log folders hold now)
        held back by rates that were set before: broker 1 sends at most 500kB/s, broker 2 receives at most 2MB/s; klerk has not set that, as far as this machine knows, and leaves it: klerk cluster moves --remove-throttle takes it off once no copy needs it

    info topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the topic has 1 of its own, so that an acknowledged record may be on one replica only  (topology.yaml:2)
    info topic/unlisted-configs: topic orders: 1 config set on the topic and not named by the file, left alone: min.insync.replicas=1  (topology.yaml:2)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    To apply it, --allow moves-replicas is needed.
    --- stderr
    ");
    scene.cluster.with(|state| state.moves.bytes_per_second = Some(100 << 20));
    assert_eq!(scene.run("apply --yes --only topics --allow moves-replicas").status, 0);
    assert_eq!(scene.document::<Moves>("cluster moves", 0).left_throttles.len(), 4);
}

#[test]
fn the_rate_of_a_move_that_is_under_way_is_changed_and_taken_off_at_its_end() {
    let scene = scene();
    let apply = "apply --yes --allow moves-replicas --throttle 1MB/s --no-wait --only topics -q";
    assert_eq!(scene.run(apply).status, 0);
    insta::assert_snapshot!(scene.told("plan --only topics --throttle 5MB/s"), @r"
    status 0
    --- stdout
    ~ topic orders  (topology.yaml:2)
        replication  1 → 3, at most 5MB/s a broker
        partition 0  brokers 1 → 1,3,2
        partition 1  brokers 2 → 2,1,3
        throttle  1MB/s → 5MB/s on brokers 1,2,3, where klerk has set it before
        throttle  of replicas (partition:broker) that send 0:1,1:2, that copy 0:2,0:3,1:1,1:3
        2 of 2 partitions are on their way there already, and are waited for

    info topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the topic has 1 of its own, so that an acknowledged record may be on one replica only  (topology.yaml:2)
    info topic/unlisted-configs: topic orders: 1 config set on the topic and not named by the file, left alone: min.insync.replicas=1  (topology.yaml:2)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    --- stderr
    ");
    let plan: Plan = scene.document("plan --only topics --throttle 5MB/s --out plan.json", 0);
    let throttle = plan.steps[0].throttle.as_ref().expect("a throttle");
    let broker = &throttle.brokers[1];
    assert_eq!((broker.broker, broker.sets.len(), broker.stays.len()), (2, 0, 0));
    assert_eq!(broker.changes[RATES[0]], "1000000");
    assert_eq!((plan.requires.len(), plan.steps[0].impact.held_back.is_none()), (0, true), "{plan:?}");

    let rates = || -> Vec<String> {
        let shown = scene.document::<Moves>("cluster moves", 0).throttles;
        shown.into_iter().filter(|one| one.broker.is_some()).map(|one| one.value).collect()
    };
    let ran = scene.run("apply plan.json --yes --no-wait");
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert_eq!(rates(), vec!["5000000"; 6]);
    // Asked for again there is nothing to change, and no rate keeps it from being followed to its end.
    scene.cluster.with(|state| state.moves.bytes_per_second = Some(100 << 20));
    let ran = scene.run("apply --yes --only topics");
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(scene.document::<Moves>("cluster moves", 0).throttles.is_empty(), "{}", ran.all());
}

#[test]
fn a_move_without_a_throttle_gets_one_while_it_is_under_way() {
    let scene = scene();
    assert_eq!(scene.run("apply --yes --allow moves-replicas --no-wait --only topics -q").status, 0);
    set_rate(&scene, 3, RATES[1], "500000");
    let ran = scene.run("apply --yes --throttle 5MB/s --no-wait --only topics");
    assert_eq!(ran.status, 0, "{}", ran.all());
    let moves: Moves = scene.document("cluster moves", 0);
    let of = |broker: i32| -> Vec<&str> {
        let set = moves.throttles.iter().filter(|one| one.broker == Some(broker));
        set.map(|one| one.value.as_str()).collect()
    };
    assert_eq!(
        (of(2), of(3)),
        (vec!["5000000"; 2], vec!["500000", "5000000"]),
        "what somebody else has set stays"
    );
    assert_eq!(moves.throttles.iter().filter(|one| one.broker.is_none()).count(), 2, "{moves:?}");
    scene.cluster.with(|state| state.moves.bytes_per_second = Some(100 << 20));
    assert_eq!(scene.run("apply --yes --only topics").status, 0);
    let left: Vec<String> =
        scene.document::<Moves>("cluster moves", 0).throttles.into_iter().map(|one| one.value).collect();
    assert_eq!(left, ["500000"]);
}

#[test]
fn a_rate_that_somebody_has_set_otherwise_since_is_not_changed() {
    let scene = scene();
    let apply = "apply --yes --allow moves-replicas --throttle 1MB/s --no-wait --only topics -q";
    assert_eq!(scene.run(apply).status, 0);
    assert_eq!(scene.run("plan --only topics --throttle 5MB/s --out plan.json").status, 0);
    set_rate(&scene, 2, RATES[1], "700000");
    let report: Report = scene.document("apply plan.json --yes --no-wait", 5);
    let hints = report.error.expect("why").hints;
    assert_eq!(hints, ["broker 2: config.follower.replication.throttled.rate was 1000000 and is 700000 now"]);
    let told = scene.run("plan --only topics --throttle 5MB/s").stdout;
    assert!(told.contains("broker 2 keeps follower.replication.throttled.rate=700000"), "{told}");
}
