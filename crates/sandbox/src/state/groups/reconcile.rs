//! The life of a KIP-848 group: a member beats, the broker tells it what it may have by now.

use crate::state::groups::assignor::{ASSIGNORS, shares};
use crate::state::groups::consumer::{ConsumerGroup, ConsumerMember, Partitions};
use crate::state::groups::group::{GroupKind, Groups};
use kafka_protocol::error::ResponseError;
use std::collections::{BTreeMap, BTreeSet};

/// `group.consumer.session.timeout.ms` of a broker that does not set it.
const SESSION_TIMEOUT_MS: i64 = 45_000;

/// The epoch of a member that joins.
pub const JOINING: i32 = 0;
/// The epoch of a member that leaves.
pub const LEAVING: i32 = -1;
/// The epoch of a static member that leaves and means to come back.
pub const LEAVING_FOR_A_WHILE: i32 = -2;

/// What a member says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beat {
    /// The id that it gave itself.
    pub member_id: String,
    /// The epoch that it has reached, or [`JOINING`], [`LEAVING`] or [`LEAVING_FOR_A_WHILE`].
    pub epoch: i32,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<String>,
    /// Its rack.
    pub rack_id: Option<String>,
    /// The name that the client gave itself.
    pub client_id: String,
    /// Where the client is.
    pub client_host: String,
    /// So long may it take to give partitions up, in milliseconds; negative when it says nothing new.
    pub rebalance_timeout_ms: i32,
    /// The topics that it wants; `None` when that has not changed.
    pub subscribed: Option<BTreeSet<String>>,
    /// The assignor that it wants; `None` when it leaves that to the broker.
    pub assignor: Option<String>,
    /// What it has; `None` when that has not changed.
    pub owned: Option<Partitions>,
}

/// What a member is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beaten {
    /// The epoch that it has reached.
    pub epoch: i32,
    /// What it may have; `None` when that has not changed.
    pub assignment: Option<Partitions>,
}

/// A member is not heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeatRefused {
    /// Why.
    pub error: ResponseError,
    /// The broker's words.
    pub words: String,
}

impl BeatRefused {
    fn new(error: ResponseError, words: String) -> BeatRefused {
        BeatRefused { error, words }
    }
}

impl Groups {
    /// A member of a KIP-848 group joins, beats or leaves; `partitions` are how many each topic has.
    ///
    /// # Errors
    /// With the broker's words.
    pub fn consumer_beat(
        &mut self,
        group_id: &str,
        beat: &Beat,
        partitions: &BTreeMap<String, i32>,
        now_ms: i64,
    ) -> Result<Beaten, BeatRefused> {
        self.expire(group_id, now_ms);
        if let Some(assignor) = beat.assignor.as_deref().filter(|name| !ASSIGNORS.contains(name)) {
            let words = format!(
                "ServerAssignor {assignor} is not supported. Supported assignors: {}.",
                ASSIGNORS.join(", ")
            );
            return Err(BeatRefused::new(ResponseError::UnsupportedAssignor, words));
        }
        if beat.epoch == JOINING {
            let group = self.groups.entry(group_id.to_owned()).or_default();
            group.known = true;
            if matches!(group.kind, GroupKind::Classic(_)) && group.is_empty() {
                group.kind = GroupKind::Consumer(ConsumerGroup::default());
            }
        }
        let absent = |words| BeatRefused::new(ResponseError::GroupIdNotFound, words);
        let group = match self.groups.get_mut(group_id).map(|group| &mut group.kind) {
            Some(GroupKind::Consumer(group)) => group,
            Some(_) => return Err(absent(format!("Group {group_id} is not a consumer group."))),
            None if beat.epoch < 0 => return Err(absent(format!("Group {group_id} not found."))),
            None => return Err(absent(format!("Consumer group {group_id} not found."))),
        };
        match beat.epoch {
            LEAVING => group.take_leave(group_id, beat),
            LEAVING_FOR_A_WHILE => group.take_a_pause(group_id, beat),
            JOINING => {
                group.let_in(beat)?;
                Ok(group.answer(beat, partitions, now_ms))
            }
            _ => {
                group.check_epoch(group_id, beat)?;
                Ok(group.answer(beat, partitions, now_ms))
            }
        }
    }
}

impl ConsumerGroup {
    fn unknown(group_id: &str, beat: &Beat) -> BeatRefused {
        let words = format!("Member {} is not a member of group {group_id}.", beat.member_id);
        BeatRefused::new(ResponseError::UnknownMemberId, words)
    }

    fn take_leave(&mut self, group_id: &str, beat: &Beat) -> Result<Beaten, BeatRefused> {
        self.members.remove(&beat.member_id).ok_or_else(|| ConsumerGroup::unknown(group_id, beat))?;
        self.epoch += 1;
        Ok(Beaten { epoch: LEAVING, assignment: None })
    }

    // A static member keeps its partitions until its session is over or another process takes its place.
    fn take_a_pause(&mut self, group_id: &str, beat: &Beat) -> Result<Beaten, BeatRefused> {
        let member =
            self.members.get_mut(&beat.member_id).ok_or_else(|| ConsumerGroup::unknown(group_id, beat))?;
        member.epoch = LEAVING_FOR_A_WHILE;
        Ok(Beaten { epoch: LEAVING_FOR_A_WHILE, assignment: None })
    }

    fn let_in(&mut self, beat: &Beat) -> Result<(), BeatRefused> {
        let id = beat.member_id.as_str();
        let same =
            |member: &ConsumerMember| beat.instance_id.is_some() && member.instance_id == beat.instance_id;
        let holder = self
            .members
            .iter()
            .find(|(_, member)| same(member))
            .map(|(id, member)| (id.clone(), member.epoch));
        match holder {
            Some((holder, LEAVING_FOR_A_WHILE)) => {
                let member = self.members.remove(&holder).unwrap_or_default();
                self.members.insert(id.to_owned(), ConsumerMember { epoch: JOINING, ..member });
            }
            Some((holder, _)) if holder != id => {
                let words = format!(
                    "Static member {id} with instance id {} cannot join the group because the instance id is owned by \
                     {holder} member.",
                    beat.instance_id.as_deref().unwrap_or_default()
                );
                return Err(BeatRefused::new(ResponseError::UnreleasedInstanceId, words));
            }
            _ => {
                if !self.members.contains_key(id) {
                    self.members.insert(id.to_owned(), ConsumerMember::default());
                    self.epoch += 1;
                }
            }
        }
        Ok(())
    }

    fn check_epoch(&self, group_id: &str, beat: &Beat) -> Result<(), BeatRefused> {
        let member =
            self.members.get(&beat.member_id).ok_or_else(|| ConsumerGroup::unknown(group_id, beat))?;
        // Its last answer may have been lost: it goes on from the epoch before, if it has nothing that it may not have.
        let behind = beat.epoch == member.previous_epoch
            && beat.owned.as_ref().is_none_or(|owned| minus(owned, &member.assigned).is_empty());
        if beat.epoch == member.epoch || behind {
            return Ok(());
        }
        let how = if beat.epoch > member.epoch { "greater" } else { "smaller" };
        let words = format!(
            "The consumer group member has a {how} member epoch ({}) than the one known by the group coordinator ({}). \
             The member must abandon all its partitions and rejoin.",
            beat.epoch, member.epoch
        );
        Err(BeatRefused::new(ResponseError::FencedMemberEpoch, words))
    }

    fn answer(&mut self, beat: &Beat, partitions: &BTreeMap<String, i32>, now_ms: i64) -> Beaten {
        self.learn(beat, now_ms);
        self.aim(partitions);
        let before = self.members.get(&beat.member_id).map(|member| member.assigned.clone());
        self.advance(&beat.member_id, beat.owned.as_ref(), now_ms);
        let member = self.members.get(&beat.member_id).cloned().unwrap_or_default();
        let whole = beat.rebalance_timeout_ms >= 0 && beat.subscribed.is_some() && beat.owned.is_some();
        let told = beat.epoch == JOINING || whole || before.as_ref() != Some(&member.assigned);
        Beaten { epoch: member.epoch, assignment: told.then_some(member.assigned) }
    }

    /// Takes up what the member says of itself.
    fn learn(&mut self, beat: &Beat, now_ms: i64) {
        if let Some(assignor) = &beat.assignor {
            self.assignor.clone_from(assignor);
        }
        let Some(member) = self.members.get_mut(&beat.member_id) else { return };
        member.client_id.clone_from(&beat.client_id);
        member.client_host.clone_from(&beat.client_host);
        member.instance_id = beat.instance_id.clone().or(member.instance_id.take());
        member.rack_id = beat.rack_id.clone().or(member.rack_id.take());
        member.session_deadline_ms = Some(now_ms.saturating_add(SESSION_TIMEOUT_MS));
        if beat.rebalance_timeout_ms >= 0 {
            member.rebalance_timeout_ms = beat.rebalance_timeout_ms;
        }
        if beat.epoch == JOINING {
            member.assigned = Partitions::new();
            member.revoking = Partitions::new();
        }
        if let Some(subscribed) = beat.subscribed.as_ref().filter(|wanted| **wanted != member.subscribed) {
            member.subscribed.clone_from(subscribed);
            if beat.epoch != JOINING {
                self.epoch += 1;
            }
        }
    }

    /// Shares the partitions anew when members, subscriptions or topics have changed.
    fn aim(&mut self, partitions: &BTreeMap<String, i32>) {
        let mut topics = partitions.clone();
        let subscribed = self.subscribed_topics();
        topics.retain(|topic, _| subscribed.contains(topic));
        if topics != self.topics {
            // Topics that come with a new subscription are part of that change.
            if self.epoch == self.assignment_epoch {
                self.epoch += 1;
            }
            self.topics = topics;
        }
        if self.epoch == self.assignment_epoch {
            return;
        }
        let mut shares = shares(&self.assignor, &self.members, &self.topics);
        for (id, member) in &mut self.members {
            member.target = shares.remove(id).unwrap_or_default();
        }
        self.assignment_epoch = self.epoch;
    }

    /// Brings a member as near to its target as the others allow: it first gives up, then it gets what is free.
    fn advance(&mut self, id: &str, owned: Option<&Partitions>, now_ms: i64) {
        let epoch = self.epoch;
        let held: Vec<Partitions> = self
            .members
            .iter()
            .filter(|(other, _)| *other != id)
            .flat_map(|(_, member)| [member.assigned.clone(), member.revoking.clone()])
            .collect();
        let Some(member) = self.members.get_mut(id) else { return };
        let gave_up = |what: &Partitions| owned.is_some_and(|owned| minus(what, owned) == *what);
        if gave_up(&member.revoking) {
            member.revoking = Partitions::new();
        }
        if !member.revoking.is_empty() {
            return;
        }
        let excess = minus(&member.assigned, &member.target);
        if !excess.is_empty() {
            member.assigned = minus(&member.assigned, &excess);
            if !gave_up(&excess) {
                member.revoking = excess;
                member.revoke_deadline_ms = now_ms.saturating_add(i64::from(member.rebalance_timeout_ms));
                return;
            }
        }
        if member.epoch != epoch {
            member.previous_epoch = member.epoch;
            member.epoch = epoch;
        }
        member.assigned = held.iter().fold(member.target.clone(), |free, held| minus(&free, held));
    }
}

fn minus(from: &Partitions, what: &Partitions) -> Partitions {
    let mut left = from.clone();
    for (topic, indexes) in what {
        if let Some(kept) = left.get_mut(topic) {
            kept.retain(|index| !indexes.contains(index));
        }
    }
    left.retain(|_, indexes| !indexes.is_empty());
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::groups::ConsumerState;

    fn topics(count: i32) -> BTreeMap<String, i32> {
        BTreeMap::from([("orders".to_owned(), count)])
    }

    fn of(indexes: &[i32]) -> Partitions {
        if indexes.is_empty() {
            return Partitions::new();
        }
        Partitions::from([("orders".to_owned(), indexes.iter().copied().collect())])
    }

    fn joins(id: &str) -> Beat {
        Beat {
            member_id: id.to_owned(),
            rebalance_timeout_ms: 60_000,
            subscribed: Some(["orders".to_owned()].into()),
            owned: Some(Partitions::new()),
            ..Beat::default()
        }
    }

    fn beats(id: &str, epoch: i32, owned: Option<&[i32]>) -> Beat {
        Beat {
            member_id: id.to_owned(),
            epoch,
            rebalance_timeout_ms: -1,
            owned: owned.map(of),
            ..Beat::default()
        }
    }

    fn told(groups: &mut Groups, beat: &Beat, now: i64) -> (i32, Option<Partitions>) {
        let beaten = groups.consumer_beat("g", beat, &topics(3), now).expect("heard");
        (beaten.epoch, beaten.assignment)
    }

    fn state_of(groups: &Groups) -> ConsumerState {
        match groups.get("g").map(|group| &group.kind) {
            Some(GroupKind::Consumer(group)) => group.state(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_partition_moves_when_its_owner_has_given_it_up() {
        let mut groups = Groups::default();
        assert_eq!(told(&mut groups, &joins("a"), 0), (2, Some(of(&[0, 1, 2]))));
        assert_eq!(told(&mut groups, &joins("b"), 0), (3, Some(of(&[]))));
        assert_eq!(told(&mut groups, &beats("a", 2, Some(&[0, 1, 2])), 0), (2, Some(of(&[0, 1]))));
        assert_eq!(told(&mut groups, &beats("b", 3, None), 0), (3, None));
        assert_eq!(state_of(&groups), ConsumerState::Reconciling);
        assert_eq!(told(&mut groups, &beats("a", 2, Some(&[0, 1])), 0), (3, None));
        assert_eq!(told(&mut groups, &beats("b", 3, None), 0), (3, Some(of(&[2]))));
        assert_eq!(state_of(&groups), ConsumerState::Stable);
    }

    #[test]
    fn who_leaves_or_falls_silent_leaves_its_partitions_to_the_others() {
        let mut groups = Groups::default();
        told(&mut groups, &joins("a"), 0);
        told(&mut groups, &joins("b"), 20_000);
        let refused = groups.consumer_beat("g", &beats("a", 2, None), &topics(3), 45_000).expect_err("gone");
        assert_eq!(refused.error, ResponseError::UnknownMemberId);
        assert_eq!(told(&mut groups, &beats("b", 3, None), 45_000), (4, Some(of(&[0, 1, 2]))));
        assert_eq!(told(&mut groups, &beats("b", LEAVING, None), 45_000), (LEAVING, None));
        assert_eq!(state_of(&groups), ConsumerState::Empty);
    }

    #[test]
    fn who_does_not_give_up_in_time_is_gone() {
        let mut groups = Groups::default();
        told(&mut groups, &joins("a"), 0);
        told(&mut groups, &joins("b"), 0);
        for now in [0, 30_000] {
            assert_eq!(told(&mut groups, &beats("a", 2, None), now).0, 2);
            told(&mut groups, &beats("b", 3, None), now);
        }
        let refused = groups.consumer_beat("g", &beats("a", 2, None), &topics(3), 60_000).expect_err("gone");
        assert_eq!(refused.error, ResponseError::UnknownMemberId);
    }

    #[test]
    fn new_partitions_are_given_out() {
        let mut groups = Groups::default();
        told(&mut groups, &joins("a"), 0);
        let beaten = groups.consumer_beat("g", &beats("a", 2, None), &topics(5), 0).expect("heard");
        assert_eq!(beaten, Beaten { epoch: 3, assignment: Some(of(&[0, 1, 2, 3, 4])) });
    }

    #[test]
    fn an_answer_that_was_lost_may_be_asked_for_again() {
        let mut groups = Groups::default();
        told(&mut groups, &joins("a"), 0);
        groups.consumer_beat("g", &beats("a", 2, None), &topics(5), 0).expect("heard");
        assert_eq!(told(&mut groups, &beats("a", 2, Some(&[0, 1, 2])), 0).0, 4);
        let refused = groups.consumer_beat("g", &beats("a", 2, None), &topics(3), 0).expect_err("behind");
        assert_eq!(refused.error, ResponseError::FencedMemberEpoch);
    }
}
