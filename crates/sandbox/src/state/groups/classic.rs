//! A classic group: its members and what state it is in. How it gets from one state to the next is in `rebalance`.

use crate::state::groups::subscription::subscribed_topics;
use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The protocol type of Kafka's consumers.
pub const CONSUMER_PROTOCOL: &str = "consumer";

/// What a classic group is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClassicState {
    /// It has no members.
    Empty,
    /// It waits for its members to join again.
    PreparingRebalance,
    /// It waits for the leader's assignment.
    CompletingRebalance,
    /// Every member knows its assignment.
    Stable,
}

impl fmt::Display for ClassicState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ClassicState::Empty => "Empty",
            ClassicState::PreparingRebalance => "PreparingRebalance",
            ClassicState::CompletingRebalance => "CompletingRebalance",
            ClassicState::Stable => "Stable",
        })
    }
}

/// A member of a classic group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// `group.instance.id` of a static member.
    pub instance_id: Option<String>,
    /// The name that the client gave itself.
    pub client_id: String,
    /// Where the client is, as Kafka writes it: `/127.0.0.1`.
    pub client_host: String,
    /// After this time without a heartbeat it is taken for dead.
    pub session_timeout_ms: i32,
    /// So long may it take to join again when the group rebalances.
    pub rebalance_timeout_ms: i32,
    /// The assignors that it supports, the preferred first, with its subscription in the form of each.
    pub protocols: Vec<(String, Bytes)>,
    /// What the leader gave it.
    pub assignment: Bytes,
    /// Simulated members always answer in time; nobody is behind them.
    pub simulated: bool,
    pub(super) session_deadline_ms: i64,
    /// The request with which it waits for the others to join.
    pub(super) joining: Option<u64>,
    /// The request with which it waits for the leader's assignment.
    pub(super) syncing: Option<u64>,
    /// Whether it has asked for its assignment in this generation.
    pub(super) synced: bool,
}

impl Member {
    /// Its subscription in the form of an assignor; empty for one that it does not support.
    pub fn metadata(&self, protocol: &str) -> Bytes {
        self.protocols
            .iter()
            .find(|(name, _)| name == protocol)
            .map(|(_, bytes)| bytes.clone())
            .unwrap_or_default()
    }

    /// Its session begins anew.
    pub(super) fn beat(&mut self, now_ms: i64) {
        self.session_deadline_ms = now_ms.saturating_add(i64::from(self.session_timeout_ms));
    }

    /// Whether it has done its part for the group's next generation.
    pub(super) fn has_joined(&self) -> bool {
        self.simulated || self.joining.is_some()
    }
}

/// A classic group.
#[derive(Debug, Clone)]
pub struct Classic {
    pub(super) state: ClassicState,
    pub(super) generation: i32,
    pub(super) protocol_type: Option<String>,
    pub(super) protocol: Option<String>,
    pub(super) leader: Option<String>,
    pub(super) members: BTreeMap<String, Member>,
    /// Members that were given an id and have not used it yet, with the time until which they may.
    pub(super) announced: BTreeMap<String, i64>,
    /// How many partitions the topics of simulated members have.
    pub(super) simulated_partitions: BTreeMap<String, i32>,
    /// A new group waits at least until then for more members.
    pub(super) open_until_ms: i64,
    pub(super) join_deadline_ms: Option<i64>,
    pub(super) sync_deadline_ms: Option<i64>,
}

impl Default for Classic {
    fn default() -> Classic {
        Classic {
            state: ClassicState::Empty,
            generation: 0,
            protocol_type: None,
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            announced: BTreeMap::new(),
            simulated_partitions: BTreeMap::new(),
            open_until_ms: 0,
            join_deadline_ms: None,
            sync_deadline_ms: None,
        }
    }
}

impl Classic {
    /// What it is doing.
    pub fn state(&self) -> ClassicState {
        self.state
    }

    /// Counts its rebalances.
    pub fn generation(&self) -> i32 {
        self.generation
    }

    /// `consumer` for Kafka's consumers; `None` for a group that only holds commits.
    pub fn protocol_type(&self) -> Option<&str> {
        self.protocol_type.as_deref()
    }

    /// The assignor that the members agreed on.
    pub fn protocol(&self) -> Option<&str> {
        self.protocol.as_deref()
    }

    /// Its members by id.
    pub fn members(&self) -> &BTreeMap<String, Member> {
        &self.members
    }

    /// The topics that its members are subscribed to; `None` when the members say nothing that a broker can read.
    pub fn subscribed_topics(&self) -> Option<BTreeSet<String>> {
        if self.members.is_empty() {
            return Some(BTreeSet::new());
        }
        if self.protocol_type.as_deref() != Some(CONSUMER_PROTOCOL) {
            return None;
        }
        let protocol = self.protocol.as_deref()?;
        let mut topics = BTreeSet::new();
        for member in self.members.values() {
            topics.extend(subscribed_topics(member.metadata(protocol))?);
        }
        Some(topics)
    }

    /// Checks that a request comes from a member of the group.
    pub(super) fn member_of(
        &self,
        member_id: &str,
        instance_id: Option<&str>,
    ) -> Result<&Member, ResponseError> {
        if let Some(instance_id) = instance_id {
            return match self.holder_of(instance_id) {
                None => Err(ResponseError::UnknownMemberId),
                Some((holder, member)) if holder == member_id => Ok(member),
                Some(_) => Err(ResponseError::FencedInstanceId),
            };
        }
        self.members.get(member_id).ok_or(ResponseError::UnknownMemberId)
    }

    /// The member that goes by this `group.instance.id`, with its id.
    pub(super) fn holder_of(&self, instance_id: &str) -> Option<(&str, &Member)> {
        self.members
            .iter()
            .find(|(_, member)| member.instance_id.as_deref() == Some(instance_id))
            .map(|(id, member)| (id.as_str(), member))
    }

    /// Whether a member with these assignors fits beside the others.
    pub(super) fn supports(&self, protocol_type: &str, protocols: &[(String, Bytes)]) -> bool {
        if self.members.is_empty() {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        self.protocol_type.as_deref() == Some(protocol_type)
            && protocols.iter().any(|(name, _)| self.supported_by_all(name))
    }

    fn supported_by_all(&self, protocol: &str) -> bool {
        self.members.values().all(|member| member.protocols.iter().any(|(name, _)| name == protocol))
    }

    /// The assignor that most members prefer among those that all support.
    pub(super) fn vote(&self) -> Option<String> {
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for member in self.members.values() {
            let preferred = member.protocols.iter().find(|(name, _)| self.supported_by_all(name));
            if let Some((name, _)) = preferred {
                *votes.entry(name).or_default() += 1;
            }
        }
        votes.into_iter().max_by_key(|(_, votes)| *votes).map(|(name, _)| name.to_owned())
    }

    pub(super) fn rebalance_timeout_ms(&self) -> i64 {
        let longest = self.members.values().map(|member| member.rebalance_timeout_ms).max();
        i64::from(longest.unwrap_or_default())
    }
}
