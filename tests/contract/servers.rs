//! The two sides: a sandbox for each case, and one real cluster with a registry for all of them.

use std::sync::Arc;

use anyhow::{Context, Result};
use klerk_sandbox::registry::Manner;
use klerk_sandbox::{Options, Sandbox};
use klerk_testbed::{Client, Cluster, ClusterOptions, Registry};
use tokio::runtime::Runtime;

/// Which side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Sandbox,
    Kafka,
}

/// Where the servers of a side are.
#[derive(Clone)]
pub struct Side {
    pub on: On,
    /// The brokers, by id from 1.
    pub addresses: Vec<String>,
    pub cluster_id: String,
    /// The registry's base address.
    pub registry: String,
    /// Ends with the last side that has it.
    pub sandbox: Option<Arc<Sandbox>>,
}

/// Starts sandboxes.
pub struct Sandboxes(Runtime);

impl Sandboxes {
    pub fn new() -> Result<Sandboxes> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        Ok(Sandboxes(runtime.context("no runtime")?))
    }

    /// A new one.
    pub fn start(&self) -> Result<Side> {
        let options = Options { manner: Manner::Apicurio, ..Options::default() };
        let sandbox = self.0.block_on(Sandbox::start(&options))?;
        let addresses = sandbox.bootstrap().split(',').map(str::to_owned).collect();
        let cluster_id = sandbox.with(|state| state.cluster_id.clone());
        let registry = sandbox.registry_url().to_owned();
        let sandbox = Some(Arc::new(sandbox));
        Ok(Side { on: On::Sandbox, addresses, cluster_id, registry, sandbox })
    }
}

/// The real servers.
pub struct Kafka {
    cluster: Cluster,
    registry: Registry,
}

impl Kafka {
    /// Starts brokers that are set up as those of a sandbox, and gives their coordinators something to do once, for the first calls
    /// about groups on a new cluster are refused.
    pub fn start() -> Result<Kafka> {
        let mut options = ClusterOptions::three_brokers();
        for broker in 1..=3 {
            options = options.broker_property(broker, "broker.rack", &format!("rack-{broker}"));
        }
        let registry = std::thread::spawn(Registry::start);
        let cluster = Cluster::start(options)?;
        let registry = registry.join().ok().context("starting the registry panicked")??;
        let client = cluster.client();
        client.create_topic("warm", 1, 3, &[])?;
        // Names that differ in their last digit are of one coordinator after the other.
        for number in 0..9 {
            client.commit_offsets(&format!("warm-{number}"), &[("warm", 0, 0)])?;
        }
        Ok(Kafka { cluster, registry })
    }

    pub fn side(&self) -> Result<Side> {
        let addresses: Vec<String> =
            (1..=self.cluster.size()).map(|id| self.cluster.broker_address(id)).collect();
        let cluster_id = Client::new(addresses.clone()).metadata(Some(&[]))?.cluster_id;
        Ok(Side {
            on: On::Kafka,
            addresses,
            cluster_id: cluster_id.map(|id| id.to_string()).unwrap_or_default(),
            registry: self.registry.url(),
            sandbox: None,
        })
    }
}
