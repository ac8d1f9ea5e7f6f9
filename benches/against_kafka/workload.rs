//! The broker that both sides work on, and what it is loaded with.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::{DeleteTopicsRequest, TopicName};
use kafka_protocol::protocol::StrBytes;
use klerk_testbed::{Client, Cluster, ClusterOptions, Record, free_port};

use crate::proxy::CountingProxy;

/// Partitions of each topic that groups read.
pub const WIDTH: i32 = 20;
/// Partitions of each topic that is planned or created.
pub const PLANNED_PARTITIONS: i32 = 4;

/// The records have a fixed time, long ago, and the broker must not clear them away while groups are measured.
const KEEP: [(&str, &str); 1] = [("retention.ms", "-1")];
const AT_ONCE: usize = 8;
const PATIENCE: Duration = Duration::from_secs(120);
/// Broker-side limits of one request are far above this.
const TOPICS_A_REQUEST: usize = 200;

/// One real broker, with a second way in that counts requests.
#[derive(Debug)]
pub struct Broker {
    cluster: Cluster,
    counted: String,
    pub proxy: CountingProxy,
}

impl Broker {
    pub fn start() -> Result<Broker> {
        let (listener, advertised) = (free_port()?, free_port()?);
        let options = ClusterOptions::one_broker()
            .second_listener(listener, advertised)
            // Deleted topics would otherwise keep the broker's disk and file handles busy for a minute more.
            .property("log.segment.delete.delay.ms", "500");
        let cluster = Cluster::start(options)?;
        let proxy = CountingProxy::start(advertised, listener)?;
        Ok(Broker { cluster, counted: format!("127.0.0.1:{advertised}"), proxy })
    }

    /// The broker itself.
    pub fn address(&self) -> String {
        self.cluster.bootstrap()
    }

    /// The same broker behind the counting proxy.
    pub fn counted_address(&self) -> &str {
        &self.counted
    }

    pub fn client(&self) -> Client {
        self.cluster.client()
    }

    pub fn create(&self, names: &[String], partitions: i32, configs: &[(&str, &str)]) -> Result<()> {
        for names in names.chunks(TOPICS_A_REQUEST) {
            let topics: Vec<(&str, i32)> = names.iter().map(|name| (name.as_str(), partitions)).collect();
            self.client().create_topics(&topics, 1, configs)?;
        }
        self.come_to_rest()
    }

    /// Waits until the broker has done with the files of topics that were created and deleted. It lists and forgets topics
    /// long before, but works through the changes in order, so a new partition answers when all earlier ones are done.
    pub fn come_to_rest(&self) -> Result<()> {
        let client = self.client();
        client.create_topic("last-in-line", 1, 1, &[])?;
        client.log_end("last-in-line", 0)?;
        client.delete_topic("last-in-line")
    }

    /// Waits until all these topics are listed with this many partitions.
    pub fn await_topics(&self, names: &[String], partitions: i32) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.check_topics(names, partitions) {
                Err(_) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(100)),
                result => return result,
            }
        }
    }

    /// Fails unless all these topics are there, with this many partitions.
    pub fn check_topics(&self, names: &[String], partitions: i32) -> Result<()> {
        let found = self.client().topics()?;
        for name in names {
            let count = found.get(name).with_context(|| format!("{name} was not created"))?;
            ensure!(*count == partitions as usize, "{name} has {count} partitions instead of {partitions}");
        }
        Ok(())
    }

    /// Deletes those of the topics that are there, and waits until the broker lists none of them.
    pub fn delete(&self, names: &[String]) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = self.client().topics()?;
            let left: Vec<&String> = names.iter().filter(|name| found.contains_key(*name)).collect();
            if left.is_empty() {
                return self.come_to_rest();
            }
            if Instant::now() > deadline {
                bail!("{} deleted topics are still listed after {PATIENCE:?}", left.len());
            }
            for left in left.chunks(TOPICS_A_REQUEST) {
                let topic = |name: &&String| {
                    let name = TopicName(StrBytes::from_string((*name).clone()));
                    DeleteTopicState::default().with_name(Some(name))
                };
                let request = DeleteTopicsRequest::default()
                    .with_topics(left.iter().map(topic).collect())
                    .with_timeout_ms(30_000);
                // Topics that an earlier round has deleted and that are still listed are refused: the next look settles it.
                self.client().call(&request, 6)?;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// `prefix-0000`, `prefix-0001` …
pub fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{prefix}-{number:04}")).collect()
}

/// Writes a topology of these topics, each with [`PLANNED_PARTITIONS`] and the given configs.
pub fn write_topology(path: &Path, topics: &[String], configs: &[(&str, &str)]) -> Result<PathBuf> {
    let mut text = format!("klerk: 1\n\ndefaults:\n  partitions: {PLANNED_PARTITIONS}\n  replication: 1\n");
    for (key, value) in configs {
        writeln!(text, "  {key}: {value}")?;
    }
    text.push_str("\ntopics:\n");
    for topic in topics {
        writeln!(text, "  {topic}: {{}}")?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path.to_owned())
}

/// Groups that read topics of [`WIDTH`] partitions, every group one topic, every topic by several groups.
#[derive(Debug)]
pub struct Readers {
    pub topics: Vec<String>,
    groups: usize,
}

impl Readers {
    /// Creates the topics and fills each partition with a few records.
    pub fn load(broker: &Broker, topics: usize) -> Result<Readers> {
        let topics = names("lag", topics);
        broker.create(&topics, WIDTH, &KEEP)?;
        concurrently(topics.len(), |topic| {
            for partition in 0..WIDTH {
                let records =
                    vec![Record::new(1_700_000_000_000, None, "record"); records(topic, partition) as usize];
                broker.client().produce(&topics[topic], partition, &records)?;
            }
            Ok(())
        })?;
        Ok(Readers { topics, groups: 0 })
    }

    /// Commits for as many more groups as are missing to `count`.
    pub fn grow(&mut self, broker: &Broker, count: usize) -> Result<()> {
        let first = self.groups;
        concurrently(count.saturating_sub(first), |more| {
            let group = first + more;
            let topic = &self.topics[group % self.topics.len()];
            let offsets: Vec<(&str, i32, i64)> = (0..WIDTH)
                .map(|partition| (topic.as_str(), partition, committed(group, partition)))
                .collect();
            broker.client().commit_offsets(&format!("group-{group:04}"), &offsets)
        })?;
        self.groups = self.groups.max(count);
        Ok(())
    }

    /// Records behind, over all groups.
    pub fn total_lag(&self) -> i64 {
        let rows = (0..self.groups).flat_map(|group| (0..WIDTH).map(move |partition| (group, partition)));
        rows.map(|(group, partition)| {
            records(group % self.topics.len(), partition) - committed(group, partition)
        })
        .sum()
    }
}

/// How many records a partition holds: not the same everywhere, so that a mix-up shows.
fn records(topic: usize, partition: i32) -> i64 {
    3 + (topic as i64 + i64::from(partition)) % 5
}

fn committed(group: usize, partition: i32) -> i64 {
    (group as i64 + i64::from(partition)) % 3
}

/// One group that has read all of many partitions.
#[derive(Debug)]
pub struct Reader {
    pub group: &'static str,
    pub topics: Vec<String>,
}

impl Reader {
    /// Records of each partition, all of them committed.
    const RECORDS: i64 = 2;

    pub fn load(broker: &Broker, partitions: usize) -> Result<Reader> {
        let topics = names("reset", partitions / WIDTH as usize);
        broker.create(&topics, WIDTH, &KEEP)?;
        let records = vec![Record::new(1_700_000_000_000, None, "record"); Self::RECORDS as usize];
        concurrently(topics.len(), |topic| {
            for partition in 0..WIDTH {
                broker.client().produce(&topics[topic], partition, &records)?;
            }
            Ok(())
        })?;
        Ok(Reader { group: "reset-group", topics })
    }

    /// Puts the group back to the end of all partitions.
    pub fn commit_all(&self, broker: &Broker) -> Result<()> {
        let offsets: Vec<(&str, i32, i64)> = self
            .topics
            .iter()
            .flat_map(|topic| (0..WIDTH).map(|partition| (topic.as_str(), partition, Self::RECORDS)))
            .collect();
        broker.client().commit_offsets(self.group, &offsets)
    }

    /// Fails unless the group stands at the first record of every partition.
    pub fn check_rewound(&self, broker: &Broker) -> Result<()> {
        let committed = broker.client().committed(self.group)?;
        let rewound = committed.values().filter(|offset| **offset == 0).count();
        let wanted = self.topics.len() * WIDTH as usize;
        ensure!(
            committed.len() == wanted && rewound == wanted,
            "{rewound} of {} commits stand at 0 instead of {wanted}",
            committed.len()
        );
        Ok(())
    }
}

/// Does `work` for 0 to `count` on a few threads, and stops at the first failure of each.
fn concurrently(count: usize, work: impl Fn(usize) -> Result<()> + Sync) -> Result<()> {
    std::thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..AT_ONCE)
            .map(|first| scope.spawn(move || (first..count).step_by(AT_ONCE).try_for_each(work)))
            .collect();
        for thread in threads {
            match thread.join() {
                Ok(result) => result?,
                Err(_) => bail!("a loading thread panicked"),
            }
        }
        Ok(())
    })
}
