use super::FailureV1;
use super::lag::UnlistedV1;
use klerk_core::values::Known;
use klerk_core::world::{GroupView, GroupsView};
use serde::Serialize;

/// `klerk.groups`: the groups that are visible.
#[derive(Debug, Clone, Serialize)]
pub struct GroupsDocument {
    format: &'static str,
    version: u32,
    groups: Vec<ListedGroupV1>,
    /// Whether there may be more than this principal may see; null where nobody can tell.
    visible_only: Option<bool>,
    unlisted: Vec<UnlistedV1>,
}

#[derive(Debug, Clone, Serialize)]
struct ListedGroupV1 {
    group: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    state: Option<String>,
    protocol_type: Option<String>,
    members: Option<usize>,
    coordinator: Option<i32>,
    reason: Option<String>,
    error: Option<FailureV1>,
}

impl GroupsDocument {
    /// The document of these groups, with whether there may be more than those that may be seen.
    pub fn new(view: &GroupsView, visible_only: Option<bool>) -> Self {
        GroupsDocument {
            format: "klerk.groups",
            version: 1,
            groups: view.groups.iter().filter_map(|(name, group)| listed(name, group)).collect(),
            visible_only,
            unlisted: view.unlisted.iter().map(UnlistedV1::new).collect(),
        }
    }
}

fn listed(name: &str, group: &Known<GroupView>) -> Option<ListedGroupV1> {
    let (reason, error) = match group {
        Known::Absent | Known::NotAsked => return None,
        Known::Known(view) => missing(&view.members),
        other => missing(other),
    };
    let view = group.known();
    Some(ListedGroupV1 {
        group: name.to_owned(),
        kind: view.map(|view| view.kind.to_string()),
        state: view.map(|view| view.state.to_string()),
        protocol_type: view.map(|view| view.protocol_type.clone()),
        members: view.and_then(|view| view.members.known()).map(Vec::len),
        coordinator: view.map(|view| view.coordinator),
        reason,
        error,
    })
}

/// Whether a list holds only what may be seen, of which a cluster tells all or nothing; null where it told nothing.
pub(super) fn all_or_none<T>(fact: &Known<T>) -> Option<bool> {
    fact.known().map(|_| false)
}

/// Why a fact is missing: as a reason when nobody could tell, as an error when somebody should have.
pub(super) fn missing<T>(fact: &Known<T>) -> (Option<String>, Option<FailureV1>) {
    match fact {
        Known::Denied(failure) | Known::Failed(failure) => (None, Some(FailureV1::from(failure))),
        Known::Unavailable(why) => (Some(why.clone()), None),
        Known::Known(_) | Known::Absent | Known::NotAsked => (None, None),
    }
}
