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
