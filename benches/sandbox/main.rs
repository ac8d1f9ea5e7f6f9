//! How soon a sandbox answers, what it holds at rest, and how fast klerk and a bare client fill it.
//!
//! `make bench-sandbox` runs it, and fails when an aim is missed. Every figure is of the release build, from processes as an operator starts them.

// This program's output is its purpose.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod running;

use anyhow::{Context, Result, ensure};
use running::{Running, klerk};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const STARTS: usize = 20;
const FILLS: usize = 5;
const PARTITIONS: i32 = 10;

/// The aims: from the start of the process to its first answer; bytes at rest; 1,000 topics of [`PARTITIONS`].
const READY: Duration = Duration::from_millis(100);
const AT_REST: u64 = 40_000_000;
const FILLED: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    if !std::env::args().any(|arg| arg == "--bench") {
        println!("not run: this is a bench of a minute; `make bench-sandbox` runs it");
        return ExitCode::SUCCESS;
    }
    match measure() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(missed) => {
            eprintln!("error: {missed} of the aims are missed");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Returns how many aims are missed.
fn measure() -> Result<usize> {
    let mut missed = 0;
    let load = || fs::read_to_string("/proc/loadavg").map(|text| text.trim().to_owned()).unwrap_or_default();
    println!("before: load average {}", load());
    let folder = tempfile::tempdir()?;

    let mut ready = Vec::new();
    let mut at_rest = Vec::new();
    for _ in 0..STARTS {
        let sandbox = Running::start(folder.path())?;
        ready.push(sandbox.ready);
        std::thread::sleep(Duration::from_millis(200));
        at_rest.extend(sandbox.resident());
    }
    let ready = median(&mut ready);
    missed += judged("ready to answer", &ms(ready), ready < READY, "under 100 ms");
    // A system without /proc does not tell.
    match at_rest.into_iter().max() {
        None => line("resident at rest, the largest", "not told", ""),
        Some(most) => {
            missed +=
                judged("resident at rest, the largest", &megabytes(most), most < AT_REST, "under 40 MB");
        }
    }

    let mut bare = Vec::new();
    for _ in 0..FILLS {
        let sandbox = Running::start(folder.path())?;
        let names: Vec<String> = (0..1_000).map(|number| format!("t.{number}")).collect();
        let topics: Vec<(&str, i32)> = names.iter().map(|name| (name.as_str(), PARTITIONS)).collect();
        // Each request stays below the 10,000 records that Kafka takes at once.
        let started = Instant::now();
        for part in topics.chunks(500) {
            sandbox.client().create_topics_unseen(part, 3, &[])?;
        }
        bare.push(started.elapsed());
        ensure!(sandbox.client().topics()?.len() == 1_000);
    }
    let bare = median(&mut bare);
    missed += judged(
        "1,000 topics × 10 partitions created by a bare client",
        &ms(bare),
        bare < FILLED,
        "under 1 s",
    );

    for topics in [1_000, 10_000] {
        through_klerk(folder.path(), topics)?;
    }
    println!("after:  load average {}", load());
    Ok(missed)
}

/// What klerk needs to create so many topics, and to see that there is nothing left to do.
fn through_klerk(folder: &Path, topics: usize) -> Result<()> {
    let mut text = format!(
        "klerk: 1\ndefaults: {{ partitions: {PARTITIONS}, replication: 3, retention.ms: 1d }}\ntopics:\n"
    );
    for number in 0..topics {
        writeln!(text, "  t.{number}: {{}}")?;
    }
    fs::write(folder.join("topology.yaml"), text)?;
    let (mut applied, mut planned, mut requests) = (Vec::new(), Vec::new(), [0, 0]);
    for _ in 0..FILLS {
        let sandbox = Running::start(folder)?;
        let apply = klerk(folder, &sandbox, &["apply", "--yes"])?;
        ensure!(apply.document.get("outcome").and_then(Value::as_str) == Some("done"), "{}", apply.document);
        let plan = klerk(folder, &sandbox, &["plan"])?;
        let unchanged = plan.document.pointer("/summary/unchanged").and_then(Value::as_u64);
        ensure!(unchanged == u64::try_from(topics).ok(), "{:?}", plan.document.get("summary"));
        applied.push(apply.took);
        planned.push(plan.took);
        requests = [apply.requests, plan.requests];
    }
    let what = |verb: &str| format!("{verb} of {topics} topics × {PARTITIONS} partitions by klerk");
    line(&what("apply"), &ms(median(&mut applied)), &format!("{} requests", requests[0]));
    line(&what("plan, nothing to do,"), &ms(median(&mut planned)), &format!("{} requests", requests[1]));
    Ok(())
}

fn line(what: &str, figure: &str, beside: &str) {
    println!("{what:<64} {figure:>12}   {beside}");
}

/// Prints a figure with its aim, and returns how many aims are missed by it.
fn judged(what: &str, figure: &str, met: bool, aim: &str) -> usize {
    line(what, figure, &format!("aim: {aim}: {}", if met { "met" } else { "MISSED" }));
    usize::from(!met)
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}

fn megabytes(bytes: u64) -> String {
    // A tenth of a megabyte is as exact as a resident set is.
    let tenths = bytes / 100_000;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

/// The last line of `--explain-requests`.
fn requests(stderr: &str) -> Result<u64> {
    let last = stderr.lines().rev().find_map(|line| line.strip_prefix("requests "));
    last.context("no count of requests")?.trim().parse().context("a count")
}
