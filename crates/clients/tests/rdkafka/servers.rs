//! The servers: a sandbox for each story, and one real cluster for all of them.

use anyhow::{Result, anyhow};
use klerk_sandbox::{Options, Sandbox};
use klerk_testbed::{Cluster, ClusterOptions};
use std::sync::OnceLock;
use tokio::runtime::Runtime;

/// A sandbox on a thread of its own, which answers while a story waits.
pub struct Simulated {
    // Declared first: what runs on the runtime ends before it.
    sandbox: Option<Sandbox>,
    runtime: Option<Runtime>,
    bootstrap: String,
}

impl Simulated {
    pub fn start() -> Result<Simulated> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let sandbox = runtime.block_on(Sandbox::start(&Options::default()))?;
        let bootstrap = sandbox.bootstrap();
        Ok(Simulated { sandbox: Some(sandbox), runtime: Some(runtime), bootstrap })
    }

    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        drop(self.sandbox.take());
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The addresses of three real brokers, which end with this process.
pub fn real() -> Result<String> {
    static CLUSTER: OnceLock<Result<Cluster, String>> = OnceLock::new();
    let cluster = CLUSTER.get_or_init(|| {
        Cluster::start(ClusterOptions::three_brokers()).map_err(|error| format!("{error:#}"))
    });
    let cluster = cluster.as_ref().map_err(|error| anyhow!("the brokers do not start: {error}"))?;
    Ok(cluster.bootstrap())
}
