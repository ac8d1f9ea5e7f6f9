//! JoinGroup, SyncGroup, Heartbeat and LeaveGroup.

use crate::api::groups::guard::{instant, make_good, member_turned_away};
use crate::api::{Answer, Call};
use crate::state::State;
use crate::state::groups::{JoinRefused, Joined, Joining, MemberRef, Progress};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::join_group_response::JoinGroupResponseMember;
use kafka_protocol::messages::leave_group_response::MemberResponse;
use kafka_protocol::messages::{
    HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest,
    LeaveGroupResponse, SyncGroupRequest, SyncGroupResponse,
};
use kafka_protocol::protocol::StrBytes;

/// From this version on a dynamic member has to come again with the id that it is given (KIP-394).
const MEMBER_ID_REQUIRED_VERSION: i16 = 4;
/// From this version on an absent protocol is null and not an empty text.
const NULLABLE_PROTOCOL_VERSION: i16 = 7;
/// From this version on a leader may be told that it need not assign (KIP-814).
const SKIP_ASSIGNMENT_VERSION: i16 = 9;
/// From this version on a member has to name the protocol that it believes in (KIP-559).
const PROTOCOL_NAMED_VERSION: i16 = 5;
/// From this version on several members leave at once (KIP-345).
const LEAVE_SEVERAL_VERSION: i16 = 3;

pub(in crate::api) fn join(
    state: &mut State,
    call: &Call,
    request: &JoinGroupRequest,
) -> Answer<JoinGroupResponse> {
    let group = request.group_id.as_str();
    let first = !state.groups.is_waiting(call.ticket);
    if first && let Some(code) = member_turned_away(state, call, group) {
        return join_refused(call, code, &request.member_id).into();
    }
    make_good(state, group);
    let joining = Joining {
        member_id: request.member_id.to_string(),
        instance_id: request.group_instance_id.as_ref().map(ToString::to_string),
        client_id: call.client_id.clone(),
        client_host: call.host.clone(),
        session_timeout_ms: request.session_timeout_ms,
        // Version 0 knows one timeout only.
        rebalance_timeout_ms: match request.rebalance_timeout_ms {
            ..0 => request.session_timeout_ms,
            given => given,
        },
        protocol_type: request.protocol_type.to_string(),
        protocols: request.protocols.iter().map(|one| (one.name.to_string(), one.metadata.clone())).collect(),
        needs_id: call.version >= MEMBER_ID_REQUIRED_VERSION,
        may_skip_assignment: call.version >= SKIP_ASSIGNMENT_VERSION,
    };
    let now = state.clock.now_ms();
    let progress = state.groups.join(group, call.ticket, &joining, now);
    if first {
        state.touch();
    }
    match progress {
        Progress::Wait { until_ms } => Answer::Wait { until: instant(state, until_ms) },
        Progress::Done(Ok(joined)) => joined_answer(call, joined).into(),
        Progress::Done(Err(JoinRefused { error, member_id })) => {
            join_refused(call, error.code(), &StrBytes::from_string(member_id)).into()
        }
    }
}

fn joined_answer(call: &Call, joined: Joined) -> JoinGroupResponse {
    let members = joined.members.into_iter().map(|member| {
        JoinGroupResponseMember::default()
            .with_member_id(StrBytes::from_string(member.member_id))
            .with_group_instance_id(member.instance_id.map(StrBytes::from_string))
            .with_metadata(member.metadata)
    });
    JoinGroupResponse::default()
        .with_generation_id(joined.generation)
        .with_protocol_type(joined.protocol_type.map(StrBytes::from_string))
        .with_protocol_name(protocol_name(call, joined.protocol))
        .with_leader(StrBytes::from_string(joined.leader))
        .with_member_id(StrBytes::from_string(joined.member_id))
        .with_members(members.collect())
        .with_skip_assignment(joined.skip_assignment)
}

fn join_refused(call: &Call, code: i16, member_id: &StrBytes) -> JoinGroupResponse {
    JoinGroupResponse::default()
        .with_error_code(code)
        .with_generation_id(-1)
        .with_protocol_name(protocol_name(call, None))
        .with_member_id(member_id.clone())
}

fn protocol_name(call: &Call, name: Option<String>) -> Option<StrBytes> {
    match name {
        None if call.version < NULLABLE_PROTOCOL_VERSION => Some(StrBytes::default()),
        name => name.map(StrBytes::from_string),
    }
}

pub(in crate::api) fn sync(
    state: &mut State,
    call: &Call,
    request: &SyncGroupRequest,
) -> Answer<SyncGroupResponse> {
    let group = request.group_id.as_str();
    let first = !state.groups.is_waiting(call.ticket);
    if first && let Some(code) = member_turned_away(state, call, group) {
        return SyncGroupResponse::default().with_error_code(code).into();
    }
    let protocol = (request.protocol_type.as_deref(), request.protocol_name.as_deref());
    if call.version >= PROTOCOL_NAMED_VERSION && !matches!(protocol, (Some(_), Some(_))) {
        let error = ResponseError::InconsistentGroupProtocol;
        return SyncGroupResponse::default().with_error_code(error.code()).into();
    }
    make_good(state, group);
    let who = MemberRef {
        id: &request.member_id,
        instance_id: request.group_instance_id.as_deref(),
        generation: request.generation_id,
    };
    let assignments =
        request.assignments.iter().map(|one| (one.member_id.to_string(), one.assignment.clone())).collect();
    let now = state.clock.now_ms();
    let progress = state.groups.sync(group, call.ticket, who, protocol, &assignments, now);
    if first {
        state.touch();
    }
    match progress {
        Progress::Wait { until_ms } => Answer::Wait { until: instant(state, until_ms) },
        Progress::Done(Ok(synced)) => SyncGroupResponse::default()
            .with_protocol_type(synced.protocol_type.map(StrBytes::from_string))
            .with_protocol_name(synced.protocol.map(StrBytes::from_string))
            .with_assignment(synced.assignment)
            .into(),
        Progress::Done(Err(error)) => SyncGroupResponse::default().with_error_code(error.code()).into(),
    }
}

pub(in crate::api) fn heartbeat(
    state: &mut State,
    call: &Call,
    request: &HeartbeatRequest,
) -> HeartbeatResponse {
    let group = request.group_id.as_str();
    if let Some(code) = member_turned_away(state, call, group) {
        return HeartbeatResponse::default().with_error_code(code);
    }
    let who = MemberRef {
        id: &request.member_id,
        instance_id: request.group_instance_id.as_deref(),
        generation: request.generation_id,
    };
    let now = state.clock.now_ms();
    let code = state.groups.beat(group, who, now).err().map_or(0, |error| error.code());
    HeartbeatResponse::default().with_error_code(code)
}

pub(in crate::api) fn leave(
    state: &mut State,
    call: &Call,
    request: &LeaveGroupRequest,
) -> LeaveGroupResponse {
    let group = request.group_id.as_str();
    if let Some(code) = member_turned_away(state, call, group) {
        return LeaveGroupResponse::default().with_error_code(code);
    }
    let now = state.clock.now_ms();
    let mut gone = |id: &str, instance_id: Option<&str>| {
        state.groups.leave(group, id, instance_id, now).err().map_or(0, |error| error.code())
    };
    let answer = if call.version < LEAVE_SEVERAL_VERSION {
        LeaveGroupResponse::default().with_error_code(gone(&request.member_id, None))
    } else {
        let members = request.members.iter().map(|member| {
            MemberResponse::default()
                .with_member_id(member.member_id.clone())
                .with_group_instance_id(member.group_instance_id.clone())
                .with_error_code(gone(&member.member_id, member.group_instance_id.as_deref()))
        });
        LeaveGroupResponse::default().with_members(members.collect())
    };
    state.touch();
    answer
}
