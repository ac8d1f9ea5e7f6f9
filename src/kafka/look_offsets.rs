//! What a reset of committed offsets is planned from: the groups, their topics, and the logs in scope.

use super::call_error::CallError;
use super::cluster::Cluster;
use super::groups::{Cover, GroupsLook};
use super::log_offsets::{At, Isolation};
use klerk_core::group::{LogPartitions, ResetSpec, Scope, Strategy};
use klerk_core::plan::{OffsetsByTime, reset_log_partitions};
use klerk_core::values::{Known, TopicPartition};
use klerk_core::world::{AccessView, ClusterView, GroupsView, Selection, World};
use std::collections::{BTreeMap, BTreeSet};

impl Cluster {
    /// Sees what a reset is planned from; offsets by time at [`ResetSpec::lookup_ms`].
    ///
    /// # Errors
    /// When no broker answers. What single groups, topics or partitions do not tell is in their own places.
    pub async fn look_at_reset(
        &self,
        spec: &ResetSpec,
        isolation: Isolation,
        now_ms: i64,
    ) -> Result<(World, OffsetsByTime), CallError> {
        let look = GroupsLook {
            members: Cover::named(spec.groups.iter().cloned()),
            commits: Cover::named(spec.groups_to_read().cloned()),
            stable: false,
            whole: false,
        };
        let named = named_topics(spec);
        let mut world = self.look_at_groups_and_topics(&look, named.clone()).await?;
        let unknown = named.iter().any(|name| world.cluster.topics.get(name).is_some_and(Known::is_absent));
        if unknown {
            // Only to say what was probably meant.
            let all = self.topics(&Selection::AllVisible(BTreeSet::new())).await?;
            for (name, topic) in all {
                world.cluster.topics.entry(name).or_insert(topic);
            }
        }
        let partitions = flat(reset_log_partitions(spec, &world));
        let at = spec.lookup_ms(now_ms);
        let (logs, by_time) = futures::join!(self.log_ranges(partitions.iter().cloned(), isolation), async {
            match at {
                Some(at) => {
                    let asked = partitions.iter().map(|partition| (partition.clone(), At::Time(at)));
                    self.log_offsets(asked, isolation).await
                }
                None => BTreeMap::new(),
            }
        });
        world.cluster.logs = logs;
        let by_time = by_time.into_iter().map(|(at, found)| (at, found.map(|found| found.offset))).collect();
        Ok((world, by_time))
    }

    /// Groups beside the topics that are named, then the topics that only their commits name.
    async fn look_at_groups_and_topics(
        &self,
        look: &GroupsLook,
        named: BTreeSet<String>,
    ) -> Result<World, CallError> {
        let selection = Selection::Named(named);
        let (groups, topics) = futures::join!(self.look_at_groups(look), async {
            if selection.is_none() { Ok(BTreeMap::new()) } else { self.topics(&selection).await }
        });
        let (groups, mut topics) = (groups?, topics?);
        let more: BTreeSet<String> =
            committed_topics(&groups).filter(|name| !topics.contains_key(*name)).map(str::to_owned).collect();
        if !more.is_empty() {
            topics.extend(self.topics(&Selection::Named(more)).await?);
        }
        let brokers = self.brokers();
        let cluster = ClusterView {
            id: brokers.cluster_id.clone(),
            brokers: brokers.alive.clone(),
            topics,
            logs: BTreeMap::new(),
            moves: Known::NotAsked,
            broker_configs: Default::default(),
        };
        Ok(World { cluster, registry: Known::NotAsked, groups, access: AccessView::default() })
    }
}

/// The topics that a reset names, on the command line or in its file.
fn named_topics(spec: &ResetSpec) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if let Scope::Topics(topics) = &spec.scope {
        names.extend(topics.iter().map(|scope| scope.topic.clone()));
    }
    if let Strategy::FromFile { offsets } = &spec.strategy {
        names.extend(offsets.iter().map(|line| line.topic.clone()));
    }
    names
}

fn committed_topics(groups: &GroupsView) -> impl Iterator<Item = &str> {
    groups
        .groups
        .values()
        .filter_map(Known::known)
        .filter_map(|view| view.committed.known())
        .flat_map(|commits| commits.keys().map(|at| &*at.topic))
}

fn flat(partitions: LogPartitions) -> Vec<TopicPartition> {
    let mut all = Vec::new();
    for (topic, numbers) in partitions {
        all.extend(numbers.into_iter().map(|number| TopicPartition::new(topic.clone(), number)));
    }
    all
}
