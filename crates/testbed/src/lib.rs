//! Real servers for klerk's tests, benches and demo: Apache Kafka and a schema registry, fetched by Maven into `target/testbed`,
//! started on free ports of 127.0.0.1 and always ended again.
//!
//! | to get | use |
//! |---|---|
//! | three brokers and a registry that all tests of one binary share | [`shared()`] |
//! | brokers of one's own, to kill, pause and start again | [`Cluster`], [`ClusterOptions`] |
//! | a cluster behind TLS, logins and an authorizer | [`secured::secured()`], [`secured::Secured`] |
//! | a registry of one's own, with or without users | [`Registry`], [`RegistryOptions`] |
//! | topics, records and offsets, put and read without klerk | [`Client`] (from [`Cluster::client`]) |
//! | what Kafka's own tools say | [`Tool`] (through [`Cluster::tool`]) |
//! | a live member of a group | [`Consumer`] |
//! | what any registry says | [`ask`] |
//! | the program under test, in a clean environment | [`Run`] |
//!
//! Nothing here uses klerk's own client, so that a fault in the code under test cannot hide in its own test bed.
//!
//! ```no_run
//! # fn main() -> anyhow::Result<()> {
//! use klerk_testbed::{Cluster, ClusterOptions, Record};
//!
//! let cluster = Cluster::start(ClusterOptions::three_brokers().fast_failure())?;
//! let client = cluster.client();
//! client.create_topic("orders", 4, 3, &[("retention.ms", "60000")])?;
//! client.produce("orders", 0, &[Record::new(1_700_000_000_000, Some("key"), "value")])?;
//! client.commit_offsets("billing", &[("orders", 0, 1)])?;
//! cluster.kill(2)?;
//! cluster.start_broker(2)?;
//! # Ok(())
//! # }
//! ```
//!
//! The processes end with the value that owns them, and also when the test process is killed (a watchdog outlives it by a moment).
//! The servers' logs stay in `target/testbed/logs/<test name>/` until that test runs again; a failing test prints the path.
//! `KLERK_TESTBED_KEEP=1` keeps the data folders as well.

// The bed speaks to whoever reads a failing test's output.
#![allow(clippy::print_stderr)]

mod client;
mod cluster;
mod config_catalog;
mod consumer;
mod http;
mod kit;
mod place;
mod ports;
mod process;
mod registry;
mod run;
pub mod secured;
mod seed;
mod shared;
mod tool;
mod watchdog;
mod wire;

pub use client::{Broker, Client, Record};
pub use cluster::{Cluster, ClusterOptions};
pub use config_catalog::ConfigCatalog;
pub use consumer::{Consumer, ConsumerOptions, GroupProtocol};
pub use http::{Answer, ask};
pub use kit::{Kit, OLDER};
pub use ports::free_port;
pub use registry::{Registry, RegistryOptions, Role};
pub use run::{Outcome, Run, Running};
pub use shared::{Shared, shared, unique_name};
pub use tool::{Tool, ToolOutput};
pub use wire::Connection;
