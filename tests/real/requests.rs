//! What goes over the wire: which APIs the commands use, and how many requests the lag of all groups costs.

use crate::scene::{Scene, breakable};
use anyhow::{Context, Result, ensure};
use klerk_testbed::{
    Client, Cluster, ClusterOptions, Consumer, ConsumerOptions, GroupProtocol, Outcome, Record, shared,
    unique_name,
};
use std::collections::{BTreeMap, BTreeSet};

/// Every API that a command may use. None of them makes the one who asks a member of a group.
const ALLOWED: [&str; 25] = [
    "AlterPartitionReassignments",
    "ConsumerGroupDescribe",
    "CreatePartitions",
    "CreateTopics",
    "DeleteRecords",
    "DeleteTopics",
    "DescribeAcls",
    "DescribeClientQuotas",
    "DescribeCluster",
    "DescribeConfigs",
    "DescribeGroups",
    "DescribeLogDirs",
    "DescribeProducers",
    "DescribeQuorum",
    "DescribeUserScramCredentials",
    "ElectLeaders",
    "FindCoordinator",
    "IncrementalAlterConfigs",
    "ListGroups",
    "ListOffsets",
    "ListPartitionReassignments",
    "Metadata",
    "OffsetCommit",
    "OffsetDelete",
    "OffsetFetch",
];

/// Those that no command has use for while there is one broker.
const OF_SEVERAL_BROKERS: [&str; 2] = ["AlterPartitionReassignments", "ElectLeaders"];

/// The commands that speak to no cluster of the user's.
const OFFLINE: [&str; 9] =
    ["validate", "diff", "config", "explain", "completions", "man", "help", "sandbox", "demo"];

/// What `--explain-requests` tells of the brokers.
fn counts(outcome: &Outcome) -> Result<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    for line in outcome.stderr.lines().rev() {
        let Some((api, count)) = line.rsplit_once(' ') else { break };
        let Ok(count) = count.parse() else { break };
        counts.insert(api.to_owned(), count);
    }
    let total = counts.remove("requests").with_context(|| format!("nothing was counted: {outcome:?}"))?;
    ensure!(counts.values().sum::<u64>() == total, "the sum is not that of the lines: {}", outcome.stderr);
    counts.retain(|api, _| !api.contains(':'));
    Ok(counts)
}

/// The names that a help text lists as commands.
fn commands(help: &str) -> BTreeSet<String> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        // A description that goes on in the next line stands further in.
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect()
}

#[test]
fn no_command_joins_a_group_or_creates_a_topic_by_asking() -> Result<()> {
    // This broker makes every topic that somebody asks for and does not forbid.
    let cluster = Cluster::start(ClusterOptions::one_broker().auto_create())?;
    let client = cluster.client();
    let scene = Scene::new(&cluster.bootstrap())?.with_registry(&shared()?.registry.url());
    let (subject, read) = (unique_name("requests"), unique_name("requests.read"));
    let gone = unique_name("requests.gone");
    scene
        .write("paid.avsc", r#"{"type":"record","name":"Paid","fields":[{"name":"id","type":"string"}]}"#)?;
    let topology = |partitions: u32, days: u32| {
        format!(
            "klerk: 1\nexternal: {{ topics: [elsewhere, {read}] }}\ntopics:\n  {subject}: {{ partitions: {partitions}, \
             retention.ms: {days}d, value: paid.avsc }}\ngroups: {{ idle: {{ topics: [{read}, elsewhere] }} }}\n"
        )
    };
    scene.write("topology.yaml", &topology(1, 1))?;
    // Its records are of 1970, and have to stay all the same.
    client.create_topic(&read, 2, 1, &[("retention.ms", "-1")])?;
    client.create_topic(&gone, 1, 1, &[])?;
    client.produce(&read, 0, &[1, 2, 3].map(|at| Record::new(at, None, "x")))?;
    client.commit_offsets("idle", &[(&read, 0, 2)])?;
    let consumers = [GroupProtocol::Classic, GroupProtocol::Consumer]
        .into_iter()
        .zip(["classic", "modern"])
        .map(|(protocol, group)| Consumer::start(&cluster, &ConsumerOptions::new(group, &[&read], protocol)))
        .collect::<Result<Vec<_>>>()?;

    let mut lines: Vec<(String, i32)> = [
        ("plan", 0),
        ("apply --yes", 0),
        ("plan --detailed-exitcode", 0),
        ("export", 0),
        ("cluster status --wait 30s", 0),
        ("cluster configs --all", 0),
        ("cluster configs --default --set num.io.threads=3 --dry-run", 0),
        ("cluster elect", 0),
        ("cluster moves", 0),
        ("acl list", 0),
        ("quota list", 0),
        ("user list", 0),
        ("group list", 0),
        ("group describe idle classic modern", 0),
        ("group describe nobody", 1),
        ("group lag", 0),
        ("group lag idle classic modern --by member --isolation committed", 0),
        ("group lag -f topology.yaml", 0),
        ("group lag --time --headroom", 0),
        ("group lag nobody", 1),
        ("group reset idle --topic elsewhere --to-latest --dry-run", 1),
        ("group reset nobody --topic elsewhere --to-latest --yes", 1),
        ("undo no-such-record --yes", 1),
        ("history", 0),
    ]
    .map(|(line, status)| (line.to_owned(), status))
    .to_vec();
    lines.extend([
        (format!("group reset idle --topic {read} --to-earliest --yes --settle 0s --record r.jsonl"), 0),
        ("undo r.jsonl --yes".to_owned(), 0),
        (format!("group reset classic modern --topic {read} --to-datetime 2026-01-01T00:00:00Z --yes"), 4),
        (format!("group reset fresh --new-group --topic {read} --to-latest --yes --settle 0s"), 0),
        (format!("topic truncate {read} --to-latest --yes --allow loses-data"), 0),
        ("topic truncate no-such-topic --older-than 7d --yes".to_owned(), 1),
        (format!("topic delete {gone} --yes --allow loses-data"), 0),
        ("topic delete no-such-topic --yes".to_owned(), 1),
    ]);
    let help = |line: &str| -> Result<BTreeSet<String>> {
        Ok(commands(&scene.klerk(&format!("{line} --help")).run()?.expect_status(0)?))
    };
    for name in help("")?.iter().filter(|name| !OFFLINE.contains(&name.as_str())) {
        ensure!(lines.iter().any(|(line, _)| line.starts_with(name)), "`{name}` is not among the lines");
    }
    for family in ["acl", "quota", "user", "group", "topic", "cluster"] {
        for name in help(family)?.iter().filter(|name| *name != "help") {
            let line = format!("{family} {name}");
            ensure!(
                lines.iter().any(|(other, _)| other.starts_with(&line)),
                "`{line}` is not among the lines"
            );
        }
    }

    let mut used = BTreeSet::new();
    let mut run = |line: &str, status: i32| -> Result<()> {
        let outcome = scene.klerk(line).args(["--explain-requests"]).run()?;
        ensure!(outcome.status == Some(status), "{outcome:#?}");
        used.extend(counts(&outcome)?.into_keys());
        Ok(())
    };
    for (line, status) in &lines {
        run(line, *status)?;
    }
    scene.write("topology.yaml", &topology(3, 2))?;
    run("apply --yes", 0)?;
    let reached = ALLOWED.iter().filter(|api| !OF_SEVERAL_BROKERS.contains(api));
    let allowed: BTreeSet<String> = reached.map(|api| (*api).to_owned()).collect();
    assert_eq!(used, allowed, "what is used is what may be used, and every line of the list was reached");

    let topics: BTreeSet<String> =
        client.topics()?.into_keys().filter(|topic| !topic.starts_with("__")).collect();
    assert_eq!(topics, BTreeSet::from([subject, read]), "a topic came to be by being asked for");
    for consumer in consumers {
        consumer.stop()?;
    }
    Ok(())
}

#[test]
fn each_request_is_traced_with_its_version_broker_and_time() -> Result<()> {
    // One broker is given, so that none is asked whose answer nobody waits for any more.
    let scene = Scene::new(&shared()?.cluster.broker_address(1))?;
    let outcome = scene.klerk("group list -v --explain-requests").run()?;
    ensure!(outcome.status == Some(0), "{outcome:#?}");
    for (api, count) in counts(&outcome)? {
        let name = format!("api=\"{api}\" version=");
        let traced: Vec<&str> = outcome.stderr.lines().filter(|line| line.contains(&name)).collect();
        ensure!(u64::try_from(traced.len())? == count, "{api}: {count} in {}", outcome.stderr);
        for line in traced {
            let millis = line.split_once(" millis=").and_then(|(_, rest)| rest.split(' ').next());
            ensure!(line.contains(" broker=127.0.0.1:"), "{line}");
            ensure!(millis.is_some_and(|millis| millis.parse::<f64>().is_ok()), "{line}");
        }
    }
    Ok(())
}

fn lag_of_all(scene: &Scene) -> Result<BTreeMap<String, u64>> {
    let outcome = scene.klerk("group lag --explain-requests").run()?;
    ensure!(outcome.status == Some(0), "{outcome:#?}");
    counts(&outcome)
}

/// So many groups, each with a commit on every partition of every topic.
fn commit(client: &Client, groups: std::ops::Range<usize>, topics: &[String]) -> Result<()> {
    let offsets: Vec<(&str, i32, i64)> =
        topics.iter().flat_map(|topic| (0..6).map(|partition| (topic.as_str(), partition, 0))).collect();
    for number in groups {
        client.commit_offsets(&format!("budget-{number:03}"), &offsets)?;
    }
    Ok(())
}

#[test]
fn the_lag_of_many_groups_costs_what_the_lag_of_few_does() -> Result<()> {
    let breakable = breakable()?;
    let cluster = &breakable.cluster;
    // One broker is given: where there are several, others are asked who is there too when the first one takes its time.
    let scene = Scene::new(&cluster.broker_address(1))?;
    let client = cluster.client();
    let topics: Vec<String> = (0..8).map(|_| unique_name("budget")).collect();
    client.create_topics(&topics.iter().map(|topic| (topic.as_str(), 6)).collect::<Vec<_>>(), 3, &[])?;
    let consumers = [GroupProtocol::Classic, GroupProtocol::Consumer]
        .into_iter()
        .zip(["budget-classic", "budget-modern"])
        .map(|(protocol, group)| {
            Consumer::start(cluster, &ConsumerOptions::new(group, &[&topics[0]], protocol))
        })
        .collect::<Result<Vec<_>>>()?;
    // Per coordinator ListGroups and OffsetFetch, and a describe for each kind with members, each of which has one
    // coordinator here; per leader both ends of its logs; Metadata when connecting, and once for all topics; what may be
    // seen is asked about once.
    let budget: BTreeMap<String, u64> = [
        ("ConsumerGroupDescribe", 1),
        ("DescribeCluster", 1),
        ("DescribeGroups", 1),
        ("ListGroups", 3),
        ("ListOffsets", 6),
        ("Metadata", 2),
        ("OffsetFetch", 3),
    ]
    .map(|(api, count)| (api.to_owned(), count))
    .into();
    commit(&client, 0..20, &topics[..1])?;
    assert_eq!(lag_of_all(&scene)?, budget);
    commit(&client, 20..120, &topics)?;
    assert_eq!(lag_of_all(&scene)?, budget, "nothing is asked per group, topic or partition");
    for consumer in consumers {
        consumer.stop()?;
    }
    Ok(())
}
