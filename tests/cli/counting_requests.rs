//! What goes over the wire, as `--explain-requests` tells it.

use crate::scene::Scene;

const ORDERS: &str = "klerk: 1\ntopics: { orders: { partitions: 3, replication: 3 } }\n";

/// The lines about requests. One broker is given, so that the command does not try several at once.
fn counted(scene: &Scene, line: &str) -> String {
    let ran = scene.run(&format!("{line} --explain-requests -b {}", scene.cluster.first_broker()));
    assert_eq!(ran.status, 0, "{}", ran.all());
    ran.stderr
}

#[test]
fn a_plan() {
    let scene = Scene::new(ORDERS);
    insta::assert_snapshot!(counted(&scene, "plan -q"), @r"
    CreateTopics 1
    ListGroups 3
    Metadata 3
    requests 7
    ");
    scene.apply();
    insta::assert_snapshot!(counted(&scene, "plan -q"), @r"
    DescribeConfigs 1
    ListGroups 3
    ListPartitionReassignments 1
    Metadata 2
    requests 7
    ");
}

#[test]
fn the_lag_of_all_groups() {
    let scene = Scene::applied(ORDERS);
    scene.cluster.fill("orders", 0, 10);
    for number in 0..200 {
        scene.cluster.commit(&format!("group-{number}"), "orders", &[1, 0, 0]);
    }
    insta::assert_snapshot!(counted(&scene, "group lag"), @r"
    DescribeCluster 1
    ListGroups 3
    ListOffsets 6
    Metadata 2
    OffsetFetch 3
    requests 15
    ");
}
