//! How far groups are behind, beside what Kafka's own tool reports, within the budget of requests.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use kafka_protocol::messages::txn_offset_commit_request::{
    TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, FindCoordinatorRequest, GroupId, InitProducerIdRequest, TopicName,
    TransactionalId, TxnOffsetCommitRequest,
};
use kafka_protocol::protocol::StrBytes;
use klerk_testbed::{
    Client, Cluster, Consumer, ConsumerOptions, GroupProtocol, Record, Run, Tool, shared, unique_name,
};
use serde_json::{Value, json};

fn klerk(cluster: &Cluster) -> Result<Run> {
    Ok(Run::new(env!("CARGO_BIN_EXE_klerk"))?.env("KLERK_BOOTSTRAP", &cluster.bootstrap()))
}

fn document(run: &Run, args: &[&str], status: i32) -> Result<Value> {
    let stdout = run.clone().args(args.iter().copied()).args(["-o", "json"]).run()?.expect_status(status)?;
    serde_json::from_str(&stdout).with_context(|| format!("not one JSON document: {stdout}"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("-").to_owned()
}

/// A row as Kafka's tool prints it: committed, end and lag, then client and host.
type Row = (Option<i64>, Option<i64>, Option<i64>, String, String);

fn rows_of_kafka(cluster: &Cluster, group: &str) -> Result<BTreeMap<(String, i64), Row>> {
    let described = cluster.tool(Tool::ConsumerGroups, &["--describe", "--group", group])?.checked()?;
    let mut rows = BTreeMap::new();
    for line in described.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        if let [name, topic, partition, committed, end, lag, _member, host, client] = fields.as_slice()
            && *name == group
        {
            let number = |text: &str| text.parse::<i64>().ok();
            let host = host.trim_start_matches('/').to_owned();
            let row = (number(committed), number(end), number(lag), (*client).to_owned(), host);
            rows.insert(((*topic).to_owned(), partition.parse()?), row);
        }
    }
    Ok(rows)
}

fn rows_of_klerk(group: &Value) -> BTreeMap<(String, i64), Row> {
    let rows = group["partitions"].as_array().into_iter().flatten();
    rows.map(|row| {
        let key = (text(&row["topic"]), row["partition"].as_i64().unwrap_or(-1));
        let numbers = ["committed", "end", "lag"].map(|field| row[field].as_i64());
        (key, (numbers[0], numbers[1], numbers[2], text(&row["client_id"]), text(&row["host"])))
    })
    .collect()
}

fn records(client: &Client, topic: &str, partition: i32, count: i64) -> Result<()> {
    let records: Vec<Record> = (0..count).map(|_| Record::new(1_700_000_000_000, Some("k"), "v")).collect();
    client.produce(topic, partition, &records)?;
    Ok(())
}

#[test]
fn groups_with_members_are_as_kafkas_own_tool_reports_them() -> Result<()> {
    let cluster = &shared()?.cluster;
    let client = cluster.client();
    let klerk = klerk(cluster)?;
    let (read, left) = (unique_name("lag.read"), unique_name("lag.left"));
    client.create_topics(&[(&read, 3), (&left, 1)], 3, &[("retention.ms", "-1")])?;
    records(&client, &read, 0, 7)?;
    records(&client, &read, 1, 3)?;
    records(&client, &left, 0, 5)?;
    for protocol in [GroupProtocol::Classic, GroupProtocol::Consumer] {
        let group = unique_name("lag-members");
        client.commit_offsets(&group, &[(&read, 0, 2), (&read, 1, 3), (&left, 0, 1)])?;
        let options = ConsumerOptions::new(&group, &[&read], protocol).client_id("reader-1");
        let consumer = Consumer::start(cluster, &options)?;
        let lag = document(&klerk, &["group", "lag", &group], 0)?;
        let seen = &lag["groups"][0];
        assert_eq!(rows_of_klerk(seen), rows_of_kafka(cluster, &group)?, "{protocol:?}");
        assert_eq!(
            (&seen["lag"], &seen["members"], &seen["state"]),
            (&json!(9), &json!(1), &json!("stable"))
        );
        let statuses: Vec<String> =
            seen["partitions"].as_array().into_iter().flatten().map(|row| text(&row["status"])).collect();
        assert_eq!(statuses, ["unsubscribed", "lagging", "ok", "none"], "{protocol:?}");

        let described = document(&klerk, &["group", "describe", &group], 0)?;
        let member = &described["groups"][0]["members"][0];
        assert_eq!(
            (text(&member["client_id"]), text(&member["host"])),
            ("reader-1".into(), "127.0.0.1".into())
        );
        assert_eq!(member["partitions"].as_array().map(Vec::len), Some(3));
        let listed = document(&klerk, &["group", "list", "--match", &group, "--state", "Stable"], 0)?;
        let kind = if protocol == GroupProtocol::Classic { "classic" } else { "consumer" };
        assert_eq!(listed["groups"][0]["type"], kind);
        assert_eq!(listed["groups"].as_array().map(Vec::len), Some(1));
        consumer.stop()?;
    }
    Ok(())
}

#[test]
fn all_groups_cost_a_handful_of_requests() -> Result<()> {
    let cluster = &shared()?.cluster;
    let client = cluster.client();
    let klerk = klerk(cluster)?;
    let topic = unique_name("lag.budget");
    client.create_topic(&topic, 6, 3, &[])?;
    let prefix = unique_name("budget");
    for number in 0..40 {
        client.commit_offsets(&format!("{prefix}-{number:02}"), &[(&topic, number % 6, 0)])?;
    }
    let pattern = format!("{prefix}-*");
    let counted = ["group", "lag", "--match", &pattern, "--explain-requests"];
    // One broker is given: where there are several, others are asked who is there too when the first one takes its time.
    let outcome = klerk.clone().env("KLERK_BOOTSTRAP", &cluster.broker_address(1)).args(counted).run()?;
    let counts: BTreeMap<&str, u64> = outcome
        .stderr
        .lines()
        .filter_map(|line| line.split_once(' ').and_then(|(api, count)| Some((api, count.parse().ok()?))))
        .collect();
    // Three brokers: each lists and tells the offsets of its groups, each tells both ends of its logs. What may be seen is asked once.
    assert_eq!((counts["ListGroups"], counts["OffsetFetch"], counts["ListOffsets"]), (3, 3, 6), "{counts:?}");
    assert!(
        counts["Metadata"] <= 2 && counts["DescribeCluster"] == 1 && counts["requests"] <= 15,
        "{counts:?}"
    );
    ensure!(outcome.status == Some(0) && outcome.stdout.contains("40 groups: 40 ok"), "{}", outcome.stdout);

    let top = document(&klerk, &["group", "lag", "--match", &pattern, "--top", "3"], 0)?;
    assert_eq!(top["groups"].as_array().map(Vec::len), Some(3));
    let csv =
        klerk.clone().args(["group", "lag", "--match", &pattern, "-o", "csv"]).run()?.expect_status(0)?;
    assert_eq!(csv.lines().count(), 41);
    let gauges = klerk.clone().args(["group", "lag", "--match", &pattern, "-o", "prometheus"]).run()?;
    assert!(gauges.expect_status(0)?.contains(&format!("klerk_group_lag{{group=\"{prefix}-39\"}} 0\n")));
    Ok(())
}

#[test]
fn what_is_gone_past_the_end_or_only_promised_is_told_apart() -> Result<()> {
    let cluster = &shared()?.cluster;
    let client = cluster.client();
    let klerk = klerk(cluster)?;
    let (kept, gone) = (unique_name("lag.kept"), unique_name("lag.gone"));
    client.create_topics(&[(&kept, 3), (&gone, 1)], 3, &[("retention.ms", "-1")])?;
    records(&client, &kept, 0, 4)?;
    let group = unique_name("lag-odd");
    client.commit_offsets(&group, &[(&kept, 0, 9), (&kept, 1, 0), (&gone, 0, 0)])?;
    let status = |args: &[&str]| -> Result<Vec<(i64, String)>> {
        let lag = document(&klerk, &[&["group", "lag", &group], args].concat(), 0)?;
        let rows = lag["groups"][0]["partitions"].as_array().into_iter().flatten();
        let kept = rows.filter(|row| row["topic"] == kept.as_str());
        Ok(kept.map(|row| (row["partition"].as_i64().unwrap_or(-1), text(&row["status"]))).collect())
    };
    assert_eq!(status(&[])?, [(0, "ahead".to_owned()), (1, "ok".to_owned())]);

    // A contract shows what the group should read and has no commit for.
    let file = klerk.home().join("contracts.yaml");
    fs::write(
        &file,
        format!("klerk: 1\nexternal: {{ topics: [{kept}] }}\ngroups:\n  {group}: {{ topics: [{kept}] }}\n"),
    )?;
    let file = file.display().to_string();
    let expected = [(0, "ahead"), (1, "ok"), (2, "none")].map(|(at, status)| (at, status.to_owned()));
    assert_eq!(status(&["-f", &file])?, expected);

    // From 4.0 on Kafka drops the commits of a topic that is deleted, though not at once: until then they are told
    // apart from those that still mean something.
    client.delete_topic(&gone)?;
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let lag = document(&klerk, &["group", "lag", &group], 0)?;
        let rows = lag["groups"][0]["partitions"].as_array().context("no rows")?;
        let Some(row) = rows.iter().find(|row| row["topic"] == gone.as_str()) else { break };
        assert_eq!((&row["status"], &row["lag"]), (&json!("deleted"), &Value::Null), "{lag:#}");
        ensure!(Instant::now() < deadline, "the commit on the deleted topic stays: {lag:#}");
        std::thread::sleep(Duration::from_millis(200));
    }

    let error = document(&klerk, &["group", "lag", &format!("{group}s")], 1)?;
    assert!(error["error"]["hints"].to_string().contains(&format!("did you mean {group}?")), "{error:#}");
    Ok(())
}

/// Leaves a transaction open that is about to commit an offset of the group.
fn open_transaction(client: &Client, group: &str, topic: &str) -> Result<()> {
    let id = |text: &str| StrBytes::from_string(text.to_owned());
    let transaction = unique_name("lag-transaction");
    let find =
        FindCoordinatorRequest::default().with_key_type(1).with_coordinator_keys(vec![id(&transaction)]);
    let coordinator = loop {
        let found = client.call(&find, 4)?;
        let found = found.coordinators.first().context("no coordinator")?.clone();
        match found.error_code {
            0 => break Client::new(vec![format!("{}:{}", &*found.host, found.port)]),
            _ => std::thread::sleep(Duration::from_millis(100)),
        }
    };
    let init = InitProducerIdRequest::default()
        .with_transactional_id(Some(TransactionalId(id(&transaction))))
        .with_transaction_timeout_ms(60_000);
    let producer = loop {
        let answer = coordinator.call(&init, 4)?;
        match answer.error_code {
            0 => break answer,
            14..=16 | 51 => std::thread::sleep(Duration::from_millis(100)),
            code => anyhow::bail!("InitProducerId: {code}"),
        }
    };
    let add = AddOffsetsToTxnRequest::default()
        .with_transactional_id(TransactionalId(id(&transaction)))
        .with_producer_id(producer.producer_id)
        .with_producer_epoch(producer.producer_epoch)
        .with_group_id(GroupId(id(group)));
    let added = coordinator.call(&add, 3)?;
    ensure!(added.error_code == 0, "AddOffsetsToTxn: {}", added.error_code);
    let partition =
        TxnOffsetCommitRequestPartition::default().with_partition_index(0).with_committed_offset(1);
    let commit = TxnOffsetCommitRequest::default()
        .with_transactional_id(TransactionalId(id(&transaction)))
        .with_group_id(GroupId(id(group)))
        .with_producer_id(producer.producer_id)
        .with_producer_epoch(producer.producer_epoch)
        .with_topics(vec![
            TxnOffsetCommitRequestTopic::default()
                .with_name(TopicName(id(topic)))
                .with_partitions(vec![partition]),
        ]);
    let answer = client.call_coordinator(group, &commit, 3)?;
    let code = answer.topics.first().and_then(|topic| topic.partitions.first()).map(|one| one.error_code);
    ensure!(code == Some(0), "TxnOffsetCommit: {code:?}");
    Ok(())
}

#[test]
fn an_open_transaction_on_its_offsets_keeps_a_group_from_being_reset() -> Result<()> {
    let cluster = &shared()?.cluster;
    let client = cluster.client();
    let klerk = klerk(cluster)?;
    let topic = unique_name("lag.transaction");
    client.create_topic(&topic, 1, 3, &[("retention.ms", "-1")])?;
    records(&client, &topic, 0, 4)?;
    let group = unique_name("transactional");
    client.commit_offsets(&group, &[(&topic, 0, 3)])?;
    open_transaction(&client, &group, &topic)?;

    let args = ["group", "reset", &group, "--topic", &topic, "--to-earliest"];
    let plan = document(&klerk, &[&args[..], &["--dry-run"]].concat(), 0)?;
    assert_eq!(plan["steps"][0]["partitions"][0]["from"], 3, "what is committed so far is seen");
    let refused = document(&klerk, &[&args[..], &["--yes", "--settle", "0s"]].concat(), 4)?;
    assert!(text(&refused["error"]["message"]).contains("a transaction is open"), "{refused:#}");
    assert_eq!(client.committed(&group)?[&(topic, 0)], 3);
    Ok(())
}
