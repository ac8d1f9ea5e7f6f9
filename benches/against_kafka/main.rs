//! klerk beside Kafka's own command line tools, on one real broker, in one run.
//!
//! `make bench` runs all of it; `cargo bench --bench against_kafka -- --quick` tries it with small sizes. Words after that choose
//! cases: `-- --quick lag reset`.
//!
//! Each case is run in turns with the peer's nearest command, and each run's result is checked. The exit status is 1 when a step
//! failed or a result was wrong; an aim that is missed is printed and no error.

// This program's output is its purpose.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod aims;
mod cases;
mod contest;
mod machine;
mod measure;
mod programs;
mod proxy;
mod table;
mod workload;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::cases::{COMPARED, Stage};
use crate::contest::{Case, Row};
use crate::programs::Programs;
use crate::workload::{Broker, PLANNED_PARTITIONS, Reader, Readers, names, write_topology};

/// Configs of the topics that are planned: overrides, so that both sides have something to read.
const PLANNED_CONFIGS: [(&str, &str); 2] = [("retention.ms", "86400000"), ("max.message.bytes", "2097152")];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if !args.iter().any(|arg| arg == "--bench") {
        println!("not run: this is a bench of several minutes; `make bench` runs it");
        return ExitCode::SUCCESS;
    }
    match Bench::run(&args) {
        Ok(bench) if bench.failures.is_empty() => ExitCode::SUCCESS,
        Ok(bench) => {
            for failure in &bench.failures {
                eprintln!("FAILED {failure}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

struct Bench {
    stage: Stage,
    chosen: Vec<String>,
    rows: Vec<Row>,
    failures: Vec<String>,
}

impl Bench {
    fn run(args: &[String]) -> Result<Bench> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
        let home = folder.join("home");
        if home.exists() {
            fs::remove_dir_all(&home).context("cannot clear the home folder of the last run")?;
        }
        fs::create_dir_all(&home).context("cannot create target/bench")?;
        let before = machine::state();
        let stage = Stage {
            broker: Broker::start()?,
            programs: Programs::new(&home)?,
            folder,
            quick: args.iter().any(|arg| arg == "--quick"),
        };
        let chosen = args.iter().filter(|arg| !arg.starts_with('-')).cloned().collect();
        let mut bench = Bench { stage, chosen, rows: Vec::new(), failures: Vec::new() };
        bench.run_all();

        println!("\n{}\n\n{COMPARED}\n", Programs::how_they_run());
        println!("before: {before}\nafter:  {}\n", machine::state());
        println!("{}\n\n{}", table::render(&bench.rows), aims::judge(&bench.rows));
        Ok(bench)
    }

    fn run_all(&mut self) {
        let quick = self.stage.quick;
        let size = |full: usize, small: usize| if quick { small } else { full };
        self.part("version", |bench| {
            let row = bench.hold(&bench.stage.version());
            bench.keep(row);
            Ok(())
        });
        for topics in [12, size(1_000, 100)] {
            self.part("plan", |bench| bench.plan(topics));
        }
        self.part("create", |bench| bench.create(size(1_000, 100)));
        self.part("lag", |bench| bench.lag(&[10, size(100, 20), size(1_000, 50)], size(200, 10)));
        self.part("reset", |bench| bench.reset(size(1_000, 100)));
    }

    /// Does one part if it was asked for. A part that fails does not stop the next.
    fn part(&mut self, name: &str, work: impl FnOnce(&mut Bench) -> Result<()>) {
        if !self.chosen.is_empty() && !self.chosen.iter().any(|chosen| chosen == name) {
            return;
        }
        if let Err(error) = work(self) {
            self.failures.push(format!("{name}: {error:#}"));
        }
    }

    fn plan(&mut self, topics: usize) -> Result<()> {
        let prefix = format!("plan-{topics}");
        let names = names(&prefix, topics);
        let topology = write_topology(&self.stage.folder.join("plan.yaml"), &names, &PLANNED_CONFIGS)?;
        self.stage.broker.create(&names, PLANNED_PARTITIONS, &PLANNED_CONFIGS)?;
        let row = self.hold(&self.stage.plan(&topology, &prefix, topics));
        self.keep(row);
        self.stage.broker.delete(&names)
    }

    fn create(&mut self, topics: usize) -> Result<()> {
        let names = names("create", topics);
        let topology = write_topology(&self.stage.folder.join("create.yaml"), &names, &[])?;
        let row = self.hold(&self.stage.create(&topology, &names));
        self.keep(row);
        self.stage.broker.delete(&names)
    }

    fn lag(&mut self, groups: &[usize], topics: usize) -> Result<()> {
        let mut readers = Readers::load(&self.stage.broker, topics)?;
        for groups in groups {
            readers.grow(&self.stage.broker, *groups)?;
            let row = self.hold(&self.stage.lag(&readers, *groups));
            self.keep(row);
        }
        self.stage.broker.delete(&readers.topics)
    }

    fn reset(&mut self, partitions: usize) -> Result<()> {
        let reader = Reader::load(&self.stage.broker, partitions)?;
        let row = self.hold(&self.stage.reset(&reader));
        self.keep(row);
        self.stage.broker.delete(&reader.topics)
    }

    fn hold(&self, case: &Case<'_>) -> Row {
        eprintln!("{} …", case.work);
        contest::hold(case, &self.stage.broker, &self.stage.folder.join("output"))
    }

    fn keep(&mut self, row: Row) {
        for (name, side) in [("klerk", &row.klerk), ("Kafka's tool", &row.peer)] {
            if let Err(error) = side {
                self.failures.push(format!("{}: {name}: {error:#}", row.work));
            }
        }
        self.rows.push(row);
    }
}
