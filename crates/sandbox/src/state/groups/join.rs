//! What members of classic groups ask and are told, and the requests that wait for the others.

use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use std::collections::BTreeMap;

/// A member wants to join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joining {
    /// Its id; empty when it has none yet.
    pub member_id: String,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<String>,
    /// The name that the client gave itself.
    pub client_id: String,
    /// Where the client is.
    pub client_host: String,
    /// After this time without a heartbeat it is taken for dead.
    pub session_timeout_ms: i32,
    /// So long may it take to join again when the group rebalances.
    pub rebalance_timeout_ms: i32,
    /// `consumer` for Kafka's consumers.
    pub protocol_type: String,
    /// The assignors that it supports, the preferred first, with its subscription in the form of each.
    pub protocols: Vec<(String, Bytes)>,
    /// Whether a new member has to come again with the id that it is given (KIP-394).
    pub needs_id: bool,
    /// Whether it understands that it leads and need not assign (KIP-814).
    pub may_skip_assignment: bool,
}

/// A member has joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The group's generation.
    pub generation: i32,
    /// The group's protocol type.
    pub protocol_type: Option<String>,
    /// The assignor that the members agreed on.
    pub protocol: Option<String>,
    /// The id of the member that assigns.
    pub leader: String,
    /// The member's own id.
    pub member_id: String,
    /// All members, for the leader; nothing for the others.
    pub members: Vec<JoinedMember>,
    /// The leader need not assign, for nothing has changed.
    pub skip_assignment: bool,
}

/// A member as the leader is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinedMember {
    /// Its id.
    pub member_id: String,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<String>,
    /// Its subscription in the form of the chosen assignor.
    pub metadata: Bytes,
}

/// A member may not join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinRefused {
    /// Why.
    pub error: ResponseError,
    /// The id that it has, or with which it is to come again.
    pub member_id: String,
}

impl JoinRefused {
    pub(super) fn new(error: ResponseError, member_id: &str) -> JoinRefused {
        JoinRefused { error, member_id: member_id.to_owned() }
    }
}

/// A member knows its part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synced {
    /// The group's protocol type.
    pub protocol_type: Option<String>,
    /// The assignor that the members agreed on.
    pub protocol: Option<String>,
    /// What the leader gave it.
    pub assignment: Bytes,
}

/// An answer, or when to look for it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress<T> {
    /// The answer.
    Done(T),
    /// Others have to act first; at this time the group moves on without them.
    Wait {
        /// Milliseconds since 1970.
        until_ms: i64,
    },
}

/// The requests that wait, by their tickets, and the answers that have come for them.
#[derive(Debug, Clone, Default)]
pub(super) struct Waiting {
    joins: BTreeMap<u64, Option<Result<Joined, JoinRefused>>>,
    syncs: BTreeMap<u64, Option<Result<Synced, ResponseError>>>,
}

impl Waiting {
    pub(super) fn wait_for_join(&mut self, ticket: u64) {
        self.joins.insert(ticket, None);
    }

    pub(super) fn wait_for_sync(&mut self, ticket: u64) {
        self.syncs.insert(ticket, None);
    }

    pub(super) fn joined(&mut self, ticket: u64, answer: Result<Joined, JoinRefused>) {
        self.joins.insert(ticket, Some(answer));
    }

    pub(super) fn synced(&mut self, ticket: u64, answer: Result<Synced, ResponseError>) {
        self.syncs.insert(ticket, Some(answer));
    }

    /// Whether a request of this ticket has been heard already.
    pub(super) fn knows(&self, ticket: u64) -> bool {
        self.joins.contains_key(&ticket) || self.syncs.contains_key(&ticket)
    }

    /// The answer to a join, which is given once.
    pub(super) fn take_join(&mut self, ticket: u64) -> Option<Result<Joined, JoinRefused>> {
        self.joins.get(&ticket)?.as_ref()?;
        self.joins.remove(&ticket).flatten()
    }

    /// The answer to a sync, which is given once.
    pub(super) fn take_sync(&mut self, ticket: u64) -> Option<Result<Synced, ResponseError>> {
        self.syncs.get(&ticket)?.as_ref()?;
        self.syncs.remove(&ticket).flatten()
    }
}
