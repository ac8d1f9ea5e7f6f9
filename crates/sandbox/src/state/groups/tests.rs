//! Groups from the outside: what members are told, and when.

use super::subscription::subscription;
use super::*;
use crate::state::State;
use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use std::collections::BTreeMap;

fn joining(id: &str) -> Joining {
    Joining {
        member_id: id.to_owned(),
        instance_id: None,
        client_id: "client".to_owned(),
        client_host: "/127.0.0.1".to_owned(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 30_000,
        protocol_type: "consumer".to_owned(),
        protocols: vec![("range".to_owned(), subscription(["orders"].into_iter()))],
        needs_id: false,
        may_skip_assignment: true,
    }
}

fn is(id: &str, generation: i32) -> MemberRef<'_> {
    MemberRef { id, instance_id: None, generation }
}

const OUTSIDE: MemberRef<'static> = MemberRef { id: "", instance_id: None, generation: -1 };

/// Joins, and must be told at once.
fn joined(groups: &mut Groups, ticket: u64, joining: &Joining, now: i64) -> Joined {
    match groups.join("g", ticket, joining, now) {
        Progress::Done(Ok(joined)) => joined,
        other => panic!("{other:?}"),
    }
}

fn refused(groups: &mut Groups, ticket: u64, joining: &Joining, now: i64) -> JoinRefused {
    match groups.join("g", ticket, joining, now) {
        Progress::Done(Err(refused)) => refused,
        other => panic!("{other:?}"),
    }
}

fn waits<T: std::fmt::Debug>(progress: &Progress<T>) -> i64 {
    match progress {
        Progress::Wait { until_ms } => *until_ms,
        Progress::Done(other) => panic!("{other:?}"),
    }
}

fn sync(
    groups: &mut Groups,
    ticket: u64,
    who: MemberRef<'_>,
    given: &[(&str, &'static str)],
    now: i64,
) -> Progress<Result<Synced, ResponseError>> {
    let given =
        given.iter().map(|(id, part)| ((*id).to_owned(), Bytes::from_static(part.as_bytes()))).collect();
    groups.sync("g", ticket, who, (Some("consumer"), Some("range")), &given, now)
}

fn part(progress: Progress<Result<Synced, ResponseError>>) -> Result<Bytes, ResponseError> {
    match progress {
        Progress::Done(done) => done.map(|synced| synced.assignment),
        Progress::Wait { .. } => panic!("it waits"),
    }
}

fn state_of(groups: &Groups) -> String {
    groups.get("g").expect("the group").state_name()
}

/// A stable group of two, whose ids are returned: the leader's and the other's.
fn two(groups: &mut Groups) -> (String, String) {
    let first = joined(groups, 1, &joining(""), 0);
    assert_eq!(
        part(sync(groups, 2, is(&first.member_id, 1), &[(&first.member_id, "all")], 0)),
        Ok(Bytes::from_static(b"all"))
    );
    waits(&groups.join("g", 3, &joining(""), 0));
    assert_eq!(groups.beat("g", is(&first.member_id, 1), 0), Err(ResponseError::RebalanceInProgress));
    let leader = joined(groups, 4, &joining(&first.member_id), 0);
    let other = joined(groups, 3, &joining(""), 0);
    assert_eq!((leader.generation, other.generation), (2, 2));
    assert_eq!(leader.leader, leader.member_id);
    assert_eq!((leader.members.len(), other.members.len()), (2, 0));
    waits(&sync(groups, 5, is(&other.member_id, 2), &[], 0));
    let given = [(leader.member_id.as_str(), "left"), (other.member_id.as_str(), "right")];
    assert_eq!(part(sync(groups, 6, is(&leader.member_id, 2), &given, 0)), Ok(Bytes::from_static(b"left")));
    assert_eq!(part(sync(groups, 5, is(&other.member_id, 2), &[], 0)), Ok(Bytes::from_static(b"right")));
    assert_eq!(state_of(groups), "Stable");
    (leader.member_id, other.member_id)
}

#[test]
fn members_share_what_their_leader_assigns() {
    two(&mut Groups::default());
}

#[test]
fn a_new_member_comes_again_with_the_id_it_is_given() {
    let mut groups = Groups::default();
    let anonymous = Joining { needs_id: true, ..joining("") };
    let refused = refused(&mut groups, 1, &anonymous, 0);
    assert_eq!(refused.error, ResponseError::MemberIdRequired);
    assert!(refused.member_id.starts_with("client-"));
    assert!(groups.get("g").is_none(), "a group that nobody has joined is not shown");
    assert_eq!(joined(&mut groups, 2, &joining(&refused.member_id), 0).member_id, refused.member_id);
}

#[test]
fn an_id_that_is_not_used_in_time_is_forgotten() {
    let mut groups = Groups::default();
    let id = refused(&mut groups, 1, &Joining { needs_id: true, ..joining("") }, 0).member_id;
    assert_eq!(refused(&mut groups, 2, &joining(&id), 10_000).error, ResponseError::UnknownMemberId);
}

#[test]
fn who_leaves_lets_the_others_rebalance() {
    let mut groups = Groups::default();
    let (leader, other) = two(&mut groups);
    assert_eq!(groups.leave("g", &leader, None, 0), Ok(()));
    assert_eq!(state_of(&groups), "PreparingRebalance");
    assert_eq!(groups.beat("g", is(&other, 2), 0), Err(ResponseError::RebalanceInProgress));
    assert_eq!(joined(&mut groups, 7, &joining(&other), 0).leader, other);
    assert_eq!(groups.leave("g", &other, None, 0), Ok(()));
    assert_eq!(state_of(&groups), "Empty");
    assert_eq!(groups.leave("g", &other, None, 0), Err(ResponseError::UnknownMemberId));
}

#[test]
fn who_falls_silent_is_gone_after_its_session() {
    let mut groups = Groups::default();
    let (leader, other) = two(&mut groups);
    assert_eq!(groups.beat("g", is(&other, 2), 9_999), Ok(()));
    assert_eq!(groups.beat("g", is(&other, 2), 10_000), Err(ResponseError::RebalanceInProgress));
    assert_eq!(groups.beat("g", is(&leader, 2), 10_000), Err(ResponseError::UnknownMemberId));
}

#[test]
fn a_rebalance_goes_on_without_who_does_not_join_in_time() {
    let mut groups = Groups::default();
    let (leader, other) = two(&mut groups);
    waits(&groups.join("g", 7, &joining(""), 0));
    // The other lives, but does not join again; the leader falls silent.
    for now in [5_000, 14_000, 23_000] {
        assert_eq!(groups.beat("g", is(&other, 2), now), Err(ResponseError::RebalanceInProgress));
    }
    waits(&groups.join("g", 7, &joining(""), 29_999));
    assert!(groups.get("g").is_some_and(
        |group| !matches!(&group.kind, GroupKind::Classic(classic) if classic.members().contains_key(&leader))
    ));
    let alone = joined(&mut groups, 7, &joining(""), 30_000);
    assert_eq!((alone.members.len(), &alone.leader), (1, &alone.member_id));
    assert_eq!(groups.beat("g", is(&other, 2), 30_000), Err(ResponseError::UnknownMemberId));
}

#[test]
fn a_leader_that_does_not_assign_is_gone_and_the_others_join_again() {
    let mut groups = Groups::default();
    let (leader, other) = two(&mut groups);
    waits(&groups.join("g", 7, &joining(&leader), 0));
    joined(&mut groups, 8, &joining(&other), 0);
    joined(&mut groups, 7, &joining(&leader), 0);
    let until = waits(&sync(&mut groups, 9, is(&other, 3), &[], 0));
    assert_eq!(until, 10_000);
    assert_eq!(
        part(sync(&mut groups, 9, is(&other, 3), &[], until)),
        Err(ResponseError::RebalanceInProgress)
    );
    assert_eq!(joined(&mut groups, 10, &joining(&other), until).leader, other);
}

#[test]
fn a_group_that_was_empty_may_wait_for_more_members() {
    let mut groups =
        Groups { initial_rebalance_delay: std::time::Duration::from_secs(3), ..Groups::default() };
    assert_eq!(waits(&groups.join("g", 1, &joining(""), 0)), 3_000);
    waits(&groups.join("g", 2, &joining(""), 1_000));
    let sizes = [1, 2].map(|ticket| joined(&mut groups, ticket, &joining(""), 3_000).members.len());
    assert_eq!(sizes.iter().sum::<usize>(), 2);
}

#[test]
fn a_static_member_takes_its_place_again_without_a_rebalance() {
    let mut groups = Groups::default();
    let fixed = Joining { instance_id: Some("one".to_owned()), ..joining("") };
    let first = joined(&mut groups, 1, &fixed, 0);
    let held = MemberRef { instance_id: Some("one"), ..is(&first.member_id, 1) };
    assert!(part(sync(&mut groups, 2, held, &[(&first.member_id, "all")], 0)).is_ok());
    let again = joined(&mut groups, 3, &fixed, 5_000);
    assert_eq!((again.generation, again.skip_assignment, again.leader == again.member_id), (1, true, true));
    assert_eq!(groups.beat("g", held, 5_000), Err(ResponseError::FencedInstanceId));
    let held = MemberRef { instance_id: Some("one"), ..is(&again.member_id, 1) };
    assert_eq!(part(sync(&mut groups, 4, held, &[], 5_000)), Ok(Bytes::from_static(b"all")));
    assert_eq!(groups.leave("g", "", Some("one"), 5_000), Ok(()));
    assert_eq!(state_of(&groups), "Empty");
}

#[test]
fn members_must_have_an_assignor_in_common() {
    let mut groups = Groups::default();
    joined(&mut groups, 1, &joining(""), 0);
    let other = Joining { protocols: vec![("sticky".to_owned(), Bytes::new())], ..joining("") };
    assert_eq!(refused(&mut groups, 2, &other, 0).error, ResponseError::InconsistentGroupProtocol);
    let connect = Joining { protocol_type: "connect".to_owned(), ..joining("") };
    assert_eq!(refused(&mut groups, 3, &connect, 0).error, ResponseError::InconsistentGroupProtocol);
    let hasty = Joining { session_timeout_ms: 5_999, ..joining("") };
    assert_eq!(refused(&mut groups, 4, &hasty, 0).error, ResponseError::InvalidSessionTimeout);
}

#[test]
fn a_live_group_takes_commits_of_its_members_only() {
    let mut groups = Groups::default();
    let (leader, _) = two(&mut groups);
    let by = CommitBy::Request(8);
    let mut may = |who| groups.commits_for("g", who, by, 0).map(|_| ());
    assert_eq!(may(OUTSIDE), Err(ResponseError::UnknownMemberId));
    assert_eq!(may(is(&leader, 1)), Err(ResponseError::IllegalGeneration));
    assert_eq!(may(is(&leader, 2)), Ok(()));
}

#[test]
fn a_commit_from_outside_makes_a_group() {
    let mut groups = Groups::default();
    assert!(groups.commits_for("g", is("x", 3), CommitBy::Request(8), 0).is_err());
    assert!(groups.get("g").is_none());
    assert!(groups.commits_for("g", OUTSIDE, CommitBy::Request(8), 0).is_ok());
    assert_eq!((state_of(&groups).as_str(), groups.get("g").map(Group::protocol_type)), ("Empty", Some("")));
}

#[test]
fn offsets_of_a_topic_that_is_read_stay() {
    let mut groups = Groups::default();
    assert_eq!(groups.deletable_commits("g", 0).map(|_| ()), Err(ResponseError::GroupIdNotFound));
    two(&mut groups);
    let (_, subscribed) = groups.deletable_commits("g", 0).expect("deletable");
    assert_eq!(subscribed.into_iter().collect::<Vec<_>>(), ["orders"]);
}

#[test]
fn a_group_that_is_removed_leaves_nobody_waiting() {
    let mut groups = Groups::default();
    two(&mut groups);
    waits(&groups.join("g", 7, &joining(""), 0));
    assert!(groups.remove("g"));
    assert_eq!(refused(&mut groups, 7, &joining(""), 0).error, ResponseError::UnknownMemberId);
}

#[test]
fn a_simulated_member_holds_a_group_and_shares_it_with_a_real_one() {
    let mut state = State::of_brokers(3);
    state.hold_group("g", "ghost", &[]);
    assert_eq!(state_of(&state.groups), "Stable");
    let now = state.clock.now_ms();
    assert!(state.groups.commits_for("g", OUTSIDE, CommitBy::Request(8), now).is_err());
    let real = joined(&mut state.groups, 1, &joining(""), now);
    assert_eq!((real.members.len(), &real.leader), (2, &real.member_id));
    let who = is(&real.member_id, real.generation);
    assert!(part(sync(&mut state.groups, 2, who, &[(&real.member_id, "x"), ("ghost", "y")], now)).is_ok());
    assert!(state.release_group("g", "ghost"));
    assert_eq!(state_of(&state.groups), "PreparingRebalance");
}

#[test]
fn a_seeded_group_of_the_new_protocol_is_live_and_keeps_its_commits() {
    let mut state = State::of_brokers(3);
    state.seed_commit("g", "orders", 0, 5);
    let share = Partitions::from([("orders".to_owned(), [0].into())]);
    let member =
        ConsumerMember { epoch: 4, assigned: share.clone(), target: share, ..ConsumerMember::default() };
    state.seed_consumer_group("g", 4, BTreeMap::from([("m".to_owned(), member)]));
    let mut may =
        |who, version| state.groups.commits_for("g", who, CommitBy::Request(version), 0).map(|_| ());
    assert_eq!(may(OUTSIDE, 9), Err(ResponseError::UnknownMemberId));
    assert_eq!(may(is("m", 3), 9), Err(ResponseError::StaleMemberEpoch));
    assert_eq!(may(is("m", 4), 8), Err(ResponseError::UnsupportedVersion));
    assert_eq!(may(is("m", 4), 9), Ok(()));
    let group = state.groups.get("g").expect("the group");
    assert_eq!((group.type_name(), group.state_name().as_str()), ("consumer", "Stable"));
    assert!(group.commits.get("orders", 0).is_some());
}
