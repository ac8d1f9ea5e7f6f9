//! What a case has at hand: the servers of one side, names of its own, and the account of what it saw.

use std::cell::{Cell, RefCell};
use std::fmt::{Debug, Display, Write};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::metadata_response::MetadataResponseTopic;
use kafka_protocol::messages::{BrokerId, ListOffsetsRequest, TopicName};
use kafka_protocol::protocol::{Request, StrBytes};
use klerk_sandbox::Sandbox;
use klerk_testbed::{Answer, Client, Connection};
use klerk_wire::ErrorCode;

use crate::servers::{On, Side};

/// How long a broker may take to show what it has accepted.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);

/// One side, as one case sees it.
pub struct Bed {
    side: Side,
    prefix: String,
    account: RefCell<String>,
    checks: Cell<usize>,
}

impl Bed {
    pub fn new(side: Side, prefix: String) -> Bed {
        Bed { side, prefix, account: RefCell::default(), checks: Cell::default() }
    }

    /// Which side this is. For the few cases about what differs.
    pub fn on(&self) -> On {
        self.side.on
    }

    /// The sandbox itself, for what only it can show.
    pub fn sandbox(&self) -> Result<&Sandbox> {
        self.side.sandbox.as_deref().context("this is not the sandbox")
    }

    /// The base address of the registry.
    pub fn registry(&self) -> &str {
        &self.side.registry
    }

    /// Reads and writes that are no matter of the case, such as putting records into a topic.
    pub fn client(&self) -> Client {
        Client::new(self.side.addresses.clone())
    }

    /// A name that no other case has, and that is the same on both sides.
    pub fn name(&self, what: &str) -> String {
        format!("{}-{what}", self.prefix)
    }

    /// Makes a topic named after `what` and waits until all brokers know it and its leaders lead; returns its whole name.
    pub fn topic(
        &self,
        what: &str,
        partitions: i32,
        replication: i16,
        configs: &[(&str, &str)],
    ) -> Result<String> {
        let name = self.name(what);
        self.client().create_topic(&name, partitions, replication, configs)?;
        // A broker tells of a topic a moment before it has opened the logs.
        for partition in 0..partitions {
            let asked = ListOffsetsPartition::default().with_partition_index(partition).with_timestamp(-1);
            let topic = ListOffsetsTopic::default().with_name(topic_name(&name)).with_partitions(vec![asked]);
            let request =
                ListOffsetsRequest::default().with_replica_id(BrokerId(-1)).with_topics(vec![topic]);
            self.until(&format!("{name}-{partition} is led"), || {
                let answer = self.call_leader(&name, partition, &request, 7)?;
                let found = answer.topics.first().and_then(|topic| topic.partitions.first());
                Ok(found.filter(|found| found.error_code == 0).map(drop))
            })?;
        }
        Ok(name)
    }

    /// A topic as all brokers show it, once `fits` holds of it.
    pub fn topic_once(
        &self,
        name: &str,
        fits: impl Fn(&MetadataResponseTopic) -> bool,
    ) -> Result<MetadataResponseTopic> {
        self.until(&format!("{name} is shown as it should be"), || {
            let mut last = None;
            for address in &self.side.addresses {
                let shown = Client::new(vec![address.clone()]).metadata(Some(&[name]))?;
                last = shown.topics.into_iter().next().filter(&fits);
                if last.is_none() {
                    return Ok(None);
                }
            }
            Ok(last)
        })
    }

    /// Asks any broker.
    pub fn call<R: Request>(&self, request: &R, version: i16) -> Result<R::Response> {
        self.client().call(request, version)
    }

    /// Asks the broker with this id, counted from 1.
    pub fn call_broker<R: Request>(&self, id: usize, request: &R, version: i16) -> Result<R::Response> {
        self.connect(id)?.call(request, version)
    }

    /// A connection of one's own to the broker with this id, counted from 1.
    pub fn connect(&self, id: usize) -> Result<Connection> {
        Connection::open(self.side.addresses.get(id - 1).context("no such broker")?)
    }

    /// Asks the leader of a partition.
    pub fn call_leader<R: Request>(
        &self,
        topic: &str,
        partition: i32,
        request: &R,
        version: i16,
    ) -> Result<R::Response> {
        self.client().call_leader(topic, partition, request, version)
    }

    /// Asks the coordinator of a group.
    pub fn call_coordinator<R: Request>(
        &self,
        group: &str,
        request: &R,
        version: i16,
    ) -> Result<R::Response> {
        self.client().call_coordinator(group, request, version)
    }

    /// Asks the registry; the path is below its base, as `/subjects`.
    pub fn http(&self, method: &str, path: &str, body: Option<&str>) -> Result<Answer> {
        // Apicurio keeps a text once for all subjects, and loses it for a moment to whoever registers it while another case deletes
        // the last subject that had it for good.
        static TEXTS: RwLock<()> = RwLock::new(());
        let ask = || klerk_testbed::ask(&self.side.registry, method, path, body);
        if method == "DELETE" {
            let _alone = TEXTS.write().unwrap_or_else(PoisonError::into_inner);
            return ask();
        }
        let _together = TEXTS.read().unwrap_or_else(PoisonError::into_inner);
        let is_lost = |answer: &Answer| {
            method == "POST" && answer.status == 404 && answer.body.contains("No content with ID")
        };
        let mut answer = ask()?;
        let deadline = Instant::now() + PATIENCE;
        while is_lost(&answer) && Instant::now() < deadline {
            std::thread::sleep(PAUSE);
            answer = ask()?;
        }
        Ok(answer)
    }

    /// Repeats until there is something, for at most thirty seconds. Errors in between are borne.
    pub fn until<T>(&self, what: &str, mut attempt: impl FnMut() -> Result<Option<T>>) -> Result<T> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let failure = match attempt() {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => None,
                Err(error) => Some(error),
            };
            if Instant::now() > deadline {
                match failure {
                    Some(error) => {
                        return Err(error.context(format!("waited {PATIENCE:?} in vain until {what}")));
                    }
                    None => bail!("waited {PATIENCE:?} in vain until {what}"),
                }
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Adds a line to the account.
    pub fn tell(&self, line: impl Display) {
        let mut account = self.account.borrow_mut();
        let _ = writeln!(account, "{line}");
    }

    /// Adds what a broker said about something: `create: TOPIC_ALREADY_EXISTS (36): Topic 'a' already exists.`
    pub fn said(&self, about: &str, code: i16, words: Option<&StrBytes>) {
        let words = words.map(|words| format!(": {}", &**words)).unwrap_or_default();
        self.tell(format!("{about}: {}{words}", code_name(code)));
    }

    /// Tells a value, and fails the case when it is another than the expected one.
    pub fn is<T: Debug + PartialEq<E>, E: Debug>(&self, what: &str, actual: T, expected: E) -> Result<()> {
        self.checks.set(self.checks.get() + 1);
        self.tell(format!("{what}: {actual:?}"));
        ensure!(actual == expected, "{what} is {actual:?} and not {expected:?}");
        Ok(())
    }

    /// Fails the case when the condition does not hold.
    pub fn holds(&self, what: &str, condition: bool) -> Result<()> {
        self.checks.set(self.checks.get() + 1);
        self.tell(what);
        ensure!(condition, "it does not hold that {what}");
        Ok(())
    }

    /// Whether the case has checked anything by itself.
    pub fn has_checked(&self) -> bool {
        self.checks.get() > 0
    }

    /// The account, with what is left to chance replaced.
    pub fn account(&self) -> String {
        let mut account = self.account.borrow().clone();
        for (id, address) in (1..).zip(&self.side.addresses) {
            account = account.replace(address, &format!("broker-{id}"));
        }
        for (chance, word) in [(&self.side.cluster_id, "CLUSTER"), (&self.side.registry, "REGISTRY")] {
            if !chance.is_empty() {
                account = account.replace(chance, word);
            }
        }
        UUID.replace_all(&account, "UUID").into_owned()
    }
}

static UUID: std::sync::LazyLock<regex::Regex> = std::sync::LazyLock::new(|| {
    regex::Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").expect("a regular expression")
});

/// `NONE`, or a code's name with its number.
pub fn code_name(code: i16) -> String {
    match code {
        0 => "NONE".to_owned(),
        code => format!("{} ({code})", ErrorCode::named(code).name),
    }
}

/// A text of the protocol.
pub fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

/// A topic's name of the protocol.
pub fn topic_name(name: &str) -> TopicName {
    TopicName(text(name))
}
