//! `klerk undo` over applies, on Purple Flea's estate.

use crate::estate::{estate, findings, steps};
use crate::scene::Scene;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The estate, applied, then changed by a second apply: retention, more partitions, another level.
fn changed() -> Scene {
    let estate = estate();
    estate.json("apply --yes --record first.jsonl", 0);
    estate.edit("payment: { retention.ms: 30d,", "payment: { retention.ms: 60d, max.message.bytes: 2097152,");
    estate.edit(
        "history: { retention.ms: 90d, partitions: 4 }",
        "history: { retention.ms: 90d, partitions: 6 }",
    );
    estate.edit("schemas: { compatibility: BACKWARD }", "schemas: { compatibility: FULL }");
    estate.json("apply --yes --allow moves-keys --record second.jsonl", 0);
    estate
}

#[test]
fn what_an_apply_did_is_taken_back_and_the_file_wants_exactly_that_again() {
    let estate = changed();
    let plan = estate.json("undo second.jsonl --dry-run", 0);
    let topics = ["created", "disputed", "funded", "refunded", "released"];
    let mut expected: Vec<String> = topics
        .map(|event| {
            let (from, to) = (
                r#"{"max.message.bytes":"2097152","retention.ms":"5184000000"}"#,
                r#"{"max.message.bytes":null,"retention.ms":"2592000000"}"#,
            );
            format!("set-config escrow.{event} {from} -> {to}")
        })
        .to_vec();
    let subjects =
        ["escrow.released-value", "faucet.claimed-value", "trading.executed-value", "wallet.balance-value"];
    expected.extend(subjects.map(|subject| {
        format!(r#"set-compatibility {subject} {{"level":"FULL"}} -> {{"level":"BACKWARD"}}"#)
    }));
    assert_eq!(steps(&plan), expected);
    let stay = ["domain.registered", "faucet.claimed", "wallet.deposit"];
    assert_eq!(findings(&plan), stay.map(|topic| format!("undo/not-reversible {topic}")));

    let report = estate.json("undo second.jsonl --yes --allow stops-writes --record back.jsonl", 0);
    assert_eq!((&report["outcome"], &report["command"]), (&"done".into(), &"undo".into()));
    let anew = estate.json("plan", 0);
    let reversed = |line: &String| {
        let (what, to) = line.split_once(" -> ").expect("an arrow");
        let (what, from) = what.split_once(" {").expect("a value");
        format!("{what} {to} -> {{{from}")
    };
    assert_eq!(steps(&anew), expected.iter().map(reversed).collect::<Vec<_>>());

    let again = estate.json("undo second.jsonl --yes", 0);
    assert_eq!(again["outcome"], "nothing-to-do");
    // The way back has a way back of its own.
    assert_eq!(estate.json("undo back.jsonl --yes", 0)["outcome"], "done");
    assert_eq!(steps(&estate.json("plan", 0)), Vec::<String>::new());
}

#[test]
fn levels_that_were_not_set_before_follow_the_registry_again_and_empty_topics_go() {
    let estate = estate();
    estate.json("apply --yes --record first.jsonl", 0);
    let plan = estate.json("undo first.jsonl --dry-run", 0);
    let (levels, topics): (Vec<String>, Vec<String>) =
        steps(&plan).into_iter().partition(|step| step.starts_with("set-compatibility"));
    assert_eq!((levels.len(), topics.len()), (4, 12), "{plan}");
    assert!(levels.iter().all(|step| step.ends_with(r#"-> {"level":null}"#)), "{plan}");
    assert!(topics.iter().all(|step| step.starts_with("delete-topic")), "{plan}");
    assert_eq!(findings(&plan).len(), 4, "{plan}");
    let requires = plan["requires"].as_array().expect("risks").iter().filter_map(Value::as_str);
    let allow: String = requires.map(|risk| format!(" --allow {risk}")).collect();
    assert_eq!(estate.json(&format!("undo first.jsonl --yes{allow}"), 0)["outcome"], "done");
    assert_eq!(steps(&estate.json("undo first.jsonl --dry-run", 0)), Vec::<String>::new());
    assert_eq!(steps(&estate.json("plan", 0)).len(), 16);
}

#[test]
fn what_somebody_has_changed_since_is_refused_by_name_until_it_is_allowed() {
    let estate = changed();
    estate.edit("retention.ms: 60d,", "retention.ms: 70d,");
    estate.json("apply --yes", 0);
    let refused = estate.run("undo second.jsonl --yes --allow stops-writes");
    assert_eq!(refused.status, 4);
    assert!(
        refused.stdout.contains("retention.ms: 6048000000 now, 5184000000 when the change was done"),
        "{refused:?}"
    );
    assert!(refused.stderr.contains("--allow moved-since") || refused.stdout.contains("--allow moved-since"));
    let done = estate.json("undo second.jsonl --yes --allow stops-writes --allow moved-since", 0);
    assert_eq!(done["outcome"], "done");
    assert!(steps(&done).iter().any(|step| step.contains(r#""retention.ms":"6048000000"}"#)), "{done}");
}

/// What a topic has come to be by the time of the undo.
fn one_created() -> Scene {
    let estate = estate();
    estate.also("one.yaml", "klerk: 1\ntopics: { orders: { partitions: 2 } }\n");
    estate.json("apply -f one.yaml --yes --record one.jsonl", 0);
    estate
}

#[test]
fn a_created_topic_goes_while_it_is_empty_and_stays_with_its_records_otherwise() {
    let estate = one_created();
    let plan = estate.json("undo one.jsonl --out back.json", 0);
    let step = &plan["steps"][0];
    assert_eq!((&step["kind"], &step["while_empty"]), (&json!("delete-topic"), &json!(true)));
    assert_eq!((&plan["requires"], &step["risks"]), (&json!([]), &json!([])));
    // Records come between plan and apply: the saved plan is stale, and a fresh one says how many there are.
    estate.cluster.fill("orders", 0, 3);
    let stale = estate.json("apply back.json --yes", 5);
    assert!(stale["error"]["hints"][0].as_str().unwrap().contains("records was 0 and is 3 now"), "{stale}");
    let refused = estate.json("undo one.jsonl --yes", 4);
    let hint = refused["error"]["hints"][0].as_str().unwrap();
    assert!(hint.contains("only while it is empty, and it holds up to 3 records"), "{refused}");

    let estate = one_created();
    let done = estate.json("undo one.jsonl --yes", 0);
    assert_eq!((&done["outcome"], &done["steps"][0]["kind"]), (&json!("done"), &json!("delete-topic")));
    assert_eq!(estate.json("undo one.jsonl --yes", 0)["outcome"], "nothing-to-do");

    // Another topic under the name is nobody's to delete.
    estate.json("apply -f one.yaml --yes", 0);
    let refused = estate.json("undo one.jsonl --yes", 4);
    assert!(
        refused["error"]["hints"][0].as_str().unwrap().contains("another topic bears the name"),
        "{refused}"
    );
}

#[test]
fn the_undo_of_a_created_topic_has_a_way_back_of_its_own() {
    let scene = one_created();
    let topics = scene.cluster.topics();
    let gone = scene.run("undo one.jsonl --yes");
    assert_eq!(gone.status, 0, "{}", gone.all());
    assert_ne!(scene.cluster.topics(), topics);
    let back = scene.run("undo last --yes");
    assert_eq!(back.status, 0, "{}", back.all());
    assert_eq!(scene.cluster.topics(), topics);
    assert_eq!(scene.run("plan -f one.yaml --detailed-exitcode").status, 0, "it is as the file wants it");
}

#[test]
fn a_created_topic_that_was_changed_since_goes_only_with_consent() {
    let estate = one_created();
    estate.json("undo one.jsonl --out back.json", 0);
    estate.also("two.yaml", "klerk: 1\ntopics: { orders: { partitions: 3, retention.ms: 1h } }\n");
    estate.json("apply -f two.yaml --yes", 0);
    let stale = estate.json("apply back.json --yes", 5);
    assert_eq!(
        stale["error"]["hints"],
        json!([
            "topic orders: partitions was 2 and is 3 now",
            "topic orders: configs was absent and is retention.ms=3600000 now"
        ]),
        "{stale}"
    );
    insta::assert_snapshot!(estate.told("undo one.jsonl --yes"), @r"
    status 4
    --- stdout
    - topic orders
        the whole topic: partitions 3, replication 3, id <id>, only while it is empty
        risk moved-since: things have moved since the record was made
        the topic holds no records

    warning undo/moved-since: topic orders: the topic has been changed since: partitions: 3 now, 2 when it was created; retention.ms: 3600000 now, not set when it was created; it goes with what it is now (--allow moved-since)

    0 to create, 0 to change, 1 to delete, 0 blocked; 0 unchanged
    To apply it, --allow moved-since is needed.
    error: the risk moved-since is not allowed, and there is no terminal to ask at
      → add --allow moved-since
      → moved-since: things have moved since the record was made
    Refused; nothing was changed.
    --- stderr
    protection by topology.yaml
    ");
    let done = estate.json("undo one.jsonl --yes --allow moved-since", 0);
    assert_eq!((&done["outcome"], &done["steps"][0]["kind"]), (&json!("done"), &json!("delete-topic")));
}

#[test]
fn a_record_of_which_nothing_can_be_taken_back_is_refused_with_the_reasons() {
    let estate = one_created();
    estate.cluster.fill("orders", 0, 1);
    let refused = estate.json("undo one.jsonl --yes", 4);
    assert_eq!((&refused["outcome"], &refused["error"]["kind"]), (&"refused".into(), &"refused".into()));
    assert!(refused["error"]["hints"][0].as_str().unwrap().contains("topic orders"), "{refused}");
}

#[test]
fn a_record_of_topics_and_groups_goes_back_in_one_plan() {
    let estate = changed();
    let reset = "group reset fresh --new-group --topic faucet.claimed:0-1 --to-latest --yes --settle 0s";
    estate.json(&format!("{reset} --record reset.jsonl"), 0);
    let lines = |name: &str| -> Vec<Value> {
        estate.read(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    // One run that did both: the reset as its last step.
    let (mut record, reset) = (lines("second.jsonl"), lines("reset.jsonl"));
    let mut step = reset[0]["plan"]["steps"][0].clone();
    step["id"] = json!(99);
    record[0]["plan"]["steps"].as_array_mut().unwrap().push(step);
    let footer = record.last_mut().unwrap();
    footer["steps"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "step": 99, "outcome": "done", "settled": "as-asked" }));
    let text: String = record.iter().map(|line| format!("{line}\n")).collect();
    estate.also("mixed.jsonl", &text);

    let report = estate.json("undo mixed.jsonl --yes --allow stops-writes", 0);
    assert_eq!(report["outcome"], "done", "{report}");
    assert_eq!(steps(&report).len(), 10);
    assert!(steps(&report)[9].starts_with("delete-offsets fresh"), "{report}");
    assert_eq!(estate.json("undo mixed.jsonl --yes", 0)["outcome"], "nothing-to-do");
}

#[test]
fn commits_stand_still_for_as_long_as_was_said() {
    let scene = Scene::applied("klerk: 1\ntopics: { orders: { partitions: 2 } }\n");
    scene.cluster.fill("orders", 0, 9);
    scene.cluster.commit("billing", "orders", &[4, 0]);
    let ran = scene.run("group reset billing --all-topics --to-latest --yes --settle 0s --record r.jsonl");
    assert_eq!(ran.status, 0, "{}", ran.all());
    let asked = Instant::now();
    let ran = scene.run("undo r.jsonl --yes --settle 7s");
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(asked.elapsed() >= Duration::from_secs(7), "it waits no less than it was told to");
}

#[test]
fn the_way_back_of_many_that_are_alike_is_told_together() {
    let lines: Vec<String> = (0..30).map(|number| format!("  t{number:02}: {{ partitions: 1 }}\n")).collect();
    let scene = Scene::applied(&format!("klerk: 1\ntopics:\n{}", lines.concat()));
    insta::assert_snapshot!(scene.told("undo last --dry-run"), @r"
    status 0
    --- stdout
    - 30 topics: t00, t01, t02, t03, t04, t05, t06, t07, t08, t09, and 20 more
        the whole topic: partitions 1, replication 3, only while it is empty
        the topic holds no records

    What changes alike is told of together; --full tells of each by itself.
    0 to create, 0 to change, 30 to delete, 0 blocked; 0 unchanged
    --- stderr
    protection by topology.yaml
    ");
}

#[test]
fn the_way_back_tells_what_it_takes_as_a_plan_does() {
    let said = |config: &str| {
        format!("klerk: 1\ntopics: {{ orders: {{ partitions: 1, replication: 3, {config} }} }}\n")
    };
    for (before, after) in [
        ("retention.ms: 1m", "retention.ms: 7d"),
        ("cleanup.policy: delete, retention.ms: 1m", "cleanup.policy: compact, retention.ms: 1m"),
        ("cleanup.policy: compact", "cleanup.policy: delete"),
    ] {
        let scene = Scene::applied(&said(before));
        scene.cluster.fill_keyed("orders", 0, 10);
        scene.cluster.commit("billing", "orders", &[2]);
        let scene = scene.file("topology.yaml", &said(after));
        let requires = scene.json("plan", 0)["requires"].clone();
        let allow: String = requires
            .as_array()
            .unwrap()
            .iter()
            .map(|one| format!(" --allow {}", one.as_str().unwrap()))
            .collect();
        scene.json(&format!("apply --yes{allow} --record there.jsonl"), 0);
        let back = scene.json("undo there.jsonl --dry-run", 0);
        let scene = scene.file("topology.yaml", &said(before));
        let planned = scene.json("plan", 0);
        // Figures by age move on with the time; how they were made, and what has none, does not.
        let made = |plan: &Value| -> Vec<Value> {
            let loss = &plan["steps"][0]["impact"]["loss"];
            let all = ["records", "bytes", "span", "last_write", "unread"];
            all.iter().map(|one| json!([loss[one]["how"], loss[one]["not_available"]])).collect()
        };
        assert_eq!(made(&back), made(&planned), "{before} {back}");
        assert!(!back.to_string().contains("nobody answered"), "{before}: {back}");
    }
}

/// How many replicas each partition has.
fn replicas(scene: &Scene) -> Vec<usize> {
    let of = |state: &mut klerk_sandbox::State| {
        state.topics["orders"].partitions.iter().map(|partition| partition.replicas.len()).collect()
    };
    scene.cluster.with(of)
}

#[test]
fn partitions_that_stay_get_the_replication_that_the_others_go_back_to() {
    let said = |partitions: i32, replication: i32| {
        format!(
            "klerk: 1\ntopics: {{ orders: {{ partitions: {partitions}, replication: {replication}, \
             min.insync.replicas: 1 }} }}\n"
        )
    };
    for (before, after) in [(1, 3), (3, 1)] {
        let scene = Scene::applied(&said(2, before)).file("topology.yaml", &said(4, after));
        scene.cluster.fill("orders", 0, 10);
        let allow = "--allow moves-replicas,moves-keys,weakens-durability";
        scene.json(&format!("apply --yes {allow} --record there.jsonl"), 0);
        assert_eq!(replicas(&scene), vec![after as usize; 4]);
        let plan = scene.json("undo there.jsonl --dry-run", 0);
        assert_eq!(steps(&plan).len(), 1, "{plan}");
        assert_eq!(findings(&plan), ["undo/not-reversible orders"]);
        assert_eq!(plan["steps"][0]["to"]["replication"], before, "{plan}");
        scene.json("undo there.jsonl --yes --allow moves-replicas,weakens-durability --record back.jsonl", 0);
        assert_eq!(replicas(&scene), vec![before as usize; 4]);
        let scene = scene.file("topology.yaml", &said(4, before));
        assert_eq!(steps(&scene.json("plan", 0)), Vec::<String>::new());
        assert_eq!(scene.json("undo there.jsonl --yes", 0)["outcome"], "nothing-to-do");
        scene.json("undo back.jsonl --yes --allow moves-replicas,weakens-durability", 0);
        assert_eq!(replicas(&scene), vec![after as usize; 4]);
    }
}
