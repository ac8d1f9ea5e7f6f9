//! A live member of a group: Kafka's console consumer as a child process.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::cluster::Cluster;
use crate::kit::{Archive, Kit};
use crate::place::{Place, tail};
use crate::process::Process;
use crate::tool::Tool;

const PATIENCE: Duration = Duration::from_secs(90);

/// How members agree on who reads what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupProtocol {
    /// The members agree among themselves.
    Classic,
    /// The broker decides (KIP-848).
    Consumer,
}

impl GroupProtocol {
    fn name(self) -> &'static str {
        match self {
            GroupProtocol::Classic => "classic",
            GroupProtocol::Consumer => "consumer",
        }
    }
}

/// Which group to join and what to read.
#[derive(Debug, Clone)]
pub struct ConsumerOptions {
    group: String,
    topics: Vec<String>,
    protocol: GroupProtocol,
    client_id: Option<String>,
    properties: Vec<String>,
}

impl ConsumerOptions {
    /// A member that reads `topics` and commits nothing, so that what a test has committed stays.
    pub fn new(group: &str, topics: &[&str], protocol: GroupProtocol) -> Self {
        ConsumerOptions {
            group: group.to_owned(),
            topics: topics.iter().map(|&topic| topic.to_owned()).collect(),
            protocol,
            client_id: None,
            properties: vec!["enable.auto.commit=false".to_owned()],
        }
    }

    /// The `client.id`; without this a new one for each member.
    #[must_use]
    pub fn client_id(mut self, id: &str) -> Self {
        self.client_id = Some(id.to_owned());
        self
    }

    /// One more consumer property, such as `enable.auto.commit` or `group.instance.id`.
    #[must_use]
    pub fn property(mut self, key: &str, value: &str) -> Self {
        self.properties.push(format!("{key}={value}"));
        self
    }
}

/// A running member. It is killed with this value.
#[derive(Debug)]
pub struct Consumer {
    process: Process,
    client_id: String,
    /// Holds the log; after `process`, so that the process ends first.
    _place: Place,
}

impl Consumer {
    /// Starts a member and waits until the group is `Stable` with it inside.
    pub fn start(cluster: &Cluster, options: &ConsumerOptions) -> Result<Consumer> {
        static COUNT: AtomicUsize = AtomicUsize::new(1);
        let kit = Kit::locate()?;
        let place = Place::new(kit.folder(), &Place::owner(), "consumer")?;
        let log = place.log(&options.group);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let client_id = options.client_id.clone().unwrap_or_else(|| format!("testbed-consumer-{number}"));

        let mut command = kit.kafka(Archive::Tools, "128m", Tool::ConsoleConsumer.class());
        command.args(["--bootstrap-server", &cluster.bootstrap(), "--group", &options.group]);
        match options.topics.as_slice() {
            [topic] => command.args(["--topic", topic]),
            topics => command.args(["--include", &topics.join("|").replace('.', "\\.")]),
        };
        command.args(["--command-property", &format!("client.id={client_id}")]);
        command.args(["--command-property", &format!("group.protocol={}", options.protocol.name())]);
        for property in &options.properties {
            command.args(["--command-property", property]);
        }
        let mut consumer =
            Consumer { process: Process::spawn(&mut command, &log)?, client_id, _place: place };

        let client = cluster.client();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let members = client.stable_members(&options.group, options.protocol == GroupProtocol::Consumer);
            if members.as_ref().is_ok_and(|members| members.contains(&consumer.client_id)) {
                return Ok(consumer);
            }
            if let Some(status) = consumer.process.ended()? {
                bail!("the consumer of {} ended ({status}):\n{}", options.group, tail(&log, 20));
            }
            if Instant::now() > deadline {
                bail!(
                    "{} was not stable with {} within {PATIENCE:?}: {members:?}\n{}",
                    options.group,
                    consumer.client_id,
                    tail(&log, 20)
                );
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The `client.id` that Kafka shows for this member.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// SIGTERM, and waits for the end: the member leaves its group.
    pub fn stop(mut self) -> Result<()> {
        self.process.terminate(Duration::from_secs(30))
    }

    /// SIGKILL: the group keeps the member until its session times out.
    pub fn kill(mut self) -> Result<()> {
        self.process.kill()
    }
}
