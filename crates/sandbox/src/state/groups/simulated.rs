//! Members and commits that nobody is behind, for tests and demonstrations.

use crate::state::State;
use crate::state::groups::classic::{CONSUMER_PROTOCOL, Classic, Member};
use crate::state::groups::commits::Commit;
use crate::state::groups::consumer::{ConsumerGroup, ConsumerMember};
use crate::state::groups::coordinator::CoordinatorOf;
use crate::state::groups::group::{Group, GroupKind, Groups};
use crate::state::groups::subscription::{assignment, subscribed_topics, subscription};
use bytes::Bytes;
use std::collections::BTreeMap;

/// The assignor that simulated members of classic groups speak for.
const ASSIGNOR: &str = "range";

/// As `session.timeout.ms` and `max.poll.interval.ms` of Kafka's consumers.
const SESSION_TIMEOUT_MS: i32 = 45_000;
const REBALANCE_TIMEOUT_MS: i32 = 300_000;

impl State {
    /// Commits an offset for a group, whatever its state, as its own members would. The group is created if it does
    /// not exist.
    pub fn seed_commit(&mut self, group: &str, topic: &str, partition: i32, offset: i64) {
        let committed_ms = self.clock.now_ms();
        let commit = Commit { offset, leader_epoch: -1, metadata: String::new(), committed_ms };
        self.found_internal_topic(CoordinatorOf::Group);
        self.groups.entry(group).commits.put(topic, partition, commit);
        self.touch();
    }

    /// Lets a simulated member join a classic group and stay: the group is active as long as it is there. A group with
    /// only such members is stable at once, its partitions given to them in ranges; real members may join it.
    pub fn hold_group(&mut self, group: &str, member_id: &str, topics: &[&str]) {
        let now = self.clock.now_ms();
        self.found_internal_topic(CoordinatorOf::Group);
        let partitions = topics.iter().filter_map(|topic| {
            let count = i32::try_from(self.topics.get(*topic)?.partitions.len()).ok()?;
            Some(((*topic).to_owned(), count))
        });
        let partitions: BTreeMap<String, i32> = partitions.collect();
        self.groups.hold(group, member_id, topics, partitions, now);
        self.touch();
    }

    /// Lets a simulated member leave again. Whether it was there.
    pub fn release_group(&mut self, group: &str, member_id: &str) -> bool {
        let now = self.clock.now_ms();
        let released = self.groups.leave(group, member_id, None, now).is_ok();
        self.touch();
        released
    }

    /// Puts a KIP-848 group there, with members that stay as they are, in place of any group of this name; what it has
    /// committed remains.
    pub fn seed_consumer_group(
        &mut self,
        group: &str,
        epoch: i32,
        members: BTreeMap<String, ConsumerMember>,
    ) {
        let seeded = ConsumerGroup { epoch, assignment_epoch: epoch, members, ..ConsumerGroup::default() };
        self.seed_kind(group, GroupKind::Consumer(seeded));
    }

    /// Puts a group of any kind there, in place of any group of this name; what it has committed remains.
    pub fn seed_kind(&mut self, group: &str, kind: GroupKind) {
        self.found_internal_topic(CoordinatorOf::Group);
        let commits = std::mem::take(&mut self.groups.entry(group).commits);
        self.groups.remove(group);
        *self.groups.entry(group) = Group { kind, commits, known: true };
        self.touch();
    }
}

impl Groups {
    fn entry(&mut self, id: &str) -> &mut Group {
        let group = self.groups.entry(id.to_owned()).or_default();
        group.known = true;
        group
    }

    fn hold(
        &mut self,
        group: &str,
        member_id: &str,
        topics: &[&str],
        partitions: BTreeMap<String, i32>,
        now: i64,
    ) {
        self.entry(group);
        let Groups { groups, waiting, .. } = self;
        let Some(GroupKind::Classic(classic)) = groups.get_mut(group).map(|group| &mut group.kind) else {
            return;
        };
        classic.simulated_partitions.extend(partitions);
        let member = Member {
            instance_id: None,
            client_id: member_id.to_owned(),
            client_host: "/127.0.0.1".to_owned(),
            session_timeout_ms: SESSION_TIMEOUT_MS,
            rebalance_timeout_ms: REBALANCE_TIMEOUT_MS,
            protocols: vec![(ASSIGNOR.to_owned(), subscription(topics.iter().copied()))],
            assignment: Bytes::new(),
            simulated: true,
            session_deadline_ms: i64::MAX,
            joining: None,
            syncing: None,
            synced: true,
        };
        classic.enter(member_id, member, CONSUMER_PROTOCOL, 0, now, waiting);
    }
}

/// What simulated members give each other when there is no real one to lead: ranges of every topic's partitions.
pub(super) fn assign(classic: &Classic) -> BTreeMap<String, Bytes> {
    let mut shares: BTreeMap<&str, BTreeMap<String, Vec<i32>>> = BTreeMap::new();
    for (topic, count) in &classic.simulated_partitions {
        let wants = |member: &Member| {
            subscribed_topics(member.metadata(ASSIGNOR)).is_some_and(|topics| topics.contains(topic))
        };
        let readers: Vec<&str> =
            classic.members.iter().filter(|(_, member)| wants(member)).map(|(id, _)| id.as_str()).collect();
        let number = i32::try_from(readers.len()).unwrap_or(i32::MAX);
        for (reader, place) in readers.iter().zip(0..) {
            let from = place * count / number;
            let to = (place + 1) * count / number;
            shares.entry(reader).or_default().insert(topic.clone(), (from..to).collect());
        }
    }
    shares.into_iter().map(|(id, share)| (id.to_owned(), assignment(&share))).collect()
}
