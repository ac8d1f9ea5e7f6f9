//! Two applies on one cluster at the same time, which want different things.

use crate::documents::Report;
use crate::scene::Scene;
use klerk_sandbox::faults::Times;
use klerk_sandbox::registry::{HttpFault, HttpHarm};
use std::process::Child;
use std::time::Duration;

const BEFORE: &str = "klerk: 1
defaults: { partitions: 1, replication: 3 }
topics:
  bills:  { retention.ms: 7d }
  orders: { retention.ms: 7d }
";
/// What the first one wants.
const FIRST: &str = "klerk: 1
topics:
  orders: { retention.ms: 1d }
";
/// What the second one wants, which looks at the cluster before the first one has done anything.
const SECOND: &str = "klerk: 1
defaults: { partitions: 1, replication: 3 }
topics:
  bills:  { retention.ms: 14d }
  events: {}
  orders: { retention.ms: 14d }
";

fn scene() -> Scene {
    Scene::applied(BEFORE).file("first.yaml", FIRST).file("second.yaml", SECOND)
}

/// The first one comes and goes while the second one waits for an answer.
fn overtaken(scene: &Scene, line: &str) -> (i32, Report) {
    let second: Child = scene.start(&format!("{line} -o json"));
    scene.cluster.await_faults();
    let first = scene.run("apply -f first.yaml --yes --allow loses-data");
    assert_eq!(first.status, 0, "{}", first.all());
    scene.cluster.disarm();
    let output = second.wait_with_output().expect("it ends");
    let report = serde_json::from_slice(&output.stdout).expect("a report");
    (output.status.code().expect("a status"), report)
}

fn retention(scene: &Scene, topic: &str) -> Option<String> {
    scene.cluster.with(|state| state.topics[topic].configs.get("retention.ms").cloned())
}

fn fates(report: &Report) -> Vec<String> {
    let step = |step: &crate::documents::StepReport| {
        let note = step.note.as_deref().unwrap_or("-");
        format!("{} {}: {}: {note}", step.kind, step.resource.name, step.outcome)
    };
    report.steps.iter().map(step).collect()
}

#[test]
fn one_that_was_overtaken_while_it_planned_changes_nothing() {
    let scene = scene();
    // The question whether the topic would be created is a request of the same kind.
    scene.cluster.arm("CreateTopics resource=events late 60s once");
    let (status, report) = overtaken(&scene, "apply -f second.yaml --yes");
    assert_eq!(status, 5, "{report:#?}");
    assert_eq!(report.outcome, "refused");
    let error = report.error.as_ref().expect("an error");
    assert_eq!(error.kind, "stale");
    assert_eq!(error.hints, ["topic orders: config.retention.ms was 604800000 and is 86400000 now"]);
    assert_eq!(
        fates(&report),
        [
            "create-topic events: not-attempted: the plan is stale",
            "set-config bills: not-attempted: the plan is stale",
            "set-config orders: not-attempted: no longer what was planned: topic orders: config.retention.ms was 604800000 \
         and is 86400000 now",
        ]
    );
    assert_eq!(retention(&scene, "orders").as_deref(), Some("86400000"));
    assert_eq!(scene.cluster.topics(), ["bills", "orders"]);
}

#[test]
fn one_that_was_overtaken_while_it_wrote_stops_and_undoes_nothing() {
    for flags in ["", " --batch 1"] {
        let scene = scene();
        scene.cluster.arm("CreateTopics resource=events late 60s after 1 once");
        let (status, report) = overtaken(&scene, &format!("apply -f second.yaml --yes{flags}"));
        assert_eq!(status, 3, "{report:#?}");
        assert_eq!(report.outcome, "partial");
        let error = report.error.as_ref().expect("an error");
        assert_eq!(error.kind, "stale");
        assert_eq!(error.hints, ["topic orders: config.retention.ms was 604800000 and is 86400000 now"]);
        let fates = fates(&report);
        assert_eq!(fates[0], "create-topic events: done: -");
        assert_eq!(
            fates.last().map(String::as_str),
            Some(
                "set-config orders: not-attempted: no longer what was planned: topic orders: config.retention.ms was \
                 604800000 and is 86400000 now"
            )
        );
        assert_eq!(retention(&scene, "orders").as_deref(), Some("86400000"), "what the first one did stays");
        // Planned anew, it is what the second file asks for, and nobody is overtaken.
        let again = scene.run("apply -f second.yaml --yes");
        assert_eq!(again.status, 0, "{}", again.all());
        assert_eq!(retention(&scene, "orders").as_deref(), Some("1209600000"));
    }
}

#[test]
fn one_that_was_overtaken_says_so_to_people_too() {
    let scene = scene();
    scene.cluster.arm("CreateTopics resource=events late 60s after 1 once");
    let second = scene.start("apply -f second.yaml --yes -q");
    scene.cluster.await_faults();
    assert_eq!(scene.run("apply -f first.yaml --yes --allow loses-data").status, 0);
    scene.cluster.disarm();
    let output = second.wait_with_output().expect("it ends");
    let told = String::from_utf8(output.stdout).expect("text");
    let told = told.split("0 unchanged\n").nth(1).expect("the report");
    let told: Vec<&str> = told.lines().filter(|line| !line.contains(".jsonl")).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    done           + create-topic events
    not-attempted  ~ set-config bills
        the plan is stale
    not-attempted  ~ set-config orders
        no longer what was planned: topic orders: config.retention.ms was 604800000 and is 86400000 now
    error: things have changed since the plan was made
      → topic orders: config.retention.ms was 604800000 and is 86400000 now
    Partly done: 3 steps: 1 done, 2 not-attempted.
      → plan anew to see what is left, and what somebody else has changed
    ");
}

/// A level is set by one request for each subject, in the order of their names.
#[test]
fn levels_are_not_set_back_either() {
    const SCHEMA: &str = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"string"}]}"#;
    let topology = |level: &str| {
        format!(
            "klerk: 1\ntopics: {{}}\nschemas: {{ compatibility: {level}, subjects: {{ a: r.avsc, b: r.avsc }} }}\n"
        )
    };
    let scene = Scene::new(&topology("BACKWARD")).file("r.avsc", SCHEMA);
    scene.apply();
    let scene = scene.file("second.yaml", &topology("FORWARD"));
    let late = HttpFault {
        method: Some("PUT".to_owned()),
        path: Some("/config/a".to_owned()),
        harm: HttpHarm::Late(Duration::from_secs(6)),
        times: Times::Next(1),
    };
    scene.cluster.with_registry(|registry| registry.arm(late));
    let second = scene.start("apply -f second.yaml --yes -o json");
    // Somebody sets the other one meanwhile.
    while scene.cluster.with_registry(|registry| registry.harmed.is_empty()) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let full = "FULL".parse().expect("a level");
    scene.cluster.with_registry(|registry| registry.levels.insert("b".to_owned(), full));
    let output = second.wait_with_output().expect("it ends");
    let report: Report = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(output.status.code(), Some(3), "{report:#?}");
    assert_eq!(
        report.error.expect("an error").hints,
        ["subject b: compatibility was BACKWARD and is FULL now"]
    );
    let level = scene.cluster.with_registry(|registry| registry.levels["b"].to_string());
    assert_eq!(level, "FULL");
}
