//! The way back of what was carried out: each family knows the inverse of its own changes.

use super::{
    Change, Conflict, ConflictReason, Finding, Proposal, Severity, access, cluster, group, records, subject,
    topic,
};
use crate::values::{Known, Resource, TopicId};
use crate::world::{Wanted, World};

/// A change that was carried out, or may have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// What was done.
    pub change: Change,
    /// The id of the topic that it created, where the record holds it.
    pub created: Option<TopicId>,
}

impl From<&Undone> for Undone {
    fn from(undone: &Undone) -> Self {
        undone.clone()
    }
}

impl From<&Change> for Undone {
    fn from(change: &Change) -> Self {
        change.clone().into()
    }
}

impl From<Change> for Undone {
    fn from(change: Change) -> Self {
        Undone { change, created: None }
    }
}

/// Proposes the way back of recorded changes from what is there now. What has moved since the change carries the risk
/// `moved-since`, what is as before already is unchanged, and what cannot be taken back is a finding.
pub fn undo(changes: impl IntoIterator<Item = impl Into<Undone>>, world: &World) -> Proposal {
    let mut proposal = Proposal::default();
    let changes: Vec<Undone> = changes.into_iter().map(Into::into).collect();
    let mut topics = topic::Undoing::of(changes.iter().map(|undone| &undone.change), world);
    for Undone { change, created } in &changes {
        match change {
            Change::Topic(change) => topics.undo(change, *created, &mut proposal),
            Change::Subject(change) => subject::undo(change, world, &mut proposal),
            Change::Group(change) => group::undo(change, world, &mut proposal),
            Change::Cluster(change) => cluster::undo(change, world, &mut proposal),
            Change::Records(change) => records::undo(change, &mut proposal),
            Change::Access(change) => access::undo(change, world, &mut proposal),
        }
    }
    access::refuse_lockouts(&world.access, &mut proposal);
    access::refuse_own(&world.access, &mut proposal);
    proposal
}

/// What a look has to see for [`undo`] to propose the way back of these changes.
pub fn wanted_for_undo(changes: impl IntoIterator<Item = impl Into<Undone>>) -> Wanted {
    let mut wanted = Wanted::default();
    for undone in changes {
        let Undone { change, .. } = undone.into();
        match &change {
            Change::Topic(change) => topic::wanted_for_undo(change, &mut wanted),
            Change::Subject(change) => subject::wanted_for(change, &mut wanted),
            Change::Group(change) => group::wanted_for_undo(change, &mut wanted),
            Change::Cluster(change) => cluster::wanted_for_undo(change, &mut wanted),
            // Nothing leads back, so nothing has to be seen.
            Change::Records(_) => {}
            Change::Access(change) => access::wanted_for(change, &mut wanted),
        }
    }
    wanted
}

/// Something is neither as the change left it nor as it was before.
pub(super) fn moved_since(resource: Resource, message: String) -> Finding {
    Finding { severity: Severity::Warning, code: "undo/moved-since", message, resource, origin: None }
}

/// What a change did stays as it is.
pub(super) fn not_reversible(resource: Resource, message: impl Into<String>) -> Finding {
    let message = message.into();
    Finding { severity: Severity::Warning, code: NOT_REVERSIBLE, message, resource, origin: None }
}

/// The finding that what a change did stays as it is.
pub const NOT_REVERSIBLE: &str = "undo/not-reversible";

/// What is there now could not be read, so that nothing can be planned from it.
pub(super) fn not_readable(resource: Resource, what: &str, why: &str) -> Conflict {
    let message = format!("{what} could not be read: {why}");
    Conflict { resource, reason: ConflictReason::NotReadable, message, origin: None }
}

/// Why a fact is missing, in words.
pub(super) fn why<T>(missing: &Known<T>) -> String {
    missing.missing_reason().unwrap_or_else(|| "there is no answer".to_owned())
}
