//! What is measured: the command lines of both sides, and what each must have done.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use klerk_testbed::Tool;

use crate::contest::{Case, Counting, Side, Work};
use crate::measure::Finished;
use crate::programs::Programs;
use crate::workload::{Broker, PLANNED_PARTITIONS, Reader, Readers, WIDTH, names};

const CREATE_TOPICS: i16 = 19;

/// What every case needs.
#[derive(Debug)]
pub struct Stage {
    pub broker: Broker,
    pub programs: Programs,
    /// Topologies and output stand here.
    pub folder: PathBuf,
    pub quick: bool,
}

impl Stage {
    fn repetitions(&self, full: usize) -> usize {
        if self.quick { full.min(2) } else { full }
    }

    fn klerk<'a>(
        &'a self,
        args: impl Fn(&str) -> Vec<String> + 'a,
        repetitions: usize,
        check: impl Fn(&Finished) -> Result<()> + 'a,
    ) -> Side<'a> {
        Side {
            command: Box::new(move |address| self.programs.klerk(&args(address))),
            check: Box::new(check),
            repetitions: self.repetitions(repetitions),
            runs_for_the_work: 1,
        }
    }

    fn kafka<'a>(
        &'a self,
        tool: Tool,
        args: impl Fn() -> Vec<String> + 'a,
        repetitions: usize,
        check: impl Fn(&Finished) -> Result<()> + 'a,
    ) -> Side<'a> {
        let command = move |address: &str| {
            self.programs.kafka(tool, &[words(&["--bootstrap-server", address]), args()].concat())
        };
        Side {
            command: Box::new(command),
            check: Box::new(check),
            repetitions: self.repetitions(repetitions),
            runs_for_the_work: 1,
        }
    }

    pub fn version(&self) -> Case<'_> {
        let klerk = self.klerk(
            |_| words(&["--version"]),
            30,
            |finished| {
                let said = finished.succeeded()?;
                ensure!(said.contains(env!("CARGO_PKG_VERSION")), "it printed `{}`", said.trim());
                Ok(())
            },
        );
        let peer = Side {
            command: Box::new(|_| self.programs.kafka(Tool::Topics, &["--version"])),
            check: Box::new(|finished| finished.succeeded().map(drop)),
            repetitions: self.repetitions(10),
            runs_for_the_work: 1,
        };
        Case { work: Work::Version, klerk, peer, prepare: Box::new(|| Ok(())), counting: Counting::Nothing }
    }

    /// The topics `prefix-…` are there as `topology` wants them.
    pub fn plan<'a>(&'a self, topology: &'a Path, prefix: &'a str, topics: usize) -> Case<'a> {
        let klerk = self.klerk(
            move |address| {
                let mut args = words(&["plan", "--detailed-exitcode", "-o", "json", "-b", address, "-f"]);
                args.push(topology.display().to_string());
                args
            },
            10,
            move |finished| {
                let plan = finished.json(&[0])?;
                let steps = plan["steps"].as_array().context("the plan has no steps[]")?;
                ensure!(steps.is_empty(), "the plan has {} steps", steps.len());
                for change in ["create", "change", "delete", "blocked"] {
                    ensure!(plan["summary"][change] == 0, "summary.{change}: {}", plan["summary"][change]);
                }
                let unchanged = &plan["summary"]["unchanged"];
                ensure!(*unchanged == topics, "summary.unchanged: {unchanged} instead of {topics}");
                Ok(())
            },
        );
        let peer = self.kafka(
            Tool::Topics,
            move || words(&["--describe", "--topic", &format!("{prefix}-.*")]),
            10,
            move |finished| {
                let said = finished.succeeded()?;
                let heads = said.lines().filter(|line| line.contains("PartitionCount: ")).count();
                ensure!(heads == topics, "it described {heads} topics instead of {topics}");
                Ok(())
            },
        );
        let prepare = Box::new(|| Ok(()));
        Case { work: Work::Plan { topics }, klerk, peer, prepare, counting: Counting::Requests }
    }

    /// `created` are the topics of `topology`.
    pub fn create<'a>(&'a self, topology: &'a Path, created: &'a [String]) -> Case<'a> {
        let by_peer = names("by-kafka", 1);
        let one = by_peer[0].clone();
        let klerk = self.klerk(
            move |address| {
                let mut args = words(&["apply", "--yes", "-o", "json", "-b", address, "-f"]);
                args.push(topology.display().to_string());
                args
            },
            5,
            move |finished| {
                let report = finished.json(&[0, 3])?;
                let steps = report["steps"].as_array().context("the report has no steps[]")?;
                let (done, rest): (Vec<_>, Vec<_>) = steps.iter().partition(|step| step["outcome"] == "done");
                if let Some(step) = rest.iter().find(|step| step["outcome"] != "accepted") {
                    bail!("{} is {}: {}", step["resource"]["name"], step["outcome"], step["error"]);
                }
                if !rest.is_empty() {
                    eprintln!(
                        "  klerk stopped looking when {} of {} topics were visible",
                        done.len(),
                        steps.len()
                    );
                }
                self.broker.await_topics(created, PLANNED_PARTITIONS)
            },
        );
        let partitions = PLANNED_PARTITIONS.to_string();
        let mut peer = self.kafka(
            Tool::Topics,
            move || {
                words(&[
                    "--create",
                    "--topic",
                    &one,
                    "--partitions",
                    &partitions,
                    "--replication-factor",
                    "1",
                ])
            },
            5,
            {
                let by_peer = by_peer.clone();
                move |finished| {
                    finished.succeeded()?;
                    self.broker.check_topics(&by_peer, PLANNED_PARTITIONS)
                }
            },
        );
        peer.runs_for_the_work = created.len() as u32;
        let prepare = move || self.broker.delete(&[created, &by_peer].concat());
        Case {
            work: Work::Create { topics: created.len() },
            klerk,
            peer,
            prepare: Box::new(prepare),
            counting: Counting::AnswersOf { api: CREATE_TOPICS },
        }
    }

    pub fn lag<'a>(&'a self, readers: &'a Readers, groups: usize) -> Case<'a> {
        let rows = groups * WIDTH as usize;
        let total = readers.total_lag();
        let klerk = self.klerk(
            |address| words(&["group", "lag", "-o", "json", "-b", address]),
            10,
            move |finished| {
                let document = finished.json(&[0])?;
                let found = document["groups"].as_array().context("no groups[]")?;
                ensure!(found.len() == groups, "{} groups instead of {groups}", found.len());
                let partitions = || found.iter().filter_map(|group| group["partitions"].as_array()).flatten();
                ensure!(partitions().count() == rows, "{} rows instead of {rows}", partitions().count());
                let by_group: i64 = found.iter().filter_map(|group| group["lag"].as_i64()).sum();
                let by_row: i64 = partitions().filter_map(|row| row["lag"].as_i64()).sum();
                ensure!(
                    by_group == total && by_row == total,
                    "lag {by_group} by group and {by_row} by row instead of {total}"
                );
                Ok(())
            },
        );
        let peer = self.kafka(
            Tool::ConsumerGroups,
            || words(&["--describe", "--all-groups", "--timeout", "600000"]),
            if groups < 1_000 { 5 } else { 2 },
            move |finished| {
                let said = finished.succeeded()?;
                let lags: Vec<i64> = said.lines().filter_map(peer_lag).collect();
                ensure!(lags.len() == rows, "{} rows instead of {rows}", lags.len());
                ensure!(
                    lags.iter().sum::<i64>() == total,
                    "lag {} instead of {total}",
                    lags.iter().sum::<i64>()
                );
                Ok(())
            },
        );
        let prepare = Box::new(|| Ok(()));
        Case { work: Work::Lag { groups }, klerk, peer, prepare, counting: Counting::Requests }
    }

    pub fn reset<'a>(&'a self, reader: &'a Reader) -> Case<'a> {
        let rewound = |finished: &Finished| {
            finished.succeeded()?;
            reader.check_rewound(&self.broker)
        };
        let strategy = ["--all-topics", "--to-earliest"];
        let klerk = self.klerk(
            move |address| {
                let mut args = words(&["group", "reset", reader.group]);
                args.extend(words(&strategy));
                args.extend(words(&["--settle", "0s", "--yes", "-o", "json", "-b", address]));
                args
            },
            10,
            rewound,
        );
        let peer = self.kafka(
            Tool::ConsumerGroups,
            move || {
                let mut args = words(&["--reset-offsets", "--group", reader.group]);
                args.extend(words(&strategy));
                args.push("--execute".to_owned());
                args
            },
            5,
            rewound,
        );
        Case {
            work: Work::Reset { partitions: reader.topics.len() * WIDTH as usize },
            klerk,
            peer,
            prepare: Box::new(|| reader.commit_all(&self.broker)),
            counting: Counting::Requests,
        }
    }
}

/// For the reader of the figures.
pub const COMPARED: &str = "\
version    klerk --version | kafka-topics --version
plan       klerk plan of a file of topics of 4 partitions with 2 configs | kafka-topics --describe --topic 'PREFIX-.*': it reads the
           same topics, partitions and configs but compares them with nothing (ConfigCommand is not needed for that)
create     klerk apply --yes of topics of 4 partitions, to the end of its own look at what became of them, and to acceptance: from
           the start of klerk to the last answer to CreateTopics that the counting proxy has seen (these runs go through it)
           | kafka-topics --create, one topic a run: time and requests of one run, multiplied
lag        klerk group lag | kafka-consumer-groups --describe --all-groups; groups of 20 partitions each, all rows printed
reset      klerk group reset --all-topics --to-earliest --settle 0s (without its watch for groups that only seem empty)
           | kafka-consumer-groups --reset-offsets --all-topics --to-earliest --execute";

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The sixth column of GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG …
fn peer_lag(line: &str) -> Option<i64> {
    line.split_whitespace().nth(5)?.parse().ok()
}
