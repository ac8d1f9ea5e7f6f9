//! Quotas and users as code, on a simulated cluster.

use crate::run::Place;
use crate::scene::Scene;
use klerk_sandbox::state::access::Mechanism;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;

const QUOTAS: &str = "klerk: 1
quotas:
  - { user: webhooks, consume: 10MiB/s, request: 50% }
  - { user: default, client_id: etl, produce: 5MB/s }
  - { ip: 10.0.0.7, connections: 20/s }
";
const USERS: &str = "klerk: 1
users:
  settlement: { scram: [SCRAM-SHA-256, SCRAM-SHA-512], password_file: secrets/settlement, iterations: 8192 }
";
const PASSWORD: &str = "correct horse battery";

fn with_password(topology: &str) -> Scene {
    let scene = Scene::new(topology);
    scene.secret("secrets/settlement", &format!("{PASSWORD}\n"));
    scene
}

/// The iterations that the cluster holds for a user and a mechanism.
fn iterations(scene: &Scene, user: &str, mechanism: Mechanism) -> Option<i32> {
    scene.cluster.with(|state| state.users.of(user).and_then(|of| of.get(&mechanism).copied()))
}

#[test]
fn quotas_are_set_read_back_changed_and_taken_back() {
    let scene = Scene::new(QUOTAS);
    insta::assert_snapshot!(scene.told("apply --yes"), @r"
    status 0
    --- stdout
    + quota ip 10.0.0.7  (topology.yaml:5)
        + connections 20/s
    + quota user by default, client-id etl  (topology.yaml:4)
        + produce 5 MB/s (5000000)
    + quota user webhooks  (topology.yaml:3)
        + consume 10 MiB/s (10485760)
        + request 50%

    3 to create, 0 to change, 0 blocked; 0 unchanged
    done           + set-quota ip 10.0.0.7  connections 20/s
    done           + set-quota user by default, client-id etl  produce 5 MB/s (5000000)
    done           + set-quota user webhooks  consume 10 MiB/s (10485760), request 50%
    Done: 3 steps: 3 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("plan"), @r"
    status 0
    --- stdout
    0 to create, 0 to change, 0 blocked; 3 unchanged
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("quota list"), @r"
    status 0
    --- stdout
    ENTITY                          QUOTAS
    user by default, client-id etl  produce 5 MB/s (5000000)
    ip 10.0.0.7                     connections 20/s
    user webhooks                   consume 10 MiB/s (10485760), request 50%

    3 quotas
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("quota list --match ip*"), @r"
    status 0
    --- stdout
    ENTITY       QUOTAS
    ip 10.0.0.7  connections 20/s

    1 quota
    --- stderr
    ");
    let listed: crate::documents::Quotas = scene.document("quota list", 0);
    assert_eq!((listed.quotas.len(), listed.visible_only), (3, Some(false)));

    let scene = scene.file(
        "topology.yaml",
        "klerk: 1
quotas:
  - { user: webhooks, consume: 1MiB/s, request: unset, mutations: 2/s }
  - { ip: 10.0.0.7, state: absent }
",
    );
    assert_eq!(scene.run("plan --out plan.json").status, 0);
    insta::assert_snapshot!(scene.told("apply plan.json --yes"), @r"
    status 0
    --- stdout
    ~ quota user webhooks  (topology.yaml:3)
        ~ consume: 10 MiB/s (10485760) → 1 MiB/s (1048576)
        + mutations 2/s
        - request 50%
    - quota ip 10.0.0.7  (topology.yaml:4)
        - connections 20/s

    unmanaged, left alone: 1 quota: user by default, client-id etl

    0 to create, 1 to change, 1 to delete, 0 blocked; 0 unchanged
    done           ~ set-quota user webhooks  consume: 10 MiB/s (10485760) → 1 MiB/s (1048576), mutations 2/s, - request 50%
    done           - delete-quota ip 10.0.0.7  - connections 20/s
    Done: 2 steps: 2 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    let plan: Value = serde_json::from_str(&scene.read("plan.json")).expect("a plan");
    insta::assert_snapshot!(plan["steps"][0], @r#"{"id":1,"kind":"set-quota","resource":{"type":"quota","name":"user webhooks"},"from":{"consumer_byte_rate":10485760.0,"controller_mutation_rate":null,"request_percentage":50.0},"to":{"consumer_byte_rate":1048576.0,"controller_mutation_rate":2.0,"request_percentage":null},"entity":{"user":"webhooks"},"risks":[],"impact":{"groups":[],"notes":[]},"expects":[{"resource":{"type":"quota","name":"user webhooks"},"field":"consume","value":"10 MiB/s (10485760)"},{"resource":{"type":"quota","name":"user webhooks"},"field":"mutations","value":null},{"resource":{"type":"quota","name":"user webhooks"},"field":"request","value":"50%"}],"after":[],"origin":{"file":"topology.yaml","line":3,"column":5},"preflighted":true}"#);
    assert_eq!(scene.run("apply plan.json --yes").status, 5, "it has been carried out");
    insta::assert_snapshot!(scene.told("undo last --yes"), @r"
    status 0
    --- stdout
    + quota ip 10.0.0.7
        + connections 20/s
    ~ quota user webhooks
        ~ consume: 1 MiB/s (1048576) → 10 MiB/s (10485760)
        - mutations 2/s
        + request 50%

    1 to create, 1 to change, 0 blocked; 0 unchanged
    done           + set-quota ip 10.0.0.7  connections 20/s
    done           ~ set-quota user webhooks  consume: 1 MiB/s (1048576) → 10 MiB/s (10485760), - mutations 2/s, request 50%
    Done: 2 steps: 2 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    protection by topology.yaml
    ");
    insta::assert_snapshot!(scene.told("quota list"), @r"
    status 0
    --- stdout
    ENTITY                          QUOTAS
    user by default, client-id etl  produce 5 MB/s (5000000)
    ip 10.0.0.7                     connections 20/s
    user webhooks                   consume 10 MiB/s (10485760), request 50%

    3 quotas
    --- stderr
    ");
}

#[test]
fn what_a_broker_refuses_of_quotas_is_a_conflict() {
    let scene = Scene::new("klerk: 1\nquotas: [{ ip: no.such.host.invalid, connections: 1 }]\n");
    insta::assert_snapshot!(scene.told("apply --yes"), @r"
    status 1
    --- stdout
    ! quota ip no.such.host.invalid  (topology.yaml:2)
        refused-by-broker: the quotas would not be changed: INVALID_REQUEST (42): no.such.host.invalid is not a valid IP or resolvable host.

    0 to create, 0 to change, 1 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    error: the plan has conflicts, so nothing of it is carried out
      → mend the lines that it names, then apply again
    Refused; nothing was changed.
    --- stderr
    ");
    let scene = Scene::new(QUOTAS);
    scene
        .cluster
        .with(|state| state.faults.arm("DescribeClientQuotas refuse-request 31".parse().expect("a fault")));
    insta::assert_snapshot!(scene.told("plan"), @r"
    status 1
    --- stdout
    ! quota ip 10.0.0.7  (topology.yaml:5)
        not-readable: the quotas could not be read, so nobody can tell what would change: CLUSTER_AUTHORIZATION_FAILED (31); it takes the right to describe the configs of the cluster, or leave them out with --only
    ! quota user by default, client-id etl  (topology.yaml:4)
        not-readable: the quotas could not be read, so nobody can tell what would change: CLUSTER_AUTHORIZATION_FAILED (31); it takes the right to describe the configs of the cluster, or leave them out with --only
    ! quota user webhooks  (topology.yaml:3)
        not-readable: the quotas could not be read, so nobody can tell what would change: CLUSTER_AUTHORIZATION_FAILED (31); it takes the right to describe the configs of the cluster, or leave them out with --only

    0 to create, 0 to change, 3 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! could not be read.
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("quota list"), @r"
    status 3
    --- stdout
    the quotas could not be read: CLUSTER_AUTHORIZATION_FAILED (31)
      it takes the right to describe the configs of the cluster
    --- stderr
    ");
}

#[test]
fn users_are_made_once_and_get_a_new_password_when_told() {
    let scene = with_password(USERS);
    assert_eq!(scene.run("apply --yes").status, 4, "somebody may do more than before");
    insta::assert_snapshot!(scene.told("apply --yes --allow opens-access"), @r"
    status 0
    --- stdout
    + user settlement  (topology.yaml:3)
        + SCRAM-SHA-256, 8192 iterations, from secrets/settlement
        + SCRAM-SHA-512, 8192 iterations, from secrets/settlement
        risk opens-access: somebody may do more than before

    1 to create, 0 to change, 0 blocked; 0 unchanged
    done           + set-user settlement  SCRAM-SHA-256
    done           + set-user settlement  SCRAM-SHA-512
    Done: 2 steps: 2 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    assert_eq!(iterations(&scene, "settlement", Mechanism::Sha256), Some(8192));
    assert_eq!(iterations(&scene, "settlement", Mechanism::Sha512), Some(8192));
    insta::assert_snapshot!(scene.told("plan"), @r"
    status 0
    --- stdout
    0 to create, 0 to change, 0 blocked; 1 unchanged
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("user list"), @r"
    status 0
    --- stdout
    USER        MECHANISMS
    settlement  SCRAM-SHA-256 (8192 iterations), SCRAM-SHA-512 (8192 iterations)

    1 user
    --- stderr
    ");

    let scene = scene.file("topology.yaml", &USERS.replace("8192", "4096"));
    insta::assert_snapshot!(scene.told("plan"), @r"
    status 0
    --- stdout
    info user/iterations: SCRAM-SHA-256 of 'settlement' has 8192 iterations, and the file says 4096: they come with a new password, by --rotate-user settlement  (topology.yaml:3)
    info user/iterations: SCRAM-SHA-512 of 'settlement' has 8192 iterations, and the file says 4096: they come with a new password, by --rotate-user settlement  (topology.yaml:3)

    0 to create, 0 to change, 0 blocked; 1 unchanged
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("apply --rotate-user settlement --yes --allow closes-access"), @r"
    status 0
    --- stdout
    ~ user settlement  (topology.yaml:3)
        ~ SCRAM-SHA-256: a new password, 4096 iterations, from secrets/settlement
        ~ SCRAM-SHA-512: a new password, 4096 iterations, from secrets/settlement
        risk closes-access: somebody may do less than before, and clients that rely on it are refused
        whoever logs in as 'settlement' with the password before is refused from then on

    0 to create, 1 to change, 0 blocked; 0 unchanged
    done           ~ set-user settlement  SCRAM-SHA-256
    done           ~ set-user settlement  SCRAM-SHA-512
    Done: 2 steps: 2 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
    --- stderr
    ");
    assert_eq!(iterations(&scene, "settlement", Mechanism::Sha512), Some(4096));
    insta::assert_snapshot!(scene.told("undo last --yes"), @r"
    status 4
    --- stdout
    warning undo/not-reversible: the password of user 'settlement' for SCRAM-SHA-256 was replaced, and nobody can read the one before: give it in its file and let apply --rotate-user settlement set it again
    warning undo/not-reversible: the password of user 'settlement' for SCRAM-SHA-512 was replaced, and nobody can read the one before: give it in its file and let apply --rotate-user settlement set it again

    0 to create, 0 to change, 0 blocked; 0 unchanged
    error: nothing of what the record tells can be taken back
      → user settlement: the password of user 'settlement' for SCRAM-SHA-256 was replaced, and nobody can read the one before: give it in its file and let apply --rotate-user settlement set it again
      → user settlement: the password of user 'settlement' for SCRAM-SHA-512 was replaced, and nobody can read the one before: give it in its file and let apply --rotate-user settlement set it again
    Refused; nothing was changed.
    --- stderr
    protection by topology.yaml
    ");
    insta::assert_snapshot!(scene.told("plan --rotate-user nobody"), @r"
    status 1
    --- stdout
    ! user nobody
        other: no file names user 'nobody', so nobody knows where its new password is

    0 to create, 0 to change, 1 blocked; 1 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    --- stderr
    ");

    let scene = scene.file("topology.yaml", "klerk: 1\nusers: { settlement: { state: absent } }\n");
    assert_eq!(scene.run("apply --yes --allow closes-access").status, 0);
    assert_eq!(iterations(&scene, "settlement", Mechanism::Sha256), None);
    insta::assert_snapshot!(scene.told("undo last --yes"), @r"
    status 4
    --- stdout
    warning undo/not-reversible: user 'settlement' lost its login by SCRAM-SHA-256, and nobody can read the password that it had: name the user in the file again, and it is made anew
    warning undo/not-reversible: user 'settlement' lost its login by SCRAM-SHA-512, and nobody can read the password that it had: name the user in the file again, and it is made anew

    0 to create, 0 to change, 0 blocked; 0 unchanged
    error: nothing of what the record tells can be taken back
      → user settlement: user 'settlement' lost its login by SCRAM-SHA-256, and nobody can read the password that it had: name the user in the file again, and it is made anew
      → user settlement: user 'settlement' lost its login by SCRAM-SHA-512, and nobody can read the password that it had: name the user in the file again, and it is made anew
    Refused; nothing was changed.
    --- stderr
    protection by topology.yaml
    ");
}

#[test]
fn a_user_that_was_made_goes_by_an_undo() {
    let scene = with_password(USERS);
    assert_eq!(scene.run("apply --yes --allow opens-access").status, 0);
    assert_eq!(scene.run("undo last --yes --allow closes-access").status, 0);
    assert_eq!(iterations(&scene, "settlement", Mechanism::Sha256), None);
    assert_eq!(iterations(&scene, "settlement", Mechanism::Sha512), None);
}

#[test]
fn a_password_stands_nowhere_but_in_its_file() {
    let scene = with_password(USERS);
    let mut told = scene.run("plan --out plan.json -v").all();
    told.push_str(&scene.read("plan.json"));
    told.push_str(
        &scene.run("apply plan.json --yes --allow opens-access --record r.jsonl -v --explain-requests").all(),
    );
    told.push_str(&scene.read("r.jsonl"));
    assert_eq!(iterations(&scene, "settlement", Mechanism::Sha256), Some(8192));
    told.push_str(&scene.run("user list -o json -v").all());
    told.push_str(&scene.run("undo r.jsonl --dry-run -o json").all());
    told.push_str(&scene.run("export --only access -v").all());
    told.push_str(&scene.run("export -o json").all());
    told.push_str(&scene.run("history").all());
    assert!(told.contains("secrets/settlement"), "the file is named");
    for secret in [PASSWORD, "horse"] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[test]
fn a_saved_plan_sends_the_password_that_it_was_made_with_from_wherever_it_is_carried_out() {
    let scene = with_password(USERS);
    assert_eq!(scene.run("plan --out plan.json").status, 0);
    let answered = scene.run("plan -o json").stdout;
    scene.also("answered.json", &answered);
    // Elsewhere there is a file of the same name, and it is not the one that was meant.
    let elsewhere = Place::new().file("secrets/settlement", "");
    let bootstrap = scene.cluster.bootstrap();
    for plan in ["plan.json", "answered.json"] {
        let path = scene.path().join(plan);
        let line = format!("apply {} --yes --allow opens-access --record {plan}l", path.display());
        let ran = elsewhere.run_with(&line, &[("KLERK_BOOTSTRAP", &bootstrap)], "");
        assert_eq!(ran.status, 0, "{}", ran.all());
        assert_eq!(iterations(&scene, "settlement", Mechanism::Sha512), Some(8192));
        let undone = elsewhere.run_with(
            &format!("undo {plan}l --yes --allow closes-access"),
            &[("KLERK_BOOTSTRAP", &bootstrap)],
            "",
        );
        assert_eq!(undone.status, 0, "{}", undone.all());
    }
}

#[test]
fn a_password_that_cannot_be_read_is_told_before_anything_is_done() {
    let scene = Scene::new(&format!("{USERS}topics: {{ a: {{}} }}\n"));
    insta::assert_snapshot!(scene.told("apply --yes --allow opens-access"), @r"
    status 1
    --- stdout
    + topic a  (topology.yaml:4)
        partitions as the broker has it, replication as the broker has it
    ! user settlement  (topology.yaml:3)
        other: the password_file of user 'settlement' cannot be used: cannot read 'secrets/settlement': No such file or directory (os error 2)

    1 to create, 0 to change, 1 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    error: the plan has conflicts, so nothing of it is carried out
      → mend the lines that it names, then apply again
    Refused; nothing was changed.
    --- stderr
    ");
    let scene = with_password(USERS);
    assert_eq!(scene.run("plan --out plan.json").status, 0);
    scene.secret("secrets/settlement", "");
    insta::assert_snapshot!(scene.told("apply plan.json --yes --allow opens-access"), @r"
    status 1
    --- stdout
    + user settlement  (topology.yaml:3)
        + SCRAM-SHA-256, 8192 iterations, from <folder>/secrets/settlement
        + SCRAM-SHA-512, 8192 iterations, from <folder>/secrets/settlement
        risk opens-access: somebody may do more than before

    1 to create, 0 to change, 0 blocked; 0 unchanged
    not-attempted  + set-user settlement  SCRAM-SHA-256
        '<folder>/secrets/settlement' is empty
    not-attempted  + set-user settlement  SCRAM-SHA-512
        '<folder>/secrets/settlement' is empty
    Failed; nothing was changed: 2 steps: 2 not-attempted.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → the same command again does what is left
    --- stderr
    ");
    scene.secret("secrets/settlement", "short");
    scene.cluster.with(|state| {
        state.faults.arm("AlterUserScramCredentials refuse 93".parse().expect("a fault"));
    });
    insta::assert_snapshot!(scene.told("apply --yes --allow opens-access"), @r"
    status 1
    --- stdout
    + user settlement  (topology.yaml:3)
        + SCRAM-SHA-256, 8192 iterations, from secrets/settlement
        + SCRAM-SHA-512, 8192 iterations, from secrets/settlement
        risk opens-access: somebody may do more than before

    1 to create, 0 to change, 0 blocked; 0 unchanged
    rejected       + set-user settlement  SCRAM-SHA-256
        UNACCEPTABLE_CREDENTIAL (93)
    rejected       + set-user settlement  SCRAM-SHA-512
        UNACCEPTABLE_CREDENTIAL (93)
    Failed; nothing was changed: 2 steps: 2 rejected.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → the same command again does what is left
    --- stderr
    ");
}

/// As with every other file that holds a secret; what is warned of goes on all the same.
#[test]
fn a_password_file_that_everybody_may_read_is_warned_of() {
    let scene = with_password(USERS);
    let lines = ["validate", "plan --out plan.json", "apply plan.json --yes --allow opens-access"];
    let open = |mode| {
        let path = scene.path().join("secrets/settlement");
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("it is set");
    };
    for line in &lines[..2] {
        assert_eq!(scene.run(line).stderr.matches("warning").count(), 0, "{line}");
    }
    open(0o644);
    for line in lines {
        if line.starts_with("plan") {
            std::fs::remove_file(scene.path().join("plan.json")).expect("it was saved");
        }
        let ran = scene.run(line);
        assert_eq!(ran.status, 0, "{line}: {}", ran.all());
        let warned: Vec<&str> = ran.stderr.lines().filter(|line| line.starts_with("warning: ")).collect();
        assert_eq!(warned.len(), 1, "{line}: {}", ran.all());
        let words =
            "secrets/settlement holds a secret, and everybody on this machine may read it: chmod 600 ";
        assert!(warned[0].contains(words), "{line}: {}", ran.all());
    }
    assert_eq!(scene.run("plan --only topics").stderr.matches("holds a secret").count(), 0);
}
