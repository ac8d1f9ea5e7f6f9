//! Deletions on a real broker, and what a plan says of the records that go, against what the broker then deletes.

use crate::documents::{Plan, Report};
use crate::scene::{Scene, until};
use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use klerk_testbed::{Cluster, ClusterOptions, Record};

const RECORDS: i64 = 40;
/// So large that a dozen of them fill a segment of the smallest size that Kafka takes.
const RECORD_BYTES: usize = 100_000;
const RECORDS_A_SEGMENT: i64 = 11;

/// A broker that looks for old segments twice a second.
fn cluster() -> Result<Cluster> {
    let options = ClusterOptions::one_broker()
        .property("log.retention.check.interval.ms", "500")
        .property("log.initial.task.delay.ms", "500");
    Cluster::start(options)
}

fn estimate(plan: &Plan, figure: &str) -> Result<serde_json::Value> {
    let loss = plan.steps[0].impact.loss.as_ref().context("no loss")?;
    let told = &loss[figure];
    ensure!(!told["value"].is_null() && told["how"].is_string(), "{figure}: {told}");
    Ok(told["value"].clone())
}

#[test]
fn what_goes_is_told_before_and_goes() -> Result<()> {
    let cluster = cluster()?;
    let client = cluster.client();
    let scene = Scene::new(&cluster.bootstrap())?;
    let write = |text: &str| scene.write("topology.yaml", &format!("klerk: 1\ntopics:\n{text}"));
    let settings = "partitions: 1, replication: 1, segment.bytes: 1MiB";
    write(&format!("  legacy: {{ {settings}, retention.ms: forever }}\n  kept: {{ partitions: 1 }}\n"))?;
    scene.klerk("apply --yes").run()?.expect_status(0)?;

    // Half of the records are ten days old.
    let now = Timestamp::now().as_millisecond();
    let value = "x".repeat(RECORD_BYTES);
    for number in 0..RECORDS {
        let days = if number < RECORDS / 2 { 10 } else { 0 };
        let record = Record::new(now - days * 86_400_000 + number, None, &value);
        client.produce("legacy", 0, &[record])?;
    }
    client.commit_offsets("slow", &[("legacy", 0, 5)])?;
    client.commit_offsets("done", &[("legacy", 0, RECORDS)])?;

    write(&format!("  legacy: {{ {settings}, retention.ms: 1d }}\n  kept: {{ partitions: 1 }}\n"))?;
    let plan: Plan = scene.json("plan", 0)?;
    assert_eq!(plan.steps[0].risks, ["loses-data"]);
    assert_eq!(estimate(&plan, "records")?, RECORDS / 2);
    assert_eq!(
        estimate(&plan, "unread")?,
        serde_json::json!([{ "group": "slow", "records": RECORDS / 2 - 5 }])
    );
    let bytes = estimate(&plan, "bytes")?.as_i64().context("bytes")?;
    let about = RECORDS / 2 * RECORD_BYTES as i64;
    ensure!((about..about + about / 20).contains(&bytes), "{bytes} bytes");
    scene.klerk("apply --yes --allow loses-data").run()?.expect_status(0)?;
    until("the broker deletes old segments", || Ok(client.log_start("legacy", 0)? > 0))?;
    let gone = client.log_start("legacy", 0)?;
    ensure!((RECORDS / 2 - RECORDS_A_SEGMENT..=RECORDS / 2).contains(&gone), "{gone} are gone");

    write("  legacy: { state: absent }\n  kept: { partitions: 1 }\n")?;
    let plan: Plan = scene.json("plan", 0)?;
    assert_eq!(
        (plan.steps[0].kind.as_str(), &plan.steps[0].risks),
        ("delete-topic", &vec!["loses-data".to_owned()])
    );
    assert_eq!(plan.steps[0].from["configs"]["retention.ms"], "86400000");
    assert_eq!(estimate(&plan, "records")?, RECORDS - gone);
    estimate(&plan, "last_write")?;
    scene.klerk("plan --out plan.json").run()?.expect_status(0)?;
    scene.klerk("apply --yes").run()?.expect_status(4)?;

    // A topic that was made anew under the name is not the one that the saved plan has seen.
    client.delete_topic("legacy")?;
    client.create_topic("legacy", 1, 1, &[])?;
    scene.klerk("apply plan.json --yes --allow loses-data").run()?.expect_status(5)?;
    ensure!(client.topics()?.contains_key("legacy"), "it is gone");

    let report: Report = scene.json("apply --yes", 0)?;
    assert_eq!((report.steps[0].kind.as_str(), report.steps[0].outcome.as_str()), ("delete-topic", "done"));
    assert_eq!(
        client.topics()?.into_keys().filter(|name| !name.starts_with("__")).collect::<Vec<_>>(),
        ["kept"]
    );
    scene.klerk("plan --detailed-exitcode").run()?.expect_status(0)?;
    cluster.end()
}
