//! Environments whose clusters are there, simulated.

use crate::scene::Scene;
use crate::simulated::Simulated;

/// A topology with the addresses of two clusters, of which the second one has to be the first one.
fn scene() -> (Scene, Simulated) {
    let (scene, other) = (Scene::new(""), Simulated::start());
    let cluster = &scene.cluster;
    let id = cluster.with(|state| state.cluster_id.clone());
    let topology = format!(
        "klerk: 1
defaults: {{ partitions: 3, replication: 3, retention.ms: 30d }}
topics:
  orders: {{}}
  trace: {{ only: [dev] }}
environments:
  dev:
    bootstrap: {dev}
    registry: {registry}
    cluster: {id}
    at_most: {{ replication: 1, retention.ms: 7d }}
  prod: {{ bootstrap: {prod}, registry: none, cluster: {id} }}
",
        dev = cluster.first_broker(),
        registry = cluster.registry_url(),
        prod = other.first_broker(),
    );
    (scene.file("topology.yaml", &topology), other)
}

#[test]
fn it_leads_to_its_cluster_and_to_its_values() {
    let (scene, _other) = scene();
    let alone = |line: &str| scene.steady(&scene.run_alone(line));
    insta::assert_snapshot!(alone("plan -e dev"), @r"
    status 0
    --- stdout
    + topic orders  (topology.yaml:4)
        partitions 3, replication 1
        retention.ms  7d (604800000)
    + topic trace  (topology.yaml:5)
        partitions 3, replication 1
        retention.ms  7d (604800000)

    Environment dev, cluster <cluster>
    2 to create, 0 to change, 0 blocked; 0 unchanged
    --- stderr
    ");
    insta::assert_snapshot!(alone("apply -e dev --yes -q"), @r"
    status 0
    --- stdout
    + topic orders  (topology.yaml:4)
        partitions 3, replication 1
        retention.ms  7d (604800000)
    + topic trace  (topology.yaml:5)
        partitions 3, replication 1
        retention.ms  7d (604800000)

    Environment dev, cluster <cluster>
    2 to create, 0 to change, 0 blocked; 0 unchanged
    done           + create-topic orders
    done           + create-topic trace
    Done: 2 steps: 2 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    assert_eq!(scene.cluster.topics(), ["orders", "trace"]);
    let replicas = scene.cluster.with(|state| state.topics["orders"].partitions[0].replicas.len());
    assert_eq!(replicas, 1);
    insta::assert_snapshot!(alone("plan -e dev --detailed-exitcode"), @r"
    status 0
    --- stdout
    warning topic/min-isr-above-replication: min.insync.replicas 2 of 'orders' is above its replication factor 1, which caps it  (topology.yaml:4)
    info topic/pinned-default: 'orders' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes  (topology.yaml:11)
    warning topic/min-isr-above-replication: min.insync.replicas 2 of 'trace' is above its replication factor 1, which caps it  (topology.yaml:5)
    info topic/pinned-default: 'trace' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes  (topology.yaml:11)

    Environment dev, cluster <cluster>
    0 to create, 0 to change, 0 blocked; 2 unchanged
    --- stderr
    ");
}

#[test]
fn a_saved_plan_is_for_its_environment_wherever_its_files_are() {
    let (scene, _other) = scene();
    let topology = scene.read("topology.yaml");
    let place = "    at_most: { replication: 1, retention.ms: 7d }";
    let stage = format!("  stage:\n    bootstrap: {}\n", scene.cluster.first_broker());
    let topology = topology.replace(place, format!("{place}\n{stage}").trim_end());
    std::fs::remove_file(scene.path().join("topology.yaml")).unwrap();
    scene.also("estate.yaml", &topology);
    let ran = scene.run_alone("plan -f estate.yaml -e dev --out p.json");
    assert_eq!(ran.stderr, "saved: klerk apply -e dev -f estate.yaml p.json carries it out\n");
    assert_eq!(ran.stdout.matches("Environment dev, cluster ").count(), 1, "{}", ran.stdout);
    insta::assert_snapshot!(scene.steady(&scene.run_alone("apply -e stage -f estate.yaml p.json --yes")), @r"
    status 64
    --- stdout
    --- stderr
    error: the plan was made for the environment dev, and -e names stage
      → carry it out with -e dev, or make a plan with klerk plan -e stage --out FILE
    ");
    insta::assert_snapshot!(scene.steady(&scene.run_alone("apply -f estate.yaml p.json --yes")), @r"
    status 64
    --- stdout
    --- stderr
    error: a saved plan is carried out as it is: -f only tells where the environment of -e is, and there is no -e
      → add -e NAME, or leave -f out
    ");
    assert!(scene.cluster.topics().is_empty());
    let ran = scene.run_alone("apply -e dev -f estate.yaml p.json --yes");
    assert_eq!((ran.status, scene.cluster.topics().len()), (0, 2), "{}", ran.all());
}

#[test]
fn without_a_name_nobody_is_asked() {
    let (scene, _other) = scene();
    insta::assert_snapshot!(scene.steady(&scene.run_alone("plan")), @r"
    status 64
    --- stdout
    --- stderr
    error: the topology has environments, and none is named: dev, prod
      → choose one with -e, such as -e dev
    ");
}

#[test]
fn another_cluster_than_the_pinned_one_is_left_alone() {
    let (scene, other) = scene();
    for line in ["plan -e prod", "apply -e prod --yes", "group list -e prod"] {
        let ran = scene.run_alone(line);
        let id = other.with(|state| state.cluster_id.clone());
        let told = scene.steady(&ran).replace(&id, "<other cluster>");
        let told = told.replace(&other.first_broker(), "<other broker>");
        insta::allow_duplicates! {
            insta::assert_snapshot!(told, @r"
            status 1
            --- stdout
            --- stderr
            error: <other broker>: this is cluster <other cluster>, and it has to be <cluster> (environment prod, topology.yaml:12)
              → check that the address and the environment belong together; nothing but the id was asked for
            ");
        }
    }
    assert!(other.topics().is_empty());
}
