//! Throttles of replication: rates on brokers, and the replicas of topics that they hold for.

use super::batch::{Outcome, Unwatched};
use super::cluster::Cluster;
use super::enact_topics::{ConfigChange, Mode};
use futures::future::join_all;
use klerk_core::placement::{NewValues, Throttle, ThrottledLists};
use klerk_core::values::{Failure, Known, THROTTLED_RATES, THROTTLED_REPLICAS};
use klerk_core::world::{BrokerConfigView, ConfigSource, ConfigTarget, OngoingMoves};
use std::collections::{BTreeMap, BTreeSet};

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
        self.alter_lists(throttle.lists_with(&lists)).await
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
        if throttle.is_needed(&moves) {
            return Ok(false);
        }
        self.alter_lists(throttle.lists_without(&lists)).await?;
        if self.others_are_throttled(&moves, throttle).await? {
            return Ok(false);
        }
        let set = throttle.brokers.iter().filter(|(_, keys)| !keys.is_empty()).map(|(node, _)| node);
        let rates = self.rates(set.clone().copied()).await;
        for node in set {
            let rates = match rates.get(node) {
                Some(Known::Known(rates)) => rates,
                Some(other) => return Err(missing(other)),
                None => continue,
            };
            self.alter_rates(*node, throttle.rates_off(*node, rates)).await?;
        }
        Ok(true)
    }

    /// Whether replicas of other topics are on their way under rates of the same brokers.
    async fn others_are_throttled(&self, moves: &OngoingMoves, throttle: &Throttle) -> Result<bool, Failure> {
        let topics = throttle.topics_beside(moves);
        let lists = self.throttled_lists(topics.iter()).await?;
        let is_throttled = |values: &BTreeMap<String, Option<String>>| values.values().any(Option::is_some);
        Ok(lists.values().any(is_throttled))
    }

    /// The lists of throttled replicas of topics that exist; one that is not set is `None`.
    async fn throttled_lists(
        &self,
        topics: impl Iterator<Item = &String>,
    ) -> Result<ThrottledLists, Failure> {
        let names: BTreeSet<&str> = topics.map(String::as_str).collect();
        if names.is_empty() {
            return Ok(ThrottledLists::new());
        }
        let keys = BTreeSet::from(THROTTLED_REPLICAS);
        let configs = self.topic_configs(&names, Some(&keys)).await.map_err(|error| error.failure())?;
        let mut lists = ThrottledLists::new();
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

    async fn alter_lists(&self, lists: BTreeMap<String, NewValues>) -> Result<(), Failure> {
        let changes: Vec<ConfigChange> =
            lists.into_iter().map(|(topic, values)| ConfigChange { topic, values }).collect();
        for outcome in self.alter_topic_configs(&changes, Mode::Apply, &mut Unwatched).await {
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
