//! The lines of a record, frozen: what a klerk has written every later one reads.

use crate::view::json::v1::{FailureV1, LiftedV1, PlanDocument};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(super) const FORMAT: &str = "klerk.record";
pub(super) const VERSION: u32 = 1;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "lowercase")]
pub(super) enum LineV1 {
    /// The first line.
    Header(Box<HeaderV1>),
    /// What became known of a step.
    Event(EventV1),
    /// The last line of a run that came to its end.
    Footer(FooterV1),
}

/// The first line: who is about to do what, and what was there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeaderV1 {
    pub format: String,
    pub version: u32,
    pub id: String,
    pub at: String,
    pub user: Option<String>,
    pub klerk: String,
    pub consent: ConsentV1,
    pub plan: PlanDocument,
}

/// By what means consent was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ConsentV1 {
    pub go_on: String,
    pub risks: BTreeMap<String, String>,
    /// What else the policy wanted to be allowed: kinds of changes, and the share.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub policy: BTreeMap<String, String>,
}

/// What became known of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EventV1 {
    pub at: String,
    pub step: u32,
    pub event: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ItemV1>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<FailureV1>,
}

/// An item of a step that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ItemV1 {
    pub item: String,
    pub error: FailureV1,
}

/// How the run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FooterV1 {
    pub at: String,
    pub outcome: String,
    pub steps: Vec<FateV1>,
    /// Throttles that earlier runs had left, and that this one has taken off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lifted_throttles: Vec<LiftedV1>,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FateV1 {
    pub step: u32,
    pub outcome: String,
    pub settled: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u32>,
}
