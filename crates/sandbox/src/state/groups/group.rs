//! A group of any type, and all groups of the cluster.

use crate::state::groups::classic::{Classic, ClassicState};
use crate::state::groups::commits::Commits;
use crate::state::groups::consumer::ConsumerGroup;
use crate::state::groups::join::Waiting;
use std::collections::BTreeMap;
use std::time::Duration;

/// A group: what it is, and the offsets it has committed.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// What kind of group it is.
    pub kind: GroupKind,
    /// The offsets it has committed.
    pub commits: Commits,
    /// Whether anybody has joined or committed yet. Before that a broker shows no group, though it has given out ids.
    pub(super) known: bool,
}

/// The types of groups.
#[derive(Debug, Clone)]
pub enum GroupKind {
    /// Members agree among themselves; also a group that only holds commits.
    Classic(Classic),
    /// The broker assigns (KIP-848).
    Consumer(ConsumerGroup),
    /// Members share partitions (KIP-932). Only its state is held.
    Share {
        /// Its state in Kafka's word, such as `Stable`.
        state: String,
    },
    /// A Kafka Streams application under KIP-1071. Only its state is held.
    Streams {
        /// Its state in Kafka's word, such as `Stable`.
        state: String,
    },
}

impl Default for GroupKind {
    fn default() -> GroupKind {
        GroupKind::Classic(Classic::default())
    }
}

impl Group {
    /// The type as ListGroups writes it.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            GroupKind::Classic(_) => "classic",
            GroupKind::Consumer(_) => "consumer",
            GroupKind::Share { .. } => "share",
            GroupKind::Streams { .. } => "streams",
        }
    }

    /// The state as ListGroups writes it.
    pub fn state_name(&self) -> String {
        match &self.kind {
            GroupKind::Classic(classic) => classic.state().to_string(),
            GroupKind::Consumer(consumer) => consumer.state().to_string(),
            GroupKind::Share { state } | GroupKind::Streams { state } => state.clone(),
        }
    }

    /// The protocol type as ListGroups writes it; empty for a group that only holds commits.
    pub fn protocol_type(&self) -> &str {
        match &self.kind {
            GroupKind::Classic(classic) => classic.protocol_type().unwrap_or_default(),
            GroupKind::Consumer(_) => "consumer",
            GroupKind::Share { .. } => "share",
            GroupKind::Streams { .. } => "streams",
        }
    }

    /// Whether it has no members, so that it may be deleted and its offsets may be set from outside.
    pub fn is_empty(&self) -> bool {
        match &self.kind {
            GroupKind::Classic(classic) => classic.state() == ClassicState::Empty,
            GroupKind::Consumer(consumer) => consumer.members().is_empty(),
            GroupKind::Share { state } | GroupKind::Streams { state } => state == "Empty",
        }
    }
}

/// All groups of the cluster.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    pub(super) groups: BTreeMap<String, Group>,
    pub(super) waiting: Waiting,
    /// `group.initial.rebalance.delay.ms`: so long waits a group that was empty for more members. A broker's default
    /// is 3 seconds; the sandbox does not wait unless it is told to.
    pub initial_rebalance_delay: Duration,
}

impl Groups {
    /// A group by its id.
    pub fn get(&self, id: &str) -> Option<&Group> {
        self.groups.get(id).filter(|group| group.known)
    }

    /// A group by its id, to be changed.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Group> {
        self.groups.get_mut(id).filter(|group| group.known)
    }

    /// All groups by id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Group)> {
        self.groups.iter().filter(|(_, group)| group.known).map(|(id, group)| (id.as_str(), group))
    }

    /// Drops a group and all that it has committed. Whether there was one.
    pub fn remove(&mut self, id: &str) -> bool {
        let Some(mut group) = self.groups.remove(id) else { return false };
        if let GroupKind::Classic(classic) = &mut group.kind {
            classic.dismiss_all(&mut self.waiting);
        }
        true
    }

    /// Makes good the time that has passed for one group: members that fell silent are gone, a rebalance that lasted
    /// too long goes on without those who are missing. Whether anything changed.
    pub fn expire(&mut self, id: &str, now_ms: i64) -> bool {
        let Some(group) = self.groups.get_mut(id) else { return false };
        match &mut group.kind {
            GroupKind::Classic(classic) => classic.expire(now_ms, &mut self.waiting),
            GroupKind::Consumer(consumer) => consumer.expire(now_ms),
            GroupKind::Share { .. } | GroupKind::Streams { .. } => false,
        }
    }

    /// [`Groups::expire`] for every group.
    pub fn expire_all(&mut self, now_ms: i64) -> bool {
        let ids: Vec<String> = self.groups.keys().cloned().collect();
        ids.iter().filter(|id| self.expire(id, now_ms)).count() > 0
    }

    /// Forgets what all groups have committed for a topic, as brokers do when it is deleted.
    pub fn forget_topic(&mut self, topic: &str) {
        for group in self.groups.values_mut() {
            group.commits.forget_topic(topic);
        }
    }

    /// Ends the transaction of a producer in all groups: its commits become valid, or are dropped. Whether there were
    /// any.
    pub fn end_transaction(&mut self, producer_id: i64, valid: bool) -> bool {
        let ended = |group: &mut Group| group.commits.end_transaction(producer_id, valid);
        self.groups.values_mut().map(ended).filter(|any| *any).count() > 0
    }
}
