//! What klerk reports when things go wrong, compared with what is there afterwards.
//!
//! Each row of the tables arms faults in a sandbox of its own and runs `klerk apply` or `klerk group reset` on it. A judge that knows
//! nothing of the row then holds every step of the report against the sandbox's state: what is said to be done is there as asked, what
//! is said to be rejected or not attempted has not happened, the status follows from the outcomes, the record on disk says the same,
//! a plan shows exactly what is missing, and doing it again finishes without doing anything twice.
//!
//! The rows of `killing.rs` end klerk by a signal at each step boundary of an apply of sixty steps: just before a step takes effect, and
//! just after. Their judge holds record, history, plan and the apply that finishes against what is there. Those of `killing_others.rs` end
//! it around the requests of all other kinds of steps, and their judge holds what finishes against an undisturbed run.
//!
//! # Adding a row
//!
//! Write it into the table of `applying.rs` or `resetting.rs`: the faults as [`klerk_sandbox::faults`] reads them, when they are armed,
//! and the least that has to come of it (status, and outcome of each step). A row one of whose faults never goes off fails.
//!
//! ```text
//! cargo test --test faults                     all
//! cargo test --test faults -- controller       those whose name has the word
//! cargo test --test faults -- --nocapture NAME  with what klerk printed
//! ```

// It is a program that speaks to whoever runs the tests.
#![allow(clippy::print_stdout)]

mod apply_judge;
mod applying;
#[path = "../real/documents.rs"]
mod documents;
mod estate;
mod kill_judge;
mod kill_other_judge;
mod killing;
mod killing_others;
mod record;
mod report;
mod reset_judge;
mod resetting;
mod row;
mod runner;
mod scene;

use runner::Table;

fn main() -> std::process::ExitCode {
    let name = |row: &row::Row| row.name.to_owned();
    runner::run(&[
        Table::new("apply", applying::rows(), name, apply_judge::run, |row| row.counts_looks),
        Table::new("reset", resetting::rows(), name, reset_judge::run, |row| row.counts_looks),
        Table::new("kill", killing::rows(), |kill| kill.name.clone(), kill_judge::run, |_| false),
        Table::new(
            "kill",
            killing_others::rows(),
            |kill| kill.name.clone(),
            kill_other_judge::run,
            |_| false,
        ),
    ])
}
