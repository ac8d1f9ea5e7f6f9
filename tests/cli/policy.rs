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
        seen reading it: no group (by the commits and members of the groups that can be seen)

    info topic/pinned-default: 'orders' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes  (more.yaml:2)

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
        subjects of a schema registry stay as they are
        seen reading it: no group (by the commits and members of the groups that can be seen)
        seen writing it: no producer (by the producers with an id, whom brokers remember for producer.id.expiration.ms, 1 day unless set)

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
        subjects of a schema registry stay as they are
        seen reading it: no group (by the commits and members of the groups that can be seen)
        seen writing it: no producer (by the producers with an id, whom brokers remember for producer.id.expiration.ms, 1 day unless set)

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

#[test]
fn what_lies_outside_the_scope_is_not_touched() {
    let scoped = "klerk: 1\ntopics: { trade: {} }\npolicy: { scope: trade }\n";
    let scene = Scene::applied(ORDERS).file("scoped.yaml", scoped);
    insta::assert_snapshot!(scene.told("topic delete orders -f scoped.yaml --yes --allow loses-data -q"), @r"
    status 1
    --- stdout
    ! topic orders
        out-of-scope: 'orders' lies outside the scope of this estate, which the policy sets at scoped.yaml:3:18: trade

    0 to create, 0 to change, 1 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    error: the plan has conflicts, so nothing of it is carried out
      → ask for something else, or change what stands in the way, and run the command again
    Refused; nothing was changed.
    --- stderr
    ");
    let outside = scoped.replace("trade: {}", "trade: {}, orders: {}");
    let scene = scene.file("scoped.yaml", &outside);
    assert_eq!(scene.run("plan -f scoped.yaml").status, 1);
    assert!(scene.cluster.topics().contains(&"orders".to_owned()));
}

#[test]
fn a_plan_that_changes_too_much_has_to_be_allowed() {
    let estate = |retention: &str| {
        let names = ["a", "b", "c", "d", "e"].map(|name| format!("{name}: {{}}")).join(", ");
        format!(
            "klerk: 1\ndefaults: {{ replication: 3, flush.ms: {retention} }}\ntopics: {{ {names} }}\npolicy: {{ max_change_share: 40% }}\n"
        )
    };
    let scene = Scene::applied(&estate("1s")).file("more.yaml", &estate("2s"));
    insta::assert_snapshot!(scene.told("apply -f more.yaml --yes"), @r"
    status 4
    --- stdout
    ~ topic a  (more.yaml:2)
        flush.ms  1s (1000) → 2s (2000)
    ~ topic b  (more.yaml:2)
        flush.ms  1s (1000) → 2s (2000)
    ~ topic c  (more.yaml:2)
        flush.ms  1s (1000) → 2s (2000)
    ~ topic d  (more.yaml:2)
        flush.ms  1s (1000) → 2s (2000)
    ~ topic e  (more.yaml:2)
        flush.ms  1s (1000) → 2s (2000)

    warning plan/max-change-share: 5 of 5 topics are changed or deleted, and the policy's share of 40% lets one plan do so to 2  (more.yaml:4)

    0 to create, 5 to change, 0 blocked; 0 unchanged
    To apply it, --allow max-change-share is needed.
    error: a change of more than max-change-share is not allowed, and there is no terminal to ask at
      → add --allow max-change-share
      → max-change-share: the plan changes or deletes more of what the topology names than its policy lets one plan do
    Refused; nothing was changed.
    --- stderr
    ");
    assert_eq!(scene.run("apply -f more.yaml --yes --match [ab]").status, 0, "two of five");
    assert_eq!(scene.run("plan -f more.yaml --strict").status, 4, "a warning like any other");
    let ran = scene.run("apply -f more.yaml --yes --strict");
    assert_eq!(ran.status, 4);
    assert!(ran.stdout.contains("--allow max-change-share lets it pass"), "{}", ran.all());
    let ran = scene.run("apply -f more.yaml --yes --strict --allow max-change-share");
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert_eq!(scene.run("plan -f more.yaml --detailed-exitcode").status, 0);
}

#[test]
fn a_saved_plan_with_a_share_and_other_things_than_topics_is_carried_out_and_undone() {
    let estate = "klerk: 1
topics: { a: { replication: 3 } }
quotas: [{ user: etl, consume: 10MiB/s }, { user: web, consume: 10MiB/s }, { user: app, consume: 10MiB/s }]
policy: { max_change_share: 10% }
";
    let scene = Scene::applied(estate).file("topology.yaml", &estate.replace("10MiB", "20MiB"));
    let plan: Plan = scene.document("plan --out plan.json", 0);
    assert_eq!(plan.requires, Vec::<String>::new(), "the share is of topics, subjects and groups");
    let ran = scene.run("apply plan.json --yes");
    assert_eq!(ran.status, 0, "{}", ran.all());
    let ran = scene.run("undo last --yes");
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert_eq!(scene.run("plan --detailed-exitcode").status, 2);
}

#[test]
fn what_no_file_names_is_reset_where_the_policy_says_so() {
    let reset = ORDERS.replace("changes: { add-partitions: approve }", "unlisted_configs: reset");
    let scene = Scene::applied(ORDERS).file("reset.yaml", &reset);
    scene.cluster.alter("orders", "segment.ms", Some("3600000"));
    insta::assert_snapshot!(scene.told("plan"), @r"
    status 0
    --- stdout
    info topic/pinned-default: 'orders' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes  (topology.yaml:2)
    info topic/unlisted-configs: topic orders: 1 config set on the topic and not named by the file, left alone: segment.ms=3600000  (topology.yaml:2)

    0 to create, 0 to change, 0 blocked; 1 unchanged
    --- stderr
    ");
    insta::assert_snapshot!(scene.told("apply -f reset.yaml --yes"), @r"
    status 0
    --- stdout
    ~ topic orders  (reset.yaml:3)
        segment.ms  1h (3600000) → unset, as the broker has it
        segment.ms follows the broker: 7d (604800000)

    info topic/pinned-default: 'orders' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes  (reset.yaml:2)
    info topic/unlisted-reset: set on 'orders' and not named by the file, so that the policy has it reset: segment.ms  (reset.yaml:3)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    done           ~ set-config orders
    Done: 1 step: 1 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    assert_eq!(scene.run("plan -f reset.yaml --detailed-exitcode").status, 0);
}

#[test]
fn warnings_refuse_where_none_may_pass() {
    let unwise = "klerk: 1\ntopics:\n  orders: { partitions: 2, replication: 3, min.insync.replicas: 3 }\n";
    let scene = Scene::new(unwise).file("wise.yaml", &unwise.replace("replicas: 3", "replicas: 2"));
    insta::assert_snapshot!(scene.told("plan --strict"), @r"
    status 4
    --- stdout
    + topic orders  (topology.yaml:3)
        partitions 2, replication 3
        min.insync.replicas  3

    warning topic/min-isr-equals-replication: min.insync.replicas 3 of 'orders' equals its replication factor: as soon as one replica is behind, writes with acks=all are refused; 2 leaves room for one  (topology.yaml:3)

    1 to create, 0 to change, 0 blocked; 0 unchanged
    --- stderr
    refused: --strict lets no warning pass
    ");
    insta::assert_snapshot!(scene.told("apply --strict --yes"), @r"
    status 4
    --- stdout
    + topic orders  (topology.yaml:3)
        partitions 2, replication 3
        min.insync.replicas  3

    warning topic/min-isr-equals-replication: min.insync.replicas 3 of 'orders' equals its replication factor: as soon as one replica is behind, writes with acks=all are refused; 2 leaves room for one  (topology.yaml:3)

    1 to create, 0 to change, 0 blocked; 0 unchanged
    error: --strict lets no warning pass
      → topic/min-isr-equals-replication: min.insync.replicas 3 of 'orders' equals its replication factor: as soon as one replica is behind, writes with acks=all are refused; 2 leaves room for one
    Refused; nothing was changed.
    --- stderr
    ");
    assert_eq!(scene.run("plan --strict --detailed-exitcode").status, 4);
    assert_eq!(scene.run("plan -f wise.yaml --strict --detailed-exitcode").status, 2);
    assert!(scene.cluster.topics().is_empty());
    assert_eq!(scene.run("apply -f wise.yaml --strict --yes").status, 0);
    assert_eq!(scene.run("apply plan.json --strict").status, 64);
}
