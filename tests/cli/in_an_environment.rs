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
    warning topic/min-isr-above-replication: min.insync.replicas 2 of 'trace' is above its replication factor 1, which caps it  (topology.yaml:5)

    0 to create, 0 to change, 0 blocked; 2 unchanged
    --- stderr
    ");
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
