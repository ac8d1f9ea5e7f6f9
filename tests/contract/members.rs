//! Classic groups with members: they join, are assigned, beat, leave, and guard the group's offsets.

use anyhow::{Context, Result};
use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::messages::{
    DeleteGroupsRequest, DescribeGroupsRequest, FindCoordinatorRequest, HeartbeatRequest, JoinGroupRequest,
    JoinGroupResponse, LeaveGroupRequest, SyncGroupRequest, SyncGroupResponse,
};
use klerk_testbed::Connection;

use crate::bed::{Bed, text};
use crate::case::cases;
use crate::groups::{by_member, commit, group_id, offset_delete};

cases![Same:
    a_new_member_has_to_come_again_with_its_id,
    joins_that_cannot_be_are_refused,
    a_member_alone_leads_and_assigns,
    two_members_share,
    a_live_group_guards_its_offsets,
    members_leave_together_and_alone,
    a_static_member_takes_its_place_again,
    members_of_no_group_are_unknown,
];

/// A connection to the coordinator of a group.
pub fn coordinator(bed: &Bed, group: &str) -> Result<Connection> {
    let request = FindCoordinatorRequest::default().with_coordinator_keys(vec![text(group)]);
    let found = bed.call(&request, 4)?;
    let found = found.coordinators.first().context("a coordinator")?;
    Connection::open(&format!("{}:{}", &*found.host, found.port))
}

// ConsumerProtocolSubscription in version 0, without user data.
fn subscription(topic: &str) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_slice(&[0, 0, 0, 0, 0, 1]);
    bytes.put_u16(u16::try_from(topic.len()).unwrap_or_default());
    bytes.put_slice(topic.as_bytes());
    bytes.put_i32(-1);
    bytes.freeze()
}

/// A wish to join, with an id or without one yet.
pub fn join(group: &str, id: &str, topic: &str) -> JoinGroupRequest {
    let protocol =
        JoinGroupRequestProtocol::default().with_name(text("range")).with_metadata(subscription(topic));
    JoinGroupRequest::default()
        .with_group_id(group_id(group))
        .with_member_id(text(id))
        .with_session_timeout_ms(30_000)
        .with_rebalance_timeout_ms(30_000)
        .with_protocol_type(text("consumer"))
        .with_protocols(vec![protocol])
}

/// Joins with the id that the broker gives first.
pub fn enter(at: &mut Connection, group: &str, topic: &str) -> Result<JoinGroupResponse> {
    let id = at.call(&join(group, "", topic), 9)?.member_id;
    at.call(&join(group, &id, topic), 9)
}

/// A leader's wish that members have these parts, or a follower's to be told.
pub fn sync(group: &str, joined: &JoinGroupResponse, given: &[(&str, &'static str)]) -> SyncGroupRequest {
    let given = given.iter().map(|(id, part)| {
        let part = Bytes::from_static(part.as_bytes());
        SyncGroupRequestAssignment::default().with_member_id(text(id)).with_assignment(part)
    });
    SyncGroupRequest::default()
        .with_group_id(group_id(group))
        .with_generation_id(joined.generation_id)
        .with_member_id(joined.member_id.clone())
        .with_protocol_type(Some(text("consumer")))
        .with_protocol_name(Some(text("range")))
        .with_assignments(given.collect())
}

fn beat(group: &str, id: &str, generation: i32) -> HeartbeatRequest {
    HeartbeatRequest::default()
        .with_group_id(group_id(group))
        .with_member_id(text(id))
        .with_generation_id(generation)
}

fn leaving(group: &str, members: Vec<MemberIdentity>) -> LeaveGroupRequest {
    LeaveGroupRequest::default().with_group_id(group_id(group)).with_members(members)
}

/// Tells how the group stands once it is in this state: a coordinator shows what has been written to its log, which the
/// answer to a member may come before.
fn tell_state(bed: &Bed, at: &mut Connection, group: &str, state: &str) -> Result<()> {
    let request = DescribeGroupsRequest::default().with_groups(vec![group_id(group)]);
    let described = bed.until(&format!("the group is {state}"), || {
        let groups = at.call(&request, 6)?.groups;
        Ok(groups.into_iter().next().filter(|group| &*group.group_state == state))
    })?;
    bed.tell(format!(
        "{}: type '{}', protocol '{}', {} members",
        &*described.group_state,
        &*described.protocol_type,
        &*described.protocol_data,
        described.members.len()
    ));
    let mut members: Vec<String> = described
        .members
        .iter()
        .map(|member| {
            format!(
                "member of {} at {} subscribed {:?} has {:?}",
                &*member.client_id, &*member.client_host, member.member_metadata, member.member_assignment
            )
        })
        .collect();
    members.sort();
    members.iter().for_each(|member| bed.tell(member));
    Ok(())
}

/// A stable group of one, which stands still as long as it beats.
pub fn alone(at: &mut Connection, group: &str, topic: &str) -> Result<JoinGroupResponse> {
    let joined = enter(at, group, topic)?;
    at.call(&sync(group, &joined, &[(&joined.member_id, "all")]), 5)?;
    Ok(joined)
}

fn a_new_member_has_to_come_again_with_its_id(bed: &Bed) -> Result<()> {
    let group = bed.name("readers");
    let mut at = coordinator(bed, &group)?;
    let first = at.call(&join(&group, "", "orders"), 9)?;
    bed.is("code", first.error_code, 79)?;
    bed.tell(format!("{:?}", (&*first.member_id, first.generation_id, &first.protocol_name, &*first.leader)));
    // A real broker calls the group Dead until it has written anything about any group of the same partition of
    // __consumer_offsets, and Empty from then on, so that what other groups do decides which of the two it is.
    let request = DescribeGroupsRequest::default().with_groups(vec![group_id(&group)]);
    let described = at.call(&request, 6)?.groups;
    let described = described.first().context("a group")?;
    bed.is("nobody is in it yet", described.members.len(), 0)?;
    bed.is("it is not known to live", matches!(&*described.group_state, "Dead" | "Empty"), true)?;
    let second = at.call(&join(&group, &first.member_id, "orders"), 9)?;
    bed.is("code", second.error_code, 0)?;
    bed.is("the id stays", second.member_id == first.member_id, true)?;
    let others = bed.name("others");
    let before = coordinator(bed, &others)?.call(&join(&others, "", "orders"), 3)?;
    bed.is("version 3 lets in at once", (before.error_code, before.generation_id), (0, 1))
}

fn joins_that_cannot_be_are_refused(bed: &Bed) -> Result<()> {
    let group = bed.name("readers");
    let mut at = coordinator(bed, &group)?;
    alone(&mut at, &bed.name("readers"), "orders")?;
    let fine = || join(&group, "", "orders");
    let sticky = JoinGroupRequestProtocol::default().with_name(text("sticky"));
    for (what, request, code) in [
        ("short session", fine().with_session_timeout_ms(10), 26),
        ("no protocols", fine().with_protocols(vec![]), 23),
        ("another protocol", fine().with_protocols(vec![sticky]), 23),
        ("another type", fine().with_protocol_type(text("connect")), 23),
        ("no type", fine().with_protocol_type(text("")), 23),
        ("no name", fine().with_group_id(group_id("")), 24),
        ("an unknown member", fine().with_member_id(text("who")), 25),
    ] {
        let refused = at.call(&request, 9)?;
        bed.is(what, refused.error_code, code)?;
        bed.tell(format!(
            "{:?}",
            (refused.generation_id, refused.protocol_name, refused.leader, refused.member_id)
        ));
    }
    bed.is(
        "no protocol before version 7",
        at.call(&join(&group, "who", "orders"), 5)?.protocol_name,
        Some(text("")),
    )
}

fn a_member_alone_leads_and_assigns(bed: &Bed) -> Result<()> {
    let (topic, group) = (bed.topic("orders", 1, 3, &[])?, bed.name("readers"));
    let mut at = coordinator(bed, &group)?;
    let joined = enter(&mut at, &group, &topic)?;
    bed.is("it leads", joined.leader == joined.member_id, true)?;
    bed.tell(format!("{:?}", (joined.generation_id, &joined.protocol_type, &joined.protocol_name)));
    bed.is("members", joined.members.len(), 1)?;
    let id = joined.member_id.to_string();
    tell_state(bed, &mut at, &group, "CompletingRebalance")?;
    bed.is("beat meanwhile", at.call(&beat(&group, &id, 1), 4)?.error_code, 0)?;
    let committed = at.call(&by_member(commit(&group, &topic, 0, 1), &id, 1), 8)?;
    bed.is("commit meanwhile", committed.topics[0].partitions[0].error_code, 27)?;
    let mut wrong = sync(&group, &joined, &[]);
    wrong.generation_id = 7;
    bed.is("another generation", at.call(&wrong, 5)?.error_code, 22)?;
    let other = sync(&group, &joined, &[]).with_protocol_name(Some(text("sticky")));
    bed.is("another protocol", at.call(&other, 5)?.error_code, 23)?;
    let synced = at.call(&sync(&group, &joined, &[(&id, "all")]), 5)?;
    bed.is("assignment", synced.assignment, Bytes::from_static(b"all"))?;
    bed.tell(format!("{:?}", (synced.protocol_type, synced.protocol_name)));
    tell_state(bed, &mut at, &group, "Stable")?;
    bed.is("beat", at.call(&beat(&group, &id, 1), 4)?.error_code, 0)?;
    bed.is("beat of another generation", at.call(&beat(&group, &id, 9), 4)?.error_code, 22)?;
    bed.is("beat of a stranger", at.call(&beat(&group, "who", 1), 4)?.error_code, 25)
}

fn two_members_share(bed: &Bed) -> Result<()> {
    let group = bed.name("readers");
    let (mut at, mut beside) = (coordinator(bed, &group)?, coordinator(bed, &group)?);
    let first = alone(&mut at, &group, "orders")?;
    let id = beside.call(&join(&group, "", "orders"), 9)?.member_id;
    let (mine, others) = std::thread::scope(|scope| -> Result<_> {
        let others = scope.spawn(|| beside.call(&join(&group, &id, "orders"), 9));
        bed.until("the group rebalances", || {
            Ok((at.call(&beat(&group, &first.member_id, 1), 4)?.error_code == 27).then_some(()))
        })?;
        tell_state(bed, &mut at, &group, "PreparingRebalance")?;
        let late = at.call(&sync(&group, &first, &[]), 5)?;
        bed.is("sync meanwhile", late.error_code, 27)?;
        let mine = at.call(&join(&group, &first.member_id, "orders"), 9)?;
        Ok((mine, others.join().ok().context("the other panicked")??))
    })?;
    bed.is("generations", (mine.generation_id, others.generation_id), (2, 2))?;
    bed.is("members told", (mine.members.len(), others.members.len()), (2, 0))?;
    bed.is("the first one leads", mine.leader == first.member_id, true)?;
    let given = [(mine.member_id.as_str(), "left"), (others.member_id.as_str(), "right")];
    let (left, right) = std::thread::scope(|scope| -> Result<(SyncGroupResponse, SyncGroupResponse)> {
        let right = scope.spawn(|| beside.call(&sync(&group, &others, &[]), 5));
        let left = at.call(&sync(&group, &mine, &given), 5)?;
        Ok((left, right.join().ok().context("the other panicked")??))
    })?;
    bed.is("left", left.assignment, Bytes::from_static(b"left"))?;
    bed.is("right", right.assignment, Bytes::from_static(b"right"))?;
    tell_state(bed, &mut at, &group, "Stable")
}

fn a_live_group_guards_its_offsets(bed: &Bed) -> Result<()> {
    let (topic, group) = (bed.topic("orders", 2, 3, &[])?, bed.name("readers"));
    let other = bed.topic("other", 1, 3, &[])?;
    let mut at = coordinator(bed, &group)?;
    let id = alone(&mut at, &group, &topic)?.member_id;
    let outside = commit(&group, &topic, 0, 5);
    for (what, request, code) in [
        ("commit from outside", outside.clone(), 25),
        ("commit of another generation", by_member(outside.clone(), &id, 9), 22),
        ("commit of a stranger", by_member(outside.clone(), "who", 1), 25),
        ("commit of the member", by_member(outside, &id, 1), 0),
    ] {
        bed.is(what, at.call(&request, 8)?.topics[0].partitions[0].error_code, code)?;
    }
    let delete = DeleteGroupsRequest::default().with_groups_names(vec![group_id(&group)]);
    bed.is("delete", at.call(&delete, 2)?.results[0].error_code, 68)?;
    let deleted = at.call(&offset_delete(&group, &topic, 0), 0)?;
    bed.is("offset of a topic it reads", deleted.topics[0].partitions[0].error_code, 86)?;
    let deleted = at.call(&offset_delete(&group, &other, 0), 0)?;
    bed.is("offset of another topic", deleted.topics[0].partitions[0].error_code, 0)
}

fn members_leave_together_and_alone(bed: &Bed) -> Result<()> {
    let group = bed.name("readers");
    let mut at = coordinator(bed, &group)?;
    let id = alone(&mut at, &group, "orders")?.member_id;
    let named = |id: &str| MemberIdentity::default().with_member_id(text(id));
    let left = at.call(&leaving(&group, vec![named("who"), named(&id)]), 5)?;
    bed.is("code", left.error_code, 0)?;
    let codes: Vec<i16> = left.members.iter().map(|member| member.error_code).collect();
    bed.is("codes", codes, vec![25, 0])?;
    tell_state(bed, &mut at, &group, "Empty")?;
    let id = alone(&mut at, &group, "orders")?.member_id;
    let old = LeaveGroupRequest::default().with_group_id(group_id(&group)).with_member_id(id);
    bed.is("version 2", at.call(&old, 2)?.error_code, 0)?;
    bed.is("version 2 again", at.call(&old, 2)?.error_code, 25)
}

fn a_static_member_takes_its_place_again(bed: &Bed) -> Result<()> {
    let group = bed.name("readers");
    let mut at = coordinator(bed, &group)?;
    let fixed = join(&group, "", "orders").with_group_instance_id(Some(text("one")));
    let first = at.call(&fixed, 9)?;
    bed.is("let in at once", (first.error_code, first.generation_id), (0, 1))?;
    bed.tell(&*first.member_id);
    let part = sync(&group, &first, &[(&first.member_id, "all")]).with_group_instance_id(Some(text("one")));
    at.call(&part, 5)?;
    let again = at.call(&fixed, 9)?;
    bed.is("no rebalance", (again.error_code, again.generation_id), (0, 1))?;
    bed.is(
        "it leads and need not assign",
        (again.leader == again.member_id, again.skip_assignment),
        (true, true),
    )?;
    bed.is("members told", again.members.len(), 1)?;
    let before = at.call(&fixed, 8)?;
    bed.is("version 8 is told of its former self", before.leader == again.member_id, true)?;
    let old = |id: &str| beat(&group, id, 1).with_group_instance_id(Some(text("one")));
    bed.is("its former self", at.call(&old(&first.member_id), 4)?.error_code, 82)?;
    bed.is("itself", at.call(&old(&before.member_id), 4)?.error_code, 0)?;
    let named = |name: &str| MemberIdentity::default().with_group_instance_id(Some(text(name)));
    let left = at.call(
        &leaving(&group, vec![named("one").with_member_id(text("who")), named("two"), named("one")]),
        5,
    )?;
    let codes: Vec<i16> = left.members.iter().map(|member| member.error_code).collect();
    bed.is("leave", codes, vec![82, 25, 0])
}

fn members_of_no_group_are_unknown(bed: &Bed) -> Result<()> {
    let (topic, group) = (bed.topic("orders", 1, 3, &[])?, bed.name("nobody"));
    let mut at = coordinator(bed, &group)?;
    let nobody = JoinGroupResponse::default().with_member_id(text("who"));
    bed.is("beat", at.call(&beat(&group, "who", 1), 4)?.error_code, 25)?;
    bed.is("sync", at.call(&sync(&group, &nobody, &[]), 5)?.error_code, 25)?;
    let unnamed = sync(&group, &nobody, &[]).with_protocol_name(None);
    bed.is("sync without a protocol", at.call(&unnamed, 5)?.error_code, 23)?;
    let left = at.call(&leaving(&group, vec![MemberIdentity::default().with_member_id(text("who"))]), 5)?;
    bed.is("leave", (left.error_code, left.members[0].error_code), (0, 25))?;
    for (version, code) in [(8, 22), (9, 69)] {
        let committed = at.call(&by_member(commit(&group, &topic, 0, 1), "who", 3), version)?;
        bed.is("commit", committed.topics[0].partitions[0].error_code, code)?;
    }
    Ok(())
}
