use super::HiddenTopics;
use crate::values::{Known, TopicPartition, is_kafkas_topic};
use std::collections::BTreeMap;
use std::fmt;

/// What was seen of the consumer groups.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupsView {
    /// Groups by id: all visible ones, and those asked for by name (which may be `Absent` or `Denied`).
    pub groups: BTreeMap<String, Known<GroupView>>,
    /// What could not be listed, by broker: a list with a hole is never passed off as whole.
    pub unlisted: BTreeMap<i32, crate::values::Failure>,
    /// Topics that may not be described: commits on them are left out in silence. Asked for where a group seems to have none.
    pub hidden_topics: HiddenTopics,
}

impl GroupsView {
    /// Whether some group is there and no commit of it is told: it has none, or all are on topics that may not be described.
    pub fn has_groups_without_commits(&self) -> bool {
        let told = self.groups.values().filter_map(|group| group.known()?.committed.known());
        told.into_iter().any(|commits| commits.values().all(Known::is_absent))
    }

    /// Whether commits may have been left out, as far as is known.
    pub fn may_keep_commits_back(&self) -> bool {
        match &self.hidden_topics.0 {
            Known::Known(hidden) => hidden.iter().any(|name| !is_kafkas_topic(name)),
            missing => !matches!(missing, Known::NotAsked),
        }
    }
}

/// The protocol that a group follows, in Kafka's words (ListGroups v5).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupType {
    /// The classic rebalance protocol, and groups of commits only.
    Classic,
    /// KIP-848.
    Consumer,
    /// KIP-932.
    Share,
    /// KIP-1071.
    Streams,
    /// A word that this version does not know.
    Other(String),
}

impl GroupType {
    /// Whether groups of this type commit offsets, which OffsetFetch tells. Brokers track each record of a share group.
    pub fn has_commits(&self) -> bool {
        !matches!(self, GroupType::Share)
    }
}

impl fmt::Display for GroupType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            GroupType::Classic => "classic",
            GroupType::Consumer => "consumer",
            GroupType::Share => "share",
            GroupType::Streams => "streams",
            GroupType::Other(word) => word,
        })
    }
}

/// A group's state, in Kafka's words, lower-case with `-` between words when shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupState {
    /// No members.
    Empty,
    /// Members with an assignment.
    Stable,
    /// Classic: members are joining.
    PreparingRebalance,
    /// Classic: the assignment is being handed out.
    CompletingRebalance,
    /// KIP-848: the coordinator computes an assignment.
    Assigning,
    /// KIP-848: members are moving to it.
    Reconciling,
    /// Gone.
    Dead,
    /// A word that this version does not know.
    Other(String),
}

impl GroupState {
    /// Reads Kafka's word (`PreparingRebalance`, `Stable`, …).
    pub fn from_kafka(word: &str) -> Self {
        match word {
            "Empty" => GroupState::Empty,
            "Stable" => GroupState::Stable,
            "PreparingRebalance" => GroupState::PreparingRebalance,
            "CompletingRebalance" => GroupState::CompletingRebalance,
            "Assigning" => GroupState::Assigning,
            "Reconciling" => GroupState::Reconciling,
            "Dead" => GroupState::Dead,
            other => GroupState::Other(other.to_owned()),
        }
    }

    /// Reads the word that is shown (`preparing-rebalance`, `stable`, …).
    pub fn from_word(word: &str) -> Self {
        use GroupState::{
            Assigning, CompletingRebalance, Dead, Empty, PreparingRebalance, Reconciling, Stable,
        };
        [Empty, Stable, PreparingRebalance, CompletingRebalance, Assigning, Reconciling, Dead]
            .into_iter()
            .find(|known| known.to_string() == word)
            .unwrap_or_else(|| GroupState::Other(word.to_owned()))
    }

    /// Whether offsets may be changed from outside: only a group without members allows it.
    pub fn is_inactive(&self) -> bool {
        matches!(self, GroupState::Empty | GroupState::Dead)
    }
}

impl fmt::Display for GroupState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            GroupState::Empty => "empty",
            GroupState::Stable => "stable",
            GroupState::PreparingRebalance => "preparing-rebalance",
            GroupState::CompletingRebalance => "completing-rebalance",
            GroupState::Assigning => "assigning",
            GroupState::Reconciling => "reconciling",
            GroupState::Dead => "dead",
            GroupState::Other(word) => word,
        })
    }
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The member id.
    pub id: String,
    /// `group.instance.id`, for a static member.
    pub instance_id: Option<String>,
    /// `client.id`.
    pub client_id: String,
    /// The client's host as the broker saw it, without the leading `/`.
    pub host: String,
    /// What it reads. Empty when the assignment could not be decoded (a protocol that is not a consumer's).
    pub assignment: Vec<TopicPartition>,
}

/// A committed offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The next record that the group will read.
    pub offset: i64,
    /// The leader epoch stored with it; `None` when it was committed without one.
    pub leader_epoch: Option<i32>,
    /// The metadata text stored with it; empty as a rule.
    pub metadata: String,
}

/// A consumer group that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// The protocol that it follows.
    pub kind: GroupType,
    /// Its state.
    pub state: GroupState,
    /// `consumer`, `connect` and the like; empty for groups of commits only and for newer types.
    pub protocol_type: String,
    /// The node id of its coordinator.
    pub coordinator: i32,
    /// Its members; `NotAsked` when only a list was wanted.
    pub members: Known<Vec<Member>>,
    /// Its committed offsets by partition, where asked for. A value that could not be read is not left out.
    pub committed: Known<BTreeMap<TopicPartition, Known<Committed>>>,
}
