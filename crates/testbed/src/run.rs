//! The program under test, run as an operator's shell would, with nothing of this machine's environment.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::process::signal_process;
use crate::watchdog;

const PATIENCE: Duration = Duration::from_secs(300);

/// A run to come: program, arguments, folder, input.
///
/// It sees a clean environment: `PATH`, a home and XDG folders of its own, `COLUMNS=100`, UTC, no variable of Kafka or klerk, no
/// terminal. Runs from one value (also its clones) share that home, so that one command finds what another has recorded.
#[derive(Debug, Clone)]
pub struct Run {
    program: PathBuf,
    args: Vec<String>,
    folder: Option<PathBuf>,
    environment: BTreeMap<String, String>,
    input: Option<String>,
    patience: Duration,
    home: Arc<TempDir>,
}

impl Run {
    /// `program` is `env!("CARGO_BIN_EXE_klerk")`, which only the caller can name.
    pub fn new(program: impl Into<PathBuf>) -> Result<Run> {
        let home = tempfile::Builder::new().prefix("klerk-home-").tempdir().context("no temporary folder")?;
        watchdog::own(home.path())?;
        let at = |name: &str| home.path().join(name).display().to_string();
        let mut environment = BTreeMap::new();
        for (variable, folder) in [
            ("HOME", "."),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CACHE_HOME", "cache"),
        ] {
            environment.insert(variable.to_owned(), at(folder));
        }
        for (variable, value) in [("COLUMNS", "100"), ("LC_ALL", "C.UTF-8"), ("TZ", "UTC")] {
            environment.insert(variable.to_owned(), value.to_owned());
        }
        if let Ok(path) = std::env::var("PATH") {
            environment.insert("PATH".to_owned(), path);
        }
        let home = Arc::new(home);
        Ok(Run {
            program: program.into(),
            args: Vec::new(),
            folder: None,
            environment,
            input: None,
            patience: PATIENCE,
            home,
        })
    }

    /// The home folder that the program sees, with `config`, `state`, `data` and `cache` inside.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<I, S>(mut self, args: I) -> Run
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// The working folder; without this, [`home`](Self::home).
    #[must_use]
    pub fn in_folder(mut self, folder: impl Into<PathBuf>) -> Run {
        self.folder = Some(folder.into());
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Run {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Standard input; without this it is empty.
    #[must_use]
    pub fn input(mut self, text: &str) -> Run {
        self.input = Some(text.to_owned());
        self
    }

    /// How long the program may run before it is killed and the run is an error; five minutes without this.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Run {
        self.patience = patience;
        self
    }

    /// Runs it to its end.
    pub fn run(&self) -> Result<Outcome> {
        self.spawn()?.wait()
    }

    /// Starts it, for tests that do something while it runs.
    pub fn spawn(&self) -> Result<Running> {
        let mut command = self.command();
        let line = self.line();
        command.stdin(if self.input.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let started = Instant::now();
        let mut child =
            command.spawn().with_context(|| format!("cannot start {}", self.program.display()))?;
        watchdog::guard(child.id())?;
        if let (Some(mut stdin), Some(input)) = (child.stdin.take(), self.input.clone()) {
            // On a thread: the program may print more than a pipe holds before it reads. It may also not read at all.
            std::thread::spawn(move || stdin.write_all(input.as_bytes()).ok());
        }
        let stdout = Reader::start(child.stdout.take().context("no standard output")?);
        let stderr = Reader::start(child.stderr.take().context("no standard error")?);
        Ok(Running {
            child,
            line,
            started,
            patience: self.patience,
            stdout,
            stderr,
            reaped: false,
            _home: self.home.clone(),
        })
    }

    /// The bare command with this environment, for whoever wants to run it in another way.
    pub fn command(&self) -> Command {
        // Kin of a terminal could ask it for consent; a session of its own has none. `setsid` keeps the process id.
        let mut command = if cfg!(target_os = "linux") && File::open("/dev/tty").is_ok() {
            let mut command = Command::new("setsid");
            command.arg(&self.program);
            command
        } else {
            Command::new(&self.program)
        };
        command.args(&self.args).env_clear().envs(&self.environment);
        command.current_dir(self.folder.as_deref().unwrap_or(self.home.path()));
        command
    }

    fn line(&self) -> String {
        let program = self.program.file_name().unwrap_or_default().to_string_lossy();
        format!("{program} {}", self.args.join(" "))
    }
}

/// What a run said and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The command line, for messages.
    pub line: String,
    pub stdout: String,
    pub stderr: String,
    /// `None` when a signal ended it.
    pub status: Option<i32>,
    pub took: Duration,
}

impl Outcome {
    /// Standard output, or an error with all that was said when the status is another one.
    pub fn expect_status(self, status: i32) -> Result<String> {
        if self.status != Some(status) {
            bail!(
                "`{}` ended with status {:?} instead of {status}\n--- stdout\n{}\n--- stderr\n{}",
                self.line,
                self.status,
                self.stdout,
                self.stderr
            );
        }
        Ok(self.stdout)
    }
}

/// A program that runs. It is killed with this value.
#[derive(Debug)]
pub struct Running {
    child: Child,
    line: String,
    started: Instant,
    patience: Duration,
    stdout: Reader,
    stderr: Reader,
    reaped: bool,
    _home: Arc<TempDir>,
}

impl Running {
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// SIGINT, as Ctrl-C sends.
    pub fn interrupt(&self) -> Result<()> {
        signal_process(self.child.id(), Signal::INT)
    }

    /// SIGTERM.
    pub fn terminate(&self) -> Result<()> {
        signal_process(self.child.id(), Signal::TERM)
    }

    /// SIGHUP.
    pub fn hang_up(&self) -> Result<()> {
        signal_process(self.child.id(), Signal::HUP)
    }

    /// SIGKILL.
    pub fn kill(&self) -> Result<()> {
        signal_process(self.child.id(), Signal::KILL)
    }

    /// SIGSTOP: it stands still, so that something can be done to it at a known moment.
    pub fn pause(&self) -> Result<()> {
        signal_process(self.child.id(), Signal::STOP)
    }

    /// SIGCONT after [`pause`](Self::pause).
    pub fn resume(&self) -> Result<()> {
        signal_process(self.child.id(), Signal::CONT)
    }

    /// Standard output and standard error so far.
    pub fn printed(&self) -> (String, String) {
        (self.stdout.text(), self.stderr.text())
    }

    /// Waits until standard output and error together satisfy `check`.
    ///
    /// # Errors
    /// The program ended first, or the patience did.
    pub fn wait_until(&mut self, check: impl Fn(&str, &str) -> bool) -> Result<()> {
        loop {
            let ended = self.child.try_wait()?.is_some();
            let (stdout, stderr) = self.printed();
            if check(&stdout, &stderr) {
                return Ok(());
            }
            if ended || self.started.elapsed() > self.patience {
                let how = if ended { "ended" } else { "ran on" };
                bail!(
                    "`{}` {how} without printing what was waited for\n--- stdout\n{stdout}\n--- stderr\n{stderr}",
                    self.line
                );
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Whether it ends within this time.
    pub fn ends_within(&mut self, time: Duration) -> Result<bool> {
        let deadline = Instant::now() + time;
        loop {
            if self.child.try_wait()?.is_some() {
                return Ok(true);
            }
            if Instant::now() > deadline {
                return Ok(false);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits for the end.
    pub fn wait(mut self) -> Result<Outcome> {
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if self.started.elapsed() > self.patience {
                self.kill()?;
                let (stdout, stderr) = self.printed();
                bail!(
                    "`{}` ran longer than {:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}",
                    self.line,
                    self.patience
                );
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        let took = self.started.elapsed();
        Ok(self.outcome(status, took))
    }

    fn outcome(&mut self, status: ExitStatus, took: Duration) -> Outcome {
        self.release();
        let (stdout, stderr) = (self.stdout.finish(), self.stderr.finish());
        Outcome { line: self.line.clone(), stdout, stderr, status: status.code(), took }
    }

    fn release(&mut self) {
        self.reaped = true;
        watchdog::release(self.child.id()).ok();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.reaped {
            self.release();
            self.child.kill().ok();
            self.child.wait().ok();
        }
    }
}

/// Collects a stream on a thread of its own, so that the program never waits for its reader.
#[derive(Debug)]
struct Reader {
    collected: Arc<Mutex<Vec<u8>>>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    fn start(mut stream: impl Read + Send + 'static) -> Reader {
        let collected = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&collected);
        let thread = std::thread::spawn(move || {
            let mut piece = [0; 8192];
            while let Ok(length @ 1..) = stream.read(&mut piece) {
                sink.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&piece[..length]);
            }
        });
        Reader { collected, thread: Some(thread) }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.collected.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    fn finish(&mut self) -> String {
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
        self.text()
    }
}
