//! The partitions that a broker leads, and their records.

use crate::state::configs::{MIN_INSYNC, Scope};
use crate::state::log::{Appending, Record, Rejected, Rules};
use crate::state::{Partition, State};
use kafka_protocol::error::ResponseError;

impl State {
    /// What the configs of a topic mean for its logs.
    pub fn rules(&self, topic: &str) -> Rules {
        let Some(topic) = self.topics.get(topic) else { return Rules::default() };
        let node = self.brokers.keys().next().copied().unwrap_or_default();
        let brokers = self.configs_seen_by(node);
        Rules::of(|key| brokers.of_topic(Scope::Topic.find(key)?, topic).value)
    }

    /// `min.insync.replicas` alone: every look at a partition needs it.
    fn min_insync_replicas(&self, topic: &str) -> usize {
        let own = self.topics.get(topic).and_then(|topic| topic.configs.get(MIN_INSYNC));
        let value = own.or_else(|| self.broker_configs.defaults.get(MIN_INSYNC));
        value.and_then(|value| value.parse().ok()).unwrap_or(1)
    }

    /// The partition, if this broker leads it.
    ///
    /// # Errors
    /// When there is no such partition, or another broker leads it, or none.
    pub fn led_by(&mut self, node: i32, topic: &str, index: i32) -> Result<&mut Partition, ResponseError> {
        let partition = self.partition(topic, index)?;
        if partition.leader == Some(node) { Ok(partition) } else { Err(ResponseError::NotLeaderOrFollower) }
    }

    /// The partition, whoever leads it, with its high watermark where the in-sync replicas have brought it.
    ///
    /// # Errors
    /// When there is no such partition.
    pub fn partition(&mut self, topic: &str, index: i32) -> Result<&mut Partition, ResponseError> {
        let wanted = self.min_insync_replicas(topic);
        let partitions = self.topics.get_mut(topic).map(|topic| &mut topic.partitions);
        let partition = usize::try_from(index).ok().zip(partitions).and_then(|(at, all)| all.get_mut(at));
        let partition = partition.ok_or(ResponseError::UnknownTopicOrPartition)?;
        partition.settle(wanted);
        Ok(partition)
    }

    /// Appends records to a partition from within, whoever leads it, and gives the first one's offset.
    ///
    /// # Errors
    /// When there is no such partition, or a broker would refuse the records.
    pub fn append(&mut self, topic: &str, index: i32, records: &[Record]) -> Result<i64, Rejected> {
        let (now_ms, rules) = (self.clock.now_ms(), self.rules(topic));
        let partition = self.partition(topic, index)?;
        let place = format!("{topic}-{index}");
        let to = Appending { place: &place, leader_epoch: partition.leader_epoch, now_ms, rules: &rules };
        let offset = partition.log.append_records(records, &to)?;
        partition.settle(rules.min_insync_replicas);
        self.touch();
        Ok(offset)
    }
}

impl Partition {
    /// Whether there are fewer replicas in sync than `min.insync.replicas` wants; it cannot want more than there are.
    pub fn is_under_min_isr(&self, min_insync_replicas: usize) -> bool {
        self.isr.len() < min_insync_replicas.min(self.replicas.len())
    }

    /// Brings the high watermark where the in-sync replicas are: to the end, unless they are too few (KIP-966).
    pub(crate) fn settle(&mut self, min_insync_replicas: usize) {
        self.log.lead(self.leader_epoch);
        if !self.is_under_min_isr(min_insync_replicas) {
            self.log.replicated();
        }
    }
}
