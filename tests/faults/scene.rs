//! A sandbox, a folder, and klerk run in it.

use anyhow::{Context, Result, ensure};
use klerk_sandbox::faults::Harm;
use klerk_sandbox::mishap::Mishap;
use klerk_sandbox::state::Release;
use klerk_sandbox::{Options, Sandbox};
use klerk_testbed::{Outcome, Run, Running};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;
use tokio::runtime::Handle;

/// How long klerk waits for an answer while something is armed: short enough for a test, and long enough for a machine that has much else
/// to do. Undisturbed it waits as long as it does by itself.
pub const REQUEST_TIMEOUT_MS: u64 = 3000;

pub struct Scene {
    pub sandbox: Sandbox,
    run: Run,
    folder: TempDir,
    printed: RefCell<String>,
    is_armed: Cell<bool>,
    runtime: Handle,
}

impl Scene {
    pub fn new(runtime: &Handle) -> Result<Scene> {
        let sandbox = runtime.block_on(Sandbox::start(&Options::default()))?;
        let folder = tempfile::tempdir()?;
        let run = Run::new(env!("CARGO_BIN_EXE_klerk"))?
            .in_folder(folder.path())
            .env("KLERK_BOOTSTRAP", &sandbox.bootstrap())
            .env("KLERK_REGISTRY", sandbox.registry_url());
        let (printed, is_armed) = (RefCell::default(), Cell::default());
        Ok(Scene { sandbox, run, folder, printed, is_armed, runtime: runtime.clone() })
    }

    /// Other servers and another folder, of the same kind.
    pub fn another(&self) -> Result<Scene> {
        Scene::new(&self.runtime)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.path(name);
        fs::create_dir_all(path.parent().context("a folder")?)?;
        Ok(fs::write(path, text)?)
    }

    /// The address of the first broker.
    pub fn first_broker(&self) -> String {
        self.sandbox.bootstrap().split(',').next().unwrap_or_default().to_owned()
    }

    /// Runs klerk with these words and JSON.
    pub fn klerk(&self, line: &str) -> Result<Outcome> {
        let timeout = format!("request.timeout.ms={REQUEST_TIMEOUT_MS}");
        let hasty = if self.is_armed.get() { vec!["-X", &timeout] } else { Vec::new() };
        // What a row says comes last, and holds.
        let run = self.run.clone().args(["-o", "json"]).args(hasty).args(line.split_whitespace());
        let outcome = run.run()?;
        self.printed.borrow_mut().push_str(&format!(
            "$ klerk {line}\nstatus {:?} after {:?}\n{}{}\n",
            outcome.status, outcome.took, outcome.stdout, outcome.stderr
        ));
        Ok(outcome)
    }

    /// Starts klerk, to do something to it while it runs.
    pub fn start(&self, line: &str) -> Result<Running> {
        self.printed.borrow_mut().push_str(&format!("$ klerk {line}\n"));
        // Whoever does something to it may come late, on a machine that has much else to do.
        let patient = ["-o", "json", "-X", "request.timeout.ms=300000"];
        self.run.clone().args(line.split_whitespace()).args(patient).spawn()
    }

    /// Whether every fault that is armed has gone off.
    pub fn all_went_off(&self) -> bool {
        let brokers = self.sandbox.with(|state| state.faults.all().all(|(_, gone_off)| gone_off > 0));
        // A fault of the registry goes away when it has gone off.
        brokers && self.sandbox.with_registry(|registry| registry.faults.is_empty())
    }

    /// Everything that klerk has printed so far.
    pub fn printed(&self) -> String {
        self.printed.borrow().clone()
    }

    /// Registers a schema.
    pub fn register(&self, subject: &str, schema: &str) -> Result<()> {
        let url = format!("{}/subjects/{subject}/versions", self.sandbox.registry_url());
        let request =
            reqwest::Client::builder().no_proxy().build()?.post(url).json(&json!({ "schema": schema }));
        self.runtime.block_on(async { request.send().await?.error_for_status() })?;
        Ok(())
    }

    /// Arms faults, of the brokers or of the registry.
    pub fn arm(&self, faults: &[impl AsRef<str>]) -> Result<()> {
        self.is_armed.set(true);
        for line in faults.iter().map(AsRef::as_ref) {
            let mishap: Mishap = line.parse().with_context(|| format!("the fault {line}"))?;
            self.runtime.block_on(self.sandbox.meet_with(mishap));
        }
        Ok(())
    }

    /// Takes the faults back, and starts the brokers that are down; each fault must have gone off.
    pub fn disarm(&self, faults: &[&str]) -> Result<()> {
        self.is_armed.set(false);
        let counted = self.sandbox.with(|state| {
            let counted: Vec<(bool, u32)> = (state.faults.all())
                .map(|(fault, gone_off)| (matches!(fault.harm, Harm::Absent | Harm::Cap(_)), gone_off))
                .collect();
            state.faults.disarm_all();
            counted
        });
        let harmed = self.sandbox.with_registry(|registry| {
            registry.faults.clear();
            std::mem::take(&mut registry.harmed)
        });
        let down: Vec<i32> = self.sandbox.with(|state| {
            state.release = Release::default();
            state.brokers.iter().filter(|(_, broker)| !broker.alive).map(|(id, _)| *id).collect()
        });
        for broker in down {
            self.runtime.block_on(self.sandbox.start_broker(broker));
        }
        let single = faults.iter().filter(|line| !is_of_the_cluster(line));
        let (http, of_brokers): (Vec<&str>, Vec<&str>) = single.partition(|line| is_http(line));
        for (line, (is_of_versions, times)) in of_brokers.iter().zip(counted) {
            ensure!(is_of_versions || times > 0, "the fault never went off: {line}");
        }
        for line in http {
            let begin = line.split(' ').take(2).collect::<Vec<_>>().join(" ");
            let went_off = harmed.iter().any(|request| request.starts_with(&begin));
            ensure!(went_off, "the fault never went off: {line}");
        }
        Ok(())
    }
}

/// Whether a line is about whole brokers, and not about requests: `stop ID`, `release 3.9`.
fn is_of_the_cluster(line: &str) -> bool {
    ["stop ", "release "].iter().any(|word| line.starts_with(word))
}

fn is_http(line: &str) -> bool {
    ["GET ", "PUT ", "POST ", "DELETE "].iter().any(|method| line.starts_with(method))
}

/// The one document on a run's standard output.
pub fn document(outcome: &Outcome) -> Result<Value> {
    serde_json::from_str(&outcome.stdout).with_context(|| format!("not one JSON document: {outcome:#?}"))
}
