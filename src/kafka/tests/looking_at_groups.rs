use super::fake::{FakeBroker, Seen, connect};
use crate::kafka::{Cover, GroupsLook};
use kafka_protocol::messages::describe_groups_response::DescribedGroup;
use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::messages::list_groups_response::ListedGroup;
use kafka_protocol::messages::offset_fetch_response::OffsetFetchResponseGroup;
use kafka_protocol::messages::{
    DescribeGroupsRequest, DescribeGroupsResponse, FindCoordinatorRequest, FindCoordinatorResponse,
    ListGroupsRequest, ListGroupsResponse, OffsetFetchRequest, OffsetFetchResponse,
};
use kafka_protocol::protocol::StrBytes;
use klerk_core::values::Known;
use klerk_core::world::GroupType;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// A coordinator that lists the group `moved` from the second time on, as one that takes over while it is asked, and
/// answers that there is no such group whenever it is asked for by name.
async fn coordinator() -> FakeBroker {
    let listed = AtomicUsize::new(0);
    FakeBroker::start(move |seen: &Seen| {
        if seen.is::<ListGroupsRequest>() {
            let group = ListedGroup::default()
                .with_group_id(StrBytes::from_static_str("moved").into())
                .with_group_state(StrBytes::from_static_str("Empty"))
                .with_group_type(StrBytes::from_static_str("consumer"));
            let groups = if listed.fetch_add(1, SeqCst) == 0 { Vec::new() } else { vec![group] };
            return Some(seen.answer(&ListGroupsResponse::default().with_groups(groups)));
        }
        if seen.is::<FindCoordinatorRequest>() {
            let keys = seen.read::<FindCoordinatorRequest>().coordinator_keys.into_iter();
            let found = keys.map(|key| Coordinator::default().with_key(key).with_node_id(1.into()));
            let answer = FindCoordinatorResponse::default().with_coordinators(found.collect());
            return Some(seen.answer(&answer));
        }
        if seen.is::<DescribeGroupsRequest>() {
            let asked = seen.read::<DescribeGroupsRequest>().groups.into_iter();
            let groups =
                asked.map(|group| DescribedGroup::default().with_group_id(group).with_error_code(69));
            return Some(seen.answer(&DescribeGroupsResponse::default().with_groups(groups.collect())));
        }
        seen.is::<OffsetFetchRequest>().then(|| {
            let asked = seen.read::<OffsetFetchRequest>().groups.into_iter();
            let groups = asked.map(|group| OffsetFetchResponseGroup::default().with_group_id(group.group_id));
            seen.answer(&OffsetFetchResponse::default().with_groups(groups.collect()))
        })
    })
    .await
}

#[tokio::test]
async fn a_group_whose_coordinator_has_just_moved_is_looked_for_a_second_time() {
    let broker = coordinator().await;
    let cluster = connect(&[&broker.address]).await.expect("connects");
    let named = Cover::named(["moved", "nobody"]);
    let look = GroupsLook { members: named.clone(), commits: named, ..GroupsLook::default() };
    let seen = cluster.look_at_groups(&look).await.expect("answers").groups;
    let Known::Known(moved) = &seen["moved"] else { panic!("{seen:?}") };
    assert_eq!((&moved.kind, &moved.committed), (&GroupType::Consumer, &Known::Known(Default::default())));
    assert_eq!(seen["nobody"], Known::Absent, "what is absent both times does not exist");
    assert_eq!((broker.requests(16), broker.requests(10)), (2, 2), "both were asked for anew");
}
