//! One look at the cluster: brokers, topics, their configs and their logs, as far as they are wanted.

use super::call_error::CallError;
use super::cluster::Cluster;
use super::configs::Configs;
use super::log_offsets::Isolation;
use futures::future::join_all;
use klerk_core::values::{Known, TopicPartition};
use klerk_core::world::{
    ClusterView, ConfigTarget, ConfigView, Selection, TopicView, Wanted, followed_by, followed_time,
};
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
        let mut configs = configs?;
        let alive: Vec<i32> = self.brokers().alive.keys().copied().collect();
        self.add_followed_times(&wanted.followed_times, &alive, &mut configs).await;
        let any = alive.first().map_or(&[][..], std::slice::from_ref);
        self.add_followed_times(&wanted.pinned_times, any, &mut configs).await;
        for (name, configs) in configs {
            if let Some(Known::Known(topic)) = topics.get_mut(&name) {
                topic.configs = configs;
            }
        }
        let brokers = self.brokers();
        let (id, brokers) = (brokers.cluster_id.clone(), brokers.alive.clone());
        Ok(ClusterView { id, brokers, topics, logs, moves, broker_configs })
    }
}

impl Cluster {
    /// Adds what topics would have under these keys without a value of their own, where the answers about them do not
    /// tell: one request to each of these brokers, or none. Where brokers differ, there is no one value to tell.
    async fn add_followed_times(
        &self,
        keys: &BTreeSet<&'static str>,
        brokers: &[i32],
        topics: &mut BTreeMap<String, Known<Configs>>,
    ) {
        let untold = |view: &ConfigView| view.is_override() && view.inherited.is_none();
        let is_untold = |key: &&&str| {
            let mut known = topics.values().filter_map(Known::known);
            known.any(|configs| configs.get(**key).is_some_and(untold))
        };
        let keys: Vec<&'static str> = keys.iter().filter(is_untold).copied().collect();
        if keys.is_empty() {
            return;
        }
        let of_brokers: Vec<&str> = keys.iter().flat_map(|key| followed_by(key)).copied().collect();
        let asked = brokers.iter().map(|id| self.configs_of(ConfigTarget::Broker(*id), Some(&of_brokers)));
        let told = join_all(asked).await;
        for key in keys {
            let mut values = told.iter().map(|broker| followed_time(key, broker.known()?));
            let Some(Some(value)) = values.next() else { continue };
            if !values.all(|other| other.as_ref() == Some(&value)) {
                continue;
            }
            for configs in topics.values_mut() {
                let Known::Known(configs) = configs else { continue };
                if let Some(view) = configs.get_mut(key).filter(|view| untold(view)) {
                    view.inherited = Some(value.clone());
                }
            }
        }
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
