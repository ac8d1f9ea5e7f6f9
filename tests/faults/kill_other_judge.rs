//! Kills klerk around a request, and holds what finishes against an undisturbed run on other servers.

use crate::documents::{Moves, Report};
use crate::estate::Seen;
use crate::killing_others::{Deed, Kill};
use crate::report::read;
use crate::scene::{Scene, document};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a busy machine may take until klerk stands where it is to be killed.
const PATIENCE: Duration = Duration::from_secs(300);

/// The whole state, as far as these deeds change it.
#[derive(Debug, PartialEq)]
struct Whole {
    seen: Seen,
    /// The replicas of each partition, and where its log starts.
    partitions: BTreeMap<(String, usize), (Vec<i32>, i64)>,
    /// The subjects with those that are out of sight.
    subjects: String,
    access: String,
}

impl Whole {
    fn of(scene: &Scene) -> Whole {
        let subjects = scene.sandbox.with_registry(|registry| format!("{:#?}", registry.subjects));
        let (partitions, access) = scene.sandbox.with(|state| {
            let own = state.topics.iter().filter(|(name, _)| !name.starts_with("__"));
            let partitions = own.flat_map(|(name, topic)| {
                topic.partitions.iter().enumerate().map(|(index, partition)| {
                    ((name.clone(), index), (partition.replicas.clone(), partition.log.start()))
                })
            });
            let access = format!("{:#?}\n{:#?}\n{:#?}", state.acls, state.quotas, state.users);
            (partitions.collect(), access)
        });
        Whole { seen: Seen::of(&scene.sandbox), partitions, subjects, access }
    }
}

pub fn run(kill: &Kill, scene: &Scene) -> Result<()> {
    let deed = &kill.deed;
    let undisturbed = scene.another()?;
    begin(deed, &undisturbed)?;
    let outcome = undisturbed.klerk(deed.first)?;
    ensure!(outcome.status == Some(0), "it does not work by itself: {outcome:#?}");
    let wanted = Whole::of(&undisturbed);

    begin(deed, scene)?;
    let before = Whole::of(scene);
    ensure!(before != wanted, "there is nothing to do");
    scene.sandbox.with(|state| {
        if deed.is_held {
            state.moves.bytes_per_second = None;
        }
    });
    scene.arm(&[&kill.fault])?;
    die(kill, scene)?;
    scene.disarm(&[&kill.fault])?;
    scene.sandbox.with(|state| state.moves.bytes_per_second = Some(100 << 20));
    let halfway = Whole::of(scene);
    let history = document(&scene.klerk("history")?)?;
    let [entry] = history["records"].as_array().context("records")?.as_slice() else {
        anyhow::bail!("not one record: {history}");
    };
    ensure!(entry["outcome"] == "ended-early" && entry["ended_at"].is_null(), "{entry}");

    let outcome = scene.klerk(deed.again)?;
    let report: Report = read(&outcome)?;
    let is_done = match report.outcome.as_str() {
        "done" => true,
        "nothing-to-do" => false,
        other => anyhow::bail!("doing it again does not finish, but ends with {other}"),
    };
    ensure!(outcome.status == Some(0), "doing it again does not finish");
    ensure!(!is_done || halfway != wanted, "all was there, and something was done again");
    for step in report.steps.iter().filter(|_| is_done) {
        let is_as_asked = step.outcome == "done" && step.settled.as_deref() == Some("as-asked");
        ensure!(
            is_as_asked && step.differences.is_empty(),
            "{} {} is not as asked",
            step.kind,
            step.resource.name
        );
    }
    let end = Whole::of(scene);
    ensure!(end == wanted, "not as an undisturbed run leaves it: {end:#?}\nand not {wanted:#?}");
    without_throttle(scene)?;

    let outcome = scene.klerk(deed.again)?;
    let report: Report = read(&outcome)?;
    ensure!(outcome.status == Some(0) && report.outcome == "nothing-to-do", "something is left to do");
    ensure!(Whole::of(scene) == wanted, "nothing to do, and something was done");
    Ok(())
}

fn begin(deed: &Deed, scene: &Scene) -> Result<()> {
    (deed.found)(scene)?;
    if let Some(line) = deed.plan {
        let outcome = scene.klerk(line)?;
        ensure!(outcome.status == Some(0), "the plan is not made: {outcome:#?}");
    }
    Ok(())
}

/// Does it until it stands at the fault, and kills it there.
fn die(kill: &Kill, scene: &Scene) -> Result<()> {
    let running = scene.start(kill.deed.first)?;
    let started = Instant::now();
    while !scene.all_went_off() {
        ensure!(started.elapsed() < PATIENCE, "it did not come to {}", kill.name);
        std::thread::sleep(Duration::from_millis(5));
    }
    running.kill()?;
    let outcome = running.wait()?;
    ensure!(outcome.status.is_none() && outcome.stdout.is_empty(), "it was not killed: {outcome:#?}");
    Ok(())
}

/// No replica is on its way any more, and neither a broker nor a topic holds one back.
fn without_throttle(scene: &Scene) -> Result<()> {
    let moves: Moves = read(&scene.klerk("cluster moves")?)?;
    ensure!(
        moves.moves.is_empty() && moves.throttles.is_empty() && moves.left_throttles.is_empty(),
        "{moves:?}"
    );
    let configs = scene.klerk("cluster configs")?;
    ensure!(configs.status == Some(0) && !configs.stdout.contains("throttled"), "{configs:#?}");
    Ok(())
}
