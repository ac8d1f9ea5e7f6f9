//! The documents of `klerk group`.

use super::Failure;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lag {
    pub format: String,
    pub version: u32,
    pub read_at: String,
    pub groups: Vec<GroupLag>,
    pub visible_only: Option<bool>,
    pub unlisted: Vec<Unlisted>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unlisted {
    pub broker: i32,
    pub error: Failure,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupLag {
    pub group: String,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub state: Option<String>,
    pub members: Option<usize>,
    pub lag: Option<i64>,
    pub lag_at_least: Option<i64>,
    pub behind_ms: Option<i64>,
    pub behind_at_least_ms: Option<i64>,
    pub headroom_ms: Option<i64>,
    pub status: String,
    pub reason: Option<String>,
    pub error: Option<Failure>,
    pub coordinator: Option<i32>,
    pub partitions: Vec<LagRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LagRow {
    pub topic: String,
    pub partition: i32,
    pub committed: Option<i64>,
    pub start: Option<i64>,
    pub end: Option<i64>,
    pub lag: Option<i64>,
    pub behind_ms: Option<i64>,
    pub headroom_ms: Option<i64>,
    pub status: String,
    pub reason: Option<String>,
    pub ahead_by: Option<i64>,
    pub lost: Option<i64>,
    pub error: Option<Failure>,
    pub member: Option<String>,
    pub client_id: Option<String>,
    pub host: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Groups {
    pub format: String,
    pub version: u32,
    pub groups: Vec<ListedGroup>,
    pub visible_only: Option<bool>,
    pub unlisted: Vec<Unlisted>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedGroup {
    pub group: String,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub state: Option<String>,
    pub protocol_type: Option<String>,
    pub members: Option<usize>,
    pub coordinator: Option<i32>,
    pub reason: Option<String>,
    pub error: Option<Failure>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescribedGroups {
    pub format: String,
    pub version: u32,
    pub read_at: String,
    pub groups: Vec<DescribedGroup>,
    pub visible_only: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescribedGroup {
    pub group: String,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub state: Option<String>,
    pub protocol_type: Option<String>,
    pub coordinator: Option<i32>,
    pub lag: Option<i64>,
    pub lag_at_least: Option<i64>,
    pub status: String,
    pub reason: Option<String>,
    pub error: Option<Failure>,
    pub members: Option<Vec<Member>>,
    pub partitions: Vec<LagRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    pub member: String,
    pub instance_id: Option<String>,
    pub client_id: String,
    pub host: String,
    pub partitions: Vec<Assigned>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assigned {
    pub topic: String,
    pub partition: i32,
}
