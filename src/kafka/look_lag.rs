//! One look at the lag of groups: commits first, log ends after them, nothing asked per group, topic or partition.

use super::call_error::CallError;
use super::cluster::Cluster;
use super::groups::{Cover, GroupsLook};
use super::log_offsets::{At, Isolation};
use klerk_core::group::{LagInput, log_partitions};
use klerk_core::topology::Topology;
use klerk_core::values::{Known, Pattern, TopicPartition};
use klerk_core::world::{ClusterView, GroupsView, Selection, TopicView};
use std::collections::{BTreeMap, BTreeSet};

/// Whose lag is to be seen, and how.
#[derive(Debug, Clone, Default)]
pub struct LagLook<'a> {
    /// The groups.
    pub groups: Cover,
    /// Contracts, whose topics are seen even where a group has no commit.
    pub contracts: Option<&'a Topology>,
    /// Only topics that match.
    pub topics: Option<&'a Pattern>,
    /// Whether the last stable offsets are read too.
    pub committed: bool,
}

/// What was seen.
#[derive(Debug, Clone)]
pub struct LagSeen {
    /// Topics and log ranges.
    pub cluster: ClusterView,
    /// Groups with members and commits.
    pub groups: GroupsView,
    /// Visible groups that were not asked about, by name.
    pub others: Vec<String>,
    /// Last stable offsets, where they were asked for.
    pub stable_ends: Option<BTreeMap<TopicPartition, Known<i64>>>,
}

impl LagSeen {
    /// Whether a topic of this name may be described.
    pub fn sees_topic(&self, name: &str) -> bool {
        matches!(self.cluster.topics.get(name), Some(Known::Known(_)))
    }

    /// What lag is computed from.
    pub fn input<'a>(&'a self, look: &LagLook<'a>) -> LagInput<'a> {
        LagInput {
            cluster: &self.cluster,
            groups: &self.groups,
            contracts: look.contracts,
            stable_ends: self.stable_ends.as_ref(),
            topics: look.topics,
        }
    }
}

impl Cluster {
    /// Sees everything that the lag of these groups is computed from.
    ///
    /// # Errors
    /// When no broker answers. What single groups or partitions do not tell is in their own places.
    pub async fn look_at_lag(&self, look: &LagLook<'_>) -> Result<LagSeen, CallError> {
        let groups_look = GroupsLook {
            members: look.groups.clone(),
            commits: look.groups.clone(),
            stable: false,
            whole: false,
        };
        // All topics in one request beside the groups, unless a few groups are named: their topics are few, too, but
        // known only once their commits are.
        let all_topics = !matches!(look.groups, Cover::Named(_)) || look.contracts.is_some();
        let every = Selection::AllVisible(BTreeSet::new());
        let (mut topics, mut groups) = if all_topics {
            futures::try_join!(self.topics(&every), self.look_at_groups(&groups_look))?
        } else {
            (BTreeMap::new(), self.look_at_groups(&groups_look).await?)
        };
        let others = groups.groups.keys().filter(|name| !look.groups.covers(name)).cloned().collect();
        groups.groups.retain(|name, _| look.groups.covers(name));
        // What is not among the visible topics is gone or hidden, and asking by name tells which.
        let unseen = unseen_topics(&groups, &topics, look);
        if !unseen.is_empty() {
            topics.extend(self.topics(&Selection::Named(unseen)).await?);
        }
        let needed = log_partitions(&groups, &topics, look.contracts, look.topics);
        let partitions: Vec<TopicPartition> = needed
            .iter()
            .flat_map(|(topic, numbers)| {
                numbers.iter().map(|number| TopicPartition::new(topic.clone(), *number))
            })
            .collect();
        let (logs, stable_ends) = futures::join!(
            self.log_ranges(partitions.iter().cloned(), Isolation::ReadUncommitted),
            self.stable_ends(&partitions, look.committed),
        );
        let brokers = self.brokers();
        let (id, brokers, moves) = (brokers.cluster_id.clone(), brokers.alive.clone(), Known::NotAsked);
        let broker_configs = BTreeMap::new();
        let cluster = ClusterView { id, brokers, topics, logs, moves, broker_configs };
        Ok(LagSeen { cluster, groups, others, stable_ends })
    }

    async fn stable_ends(
        &self,
        partitions: &[TopicPartition],
        wanted: bool,
    ) -> Option<BTreeMap<TopicPartition, Known<i64>>> {
        if !wanted {
            return None;
        }
        let asked = partitions.iter().map(|at| (at.clone(), At::Latest));
        let ends = self.log_offsets(asked, Isolation::ReadCommitted).await;
        Some(ends.into_iter().map(|(at, end)| (at, end.map(|end| end.offset))).collect())
    }
}

/// Topics that groups have commits on or read, or that their contracts name, and that nobody has asked for yet.
fn unseen_topics(
    groups: &GroupsView,
    topics: &BTreeMap<String, Known<TopicView>>,
    look: &LagLook<'_>,
) -> BTreeSet<String> {
    let only = look.topics;
    let contracts = look.contracts.into_iter().flat_map(|topology| &topology.groups);
    let mut unseen: BTreeSet<String> = contracts
        .filter(|(group, _)| groups.groups.contains_key(*group))
        .flat_map(|(_, contract)| contract.topics.iter().flat_map(|topics| &topics.names))
        .filter(|topic| !topics.contains_key(*topic) && only.is_none_or(|pattern| pattern.matches(topic)))
        .cloned()
        .collect();
    for view in groups.groups.values().filter_map(Known::known) {
        let committed = view.committed.known().into_iter().flat_map(BTreeMap::keys);
        let assigned = view.members.known().into_iter().flatten().flat_map(|member| &member.assignment);
        let mut last: Option<&str> = None;
        for at in committed.chain(assigned) {
            // Partitions come in order of their topics, so that most of them are settled by the one before.
            if last == Some(&*at.topic) {
                continue;
            }
            last = Some(&at.topic);
            if !topics.contains_key(&*at.topic)
                && !unseen.contains(&*at.topic)
                && only.is_none_or(|pattern| pattern.matches(&at.topic))
            {
                unseen.insert(at.topic.to_string());
            }
        }
    }
    unseen
}
