//! ListGroups, DescribeGroups, ConsumerGroupDescribe and DeleteGroups.

use crate::api::Call;
use crate::api::groups::guard::turned_away;
use crate::state::State;
use crate::state::groups::{Classic, ClassicState, ConsumerGroup, CoordinatorOf, GroupKind, Partitions};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::consumer_group_describe_response as modern;
use kafka_protocol::messages::delete_groups_response::DeletableGroupResult;
use kafka_protocol::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};
use kafka_protocol::messages::list_groups_response::ListedGroup;
use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, DeleteGroupsRequest, DeleteGroupsResponse,
    DescribeGroupsRequest, DescribeGroupsResponse, GroupId, ListGroupsRequest, ListGroupsResponse, TopicName,
};
use kafka_protocol::protocol::StrBytes;

/// From this version on DescribeGroups tells an absent group from a dead one (KIP-1043).
const ABSENT_VERSION: i16 = 6;
/// From this version on DescribeGroups tells of static members (KIP-345).
const STATIC_VERSION: i16 = 4;
/// From this version on ConsumerGroupDescribe tells members' kinds (KIP-1099).
const MEMBER_TYPE_VERSION: i16 = 1;
/// The kind of a member of the group's own protocol.
const MODERN_MEMBER: i8 = 1;
/// What anybody may do to a group where nobody is kept from it: read (3), delete (6), describe (8), describe its
/// configs (10) and alter them (11), as bits.
const ALL_OPERATIONS: i32 = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11;
/// The operations when nobody asked for them.
const NOT_ASKED: i32 = i32::MIN;

pub(in crate::api) fn list(
    state: &mut State,
    call: &Call,
    request: &ListGroupsRequest,
) -> ListGroupsResponse {
    let now = state.clock.now_ms();
    if state.groups.expire_all(now) {
        state.touch();
    }
    let passes = |filter: &[StrBytes], value: &str| {
        filter.is_empty() || filter.iter().any(|wanted| wanted.eq_ignore_ascii_case(value))
    };
    let groups = state
        .groups
        .iter()
        .filter(|(id, _)| state.coordinator(CoordinatorOf::Group, id) == Ok(call.node))
        .map(|(id, group)| {
            ListedGroup::default()
                .with_group_id(GroupId(StrBytes::from_string(id.to_owned())))
                .with_protocol_type(StrBytes::from_string(group.protocol_type().to_owned()))
                .with_group_state(StrBytes::from_string(group.state_name()))
                .with_group_type(StrBytes::from_static_str(group.type_name()))
        })
        .filter(|group| passes(&request.states_filter, &group.group_state))
        .filter(|group| passes(&request.types_filter, &group.group_type));
    ListGroupsResponse::default().with_groups(groups.collect())
}

pub(in crate::api) fn describe(
    state: &mut State,
    call: &Call,
    request: &DescribeGroupsRequest,
) -> DescribeGroupsResponse {
    let operations = if request.include_authorized_operations { ALL_OPERATIONS } else { NOT_ASKED };
    let groups = request.groups.iter().map(|id| {
        let answer =
            DescribedGroup::default().with_group_id(id.clone()).with_authorized_operations(NOT_ASKED);
        if let Some(code) = turned_away(state, call, id) {
            return answer.with_error_code(code);
        }
        match state.groups.get(id).map(|group| &group.kind) {
            Some(GroupKind::Classic(classic)) => {
                described(call, classic, answer).with_authorized_operations(operations)
            }
            other => {
                let answer = answer.with_group_state(StrBytes::from_static_str("Dead"));
                if call.version < ABSENT_VERSION {
                    return answer.with_authorized_operations(operations);
                }
                let words = match other {
                    None => format!("Group {} not found.", id.as_str()),
                    Some(_) => format!("Group {} is not a classic group.", id.as_str()),
                };
                answer
                    .with_error_code(ResponseError::GroupIdNotFound.code())
                    .with_error_message(Some(StrBytes::from_string(words)))
            }
        }
    });
    DescribeGroupsResponse::default().with_groups(groups.collect())
}

fn described(call: &Call, classic: &Classic, answer: DescribedGroup) -> DescribedGroup {
    // What members subscribe to is told of a stable group only.
    let protocol = classic.protocol().filter(|_| classic.state() == ClassicState::Stable);
    let members = classic.members().iter().map(|(id, member)| {
        let told = DescribedGroupMember::default()
            .with_member_id(StrBytes::from_string(id.clone()))
            .with_client_id(StrBytes::from_string(member.client_id.clone()))
            .with_client_host(StrBytes::from_string(member.client_host.clone()))
            .with_member_assignment(member.assignment.clone())
            .with_group_instance_id(
                member
                    .instance_id
                    .clone()
                    .filter(|_| call.version >= STATIC_VERSION)
                    .map(StrBytes::from_string),
            );
        match protocol {
            Some(protocol) => told.with_member_metadata(member.metadata(protocol)),
            None => told,
        }
    });
    answer
        .with_group_state(StrBytes::from_string(classic.state().to_string()))
        .with_protocol_type(StrBytes::from_string(classic.protocol_type().unwrap_or_default().to_owned()))
        .with_protocol_data(StrBytes::from_string(protocol.unwrap_or_default().to_owned()))
        .with_members(members.collect())
}

pub(in crate::api) fn consumer_group_describe(
    state: &mut State,
    call: &Call,
    request: &ConsumerGroupDescribeRequest,
) -> ConsumerGroupDescribeResponse {
    let operations = if request.include_authorized_operations { ALL_OPERATIONS } else { NOT_ASKED };
    let groups = request.group_ids.iter().map(|id| {
        let answer =
            modern::DescribedGroup::default().with_group_id(id.clone()).with_authorized_operations(NOT_ASKED);
        if id.is_empty() {
            return answer.with_error_code(ResponseError::InvalidGroupId.code());
        }
        if let Some(code) = turned_away(state, call, id) {
            return answer.with_error_code(code);
        }
        let words = match state.groups.get(id).map(|group| &group.kind) {
            Some(GroupKind::Consumer(consumer)) => {
                return modern_described(state, call, consumer, answer)
                    .with_authorized_operations(operations);
            }
            Some(_) => format!("Group {} is not a consumer group.", id.as_str()),
            None => format!("Group {} not found.", id.as_str()),
        };
        answer
            .with_error_code(ResponseError::GroupIdNotFound.code())
            .with_error_message(Some(StrBytes::from_string(words)))
    });
    ConsumerGroupDescribeResponse::default().with_groups(groups.collect())
}

fn modern_described(
    state: &State,
    call: &Call,
    group: &ConsumerGroup,
    answer: modern::DescribedGroup,
) -> modern::DescribedGroup {
    let members = group.members().iter().map(|(id, member)| {
        let topics = member.subscribed.iter().map(|topic| TopicName(StrBytes::from_string(topic.clone())));
        let told = modern::Member::default()
            .with_member_id(StrBytes::from_string(id.clone()))
            .with_instance_id(member.instance_id.clone().map(StrBytes::from_string))
            .with_rack_id(member.rack_id.clone().map(StrBytes::from_string))
            .with_member_epoch(member.epoch)
            .with_client_id(StrBytes::from_string(member.client_id.clone()))
            .with_client_host(StrBytes::from_string(member.client_host.clone()))
            .with_subscribed_topic_names(topics.collect())
            .with_subscribed_topic_regex(Some(StrBytes::default()))
            .with_assignment(assignment(state, &ConsumerGroup::held_by(member)))
            .with_target_assignment(assignment(state, &member.target));
        if call.version >= MEMBER_TYPE_VERSION { told.with_member_type(MODERN_MEMBER) } else { told }
    });
    answer
        .with_group_state(StrBytes::from_string(group.state().to_string()))
        .with_group_epoch(group.epoch())
        .with_assignment_epoch(group.assignment_epoch())
        .with_assignor_name(StrBytes::from_string(group.assignor().to_owned()))
        .with_members(members.collect())
}

// Partitions of topics that have been deleted meanwhile are left out, for they have no id any more.
fn assignment(state: &State, partitions: &Partitions) -> modern::Assignment {
    let topics = partitions.iter().filter_map(|(topic, numbers)| {
        let told = modern::TopicPartitions::default()
            .with_topic_id(state.topics.get(topic)?.id)
            .with_topic_name(TopicName(StrBytes::from_string(topic.clone())))
            .with_partitions(numbers.iter().copied().collect());
        Some(told)
    });
    modern::Assignment::default().with_topic_partitions(topics.collect())
}

pub(in crate::api) fn delete(
    state: &mut State,
    call: &Call,
    request: &DeleteGroupsRequest,
) -> DeleteGroupsResponse {
    let results = request.groups_names.iter().map(|id| {
        let code = turned_away(state, call, id).unwrap_or_else(|| delete_one(state, id));
        DeletableGroupResult::default().with_group_id(id.clone()).with_error_code(code)
    });
    let answer = DeleteGroupsResponse::default().with_results(results.collect());
    state.touch();
    answer
}

fn delete_one(state: &mut State, id: &str) -> i16 {
    match state.groups.get(id) {
        None => ResponseError::GroupIdNotFound.code(),
        Some(group) if !group.is_empty() => ResponseError::NonEmptyGroup.code(),
        Some(_) => {
            state.groups.remove(id);
            0
        }
    }
}
