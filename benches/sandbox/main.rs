//! How soon a sandbox answers, what it holds at rest, and how fast klerk and a bare client fill it.
//!
//! `make bench-sandbox` runs it. Every figure is of the release build, from processes as an operator starts them.

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

fn main() -> ExitCode {
    if !std::env::args().any(|arg| arg == "--bench") {
        println!("not run: this is a bench of a minute; `make bench-sandbox` runs it");
        return ExitCode::SUCCESS;
    }
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Result<()> {
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
    line("ready to answer", &median_ms(&mut ready), "aim: under 100 ms");
    at_rest.sort_unstable();
    let largest = at_rest.last().map_or_else(|| "not available".to_owned(), |bytes| megabytes(*bytes));
    line("resident at rest, the largest", &largest, "aim: under 40 MB");

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
    line("1,000 topics × 10 partitions created by a bare client", &median_ms(&mut bare), "aim: under 1 s");

    for topics in [1_000, 10_000] {
        through_klerk(folder.path(), topics)?;
    }
    println!("after:  load average {}", load());
    Ok(())
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
    line(&what("apply"), &median_ms(&mut applied), &format!("{} requests", requests[0]));
    line(&what("plan, nothing to do,"), &median_ms(&mut planned), &format!("{} requests", requests[1]));
    Ok(())
}

fn line(what: &str, figure: &str, beside: &str) {
    println!("{what:<64} {figure:>12}   {beside}");
}

fn median_ms(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    format!("{:.1} ms", middle.as_secs_f64() * 1_000.0)
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
