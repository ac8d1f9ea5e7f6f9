//! `scripts/deps.sh` on machines that lack something. Every program it may call is a stand-in that only notes how it was called, so that
//! nothing is ever installed by these tests.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use tempfile::TempDir;

/// Whoever writes a program or starts one takes it: a process that another test starts meanwhile has the file open for writing until it
/// is on its way, and what is open for writing cannot be run.
static TURN: Mutex<()> = Mutex::new(());

/// A machine with a path of its own.
struct Machine {
    folder: TempDir,
}

struct Outcome {
    status: Option<i32>,
    said: String,
    /// What was asked of package managers and sudo, a line each.
    asked: String,
}

impl Machine {
    /// All that klerk needs, and the named package manager.
    fn complete(manager: &str, user: u32) -> Result<Machine> {
        let machine = Machine { folder: tempfile::tempdir()? };
        for tool in ["sh", "cat", "cut", "dirname", "env", "grep", "head", "sed", "sort"] {
            symlink(real(tool)?, machine.path(tool))?;
        }
        for present in ["cargo", "cc", "c++", "make", "perl", "mvn"] {
            machine.program(present, "exit 0")?;
        }
        machine.program("rustc", "echo 'rustc 1.95.0 (59807616e 2026-01-01)'")?;
        machine.java("17.0.15")?;
        machine.program("id", &format!("echo {user}"))?;
        machine.program(manager, &format!("echo \"{manager} $*\" >>\"$HOME/asked\""))?;
        machine.program("apt-cache", "[ \"$2\" != openjdk-17-jdk-headless ]")?;
        Ok(machine)
    }

    fn java(&self, version: &str) -> Result<()> {
        self.program("java", &format!("echo 'openjdk version \"{version}\" 2026-01-01' >&2"))
    }

    fn without(self, program: &str) -> Result<Machine> {
        fs::remove_file(self.path(program))?;
        Ok(self)
    }

    fn program(&self, name: &str, script: &str) -> Result<()> {
        let path = self.path(name);
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        fs::write(&path, format!("#!/bin/sh\n{script}\n"))?;
        Ok(fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?)
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self) -> Result<Outcome> {
        self.run_with(&[])
    }

    fn run_with(&self, args: &[&str]) -> Result<Outcome> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/deps.sh");
        let mut command = Command::new(self.path("sh"));
        command
            .arg(script)
            .args(args)
            .env_clear()
            .env("PATH", self.folder.path())
            .env("HOME", self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let started = {
            let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
            command.spawn()?
        };
        let output = started.wait_with_output()?;
        let said = String::from_utf8([output.stdout, output.stderr].concat())?;
        let asked = fs::read_to_string(self.path("asked")).unwrap_or_default();
        Ok(Outcome { status: output.status.code(), said, asked })
    }
}

fn real(tool: &str) -> Result<std::path::PathBuf> {
    let path = std::env::var_os("PATH").context("no PATH")?;
    let found = std::env::split_paths(&path).map(|folder| folder.join(tool)).find(|found| found.is_file());
    found.with_context(|| format!("{tool} is not on the path"))
}

#[test]
fn nothing_is_asked_for_where_all_is_there() -> Result<()> {
    let outcome = Machine::complete("apt-get", 0)?.run()?;
    assert_eq!((outcome.status, &*outcome.asked), (Some(0), ""), "{}", outcome.said);
    assert_eq!(outcome.said, "deps: all there (Rust 1.95.0, Java 17)\n");
    Ok(())
}

#[test]
fn root_installs_what_is_missing_and_nothing_else() -> Result<()> {
    let machine = Machine::complete("apt-get", 0)?.without("mvn")?;
    machine.java("1.8.0_392")?;
    let outcome = machine.run()?;
    assert_eq!(
        outcome.asked,
        "apt-get update -q\n\
         apt-get install -y --no-install-recommends openjdk-21-jdk-headless\n\
         apt-get install -y --no-install-recommends maven\n"
    );
    // The stand-in installs nothing, and that must not pass for success.
    assert_eq!(outcome.status, Some(1), "{}", outcome.said);
    Ok(())
}

#[test]
fn whoever_may_not_install_is_told_what_to_type() -> Result<()> {
    let outcome = Machine::complete("dnf", 1000)?.without("c++")?.without("cargo")?.run()?;
    assert_eq!((outcome.status, &*outcome.asked.replace("dnf -q info gcc-c++\n", "")), (Some(1), ""));
    assert!(
        outcome.said.contains("missing: a C++ compiler (c++). Install it: sudo dnf install -y gcc-c++"),
        "{}",
        outcome.said
    );
    assert!(outcome.said.contains("missing: Rust (cargo and rustc). Install it: curl "), "{}", outcome.said);
    Ok(())
}

#[test]
fn building_needs_no_java_and_no_maven() -> Result<()> {
    let machine = Machine::complete("apt-get", 0)?.without("mvn")?.without("java")?;
    let outcome = machine.run_with(&["--build"])?;
    assert_eq!((outcome.status, &*outcome.asked), (Some(0), ""), "{}", outcome.said);
    assert_eq!(outcome.said, "deps: all there (Rust 1.95.0)\n");
    assert_eq!(machine.without("cc")?.run_with(&["--build"])?.status, Some(1));
    Ok(())
}

#[test]
fn a_perl_that_cannot_build_openssl_counts_as_none() -> Result<()> {
    let machine = Machine::complete("apt-get", 0)?;
    machine.program("perl", "case $1 in -M*) exit 2 ;; esac")?;
    let outcome = machine.run_with(&["--build"])?;
    assert_eq!(
        outcome.asked, "apt-get update -q\napt-get install -y --no-install-recommends perl\n",
        "{}",
        outcome.said
    );
    assert_eq!(outcome.status, Some(1), "{}", outcome.said);
    Ok(())
}

#[test]
fn an_old_rust_is_named() -> Result<()> {
    let machine = Machine::complete("apt-get", 0)?;
    machine.program("rustc", "echo 'rustc 1.70.0 (90c541806 2023-05-31)'")?;
    let outcome = machine.run()?;
    assert_eq!((outcome.status, &*outcome.asked), (Some(1), ""));
    assert!(outcome.said.contains("Rust 1.70.0 is older than 1.89"), "{}", outcome.said);
    Ok(())
}
