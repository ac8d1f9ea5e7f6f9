//! A sandbox as a process of its own, and klerk run against it.

use crate::requests;
use anyhow::{Context, Result, ensure};
use klerk_testbed::Client;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A `klerk sandbox`. It ends when it is dropped.
pub struct Running {
    child: Child,
    document: Value,
    /// From the start of the process to the first answer of its last broker.
    pub ready: Duration,
}

impl Running {
    pub fn start(home: &Path) -> Result<Running> {
        let started = Instant::now();
        let mut child = program(home)
            .args(["sandbox", "-o", "json"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = child.stdout.take().context("its output")?;
        let mut text = String::new();
        for line in BufReader::new(stdout).lines() {
            text.push_str(&line?);
            if let Ok(document) = serde_json::from_str::<Value>(&text) {
                let mut running = Running { child, document, ready: Duration::ZERO };
                let last = running.addresses()?.pop().context("a broker")?;
                Client::new(vec![last]).brokers()?;
                running.ready = started.elapsed();
                return Ok(running);
            }
        }
        child.wait()?;
        anyhow::bail!("it ended before it told its addresses: {text}")
    }

    fn addresses(&self) -> Result<Vec<String>> {
        let list = self.document.get("brokers").and_then(Value::as_array).context("brokers")?;
        Ok(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    pub fn client(&self) -> Client {
        Client::new(self.addresses().unwrap_or_default())
    }

    fn text(&self, field: &str) -> &str {
        self.document.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// The resident set now, in bytes; `None` where the system has no `/proc`.
    pub fn resident(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kibibytes * 1024)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// One run of klerk that ended well.
pub struct Ran {
    pub took: Duration,
    pub document: Value,
    pub requests: u64,
}

pub fn klerk(home: &Path, sandbox: &Running, args: &[&str]) -> Result<Ran> {
    let mut command = program(home);
    command.args(args).args(["-o", "json", "--explain-requests"]);
    command.env("KLERK_BOOTSTRAP", sandbox.text("bootstrap")).env("KLERK_REGISTRY", sandbox.text("registry"));
    let started = Instant::now();
    let output = command.stdin(Stdio::null()).output()?;
    let took = started.elapsed();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{args:?}: {} {stderr}", output.status);
    Ok(Ran { took, document: serde_json::from_slice(&output.stdout)?, requests: requests(&stderr)? })
}

fn program(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_klerk"));
    command.env_clear().current_dir(home).env("HOME", home).env("LC_ALL", "C.UTF-8");
    command
}
