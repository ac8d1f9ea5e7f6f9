//! A schema registry of one's own, in memory.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustix::process::Signal;

use crate::http::{self, Answer};
use crate::kit::{Archive, Kit};
use crate::place::{Place, tail};
use crate::ports::free_port;
use crate::process::Process;

const PATIENCE: Duration = Duration::from_secs(120);
const BASE: &str = "/apis/ccompat/v7";
/// What the registry says in its log before it ends, where somebody else listens on its port.
const PORT_WAS_TAKEN: &str = "seems to be in use by another process";

/// What a user of the registry may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Admin,
    Developer,
    ReadOnly,
    /// Known, with no rights at all.
    None,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Role::Admin => "sr-admin",
            Role::Developer => "sr-developer",
            Role::ReadOnly => "sr-readonly",
            Role::None => "none",
        }
    }
}

/// Without users the registry is open to all.
#[derive(Debug, Clone, Default)]
pub struct RegistryOptions {
    users: Vec<(String, String, Role)>,
}

impl RegistryOptions {
    /// Asks everybody for a name and a password (HTTP basic authentication), and knows this user.
    #[must_use]
    pub fn user(mut self, name: &str, password: &str, role: Role) -> Self {
        self.users.push((name.to_owned(), password.to_owned(), role));
        self
    }
}

/// A running registry. It keeps everything in memory: killed and started again it is empty.
#[derive(Debug)]
pub struct Registry {
    kit: Kit,
    port: u16,
    options: RegistryOptions,
    process: Mutex<Option<Process>>,
    place: Place,
}

impl Registry {
    /// Starts a registry that is open to all and waits until it answers.
    pub fn start() -> Result<Registry> {
        Registry::start_as(&RegistryOptions::default())
    }

    /// Starts a registry with users.
    pub fn start_as(options: &RegistryOptions) -> Result<Registry> {
        Registry::start_with(&Kit::locate()?, options)
    }

    pub(crate) fn start_with(kit: &Kit, options: &RegistryOptions) -> Result<Registry> {
        Registry::start_owned(kit, options, &Place::owner())
    }

    pub(crate) fn start_owned(kit: &Kit, options: &RegistryOptions, owner: &str) -> Result<Registry> {
        for _ in 0..3 {
            let place = Place::new(kit.folder(), owner, "registry")?;
            let (kit, options) = (kit.clone(), options.clone());
            let registry = Registry { kit, port: free_port()?, options, process: Mutex::new(None), place };
            match registry.run() {
                Ok(()) => return Ok(registry),
                Err(error) if !format!("{error:#}").contains(PORT_WAS_TAKEN) => return Err(error),
                Err(_) => {}
            }
        }
        bail!("other programs took the registry's port three times in a row")
    }

    /// The base address, as klerk's `--registry` wants it.
    pub fn url(&self) -> String {
        format!("http://{}{BASE}", self.authority())
    }

    /// GET of a path below the base, such as `/subjects`, without klerk.
    pub fn get(&self, path: &str) -> Result<Answer> {
        self.request("GET", path, None)
    }

    /// GET as the given user, or as nobody.
    pub fn get_as(&self, path: &str, user: Option<(&str, &str)>) -> Result<Answer> {
        self.ask("GET", path, user, None)
    }

    /// Any request below the base, without klerk, as the first user if there are users.
    pub fn request(&self, method: &str, path: &str, body: Option<&str>) -> Result<Answer> {
        let user = self.options.users.first().map(|(name, password, _)| (name.as_str(), password.as_str()));
        self.ask(method, path, user, body)
    }

    fn ask(
        &self,
        method: &str,
        path: &str,
        user: Option<(&str, &str)>,
        body: Option<&str>,
    ) -> Result<Answer> {
        let basic =
            user.map(|(name, password)| format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))));
        http::request(&self.authority(), method, &format!("{BASE}{path}"), basic.as_deref(), body)
    }

    /// SIGKILL.
    pub fn kill(&self) -> Result<()> {
        self.process().take().context("the registry does not run")?.kill()
    }

    /// SIGSTOP: connections are taken and nothing is answered.
    pub fn pause(&self) -> Result<()> {
        self.process().as_mut().context("the registry does not run")?.signal(Signal::STOP)
    }

    /// SIGCONT after [`pause`](Self::pause).
    pub fn resume(&self) -> Result<()> {
        self.process().as_mut().context("the registry does not run")?.signal(Signal::CONT)
    }

    /// Starts it again on the same port after [`kill`](Self::kill), with nothing registered.
    pub fn restart_empty(&self) -> Result<()> {
        self.run()
    }

    /// Ends the registry if it runs. Dropping the value does the same.
    pub fn end(&self) -> Result<()> {
        match self.process().take() {
            Some(mut process) => process.kill(),
            None => Ok(()),
        }
    }

    pub(crate) fn terminate(&self, patience: Duration) -> Result<()> {
        self.process().take().context("the registry does not run")?.terminate(patience)
    }

    fn run(&self) -> Result<()> {
        let log = self.place.log("registry");
        {
            let mut process = self.process();
            ensure!(process.is_none(), "the registry runs already");
            let mut command = self.kit.jvm(Archive::Registry, "128m");
            command.args(self.flags()).arg("-jar").arg(self.kit.registry_jar()?);
            command.current_dir(self.place.data());
            *process = Some(Process::spawn(&mut command, &log)?);
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            // 401 and 403 come from a registry that is up and knows its users.
            if self.get("/subjects").is_ok_and(|answer| matches!(answer.status, 200 | 401 | 403)) {
                return Ok(());
            }
            let ended = self.process().as_mut().map_or(Ok(None), Process::ended)?;
            if let Some(status) = ended {
                self.process().take();
                bail!("the registry ended ({status}) before it answered:\n{}", tail(&log, 30));
            }
            if Instant::now() > deadline {
                bail!("the registry did not answer within {PATIENCE:?}:\n{}", tail(&log, 30));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn flags(&self) -> Vec<String> {
        let mut flags = vec![
            "-Dquarkus.http.host=127.0.0.1".to_owned(),
            format!("-Dquarkus.http.port={}", self.port),
            "-Dquarkus.http.access-log.enabled=false".to_owned(),
        ];
        if !self.options.users.is_empty() {
            const USERS: &str = "-Dquarkus.security.users.embedded";
            flags.push("-Dquarkus.http.auth.basic=true".to_owned());
            flags.push("-Dapicurio.auth.role-based-authorization=true".to_owned());
            flags.push(format!("{USERS}.enabled=true"));
            flags.push(format!("{USERS}.plain-text=true"));
        }
        for (name, password, role) in &self.options.users {
            flags.push(format!("-Dquarkus.security.users.embedded.users.{name}={password}"));
            flags.push(format!("-Dquarkus.security.users.embedded.roles.{name}={}", role.name()));
        }
        flags
    }

    fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn process(&self) -> MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Registry {
    /// Before its folder goes.
    fn drop(&mut self) {
        self.end().ok();
    }
}
