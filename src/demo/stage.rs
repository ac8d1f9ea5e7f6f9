//! Where the demo takes place: a sandbox, a folder with the estate, and this program to run.

use super::estate;
use crate::error::Error;
use klerk_sandbox::{Options, Sandbox};
use std::env;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::process::Command;

/// The stage. It is cleared away when it is dropped.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) sandbox: Sandbox,
    folder: TempDir,
    program: PathBuf,
}

/// What came of a command.
#[derive(Debug)]
pub(super) struct Ran {
    /// `None` when a signal ended it.
    pub(super) status: Option<i32>,
    /// Both streams, as on a terminal.
    pub(super) output: String,
}

impl Stage {
    /// Sets it up.
    ///
    /// # Errors
    /// When the sandbox cannot be started, or the system gives no folder.
    pub(super) async fn set() -> Result<Stage, Error> {
        let failed = |what| move |source| Error::System { what, source };
        let sandbox = Sandbox::start(&Options::default()).await?;
        let program = env::current_exe().map_err(failed("this program cannot be found"))?;
        let folder = tempfile::Builder::new().prefix("klerk-demo-").tempdir();
        let folder = folder.map_err(failed("there is no temporary folder for the demo"))?;
        estate::write(folder.path()).map_err(failed("the demo's files cannot be written"))?;
        Ok(Stage { sandbox, folder, program })
    }

    /// The variables that lead a command to the sandbox.
    pub(super) fn variables(&self) -> [(&'static str, String); 2] {
        let registry = self.sandbox.registry_url().to_owned();
        [("KLERK_BOOTSTRAP", self.sandbox.bootstrap()), ("KLERK_REGISTRY", registry)]
    }

    /// The folder with the estate.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a line. The command sees nothing of the caller's settings, and nobody who could be asked.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) async fn run(&self, line: &str, coloured: bool) -> Result<Ran, Error> {
        let mut command = Command::new(&self.program);
        command
            .args(line.split_whitespace().skip(1))
            .args(coloured.then_some(["--color", "always"]).into_iter().flatten())
            .current_dir(self.folder())
            .env_clear()
            .env("HOME", self.folder())
            .env("XDG_STATE_HOME", self.folder().join("state"))
            .envs(self.variables())
            .stdin(Stdio::null());
        output_of(command)
            .await
            .map_err(|source| Error::System { what: "the demo's command cannot be run", source })
    }
}

/// Runs a command with both streams in one pipe, so that they stay in the order in which they were written. It ends with
/// this future: a demo that is told to stop leaves nothing running behind.
async fn output_of(mut command: Command) -> io::Result<Ran> {
    let (reader, writer) = io::pipe()?;
    let mut child = command.stdout(writer.try_clone()?).stderr(writer).kill_on_drop(true).spawn()?;
    // It holds the pipe open.
    drop(command);
    let mut output = Vec::new();
    Receiver::from_owned_fd(OwnedFd::from(reader))?.read_to_end(&mut output).await?;
    let status = child.wait().await?;
    Ok(Ran { status: status.code(), output: String::from_utf8_lossy(&output).into_owned() })
}
