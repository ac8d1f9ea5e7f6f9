use super::{Proposed, subject, topic};
use crate::plan::Change;
use crate::topology::Topology;
use crate::values::Origin;
use std::collections::BTreeMap;

/// The line that a value of a step comes from, and the layer that the line belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueOrigin {
    /// The line.
    pub origin: Origin,
    /// The layer in the file's own words, such as `class audit` or `override of prod`; `None` where the resource says
    /// the value itself.
    pub layer: Option<String>,
}

/// The line of each value of a change that a file asks for, by key. What the file does not say has none.
pub(super) fn origins(proposed: &Proposed, topology: Option<&Topology>) -> BTreeMap<String, ValueOrigin> {
    let (Some(topology), Some(_)) = (topology, &proposed.origin) else { return BTreeMap::new() };
    let lines = match &proposed.change {
        Change::Topic(change) => topic::origins(change, topology),
        Change::Subject(change) => subject::origins(change, topology),
        Change::Group(_) | Change::Access(_) | Change::Cluster(_) | Change::Records(_) => BTreeMap::new(),
    };
    let told = lines.into_iter().map(|(key, origin)| {
        let layer = topology.said_by.get(&origin).map(ToString::to_string);
        (key, ValueOrigin { origin, layer })
    });
    told.collect()
}
