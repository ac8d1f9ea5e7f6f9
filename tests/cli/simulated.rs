//! A simulated cluster and its registry for the program to talk to.

use crate::run::Ran;
use klerk_sandbox::faults::Fault;
use klerk_sandbox::registry::{Manner, Registry};
use klerk_sandbox::state::log::Record;
use klerk_sandbox::{Options, Sandbox, State};
use regex::Regex;
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use uuid::Uuid;

/// Three brokers in this process, gone when it is dropped.
pub struct Simulated {
    sandbox: Sandbox,
    runtime: Runtime,
}

impl Simulated {
    pub fn start() -> Simulated {
        Simulated::with_manner(Manner::default())
    }

    /// With the registry of another maker.
    pub fn with_manner(manner: Manner) -> Simulated {
        let runtime = Runtime::new().expect("a runtime");
        let options = Options { manner, ..Options::default() };
        let sandbox = runtime.block_on(Sandbox::start(&options)).expect("a sandbox");
        Simulated { sandbox, runtime }
    }

    pub fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        self.sandbox.with(act)
    }

    pub fn with_registry<T>(&self, act: impl FnOnce(&mut Registry) -> T) -> T {
        self.sandbox.with_registry(act)
    }

    /// Lets something go wrong, as a line of `klerk sandbox --fault`.
    pub fn arm(&self, fault: &str) {
        let fault: Fault = fault.parse().expect("a fault");
        self.with(|state| state.faults.arm(fault));
    }

    /// Takes the faults back, so that what they hold back goes on.
    pub fn disarm(&self) {
        self.with(|state| state.faults.disarm_all());
    }

    /// Waits until every fault has gone off.
    pub fn await_faults(&self) {
        let begun = Instant::now();
        while !self.with(|state| state.faults.all().all(|(_, gone_off)| gone_off > 0)) {
            assert!(begun.elapsed() < Duration::from_secs(60), "a fault does not go off");
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn bootstrap(&self) -> String {
        self.sandbox.bootstrap()
    }

    /// The address of the first broker alone.
    pub fn first_broker(&self) -> String {
        self.bootstrap().split(',').next().expect("an address").to_owned()
    }

    pub fn registry_url(&self) -> &str {
        self.sandbox.registry_url()
    }

    /// A command line with the address.
    pub fn line(&self, line: &str) -> String {
        format!("{line} -b {}", self.sandbox.bootstrap())
    }

    /// What a run told, without what is different each time.
    pub fn told(&self, ran: &Ran) -> String {
        self.steady(&ran.all())
    }

    fn steady(&self, text: &str) -> String {
        let ids = self.with(|state| state.topics.values().map(|topic| topic.id).collect::<Vec<_>>());
        let text = ids.iter().fold(text.to_owned(), |told, id| told.replace(&spelled(id), "<id>"));
        let cluster = self.with(|state| state.cluster_id.clone());
        let mut text = text.replace(&cluster, "<cluster>").replace(self.registry_url(), "<registry>");
        for (address, broker) in self.bootstrap().split(',').zip(1..) {
            text = text.replace(address, &format!("<broker {broker}>"));
        }
        // Times, and what a record is called after them.
        for (pattern, name) in [
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
            (r"\d{8}T\d{6}[0-9A-Za-z.-]*\.jsonl", "<record>.jsonl"),
        ] {
            text = Regex::new(pattern).expect("a pattern").replace_all(&text, name).into_owned();
        }
        text
    }

    /// The topics that are not Kafka's own.
    pub fn topics(&self) -> Vec<String> {
        self.with(|state| state.topics.keys().filter(|name| !name.starts_with("__")).cloned().collect())
    }

    /// Registers a version of a subject, as a producer does.
    pub fn register(&self, subject: &str, schema: &str) {
        self.register_as(subject, &serde_json::json!({ "schema": schema }));
    }

    /// The same, with everything that a request says.
    pub fn register_as(&self, subject: &str, body: &serde_json::Value) {
        let url = format!("{}/subjects/{subject}/versions", self.registry_url());
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let sent = async { client.post(url).json(body).send().await?.error_for_status() };
        self.runtime.block_on(sent).expect("it is registered");
    }

    /// How many versions a subject has.
    pub fn versions(&self, subject: &str) -> usize {
        self.with_registry(|registry| registry.subjects.get(subject).map_or(0, |one| one.live().count()))
    }

    /// Sets a config of a topic by hand, or takes it away.
    pub fn alter(&self, topic: &str, key: &str, value: Option<&str>) {
        self.with(|state| {
            let configs = &mut state.topics.get_mut(topic).expect("a topic of that name").configs;
            match value {
                Some(value) => configs.insert(key.to_owned(), value.to_owned()),
                None => configs.remove(key),
            };
        });
    }

    /// Deletes the records before an offset.
    pub fn cut(&self, topic: &str, partition: i32, offset: i64) {
        self.with(|state| {
            let partition = state.partition(topic, partition).expect("a partition");
            partition.log.delete_before(offset).expect("records go");
        });
    }

    /// Commits offsets for a group, one for each partition from the first one on.
    pub fn commit(&self, group: &str, topic: &str, offsets: &[i64]) {
        self.with(|state| {
            for (offset, partition) in offsets.iter().zip(0..) {
                state.seed_commit(group, topic, partition, *offset);
            }
        });
    }

    /// What a group has committed for a topic, from its first partition on.
    pub fn committed(&self, group: &str, topic: &str) -> Vec<Option<i64>> {
        self.with(|state| {
            let commits = state.groups.get(group).map(|group| &group.commits);
            let count = state.topics.get(topic).map_or(0, |topic| topic.partitions.len());
            let offset = |partition| Some(commits?.get(topic, partition)?.offset);
            (0..).take(count).map(offset).collect()
        })
    }

    /// Puts as many records into a partition, a minute apart, the last one now.
    pub fn fill(&self, topic: &str, partition: i32, count: i64) {
        self.fill_under(None, topic, partition, count);
    }

    /// The same with a key, as a compacted topic wants one.
    pub fn fill_keyed(&self, topic: &str, partition: i32, count: i64) {
        self.fill_under(Some("k"), topic, partition, count);
    }

    /// Puts records that are so many minutes old into the place of those that a partition holds.
    pub fn age(&self, topic: &str, partition: i32, minutes: i64) {
        self.with(|state| {
            let at = state.clock.now_ms() - minutes * 60_000;
            let log = &mut state.partition(topic, partition).expect("a partition").log;
            let (held, end) = (log.end() - log.start(), log.end());
            log.delete_before(end).expect("records that all have");
            for _ in 0..held {
                let record = Record::new(at, None, Some(vec![b'x'; 100].into()));
                state.append(topic, partition, &[record]).expect("a record is kept");
            }
        });
    }

    fn fill_under(&self, key: Option<&str>, topic: &str, partition: i32, count: i64) {
        self.with(|state| {
            let now = state.clock.now_ms();
            for number in 1..=count {
                let at = now - (count - number) * 60_000;
                let value = Some(vec![b'x'; 100].into());
                let key = key.map(|key| key.as_bytes().to_vec().into());
                let record = Record::new(at, key, value);
                state.append(topic, partition, &[record]).expect("a record is kept");
            }
        });
    }

    /// Deletes a topic and creates it again under the same name.
    pub fn make_anew(&self, topic: &str) {
        self.with(|state| {
            let mut old = state.remove_topic(topic).expect("a topic of that name");
            old.id = Uuid::new_v4();
            state.add_topic(topic, old);
        });
    }
}

/// A topic id as Kafka spells it.
fn spelled(id: &Uuid) -> String {
    klerk_core::values::TopicId(*id.as_bytes()).to_string()
}
