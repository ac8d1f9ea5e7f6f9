//! The life of a classic group: members join, the leader assigns, members beat, leave or fall silent.

use crate::state::groups::classic::{Classic, ClassicState, Member};
use crate::state::groups::join::{JoinRefused, Joined, JoinedMember, Synced, Waiting};
use crate::state::groups::simulated;
use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use std::collections::BTreeMap;

impl Classic {
    /// Takes a member up and lets the group rebalance. The member's answer comes through `waiting`.
    pub(super) fn enter(
        &mut self,
        id: &str,
        member: Member,
        protocol_type: &str,
        open_ms: i64,
        now: i64,
        waiting: &mut Waiting,
    ) {
        self.announced.remove(id);
        if self.members.is_empty() {
            self.protocol_type = Some(protocol_type.to_owned());
        }
        if let Some(ticket) = member.joining {
            waiting.wait_for_join(ticket);
        }
        self.members.insert(id.to_owned(), member);
        if self.leader.is_none() {
            self.leader = Some(id.to_owned());
        }
        self.prepare_rebalance(open_ms, now, waiting);
    }

    /// A member joins again, and the group rebalances.
    pub(super) fn enter_again(
        &mut self,
        id: &str,
        ticket: u64,
        protocols: Vec<(String, Bytes)>,
        now: i64,
        waiting: &mut Waiting,
    ) {
        let Some(member) = self.members.get_mut(id) else { return };
        member.protocols = protocols;
        if let Some(older) = member.joining.replace(ticket) {
            waiting.joined(older, Err(JoinRefused::new(ResponseError::RebalanceInProgress, id)));
        }
        waiting.wait_for_join(ticket);
        self.prepare_rebalance(0, now, waiting);
    }

    /// Asks all members to join again, unless they have been asked already.
    pub(super) fn prepare_rebalance(&mut self, open_ms: i64, now: i64, waiting: &mut Waiting) {
        if self.state == ClassicState::CompletingRebalance {
            for member in self.members.values_mut() {
                member.assignment = Bytes::new();
                if let Some(ticket) = member.syncing.take() {
                    member.beat(now);
                    waiting.synced(ticket, Err(ResponseError::RebalanceInProgress));
                }
            }
        }
        if self.state != ClassicState::PreparingRebalance {
            self.open_until_ms =
                if self.state == ClassicState::Empty { now.saturating_add(open_ms) } else { now };
            self.state = ClassicState::PreparingRebalance;
            self.sync_deadline_ms = None;
            self.join_deadline_ms = Some(now.saturating_add(self.rebalance_timeout_ms().max(open_ms)));
        }
        self.try_complete_join(now, waiting);
    }

    /// Ends the joining phase when nobody is missing.
    pub(super) fn try_complete_join(&mut self, now: i64, waiting: &mut Waiting) {
        let all = self.announced.is_empty() && self.members.values().all(Member::has_joined);
        if self.state == ClassicState::PreparingRebalance && all && now >= self.open_until_ms {
            self.complete_join(now, waiting);
        }
    }

    fn complete_join(&mut self, now: i64, waiting: &mut Waiting) {
        // A static member may be away for as long as its session lasts.
        self.members.retain(|_, member| member.has_joined() || member.instance_id.is_some());
        self.join_deadline_ms = None;
        if self.members.is_empty() {
            self.generation += 1;
            self.protocol = None;
            self.leader = None;
            self.state = ClassicState::Empty;
            return;
        }
        if !self.members.values().any(Member::has_joined) {
            self.join_deadline_ms = Some(now.saturating_add(self.rebalance_timeout_ms()));
            return;
        }
        self.elect();
        self.generation += 1;
        self.protocol = self.vote();
        self.state = ClassicState::CompletingRebalance;
        self.sync_deadline_ms = Some(now.saturating_add(self.rebalance_timeout_ms()));
        let leader = self.leader.clone();
        let everybody = self.everybody();
        for (id, member) in &mut self.members {
            member.synced = member.simulated;
            let Some(ticket) = member.joining.take() else { continue };
            member.beat(now);
            let leads = leader.as_deref() == Some(id);
            let joined = Joined {
                generation: self.generation,
                protocol_type: self.protocol_type.clone(),
                protocol: self.protocol.clone(),
                leader: leader.clone().unwrap_or_default(),
                member_id: id.clone(),
                members: if leads { everybody.clone() } else { Vec::new() },
                skip_assignment: false,
            };
            waiting.joined(ticket, Ok(joined));
        }
        if self.members.values().all(|member| member.simulated) {
            self.assign(simulated::assign(self), now, waiting);
        }
    }

    // The leader assigns, so it has to be one that is here and that is no simulation.
    fn elect(&mut self) {
        let able = |member: &Member| member.joining.is_some();
        let present = self.leader.as_ref().and_then(|id| self.members.get(id)).is_some_and(able);
        if !present {
            let next =
                self.members.iter().find(|(_, member)| able(member)).or_else(|| self.members.iter().next());
            self.leader = next.map(|(id, _)| id.clone());
        }
    }

    /// The members with their subscriptions, as the leader is told them.
    pub(super) fn everybody(&self) -> Vec<JoinedMember> {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        let told = self.members.iter().map(|(id, member)| JoinedMember {
            member_id: id.clone(),
            instance_id: member.instance_id.clone(),
            metadata: member.metadata(protocol),
        });
        told.collect()
    }

    /// Takes the leader's assignment: the group is stable, and whoever waits for its part has it.
    pub(super) fn assign(
        &mut self,
        mut assignments: BTreeMap<String, Bytes>,
        now: i64,
        waiting: &mut Waiting,
    ) {
        self.state = ClassicState::Stable;
        for (id, member) in &mut self.members {
            member.assignment = assignments.remove(id).unwrap_or_default();
            if let Some(ticket) = member.syncing.take() {
                member.beat(now);
                let synced = Synced {
                    protocol_type: self.protocol_type.clone(),
                    protocol: self.protocol.clone(),
                    assignment: member.assignment.clone(),
                };
                waiting.synced(ticket, Ok(synced));
            }
        }
    }

    /// A member goes; the others rebalance.
    pub(super) fn dismiss(&mut self, id: &str, now: i64, waiting: &mut Waiting) {
        self.remove(id, waiting);
        match self.state {
            ClassicState::Stable | ClassicState::CompletingRebalance => {
                self.prepare_rebalance(0, now, waiting)
            }
            ClassicState::PreparingRebalance => self.try_complete_join(now, waiting),
            ClassicState::Empty => {}
        }
    }

    /// All members are told that they are unknown, for the group itself goes.
    pub(super) fn dismiss_all(&mut self, waiting: &mut Waiting) {
        let ids: Vec<String> = self.members.keys().cloned().collect();
        for id in ids {
            self.remove(&id, waiting);
        }
    }

    fn remove(&mut self, id: &str, waiting: &mut Waiting) {
        let Some(member) = self.members.remove(id) else { return };
        if let Some(ticket) = member.joining {
            waiting.joined(ticket, Err(JoinRefused::new(ResponseError::UnknownMemberId, id)));
        }
        if let Some(ticket) = member.syncing {
            waiting.synced(ticket, Err(ResponseError::UnknownMemberId));
        }
        if self.leader.as_deref() == Some(id) {
            self.leader = self.members.keys().next().cloned();
        }
    }

    /// Another process has taken over a `group.instance.id`: the member goes on under its id.
    pub(super) fn replace(&mut self, old: &str, new: &str, waiting: &mut Waiting) {
        let Some(mut member) = self.members.remove(old) else { return };
        if let Some(ticket) = member.joining.take() {
            waiting.joined(ticket, Err(JoinRefused::new(ResponseError::FencedInstanceId, old)));
        }
        if let Some(ticket) = member.syncing.take() {
            waiting.synced(ticket, Err(ResponseError::FencedInstanceId));
        }
        if self.leader.as_deref() == Some(old) {
            self.leader = Some(new.to_owned());
        }
        self.members.insert(new.to_owned(), member);
    }

    /// Makes good the time that has passed. Whether anything came of it.
    pub(super) fn expire(&mut self, now: i64, waiting: &mut Waiting) -> bool {
        let mut changed = false;
        // Each turn does one thing whose time has come; what it leads to may be due as well.
        while self.expire_one(now, waiting) {
            changed = true;
        }
        changed
    }

    fn expire_one(&mut self, now: i64, waiting: &mut Waiting) -> bool {
        let unused = self.announced.iter().find(|(_, until)| **until <= now).map(|(id, _)| id.clone());
        if let Some(id) = unused {
            self.announced.remove(&id);
            self.try_complete_join(now, waiting);
            return true;
        }
        let silent = |member: &Member| {
            let waits = member.joining.is_some() || member.syncing.is_some() || member.simulated;
            !waits && member.session_deadline_ms <= now
        };
        let silent = self.members.iter().find(|(_, member)| silent(member)).map(|(id, _)| id.clone());
        if let Some(id) = silent {
            self.dismiss(&id, now, waiting);
            return true;
        }
        if self.state == ClassicState::PreparingRebalance {
            if self.join_deadline_ms.is_some_and(|deadline| deadline <= now) {
                self.announced.clear();
                self.complete_join(now, waiting);
                return true;
            }
            self.try_complete_join(now, waiting);
            return self.state != ClassicState::PreparingRebalance;
        }
        if self.sync_deadline_ms.is_some_and(|deadline| deadline <= now) {
            self.sync_deadline_ms = None;
            let late = self.members.iter().filter(|(_, member)| !member.synced && member.syncing.is_none());
            let late: Vec<String> = late.map(|(id, _)| id.clone()).collect();
            if self.state == ClassicState::CompletingRebalance || !late.is_empty() {
                for id in &late {
                    self.remove(id, waiting);
                }
                self.prepare_rebalance(0, now, waiting);
            }
            return true;
        }
        false
    }

    /// When [`Classic::expire`] has something to do next, if nobody says anything before.
    pub(super) fn next_deadline_ms(&self) -> Option<i64> {
        let sessions = self
            .members
            .values()
            .filter(|member| !member.simulated && member.joining.is_none() && member.syncing.is_none());
        let opening = (self.state == ClassicState::PreparingRebalance
            && self.members.values().all(Member::has_joined))
        .then_some(self.open_until_ms);
        sessions
            .map(|member| member.session_deadline_ms)
            .chain(self.announced.values().copied())
            .chain(self.join_deadline_ms)
            .chain(self.sync_deadline_ms)
            .chain(opening)
            .min()
    }
}
