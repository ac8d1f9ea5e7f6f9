//! Who may commit, read and delete the offsets of a group.

use crate::state::groups::classic::ClassicState;
use crate::state::groups::commits::Commits;
use crate::state::groups::group::{Group, GroupKind, Groups};
use crate::state::groups::membership::MemberRef;
use kafka_protocol::error::ResponseError;
use std::collections::BTreeSet;

/// The first OffsetCommit that knows KIP-848 groups.
const MODERN_COMMIT_VERSION: i16 = 9;

/// How offsets are brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitBy {
    /// OffsetCommit of this version.
    Request(i16),
    /// TxnOffsetCommit, within a transaction.
    Transaction,
}

impl Groups {
    /// The commits of a group, if this client may add to them. A group that does not exist is created for a client
    /// from outside, and holds commits only.
    ///
    /// # Errors
    /// The code for every partition of the request: a live group takes commits of its members only.
    pub fn commits_for(
        &mut self,
        group_id: &str,
        who: MemberRef<'_>,
        by: CommitBy,
        now_ms: i64,
    ) -> Result<&mut Commits, ResponseError> {
        self.expire(group_id, now_ms);
        if self.get(group_id).is_none() && who.generation >= 0 {
            let modern =
                by == CommitBy::Transaction || matches!(by, CommitBy::Request(MODERN_COMMIT_VERSION..));
            return Err(if modern {
                ResponseError::GroupIdNotFound
            } else {
                ResponseError::IllegalGeneration
            });
        }
        let group = self.groups.entry(group_id.to_owned()).or_default();
        may_commit(group, who, by)?;
        group.known = true;
        if let GroupKind::Classic(classic) = &mut group.kind
            && let Some(member) = classic.members.get_mut(who.id)
        {
            member.beat(now_ms);
        }
        Ok(&mut group.commits)
    }

    /// The commits of a group, if this client may read them; `None` for a group that does not exist.
    ///
    /// # Errors
    /// When the client calls itself a member of a KIP-848 group and is none, or is behind (KIP-848).
    pub fn commits_of(&self, group_id: &str, who: MemberRef<'_>) -> Result<Option<&Commits>, ResponseError> {
        let Some(group) = self.get(group_id) else { return Ok(None) };
        if let GroupKind::Consumer(consumer) = &group.kind
            && !(who.id.is_empty() && who.generation < 0)
        {
            consumer.of_epoch(who.id, who.generation)?;
        }
        Ok(Some(&group.commits))
    }

    /// The commits of a group that may be deleted, and the topics whose may not, for the group reads them.
    ///
    /// # Errors
    /// When there is no such group, or it has members that do not say what they read.
    pub fn deletable_commits(
        &mut self,
        group_id: &str,
        now_ms: i64,
    ) -> Result<(&mut Commits, BTreeSet<String>), ResponseError> {
        self.expire(group_id, now_ms);
        let group = self.get_mut(group_id).ok_or(ResponseError::GroupIdNotFound)?;
        let subscribed = match &group.kind {
            GroupKind::Classic(classic) => classic.subscribed_topics().ok_or(ResponseError::NonEmptyGroup)?,
            GroupKind::Consumer(consumer) => consumer.subscribed_topics(),
            GroupKind::Share { .. } | GroupKind::Streams { .. } => BTreeSet::new(),
        };
        Ok((&mut group.commits, subscribed))
    }
}

fn may_commit(group: &Group, who: MemberRef<'_>, by: CommitBy) -> Result<(), ResponseError> {
    let outside = who.generation < 0 && who.id.is_empty() && who.instance_id.is_none();
    match &group.kind {
        GroupKind::Classic(classic) => {
            if who.generation < 0 && classic.state == ClassicState::Empty {
                return Ok(());
            }
            if outside {
                // The sender of a transaction's offsets may leave its membership unsaid (KIP-447).
                return if by == CommitBy::Transaction {
                    Ok(())
                } else {
                    Err(ResponseError::UnknownMemberId)
                };
            }
            classic.member_of(who.id, who.instance_id)?;
            if who.generation != classic.generation {
                return Err(ResponseError::IllegalGeneration);
            }
            if by != CommitBy::Transaction && classic.state == ClassicState::CompletingRebalance {
                return Err(ResponseError::RebalanceInProgress);
            }
            Ok(())
        }
        GroupKind::Consumer(consumer) => {
            if who.generation < 0
                && (consumer.members().is_empty() || (outside && by == CommitBy::Transaction))
            {
                return Ok(());
            }
            consumer.of_epoch(who.id, who.generation)?;
            match by {
                CommitBy::Request(..MODERN_COMMIT_VERSION) => Err(ResponseError::UnsupportedVersion),
                CommitBy::Request(_) | CommitBy::Transaction => Ok(()),
            }
        }
        // These groups keep their progress elsewhere than in offsets of this kind.
        GroupKind::Share { .. } => Err(ResponseError::GroupIdNotFound),
        GroupKind::Streams { .. } if group.is_empty() => Ok(()),
        GroupKind::Streams { .. } => Err(ResponseError::UnknownMemberId),
    }
}
