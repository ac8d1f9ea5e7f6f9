//! Resets of committed offsets, beside Kafka's own tool: what it would plan, and what it reports afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use kafka_protocol::messages::delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic};
use kafka_protocol::messages::{DeleteRecordsRequest, TopicName};
use kafka_protocol::protocol::StrBytes;
use klerk_testbed::{
    Cluster, ClusterOptions, Consumer, ConsumerOptions, GroupProtocol, Record, Run, Tool, shared, unique_name,
};
use serde_json::Value;

/// Offsets by topic and partition.
type Offsets = BTreeMap<(String, i64), i64>;

fn klerk(cluster: &Cluster) -> Result<Run> {
    Ok(Run::new(env!("CARGO_BIN_EXE_klerk"))?.env("KLERK_BOOTSTRAP", &cluster.bootstrap()))
}

fn document(run: &Run, args: &[&str], status: i32) -> Result<Value> {
    let stdout = run.clone().args(args.iter().copied()).args(["-o", "json"]).run()?.expect_status(status)?;
    serde_json::from_str(&stdout).with_context(|| format!("not one JSON document: {stdout}"))
}

/// The targets of a plan or a report for one group.
fn targets(document: &Value, group: &str) -> Offsets {
    let steps = document["steps"].as_array().into_iter().flatten();
    let step = steps.filter(|step| step["resource"]["name"] == group);
    step.flat_map(|step| step["partitions"].as_array().into_iter().flatten())
        .filter_map(|one| {
            let key = (one["topic"].as_str()?.to_owned(), one["partition"].as_i64()?);
            Some((key, one["to"].as_i64()?))
        })
        .collect()
}

/// What Kafka's tool would do, read from what it exports in a dry run.
fn kafka_plans(cluster: &Cluster, group: &str, args: &[&str]) -> Result<Offsets> {
    let mut all = vec!["--reset-offsets", "--group", group];
    all.extend(args);
    all.extend(["--dry-run", "--export"]);
    let text = cluster.tool(Tool::ConsumerGroups, &all)?.checked()?;
    let mut offsets = Offsets::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.trim().split(',').collect();
        if let [topic, partition, offset] = fields.as_slice() {
            offsets.insert(((*topic).to_owned(), partition.parse()?), offset.parse()?);
        }
    }
    ensure!(!offsets.is_empty(), "Kafka's tool plans nothing: {text}");
    Ok(offsets)
}

/// What Kafka's tool reports of groups: current offset and lag by group and partition; `None` for its dash.
type Reported = BTreeMap<(String, String, i64), (Option<i64>, Option<i64>)>;

fn kafka_reports(cluster: &Cluster, groups: &[String]) -> Result<Reported> {
    let mut args = vec!["--describe"];
    for group in groups {
        args.extend(["--group", group]);
    }
    let text = cluster.tool(Tool::ConsumerGroups, &args)?.checked()?;
    let mut reported = Reported::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        if let [group, topic, partition, current, _end, lag, ..] = fields.as_slice()
            && let Ok(partition) = partition.parse()
        {
            let key = ((*group).to_owned(), (*topic).to_owned(), partition);
            reported.insert(key, (current.parse().ok(), lag.parse().ok()));
        }
    }
    Ok(reported)
}

fn now_ms() -> Result<i64> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?)
}

/// A name, what klerk is told, and what Kafka's tool is told where that differs.
type Case<'a> = (&'a str, Vec<&'a str>, Option<Vec<&'a str>>);

const MINUTE: i64 = 60_000;

/// Two topics: `a` with records every ten minutes of the last two hours in partition 0, half as many in 1, a log that
/// begins at 4 in 2, nothing in 3; `b` with five records.
struct Estate {
    a: String,
    b: String,
    began: i64,
}

impl Estate {
    fn make(cluster: &Cluster, name: &str) -> Result<Estate> {
        let client = cluster.client();
        let (a, b) = (unique_name(&format!("{name}.a")), unique_name(&format!("{name}.b")));
        client.create_topics(&[(&a, 4), (&b, 1)], 3, &[("retention.ms", "-1")])?;
        let began = now_ms()? - 120 * MINUTE;
        for (topic, partition, count, apart) in
            [(&a, 0, 12, 10), (&a, 1, 6, 20), (&a, 2, 12, 10), (&b, 0, 5, 20)]
        {
            let records: Vec<Record> =
                (0..count).map(|index| Record::new(began + index * apart * MINUTE, Some("k"), "v")).collect();
            client.produce(topic, partition, &records)?;
        }
        let cut = DeleteRecordsTopic::default()
            .with_name(TopicName(StrBytes::from_string(a.clone())))
            .with_partitions(vec![DeleteRecordsPartition::default().with_partition_index(2).with_offset(4)]);
        let cut = DeleteRecordsRequest::default().with_timeout_ms(10_000).with_topics(vec![cut]);
        let answer = client.call_leader(&a, 2, &cut, 2)?;
        let cut = answer.topics.first().and_then(|topic| topic.partitions.first()).context("no answer")?;
        ensure!(cut.error_code == 0 && cut.low_watermark == 4, "{cut:?}");
        Ok(Estate { a, b, began })
    }

    /// A group with a commit inside the log, one at its end, one below its start, one past its end, and one that is
    /// missing.
    fn group(&self, cluster: &Cluster, name: &str) -> Result<String> {
        let group = unique_name(name);
        let offsets = [
            (self.a.as_str(), 0, 5),
            (self.a.as_str(), 1, 6),
            (self.a.as_str(), 2, 1),
            (self.b.as_str(), 0, 9),
        ];
        cluster.client().commit_offsets(&group, &offsets)?;
        Ok(group)
    }
}

/// A moment as RFC 3339 in UTC, without its zone.
fn civil(ms: i64) -> Result<String> {
    Ok(jiff::Timestamp::from_millisecond(ms)?.strftime("%Y-%m-%dT%H:%M:%S.%3f").to_string())
}

#[test]
fn every_strategy_is_what_kafkas_own_tool_plans_and_reports() -> Result<()> {
    let cluster = &shared()?.cluster;
    let klerk = klerk(cluster)?;
    let estate = Estate::make(cluster, "reset.strategies")?;
    let (a, b) = (estate.a.as_str(), estate.b.as_str());
    let middle = civil(estate.began + 65 * MINUTE)?;
    let late = civil(estate.began + 500 * MINUTE)?;
    let (middle_utc, late_utc) = (format!("{middle}Z"), format!("{late}Z"));
    let some = format!("{a}:0,2");
    let (ranges, zero_to_one) = (format!("{a}:0-1"), format!("{a}:0,1"));
    let file = klerk.home().join("offsets.csv");
    fs::write(&file, format!("{a},0,3\n{a},2,2\n{b},0,400\n"))?;
    let file = file.display().to_string();

    let cases: Vec<Case<'_>> = vec![
        ("earliest", vec!["--topic", a, "--to-earliest"], None),
        ("latest", vec!["--all-topics", "--to-latest"], None),
        ("offset", vec!["--topic", a, "--topic", b, "--to-offset", "3"], None),
        ("past-end", vec!["--topic", a, "--to-offset", "1000"], None),
        ("one-partition", vec!["--topic", &some, "--to-offset", "0"], None),
        ("shift-on", vec!["--all-topics", "--shift-by", "2"], None),
        ("shift-back", vec!["--all-topics", "--shift-by", "-3"], None),
        ("shift-below", vec!["--all-topics", "--shift-by", "-1000"], None),
        (
            "shift-above",
            vec!["--topic", &ranges, "--shift-by", "1000"],
            Some(vec!["--topic", &zero_to_one, "--shift-by", "1000"]),
        ),
        ("datetime", vec!["--topic", a, "--to-datetime", &middle_utc], None),
        (
            "local",
            vec!["--topic", a, "--to-datetime", &middle, "--tz", "UTC"],
            Some(vec!["--topic", a, "--to-datetime", &middle]),
        ),
        ("too-late", vec!["--topic", a, "--to-datetime", &late_utc], None),
        ("duration", vec!["--topic", a, "--by-duration", "PT55M"], None),
        ("current", vec!["--topic", a, "--to-current"], None),
        ("file", vec!["--all-topics", "--from-file", &file], None),
    ];
    let mut groups = Vec::new();
    for (name, args, kafka) in &cases {
        let group = estate.group(cluster, &format!("reset-{name}"))?;
        let kafka_args = kafka.as_ref().unwrap_or(args);
        let expected = kafka_plans(cluster, &group, kafka_args)?;

        let mut dry = vec!["group", "reset", &group, "--dry-run"];
        dry.extend(args);
        let plan = document(&klerk, &dry, 0)?;
        assert_eq!(targets(&plan, &group), expected, "{name}: klerk plans what Kafka's tool plans");

        let mut act = vec!["group", "reset", &group, "--yes", "--settle", "0s"];
        act.extend(args);
        let report = document(&klerk, &act, 0)?;
        assert_eq!(report["outcome"], "done", "{name}: {report:#}");
        assert_eq!(report["steps"][0]["settled"], "as-asked", "{name}");
        assert_eq!(targets(&report, &group), expected, "{name}");
        groups.push((group, expected));
    }

    let names: Vec<String> = groups.iter().map(|(group, _)| group.clone()).collect();
    let reported = kafka_reports(cluster, &names)?;
    for (group, expected) in &groups {
        for ((topic, partition), offset) in expected {
            let (current, lag) = reported
                .get(&(group.clone(), topic.clone(), *partition))
                .with_context(|| format!("Kafka's tool does not report {group} {topic}-{partition}"))?;
            assert_eq!(*current, Some(*offset), "{group} {topic}-{partition}");
            assert!(lag.is_some_and(|lag| lag >= 0), "{group} {topic}-{partition}: {lag:?}");
        }
    }

    // The same groups' lag, all in one look.
    let mut args = vec!["group", "lag"];
    args.extend(names.iter().map(String::as_str));
    let lag = document(&klerk, &args, 0)?;
    let mut compared = 0;
    for group in lag["groups"].as_array().into_iter().flatten() {
        for row in group["partitions"].as_array().into_iter().flatten() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let key = (text(&group["group"]), text(&row["topic"]), row["partition"].as_i64().unwrap_or(-1));
            let (current, lag) = reported.get(&key).with_context(|| format!("{key:?}"))?;
            assert_eq!(row["committed"].as_i64(), *current, "{key:?}");
            match text(&row["status"]).as_str() {
                // Kafka's tool counts what is gone, and below zero.
                "lost" => assert!(row["lag"].as_i64() < *lag, "{key:?}"),
                "ahead" => assert_eq!(row["ahead_by"].as_i64(), lag.map(|lag| -lag), "{key:?}"),
                _ => assert_eq!(row["lag"].as_i64(), *lag, "{key:?}"),
            }
            compared += 1;
        }
    }
    assert_eq!(compared, reported.len());
    Ok(())
}

#[test]
fn many_groups_by_one_file_and_by_another_group() -> Result<()> {
    let cluster = &shared()?.cluster;
    let klerk = klerk(cluster)?;
    let estate = Estate::make(cluster, "reset.many")?;
    let (first, second) = (estate.group(cluster, "many-one")?, estate.group(cluster, "many-two")?);
    let a = estate.a.as_str();

    // The file is one that Kafka's tool has exported for both groups.
    let exported = cluster.tool(
        Tool::ConsumerGroups,
        &[
            "--reset-offsets",
            "--group",
            &first,
            "--group",
            &second,
            "--topic",
            a,
            "--to-offset",
            "7",
            "--dry-run",
            "--export",
        ],
    )?;
    let file = klerk.home().join("many.csv");
    fs::write(&file, exported.checked()?)?;
    let file = file.display().to_string();
    let args =
        ["group", "reset", &first, &second, "--topic", a, "--from-file", &file, "--yes", "--settle", "0s"];
    let report = document(&klerk, &args, 0)?;
    assert_eq!(report["steps"].as_array().map(Vec::len), Some(2));
    for group in [&first, &second] {
        let committed = cluster.client().committed(group)?;
        let of_a: Vec<i64> = (0..4).filter_map(|at| committed.get(&(a.to_owned(), at)).copied()).collect();
        assert_eq!(of_a, [7, 6, 7, 0], "{group}: clamped to logs that end at 6 and 0");
        assert_eq!(committed[&(estate.b.clone(), 0)], 9, "{group}: what the file does not name stays");
    }

    // A new group begins where another one is, and where that one lies outside of its logs, at their edges.
    let fresh = unique_name("many-fresh");
    let unknown =
        ["group", "reset", &fresh, "--all-topics", "--from-group", &first, "--yes", "--settle", "0s"];
    assert_eq!(document(&klerk, &unknown, 1)?["error"]["kind"], "not-found");
    let mut seed = unknown.to_vec();
    seed.push("--new-group");
    assert_eq!(document(&klerk, &seed, 0)?["outcome"], "done");
    let committed = cluster.client().committed(&fresh)?;
    assert_eq!((committed[&(a.to_owned(), 0)], committed[&(estate.b.clone(), 0)]), (7, 5));

    // Nothing moves: the step stands, nothing is written.
    let again = document(&klerk, &seed, 0)?;
    assert_eq!((&again["outcome"], &again["record"]), (&"nothing-to-do".into(), &Value::Null));

    // A bad file is refused whole, with every line that is wrong.
    let bad = klerk.home().join("bad.csv");
    fs::write(&bad, format!("{a},0,1\n{a},zero,1\n{a},1\n"))?;
    let bad = bad.display().to_string();
    let refused =
        document(&klerk, &["group", "reset", &first, "--all-topics", "--from-file", &bad, "--yes"], 1)?;
    assert_eq!(refused["error"]["kind"], "file");
    assert_eq!(refused["error"]["causes"].as_array().map(Vec::len), Some(2));
    Ok(())
}

#[test]
fn what_does_not_exist_and_whom_it_would_hurt() -> Result<()> {
    let cluster = &shared()?.cluster;
    let klerk = klerk(cluster)?;
    let estate = Estate::make(cluster, "reset.refused")?;
    let group = estate.group(cluster, "refused")?;
    let before = cluster.client().committed(&group)?;
    let a = estate.a.as_str();

    let misspelt = format!("{group}x");
    let error = document(&klerk, &["group", "reset", &misspelt, "--topic", a, "--to-latest", "--yes"], 1)?;
    assert_eq!(error["error"]["kind"], "not-found");
    assert!(error["error"]["hints"].to_string().contains(&format!("did you mean {group}?")), "{error:#}");

    let nowhere = unique_name("reset.nowhere");
    let some = format!("{a}:2-9");
    let args = ["group", "reset", &group, "--topic", &nowhere, "--topic", &some, "--to-latest"];
    let plan = document(&klerk, &[&args[..], &["--dry-run"]].concat(), 1)?;
    assert_eq!((&plan["format"], &plan["appliable"]), (&"klerk.plan".into(), &false.into()));
    let reasons: Vec<&str> =
        plan["conflicts"].as_array().into_iter().flatten().filter_map(|one| one["reason"].as_str()).collect();
    assert_eq!(reasons, ["absent", "partition-unavailable"]);
    let report = document(&klerk, &[&args[..], &["--yes"]].concat(), 1)?;
    assert_eq!((&report["format"], &report["outcome"]), (&"klerk.report".into(), &"refused".into()));

    let args = ["group", "reset", &group, "--topic", a, "--to-offset", "1000", "--yes", "--settle", "0s"];
    let report = document(&klerk, &[&args[..], &["--strict"]].concat(), 4)?;
    assert!(report["error"]["hints"].to_string().contains("past the log end"), "{report:#}");
    let report = document(&klerk, &["group", "reset", &group, "--topic", a, "--to-earliest"], 4)?;
    assert_eq!(report["error"]["kind"], "refused", "consent is missing");

    let topology = klerk.home().join("topology.yaml");
    fs::write(&topology, format!("klerk: 1\ngroups:\n  {group}: {{ protected: true }}\n"))?;
    let report = document(&klerk, &args, 4)?;
    assert!(report["error"].to_string().contains("--allow protected"), "{report:#}");
    assert_eq!(cluster.client().committed(&group)?, before, "nothing was changed by any of this");
    let report = document(&klerk, &[&args[..], &["--allow", "protected"]].concat(), 0)?;
    assert_eq!(report["outcome"], "done");
    Ok(())
}

#[test]
fn an_active_group_is_refused_with_its_members_and_waited_for() -> Result<()> {
    let cluster = &shared()?.cluster;
    let klerk = klerk(cluster)?;
    let estate = Estate::make(cluster, "reset.active")?;
    for protocol in [GroupProtocol::Classic, GroupProtocol::Consumer] {
        let group = estate.group(cluster, "active")?;
        let options = ConsumerOptions::new(&group, &[&estate.a], protocol).client_id("settler-7");
        let consumer = Consumer::start(cluster, &options)?;
        let reset = ["group", "reset", &group, "--topic", &estate.a, "--to-earliest"];

        let plan = document(&klerk, &[&reset[..], &["--dry-run"]].concat(), 0)?;
        assert_eq!(
            plan["findings"][0]["code"], "group/active",
            "{protocol:?}: planning works on a live group"
        );
        let report = document(&klerk, &[&reset[..], &["--yes"]].concat(), 4)?;
        assert_eq!((&report["outcome"], &report["error"]["kind"]), (&"refused".into(), &"refused".into()));
        let said = report["error"].to_string();
        assert!(said.contains("settler-7") && said.contains("127.0.0.1"), "{protocol:?}: {said}");
        assert_eq!(report["steps"][0]["outcome"], "not-attempted");
        assert_eq!(cluster.client().committed(&group)?[&(estate.a.clone(), 0)], 5);

        let waiting =
            klerk.clone().args(reset).args(["--yes", "--settle", "1s", "--wait-empty=60s", "-o", "json"]);
        let waiting = waiting.spawn()?;
        std::thread::sleep(Duration::from_secs(1));
        consumer.stop()?;
        let report: Value = serde_json::from_str(&waiting.wait()?.expect_status(0)?)?;
        assert_eq!(report["outcome"], "done", "{protocol:?}");
        assert_eq!(cluster.client().committed(&group)?[&(estate.a.clone(), 0)], 0);
    }
    Ok(())
}

#[test]
fn a_commit_that_moves_without_a_member_is_noticed() -> Result<()> {
    let cluster = &shared()?.cluster;
    let estate = Estate::make(cluster, "reset.moving")?;
    let group = estate.group(cluster, "moving")?;
    let args = ["group", "reset", &group, "--topic", &estate.a, "--to-earliest", "--yes", "--settle", "3s"];
    let mut reset = klerk(cluster)?.args(args).args(["-o", "json"]).spawn()?;
    // However long it takes to begin, between its two looks somebody commits.
    let mut last = 6;
    while !reset.ends_within(Duration::from_millis(300))? {
        last += 1;
        cluster.client().commit_offsets(&group, &[(&estate.a, 0, last)])?;
    }
    let report: Value = serde_json::from_str(&reset.wait()?.expect_status(4)?)?;
    assert!(report["error"]["message"].to_string().contains("somebody commits"), "{report:#}");
    assert_eq!(cluster.client().committed(&group)?[&(estate.a.clone(), 0)], last);
    Ok(())
}

#[test]
fn undo_leads_back_and_not_over_what_has_moved_since() -> Result<()> {
    let cluster = &shared()?.cluster;
    let klerk = klerk(cluster)?;
    let client = cluster.client();
    let estate = Estate::make(cluster, "reset.undo")?;
    let group = estate.group(cluster, "undo")?;
    let before = client.committed(&group)?;
    let reset = ["group", "reset", &group, "--topic", &estate.a, "--to-earliest", "--yes", "--settle", "0s"];
    let record = |report: &Value| report["record"].as_str().map(str::to_owned).context("no record");

    let done = document(&klerk, &reset, 0)?;
    let after = client.committed(&group)?;
    assert_eq!(after.len(), 5, "partition 3 has a commit now");
    let undone = document(&klerk, &["undo", &record(&done)?, "--yes"], 0)?;
    assert_eq!(undone["outcome"], "done");
    let kinds: Vec<&Value> =
        undone["steps"].as_array().into_iter().flatten().map(|step| &step["kind"]).collect();
    assert_eq!(kinds, ["commit-offsets", "delete-offsets"]);
    assert_eq!(client.committed(&group)?, before, "as if nothing had been");

    // Going back over the way back is going forth again.
    document(&klerk, &["undo", "last", "--yes"], 0)?;
    assert_eq!(client.committed(&group)?, after);

    client.commit_offsets(&group, &[(&estate.a, 0, 2)])?;
    let args = ["undo", &record(&done)?, "--yes"];
    let refused = document(&klerk, &args, 4)?;
    let said = refused["error"].to_string();
    assert!(said.contains("moved-since"), "{refused:#}");
    assert_eq!(client.committed(&group)?[&(estate.a.clone(), 0)], 2, "nothing was changed");
    let plan = document(&klerk, &["undo", &record(&done)?, "--dry-run"], 0)?;
    let moved = format!("{}-0: 2 now, 0 when the change was done", estate.a);
    assert!(plan["findings"].to_string().contains(&moved), "{:#}", plan["findings"]);
    document(&klerk, &[&args[..], &["--allow", "moved-since"]].concat(), 0)?;
    assert_eq!(client.committed(&group)?, before);

    let unknown = document(&klerk, &["undo", "nosuch", "--yes"], 1)?;
    assert_eq!(unknown["format"], "klerk.error");
    Ok(())
}

#[test]
fn partitions_without_a_leader_matter_only_in_scope() -> Result<()> {
    let cluster = Cluster::start(ClusterOptions::three_brokers().fast_failure())?;
    let klerk = klerk(&cluster)?;
    let client = cluster.client();
    // One replica each, so that a dead broker leaves partitions without a leader.
    client.create_topic("offline", 3, 1, &[])?;
    for partition in 0..3 {
        client.produce("offline", partition, &[Record::new(now_ms()?, None, "v")])?;
    }
    client.commit_offsets("g", &[("offline", 0, 0), ("offline", 1, 0), ("offline", 2, 0)])?;
    let metadata = client.metadata(Some(&["offline"]))?;
    let partitions = &metadata.topics.first().context("no topic")?.partitions;
    let Some(lost) = partitions.iter().find(|partition| partition.leader_id.0 != 1) else {
        bail!("all partitions are on the broker that must not be killed")
    };
    let (lost, broker) = (lost.partition_index, usize::try_from(lost.leader_id.0)?);
    let others: Vec<String> = partitions
        .iter()
        .filter(|partition| usize::try_from(partition.leader_id.0).is_ok_and(|leader| leader != broker))
        .map(|partition| partition.partition_index.to_string())
        .collect();
    cluster.kill(broker)?;
    cluster.await_brokers(2)?;
    // A coordinator that has just taken over answers by the records that it knows to be replicated. Until its high
    // watermark has caught up, that is a group without commits or none at all.
    let deadline = Instant::now() + Duration::from_secs(30);
    while client.committed("g")?.len() < 3 || client.group_state("g")?.is_none() {
        ensure!(Instant::now() < deadline, "the group has not come back");
        std::thread::sleep(Duration::from_millis(100));
    }

    let whole =
        document(&klerk, &["group", "reset", "g", "--topic", "offline", "--to-latest", "--dry-run"], 1)?;
    assert_eq!(whole["conflicts"][0]["reason"], "partition-unavailable", "{whole:#}");
    assert!(whole["conflicts"].to_string().contains(&format!("offline-{lost} has no leader")), "{whole:#}");

    let rest = format!("offline:{}", others.join(","));
    let args = ["group", "reset", "g", "--topic", &rest, "--to-latest", "--yes", "--settle", "0s"];
    assert_eq!(document(&klerk, &args, 0)?["outcome"], "done");

    let lag = document(&klerk, &["group", "lag", "g"], 3)?;
    let group = &lag["groups"][0];
    assert_eq!(
        (&group["lag"], &group["lag_at_least"], &group["status"]),
        (&Value::Null, &0.into(), &"unknown".into())
    );
    let row = group["partitions"].as_array().into_iter().flatten().find(|row| row["partition"] == lost);
    assert_eq!(row.context("no row")?["error"]["name"], "LEADER_NOT_AVAILABLE", "{group:#}");
    Ok(())
}
