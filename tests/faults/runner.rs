//! Runs the rows, many at a time. It prints as Rust's own test programs do, so that it counts among them.

use crate::scene::Scene;
use anyhow::{Context, Result};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use tokio::runtime::Handle;

/// Most of a row is waiting for an answer that does not come; and yet each runs processes, which slow machines must bear.
const WORKERS: usize = 16;

/// What is done in a row, and with its outcome.
type Deed = Box<dyn Fn(&Scene) -> Result<()> + Sync>;

/// A table: its name, and its rows with their names.
pub struct Table {
    name: &'static str,
    rows: Vec<(String, Deed)>,
}

impl Table {
    pub fn new<R: Sync + 'static>(
        name: &'static str,
        rows: Vec<R>,
        name_of: fn(&R) -> String,
        judge: fn(&R, &Scene) -> Result<()>,
    ) -> Table {
        let row = |row: R| (name_of(&row), Box::new(move |scene: &Scene| judge(&row, scene)) as Deed);
        Table { name, rows: rows.into_iter().map(row).collect() }
    }
}

/// Runs the rows that the command line asks for.
pub fn run(tables: &[Table]) -> ExitCode {
    let (flags, words): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|arg| arg.starts_with('-'));
    let tells = flags.iter().any(|flag| matches!(flag.as_str(), "--nocapture" | "--show-output"));
    let mut all = 0;
    let mut wanted = Vec::new();
    for table in tables {
        for (name, deed) in &table.rows {
            all += 1;
            let name = format!("{}: {name}", table.name);
            if words.is_empty() || words.iter().any(|word| name.contains(word.as_str())) {
                wanted.push((name, deed));
            }
        }
    }
    if flags.iter().any(|flag| flag == "--list") {
        wanted.iter().for_each(|(name, ..)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    println!("\nrunning {} tests", wanted.len());
    let begun = Instant::now();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            println!("no runtime: {error}");
            return ExitCode::from(101);
        }
    };
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some((name, deed)) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (result, printed) = one(deed, runtime.handle());
                    let word = if result.is_ok() { "ok" } else { "FAILED" };
                    println!("test {name} ... {word}");
                    if tells {
                        println!("{printed}");
                    }
                    if let Err(error) = result {
                        let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
                        failures.push(format!("---- {name}\n{error:#}\n{printed}"));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    failures.iter().for_each(|failure| println!("\n{failure}"));
    let counts: Vec<String> =
        tables.iter().map(|table| format!("{} of {}", table.rows.len(), table.name)).collect();
    println!("\nfaults: rows {}, {:?}", counts.join(", "), begun.elapsed());
    println!(
        "\ntest result: {}. {} passed; {} failed; 0 ignored; 0 measured; {} filtered out\n",
        if failures.is_empty() { "ok" } else { "FAILED" },
        wanted.len() - failures.len(),
        failures.len(),
        all - wanted.len()
    );
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(101) }
}

/// The result of a row, and what klerk printed.
fn one(deed: &Deed, runtime: &Handle) -> (Result<()>, String) {
    let scene = match Scene::new(runtime).context("no sandbox") {
        Ok(scene) => scene,
        Err(error) => return (Err(error), String::new()),
    };
    (deed(&scene), scene.printed())
}
