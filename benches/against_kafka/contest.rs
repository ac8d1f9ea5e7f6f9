//! Runs a case: klerk, the peer, klerk, the peer …

use std::fmt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::measure::{self, Finished};
use crate::table::thousands;
use crate::workload::Broker;

const PATIENCE: Duration = Duration::from_secs(600);
const KLERK: &str = "klerk";
const PEER: &str = "kafka";

/// What is done, with its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    Version,
    Plan { topics: usize },
    Create { topics: usize },
    Lag { groups: usize },
    Reset { partitions: usize },
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |number: usize| thousands(number as u64);
        match *self {
            Work::Version => write!(f, "start and print the version"),
            Work::Plan { topics } => write!(f, "plan of {} topics, nothing to do", count(topics)),
            Work::Create { topics } => write!(f, "create {} topics", count(topics)),
            Work::Lag { groups } => write!(f, "lag of {} groups", count(groups)),
            Work::Reset { partitions } => write!(f, "reset of {} partitions", count(partitions)),
        }
    }
}

/// A command line for a broker's address.
pub type CommandLine<'a> = Box<dyn Fn(&str) -> Command + 'a>;
/// Whether a run did what it was asked for.
pub type Check<'a> = Box<dyn Fn(&Finished) -> Result<()> + 'a>;

/// One of the two programs in a case.
pub struct Side<'a> {
    pub command: CommandLine<'a>,
    pub check: Check<'a>,
    pub repetitions: usize,
    /// How many such runs the work takes; above 1 the figures are extrapolated.
    pub runs_for_the_work: u32,
}

pub struct Case<'a> {
    pub work: Work,
    pub klerk: Side<'a>,
    pub peer: Side<'a>,
    /// Brings the cluster into the state from which either starts. Done before each run.
    pub prepare: Box<dyn Fn() -> Result<()> + 'a>,
    pub counting: Counting,
}

/// What the counting proxy is for.
#[derive(Debug, Clone, Copy)]
pub enum Counting {
    /// The work asks no broker.
    Nothing,
    /// One run through the proxy, apart from those that are timed.
    Requests,
    /// All of klerk's runs go through the proxy, which tells when the last request of this API was answered.
    AnswersOf { api: i16 },
}

/// What was measured of one side.
#[derive(Debug)]
pub struct Figures {
    pub wall: Vec<Duration>,
    pub peak_memory: Option<u64>,
    pub requests: Option<u64>,
    pub runs_for_the_work: u32,
    /// From the start of the program to the answer that [`Counting::AnswersOf`] asks for.
    pub answered: Vec<Duration>,
}

/// What was measured of a case. A side that failed has no figures.
#[derive(Debug)]
pub struct Row {
    pub work: Work,
    pub klerk: Result<Figures>,
    pub peer: Result<Figures>,
}

/// Counts requests first, which also warms the broker and the disk cache for both; then measures in turns.
pub fn hold(case: &Case<'_>, broker: &Broker, folder: &Path) -> Row {
    let contest = Contest { case, broker, folder };
    let mut klerk = contest.count(&case.klerk, KLERK);
    let mut peer = contest.count(&case.peer, PEER);
    let rounds = case.klerk.repetitions.max(case.peer.repetitions);
    for round in 0..rounds {
        klerk = contest.measure(&case.klerk, KLERK, klerk, round, rounds);
        peer = contest.measure(&case.peer, PEER, peer, round, rounds);
    }
    Row { work: case.work, klerk, peer }
}

struct Contest<'a> {
    case: &'a Case<'a>,
    broker: &'a Broker,
    folder: &'a Path,
}

impl Contest<'_> {
    fn count(&self, side: &Side<'_>, name: &str) -> Result<Figures> {
        let mut figures = Figures {
            wall: Vec::new(),
            peak_memory: None,
            requests: None,
            runs_for_the_work: side.runs_for_the_work,
            answered: Vec::new(),
        };
        if matches!(self.case.counting, Counting::Nothing) {
            return Ok(figures);
        }
        (self.case.prepare)()?;
        self.broker.proxy.reset();
        let mut command = (side.command)(self.broker.counted_address());
        if name == KLERK {
            command.arg("--explain-requests");
        }
        let finished = self.run(side, name, command)?;
        let requests = self.broker.proxy.traffic().requests();
        if name == KLERK {
            check_own_count(&finished.stderr()?, requests)?;
        }
        figures.requests = Some(requests);
        figures.peak_memory = finished.peak_memory;
        Ok(figures)
    }

    /// The side's turn in one round; with fewer repetitions than rounds its turns are spread evenly.
    fn measure(
        &self,
        side: &Side<'_>,
        name: &str,
        figures: Result<Figures>,
        round: usize,
        rounds: usize,
    ) -> Result<Figures> {
        let mut figures = figures?;
        if (round + 1) * side.repetitions / rounds == round * side.repetitions / rounds {
            return Ok(figures);
        }
        (self.case.prepare)()?;
        let finished = match self.case.counting {
            Counting::AnswersOf { api } if name == KLERK => {
                self.broker.proxy.reset();
                let finished = self.run(side, name, (side.command)(self.broker.counted_address()))?;
                let answer = self.broker.proxy.traffic().last_answer(api);
                let answer = answer.with_context(|| format!("API {api} was not answered"))?;
                figures.answered.push(answer.duration_since(finished.started));
                finished
            }
            _ => self.run(side, name, (side.command)(&self.broker.address()))?,
        };
        figures.wall.push(finished.took);
        figures.peak_memory = figures.peak_memory.max(finished.peak_memory);
        Ok(figures)
    }

    fn run(&self, side: &Side<'_>, name: &str, command: Command) -> Result<Finished> {
        let output = format!("{} {name}", self.case.work).replace([' ', ','], "-");
        let finished = measure::run(command, self.folder, &output, PATIENCE)?;
        (side.check)(&finished).with_context(|| format!("see {output}.* in {}", self.folder.display()))?;
        Ok(finished)
    }
}

/// The last line of `--explain-requests` must say what went over the wire.
fn check_own_count(stderr: &str, seen: u64) -> Result<()> {
    let told = stderr.lines().last().and_then(|line| line.strip_prefix("requests "));
    let told: u64 =
        told.and_then(|count| count.parse().ok()).context("no last line `requests COUNT` on stderr")?;
    ensure!(told == seen, "--explain-requests says {told} requests, the proxy counted {seen}");
    Ok(())
}
