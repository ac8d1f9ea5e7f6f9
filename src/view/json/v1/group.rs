use super::FailureV1;
use super::groups::missing;
use super::lag::LagRowV1;
use jiff::Timestamp;
use klerk_core::group::{GroupLag, LagReport};
use klerk_core::values::Known;
use klerk_core::world::{GroupsView, Member};
use serde::Serialize;

/// `klerk.group`: groups in full.
#[derive(Debug, Clone, Serialize)]
pub struct GroupDocument {
    format: &'static str,
    version: u32,
    read_at: String,
    groups: Vec<GroupV1>,
    /// Whether commits on topics that may not be described may be missing; null where nobody can tell.
    visible_only: Option<bool>,
}

#[derive(Debug, Clone, Serialize)]
struct GroupV1 {
    group: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    state: Option<String>,
    protocol_type: Option<String>,
    coordinator: Option<i32>,
    lag: Option<i64>,
    lag_at_least: Option<i64>,
    status: &'static str,
    reason: Option<String>,
    error: Option<FailureV1>,
    members: Option<Vec<MemberV1>>,
    partitions: Vec<LagRowV1>,
}

#[derive(Debug, Clone, Serialize)]
struct MemberV1 {
    member: String,
    instance_id: Option<String>,
    client_id: String,
    host: String,
    partitions: Vec<AssignedV1>,
}

#[derive(Debug, Clone, Serialize)]
struct AssignedV1 {
    topic: String,
    partition: i32,
}

impl GroupDocument {
    /// The document of groups and their lag, read at this time.
    pub fn new(view: &GroupsView, lag: &LagReport, read_at: Timestamp) -> Self {
        GroupDocument {
            format: "klerk.group",
            version: 1,
            read_at: read_at.to_string(),
            groups: lag.groups.iter().map(|group| described(view, group)).collect(),
            visible_only: lag.visible_only,
        }
    }
}

fn described(view: &GroupsView, lag: &GroupLag) -> GroupV1 {
    let view = view.groups.get(&lag.group).and_then(Known::known);
    let (reason, error) = view.map_or((None, None), |view| missing(&view.members));
    GroupV1 {
        group: lag.group.clone(),
        kind: lag.kind.as_ref().map(ToString::to_string),
        state: lag.state.as_ref().map(ToString::to_string),
        protocol_type: view.map(|view| view.protocol_type.clone()),
        coordinator: lag.coordinator,
        lag: lag.total.lag,
        lag_at_least: lag.total.lag_at_least,
        status: lag.total.status.as_str(),
        reason: lag.reason.clone().or(reason),
        error: lag.error.as_ref().map(FailureV1::from).or(error),
        members: view
            .and_then(|view| view.members.known())
            .map(|members| members.iter().map(MemberV1::from).collect()),
        partitions: lag.rows.iter().map(LagRowV1::from).collect(),
    }
}

impl From<&Member> for MemberV1 {
    fn from(member: &Member) -> Self {
        MemberV1 {
            member: member.id.clone(),
            instance_id: member.instance_id.clone(),
            client_id: member.client_id.clone(),
            host: member.host.clone(),
            partitions: member
                .assignment
                .iter()
                .map(|at| AssignedV1 { topic: at.topic.to_string(), partition: at.partition })
                .collect(),
        }
    }
}
