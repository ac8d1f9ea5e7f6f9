//! One run of a program: how long it took, the most memory that it held, and what it said.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// How a run ended. Standard output and error stay in files until the next run of the same name.
#[derive(Debug)]
pub struct Finished {
    pub started: Instant,
    pub took: Duration,
    /// The largest resident set, in bytes; `None` where the system has no `/proc`.
    pub peak_memory: Option<u64>,
    /// `None` when a signal ended it.
    pub status: Option<i32>,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Finished {
    /// Standard output, or an error with what was said, shortened, when the status is not 0.
    pub fn succeeded(&self) -> Result<String> {
        self.ended_with(&[0])
    }

    /// Standard output as one JSON document, of a run that may end with these statuses.
    pub fn json(&self, statuses: &[i32]) -> Result<Value> {
        let document = self.ended_with(statuses)?;
        serde_json::from_str(&document).context("standard output is no JSON document")
    }

    fn ended_with(&self, statuses: &[i32]) -> Result<String> {
        let (stdout, stderr) = (self.stdout()?, self.stderr()?);
        if !self.status.is_some_and(|status| statuses.contains(&status)) {
            let said = format!("{} {}", start(&stdout), start(&stderr));
            bail!("status {:?} instead of {statuses:?}; it said: {said}", self.status);
        }
        Ok(stdout)
    }

    fn stdout(&self) -> Result<String> {
        read(&self.stdout)
    }

    pub fn stderr(&self) -> Result<String> {
        read(&self.stderr)
    }
}

/// Runs `command` to its end and kills it if that takes longer than `patience`.
///
/// Output goes to `<folder>/<name>.stdout` and `.stderr`, so that no reader takes part in what is measured.
pub fn run(mut command: Command, folder: &Path, name: &str, patience: Duration) -> Result<Finished> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let (stdout, stderr) = (folder.join(format!("{name}.stdout")), folder.join(format!("{name}.stderr")));
    command.stdin(Stdio::null()).stdout(create(&stdout)?).stderr(create(&stderr)?);

    let started = Instant::now();
    let mut child =
        command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let mut peak_memory = None;
    let status = loop {
        peak_memory = peak_memory.max(peak_of(&child));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if started.elapsed() > patience {
            child.kill()?;
            child.wait()?;
            bail!("it ran for more than {patience:?} and was killed");
        }
        std::thread::sleep(pause(started.elapsed()));
    };
    Ok(Finished { started, took: started.elapsed(), peak_memory, status: status.code(), stdout, stderr })
}

/// Short programs are watched closely; of long ones the watching must not take a share.
fn pause(elapsed: Duration) -> Duration {
    if elapsed < Duration::from_millis(50) { Duration::from_micros(100) } else { Duration::from_millis(2) }
}

/// `VmHWM` of Linux.
fn peak_of(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

fn create(path: &Path) -> Result<File> {
    File::create(path).with_context(|| format!("cannot write {}", path.display()))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn start(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(600).collect()
}
