//! Topics that may not be described, by what brokers tell of their folders: whoever may describe the cluster is told all replicas.

use super::cluster::Cluster;
use futures::future::join_all;
use klerk_core::values::{Failure, Known};
use klerk_core::world::{LogDirView, METADATA_LOG, Selection};
use std::collections::BTreeSet;

impl Cluster {
    /// Topics of which live brokers have replicas and that this principal may not describe. Those that are open are not asked for.
    pub async fn hidden_topics(&self, is_open: impl Fn(&str) -> bool) -> Known<BTreeSet<String>> {
        let nodes: Vec<i32> = self.brokers().alive.keys().copied().collect();
        let told = join_all(nodes.into_iter().map(|node| self.log_dirs(node))).await;
        self.hidden_among(told.iter(), |name| !is_open(name)).await
    }

    /// The same by folders that have been told; only names that are in question are asked about.
    pub(super) async fn hidden_among(
        &self,
        told: impl Iterator<Item = &Known<Vec<LogDirView>>>,
        is_in_question: impl Fn(&str) -> bool,
    ) -> Known<BTreeSet<String>> {
        let mut carried = BTreeSet::new();
        for folders in told {
            let Known::Known(folders) = folders else { return folders.as_ref().map(|_| BTreeSet::new()) };
            // Brokers before Kafka 3.2 refuse by telling of no folder, and every broker has one.
            if folders.is_empty() {
                return Known::Denied(Failure::without_reply(
                    "CLUSTER_AUTHORIZATION_FAILED",
                    "the broker tells of no folder",
                ));
            }
            if let Some(failure) = folders.iter().find_map(|folder| folder.failure.clone()) {
                return Known::Failed(failure);
            }
            let names = folders.iter().flat_map(|folder| folder.replicas.keys()).map(|at| &*at.topic);
            carried.extend(
                names.filter(|name| *name != METADATA_LOG && is_in_question(name)).map(str::to_owned),
            );
        }
        if carried.is_empty() {
            return Known::Known(carried);
        }
        // A topic that is on its way out is carried for a while after it is gone, and one that is new came after the list.
        match self.topics(&Selection::AllVisible(carried)).await {
            Ok(topics) => {
                let denied = topics.into_iter().filter(|(_, seen)| matches!(seen, Known::Denied(_)));
                Known::Known(denied.map(|(name, _)| name).collect())
            }
            Err(error) => error.unknown(),
        }
    }
}
