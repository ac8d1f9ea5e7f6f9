//! Runs the cases on both sides and compares their accounts. It prints as Rust's own test programs do, so that it counts among them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail, ensure};
use similar::TextDiff;

use crate::bed::Bed;
use crate::case::{Accounts, Case};
use crate::coverage::Coverage;
use crate::differences;
use crate::servers::{Kafka, On, Sandboxes, Side};

/// Most of a case is waiting for brokers.
const WORKERS: usize = 4;

/// What is asked for on the command line.
#[derive(Debug, Default)]
struct Wish {
    words: Vec<String>,
    /// Both sides when it is not given.
    on: Option<On>,
    tell: bool,
    list: bool,
}

/// Runs what the command line asks for.
pub fn run(rooms: &[&[Case]]) -> ExitCode {
    match wish(std::env::args().skip(1)).and_then(|wish| all(rooms, &wish)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(101),
        Err(error) => {
            println!(
                "{error:#}\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n"
            );
            ExitCode::from(101)
        }
    }
}

fn wish(mut args: impl Iterator<Item = String>) -> Result<Wish> {
    let mut wish = Wish::default();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--on" => {
                wish.on = Some(match args.next().as_deref() {
                    Some("sandbox") => On::Sandbox,
                    Some("kafka") => On::Kafka,
                    other => bail!("--on takes sandbox or kafka, and not {other:?}"),
                });
            }
            "--tell" | "--nocapture" | "--show-output" => wish.tell = true,
            "--list" => wish.list = true,
            "--test-threads" => {
                args.next().context("--test-threads takes a number")?;
            }
            "--quiet" | "-q" => {}
            flag if flag.starts_with("--test-threads=") => {}
            flag if flag.starts_with('-') => bail!("the contract does not know {flag}"),
            word => wish.words.push(word.to_owned()),
        }
    }
    Ok(wish)
}

/// Returns how many cases failed.
fn all(rooms: &[&[Case]], wish: &Wish) -> Result<usize> {
    let cases: Vec<Case> = rooms.concat();
    let named = |case: &Case| case.name.trim_start_matches("contract::").to_owned();
    let wanted: Vec<(usize, Case)> = cases
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, case)| wish.on != Some(On::Kafka) || case.accounts != Accounts::Alone)
        .filter(|(_, case)| wish.words.is_empty() || wish.words.iter().any(|word| named(case).contains(word)))
        .collect();
    ensure!(!wanted.is_empty(), "no case of the contract has a name with {:?} in it", wish.words);
    if wish.list {
        wanted.iter().for_each(|(_, case)| println!("{}: test", named(case)));
        return Ok(0);
    }
    println!("\nrunning {} tests", wanted.len());
    let begun = Instant::now();
    let sandboxes = Sandboxes::new()?;
    let needs_kafka = wish.on != Some(On::Sandbox);
    let kafka = needs_kafka.then(Kafka::start).transpose().context("the real servers do not start")?;
    let real = kafka.as_ref().map(Kafka::side).transpose()?;

    let coverage = Coverage::default();
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some((number, case)) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = judge(case, *number, wish, &sandboxes, real.as_ref(), &coverage);
                    println!("test {} ... {}", named(case), if result.is_ok() { "ok" } else { "FAILED" });
                    if let Err(error) = result {
                        let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
                        failures.push((named(case), error));
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Err(error) = differences::documented() {
        failures.push(("the list of differences".to_owned(), error));
    }
    // Of some cases nothing follows for the others.
    if wanted.len() == cases.len()
        && let Err(error) = coverage.whole(&sandboxes)
    {
        failures.push(("every API has a case".to_owned(), error));
    }
    for (name, error) in &failures {
        println!("\n---- {name} ----\n{error:#}");
    }
    let alone = wanted.iter().filter(|(_, case)| case.accounts == Accounts::Alone).count();
    let others = wanted.len() - alone;
    println!(
        "\ncontract: {}",
        match wish.on {
            None => format!("{others} cases on both, {alone} on the sandbox alone"),
            Some(On::Sandbox) => format!("{} cases on the sandbox only", wanted.len()),
            Some(On::Kafka) => format!("{others} cases on Kafka only"),
        }
    );
    println!(
        "\ntest result: {}. {} passed; {} failed; 0 ignored; 0 measured; {} filtered out; finished in {:.2}s\n",
        if failures.is_empty() { "ok" } else { "FAILED" },
        wanted.len().saturating_sub(failures.len()),
        failures.len(),
        cases.len() - wanted.len(),
        begun.elapsed().as_secs_f64()
    );
    Ok(failures.len())
}

fn judge(
    case: &Case,
    number: usize,
    wish: &Wish,
    sandboxes: &Sandboxes,
    real: Option<&Side>,
    coverage: &Coverage,
) -> Result<()> {
    let prefix = format!("c{number}");
    let sandbox = match wish.on {
        Some(On::Kafka) => None,
        _ => Some(sandboxes.start().context("the sandbox does not start")?),
    };
    let mut accounts = Vec::new();
    let mut faults = Vec::new();
    let real = real.filter(|_| case.accounts != Accounts::Alone);
    for (side, of) in [(sandbox.as_ref(), "the sandbox"), (real, "Kafka")] {
        let Some(side) = side else { continue };
        let (account, result) = told(case, Bed::new(side.clone(), prefix.clone()));
        if wish.tell {
            println!("---- {} on {of}\n{account}", case.name);
        }
        if let Err(error) = result {
            faults.push(format!("on {of}: {error:#}\n{account}"));
        }
        accounts.push(account);
    }
    if let Some(simulated) = &sandbox {
        coverage.note(simulated);
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    let [sandbox, kafka] = accounts.as_slice() else { return Ok(()) };
    match (case.accounts, sandbox == kafka) {
        (Accounts::Same, true) | (Accounts::Different, false) | (Accounts::Alone, _) => Ok(()),
        (Accounts::Different, true) => bail!("the accounts do not differ any more:\n{sandbox}"),
        (Accounts::Same, false) => {
            let difference = TextDiff::from_lines(kafka.as_str(), sandbox.as_str());
            let shown =
                difference.unified_diff().context_radius(30).header("Kafka", "the sandbox").to_string();
            bail!("the accounts differ:\n{shown}")
        }
    }
}

/// The account of a case on one side, and whether it came to its end with something checked.
fn told(case: &Case, bed: Bed) -> (String, Result<()>) {
    let ended = catch_unwind(AssertUnwindSafe(|| (case.story)(&bed)));
    let result = match ended {
        Err(panic) => {
            let words = panic.downcast_ref::<String>().cloned();
            let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
            Err(anyhow!("the case panicked: {}", words.unwrap_or_default()))
        }
        Ok(Ok(())) if !bed.has_checked() => Err(anyhow!("the case checks nothing by itself")),
        Ok(result) => result,
    };
    (bed.account(), result)
}
