//! One server process: guarded by the watchdog, ended with its owner.

use std::fs::OpenOptions;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::watchdog;

#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    ended: Option<ExitStatus>,
}

impl Process {
    /// Starts `command` with its output appended to `log`.
    pub(crate) fn spawn(command: &mut Command, log: &Path) -> Result<Process> {
        let out = OpenOptions::new().create(true).append(true).open(log);
        let out = out.with_context(|| format!("cannot write {}", log.display()))?;
        let err = out.try_clone().context("cannot share the log between stdout and stderr")?;
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        // A group of its own: Ctrl-C at the terminal is for the test process; the watchdog then ends this one.
        command.process_group(0);
        let child = command.spawn().with_context(|| format!("cannot start {:?}", command.get_program()))?;
        watchdog::guard(child.id())?;
        Ok(Process { child, ended: None })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().context("cannot ask for the state of a server process")?;
            if self.ended.is_some() {
                watchdog::release(self.child.id())?;
            }
        }
        Ok(self.ended)
    }

    /// Does nothing to a process that has ended.
    pub(crate) fn signal(&mut self, signal: Signal) -> Result<()> {
        if self.ended()?.is_some() {
            return Ok(());
        }
        signal_process(self.child.id(), signal)
    }

    /// SIGKILL, and waits until the process is gone.
    pub(crate) fn kill(&mut self) -> Result<()> {
        if self.ended()?.is_none() {
            self.signal(Signal::KILL)?;
            watchdog::release(self.child.id())?;
            self.ended = Some(self.child.wait().context("cannot wait for a killed server process")?);
        }
        Ok(())
    }

    /// SIGTERM, and waits until the process has ended by itself.
    pub(crate) fn terminate(&mut self, patience: Duration) -> Result<()> {
        self.signal(Signal::TERM)?;
        let deadline = Instant::now() + patience;
        while self.ended()?.is_none() {
            if Instant::now() > deadline {
                self.kill()?;
                bail!("a server process did not end within {patience:?} of SIGTERM and was killed");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill().ok();
    }
}

pub(crate) fn signal_process(id: u32, signal: Signal) -> Result<()> {
    let pid = i32::try_from(id).ok().and_then(Pid::from_raw).context("not a process id")?;
    kill_process(pid, signal).with_context(|| format!("cannot send {signal:?} to process {id}"))
}
