//! Brokers of one's own, on free ports, with small heaps.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustix::process::Signal;

use crate::client::Client;
use crate::kit::{Archive, Kit};
use crate::place::{Place, tail};
use crate::ports::free_port;
use crate::process::Process;
use crate::tool::{Tool, ToolOutput};

const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(50);

/// What kind of cluster to start. Build it from [`one_broker`](Self::one_broker) or [`three_brokers`](Self::three_brokers).
#[derive(Debug, Clone)]
pub struct ClusterOptions {
    brokers: usize,
    racks: bool,
    auto_create: bool,
    fast_failure: bool,
    old_records_stay: bool,
    second_listener: Option<(u16, u16)>,
    listeners: Vec<(String, String)>,
    format_arguments: Vec<String>,
    java_arguments: Vec<String>,
    properties: Vec<(Option<usize>, String, String)>,
}

impl ClusterOptions {
    /// One node that is broker and controller; replication factor 1.
    pub fn one_broker() -> Self {
        ClusterOptions {
            brokers: 1,
            racks: true,
            auto_create: false,
            fast_failure: false,
            old_records_stay: true,
            second_listener: None,
            listeners: Vec::new(),
            format_arguments: Vec::new(),
            java_arguments: Vec::new(),
            properties: Vec::new(),
        }
    }

    /// Node 1 is a broker and the only controller, 2 and 3 are brokers, so that both of these can be killed.
    ///
    /// Topics get replication factor 3 and `min.insync.replicas` 2 unless they say otherwise.
    pub fn three_brokers() -> Self {
        ClusterOptions { brokers: 3, ..Self::one_broker() }
    }

    /// Half a minute after a broker began, and every five minutes from then on, it looks for records that are too old. Those of
    /// tests often bear old times, so without this it does not.
    #[must_use]
    pub fn deleting_old_records(mut self) -> Self {
        self.old_records_stay = false;
        self
    }

    /// Without this or [`racks`](Self::racks), broker *n* stands in rack `r`*n*.
    #[must_use]
    pub fn without_racks(mut self) -> Self {
        self.racks = false;
        self
    }

    /// The racks of the brokers, in their order, where two of them shall stand in one.
    #[must_use]
    pub fn racks(mut self, racks: &[&str]) -> Self {
        for (index, rack) in racks.iter().enumerate() {
            self = self.broker_property(index + 1, "broker.rack", rack);
        }
        self
    }

    /// Lets clients create topics by asking for them (`auto.create.topics.enable`), which is off without this.
    #[must_use]
    pub fn auto_create(mut self) -> Self {
        self.auto_create = true;
        self
    }

    /// Two seconds until a broker that is killed or stands still counts as gone. Only for tests that do that to one: on a machine with
    /// much else to do a broker may stand still for as long, and without this none is given up within a minute.
    #[must_use]
    pub fn fast_failure(mut self) -> Self {
        self.fast_failure = true;
        self
    }

    /// Broker 1 listens on `port` as well, and tells the clients that come in there to use `advertised` instead: the port of a
    /// proxy that forwards to `port`.
    #[must_use]
    pub fn second_listener(mut self, port: u16, advertised: u16) -> Self {
        self.second_listener = Some((port, advertised));
        self
    }

    /// Every broker listens on one more free port, under this name and with this security protocol (`SASL_SSL` and so on); see
    /// [`Cluster::listener_address`].
    #[must_use]
    pub fn listener(mut self, name: &str, protocol: &str) -> Self {
        self.listeners.push((name.to_owned(), protocol.to_owned()));
        self
    }

    /// One more argument of the tool that formats the brokers' folders, such as `--add-scram` and what follows it.
    #[must_use]
    pub fn format_argument(mut self, argument: &str) -> Self {
        self.format_arguments.push(argument.to_owned());
        self
    }

    /// One more argument of the Java that runs the brokers.
    #[must_use]
    pub fn java_argument(mut self, argument: &str) -> Self {
        self.java_arguments.push(argument.to_owned());
        self
    }

    /// A line of every broker's `server.properties`; it replaces what the bed would write.
    #[must_use]
    pub fn property(mut self, key: &str, value: &str) -> Self {
        self.properties.push((None, key.to_owned(), value.to_owned()));
        self
    }

    /// The same for one broker.
    #[must_use]
    pub fn broker_property(mut self, broker: usize, key: &str, value: &str) -> Self {
        self.properties.push((Some(broker), key.to_owned(), value.to_owned()));
        self
    }
}

/// Running brokers, numbered from 1. They end with this value.
#[derive(Debug)]
pub struct Cluster {
    kit: Kit,
    place: Place,
    ports: Vec<u16>,
    /// The name of each further listener, and its port on each broker.
    listeners: Vec<(String, Vec<u16>)>,
    java_arguments: Vec<String>,
    nodes: Mutex<Vec<Option<Process>>>,
}

impl Cluster {
    /// Starts the brokers and waits until each of them sees all of them.
    ///
    /// # Errors
    /// The servers could not be fetched, or a broker did not come up within two minutes (the message ends with its log).
    pub fn start(options: ClusterOptions) -> Result<Cluster> {
        Cluster::start_with(&Kit::locate()?, &options)
    }

    /// The same with the brokers of an older Kafka, such as `3.9.1`.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn start_older(version: &str, options: &ClusterOptions) -> Result<Cluster> {
        Cluster::start_with(&Kit::older(version)?, options)
    }

    pub(crate) fn start_with(kit: &Kit, options: &ClusterOptions) -> Result<Cluster> {
        Cluster::start_as(kit, options, &Place::owner())
    }

    pub(crate) fn start_as(kit: &Kit, options: &ClusterOptions, owner: &str) -> Result<Cluster> {
        for _ in 0..3 {
            let cluster = Cluster::prepare(kit, options, owner)?;
            match cluster.run_all() {
                Ok(()) => return Ok(cluster),
                Err(error) if !cluster.port_was_taken() => return Err(error),
                Err(_) => {}
            }
        }
        bail!("other programs took the brokers' ports three times in a row")
    }

    /// Addresses of all brokers, for `--bootstrap`; also of those that are down.
    pub fn bootstrap(&self) -> String {
        let addresses: Vec<String> =
            (1..=self.ports.len()).map(|broker| self.broker_address(broker)).collect();
        addresses.join(",")
    }

    /// `127.0.0.1:port` of one broker.
    pub fn broker_address(&self, broker: usize) -> String {
        format!("127.0.0.1:{}", port_of(&self.ports, broker))
    }

    /// `127.0.0.1:port` of one broker's listener of that name; see [`ClusterOptions::listener`]. The brokers' own listener is
    /// `PLAINTEXT`.
    pub fn listener_address(&self, name: &str, broker: usize) -> String {
        let found = self.listeners.iter().find(|(known, _)| known == name);
        format!("127.0.0.1:{}", port_of(found.map_or(&self.ports, |(_, ports)| ports), broker))
    }

    /// How many brokers the cluster was started with.
    pub fn size(&self) -> usize {
        self.ports.len()
    }

    /// Reads and writes without klerk.
    pub fn client(&self) -> Client {
        Client::new((1..=self.size()).map(|broker| self.broker_address(broker)).collect())
    }

    /// Runs one of Kafka's own tools on this cluster.
    pub fn tool(&self, tool: Tool, args: &[&str]) -> Result<ToolOutput> {
        tool.run_with(&self.kit, &self.bootstrap(), args)
    }

    /// The servers' logs.
    pub fn logs(&self) -> &Path {
        self.place.logs()
    }

    /// The process id of a broker, while it runs.
    pub fn process_id(&self, broker: usize) -> Option<u32> {
        let nodes = self.nodes();
        nodes.get(broker.checked_sub(1)?)?.as_ref().map(Process::id)
    }

    /// SIGKILL: the broker is gone at once, and the others notice after a while (see [`fast_failure`](ClusterOptions::fast_failure) and
    /// [`await_brokers`](Self::await_brokers)).
    pub fn kill(&self, broker: usize) -> Result<()> {
        self.take(broker)?.kill()
    }

    /// SIGTERM: the broker hands over its leaderships and ends.
    pub fn terminate(&self, broker: usize) -> Result<()> {
        self.take(broker)?.terminate(Duration::from_secs(60))
    }

    /// SIGSTOP: the broker keeps its connections and answers nothing.
    pub fn pause(&self, broker: usize) -> Result<()> {
        self.signal(broker, Signal::STOP)
    }

    /// SIGCONT after [`pause`](Self::pause).
    pub fn resume(&self, broker: usize) -> Result<()> {
        self.signal(broker, Signal::CONT)
    }

    /// Starts a broker that was killed or terminated, on its old port, and waits until the running brokers see it.
    pub fn start_broker(&self, broker: usize) -> Result<()> {
        self.spawn(broker)?;
        self.await_all_running()
    }

    /// Waits until every running broker sees exactly `count` live brokers.
    pub fn await_brokers(&self, count: usize) -> Result<()> {
        self.until(&format!("all running brokers see {count} brokers"), |cluster| cluster.all_see(count))
    }

    /// Waits until all replicas of all partitions are in sync.
    pub fn await_in_sync(&self) -> Result<()> {
        self.until("all replicas are in sync", |cluster| cluster.client().in_sync().unwrap_or(false))
    }

    /// Kills all brokers. Dropping the value does the same.
    pub fn end(&self) -> Result<()> {
        for node in self.nodes().iter_mut() {
            if let Some(mut process) = node.take() {
                process.kill()?;
            }
        }
        Ok(())
    }

    fn prepare(kit: &Kit, options: &ClusterOptions, owner: &str) -> Result<Cluster> {
        ensure!(matches!(options.brokers, 1 | 3), "the bed starts one broker or three");
        let place = Place::new(kit.folder(), owner, "cluster")?;
        let ports = || (0..options.brokers).map(|_| free_port()).collect::<Result<Vec<u16>>>();
        let listeners = options.listeners.iter().map(|(name, _)| Ok((name.clone(), ports()?)));
        let listeners = listeners.collect::<Result<_>>()?;
        let ports = ports()?;
        let java_arguments = options.java_arguments.clone();
        let nodes = Mutex::new((0..options.brokers).map(|_| None).collect());
        let cluster = Cluster { kit: kit.clone(), place, ports, listeners, java_arguments, nodes };
        let controller = free_port()?;
        for broker in 1..=options.brokers {
            let properties = cluster.properties(options, broker, controller);
            fs::create_dir_all(cluster.folder(broker)).context("cannot create a broker's folder")?;
            fs::write(cluster.properties_file(broker), properties)
                .context("cannot write server.properties")?;
        }
        cluster.format(&options.format_arguments)?;
        Ok(cluster)
    }

    fn properties(&self, options: &ClusterOptions, broker: usize, controller: u16) -> String {
        let size = options.brokers.to_string();
        let in_sync = if options.brokers == 3 { "2" } else { "1" };
        let mut all: BTreeMap<String, String> = BTreeMap::new();
        let mut set = |key: &str, value: &str| all.insert(key.to_owned(), value.to_owned());
        set("node.id", &broker.to_string());
        let address = format!("PLAINTEXT://{}", self.broker_address(broker));
        let (mut bound, mut advertised) = (vec![address.clone()], vec![address]);
        let mut protocols = vec!["PLAINTEXT:PLAINTEXT".to_owned(), "CONTROLLER:PLAINTEXT".to_owned()];
        for (name, protocol) in &options.listeners {
            let address = format!("{name}://{}", self.listener_address(name, broker));
            bound.push(address.clone());
            advertised.push(address);
            protocols.push(format!("{name}:{protocol}"));
        }
        if let (1, Some((port, told))) = (broker, options.second_listener) {
            bound.push(format!("SECOND://127.0.0.1:{port}"));
            advertised.push(format!("SECOND://127.0.0.1:{told}"));
            protocols.push("SECOND:PLAINTEXT".to_owned());
        }
        set("process.roles", "broker");
        if broker == 1 {
            set("process.roles", "broker,controller");
            bound.push(format!("CONTROLLER://127.0.0.1:{controller}"));
        }
        set("listeners", &bound.join(","));
        set("advertised.listeners", &advertised.join(","));
        set("listener.security.protocol.map", &protocols.join(","));
        set("controller.quorum.voters", &format!("1@127.0.0.1:{controller}"));
        set("controller.listener.names", "CONTROLLER");
        set("log.dirs", &self.data(broker).display().to_string());
        if options.racks {
            set("broker.rack", &format!("r{broker}"));
        }
        set("auto.create.topics.enable", if options.auto_create { "true" } else { "false" });
        set("default.replication.factor", &size);
        set("min.insync.replicas", in_sync);
        for topic in ["offsets.topic", "transaction.state.log", "share.coordinator.state.topic"] {
            set(&format!("{topic}.replication.factor"), &size);
            set(&format!("{topic}.num.partitions"), "3");
        }
        set("transaction.state.log.min.isr", in_sync);
        set("share.coordinator.state.topic.min.isr", in_sync);
        set("group.initial.rebalance.delay.ms", "0");
        set("group.min.session.timeout.ms", "1000");
        set("broker.heartbeat.interval.ms", "500");
        set("replica.fetch.wait.max.ms", "200");
        let patience = if options.fast_failure { "2000" } else { "60000" };
        set("broker.session.timeout.ms", patience);
        set("replica.lag.time.max.ms", patience);
        if options.old_records_stay {
            set("log.initial.task.delay.ms", "86400000");
        }
        // A broker's worth of threads and of memory is a test machine's share.
        set("num.network.threads", "1");
        set("num.io.threads", "2");
        set("background.threads", "2");
        set("log.cleaner.dedupe.buffer.size", "2097152");
        for (only, key, value) in &options.properties {
            if only.is_none_or(|only| only == broker) {
                set(key, value);
            }
        }
        all.iter().map(|(key, value)| format!("{key}={value}\n")).collect()
    }

    /// Formats the first broker's folder; the others get a copy with their own ids, which saves a JVM each.
    fn format(&self, arguments: &[String]) -> Result<()> {
        let cluster_id = short_id();
        let mut command = self.kit.kafka(Archive::Tools, "128m", "kafka.tools.StorageTool");
        command.args(["format", "-t", &cluster_id, "-c"]).arg(self.properties_file(1)).args(arguments);
        let output = command.output().context("kafka.tools.StorageTool does not run")?;
        if !output.status.success() {
            let said = [output.stdout, output.stderr].concat();
            bail!("kafka.tools.StorageTool refused to format:\n{}", String::from_utf8_lossy(&said).trim());
        }
        for broker in 2..=self.size() {
            copy_folder(&self.data(1), &self.data(broker))?;
            let meta = self.data(broker).join("meta.properties");
            let text = fs::read_to_string(&meta).context("cannot read meta.properties")?;
            let lines = text.lines().map(|line| match line.split_once('=') {
                Some(("node.id", _)) => format!("node.id={broker}\n"),
                Some(("directory.id", _)) => format!("directory.id={}\n", short_id()),
                _ => format!("{line}\n"),
            });
            fs::write(&meta, lines.collect::<String>()).context("cannot write meta.properties")?;
        }
        Ok(())
    }

    fn run_all(&self) -> Result<()> {
        for broker in 1..=self.size() {
            self.spawn(broker)?;
        }
        self.await_all_running()
    }

    fn spawn(&self, broker: usize) -> Result<()> {
        let mut nodes = self.nodes();
        let node = broker.checked_sub(1).and_then(|index| nodes.get_mut(index));
        let node = node.with_context(|| format!("there is no broker {broker}"))?;
        ensure!(node.is_none(), "broker {broker} runs already");
        let mut command = self.kit.kafka_with(Archive::Broker, "256m", &self.java_arguments, "kafka.Kafka");
        command.arg(self.properties_file(broker));
        *node = Some(Process::spawn(&mut command, &self.log(broker))?);
        Ok(())
    }

    fn await_all_running(&self) -> Result<()> {
        let running = self.running().len();
        self.until(&format!("all {running} brokers see each other"), |cluster| cluster.all_see(running))
    }

    fn all_see(&self, count: usize) -> bool {
        self.running().into_iter().all(|broker| {
            let seen = Client::new(vec![self.broker_address(broker)]).brokers();
            seen.is_ok_and(|seen| seen.len() == count)
        })
    }

    fn until(&self, what: &str, check: impl Fn(&Cluster) -> bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !check(self) {
            for broker in self.running() {
                if let Some(status) = self.ended(broker)? {
                    bail!("broker {broker} ended ({status}) before {what}:\n{}", tail(&self.log(broker), 30));
                }
            }
            if Instant::now() > deadline {
                let logs: Vec<String> =
                    self.running().into_iter().map(|broker| tail(&self.log(broker), 15)).collect();
                bail!("waited {PATIENCE:?} in vain until {what}:\n{}", logs.join("\n"));
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    fn ended(&self, broker: usize) -> Result<Option<std::process::ExitStatus>> {
        match self.nodes().get_mut(broker - 1) {
            Some(Some(process)) => process.ended(),
            _ => Ok(None),
        }
    }

    fn port_was_taken(&self) -> bool {
        (1..=self.size()).any(|broker| {
            fs::read_to_string(self.log(broker)).is_ok_and(|log| log.contains("Address already in use"))
        })
    }

    fn running(&self) -> Vec<usize> {
        let nodes = self.nodes();
        (1..=nodes.len()).filter(|broker| nodes[broker - 1].is_some()).collect()
    }

    fn take(&self, broker: usize) -> Result<Process> {
        let node = broker.checked_sub(1).and_then(|index| self.nodes().get_mut(index).and_then(Option::take));
        node.ok_or_else(|| anyhow!("broker {broker} does not run"))
    }

    fn signal(&self, broker: usize, signal: Signal) -> Result<()> {
        let mut nodes = self.nodes();
        let node = broker.checked_sub(1).and_then(|index| nodes.get_mut(index)).and_then(Option::as_mut);
        node.with_context(|| format!("broker {broker} does not run"))?.signal(signal)
    }

    fn nodes(&self) -> MutexGuard<'_, Vec<Option<Process>>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn folder(&self, broker: usize) -> PathBuf {
        self.place.data().join(format!("broker-{broker}"))
    }

    fn data(&self, broker: usize) -> PathBuf {
        self.folder(broker).join("data")
    }

    fn properties_file(&self, broker: usize) -> PathBuf {
        self.folder(broker).join("server.properties")
    }

    fn log(&self, broker: usize) -> PathBuf {
        self.place.log(&format!("broker-{broker}"))
    }
}

impl Drop for Cluster {
    /// Before the data folder goes, so that no broker writes into it any more.
    fn drop(&mut self) {
        self.end().ok();
    }
}

fn port_of(ports: &[u16], broker: usize) -> u16 {
    broker.checked_sub(1).and_then(|index| ports.get(index)).copied().unwrap_or_default()
}

/// Kafka's own form of an id: 128 random bits, 22 characters; never with a dash in front, which the command line would take for a flag.
fn short_id() -> String {
    let id = URL_SAFE_NO_PAD.encode(uuid::Uuid::new_v4().as_bytes());
    if id.starts_with('-') { short_id() } else { id }
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).with_context(|| format!("cannot write {}", target.display()))?;
        }
    }
    Ok(())
}
