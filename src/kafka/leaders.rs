//! Which broker leads which partition.

use super::call_error::CallError;
use super::cluster::Cluster;
use super::lock::lock;
use klerk_core::values::{Failure, Known, TopicPartition};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Leaders of the partitions of topics, by partition number, as last heard.
pub(super) type Leaders = HashMap<Arc<str>, Known<Vec<Option<i32>>>>;

/// Partitions by the broker that leads them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ByLeader {
    /// Partitions by their leader's node id.
    pub led: BTreeMap<i32, Vec<TopicPartition>>,
    /// Partitions without a leader to ask: they do not exist, may not be seen, or nobody leads them (code 5).
    pub leaderless: BTreeMap<TopicPartition, Known<()>>,
}

impl Cluster {
    /// Sorts partitions by their leaders. Topics with a partition whose leader is not known are asked for anew, all in
    /// one request: what was absent or leaderless a while ago may have come.
    ///
    /// # Errors
    /// When no broker answers.
    pub async fn leaders(
        &self,
        partitions: impl IntoIterator<Item = TopicPartition>,
    ) -> Result<ByLeader, CallError> {
        let partitions: Vec<TopicPartition> = partitions.into_iter().collect();
        let unknown: BTreeSet<&str> = {
            let leaders = lock(&self.shared.leaders);
            partitions
                .iter()
                .filter(|partition| leader_of(&leaders, partition).known().is_none())
                .map(|partition| &*partition.topic)
                .collect()
        };
        if !unknown.is_empty() {
            self.metadata(Some(&unknown)).await?;
        }
        let leaders = lock(&self.shared.leaders);
        let mut sorted = ByLeader::default();
        for partition in partitions {
            match leader_of(&leaders, &partition) {
                Known::Known(node) => sorted.led.entry(node).or_default().push(partition),
                other => {
                    sorted.leaderless.insert(partition, other.map(|_| ()));
                }
            }
        }
        Ok(sorted)
    }

    /// Forgets who leads the partitions of these topics, because a broker said that it does not (any more).
    pub fn forget_leaders<'a>(&self, topics: impl IntoIterator<Item = &'a str>) {
        let mut leaders = lock(&self.shared.leaders);
        for topic in topics {
            leaders.remove(topic);
        }
    }
}

fn leader_of(leaders: &Leaders, partition: &TopicPartition) -> Known<i32> {
    let known = match leaders.get(&*partition.topic) {
        Some(known) => known.as_ref(),
        None => return Known::Failed(Failure::without_reply("NO_ANSWER", "the broker left the topic out")),
    };
    let of_topic = match known {
        Known::Known(of_topic) => of_topic,
        other => return other.map(|_| -1),
    };
    match usize::try_from(partition.partition).ok().and_then(|index| of_topic.get(index)) {
        Some(Some(node)) => Known::Known(*node),
        Some(None) => Known::Failed(super::call_error::failure(5, "the partition has no leader")),
        None => Known::Absent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_is_led_leaderless_absent_or_not_to_be_seen() {
        let denied = Failure::without_reply("DENIED", "");
        let leaders: Leaders = [
            (Arc::from("orders"), Known::Known(vec![Some(2), None])),
            (Arc::from("secret"), Known::Denied(denied)),
            (Arc::from("gone"), Known::Absent),
        ]
        .into_iter()
        .collect();
        let of = |topic: &str, number| leader_of(&leaders, &TopicPartition::new(topic, number));
        assert_eq!(of("orders", 0), Known::Known(2));
        assert!(matches!(of("orders", 1), Known::Failed(failure) if failure.code == Some(5)));
        assert_eq!(of("orders", 2), Known::Absent);
        assert_eq!(of("orders", -1), Known::Absent);
        assert_eq!(of("gone", 0), Known::Absent);
        assert!(matches!(of("secret", 0), Known::Denied(_)));
        assert!(matches!(of("never heard of", 0), Known::Failed(_)));
    }
}
