//! Records and commits that give a group something to lag behind.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

use crate::client::{Client, Record};

impl Client {
    /// Produces `records` records to each partition of the topic, one a second up to now, and commits `committed` on each for the group.
    ///
    /// # Errors
    /// There is no such topic, or the brokers refuse.
    pub fn seed(&self, group: &str, topic: &str, records: u32, committed: i64) -> Result<()> {
        let topics = self.topics()?;
        let partitions = *topics.get(topic).with_context(|| format!("there is no topic {topic}"))?;
        let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
        let batch: Vec<Record> = (0..records)
            .map(|number| {
                let age = i64::from(records - number) * 1_000;
                Record::new(now - age, Some(&format!("key-{number}")), &format!("record {number}"))
            })
            .collect();
        let mut commits = Vec::new();
        for partition in 0..i32::try_from(partitions)? {
            self.produce(topic, partition, &batch)?;
            commits.push((topic, partition, committed));
        }
        self.commit_offsets(group, &commits)
    }
}
