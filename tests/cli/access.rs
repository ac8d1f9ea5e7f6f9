//! Access as code, on a simulated cluster that keeps its entries.

use crate::scene::Scene;
use klerk_sandbox::state::access::{Acl, AclFilter};
use serde_json::Value;

const TOPOLOGY: &str = "klerk: 1
topics: { escrow.released: {}, escrow.refunded: {}, trading.executed: {} }
groups: { settlement: { topics: [escrow.*] } }
access:
  bridge: { produce: [escrow.*, trading.executed] }
  settlement: { groups: [settlement], transactions: [settlement-*] }
";

fn scene(topology: &str) -> Scene {
    let scene = Scene::new(topology);
    scene.cluster.with(|state| state.acls.authorizer = true);
    scene
}

fn read_of(principal: &str, topic: &str) -> Acl {
    Acl {
        resource_type: 2,
        resource_name: topic.to_owned(),
        pattern_type: 3,
        principal: principal.to_owned(),
        host: "*".to_owned(),
        operation: 3,
        permission_type: 3,
    }
}

fn add(scene: &Scene, acl: Acl) {
    scene.cluster.with(|state| state.acls.add(acl)).expect("an entry");
}

/// How many entries a principal has.
fn count(scene: &Scene, principal: &str) -> usize {
    let filter = AclFilter {
        resource_type: 1,
        resource_name: None,
        pattern_type: 1,
        principal: Some(principal.to_owned()),
        host: None,
        operation: 1,
        permission_type: 1,
    };
    scene.cluster.with(|state| state.acls.find(&filter).len())
}

#[test]
fn roles_are_applied_read_back_and_taken_away_again() {
    let scene = scene(TOPOLOGY);
    add(&scene, read_of("User:other", "escrow.released"));
    insta::assert_snapshot!(scene.told("plan --only access"), @r"
    status 0
    --- stdout
    + acl User:bridge  (topology.yaml:5)
        + allow write, describe on topic escrow.* (prefixed)
        + allow write, describe on topic trading.executed (literal)
        risk opens-access: somebody may do more than before
    + acl User:settlement  (topology.yaml:6)
        + allow read, describe on topic escrow.refunded (literal)
        + allow read, describe on topic escrow.released (literal)
        + allow read on group settlement (literal)
        + allow write, describe on transactional-id settlement-* (prefixed)
        risk opens-access: somebody may do more than before
        names taken from the topics of group 'settlement'

    unmanaged, left alone: 1 principal with ACLs: User:other

    2 to create, 0 to change, 0 blocked; 0 unchanged
    To apply it, --allow opens-access is needed.
    --- stderr
    ");
    let refused = scene.run("apply --yes");
    assert_eq!((refused.status, count(&scene, "User:bridge")), (4, 0), "{}", refused.all());
    insta::assert_snapshot!(scene.told("apply --yes --allow opens-access --only access"), @r"
    status 0
    --- stdout
    + acl User:bridge  (topology.yaml:5)
        + allow write, describe on topic escrow.* (prefixed)
        + allow write, describe on topic trading.executed (literal)
        risk opens-access: somebody may do more than before
    + acl User:settlement  (topology.yaml:6)
        + allow read, describe on topic escrow.refunded (literal)
        + allow read, describe on topic escrow.released (literal)
        + allow read on group settlement (literal)
        + allow write, describe on transactional-id settlement-* (prefixed)
        risk opens-access: somebody may do more than before
        names taken from the topics of group 'settlement'

    unmanaged, left alone: 1 principal with ACLs: User:other

    2 to create, 0 to change, 0 blocked; 0 unchanged
    done           + create-acl User:bridge  allow write on topic escrow.* (prefixed)
    done           + create-acl User:bridge  allow describe on topic escrow.* (prefixed)
    done           + create-acl User:bridge  allow write on topic trading.executed (literal)
    done           + create-acl User:bridge  allow describe on topic trading.executed (literal)
    done           + create-acl User:settlement  allow read on topic escrow.refunded (literal)
    done           + create-acl User:settlement  allow describe on topic escrow.refunded (literal)
    done           + create-acl User:settlement  allow read on topic escrow.released (literal)
    done           + create-acl User:settlement  allow describe on topic escrow.released (literal)
    done           + create-acl User:settlement  allow read on group settlement (literal)
    done           + create-acl User:settlement  allow write on transactional-id settlement-* (prefixed)
    done           + create-acl User:settlement  allow describe on transactional-id settlement-* (prefixed)
    Done: 11 steps: 11 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    assert_eq!((count(&scene, "User:bridge"), count(&scene, "User:settlement")), (4, 7));
    insta::assert_snapshot!(scene.told("plan --only access"), @r"
    status 0
    --- stdout
    unmanaged, left alone: 1 principal with ACLs: User:other

    0 to create, 0 to change, 0 blocked; 2 unchanged
    --- stderr
    ");

    let scene = scene.file(
        "topology.yaml",
        &TOPOLOGY.replace(", transactions: [settlement-*]", "").replace("escrow.*, trading", "trading"),
    );
    insta::assert_snapshot!(scene.told("plan --only access"), @r"
    status 0
    --- stdout
    - acl User:bridge  (topology.yaml:5)
        - allow write, describe on topic escrow.* (prefixed)
        risk closes-access: somebody may do less than before, and clients that rely on it are refused
    - acl User:settlement  (topology.yaml:6)
        - allow write, describe on transactional-id settlement-* (prefixed)
        risk closes-access: somebody may do less than before, and clients that rely on it are refused

    unmanaged, left alone: 1 principal with ACLs: User:other

    0 to create, 0 to change, 2 to delete, 0 blocked; 0 unchanged
    To apply it, --allow closes-access is needed.
    --- stderr
    ");
    let plan: Value = serde_json::from_str(&scene.run("plan --only access -o json").stdout).expect("a plan");
    insta::assert_snapshot!(plan["steps"][0], @r#"{"id":1,"kind":"delete-acl","resource":{"type":"acl","name":"User:bridge"},"from":{"principal":"User:bridge","resource_type":"topic","resource_name":"escrow.","pattern":"prefixed","operation":"write","permission":"allow","host":"*"},"to":null,"risks":["closes-access"],"impact":{"groups":[],"notes":[]},"expects":[{"resource":{"type":"acl","name":"User:bridge"},"field":"allow write on topic escrow.* (prefixed)","value":"present"}],"after":[],"origin":{"file":"topology.yaml","line":5,"column":3},"preflighted":false}"#);
    let done = scene.run("apply --yes --allow closes-access --only access");
    assert_eq!(done.status, 0, "{}", done.all());
    assert_eq!((count(&scene, "User:bridge"), count(&scene, "User:settlement")), (2, 5));
    assert_eq!(count(&scene, "User:other"), 1, "nobody spoke of it");

    // And back.
    let undone = scene.run("undo last --yes --allow opens-access");
    assert_eq!(undone.status, 0, "{}", undone.all());
    assert_eq!((count(&scene, "User:bridge"), count(&scene, "User:settlement")), (4, 7));
}

#[test]
fn a_saved_plan_is_carried_out_as_long_as_it_holds() {
    let scene = scene(TOPOLOGY);
    assert_eq!(scene.run("apply --yes --only topics").status, 0);
    assert_eq!(scene.run("plan --only access --out plan.json").status, 0);
    add(&scene, read_of("User:settlement", "escrow.released"));
    insta::assert_snapshot!(scene.told("apply plan.json --yes --allow opens-access"), @r"
    status 5
    --- stdout
    + acl User:bridge  (topology.yaml:5)
        + allow write, describe on topic escrow.* (prefixed)
        + allow write, describe on topic trading.executed (literal)
        risk opens-access: somebody may do more than before
    + acl User:settlement  (topology.yaml:6)
        + allow read, describe on topic escrow.refunded (literal)
        + allow read, describe on topic escrow.released (literal)
        + allow read on group settlement (literal)
        + allow write, describe on transactional-id settlement-* (prefixed)
        risk opens-access: somebody may do more than before
        names taken from the topics of group 'settlement'

    2 to create, 0 to change, 0 blocked; 0 unchanged
    error: things have changed since the plan was made
      → acl User:settlement: allow read on topic escrow.released (literal) was absent and is present now
    Refused; nothing was changed.
    --- stderr
    ");
    assert_eq!(scene.run("plan --only access --out plan.json").status, 0);
    assert_eq!(scene.run("apply plan.json --yes --allow opens-access").status, 0);
    assert_eq!(count(&scene, "User:settlement"), 7);
}

#[test]
fn a_cluster_without_an_authorizer_is_said_to_have_none() {
    let scene = Scene::new(TOPOLOGY);
    insta::assert_snapshot!(scene.told("apply --yes"), @r"
    status 0
    --- stdout
    + topic escrow.refunded  (topology.yaml:2)
        partitions as the broker has it, replication as the broker has it
        read by settlement
    + topic escrow.released  (topology.yaml:2)
        partitions as the broker has it, replication as the broker has it
        read by settlement
    + topic trading.executed  (topology.yaml:2)
        partitions as the broker has it, replication as the broker has it

    warning access/not-available: who may do what is left out of the plan: the cluster has no authorizer, so that everybody may do everything

    3 to create, 0 to change, 0 blocked; 0 unchanged
    done           + create-topic escrow.refunded
    done           + create-topic escrow.released
    done           + create-topic trading.executed
    Done: 3 steps: 3 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    assert_eq!(scene.run("plan --detailed-exitcode").status, 0);
}

#[test]
fn klerk_does_not_lock_itself_out() {
    let scene = scene("klerk: 1\naccess: { me: { principal: 'User:ANONYMOUS' } }\n");
    add(
        &scene,
        Acl {
            resource_type: 4,
            resource_name: "kafka-cluster".to_owned(),
            operation: 7,
            ..read_of("User:ANONYMOUS", "")
        },
    );
    insta::assert_snapshot!(scene.told("apply --yes --allow closes-access"), @r"
    status 1
    --- stdout
    - acl User:ANONYMOUS  (topology.yaml:2)
        - allow alter on the cluster
        risk closes-access: somebody may do less than before, and clients that rely on it are refused
    ! acl User:ANONYMOUS  (topology.yaml:2)
        locks-out: klerk itself is User:ANONYMOUS here, and without the entry 'allow alter on the cluster' it could no longer change who may do what, nor take this back; let another principal do it, or give User:ANONYMOUS the right to alter and describe the cluster in the file

    0 to create, 0 to change, 1 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    error: the plan has conflicts, so nothing of it is carried out
      → mend the lines that it names, then apply again
    Refused; nothing was changed.
    --- stderr
    ");
    assert_eq!(count(&scene, "User:ANONYMOUS"), 1);
}

#[test]
fn what_was_refused_bars_what_would_be_taken() {
    let scene = scene("klerk: 1\ntopics: { a: {} }\naccess: { app: { produce: [a] } }\n");
    add(&scene, read_of("User:app", "a"));
    scene.cluster.with(|state| state.faults.arm("CreateAcls refuse 31".parse().expect("a fault")));
    insta::assert_snapshot!(
        scene.told("apply --yes --only access --allow opens-access --allow closes-access"),
        @r"
    status 1
    --- stdout
    ~ acl User:app  (topology.yaml:3)
        + allow write, describe on topic a (literal)
        - allow read on topic a (literal)
        risk opens-access: somebody may do more than before
        risk closes-access: somebody may do less than before, and clients that rely on it are refused

    0 to create, 1 to change, 0 blocked; 0 unchanged
    rejected       + create-acl User:app  allow write on topic a (literal)
        CLUSTER_AUTHORIZATION_FAILED (31)
    rejected       + create-acl User:app  allow describe on topic a (literal)
        CLUSTER_AUTHORIZATION_FAILED (31)
    not-attempted  - delete-acl User:app  allow read on topic a (literal)
        step 1, which must be done before it, was not done
    Failed; nothing was changed: 3 steps: 2 rejected, 1 not-attempted.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → the same command again does what is left
    --- stderr
    "
    );
    assert_eq!(count(&scene, "User:app"), 1);
}

#[test]
fn entries_are_listed_and_the_one_that_decides_is_named() {
    let scene = scene(TOPOLOGY);
    assert_eq!(scene.run("apply --yes --allow opens-access").status, 0);
    let denied = Acl {
        permission_type: 2,
        resource_name: "trading.".to_owned(),
        pattern_type: 4,
        operation: 2,
        ..read_of("User:*", "")
    };
    add(&scene, denied);
    add(&scene, Acl { host: "10.0.0.1".to_owned(), ..read_of("User:bridge", "escrow.refunded") });
    insta::assert_snapshot!(scene.told("acl list"), @r"
    status 0
    --- stdout
    PRINCIPAL        PERMISSION  OPERATIONS       RESOURCE                                  HOST
    User:*           deny        all              topic trading.* (prefixed)                *
    User:bridge      allow       write, describe  topic escrow.* (prefixed)                 *
    User:bridge      allow       read             topic escrow.refunded (literal)           10.0.0.1
    User:bridge      allow       write, describe  topic trading.executed (literal)          *
    User:settlement  allow       read, describe   topic escrow.refunded (literal)           *
    User:settlement  allow       read, describe   topic escrow.released (literal)           *
    User:settlement  allow       read             group settlement (literal)                *
    User:settlement  allow       write, describe  transactional-id settlement-* (prefixed)  *

    13 entries of 3 principals
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("acl list --principal bridge --resource topic:escrow.refunded"), @r"
    status 0
    --- stdout
    PRINCIPAL    PERMISSION  OPERATIONS       RESOURCE                         HOST
    User:bridge  allow       write, describe  topic escrow.* (prefixed)        *
    User:bridge  allow       read             topic escrow.refunded (literal)  10.0.0.1

    3 entries of 1 principal
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("acl list --explain bridge DESCRIBE topic:escrow.created"), @r"
    status 0
    --- stdout
    User:bridge, describe on topic escrow.created: allowed
      by the entry   User:bridge: allow describe on topic escrow.* (prefixed)
      fits too       User:bridge: allow write on topic escrow.* (prefixed)
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("acl list --explain bridge write topic:trading.executed"), @r"
    status 0
    --- stdout
    User:bridge, write on topic trading.executed: denied
      by the entry   User:*: deny all on topic trading.* (prefixed)
      outweighed     User:bridge: allow write on topic trading.executed (literal)
      a super user may do it all the same, and no broker tells whether User:bridge is one
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("acl list --explain bridge read topic:escrow.refunded"), @r"
    status 0
    --- stdout
    User:bridge, read on topic escrow.refunded: denied
      topic escrow.refunded has entries, and none of them fits
      from there     User:bridge: allow read on topic escrow.refunded (literal) from 10.0.0.1
      a super user may do it all the same, and no broker tells whether User:bridge is one
      --host ADDRESS decides with the entries for single hosts
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("acl list --explain bridge read topic:escrow.refunded --host 10.0.0.1"), @r"
    status 0
    --- stdout
    User:bridge, read on topic escrow.refunded from 10.0.0.1: allowed
      by the entry   User:bridge: allow read on topic escrow.refunded (literal) from 10.0.0.1
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("acl list --explain nobody idempotent-write cluster"), @r"
    status 0
    --- stdout
    User:nobody, idempotent-write on the cluster: denied, unless allow.everyone.if.no.acl.found is true
      the cluster has no entry at all
      a super user may do it all the same, and no broker tells whether User:nobody is one
      no broker tells what allow.everyone.if.no.acl.found is; unless it was set, it is false
      since Kafka 3.0 whoever may write to any topic may do so idempotently without it
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("acl list --explain bridge create topic:escrow.created"), @r"
    status 0
    --- stdout
    User:bridge, create on topic escrow.created: denied, unless allow.everyone.if.no.acl.found is true
      the cluster has no entry at all
      to create topics takes create on the topic or on the cluster
      a super user may do it all the same, and no broker tells whether User:bridge is one
      no broker tells what allow.everyone.if.no.acl.found is; unless it was set, it is false
    --- stderr
    ");
    add(&scene, Acl { resource_type: 4, operation: 5, ..read_of("User:bridge", "kafka-cluster") });
    insta::assert_snapshot!(scene.told("acl list --explain bridge create topic:trading.executed"), @r"
    status 0
    --- stdout
    User:bridge, create on topic trading.executed: allowed
      by the entry   User:bridge: allow create on the cluster
      outweighed     User:*: deny all on topic trading.* (prefixed)
      to create topics takes create on the topic or on the cluster
    --- stderr
    ");
    let document: crate::documents::Acls =
        scene.document("acl list --explain bridge write topic:trading.executed", 0);
    assert_eq!(document.explanation.and_then(|explanation| explanation.allowed), Some(false));
    insta::assert_snapshot!(scene.told("acl list --explain bridge fly topic:a"), @r"
    status 64
    --- stdout
    --- stderr
    error: --explain: 'fly' is not an operation; there are all, read, write, create, delete, alter, describe, cluster-action, describe-configs, alter-configs, idempotent-write, create-tokens, describe-tokens, two-phase-commit
      → klerk acl list --explain User:billing read topic:orders
    ");
    insta::assert_snapshot!(scene.told("acl list --explain bridge read topic"), @r"
    status 64
    --- stdout
    --- stderr
    error: --explain: 'topic' does not say which topic
      → klerk acl list --explain User:billing read topic:orders
    ");
    insta::assert_snapshot!(scene.told("acl list --resource orders"), @r"
    status 64
    --- stdout
    --- stderr
    error: invalid value 'orders' for '--resource <TYPE[:NAME]>': 'orders' is not TYPE:NAME, such as topic:orders; types are topic, group, cluster, transactional-id, delegation-token, user
    ");
}

#[test]
fn entries_that_are_not_told_are_no_empty_list() {
    let scene = Scene::new("klerk: 1\n");
    insta::assert_snapshot!(scene.told("acl list"), @r"
    status 0
    --- stdout
    not available: the cluster has no authorizer, so that everybody may do everything
    --- stderr
    ");
    scene.cluster.with(|state| state.acls.authorizer = true);
    scene.cluster.with(|state| state.faults.arm("DescribeAcls refuse-request 31".parse().expect("a fault")));
    insta::assert_snapshot!(scene.told("acl list"), @r"
    status 3
    --- stdout
    the entries could not be read: CLUSTER_AUTHORIZATION_FAILED (31)
      it takes the right to describe the cluster
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("acl list --explain a read topic:b"), @r"
    status 3
    --- stdout
    the entries could not be read: CLUSTER_AUTHORIZATION_FAILED (31)
      it takes the right to describe the cluster
    --- stderr
    ");
}
