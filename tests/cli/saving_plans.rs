//! Plans that are saved and carried out later, on a simulated cluster.

use crate::documents::Report;
use crate::scene::Scene;

const BEFORE: &str = "klerk: 1\ntopics: { orders: { partitions: 2, replication: 3, retention.ms: 7d } }\n";
const AFTER: &str = "klerk: 1
topics:
  orders: { partitions: 2, replication: 3, retention.ms: 14d }
  events: { partitions: 1, replication: 3 }
";

/// A plan that has been saved.
fn saved() -> Scene {
    let scene = Scene::applied(BEFORE).file("topology.yaml", AFTER);
    let ran = scene.run("plan --out plan.json");
    assert_eq!(ran.status, 0, "{}", ran.all());
    scene
}

#[test]
fn what_was_saved_is_what_is_carried_out() {
    let scene = Scene::applied(BEFORE).file("topology.yaml", AFTER);
    insta::assert_snapshot!(scene.told("plan --out plan.json"), @r"
    status 0
    --- stdout
    + topic events  (topology.yaml:4)
        partitions 1, replication 3
    ~ topic orders  (topology.yaml:3)
        retention.ms  7d (604800000) → 14d (1209600000)

    1 to create, 1 to change, 0 blocked; 0 unchanged
    --- stderr
    saved: klerk apply plan.json carries it out
    ");
    assert_eq!(scene.cluster.topics(), ["orders"]);
    // The file says something else by now.
    let scene = scene.file("topology.yaml", BEFORE);
    insta::assert_snapshot!(scene.told("apply plan.json --yes -q"), @r"
    status 0
    --- stdout
    + topic events  (topology.yaml:4)
        partitions 1, replication 3
    ~ topic orders  (topology.yaml:3)
        retention.ms  7d (604800000) → 14d (1209600000)

    1 to create, 1 to change, 0 blocked; 0 unchanged
    done           + create-topic events
    done           ~ set-config orders
    Done: 2 steps: 2 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    assert_eq!(scene.cluster.topics(), ["events", "orders"]);
    insta::assert_snapshot!(scene.told("apply plan.json --yes"), @r"
    status 5
    --- stdout
    + topic events  (topology.yaml:4)
        partitions 1, replication 3
    ~ topic orders  (topology.yaml:3)
        retention.ms  7d (604800000) → 14d (1209600000)

    1 to create, 1 to change, 0 blocked; 0 unchanged
    error: things have changed since the plan was made
      → topic events: exists was absent and is true now
      → topic orders: config.retention.ms was 604800000 and is 1209600000 now
    Refused; nothing was changed.
    --- stderr
    ");
}

#[test]
fn what_it_rests_on_has_changed() {
    let scene = saved();
    scene.cluster.alter("orders", "retention.ms", Some("1000000"));
    insta::assert_snapshot!(scene.told("apply plan.json --yes -q"), @r"
    status 5
    --- stdout
    + topic events  (topology.yaml:4)
        partitions 1, replication 3
    ~ topic orders  (topology.yaml:3)
        retention.ms  7d (604800000) → 14d (1209600000)

    1 to create, 1 to change, 0 blocked; 0 unchanged
    error: things have changed since the plan was made
      → topic orders: config.retention.ms was 604800000 and is 1000000 now
    Refused; nothing was changed.
    --- stderr
    ");
    assert_eq!(scene.cluster.topics(), ["orders"], "nothing of it is done");
}

#[test]
fn it_is_for_one_cluster() {
    let (scene, other) = (saved(), Scene::new(BEFORE));
    let elsewhere = format!("apply plan.json --yes -q -b {}", other.cluster.bootstrap());
    let told = scene.told(&elsewhere);
    let other_id = other.cluster.with(|state| state.cluster_id.clone());
    insta::assert_snapshot!(told.replace(&other_id, "<other cluster>"), @r"
    status 5
    --- stdout
    + topic events  (topology.yaml:4)
        partitions 1, replication 3
    ~ topic orders  (topology.yaml:3)
        retention.ms  7d (604800000) → 14d (1209600000)

    1 to create, 1 to change, 0 blocked; 0 unchanged
    error: things have changed since the plan was made
      → cluster <cluster>: id was <cluster> and is <other cluster> now: this is another cluster than that of the plan
    Refused; nothing was changed.
    --- stderr
    ");
    assert!(other.cluster.topics().is_empty());
}

#[test]
fn a_reset_can_be_saved_too() {
    let scene = Scene::applied(BEFORE);
    scene.cluster.fill("orders", 0, 10);
    scene.cluster.commit("billing", "orders", &[4]);
    insta::assert_snapshot!(scene.told("group reset billing --topic orders:0 --to-latest --out reset.json"), @r"
    status 0
    --- stdout
    ~ group billing
        classic group
        TOPIC   PARTITION  OLD  NEW  DELTA  TIME  LAG AFTER
        orders          0    4   10     +6    5m          0
        1 partition, 1 of them moving; records skipped: 6; time between old and new: 5m at most
        risk skips-records: the group will not read some records

    0 to create, 1 to change, 0 blocked; 0 unchanged
    --- stderr
    protection by topology.yaml
    saved: klerk apply reset.json carries it out
    ");
    assert_eq!(scene.cluster.committed("billing", "orders")[0], Some(4));
    insta::assert_snapshot!(scene.told("apply reset.json --yes -q"), @r"
    status 0
    --- stdout
    ~ group billing
        classic group
        TOPIC   PARTITION  OLD  NEW  DELTA  TIME  LAG AFTER
        orders          0    4   10     +6    5m          0
        1 partition, 1 of them moving; records skipped: 6; time between old and new: 5m at most
        risk skips-records: the group will not read some records

    0 to create, 1 to change, 0 blocked; 0 unchanged
    done           ~ commit-offsets billing
    Done: 1 step: 1 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    ");
    assert_eq!(scene.cluster.committed("billing", "orders")[0], Some(10));
}

const SCHEMA: &str = r#"{"type":"record","name":"Paid","fields":[{"name":"id","type":"string"}]}"#;
const WIDER: &str = r#"{"type":"record","name":"Paid","fields":[{"name":"id","type":"string"},{"name":"by","type":"string","default":""}]}"#;

/// A saved plan that registers a second version and sets a level.
fn saved_schemas() -> Scene {
    let topology = |level: &str| {
        format!(
            "klerk: 1\ntopics: {{}}\nschemas: {{ compatibility: {level}, subjects: {{ paid: paid.avsc }} }}\n"
        )
    };
    let scene = Scene::applied_with(&topology("BACKWARD"), "paid.avsc", SCHEMA);
    let scene = scene.file("topology.yaml", &topology("FULL")).file("paid.avsc", WIDER);
    let ran = scene.run("plan --out plan.json");
    assert_eq!(ran.status, 0, "{}", ran.all());
    scene
}

/// Why the saved plan is refused as stale.
fn stale(scene: &Scene, line: &str) -> Vec<String> {
    let report: Report = scene.document(line, 5);
    assert_eq!(report.outcome, "refused");
    assert!(report.steps.iter().all(|step| step.outcome == "not-attempted"));
    report.error.expect("an error").hints
}

#[test]
fn a_version_that_somebody_else_registered_makes_it_stale() {
    let scene = saved_schemas();
    let other = SCHEMA.replace("string\"}]", "string\",\"doc\":\"who\"}]");
    scene.cluster.register("paid", &other);
    let hints = stale(&scene, "apply plan.json --yes");
    assert!(hints[0].starts_with("subject paid: latest-version was 1 and is 2 now"), "{hints:?}");
    assert_eq!(scene.cluster.versions("paid"), 2, "nothing of it is done");
}

#[test]
fn a_level_that_somebody_else_set_makes_it_stale() {
    let scene = saved_schemas();
    let none = "NONE".parse().expect("a level");
    scene.cluster.with_registry(|registry| registry.levels.insert("paid".to_owned(), none));
    assert_eq!(
        stale(&scene, "apply plan.json --yes"),
        ["subject paid: compatibility was BACKWARD and is NONE now"]
    );
    assert_eq!(scene.cluster.versions("paid"), 1, "nothing of it is done");
}

#[test]
fn schemas_are_carried_out_from_the_plan_alone() {
    let scene = saved_schemas().file("paid.avsc", "gone").file("topology.yaml", "gone");
    let report: Report = scene.document("apply plan.json --yes", 0);
    assert_eq!(report.outcome, "done");
    assert_eq!(scene.cluster.versions("paid"), 2);
}

#[test]
fn a_saved_plan_is_no_topology() {
    let scene = saved();
    for line in ["plan -f plan.json", "apply -f plan.json --yes", "validate -f plan.json"] {
        let ran = scene.run(line);
        assert_eq!(ran.status, 1, "{}", ran.all());
        assert!(ran.stderr.contains("plan.json is a saved plan, and no topology"), "{}", ran.all());
        assert!(ran.stderr.contains("→ klerk apply plan.json carries it out"), "{}", ran.all());
    }
    assert_eq!(scene.cluster.topics(), ["orders"]);
}

/// Nobody writes and nobody changes anything, and yet yesterday's plan would take what it told nobody of.
#[test]
fn records_that_have_grown_old_since_make_it_stale() {
    let scene = Scene::applied(BEFORE);
    scene.cluster.fill("orders", 0, 10);
    scene.edit("7d", "1h");
    let saved = scene.run("plan --out plan.json");
    assert!(saved.stdout.contains("estimate: 0 records go"), "{}", saved.all());
    scene.cluster.age("orders", 0, 120);
    assert_eq!(
        stale(&scene, "apply plan.json --yes --allow loses-data"),
        ["topic orders: records that go was 0 and is 10 now"]
    );
    // One that tells of them is carried out, and with the figures of now.
    assert_eq!(scene.run("plan --out plan.json").status, 0);
    let applied = scene.run("apply plan.json --yes --allow loses-data");
    assert!(applied.stdout.contains("estimate: 10 records go"), "{}", applied.all());
    assert_eq!(applied.status, 0, "{}", applied.all());
}

#[test]
fn a_topic_that_is_gone_or_came_meanwhile_makes_it_stale() {
    let scene = saved();
    scene.cluster.with(|state| state.remove_topic("orders").map(drop).expect("a topic"));
    let hints = stale(&scene, "apply plan.json --yes");
    assert!(
        hints[0].starts_with("topic orders: id was ") && hints[0].ends_with(" and is absent now"),
        "{hints:?}"
    );
    let scene = saved();
    scene.cluster.make_anew("orders");
    let hints = stale(&scene, "apply plan.json --yes");
    assert!(hints[0].starts_with("topic orders: id was "), "{hints:?}");
    assert_eq!(scene.cluster.topics(), ["orders"]);
}

#[test]
fn what_it_does_not_rest_on_may_change() {
    let scene = saved();
    scene.cluster.alter("orders", "segment.ms", Some("60000"));
    scene.apply_other("klerk: 1\ntopics: { others: { partitions: 1 } }\n");
    let report: Report = scene.document("apply plan.json --yes", 0);
    assert_eq!(report.outcome, "done");
    scene.cluster.with(|state| {
        let configs = &state.topics["orders"].configs;
        assert_eq!(configs.get("segment.ms").map(String::as_str), Some("60000"), "it is left alone");
    });
}

#[test]
fn a_saved_shift_of_offsets_is_stale_once_they_have_moved_and_a_saved_target_is_not() {
    for (strategy, status) in [("--shift-by -2", 5), ("--to-offset 3", 0)] {
        let scene = Scene::applied(BEFORE);
        scene.cluster.fill("orders", 0, 10);
        scene.cluster.commit("billing", "orders", &[6]);
        let ran = scene.run(&format!("group reset billing --topic orders:0 {strategy} --out reset.json"));
        assert_eq!(ran.status, 0, "{}", ran.all());
        scene.cluster.commit("billing", "orders", &[8]);
        let report: Report = scene.document("apply reset.json --yes", status);
        match status {
            5 => {
                let hints = report.error.expect("an error").hints;
                assert!(hints[0].contains("was 6 and is 8 now"), "{hints:?}");
                assert_eq!(scene.cluster.committed("billing", "orders")[0], Some(8));
            }
            _ => {
                let moved = report.steps[0].partitions.as_ref().expect("partitions");
                assert_eq!((moved[0].from, moved[0].to), (Some(8), Some(3)), "what is there is recorded");
                assert_eq!(scene.cluster.committed("billing", "orders")[0], Some(3));
            }
        }
    }
}

#[test]
fn a_target_that_has_gone_makes_a_saved_reset_stale() {
    let scene = Scene::applied(BEFORE);
    scene.cluster.fill("orders", 0, 10);
    scene.cluster.commit("billing", "orders", &[6]);
    assert_eq!(scene.run("group reset billing --topic orders:0 --to-offset 3 --out reset.json").status, 0);
    scene.cluster.cut("orders", 0, 5);
    let hints = stale(&scene, "apply reset.json --yes");
    assert!(hints[0].contains("3"), "{hints:?}");
    assert_eq!(scene.cluster.committed("billing", "orders")[0], Some(6));
}

/// What is changed in a saved plan, by a name for the test.
type Edit = (&'static str, fn(&mut serde_json::Value));

#[test]
fn a_plan_in_which_anything_was_changed_is_refused() {
    let scene =
        Scene::applied(BEFORE).file("topology.yaml", &AFTER.replace("partitions: 2", "partitions: 6"));
    scene.cluster.fill("orders", 0, 10);
    let ran = scene.run("plan --out plan.json");
    assert_eq!(ran.status, 0, "{}", ran.all());
    let plan: serde_json::Value = serde_json::from_str(&scene.read("plan.json")).expect("a document");
    let kinds: Vec<_> = plan["steps"].as_array().expect("steps").iter().map(|step| &step["kind"]).collect();
    assert_eq!(kinds, ["create-topic", "add-partitions", "set-config"]);
    let edits: &[Edit] = &[
        ("more partitions", |plan| plan["steps"][1]["to"]["partitions"] = 12.into()),
        ("a number as text", |plan| plan["steps"][1]["to"]["partitions"] = "6".into()),
        ("another value of a setting", |plan| plan["steps"][2]["to"]["retention.ms"] = "1".into()),
        ("another setting", |plan| plan["steps"][2]["to"]["retention.bytes"] = "1".into()),
        ("what was seen", |plan| plan["steps"][2]["from"]["retention.ms"] = "1".into()),
        ("another topic to create", |plan| plan["steps"][0]["resource"]["name"] = "evens".into()),
        ("a step removed", |plan| drop(plan["steps"].as_array_mut().expect("steps").remove(0))),
        ("steps in another order", |plan| plan["steps"].as_array_mut().expect("steps").reverse()),
        ("a risk removed", |plan| plan["steps"][1]["risks"] = serde_json::json!([])),
        ("a fact removed", |plan| drop(plan["steps"][2]["expects"].as_array_mut().expect("facts").pop())),
        ("another cluster", |plan| plan["cluster"]["id"] = "another".into()),
        ("another environment", |plan| plan["environment"] = "prod".into()),
        ("a field more", |plan| plan["approved"] = true.into()),
        ("a field of no meaning removed", |plan| {
            plan["steps"][0]
                .as_object_mut()
                .expect("a step")
                .remove("impact")
                .map(drop)
                .expect("it is there");
        }),
        ("no digest, but null", |plan| plan["digest"] = serde_json::Value::Null),
        ("another digest", |plan| plan["digest"] = format!("sha256:{:064}", 0).into()),
    ];
    for (what, edit) in edits {
        let mut edited = plan.clone();
        edit(&mut edited);
        assert_ne!(edited, plan, "{what}");
        let text = serde_json::to_string_pretty(&edited).expect("a text");
        let ran = scene.also("edited.json", &text).run("apply edited.json --yes --allow moves-keys");
        assert_eq!(ran.status, 1, "{what}: {}", ran.all());
        assert!(
            ran.stderr.contains("edited.json cannot be applied: it was changed since klerk wrote it"),
            "{what}: {}",
            ran.all()
        );
    }
    assert_eq!(scene.cluster.topics(), ["orders"], "nothing of it is done");
    insta::assert_snapshot!(scene.told("apply edited.json --yes -o json"), @r#"
    status 1
    --- stdout
    {
      "format": "klerk.error",
      "version": 1,
      "error": {
        "kind": "file",
        "message": "edited.json cannot be applied: it was changed since klerk wrote it",
        "hints": [
          "make the plan anew with --out edited.json, and say what is wanted in the topology or on the command line; a saved plan is read by people and changed by none"
        ],
        "causes": [],
        "resource": null,
        "kafka": null
      }
    }
    --- stderr
    "#);
    insta::assert_snapshot!(scene.told("apply edited.json --yes"), @r"
    status 1
    --- stdout
    --- stderr
    error: edited.json cannot be applied: it was changed since klerk wrote it
      → make the plan anew with --out edited.json, and say what is wanted in the topology or on the command line; a saved plan is read by people and changed by none
    ");
}

#[test]
fn a_plan_that_was_indented_anew_is_the_same_plan() {
    for written_anew in [
        |plan: &serde_json::Value| plan.to_string(),
        |plan: &serde_json::Value| {
            // As `jq -S` writes it: keys sorted.
            let mut plan = plan.clone();
            plan.sort_all_objects();
            serde_json::to_string_pretty(&plan).expect("a text")
        },
    ] {
        let scene = saved();
        let text = scene.read("plan.json");
        let shown = scene.run("plan -o json").stdout;
        assert_eq!(text, shown, "what is saved is what is shown");
        let anew = written_anew(&serde_json::from_str(&text).expect("a document"));
        assert_ne!(anew, text);
        let report: Report = scene.also("plan.json", &anew).document("apply plan.json --yes", 0);
        assert_eq!(report.outcome, "done");
    }
}

#[test]
fn a_plan_of_an_earlier_klerk_has_no_digest_and_that_is_said() {
    let scene = saved();
    let mut plan: serde_json::Value = serde_json::from_str(&scene.read("plan.json")).expect("a document");
    plan.as_object_mut().expect("an object").remove("digest").expect("a digest");
    let ran = scene.also("plan.json", &plan.to_string()).run("apply plan.json --yes");
    assert_eq!(ran.status, 0, "{}", ran.all());
    insta::assert_snapshot!(ran.stderr, @"plan.json has no digest, as plans of earlier versions have none: whether it is as klerk wrote it cannot be told");
}

/// What is left of a plan that was cut off, edited by hand, or made by a later klerk.
#[test]
fn a_damaged_plan_is_refused_by_what_is_wrong_with_it() {
    let scene = saved();
    let whole = scene.read("plan.json");
    let plan: serde_json::Value = serde_json::from_str(&whole).expect("a document");
    // Without its digest, as a klerk that wrote none has saved it.
    let edited = |edit: &dyn Fn(&mut serde_json::Value)| {
        let mut plan = plan.clone();
        plan.as_object_mut().expect("an object").remove("digest");
        edit(&mut plan);
        plan.to_string()
    };
    let mut told = String::new();
    for (what, text) in [
        ("cut off", whole[..20].to_owned()),
        ("empty", String::new()),
        ("another document", edited(&|plan| plan["format"] = "klerk.report".into())),
        ("a later klerk", edited(&|plan| plan["version"] = 7.into())),
        ("a later klerk's digest", edited(&|plan| plan["digest"] = "blake9:00".into())),
        ("an unknown kind", edited(&|plan| plan["steps"][0]["kind"] = "paint-topic".into())),
        ("an unknown risk", edited(&|plan| plan["steps"][0]["risks"] = serde_json::json!(["hurts"]))),
        ("a value of another kind", edited(&|plan| plan["steps"][0]["to"]["partitions"] = "many".into())),
        ("no facts", edited(&|plan| plan["steps"][1]["expects"] = serde_json::json!([]))),
        (
            "facts of another step",
            edited(&|plan| plan["steps"][1]["expects"] = plan["steps"][0]["expects"].clone()),
        ),
        ("a step twice", edited(&|plan| plan["steps"][1]["id"] = 1.into())),
        (
            "a step that waits for none that is there",
            edited(&|plan| plan["steps"][1]["after"] = serde_json::json!([9])),
        ),
    ] {
        let scene = scene.also("damaged.json", &text);
        let ran = scene.run("apply damaged.json --yes");
        assert_eq!(ran.status, 1, "{what}: {}", ran.all());
        told.push_str(&format!("{what}\n{}", ran.stderr));
    }
    assert_eq!(scene.cluster.topics(), ["orders"]);
    insta::assert_snapshot!(told, @r#"
    cut off
    error: damaged.json cannot be applied: it is no klerk.plan document: EOF while parsing a string at line 2 column 18
      → klerk plan --out FILE saves a plan; a topology is named with -f
    empty
    error: damaged.json cannot be applied: it is no klerk.plan document: EOF while parsing a value at line 1 column 0
      → klerk plan --out FILE saves a plan; a topology is named with -f
    another document
    error: damaged.json cannot be applied: it is a klerk.report document and not a klerk.plan document
      → klerk plan --out FILE saves a plan; a topology is named with -f
    a later klerk
    error: damaged.json cannot be applied: it is version 7 of klerk.plan, and this klerk reads up to version 1: use the klerk that wrote it
      → klerk plan --out FILE saves a plan; a topology is named with -f
    a later klerk's digest
    error: damaged.json cannot be applied: digest is 'blake9:00', which this klerk does not know
      → klerk plan --out FILE saves a plan; a topology is named with -f
    an unknown kind
    error: damaged.json cannot be applied: kind is 'paint-topic', which this klerk does not know
      → klerk plan --out FILE saves a plan; a topology is named with -f
    an unknown risk
    error: damaged.json cannot be applied: risks is 'hurts', which this klerk does not know
      → klerk plan --out FILE saves a plan; a topology is named with -f
    a value of another kind
    error: damaged.json cannot be applied: it is no klerk.plan document: in to: invalid type: string "many", expected i32
      → klerk plan --out FILE saves a plan; a topology is named with -f
    no facts
    error: damaged.json cannot be applied: it is not as it was saved: step 2 does not say what it rests on: id of topic orders is missing
      → plan anew; a saved plan is read by people and changed by none
    facts of another step
    error: damaged.json cannot be applied: it is not as it was saved: step 2 does not say what it rests on: id of topic orders is missing
      → plan anew; a saved plan is read by people and changed by none
    a step twice
    error: damaged.json cannot be applied: it is not as it was saved: there are two steps 1
      → plan anew; a saved plan is read by people and changed by none
    a step that waits for none that is there
    error: damaged.json cannot be applied: it is not as it was saved: step 2 waits for step 9, which does not come before it
      → plan anew; a saved plan is read by people and changed by none
    "#);
}

#[test]
fn each_config_bears_its_own_line_beside_more_partitions() {
    let said = |partitions: u32, retention: &str, segment: &str| {
        format!(
            "klerk: 1\ntopics:\n  orders:\n    partitions: {partitions}\n    replication: 1\n    retention.ms: {retention}\n    \
             segment.ms: {segment}\n"
        )
    };
    let scene = Scene::applied(&said(1, "2d", "1h")).file("topology.yaml", &said(3, "7d", "2h"));
    insta::assert_snapshot!(scene.told("plan --only topics"), @r"
    status 0
    --- stdout
    ~ topic orders  (topology.yaml:4)
        partitions  1 → 3
        retention.ms  2d (172800000) → 7d (604800000)  (topology.yaml:6)
        segment.ms  1h (3600000) → 2h (7200000)  (topology.yaml:7)
        seen reading it: no group (by the commits and members of the groups that can be seen)

    warning topic/min-isr-above-replication: min.insync.replicas 2 of 'orders' is above its replication factor 1, which caps it  (topology.yaml:3)
    info topic/pinned-default: 'orders' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes  (topology.yaml:6)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    --- stderr
    ");
}
