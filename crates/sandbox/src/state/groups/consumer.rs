//! A KIP-848 group, whose broker assigns: its members, what they have and what they are to have.

use kafka_protocol::error::ResponseError;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Partitions by topic.
pub type Partitions = BTreeMap<String, BTreeSet<i32>>;

/// The assignor of a group whose members ask for none.
pub const DEFAULT_ASSIGNOR: &str = "uniform";

/// The epoch of a group that nobody has joined yet.
const FIRST_EPOCH: i32 = 1;

/// What a KIP-848 group is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsumerState {
    /// It has no members.
    Empty,
    /// The assignment is behind the group.
    Assigning,
    /// Members still give up or wait for partitions.
    Reconciling,
    /// Every member has what it is to have.
    Stable,
}

impl fmt::Display for ConsumerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ConsumerState::Empty => "Empty",
            ConsumerState::Assigning => "Assigning",
            ConsumerState::Reconciling => "Reconciling",
            ConsumerState::Stable => "Stable",
        })
    }
}

/// A member of a KIP-848 group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConsumerMember {
    /// `group.instance.id` of a static member.
    pub instance_id: Option<String>,
    /// Its rack.
    pub rack_id: Option<String>,
    /// The name that the client gave itself.
    pub client_id: String,
    /// Where the client is, as Kafka writes it: `/127.0.0.1`.
    pub client_host: String,
    /// The group's epoch that it has reached.
    pub epoch: i32,
    /// The topics that it wants, by name.
    pub subscribed: BTreeSet<String>,
    /// What it has.
    pub assigned: Partitions,
    /// What it is told to give up and has not yet.
    pub revoking: Partitions,
    /// What it is to have.
    pub target: Partitions,
    pub(super) previous_epoch: i32,
    pub(super) rebalance_timeout_ms: i32,
    /// Until then it has to have given up what it is told to.
    pub(super) revoke_deadline_ms: i64,
    /// Its session ends then; `None` for a simulated member, which nobody is behind.
    pub session_deadline_ms: Option<i64>,
}

/// A KIP-848 group.
#[derive(Debug, Clone)]
pub struct ConsumerGroup {
    pub(super) epoch: i32,
    pub(super) assignment_epoch: i32,
    pub(super) assignor: String,
    pub(super) members: BTreeMap<String, ConsumerMember>,
    /// The topics of the last assignment, with their numbers of partitions.
    pub(super) topics: BTreeMap<String, i32>,
}

impl Default for ConsumerGroup {
    fn default() -> ConsumerGroup {
        ConsumerGroup {
            epoch: FIRST_EPOCH,
            assignment_epoch: FIRST_EPOCH,
            assignor: DEFAULT_ASSIGNOR.to_owned(),
            members: BTreeMap::new(),
            topics: BTreeMap::new(),
        }
    }
}

impl ConsumerGroup {
    /// What it is doing.
    pub fn state(&self) -> ConsumerState {
        let settled = |member: &ConsumerMember| {
            member.epoch == self.epoch && member.assigned == member.target && member.revoking.is_empty()
        };
        if self.members.is_empty() {
            ConsumerState::Empty
        } else if self.epoch > self.assignment_epoch {
            ConsumerState::Assigning
        } else if self.members.values().all(settled) {
            ConsumerState::Stable
        } else {
            ConsumerState::Reconciling
        }
    }

    /// Counts the changes of its members and their subscriptions.
    pub fn epoch(&self) -> i32 {
        self.epoch
    }

    /// The epoch that the target assignment belongs to.
    pub fn assignment_epoch(&self) -> i32 {
        self.assignment_epoch
    }

    /// The assignor that the broker uses.
    pub fn assignor(&self) -> &str {
        &self.assignor
    }

    /// Its members by id.
    pub fn members(&self) -> &BTreeMap<String, ConsumerMember> {
        &self.members
    }

    /// The topics that its members are subscribed to.
    pub fn subscribed_topics(&self) -> BTreeSet<String> {
        self.members.values().flat_map(|member| member.subscribed.iter().cloned()).collect()
    }

    /// All that a member has, also what it is giving up.
    pub fn held_by(member: &ConsumerMember) -> Partitions {
        let mut held = member.assigned.clone();
        for (topic, indexes) in &member.revoking {
            held.entry(topic.clone()).or_default().extend(indexes);
        }
        held
    }

    /// Checks that a request comes from a member that is up to date.
    pub(super) fn of_epoch(&self, member_id: &str, epoch: i32) -> Result<(), ResponseError> {
        let member = self.members.get(member_id).ok_or(ResponseError::UnknownMemberId)?;
        if member.epoch == epoch { Ok(()) } else { Err(ResponseError::StaleMemberEpoch) }
    }

    /// Removes the members whose session is over or who kept too long what they had to give up. Whether there were
    /// any.
    pub(super) fn expire(&mut self, now_ms: i64) -> bool {
        let before = self.members.len();
        self.members.retain(|_, member| {
            let slow = !member.revoking.is_empty() && member.revoke_deadline_ms <= now_ms;
            member.session_deadline_ms.is_none_or(|deadline| deadline > now_ms && !slow)
        });
        let changed = self.members.len() != before;
        if changed {
            self.epoch += 1;
        }
        changed
    }
}
