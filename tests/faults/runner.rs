//! Runs the rows, many at a time. It prints as Rust's own test programs do, so that it counts among them.

use crate::scene::Scene;
use anyhow::{Context, Result, bail, ensure};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use tokio::runtime::Handle;

/// Most of a row is waiting for an answer that does not come; and yet each runs processes, which slow machines must bear.
const WORKERS: usize = 24;

/// What is done in a row, and with its outcome.
type Deed = Box<dyn Fn(&Scene) -> Result<()> + Sync>;

/// A table: its name, and its rows.
pub struct Table {
    name: &'static str,
    rows: Vec<TableRow>,
}

struct TableRow {
    name: String,
    deed: Deed,
    /// Whether it runs before the others, by itself.
    alone: bool,
}

impl Table {
    pub fn new<R: Sync + 'static>(
        name: &'static str,
        rows: Vec<R>,
        name_of: fn(&R) -> String,
        judge: fn(&R, &Scene) -> Result<()>,
        alone: fn(&R) -> bool,
    ) -> Table {
        let row = |row: R| TableRow {
            name: name_of(&row),
            alone: alone(&row),
            deed: Box::new(move |scene: &Scene| judge(&row, scene)),
        };
        Table { name, rows: rows.into_iter().map(row).collect() }
    }
}

/// What is asked for on the command line.
#[derive(Debug, Default)]
struct Wish {
    words: Vec<String>,
    tells: bool,
    list: bool,
}

fn wish(mut args: impl Iterator<Item = String>) -> Result<Wish> {
    let mut wish = Wish::default();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--nocapture" | "--show-output" => wish.tells = true,
            "--list" => wish.list = true,
            "--test-threads" => {
                args.next().context("--test-threads takes a number")?;
            }
            "--quiet" | "-q" => {}
            flag if flag.starts_with("--test-threads=") => {}
            flag if flag.starts_with('-') => bail!("the tables of faults do not know {flag}"),
            word => wish.words.push(word.to_owned()),
        }
    }
    Ok(wish)
}

/// Runs the rows that the command line asks for.
pub fn run(tables: &[Table]) -> ExitCode {
    match wish(std::env::args().skip(1)).and_then(|wish| chosen(tables, &wish)) {
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

/// Returns how many rows failed.
fn chosen(tables: &[Table], wish: &Wish) -> Result<usize> {
    let words = &wish.words;
    for table in tables {
        ensure!(!table.rows.is_empty(), "the table {} has no rows", table.name);
    }
    let mut all = 0;
    let mut wanted = Vec::new();
    for table in tables {
        for row in &table.rows {
            all += 1;
            let name = format!("{}: {}", table.name, row.name);
            if words.is_empty() || words.iter().any(|word| name.contains(word.as_str())) {
                wanted.push((name, row));
            }
        }
    }
    wanted.sort_by_key(|(_, row)| !row.alone);
    let alone = wanted.iter().take_while(|(_, row)| row.alone).count();
    ensure!(!wanted.is_empty(), "no row of the tables of faults has a name with {words:?} in it");
    if wish.list {
        wanted.iter().for_each(|(name, ..)| println!("{name}: test"));
        return Ok(0);
    }
    println!("\nrunning {} tests", wanted.len());
    let begun = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.context("no runtime")?;
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    let work_to = |end: usize| {
        while let Some((name, row)) = claim(&next, end).and_then(|place| wanted.get(place)) {
            let (result, printed) = one(&row.deed, runtime.handle());
            let word = if result.is_ok() { "ok" } else { "FAILED" };
            println!("test {name} ... {word}");
            if wish.tells {
                println!("{printed}");
            }
            if let Err(error) = result {
                let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
                failures.push(format!("---- {name}\n{error:#}\n{printed}"));
            }
        }
    };
    work_to(alone);
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| work_to(wanted.len()));
        }
    });
    let failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    failures.iter().for_each(|failure| println!("\n{failure}"));
    let counts: Vec<String> =
        tables.iter().map(|table| format!("{} of {}", table.rows.len(), table.name)).collect();
    println!("\nfaults: rows {}, {:?}", counts.join(", "), begun.elapsed());
    println!(
        "\ntest result: {}. {} passed; {} failed; 0 ignored; 0 measured; {} filtered out; finished in {:.2}s\n",
        if failures.is_empty() { "ok" } else { "FAILED" },
        wanted.len() - failures.len(),
        failures.len(),
        all - wanted.len(),
        begun.elapsed().as_secs_f64()
    );
    Ok(failures.len())
}

/// The next place below the end that nobody has taken.
fn claim(next: &AtomicUsize, end: usize) -> Option<usize> {
    next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |place| (place < end).then_some(place + 1)).ok()
}

/// The result of a row, and what klerk printed.
fn one(deed: &Deed, runtime: &Handle) -> (Result<()>, String) {
    let scene = match Scene::new(runtime).context("no sandbox") {
        Ok(scene) => scene,
        Err(error) => return (Err(error), String::new()),
    };
    (deed(&scene), scene.printed())
}
