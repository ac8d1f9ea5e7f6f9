//! Where a server keeps its files: data in a temporary folder, logs where they can still be read after the test.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::watchdog;

/// A temporary folder for data and a lasting one for logs.
#[derive(Debug)]
pub(crate) struct Place {
    data: Option<TempDir>,
    logs: PathBuf,
}

impl Place {
    /// The logs go to `<bed>/logs/<name of the test>/<kind>-<count>`; the harness names each test's thread after the test.
    pub(crate) fn new(bed: &Path, owner: &str, kind: &str) -> Result<Place> {
        static COUNT: AtomicUsize = AtomicUsize::new(1);
        let data =
            tempfile::Builder::new().prefix("klerk-testbed-").tempdir().context("no temporary folder")?;
        watchdog::own(data.path())?;
        let owner = owner.replace("::", ".");
        let logs =
            bed.join("logs").join(owner).join(format!("{kind}-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
        if logs.exists() {
            fs::remove_dir_all(&logs).with_context(|| format!("cannot clear {}", logs.display()))?;
        }
        fs::create_dir_all(&logs).with_context(|| format!("cannot create {}", logs.display()))?;
        Ok(Place { data: Some(data), logs })
    }

    /// The test that runs on this thread, or the program's name outside of a test.
    pub(crate) fn owner() -> String {
        let thread = std::thread::current();
        match thread.name() {
            Some(name) if name != "main" => name.to_owned(),
            _ => program(),
        }
    }

    pub(crate) fn data(&self) -> &Path {
        self.data.as_ref().map_or(&self.logs, TempDir::path)
    }

    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.logs.join(format!("{name}.log"))
    }

    pub(crate) fn logs(&self) -> &Path {
        &self.logs
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // The harness shows this for failing tests only.
        eprintln!("server logs: {}", self.logs.display());
        let Some(data) = self.data.take() else { return };
        let path = data.path().to_owned();
        if std::env::var_os("KLERK_TESTBED_KEEP").is_some() {
            eprintln!("server data kept: {}", data.keep().display());
        } else {
            drop(data);
        }
        // A watchdog that is gone has nothing left to do.
        watchdog::disown(&path).ok();
    }
}

/// The running program without cargo's hash.
pub(crate) fn program() -> String {
    let path = std::env::current_exe().unwrap_or_default();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    match stem.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 16 => name.to_owned(),
        _ => stem,
    }
}

/// The end of a log file, for an error message.
pub(crate) fn tail(log: &Path, lines: usize) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
