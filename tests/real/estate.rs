//! The main job, whole: Purple Flea's estate from nothing, and back after somebody has changed things by hand.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use klerk_testbed::{Cluster, ClusterOptions, Registry, Run, Tool};
use serde_json::{Value, json};

/// klerk in the folder of the project, where `topology.yaml` and `schemas/` are.
fn klerk(cluster: &Cluster, registry: &Registry) -> Result<Run> {
    Ok(Run::new(env!("CARGO_BIN_EXE_klerk"))?
        .in_folder(env!("CARGO_MANIFEST_DIR"))
        .env("KLERK_BOOTSTRAP", &cluster.bootstrap())
        .env("KLERK_REGISTRY", &registry.url()))
}

fn document(run: &Run, args: &[&str], status: i32) -> Result<Value> {
    let stdout = run.clone().args(args.iter().copied()).run()?.expect_status(status)?;
    serde_json::from_str(&stdout).with_context(|| format!("not one JSON document: {stdout}"))
}

/// What a plan would do, by kind and resource, with before and after.
fn steps(plan: &Value) -> BTreeMap<(String, String), (Value, Value)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    plan["steps"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|step| {
            let key = (text(&step["kind"]), text(&step["resource"]["name"]));
            (key, (step["from"].clone(), step["to"].clone()))
        })
        .collect()
}

#[test]
fn an_estate_is_applied_and_changes_by_hand_are_found_and_undone() -> Result<()> {
    let cluster = Cluster::start(ClusterOptions::three_brokers())?;
    let registry = Registry::start()?;
    let klerk = klerk(&cluster, &registry)?;

    klerk.clone().args(["validate"]).run()?.expect_status(0)?;

    let plan = document(&klerk, &["plan", "-o", "json"], 0)?;
    assert_eq!(
        plan["summary"],
        json!({"create": 16, "change": 0, "delete": 0, "blocked": 0, "unchanged": 0}),
        "12 topics and 4 schemas"
    );
    assert_eq!((&plan["appliable"], &plan["conflicts"]), (&json!(true), &json!([])));
    assert_eq!(plan["cluster"]["id"].as_str().map(str::len), Some(22));
    klerk.clone().args(["plan", "--detailed-exitcode"]).run()?.expect_status(2)?;

    let refused = document(&klerk, &["apply", "-o", "json"], 4)?;
    assert_eq!(refused["outcome"], "refused", "nobody has consented");
    assert_eq!(cluster.client().topics()?.len(), 0);

    let report = document(&klerk, &["apply", "--yes", "-o", "json"], 0)?;
    assert_eq!(report["outcome"], "done");
    for step in report["steps"].as_array().context("steps")? {
        assert_eq!((&step["outcome"], &step["settled"]), (&json!("done"), &json!("as-asked")), "{step}");
    }

    klerk.clone().args(["plan", "--detailed-exitcode"]).run()?.expect_status(0)?;
    assert_eq!(cluster.client().topics()?.get("trading.executed"), Some(&16));
    assert_eq!(registry.get("/subjects/escrow.released-value/versions")?.checked()?, "[1]");

    by_hand(&cluster, "trading.executed", &["--add-config", "retention.ms=86400000"])?;
    by_hand(&cluster, "casino.outcome", &["--delete-config", "compression.type"])?;
    by_hand(&cluster, "wallet.balance", &["--add-config", "min.cleanable.dirty.ratio=0.70"])?;

    let plan = document(&klerk, &["plan", "--detailed-exitcode", "-o", "json"], 2)?;
    let change =
        |topic: &str, from: Value, to: Value| (("set-config".to_owned(), topic.to_owned()), (from, to));
    let expected = BTreeMap::from([
        change("trading.executed", json!({"retention.ms": "86400000"}), json!({"retention.ms": "604800000"})),
        change("casino.outcome", json!({"compression.type": null}), json!({"compression.type": "snappy"})),
        change(
            "wallet.balance",
            json!({"min.cleanable.dirty.ratio": "0.7"}),
            json!({"min.cleanable.dirty.ratio": "0.1"}),
        ),
    ]);
    assert_eq!(steps(&plan), expected, "exactly the three that were changed");

    klerk.clone().args(["apply", "--yes"]).run()?.expect_status(0)?;
    klerk.clone().args(["plan", "--detailed-exitcode"]).run()?.expect_status(0)?;
    Ok(())
}

fn by_hand(cluster: &Cluster, topic: &str, change: &[&str]) -> Result<()> {
    let args = [&["--alter", "--entity-type", "topics", "--entity-name", topic], change].concat();
    cluster.tool(Tool::Configs, &args)?.checked()?;
    Ok(())
}
