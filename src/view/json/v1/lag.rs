use super::FailureV1;
use jiff::Timestamp;
use klerk_core::group::{GroupLag, LagReport, LagRow};
use klerk_core::values::Failure;
use serde::Serialize;

/// `klerk.lag`: how far groups are behind, by partition.
#[derive(Debug, Clone, Serialize)]
pub struct LagDocument {
    format: &'static str,
    version: u32,
    read_at: String,
    groups: Vec<GroupLagV1>,
    /// Whether there may be more groups and topics than this principal may see; null where nobody can tell.
    visible_only: Option<bool>,
    unlisted: Vec<UnlistedV1>,
}

/// A broker that did not list its groups.
#[derive(Debug, Clone, Serialize)]
pub struct UnlistedV1 {
    broker: i32,
    error: FailureV1,
}

impl UnlistedV1 {
    /// The broker and what it said.
    pub fn new((broker, failure): (&i32, &Failure)) -> Self {
        UnlistedV1 { broker: *broker, error: FailureV1::from(failure) }
    }
}

#[derive(Debug, Clone, Serialize)]
struct GroupLagV1 {
    group: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    state: Option<String>,
    members: Option<usize>,
    lag: Option<i64>,
    lag_at_least: Option<i64>,
    behind_ms: Option<i64>,
    behind_at_least_ms: Option<i64>,
    headroom_ms: Option<i64>,
    status: &'static str,
    reason: Option<String>,
    error: Option<FailureV1>,
    coordinator: Option<i32>,
    partitions: Vec<LagRowV1>,
}

/// One partition of one group.
#[derive(Debug, Clone, Serialize)]
pub struct LagRowV1 {
    topic: String,
    partition: i32,
    committed: Option<i64>,
    start: Option<i64>,
    end: Option<i64>,
    lag: Option<i64>,
    behind_ms: Option<i64>,
    headroom_ms: Option<i64>,
    status: &'static str,
    reason: Option<String>,
    ahead_by: Option<i64>,
    lost: Option<i64>,
    error: Option<FailureV1>,
    member: Option<String>,
    client_id: Option<String>,
    host: Option<String>,
}

impl LagDocument {
    /// The document of a report that was read at this time.
    pub fn new(report: &LagReport, read_at: Timestamp) -> Self {
        LagDocument {
            format: "klerk.lag",
            version: 1,
            read_at: read_at.to_string(),
            groups: report.groups.iter().map(GroupLagV1::from).collect(),
            visible_only: report.visible_only,
            unlisted: report.unlisted.iter().map(UnlistedV1::new).collect(),
        }
    }
}

impl From<&GroupLag> for GroupLagV1 {
    fn from(group: &GroupLag) -> Self {
        GroupLagV1 {
            group: group.group.clone(),
            kind: group.kind.as_ref().map(ToString::to_string),
            state: group.state.as_ref().map(ToString::to_string),
            members: group.members,
            lag: group.total.lag,
            lag_at_least: group.total.lag_at_least,
            behind_ms: group.total.behind_ms,
            behind_at_least_ms: group.total.behind_at_least_ms,
            headroom_ms: group.total.headroom_ms,
            status: group.total.status.as_str(),
            reason: group.reason.clone(),
            error: group.error.as_ref().map(FailureV1::from),
            coordinator: group.coordinator,
            partitions: group.rows.iter().map(LagRowV1::from).collect(),
        }
    }
}

impl From<&LagRow> for LagRowV1 {
    fn from(row: &LagRow) -> Self {
        let text = |text: &Option<std::sync::Arc<str>>| text.as_ref().map(ToString::to_string);
        LagRowV1 {
            topic: row.partition.topic.to_string(),
            partition: row.partition.partition,
            committed: row.committed,
            start: row.start,
            end: row.end,
            lag: row.lag,
            behind_ms: row.behind.known().copied(),
            headroom_ms: row.headroom.known().copied(),
            status: row.status.as_str(),
            reason: row.reason.clone(),
            ahead_by: row.ahead_by,
            lost: row.lost,
            error: row.error.as_ref().map(FailureV1::from),
            member: text(&row.member),
            client_id: text(&row.client_id),
            host: text(&row.host),
        }
    }
}
