//! One look at the cluster: brokers, topics, their configs and their logs, as far as they are wanted.

use super::call_error::CallError;
use super::cluster::Cluster;
use super::log_offsets::Isolation;
use klerk_core::values::{Known, TopicPartition};
use klerk_core::world::{ClusterView, Selection, TopicView, Wanted};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Cluster {
    /// Sees what `wanted` names of brokers, topics, configs and logs, and asks for no more than that.
    ///
    /// # Errors
    /// When no broker answers. What one topic or partition does not tell is in its own place.
    pub async fn look(&self, wanted: &Wanted) -> Result<ClusterView, CallError> {
        let mut topics = self.topics(&wanted.topics).await?;
        let with_configs = covered(&wanted.configs, &topics);
        let with_logs: Vec<TopicPartition> = covered(&wanted.log_offsets, &topics)
            .into_iter()
            .filter_map(|name| Some((Arc::<str>::from(name), topics.get(name)?.known()?)))
            .flat_map(|(name, topic)| {
                let partition = move |partition: i32| TopicPartition { topic: Arc::clone(&name), partition };
                topic.partitions.iter().map(|seen| seen.partition).map(partition)
            })
            .collect();
        let moves = async {
            // Where nothing is, nothing moves; whoever asks for the rates of brokers asks for the moves of all topics.
            let somewhere =
                topics.values().any(|topic| topic.known().is_some()) || !wanted.broker_configs.is_empty();
            match wanted.moves && somewhere {
                true => self.ongoing_moves().await,
                false => Known::NotAsked,
            }
        };
        let (configs, logs, moves, broker_configs) = tokio::join!(
            self.topic_configs(&with_configs, None),
            self.log_ranges(with_logs, Isolation::ReadUncommitted),
            moves,
            self.broker_configs(&wanted.broker_configs)
        );
        for (name, configs) in configs? {
            if let Some(Known::Known(topic)) = topics.get_mut(&name) {
                topic.configs = configs;
            }
        }
        let brokers = self.brokers();
        let (id, brokers) = (brokers.cluster_id.clone(), brokers.alive.clone());
        Ok(ClusterView { id, brokers, topics, logs, moves, broker_configs })
    }
}

/// The topics that exist and that a selection covers.
fn covered<'a>(selection: &Selection, topics: &'a BTreeMap<String, Known<TopicView>>) -> BTreeSet<&'a str> {
    let existing = topics.iter().filter(|(_, topic)| topic.known().is_some()).map(|(name, _)| name.as_str());
    match selection {
        Selection::None => BTreeSet::new(),
        Selection::Named(names) => existing.filter(|name| names.contains(*name)).collect(),
        Selection::AllVisible(_) => existing.collect(),
    }
}
