//! What a policy holds plans to, and what is unwise, where a real broker tells the rest.

use crate::documents::{Plan, Report};
use crate::scene::Scene;
use anyhow::{Result, ensure};
use klerk_testbed::{Cluster, ClusterOptions};

const POLICY: &str = "policy:
  changes: { add-partitions: approve, delete-topic: by-hand }
  scope: orders
  unlisted_configs: reset
  max_change_share: 50%
";

#[test]
fn a_policy_is_kept_on_a_real_broker() -> Result<()> {
    let cluster = Cluster::start(ClusterOptions::one_broker())?;
    let client = cluster.client();
    let scene = Scene::new(&cluster.bootstrap())?;
    let write = |topics: &str| scene.write("topology.yaml", &format!("klerk: 1\ntopics:\n{topics}{POLICY}"));
    client.create_topic(
        "orders",
        1,
        1,
        &[("retention.ms", "3600000"), ("flush.ms", "7000"), ("leader.replication.throttled.replicas", "*")],
    )?;
    client.create_topic("other", 1, 1, &[])?;

    // What nobody names goes, but for what a mover of replicas sets; the rest of the values are the broker's to tell.
    write("  orders: { partitions: 1, replication: 1, retention.ms: 1h }\n")?;
    let plan: Plan = scene.json("plan", 0)?;
    assert_eq!((plan.steps.len(), plan.requires.len()), (1, 0));
    assert_eq!(plan.steps[0].to, serde_json::json!({ "flush.ms": null }));
    let codes: Vec<&str> = plan.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["topic/retention-below-segment", "topic/throttle-left", "topic/unlisted-reset"]);
    scene.klerk("apply --yes").run()?.expect_status(0)?;
    let plan: Plan = scene.json("plan --detailed-exitcode", 0)?;
    assert!(plan.steps.is_empty());

    // A kind of change that is to be approved, of a topic without records, so that nothing else stands in the way.
    write("  orders: { partitions: 3, replication: 1, retention.ms: 1h }\n")?;
    scene.klerk("plan --out plan.json").run()?.expect_status(0)?;
    for refused in ["apply --yes", "apply plan.json --yes", "apply --yes --allow moves-keys,set-config"] {
        scene.klerk(refused).run()?.expect_status(4)?;
    }
    let report: Report = scene.json("apply plan.json --yes --allow add-partitions", 0)?;
    assert_eq!(report.steps.len(), 1);

    // What is done by hand no flag allows, and what lies outside the scope nothing does.
    write("  orders: { state: absent }\n")?;
    scene.klerk("apply --yes --allow delete-topic").run()?.expect_status(4)?;
    scene.klerk("topic delete orders --yes --allow delete-topic").run()?.expect_status(4)?;
    let plan: Plan = scene.json("topic delete other --dry-run", 1)?;
    assert_eq!(plan.conflicts[0].reason, "out-of-scope");
    ensure!(plan.policy.is_some_and(|policy| policy.changes["delete-topic"] == "by-hand"));
    scene.klerk("plan --strict").run()?.expect_status(0)?;
    Ok(())
}
