//! The offsets that a group has committed, and those that wait for the end of a transaction.

use std::collections::BTreeMap;

/// A committed offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The offset of the next record to be read. A broker takes any number, also one past the end.
    pub offset: i64,
    /// The epoch of the leader that the record came from; -1 when the client did not say.
    pub leader_epoch: i32,
    /// The client's own text.
    pub metadata: String,
    /// When it was committed, in milliseconds since 1970.
    pub committed_ms: i64,
}

type ByPartition = BTreeMap<String, BTreeMap<i32, Commit>>;

/// The commits of one group.
#[derive(Debug, Clone, Default)]
pub struct Commits {
    settled: ByPartition,
    // By the producer id of the transaction that is to make them valid.
    pending: BTreeMap<i64, ByPartition>,
}

impl Commits {
    /// Commits an offset.
    pub fn put(&mut self, topic: &str, partition: i32, commit: Commit) {
        self.settled.entry(topic.to_owned()).or_default().insert(partition, commit);
    }

    /// The commit of a partition.
    pub fn get(&self, topic: &str, partition: i32) -> Option<&Commit> {
        self.settled.get(topic)?.get(&partition)
    }

    /// Takes the commit of a partition back.
    pub fn remove(&mut self, topic: &str, partition: i32) -> Option<Commit> {
        let partitions = self.settled.get_mut(topic)?;
        let removed = partitions.remove(&partition);
        if partitions.is_empty() {
            self.settled.remove(topic);
        }
        removed
    }

    /// All commits by topic and partition.
    pub fn by_topic(&self) -> impl Iterator<Item = (&str, &BTreeMap<i32, Commit>)> {
        self.settled.iter().map(|(topic, partitions)| (topic.as_str(), partitions))
    }

    /// Forgets everything about a topic, as a broker does when the topic is deleted.
    pub fn forget_topic(&mut self, topic: &str) {
        self.settled.remove(topic);
        for pending in self.pending.values_mut() {
            pending.remove(topic);
        }
    }

    /// Commits an offset within the open transaction of a producer.
    pub fn stage(&mut self, producer_id: i64, topic: &str, partition: i32, commit: Commit) {
        let pending = self.pending.entry(producer_id).or_default();
        pending.entry(topic.to_owned()).or_default().insert(partition, commit);
    }

    /// Ends the transaction of a producer: its commits become valid, or are dropped. Whether there were any.
    pub fn end_transaction(&mut self, producer_id: i64, valid: bool) -> bool {
        let Some(pending) = self.pending.remove(&producer_id) else { return false };
        if valid {
            for (topic, partitions) in pending {
                self.settled.entry(topic).or_default().extend(partitions);
            }
        }
        true
    }

    /// Whether an open transaction is about to commit this partition.
    pub fn is_unstable(&self, topic: &str, partition: i32) -> bool {
        self.pending
            .values()
            .any(|pending| pending.get(topic).is_some_and(|partitions| partitions.contains_key(&partition)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: i64) -> Commit {
        Commit { offset, leader_epoch: -1, metadata: String::new(), committed_ms: 0 }
    }

    #[test]
    fn what_is_staged_counts_when_its_transaction_commits() {
        let mut commits = Commits::default();
        commits.put("orders", 0, at(1));
        commits.stage(7, "orders", 0, at(5));
        assert!(commits.is_unstable("orders", 0) && !commits.is_unstable("orders", 1));
        assert_eq!(commits.get("orders", 0), Some(&at(1)));
        assert!(commits.end_transaction(7, true));
        assert_eq!(commits.get("orders", 0), Some(&at(5)));
        commits.stage(7, "orders", 0, at(9));
        assert!(commits.end_transaction(7, false));
        assert_eq!(commits.get("orders", 0), Some(&at(5)));
        assert!(!commits.end_transaction(7, true));
    }

    #[test]
    fn a_topic_without_commits_is_not_listed() {
        let mut commits = Commits::default();
        commits.put("orders", 0, at(1));
        assert_eq!(commits.remove("orders", 0), Some(at(1)));
        assert_eq!(commits.by_topic().count(), 0);
    }
}
