//! A schema registry that is not there, at the plan and in the middle of an apply.

use crate::documents::{ErrorDocument, Plan, Report};
use crate::scene::{IN_GOOD_TIME, Scene, breakable, document, many_topics};
use anyhow::{Context, Result, ensure};
use klerk_testbed::{Registry, shared, unique_name};
use std::time::Instant;

const SCHEMA: &str = r#"{"type":"record","name":"Paid","fields":[{"name":"id","type":"string"}]}"#;

#[test]
fn a_registry_that_is_down_at_the_plan_is_an_error_and_no_pass() -> Result<()> {
    let registry = Registry::start()?;
    let topic = unique_name("down");
    let scene = Scene::new(&shared()?.cluster.bootstrap())?.with_registry(&registry.url());
    scene.write("topology.yaml", &format!("klerk: 1\ntopics:\n  {topic}: {{ value: paid.avsc }}\n"))?;
    scene.write("paid.avsc", SCHEMA)?;
    let refused = |what: &str| -> Result<()> {
        for line in ["plan", "plan --detailed-exitcode", "apply --yes"] {
            let started = Instant::now();
            let error: ErrorDocument = scene.json(&format!("{line} -X request.timeout.ms=2000"), 1)?;
            ensure!(error.error.kind == what, "{line}: {:?}", error.error);
            ensure!(error.error.message.contains("registry"), "{:?}", error.error);
            ensure!(!error.error.hints.is_empty(), "{:?}", error.error);
            ensure!(started.elapsed() < IN_GOOD_TIME, "{line} took {:?}", started.elapsed());
        }
        let outcome = scene.klerk("plan").run()?;
        ensure!(outcome.status == Some(1) && outcome.stdout.is_empty(), "{outcome:?}");
        ensure!(outcome.stderr.contains(&registry.url()), "which registry? {}", outcome.stderr);
        Ok(())
    };
    registry.kill()?;
    refused("connect")?;
    ensure!(!shared()?.cluster.client().topics()?.contains_key(&topic), "something was done");

    registry.restart_empty()?;
    registry.pause()?;
    let error: ErrorDocument = scene.json("plan -X request.timeout.ms=1000", 1)?;
    assert_eq!(error.error.kind, "timeout");
    registry.resume()?;
    let plan: Plan = scene.json("plan", 0)?;
    assert_eq!(plan.steps.len(), 2);
    registry.end()
}

#[test]
fn a_registry_that_dies_in_mid_apply_leaves_its_steps_undone_and_says_so() -> Result<()> {
    let servers = breakable()?;
    let registry = Registry::start()?;
    let scene = servers.scene()?.with_registry(&registry.url());
    let mut topology = many_topics("half", 640, 1);
    topology.push_str("schemas:\n  compatibility: FULL\n  subjects: { paid: paid.avsc, owed: paid.avsc }\n");
    scene.write("topology.yaml", &topology)?;
    scene.write("paid.avsc", SCHEMA)?;

    let stopped = scene.apply_until_first_reply()?;
    registry.kill()?;
    let report: Report = document(stopped.finish()?, 3)?;
    assert_eq!(report.outcome, "partial");
    ensure!(report.error.as_ref().is_none_or(|error| error.kind != "stale"), "{:?}", report.error);
    for step in &report.steps {
        match step.resource.kind.as_str() {
            "topic" => ensure!(matches!(&*step.outcome, "done" | "accepted"), "{step:?}"),
            _ => {
                ensure!(step.outcome == "not-attempted", "{step:?}");
                let why = step.note.as_deref().context("why not?")?;
                // A level is read again before it is set, and a version waits for the level of its subject.
                let waits =
                    step.kind == "register-schema" && why.ends_with("must be done before it, was not done");
                ensure!(waits || why.contains("the schema registry cannot be reached"), "{step:?}");
            }
        }
    }
    let topics = report.steps.iter().filter(|step| step.resource.kind == "topic").count();
    assert_eq!((topics, report.steps.len() - topics), (640, 4));

    registry.restart_empty()?;
    let report: Report = scene.json("apply --yes", 0)?;
    let kinds: Vec<&str> = report.steps.iter().map(|step| step.kind.as_str()).collect();
    assert_eq!(kinds, ["set-compatibility", "set-compatibility", "register-schema", "register-schema"]);
    ensure!(report.steps.iter().all(|step| step.outcome == "done"), "{report:#?}");
    let plan: Plan = scene.json("plan --detailed-exitcode", 0)?;
    assert!(plan.steps.is_empty());
    registry.end()
}
