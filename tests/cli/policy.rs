//! What a topology's policy holds its own plans to.

use crate::documents::Plan;
use crate::scene::Scene;
use std::fs;

const ORDERS: &str = "klerk: 1
topics: { orders: { partitions: 2, replication: 3, retention.ms: 7d } }
policy: { changes: { add-partitions: approve } }
";

/// The records of what was carried out, newest last.
fn records(scene: &Scene) -> Vec<String> {
    let cluster = scene.cluster.with(|state| state.cluster_id.clone());
    let folder = scene.path().join(".local/state/klerk").join(cluster);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

#[test]
fn a_kind_of_change_is_approved_by_its_name() {
    let scene = Scene::applied(ORDERS).file("more.yaml", &ORDERS.replace("partitions: 2", "partitions: 6"));
    let partitions = || scene.cluster.with(|state| state.topics["orders"].partitions.len());
    insta::assert_snapshot!(scene.told("apply -f more.yaml --yes"), @r"
    status 4
    --- stdout
    ~ topic orders  (more.yaml:2)
        partitions  2 → 6

    0 to create, 1 to change, 0 blocked; 0 unchanged
    To apply it, --allow add-partitions is needed.
    error: the change add-partitions is not allowed, and there is no terminal to ask at
      → add --allow add-partitions
      → add-partitions: the policy of the topology wants this kind of change to be allowed by name
    Refused; nothing was changed.
    --- stderr
    ");
    assert_eq!(scene.run("apply -f more.yaml --yes --allow moves-keys,set-config").status, 4, "other names");
    let plan: Plan = scene.document("plan -f more.yaml --out plan.json", 0);
    assert_eq!(plan.requires, ["add-partitions"]);
    assert_eq!(scene.run("apply plan.json --yes").status, 4, "a saved plan is held to it too");
    assert_eq!(partitions(), 2);
    let ran = scene.run("apply plan.json --yes --allow add-partitions");
    assert_eq!((ran.status, partitions()), (0, 6), "{}", ran.all());
    let last = records(&scene).pop().unwrap();
    assert!(last.contains(r#""policy":{"add-partitions":"flag"}"#), "{last}");
}

#[test]
fn what_is_done_by_hand_is_no_step_of_apply() {
    let absent = "klerk: 1
topics: { orders: { state: absent } }
policy: { changes: { delete-topic: by-hand } }
";
    let scene = Scene::applied(ORDERS).file("absent.yaml", absent);
    insta::assert_snapshot!(scene.told("apply -f absent.yaml --yes --allow delete-topic"), @r"
    status 4
    --- stdout
    - topic orders  (absent.yaml:2)
        the whole topic: partitions 2, replication 3, id <id>
        the topic holds no records
        not put to the server beforehand

    0 to create, 0 to change, 1 to delete, 0 blocked; 0 unchanged
    By hand only, as the policy says: delete-topic.
    error: the policy wants delete-topic done by hand, and a step of apply is not
      → delete-topic: klerk topic delete does it, at a terminal
    Refused; nothing was changed.
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("topic delete orders -f absent.yaml --yes --allow delete-topic -q"), @r"
    status 4
    --- stdout
    - topic orders
        the whole topic: partitions 2, replication 3, id <id>
        the topic holds no records
        not put to the server beforehand

    0 to create, 0 to change, 1 to delete, 0 blocked; 0 unchanged
    By hand only, as the policy says: delete-topic.
    error: the policy wants delete-topic done by hand, and there is no terminal to do it at
      → run it at a terminal, and type the name when it asks
    Refused; nothing was changed.
    --- stderr
    ");
    assert_eq!(scene.run("apply -f absent.yaml --dry-run").status, 0, "to look at it is allowed");
    assert!(scene.cluster.topics().contains(&"orders".to_owned()));
}

#[test]
fn a_name_that_is_neither_a_risk_nor_a_kind() {
    let scene = Scene::new(ORDERS);
    insta::assert_snapshot!(scene.told("apply --allow add-partition"), @r"
    status 64
    --- stdout
    --- stderr
    error: invalid value 'add-partition' for '--allow <NAME>': 'add-partition' is neither a risk nor a kind of change; did you mean add-partitions?
    ");
    let told = scene.told("apply --allow everything");
    assert!(
        told.contains("'everything' is neither a risk nor a kind of change; there are loses-data, "),
        "{told}"
    );
}
