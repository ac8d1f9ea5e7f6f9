//! Running the program in an empty folder and an empty environment.

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A folder to run in, with its own home.
pub struct Place {
    folder: TempDir,
}

/// What came of a run.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
}

impl Place {
    pub fn new() -> Place {
        Place { folder: TempDir::new().expect("a folder") }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A file below the folder, with the folders that it needs.
    pub fn file(self, name: &str, text: &str) -> Place {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        fs::write(path, text).expect("the file is written");
        self
    }

    /// The program with these arguments, split at blanks.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_klerk"));
        command.args(line.split_whitespace()).current_dir(self.path()).env_clear().env("HOME", self.path());
        command
    }

    pub fn run(&self, line: &str) -> Ran {
        self.run_with(line, &[], "")
    }

    pub fn run_with(&self, line: &str, variables: &[(&str, &str)], stdin: &str) -> Ran {
        let begun = Instant::now();
        let mut child = self
            .command(line)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // A program that does not read its input may be gone before it is written.
        let _ = child.stdin.take().expect("a pipe").write_all(stdin.as_bytes());
        let output = child.wait_with_output().expect("the program ends");
        Ran {
            status: output
                .status
                .code()
                .ok_or_else(|| {
                    format!("{line}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr))
                })
                .expect("a status and no signal"),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
            took: begun.elapsed(),
        }
    }
}

impl Ran {
    /// All of it, for a snapshot.
    pub fn all(&self) -> String {
        format!("status {}\n--- stdout\n{}--- stderr\n{}", self.status, self.stdout, self.stderr)
    }

    /// The document on standard output, with nothing on standard error.
    pub fn json(&self) -> Value {
        assert_eq!(self.stderr, "", "standard error is not empty");
        let document: Value = serde_json::from_str(&self.stdout).expect("one JSON document");
        assert!(document["format"].as_str().is_some_and(|format| format.starts_with("klerk.")), "{document}");
        assert_eq!(document["version"], 1);
        document
    }
}
