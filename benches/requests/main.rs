//! How many requests klerk makes of a plan and of an apply, by the number of topics: on a sandbox, and on three real brokers.
//!
//! `make bench` runs it; `cargo bench --bench requests -- --quick` tries it with small sizes. The exit status is 1 when requests grow
//! with the topics instead of with the batches that they are sent in.

// This program's output is its purpose.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use anyhow::{Context, Result, bail, ensure};
use klerk_sandbox::{Options, Sandbox};
use klerk_testbed::{Cluster, ClusterOptions, Run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Metadata records that a new topic of these topologies makes: itself, its partition, its two configs.
const RECORDS_A_TOPIC: usize = 4;
/// Metadata records that klerk puts into one request.
const RECORDS_A_REQUEST: usize = 4_000;
/// Reads of one command that are there however few topics there are: connecting, and looks until all is visible.
const READS: usize = 60;
/// Topics whose configs klerk asks for in one request.
const TOPICS_A_LOOK: usize = 250;
/// An apply looks for its plan, again just before it changes something, after that, and once more where something was not visible yet.
const LOOKS: usize = 4;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    if !args.iter().any(|arg| arg == "--bench") {
        println!("not run: this is a bench of some minutes; `make bench` runs it");
        return ExitCode::SUCCESS;
    }
    let quick = args.iter().any(|arg| arg == "--quick");
    match on_both(quick) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn on_both(quick: bool) -> Result<()> {
    let sizes = |few: [usize; 2], all: [usize; 2]| if quick { few } else { all };
    println!(
        "{:<8} {:>7}  {:<16} {:>10} {:>9} {:>8}",
        "servers", "topics", "command", "took", "requests", "writes"
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    for topics in sizes([100, 1_000], [1_000, 10_000]) {
        let sandbox = runtime.block_on(Sandbox::start(&Options::default()))?;
        through("sandbox", &sandbox.bootstrap(), topics)?;
    }
    let cluster = Cluster::start(ClusterOptions::three_brokers())?;
    for topics in sizes([50, 200], [500, 2_000]) {
        through("real", &cluster.bootstrap(), topics)?;
        let client = cluster.client();
        let names: Vec<String> =
            client.topics()?.into_keys().filter(|name| name.starts_with("bench.")).collect();
        for part in names.chunks(500) {
            client.delete_topics(&part.iter().map(String::as_str).collect::<Vec<_>>())?;
        }
    }
    println!(
        "\nwrites are requests that change something, or ask whether it would be done; they go by batches of 4,000 records"
    );
    Ok(())
}

/// Creates so many topics, sees that there is nothing left to do, changes all of them, and sees that again.
fn through(servers: &str, bootstrap: &str, topics: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let run = Run::new(env!("CARGO_BIN_EXE_klerk"))?
        .in_folder(folder.path())
        .env("KLERK_BOOTSTRAP", bootstrap)
        .patience(Duration::from_secs(600));
    let bench = Bench { servers, topics, run };
    bench.write(folder.path(), "1d")?;
    let batches = (topics * RECORDS_A_TOPIC).div_ceil(RECORDS_A_REQUEST);
    bench.measure("plan, all new", "plan", "CreateTopics", batches)?;
    // Whether they would be created, and then that they shall be.
    bench.measure("apply, all new", "apply --yes", "CreateTopics", 2 * batches)?;
    bench.measure("plan, nothing", "plan --detailed-exitcode", "CreateTopics", 0)?;
    bench.write(folder.path(), "2d")?;
    let batches = topics.div_ceil(RECORDS_A_REQUEST);
    bench.measure("apply, all change", "apply --yes", "IncrementalAlterConfigs", 2 * batches)?;
    bench.measure("plan, nothing", "plan --detailed-exitcode", "IncrementalAlterConfigs", 0)
}

struct Bench<'a> {
    servers: &'a str,
    topics: usize,
    run: Run,
}

impl Bench<'_> {
    fn write(&self, folder: &Path, retention: &str) -> Result<()> {
        let mut text = format!(
            "klerk: 1\ndefaults: {{ partitions: 1, replication: 1, retention.ms: {retention}, max.message.bytes: 2MiB }}\ntopics:\n"
        );
        for number in 0..self.topics {
            writeln!(text, "  bench.{number}: {{}}")?;
        }
        Ok(fs::write(folder.join("topology.yaml"), text)?)
    }

    /// Runs a command, which may make so many requests of this API and no other that changes anything.
    fn measure(&self, what: &str, line: &str, api: &str, most: usize) -> Result<()> {
        let outcome =
            self.run.clone().args(line.split(' ')).args(["-o", "json", "--explain-requests"]).run()?;
        // Brokers that are busy may show the last topics later than klerk waits for them.
        ensure!(matches!(outcome.status, Some(0 | 3)), "{what}: {:?} {}", outcome.status, outcome.stderr);
        let document: Value = serde_json::from_str(&outcome.stdout)?;
        let failed =
            document["steps"].as_array().into_iter().flatten().find(|step| {
                matches!(step["outcome"].as_str(), Some("rejected" | "unknown" | "not-attempted"))
            });
        if let Some(step) = failed {
            bail!("{what}: {step}");
        }
        let counts = counts(&outcome.stderr)?;
        let writes = ["CreateTopics", "CreatePartitions", "IncrementalAlterConfigs", "DeleteTopics"];
        let written: u64 = writes.iter().filter_map(|name| counts.get(*name)).sum();
        let all = counts.get("requests").copied().unwrap_or_default();
        println!(
            "{:<8} {:>7}  {what:<16} {:>7} ms {all:>9} {written:>8}",
            self.servers,
            self.topics,
            outcome.took.as_millis()
        );
        let of_api = counts.get(api).copied().unwrap_or_default();
        ensure!(
            written == of_api,
            "{what}: {written} requests change something, and {of_api} of them are {api}"
        );
        ensure!(of_api <= most as u64, "{what}: {of_api} requests {api}, and {most} batches");
        let reads = READS + LOOKS * self.topics.div_ceil(TOPICS_A_LOOK);
        ensure!(all - written <= reads as u64, "{what}: {} reads: {counts:?}", all - written);
        Ok(())
    }
}

/// What `--explain-requests` tells, with the sum as `requests`.
fn counts(stderr: &str) -> Result<BTreeMap<String, u64>> {
    let line = |line: &str| {
        let (name, count) = line.rsplit_once(' ')?;
        Some((name.to_owned(), count.parse().ok()?))
    };
    let counts: BTreeMap<String, u64> = stderr.lines().filter_map(line).collect();
    ensure!(counts.contains_key("requests"), "nothing was counted");
    counts.get("requests").context("a sum")?;
    Ok(counts)
}
