//! Bringing leaders back, on a simulated cluster.

use crate::documents::Report;
use crate::scene::Scene;

const ESTATE: &str = "klerk: 1
topics:
  orders: { partitions: 6, replication: 3 }
  events: { partitions: 1, replication: 1 }
";

/// Broker 2 has been down, and leads nothing any more.
fn scattered() -> Scene {
    let scene = Scene::applied(ESTATE);
    scene.cluster.with(|state| {
        state.stop_broker(2);
        state.start_broker(2);
    });
    scene
}

/// The partitions that another replica than the first one leads.
fn led_by_others(scene: &Scene) -> usize {
    scene.cluster.with(|state| {
        let partitions = state.topics.values().flat_map(|topic| &topic.partitions);
        partitions.filter(|one| one.leader != one.replicas.first().copied()).count()
    })
}

#[test]
fn leaders_are_brought_back_as_a_plan() {
    let scene = scattered();
    assert_eq!(led_by_others(&scene), 2);
    insta::assert_snapshot!(scene.told("cluster elect --dry-run"), @r"
    status 0
    --- stdout
    ~ topic orders
        partition 0  leader 3 → 2
        partition 3  leader 3 → 2

    0 to create, 1 to change, 0 blocked; 1 unchanged
    --- stderr
    protection by topology.yaml
    ");
    assert_eq!(led_by_others(&scene), 2, "a dry run elects nobody");
    assert_eq!(scene.run("cluster elect").status, 4, "nobody has consented");
    insta::assert_snapshot!(scene.told("cluster elect --yes"), @r"
    status 0
    --- stdout
    ~ topic orders
        partition 0  leader 3 → 2
        partition 3  leader 3 → 2

    0 to create, 1 to change, 0 blocked; 1 unchanged
    done           ~ elect-leaders orders
    Done: 1 step: 1 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
    --- stderr
    protection by topology.yaml
    ");
    assert_eq!(led_by_others(&scene), 0);
    insta::assert_snapshot!(scene.told("cluster elect --yes"), @r"
    status 0
    --- stdout
    0 to create, 0 to change, 0 blocked; 2 unchanged
    Nothing to do.
    --- stderr
    protection by topology.yaml
    ");
    insta::assert_snapshot!(scene.told("undo last --yes"), @r"
    status 4
    --- stdout
    warning undo/not-reversible: topic orders: the preferred replicas go on leading: no election brings back who led before

    0 to create, 0 to change, 0 blocked; 0 unchanged
    error: nothing of what the record tells can be taken back
      → topic orders: the preferred replicas go on leading: no election brings back who led before
    Refused; nothing was changed.
    --- stderr
    protection by topology.yaml
    ");
}

#[test]
fn a_saved_election_is_carried_out_and_stale_once_the_topic_is_another() {
    let scene = scattered();
    assert_eq!(scene.run("cluster elect --topic orders --out plan.json").status, 0);
    let report: Report = scene.document("apply plan.json --yes -q", 0);
    assert_eq!((report.outcome.as_str(), led_by_others(&scene)), ("done", 0));
    scene.cluster.make_anew("orders");
    assert_eq!(scene.run("apply plan.json --yes").status, 5);
}

#[test]
fn what_cannot_be_elected_is_named() {
    let scene = scattered();
    scene.cluster.with(|state| state.stop_broker(2));
    let ran = scene.run("cluster elect --yes");
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(ran.stdout.contains("its preferred replica 2 is on a broker that is not live"), "{}", ran.stdout);
    let ran = scene.run("cluster elect --topic ordes --yes -q -o json");
    assert_eq!((ran.status, ran.json()["error"]["hints"][0].as_str()), (1, Some("did you mean orders?")));
}

#[test]
fn an_election_that_fails_for_some_is_told_partition_by_partition() {
    let scene = scattered();
    scene.cluster.arm("ElectLeaders resource=orders-3 refuse 80 \"not now\" once");
    let report: Report = scene.document("cluster elect --yes -q", 3);
    assert_eq!((report.outcome.as_str(), led_by_others(&scene)), ("partial", 1));
}

#[test]
fn an_election_is_held_to_the_policy_of_the_topology() {
    let scene = scattered();
    let held = |scene: Scene, changes: &str| {
        scene.file("held.yaml", &format!("{ESTATE}policy: {{ changes: {{ {changes} }} }}\n"))
    };
    let scene = held(scene, "elect-leaders: approve");
    insta::assert_snapshot!(scene.told("cluster elect --yes -f held.yaml"), @r"
    status 4
    --- stdout
    ~ topic orders
        partition 0  leader 3 → 2
        partition 3  leader 3 → 2

    0 to create, 1 to change, 0 blocked; 1 unchanged
    To apply it, --allow elect-leaders is needed.
    error: the change elect-leaders is not allowed, and there is no terminal to ask at
      → add --allow elect-leaders
      → elect-leaders: the policy of the topology wants this kind of change to be allowed by name
    Refused; nothing was changed.
    --- stderr
    protection by held.yaml
    ");
    assert_eq!(led_by_others(&scene), 2, "nobody is elected");
    assert_eq!(scene.run("cluster elect --yes -f held.yaml --allow elect-leaders").status, 0);
    assert_eq!(led_by_others(&scene), 0);
}
