//! What members of classic groups may do: JoinGroup, SyncGroup, Heartbeat and LeaveGroup as rules on [`Groups`].

use crate::state::groups::classic::{Classic, ClassicState, Member};
use crate::state::groups::group::{Group, GroupKind, Groups};
use crate::state::groups::join::{JoinRefused, Joined, JoinedMember, Joining, Progress, Synced, Waiting};
use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// `group.min.session.timeout.ms` to `group.max.session.timeout.ms` of a broker that sets neither.
const SESSION_TIMEOUTS_MS: RangeInclusive<i32> = 6_000..=1_800_000;

/// Who says something about its membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemberRef<'a> {
    /// The member's id; empty for a client from outside.
    pub id: &'a str,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<&'a str>,
    /// The generation, or the member's epoch in a KIP-848 group, that it believes in; negative for none.
    pub generation: i32,
}

impl Groups {
    /// Whether a join or a sync of this ticket has been heard and waits.
    pub fn is_waiting(&self, ticket: u64) -> bool {
        self.waiting.knows(ticket)
    }

    /// A member joins. The same ticket may be brought again and again until there is an answer.
    pub fn join(
        &mut self,
        group_id: &str,
        ticket: u64,
        joining: &Joining,
        now_ms: i64,
    ) -> Progress<Result<Joined, JoinRefused>> {
        self.expire(group_id, now_ms);
        if !self.waiting.knows(ticket)
            && let Some(answer) = self.enter(group_id, ticket, joining, now_ms).transpose()
        {
            return Progress::Done(answer);
        }
        match self.waiting.take_join(ticket) {
            Some(answer) => Progress::Done(answer),
            None => Progress::Wait { until_ms: self.deadline_ms(group_id, now_ms) },
        }
    }

    /// `None` when the answer will come through the ticket.
    fn enter(
        &mut self,
        group_id: &str,
        ticket: u64,
        joining: &Joining,
        now: i64,
    ) -> Result<Option<Joined>, JoinRefused> {
        let refused = |error| JoinRefused::new(error, &joining.member_id);
        if group_id.is_empty() {
            return Err(refused(ResponseError::InvalidGroupId));
        }
        if !SESSION_TIMEOUTS_MS.contains(&joining.session_timeout_ms) {
            return Err(refused(ResponseError::InvalidSessionTimeout));
        }
        if !joining.member_id.is_empty() && !self.groups.contains_key(group_id) {
            return Err(refused(ResponseError::UnknownMemberId));
        }
        let open_ms = i64::try_from(self.initial_rebalance_delay.as_millis()).unwrap_or(i64::MAX);
        let Groups { groups, waiting, .. } = self;
        let group = groups.entry(group_id.to_owned()).or_default();
        let classic = classic_to_join(group).ok_or(refused(ResponseError::InconsistentGroupProtocol))?;
        if !classic.supports(&joining.protocol_type, &joining.protocols) {
            return Err(refused(ResponseError::InconsistentGroupProtocol));
        }
        if joining.member_id.is_empty() {
            let id = new_id(joining);
            let holder = joining.instance_id.as_deref().and_then(|instance| classic.holder_of(instance));
            if let Some(old) = holder.map(|(id, _)| id.to_owned()) {
                classic.replace(&old, &id, waiting);
                return Ok(rejoin_as_static(classic, ticket, joining, (&old, &id), now, waiting));
            }
            if joining.needs_id && joining.instance_id.is_none() {
                let until = now.saturating_add(i64::from(joining.session_timeout_ms));
                classic.announced.insert(id.clone(), until);
                return Err(JoinRefused { error: ResponseError::MemberIdRequired, member_id: id });
            }
            classic.enter(&id, member(joining, ticket), &joining.protocol_type, open_ms, now, waiting);
            group.known = true;
            return Ok(None);
        }
        let id = joining.member_id.as_str();
        if classic.announced.contains_key(id) {
            classic.enter(id, member(joining, ticket), &joining.protocol_type, open_ms, now, waiting);
            group.known = true;
            return Ok(None);
        }
        let known = classic.member_of(id, joining.instance_id.as_deref()).map_err(refused)?;
        let same = known.protocols == joining.protocols;
        let leads = classic.leader.as_deref() == Some(id);
        let told = match classic.state {
            ClassicState::Empty => return Err(refused(ResponseError::UnknownMemberId)),
            ClassicState::PreparingRebalance => false,
            ClassicState::CompletingRebalance => same,
            ClassicState::Stable => same && !leads,
        };
        if told {
            let members = if leads { classic.everybody() } else { Vec::new() };
            return Ok(Some(current(classic, id, members)));
        }
        if let Some(member) = classic.members.get_mut(id) {
            member.session_timeout_ms = joining.session_timeout_ms;
            member.rebalance_timeout_ms = joining.rebalance_timeout_ms;
        }
        classic.enter_again(id, ticket, joining.protocols.clone(), now, waiting);
        Ok(None)
    }

    /// A member asks for its assignment; the leader brings everybody's. As [`Groups::join`], it may have to wait.
    pub fn sync(
        &mut self,
        group_id: &str,
        ticket: u64,
        who: MemberRef<'_>,
        protocol: (Option<&str>, Option<&str>),
        assignments: &BTreeMap<String, Bytes>,
        now_ms: i64,
    ) -> Progress<Result<Synced, ResponseError>> {
        self.expire(group_id, now_ms);
        if !self.waiting.knows(ticket)
            && let Some(answer) = self.bring(group_id, ticket, who, protocol, assignments, now_ms).transpose()
        {
            return Progress::Done(answer);
        }
        match self.waiting.take_sync(ticket) {
            Some(answer) => Progress::Done(answer),
            None => Progress::Wait { until_ms: self.deadline_ms(group_id, now_ms) },
        }
    }

    fn bring(
        &mut self,
        group_id: &str,
        ticket: u64,
        who: MemberRef<'_>,
        (protocol_type, protocol): (Option<&str>, Option<&str>),
        assignments: &BTreeMap<String, Bytes>,
        now: i64,
    ) -> Result<Option<Synced>, ResponseError> {
        let Groups { groups, waiting, .. } = self;
        let classic = classic_of(groups, group_id)?;
        classic.member_of(who.id, who.instance_id)?;
        if classic.generation != who.generation {
            return Err(ResponseError::IllegalGeneration);
        }
        let other = |said: Option<&str>, agreed: &Option<String>| {
            said.is_some_and(|said| agreed.as_deref() != Some(said))
        };
        if other(protocol_type, &classic.protocol_type) || other(protocol, &classic.protocol) {
            return Err(ResponseError::InconsistentGroupProtocol);
        }
        let leads = classic.leader.as_deref() == Some(who.id);
        let agreed = (classic.protocol_type.clone(), classic.protocol.clone());
        let state = classic.state;
        let member = classic.members.get_mut(who.id).ok_or(ResponseError::UnknownMemberId)?;
        member.beat(now);
        match state {
            ClassicState::Empty => Err(ResponseError::UnknownMemberId),
            ClassicState::PreparingRebalance => Err(ResponseError::RebalanceInProgress),
            ClassicState::Stable => {
                member.synced = true;
                let assignment = member.assignment.clone();
                Ok(Some(Synced { protocol_type: agreed.0, protocol: agreed.1, assignment }))
            }
            ClassicState::CompletingRebalance => {
                member.synced = true;
                member.syncing = Some(ticket);
                waiting.wait_for_sync(ticket);
                if leads {
                    classic.assign(assignments.clone(), now, waiting);
                }
                Ok(None)
            }
        }
    }

    /// A member says that it lives.
    ///
    /// # Errors
    /// When it is no member, is of another generation, or has to join again.
    pub fn beat(&mut self, group_id: &str, who: MemberRef<'_>, now_ms: i64) -> Result<(), ResponseError> {
        self.expire(group_id, now_ms);
        let classic = classic_of(&mut self.groups, group_id)?;
        classic.member_of(who.id, who.instance_id)?;
        if classic.generation != who.generation {
            return Err(ResponseError::IllegalGeneration);
        }
        if let Some(member) = classic.members.get_mut(who.id) {
            member.beat(now_ms);
        }
        match classic.state {
            ClassicState::Empty => Err(ResponseError::UnknownMemberId),
            ClassicState::PreparingRebalance => Err(ResponseError::RebalanceInProgress),
            ClassicState::CompletingRebalance | ClassicState::Stable => Ok(()),
        }
    }

    /// A member leaves, or is told to: a static one may be named by its `group.instance.id` alone.
    ///
    /// # Errors
    /// When there is no such member, or another one goes by its `group.instance.id`.
    pub fn leave(
        &mut self,
        group_id: &str,
        id: &str,
        instance_id: Option<&str>,
        now_ms: i64,
    ) -> Result<(), ResponseError> {
        self.expire(group_id, now_ms);
        let Groups { groups, waiting, .. } = self;
        let classic = classic_of(groups, group_id)?;
        if classic.announced.remove(id).is_some() {
            classic.try_complete_join(now_ms, waiting);
            return Ok(());
        }
        let id = match (id, instance_id) {
            ("", Some(instance)) => {
                let holder = classic.holder_of(instance).ok_or(ResponseError::UnknownMemberId)?;
                holder.0.to_owned()
            }
            _ => {
                classic.member_of(id, instance_id)?;
                id.to_owned()
            }
        };
        classic.dismiss(&id, now_ms, waiting);
        Ok(())
    }

    fn deadline_ms(&self, group_id: &str, now_ms: i64) -> i64 {
        let deadline = match self.groups.get(group_id).map(|group| &group.kind) {
            Some(GroupKind::Classic(classic)) => classic.next_deadline_ms(),
            _ => None,
        };
        // Without a deadline the group has been deleted meanwhile, and the answer waits already.
        deadline.unwrap_or(now_ms).max(now_ms.saturating_add(1))
    }
}

// A KIP-848 group without members becomes a classic one again, and keeps its commits.
fn classic_to_join(group: &mut Group) -> Option<&mut Classic> {
    if group.is_empty() && matches!(group.kind, GroupKind::Consumer(_)) {
        group.kind = GroupKind::default();
    }
    match &mut group.kind {
        GroupKind::Classic(classic) => Some(classic),
        _ => None,
    }
}

fn classic_of<'a>(
    groups: &'a mut BTreeMap<String, Group>,
    id: &str,
) -> Result<&'a mut Classic, ResponseError> {
    if id.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    match groups.get_mut(id).map(|group| &mut group.kind) {
        Some(GroupKind::Classic(classic)) => Ok(classic),
        _ => Err(ResponseError::UnknownMemberId),
    }
}

fn new_id(joining: &Joining) -> String {
    let stem = joining.instance_id.as_deref().unwrap_or(&joining.client_id);
    format!("{stem}-{}", uuid::Uuid::new_v4())
}

fn member(joining: &Joining, ticket: u64) -> Member {
    Member {
        instance_id: joining.instance_id.clone(),
        client_id: joining.client_id.clone(),
        client_host: joining.client_host.clone(),
        session_timeout_ms: joining.session_timeout_ms,
        rebalance_timeout_ms: joining.rebalance_timeout_ms,
        protocols: joining.protocols.clone(),
        assignment: Bytes::new(),
        simulated: false,
        session_deadline_ms: i64::MAX,
        joining: Some(ticket),
        syncing: None,
        synced: false,
    }
}

fn current(classic: &Classic, id: &str, members: Vec<JoinedMember>) -> Joined {
    Joined {
        generation: classic.generation,
        protocol_type: classic.protocol_type.clone(),
        protocol: classic.protocol.clone(),
        leader: classic.leader.clone().unwrap_or_default(),
        member_id: id.to_owned(),
        members,
        skip_assignment: false,
    }
}

// A static member that comes back with the same subscription takes its place again without a rebalance (KIP-345).
fn rejoin_as_static(
    classic: &mut Classic,
    ticket: u64,
    joining: &Joining,
    (old, new): (&str, &str),
    now: i64,
    waiting: &mut Waiting,
) -> Option<Joined> {
    if let Some(member) = classic.members.get_mut(new) {
        member.protocols.clone_from(&joining.protocols);
        member.client_id.clone_from(&joining.client_id);
        member.client_host.clone_from(&joining.client_host);
        member.session_timeout_ms = joining.session_timeout_ms;
        member.rebalance_timeout_ms = joining.rebalance_timeout_ms;
        member.beat(now);
    }
    if classic.state == ClassicState::Stable && classic.vote() == classic.protocol {
        let leads = classic.leader.as_deref() == Some(new);
        let skip = leads && joining.may_skip_assignment;
        let mut joined = current(classic, new, if skip { classic.everybody() } else { Vec::new() });
        joined.skip_assignment = skip;
        // An older client that leads must not assign from nothing, so it is told of a leader that is gone.
        if leads && !skip {
            joined.leader = old.to_owned();
        }
        return Some(joined);
    }
    classic.enter_again(new, ticket, joining.protocols.clone(), now, waiting);
    None
}
