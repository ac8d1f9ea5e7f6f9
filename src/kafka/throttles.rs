//! Throttles of replication: rates on brokers, and the replicas of topics that they hold for.

use super::batch::{Outcome, Unwatched};
use super::cluster::Cluster;
use super::enact_topics::{ConfigChange, Mode};
use futures::future::join_all;
use klerk_core::placement::{Throttle, with_replicas, without_replicas};
use klerk_core::values::{
    FOLLOWER_REPLICAS, Failure, Known, LEADER_REPLICAS, THROTTLED_RATES, THROTTLED_REPLICAS, TopicPartition,
};
use klerk_core::world::{BrokerConfigView, ConfigSource, ConfigTarget, OngoingMoves};
use std::collections::{BTreeMap, BTreeSet};

/// The replicas that a topic has throttled: the value of each key, where it has one.
type Lists = BTreeMap<String, BTreeMap<String, Option<String>>>;

impl Cluster {
    /// The rates of throttles that are set on these brokers, by key.
    pub async fn set_rates(
        &self,
        brokers: impl Iterator<Item = i32>,
    ) -> BTreeMap<i32, Known<BTreeMap<String, String>>> {
        let set = |rates: BTreeMap<String, BrokerConfigView>| {
            let set = rates.into_iter().filter(|(_, view)| is_set(view));
            set.filter_map(|(key, view)| Some((key, view.value?))).collect()
        };
        self.rates(brokers).await.into_iter().map(|(node, rates)| (node, rates.map(set))).collect()
    }

    /// Sets a throttle: rates first, so that no replica is named without one.
    ///
    /// # Errors
    /// When something of it cannot be set; what was set stays.
    pub async fn set_throttle(&self, throttle: &Throttle) -> Result<(), Failure> {
        let rate = Some(throttle.rate.to_string());
        let set = throttle.brokers.iter().map(|(node, keys)| {
            let values = keys.iter().map(|key| (key.clone(), rate.clone())).collect();
            self.alter_rates(*node, values)
        });
        for done in join_all(set).await {
            done?;
        }
        let lists = self.throttled_lists(throttle.topics.keys()).await?;
        let mut changes = Vec::new();
        for (topic, replicas) in &throttle.topics {
            let of_topic = lists.get(topic);
            let present = |key: &str| of_topic.and_then(|keys| keys.get(key)?.as_deref());
            let both = [(LEADER_REPLICAS, &replicas.leader), (FOLLOWER_REPLICAS, &replicas.follower)];
            let values: BTreeMap<String, Option<String>> = both
                .into_iter()
                .filter_map(|(key, replicas)| {
                    Some((key.to_owned(), Some(with_replicas(present(key), replicas)?)))
                })
                .collect();
            if !values.is_empty() {
                changes.push(ConfigChange { topic: topic.clone(), values });
            }
        }
        self.alter_lists(&changes).await
    }

    /// Takes a throttle off, unless replicas that it holds for are still on their way: then it stays, and the answer is
    /// `false`. What somebody has set otherwise since is left as it is.
    ///
    /// # Errors
    /// When something of it could not be looked at or taken off.
    pub async fn lift_throttle(&self, throttle: &Throttle) -> Result<bool, Failure> {
        let moves = match self.ongoing_moves().await {
            Known::Known(moves) => moves,
            other => return Err(missing(&other)),
        };
        let lists = self.throttled_lists(throttle.topics.keys()).await?;
        let is_needed = |topic: &str, partition: i32| {
            let replicas = throttle.topics.get(topic);
            replicas.is_some_and(|replicas| replicas.follower.iter().any(|(number, _)| *number == partition))
        };
        let needed = |at: &TopicPartition| is_needed(&at.topic, at.partition);
        if moves.iter().any(|(at, ongoing)| !ongoing.adding.is_empty() && needed(at)) {
            return Ok(false);
        }
        let mut changes = Vec::new();
        for (topic, of_topic) in &lists {
            let Some(replicas) = throttle.topics.get(topic) else { continue };
            let both = [(LEADER_REPLICAS, &replicas.leader), (FOLLOWER_REPLICAS, &replicas.follower)];
            let values: BTreeMap<String, Option<String>> = both
                .into_iter()
                .filter_map(|(key, replicas)| {
                    let present = of_topic.get(key)?.as_deref();
                    Some((key.to_owned(), without_replicas(present, replicas)?))
                })
                .collect();
            if !values.is_empty() {
                changes.push(ConfigChange { topic: topic.clone(), values });
            }
        }
        self.alter_lists(&changes).await?;
        if self.others_are_throttled(&moves, throttle).await? {
            return Ok(false);
        }
        let set = throttle.brokers.iter().filter(|(_, keys)| !keys.is_empty());
        let rates = self.rates(set.clone().map(|(node, _)| *node)).await;
        for (node, keys) in set {
            let rates = match rates.get(node) {
                Some(Known::Known(rates)) => rates,
                Some(other) => return Err(missing(other)),
                None => continue,
            };
            let ours = |key: &&String| {
                let seen = rates.get(*key);
                seen.is_some_and(|seen| {
                    seen.source == ConfigSource::DynamicBroker
                        && seen.value.as_deref() == Some(throttle.rate.to_string().as_str())
                })
            };
            let values: BTreeMap<String, Option<String>> =
                keys.iter().filter(ours).map(|key| (key.clone(), None)).collect();
            if !values.is_empty() {
                self.alter_rates(*node, values).await?;
            }
        }
        Ok(true)
    }

    /// Whether replicas of other topics are on their way under rates of the same brokers.
    async fn others_are_throttled(&self, moves: &OngoingMoves, throttle: &Throttle) -> Result<bool, Failure> {
        let topics: BTreeSet<String> = moves
            .iter()
            .filter(|(_, ongoing)| ongoing.replicas.iter().any(|id| throttle.brokers.contains_key(id)))
            .map(|(at, _)| at.topic.to_string())
            .collect();
        let lists = self.throttled_lists(topics.iter()).await?;
        let is_throttled = |values: &BTreeMap<String, Option<String>>| values.values().any(Option::is_some);
        Ok(lists.values().any(is_throttled))
    }

    /// The lists of throttled replicas of topics that exist; one that is not set is `None`.
    async fn throttled_lists(&self, topics: impl Iterator<Item = &String>) -> Result<Lists, Failure> {
        let names: BTreeSet<&str> = topics.map(String::as_str).collect();
        if names.is_empty() {
            return Ok(Lists::new());
        }
        let keys = BTreeSet::from(THROTTLED_REPLICAS);
        let configs = self.topic_configs(&names, Some(&keys)).await.map_err(|error| error.failure())?;
        let mut lists = Lists::new();
        for (topic, configs) in configs {
            let configs = match configs {
                Known::Known(configs) => configs,
                Known::Absent => continue,
                other => return Err(missing(&other)),
            };
            let list = |key: &str| {
                let seen = configs.get(key).filter(|seen| seen.is_override());
                (key.to_owned(), seen.map(|seen| seen.value.clone().unwrap_or_default()))
            };
            lists.insert(topic, THROTTLED_REPLICAS.map(list).into());
        }
        Ok(lists)
    }

    async fn rates(
        &self,
        nodes: impl Iterator<Item = i32>,
    ) -> BTreeMap<i32, Known<BTreeMap<String, BrokerConfigView>>> {
        let asked = nodes.map(async |node| {
            (node, self.configs_of(ConfigTarget::Broker(node), Some(&THROTTLED_RATES)).await)
        });
        join_all(asked).await.into_iter().collect()
    }

    /// Sets rates of one broker, or takes them off. To do so twice is to do it once.
    async fn alter_rates(&self, node: i32, values: BTreeMap<String, Option<String>>) -> Result<(), Failure> {
        if values.is_empty() {
            return Ok(());
        }
        let done = self.alter_broker(ConfigTarget::Broker(node), &values, Mode::Apply).await;
        done.map_err(|error| error.failure())?
    }

    async fn alter_lists(&self, changes: &[ConfigChange]) -> Result<(), Failure> {
        for outcome in self.alter_topic_configs(changes, Mode::Apply, &mut Unwatched).await {
            if let Outcome::Refused(why) | Outcome::NoReply(why) | Outcome::NotSent(why) = outcome {
                return Err(why);
            }
        }
        Ok(())
    }
}

fn is_set(config: &BrokerConfigView) -> bool {
    matches!(config.source, ConfigSource::DynamicBroker | ConfigSource::DynamicDefaultBroker)
        && config.value.is_some()
}

fn missing<T>(seen: &Known<T>) -> Failure {
    match seen {
        Known::Denied(failure) | Known::Failed(failure) => failure.clone(),
        other => Failure::without_reply("NOT_READABLE", other.missing_reason().unwrap_or_default()),
    }
}
