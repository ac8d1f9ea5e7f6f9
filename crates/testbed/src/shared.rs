//! Three brokers and a registry for all tests of one binary that do not break them.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, anyhow};

use crate::cluster::{Cluster, ClusterOptions};
use crate::kit::Kit;
use crate::place::program;
use crate::registry::{Registry, RegistryOptions};

/// What [`shared`] gives out. Tests keep apart by names of their own: see [`unique_name`].
#[derive(Debug)]
pub struct Shared {
    pub cluster: Cluster,
    pub registry: Registry,
}

impl Shared {
    /// Ends the servers before the process does. Only for a binary that has done with them: they are not started again.
    pub fn end(&self) -> Result<()> {
        self.cluster.end()?;
        self.registry.end()
    }
}

/// Three brokers in three racks and a registry, started by the first caller of this process.
///
/// They end with the process, however it ends.
pub fn shared() -> Result<&'static Shared> {
    static SHARED: OnceLock<Result<Shared, String>> = OnceLock::new();
    let found = SHARED.get_or_init(|| start().map_err(|error| format!("{error:#}")));
    let shared = found.as_ref().map_err(|error| anyhow!("the shared cluster did not start: {error}"))?;
    eprintln!("server logs: {}", shared.cluster.logs().display());
    Ok(shared)
}

/// `prefix` with a suffix that no other name of this process has, for topics, subjects and groups.
pub fn unique_name(prefix: &str) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(1);
    format!("{prefix}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

fn start() -> Result<Shared> {
    let kit = Kit::locate()?;
    let owner = format!("{}-shared", program());
    std::thread::scope(|scope| {
        let registry = scope.spawn(|| Registry::start_owned(&kit, &RegistryOptions::default(), &owner));
        let cluster = Cluster::start_as(&kit, &ClusterOptions::three_brokers(), &owner)?;
        let registry = registry.join().map_err(|_| anyhow!("starting the registry panicked"))??;
        Ok(Shared { cluster, registry })
    })
}
