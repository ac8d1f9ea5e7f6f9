use super::SubjectChange;
use crate::topology::Topology;
use crate::values::Origin;
use std::collections::BTreeMap;

/// The line that says each value of a change.
pub(in crate::plan) fn origins(change: &SubjectChange, want: &Topology) -> BTreeMap<String, Origin> {
    let Some(subject) = want.subjects.get(change.subject()) else { return BTreeMap::new() };
    let line = match change {
        SubjectChange::Register { .. } => Some(("schema", subject.origin.clone())),
        SubjectChange::SetCompatibility { .. } => {
            subject.compatibility.as_ref().map(|level| ("compatibility", level.origin.clone()))
        }
        // A subject that goes has no values left.
        SubjectChange::Delete { .. } => None,
    };
    line.map(|(key, origin)| (key.to_owned(), origin)).into_iter().collect()
}
