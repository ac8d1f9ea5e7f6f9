//! Deletions on a real broker, and what a plan says of the records that go, against what the broker then deletes.

use crate::documents::{Plan, Report};
use crate::scene::{Scene, until};
use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use klerk_testbed::{Client, Cluster, ClusterOptions, Record};

const RECORDS: i64 = 40;
/// So large that a dozen of them fill a segment of the smallest size that Kafka takes.
const RECORD_BYTES: usize = 100_000;
const RECORDS_A_SEGMENT: i64 = 11;

/// A broker that looks for old segments twice a second.
fn cluster() -> Result<Cluster> {
    let options = ClusterOptions::one_broker()
        .deleting_old_records()
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

/// A topic of one partition with so many records, each a file segment's eleventh or so.
fn filled(client: &Client, topic: &str, times: impl Iterator<Item = i64>) -> Result<()> {
    let value = "x".repeat(RECORD_BYTES);
    for time in times {
        client.produce(topic, 0, &[Record::new(time, None, &value)])?;
    }
    Ok(())
}

#[test]
fn a_cut_by_size_takes_what_was_told_within_a_segment_and_a_truncation_exactly_that() -> Result<()> {
    let cluster = cluster()?;
    let client = cluster.client();
    let scene = Scene::new(&cluster.bootstrap())?;
    let write = |size: &str| {
        let settings = format!("partitions: 1, replication: 1, segment.bytes: 1MiB, retention.bytes: {size}");
        scene.write("topology.yaml", &format!("klerk: 1\ntopics:\n  events: {{ {settings} }}\n"))
    };
    write("-1")?;
    scene.klerk("apply --yes").run()?.expect_status(0)?;
    let now = Timestamp::now().as_millisecond();
    filled(&client, "events", (0..RECORDS).map(|number| now - (RECORDS - number) * 60_000))?;
    client.commit_offsets("slow", &[("events", 0, 35)])?;

    write("2MiB")?;
    let plan: Plan = scene.json("plan", 0)?;
    let told = estimate(&plan, "records")?.as_i64().context("records")?;
    ensure!((15..RECORDS - 15).contains(&told), "{told} told");
    scene.klerk("apply --yes --allow loses-data").run()?.expect_status(0)?;
    let as_told = |gone: i64| (told - RECORDS_A_SEGMENT..=told + RECORDS_A_SEGMENT).contains(&gone);
    until("the broker deletes what was told", || Ok(as_told(client.log_start("events", 0)?)))?;
    // Nothing more goes in the next rounds.
    let mut gone = client.log_start("events", 0)?;
    for _ in 0..6 {
        std::thread::sleep(std::time::Duration::from_millis(500));
        gone = client.log_start("events", 0)?;
    }
    ensure!(as_told(gone), "{told} told, {gone} gone");

    // A truncation is exact, by time as by offset.
    let truncate = |how: &str, status: i32| -> Result<Plan> {
        scene.json(&format!("topic truncate events {how} --dry-run"), status)
    };
    let older = Timestamp::from_millisecond(now - 5 * 60_000)?;
    let plan = truncate(&format!("--before {older}"), 0)?;
    assert_eq!(
        (plan.steps[0].kind.as_str(), plan.steps[0].risks.as_slice()),
        ("delete-records", &["loses-data".to_owned()][..])
    );
    assert_eq!(estimate(&plan, "records")?, 35 - gone);
    assert_eq!(estimate(&plan, "unread")?, serde_json::json!([]));
    let plan = truncate("--to-offset 38", 0)?;
    assert_eq!(estimate(&plan, "records")?, 38 - gone);
    assert_eq!(estimate(&plan, "unread")?, serde_json::json!([{ "group": "slow", "records": 3 }]));
    scene.klerk("topic truncate events --to-offset 38 --yes").run()?.expect_status(4)?;
    let report: Report = scene.json("topic truncate events --to-offset 38 --yes --allow loses-data", 0)?;
    assert_eq!(
        (report.steps[0].outcome.as_str(), report.steps[0].settled.as_deref()),
        ("done", Some("as-asked"))
    );
    assert_eq!(client.log_start("events", 0)?, 38);
    let again: Report = scene.json("topic truncate events --to-offset 38 --yes", 0)?;
    assert_eq!(again.outcome, "nothing-to-do");

    // A saved plan is for the topic that was seen, and takes nothing that came later.
    scene.klerk("topic truncate events --to-latest --out cut.json").run()?.expect_status(0)?;
    filled(&client, "events", [now, now].into_iter())?;
    scene.klerk("apply cut.json --yes --allow loses-data").run()?.expect_status(0)?;
    assert_eq!(client.log_start("events", 0)?, RECORDS);
    scene.klerk("topic truncate events --to-latest --out cut.json").run()?.expect_status(0)?;
    client.delete_topic("events")?;
    client.create_topic("events", 1, 1, &[])?;
    scene.klerk("apply cut.json --yes --allow loses-data").run()?.expect_status(5)?;

    // What only compaction may clean is refused by the plan; brokers would say no partition by partition.
    client.create_topic("wallets", 2, 1, &[("cleanup.policy", "compact")])?;
    let plan: Plan = scene.json("topic truncate wallets --to-latest --dry-run", 1)?;
    assert_eq!((plan.steps.len(), plan.conflicts[0].reason.as_str()), (0, "refused-by-broker"));
    cluster.end()
}

#[test]
fn a_created_topic_goes_again_while_it_is_empty() -> Result<()> {
    let cluster = cluster()?;
    let client = cluster.client();
    let scene = Scene::new(&cluster.bootstrap())?;
    scene.write(
        "topology.yaml",
        "klerk: 1\ntopics:\n  empty: { partitions: 2, retention.ms: 1d, cleanup.policy: 'compact,delete' }\n  used: \
         { partitions: 2 }\n",
    )?;
    scene.klerk("apply --yes --record made.jsonl").run()?.expect_status(0)?;
    let plan: Plan = scene.json("undo made.jsonl --dry-run", 0)?;
    assert_eq!(plan.steps.iter().map(|step| step.while_empty).collect::<Vec<_>>(), [true, true]);
    assert_eq!((plan.requires.len(), plan.findings.len()), (0, 0), "nothing has moved since");
    scene.klerk("undo made.jsonl --out back.json").run()?.expect_status(0)?;
    client.produce("used", 1, &[Record::new(Timestamp::now().as_millisecond(), None, "x")])?;
    scene.klerk("apply back.json --yes").run()?.expect_status(5)?;
    let report: Report = scene.json("undo made.jsonl --yes", 0)?;
    let fates: Vec<_> =
        report.steps.iter().map(|step| (step.resource.name.as_str(), step.outcome.as_str())).collect();
    assert_eq!(fates, [("empty", "done")]);
    let left: Vec<String> = client.topics()?.into_keys().filter(|name| !name.starts_with("__")).collect();
    assert_eq!(left, ["used"]);

    // What others have changed since goes only with consent to that.
    scene.klerk("apply --yes --record again.jsonl").run()?.expect_status(0)?;
    scene.klerk("undo again.jsonl --out back.json").run()?.expect_status(0)?;
    scene.write("by-hand.yaml", "klerk: 1\ntopics: { empty: { partitions: 3, retention.ms: 2d } }\n")?;
    scene.klerk("apply -f by-hand.yaml --yes").run()?.expect_status(0)?;
    scene.klerk("apply back.json --yes").run()?.expect_status(5)?;
    let refused = scene.klerk("undo again.jsonl --yes").run()?.expect_status(4)?;
    for moved in ["partitions: 3 now, 2 when", "retention.ms: 172800000 now, 86400000 when"] {
        assert!(refused.contains(moved), "{refused}");
    }
    scene.klerk("undo again.jsonl --yes --allow moved-since").run()?.expect_status(0)?;
    assert_eq!(client.topics()?.into_keys().filter(|name| name == "empty").count(), 0);
    cluster.end()
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
