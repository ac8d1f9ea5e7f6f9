//! `klerk export` of who may do what, how much of it, and who logs in.

use crate::scene::Scene;
use klerk_sandbox::state::access::Acl;
use serde_json::Value;

const TOPOLOGY: &str = "klerk: 1
defaults: { partitions: 1 }
topics: { escrow.released: {}, escrow.refunded: {}, trading.executed: {} }
groups: { settlement: { topics: [escrow.*], start: earliest } }
access:
  bridge: { produce: [escrow.*, trading.executed] }
  settlement: { groups: [settlement], transactions: [settlement-*] }
  auditor:
    principal: 'User:CN=auditor,O=Purple Flea'
    consume: all
    acls: [{ resource: cluster, operation: [describe, describe-configs] }]
quotas:
  - { user: webhooks, consume: 10MiB/s, request: 50% }
  - { user: default, client_id: etl, produce: 5MB/s }
  - { ip: 10.0.0.7, connections: 20/s }
users:
  settlement: { scram: [SCRAM-SHA-256, SCRAM-SHA-512], password_file: secrets/settlement, iterations: 8192 }
";

/// A cluster with an authorizer and all of the above, and an entry that nobody has written into a file.
fn estate() -> Scene {
    let scene = Scene::new(TOPOLOGY);
    scene.cluster.with(|state| state.acls.authorizer = true);
    scene.secret("secrets/settlement", "correct horse battery\n");
    let applied = scene.run("apply --yes --allow opens-access");
    assert_eq!(applied.status, 0, "{}", applied.all());
    let foreign = Acl {
        resource_type: 2,
        resource_name: "elsewhere".to_owned(),
        pattern_type: 3,
        principal: "User:other".to_owned(),
        host: "10.0.0.1".to_owned(),
        operation: 3,
        permission_type: 2,
    };
    scene.cluster.with(|state| state.acls.add(foreign)).expect("an entry");
    scene
}

#[test]
fn access_is_written_down_and_nothing_is_left_to_do_with_it() {
    let scene = estate();
    insta::assert_snapshot!(scene.told("export --out taken"), @r"
    status 0
    --- stdout
    taken/topology.yaml: 3 topics, 0 schemas in files of their own, 1 group, 4 principals, 3 quotas, 1 user
    --- stderr
    ");
    let id = scene.cluster.with(|state| state.cluster_id.clone());
    let taken = scene.read("taken/topology.yaml");
    insta::assert_snapshot!(taken.replace(&id, "ID"), @r"
    # Exported by klerk from cluster ID: what is set there, without what the brokers give anyhow,
    # and without topics, subjects and groups that may not be seen.
    klerk: 1

    defaults: { partitions: 1, replication: 3 }

    topics:
      escrow.refunded: {}
      escrow.released: {}
      trading.executed: {}

    groups:
      settlement: { topics: [escrow.refunded, escrow.released] }

    access:
      'CN=auditor,O=Purple Flea':
        consume: all
        acls: [{ resource: cluster, operation: [describe, describe-configs] }]
      bridge: { produce: ['escrow.*', trading.executed] }
      other:
        acls: [{ resource: topic, name: elsewhere, operation: read, host: '10.0.0.1', permission: deny }]
      settlement: { groups: [settlement], transactions: ['settlement-*'] }

    quotas:
      - { user: default, client_id: etl, produce: 5MB/s }
      - { ip: '10.0.0.7', connections: 20/s }
      - { user: webhooks, consume: 10MiB/s, request: 50% }

    # Nobody can read a password from a cluster: those of these users stay as they are. Their files are not
    # part of this export; klerk needs one where the user does not exist yet, and for --rotate-user.

    users:
      settlement: { scram: [SCRAM-SHA-256, SCRAM-SHA-512], password_file: secrets/settlement, iterations: 8192 }
    ");

    // Neither a password nor its file is needed where the user exists.
    assert_eq!(scene.run("validate -f taken/topology.yaml").status, 0);
    let plan = scene.run("plan -f taken/topology.yaml --detailed-exitcode");
    assert_eq!(plan.status, 0, "{}", plan.all());
    let plan = scene.run("plan -f taken/topology.yaml -o json").json();
    for (kind, unmanaged) in plan["unmanaged"].as_object().expect("what is not managed") {
        assert_eq!(unmanaged, &serde_json::json!([]), "{kind}");
    }
    assert_eq!(scene.run("export --out again").status, 0);
    assert_eq!(scene.read("again/topology.yaml"), taken, "the same cluster gives the same text");

    // Where a principal that is named may do more by now, the topology takes it away again.
    scene.also(
        "more.yaml",
        &taken.replace("bridge: { produce: ['escrow.*', trading.executed] }", "bridge: { produce: all }"),
    );
    assert_eq!(scene.run("apply -f more.yaml --yes --allow opens-access,closes-access").status, 0);
    insta::assert_snapshot!(scene.told("plan -f taken/topology.yaml"), @r"
    status 0
    --- stdout
    ~ acl User:bridge  (taken/topology.yaml:19)
        + allow write, describe on topic escrow.* (prefixed)
        + allow write, describe on topic trading.executed (literal)
        - allow write, describe on every topic (literal *)
        risk opens-access: somebody may do more than before
        risk closes-access: somebody may do less than before, and clients that rely on it are refused

    info access/every-resource: User:CN=auditor,O=Purple Flea may read and describe every topic, Kafka's own included  (taken/topology.yaml:17)

    0 to create, 1 to change, 0 blocked; 10 unchanged
    To apply it, --allow opens-access --allow closes-access is needed.
    --- stderr
    ");
}

/// A name that no file can hold is not passed over in silence.
#[test]
fn a_principal_that_a_topology_cannot_say_is_a_gap() {
    let scene = Scene::new(TOPOLOGY);
    scene.cluster.with(|state| {
        state.acls.authorizer = true;
        let odd = Acl {
            resource_type: 2,
            resource_name: " begins with a space".to_owned(),
            pattern_type: 3,
            principal: "User:odd".to_owned(),
            host: "*".to_owned(),
            operation: 3,
            permission_type: 3,
        };
        state.acls.add(odd).expect("an entry");
    });
    insta::assert_snapshot!(scene.told("export --only access --out taken"), @r"
    status 3
    --- stdout
    taken/topology.yaml: 0 topics, 0 schemas in files of their own, 0 groups
    --- stderr
    not whole: User:odd is left out, for a topology has no way to say all that it may do, such as 'allow read on topic  begins with a space (literal)'
    ");
    let document = scene.run("export --only access -o json");
    assert_eq!(document.status, 3);
    let document: Value = serde_json::from_str(&document.stdout).expect("a document");
    let gaps = &document["gaps"];
    assert!(gaps[0].as_str().is_some_and(|gap| gap.starts_with("User:odd is left out, for ")), "{gaps}");
}

#[test]
fn filters_hold_for_access_too() {
    let scene = estate();
    let export = |line: &str| {
        let ran = scene.run(line);
        assert_eq!(ran.status, 0, "{}", ran.all());
        let text: Vec<&str> = ran.stdout.lines().filter(|line| !line.starts_with("# Exported by")).collect();
        text.join("\n")
    };
    insta::assert_snapshot!(export("export --only access --match *settlement*"), @r"
    # and without topics, subjects and groups that may not be seen.
    # Only access.
    # Only names that match *settlement*.
    klerk: 1

    access:
      settlement:
        transactions: ['settlement-*']
        acls:
          - { resource: topic, name: escrow.refunded, operation: [read, describe] }
          - { resource: topic, name: escrow.released, operation: [read, describe] }
          - { resource: group, name: settlement, operation: read }

    # Nobody can read a password from a cluster: those of these users stay as they are. Their files are not
    # part of this export; klerk needs one where the user does not exist yet, and for --rotate-user.

    users:
      settlement: { scram: [SCRAM-SHA-256, SCRAM-SHA-512], password_file: secrets/settlement, iterations: 8192 }
    ");
    insta::assert_snapshot!(export("export --only access --match bridge"), @r"
    # and without topics, subjects and groups that may not be seen.
    # Only access.
    # Only names that match bridge.
    klerk: 1

    access:
      bridge:
        acls:
          - { resource: topic, name: escrow., pattern: prefixed, operation: [write, describe] }
          - { resource: topic, name: trading.executed, operation: [write, describe] }
    ");
    assert!(!export("export --only topics,groups").contains("access"));
}

#[test]
fn what_may_not_be_seen_is_a_gap_and_what_there_is_not_is_told() {
    let scene = estate();
    scene.cluster.with(|state| {
        state.faults.arm("DescribeAcls refuse-request 31".parse().expect("a fault"));
        state.faults.arm("DescribeUserScramCredentials refuse-request 31".parse().expect("a fault"));
    });
    let ran = scene.run("export --only access");
    assert_eq!(ran.status, 3, "{}", ran.all());
    insta::assert_snapshot!(ran.stderr, @r"
    not whole: access control entries could not be read: CLUSTER_AUTHORIZATION_FAILED (31); it takes the right to describe the cluster
    not whole: users could not be read: CLUSTER_AUTHORIZATION_FAILED (31); it takes the right to describe the cluster
    ");
    assert!(!ran.stdout.contains("\naccess:") && !ran.stdout.contains("\nusers:"), "{}", ran.stdout);
    assert!(ran.stdout.contains("\nquotas:"), "{}", ran.stdout);

    let open = Scene::new("klerk: 1\n");
    let ran = open.run("export");
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    let note = "\n# access control entries are not available: the cluster has no authorizer";
    assert!(ran.stdout.contains(note) && !ran.stdout.contains("\naccess:"), "{}", ran.stdout);
    let document: Value = open.run("export -o json").json();
    assert_eq!(document["gaps"], serde_json::json!([]));
}
